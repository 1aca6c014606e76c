"""A store that is lost in the middle: what is live is told, what is unknown too, and the next apply finishes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pool_as_code.app.asking import unlock
from pool_as_code.core.errors import Unavailable
from pool_as_code.directory.sqlite import SqliteDatabase
from tests.house import House, document, summary

pytestmark = pytest.mark.usefixtures("cheap_hashing")


def documents() -> list[dict[str, Any]]:
    pool = document("IdentityPool", {"name": "customers"})
    groups = [document("Group", {"name": f"g{n}", "pool": "customers"}, displayName=f"Group {n}") for n in range(3)]
    users = [document("User", {"name": f"u{n}", "pool": "customers"}, groups=["g0"]) for n in range(3)]
    return [document("Schema", {"name": "s"}), pool, *groups, *users]


def writes_of_an_apply(root: Path) -> int:
    count = 0
    house = House(root).write(documents())
    with pytest.MonkeyPatch.context() as patch:
        execute = SqliteDatabase.execute

        def counted(database: SqliteDatabase, *arguments: Any) -> int:
            nonlocal count
            count += 1
            return execute(database, *arguments)

        patch.setattr(SqliteDatabase, "execute", counted)
        house.apply(transaction=False)
    return count


def test_wherever_the_store_is_lost_the_report_tells_and_the_next_apply_finishes(tmp_path: Path) -> None:
    total = writes_of_an_apply(tmp_path / "counted")
    partly = 0
    for lost_at in range(1, total, 2):
        house = House(tmp_path / f"lost-{lost_at}").write(documents())
        with pytest.MonkeyPatch.context() as patch:
            execute, count = SqliteDatabase.execute, 0

            def losing(
                database: SqliteDatabase, *arguments: Any, execute: Any = execute, lost_at: int = lost_at
            ) -> Any:
                nonlocal count
                count += 1
                if count >= lost_at:
                    raise Unavailable("the disk is full")
                return execute(database, *arguments)

            patch.setattr(SqliteDatabase, "execute", losing)
            try:
                report = house.apply(transaction=False)
            except Unavailable:
                report = None  # lost before the first change: nothing of it stands
        if report is not None and report.state == "partly":
            partly += 1
            statuses = {outcome.status.value for outcome in report.outcomes}
            assert statuses <= {"applied", "unknown", "skipped"}
            assert report.exit_code == 5
        unlock(house.request, house.told.append)  # this process lives on and could not give the lease back
        assert house.apply(transaction=False).state in ("applied", "nothing")
        assert summary(house.plan()) == {}
    assert partly > 3
