"""Planning, drift and pull write nothing at all: not to the store, not beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import pytest

from pool_as_code.app.pulling import pull
from pool_as_code.directory.sqlite import SqliteDatabase
from tests.house import House, document, summary

pytestmark = pytest.mark.usefixtures("cheap_hashing")


def documents(length: int) -> list[dict[str, Any]]:
    return [
        document("IdentityPool", {"name": "customers"}, passwordPolicy={"minLength": length}),
        document("Group", {"name": "staff", "pool": "customers"}),
        document("User", {"name": "ada", "pool": "customers"}, identifiers=[{"uid": "ada"}], groups=["staff"]),
    ]


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path).write(documents(8))
    made.apply()
    return made.write(documents(12))


def test_no_write_reaches_the_store(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*arguments: Any, **named: Any) -> NoReturn:
        raise AssertionError("a write")

    for name in ("execute", "execute_many", "atomic", "change"):
        monkeypatch.setattr(SqliteDatabase, name, refused)
    before = files(house.root)
    assert summary(house.plan()) == {"pool/customers": "update"}
    assert house.drift().drifted
    assert pull(house.request, (), house.told.append)
    assert files(house.root) == before


def test_a_folder_that_can_only_be_read_is_enough(house: House) -> None:
    before = files(house.root)
    folder = house.database.parent
    folder.chmod(0o500)
    try:
        assert summary(house.plan()) == {"pool/customers": "update"}
    finally:
        folder.chmod(0o700)
    assert files(house.root) == before


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    house = House(tmp_path).write(documents(8))
    before = files(tmp_path)
    assert len(house.plan().changes) == 3
    assert house.drift().gone == ()
    assert files(tmp_path) == before
