"""How much of an object is managed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pool_as_code.core.address import Address
from pool_as_code.plan.diff import digests_of
from pool_as_code.plan.extent import Extent, extent, extent_of
from pool_as_code.plan.model import Action, Change, Ownership
from pool_as_code.resources.registry import KINDS, by_word


@pytest.mark.parametrize(
    ("kind", "metadata", "spec", "counts"),
    [
        ("pool", {"workspace": "shop"}, {"passwordPolicy": {"minLength": 8, "history": 3}}, (2, 52)),
        ("pool", {}, {"signIn": {"firstFactor": {"methods": ["password", "totp"]}}, "displayName": "A"}, (2, 52)),
        ("pool", {}, {"metadata": {"a": {"b": 1}, "odd key": {}}, "extra": {"x": 1}}, (1, 52)),
        ("group", {"parent": "staff"}, {}, (0, 2)),
        ("group", {}, {"displayName": "A", "description": None}, (2, 2)),
        (
            "user",
            {},
            {
                "identifiers": [{"email": "a@example.com"}, {"uid": "a"}],
                "addresses": [{"email": "a@example.com", "verified": True}],
                "profile": {"first_name": "Ada", "last_name": "L"},
                "password": {"initial": {"fromEnv": "X"}, "mustChange": True},
            },
            (4, 16),
        ),
    ],
)
def test_settings_are_counted_once_each(
    kind: str, metadata: dict[str, object], spec: dict[str, object], counts: tuple[int, int]
) -> None:
    fields = digests_of(by_word()[kind], metadata, spec)  # type: ignore[arg-type]
    assert tuple(extent_of(kind, fields)) == counts


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.word)
def test_all_settings_of_a_kind_can_be_managed(kind: object) -> None:
    from pool_as_code.resources.kind import Kind

    assert isinstance(kind, Kind)
    fields = [".".join(path) for path, _ in kind.shape.leaves()]
    found = extent_of(kind.word, fields)
    assert found.declared == found.settable
    assert not found.partial


def test_it_is_said_in_words() -> None:
    assert str(Extent(7, 41)) == "7 of 41 fields managed"
    assert Extent(7, 41).partial


def test_what_goes_has_none() -> None:
    change = Change(Address("group", "a/b"), Action.ADOPT, ownership=Ownership({"displayName": "x"}))
    assert extent(change) == Extent(1, 2)
    assert extent(replace(change, action=Action.DELETE)) is None
    assert extent(replace(change, action=Action.RELEASE)) is None
    assert extent(replace(change, ownership=None)) is None
