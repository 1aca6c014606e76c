"""What is ours and no longer declared keeps its name for whatever still refers to it, in the plan and when the plan is checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import House, document, summary

pytestmark = pytest.mark.usefixtures("cheap_hashing")


def test_a_schema_is_replaced_and_pruned_in_one_apply(tmp_path: Path) -> None:
    house = House(tmp_path).write(
        [
            document("Schema", {"name": "old"}, schema={"type": "object"}),
            document("IdentityPool", {"name": "customers"}, schemas={"delegated": "old"}),
        ]
    )
    house.apply()
    house.write(
        [
            document("Schema", {"name": "fresh"}, schema={"type": "object"}),
            document("IdentityPool", {"name": "customers"}, schemas={"delegated": "fresh"}),
        ]
    )
    plan = house.plan(prune=True, max_deletes={"schema": 1})
    (change,) = next(c for c in plan.changes if str(c.address) == "pool/customers").fields
    assert (change.before, change.after) == ("old", "fresh")
    assert house.apply(plan).state == "applied"
    assert summary(house.plan(prune=True)) == {}


def test_a_membership_of_a_pruned_group_is_ended_by_name(tmp_path: Path) -> None:
    pool, group = document("IdentityPool", {"name": "customers"}), document("Group", {"name": "g", "pool": "customers"})
    house = House(tmp_path).write([pool, group, document("User", {"name": "ada", "pool": "customers"}, groups=["g"])])
    house.apply()
    house.write([pool, document("User", {"name": "ada", "pool": "customers"}, groups=[])])
    plan = house.plan(prune=True, max_deletes={"group": 1})
    assert summary(plan) == {"user/customers/ada": "update", "group/customers/g": "delete"}
    (change,) = next(c for c in plan.changes if c.address.kind == "user").fields
    assert change.name == "groups[g]"
    assert house.apply(plan).state == "applied"
