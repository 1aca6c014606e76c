"""A part of a plan: globs over addresses and selectors over labels, and what they leave out."""

from pathlib import Path
from typing import Any

import pytest

from pool_as_code.core.errors import InvalidInput
from tests.house import House, document


def house(tmp_path: Path) -> House:
    def pool(name: str, **labels: str) -> Any:
        return document("IdentityPool", {"name": name, "labels": labels})

    return House(tmp_path).write([pool("a", tier="gold", region="eu"), pool("b", tier="gold"), pool("c")])


def planned(house: House, **options: Any) -> list[str]:
    return [str(change.address) for change in house.plan(**options)]


def test_a_selector_plans_what_has_the_labels(tmp_path: Path) -> None:
    tenant = house(tmp_path)
    assert planned(tenant, selector=("tier=gold",)) == ["pool/a", "pool/b"]
    assert planned(tenant, selector=("tier=gold", "region=eu")) == ["pool/a"]
    assert planned(tenant, selector=("!tier",)) == ["pool/c"]
    assert planned(tenant, selector=("tier=gold",), targets=("pool/[bc]",)) == ["pool/b"]
    assert not tenant.plan(selector=("tier=gold",)).whole_project


def test_a_selector_that_chooses_nothing_is_an_error_and_names_the_labels_there_are(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        house(tmp_path).plan(selector=("tier=silver",))
    assert [item.code for item in refused.value.diagnostics] == ["PAC330"]
    assert refused.value.diagnostics[0].detail == "labels: region=eu, tier=gold"
    with pytest.raises(InvalidInput):
        house(tmp_path).plan(selector=("=silver",))


def test_nothing_is_pruned_where_a_selector_leaves_out(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        house(tmp_path).plan(selector=("tier=gold",), prune=True)
    assert [item.code for item in refused.value.diagnostics] == ["PAC331"]
