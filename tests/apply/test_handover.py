"""Identifiers and verified addresses that pass from one user to another in one plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pool_as_code.directory import users
from pool_as_code.resources.state import derived_id
from pool_as_code.stores.base import FieldWrite, Handle, Observed
from pool_as_code.stores.sql import SqlStore
from tests.house import House, document, open_cheap

pytestmark = pytest.mark.usefixtures("cheap_hashing")
POOL = document("IdentityPool", {"name": "customers"}, displayName="Customers")
MODES = pytest.mark.parametrize("transaction", [True, False])
HANDED_ON = [
    pytest.param({"a": ["x"], "b": []}, {"a": [], "b": ["x"]}, id="to a later name"),
    pytest.param({"a": [], "b": ["x"]}, {"a": ["x"], "b": []}, id="to an earlier name"),
    pytest.param({"a": ["x"], "b": ["y"]}, {"a": ["y"], "b": ["x"]}, id="swapped"),
    pytest.param({"a": ["x"], "b": ["y"], "c": ["z"]}, {"a": ["y"], "b": ["z"], "c": ["x"]}, id="in a circle"),
    pytest.param({"a": ["n", "x"], "b": ["y"]}, {"a": ["m", "y"], "b": ["n"]}, id="with others that come and go"),
]


def everybody(names: dict[str, list[str]]) -> list[dict[str, Any]]:
    found = [POOL]
    for user, held in names.items():
        mail = [f"{name}@example.com" for name in held]
        found.append(
            document(
                "User",
                {"name": user, "pool": "customers"},
                status="active",
                identifiers=[{"uid": f"user-{user}"}, *({"email": address} for address in mail)],
                addresses=[{"email": address, "verified": True} for address in mail],
            )
        )
    return found


def held(house: House, names: dict[str, list[str]]) -> dict[str, list[str]]:
    """Who signs in with what, as the directory finds it."""
    store = open_cheap(f"sqlite:///{house.database}", read_only=True, root=house.root, environ={})
    ids = {derived_id("user", user, "customers"): user for user in names}
    found: dict[str, list[str]] = {user: [] for user in names}
    try:
        for name in "mnxyz":
            row = users.find(store.directory, "customers", identifier=f"{name}@example.com")
            if row is not None:
                by_address = users.find(store.directory, "customers", address=f"{name}@example.com")
                assert by_address is not None
                assert by_address.id == row.id
                found[ids[row.id]].append(name)
    finally:
        store.close()
    return found


@MODES
@pytest.mark.parametrize(("before", "after"), HANDED_ON)
def test_what_one_user_gives_up_another_gets_in_the_same_apply(
    tmp_path: Path, before: dict[str, list[str]], after: dict[str, list[str]], *, transaction: bool
) -> None:
    house = House(tmp_path).write(everybody(before))
    house.apply()
    house.write(everybody(after))
    assert house.apply(transaction=transaction).state == "applied"
    assert held(house, after) == {user: sorted(names) for user, names in after.items()}
    assert not house.plan().changes


@pytest.mark.parametrize("saved", [True, False])
def test_an_apply_that_ends_between_giving_up_and_getting_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, saved: bool
) -> None:
    before, after = {"a": ["x"], "b": ["y"]}, {"a": ["y"], "b": ["x"]}
    for step in range(1, 5):
        root = tmp_path / str(step)
        house = House(root).write(everybody(before))
        house.apply()
        plan = house.write(everybody(after)).plan()
        left, plain = [step], SqlStore.update

        def interrupted(
            self: SqlStore, current: Handle, writes: list[FieldWrite], left: list[int] = left, plain: Any = plain
        ) -> Observed:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
            found: Observed = plain(self, current, writes)
            return found

        with monkeypatch.context() as patched:
            patched.setattr(SqlStore, "update", interrupted)
            with pytest.raises(KeyboardInterrupt):
                house.apply(transaction=False)
        assert house.apply(plan if saved else None, transaction=False).state == "applied"
        assert held(house, after) == after
        assert not house.plan().changes
