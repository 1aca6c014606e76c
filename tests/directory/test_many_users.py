"""Many users at once, in batches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pool_as_code.core.errors import StoreError
from pool_as_code.directory import users
from pool_as_code.directory.directory import Directory
from pool_as_code.directory.starting import NewUser
from tests.directory.people import a_pool


def test_many_users_are_asked_for_while_those_before_are_written(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also across a batch, where somebody's identifier is taken, and for the first of another pool."""
    a_pool(directory)
    a_pool(directory, "others")
    monkeypatch.setattr(users, "_STEP", 2)
    monkeypatch.setattr(type(directory.db), "batch", 5)
    there: list[int] = []

    def come() -> Iterator[NewUser]:
        for number in range(13):
            there.append(directory.db.value("SELECT count(*) FROM users"))
            pool = "others" if number > 8 else "nowhere" if number == 4 else "customers"
            yield NewUser(f"u{number}", pool, {"identifiers": [{"uid": "same" if number in (1, 6) else f"n{number}"}]})

    made = users.create_many(directory, come())
    assert [number for number, one in enumerate(made) if isinstance(one, StoreError)] == [4, 6]
    assert directory.db.value("SELECT count(*) FROM users") == 11
    assert there[:5] == [0, 0, 2, 2, 4]
    assert there[-1] == 10
