"""The order of deletes: what stands in something else goes before it, declared or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pool_as_code.plan.model import Action, Plan
from tests.house import House

ALL = {"group": 3, "organization": 3, "pool": 1, "workspace": 1}


def a(kind: str, name: str, **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "pool-as-code/v1", "kind": kind, "metadata": {"name": name, **metadata}, "spec": {}}


@pytest.fixture
def nested(tmp_path: Path) -> House:
    """Applied: groups and organizations three deep, whose names sort the parents first."""
    house = House(tmp_path).write(
        [
            a("Workspace", "saas"),
            a("Organization", "a", parent="saas"),
            a("Organization", "b", parent="a"),
            a("Organization", "c", parent="b"),
            a("IdentityPool", "pool"),
            a("Group", "a", pool="pool"),
            a("Group", "b", pool="pool", parent="a"),
            a("Group", "c", pool="pool", parent="b"),
        ]
    )
    assert house.apply().state == "applied"
    return house


def deleted(plan: Plan) -> list[str]:
    return [str(change.address) for change in plan.changes if change.action is Action.DELETE]


@pytest.mark.parametrize("transaction", [True, False])
def test_destroy_takes_children_before_their_parents(nested: House, transaction: bool) -> None:
    report = nested.apply(destroy=True, max_deletes=ALL, transaction=transaction)

    assert [(str(o.address), o.reason) for o in report.outcomes if o.status != "applied"] == []
    assert report.state == "applied"


def test_pruned_children_go_before_their_parents_though_no_manifest_names_either(nested: House) -> None:
    nested.write([a("Workspace", "saas"), a("IdentityPool", "pool")])

    plan = nested.plan(prune=True, max_deletes=ALL)

    assert deleted(plan) == [
        *("group/pool/c", "group/pool/b", "group/pool/a"),
        *("organization/c", "organization/b", "organization/a"),
    ]
    assert nested.apply(plan).state == "applied"
