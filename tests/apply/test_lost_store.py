"""A store that is lost in the middle: what is live is told, what is unknown too, and the next apply finishes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.app.asking import unlock
from pool_as_code.core.errors import Conflict, NotTried, Unavailable
from pool_as_code.directory.sqlite import SqliteDatabase
from pool_as_code.resources.live import OwnerRecord
from pool_as_code.stores.base import Body, Outcome, Recorder
from pool_as_code.stores.sql_ledger import SqlLedger
from pool_as_code.stores.sqlite import SqliteStore
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


def test_of_a_batch_in_which_the_store_is_lost_each_says_what_became_of_it(tmp_path: Path) -> None:
    """Of three users one is made, of one nobody knows, and one is not tried; of what comes after them nothing is."""
    house = House(tmp_path).write(documents())
    with pytest.MonkeyPatch.context() as patch:
        create_many = SqliteStore.create_many

        def losing(store: SqliteStore, bodies: Sequence[Body], record: Recorder | None = None) -> list[Outcome]:
            assert record is None, "outside of a transaction claims are there before, and records are put after"
            if bodies[0].kind != "user":
                return create_many(store, bodies)
            made = create_many(store, bodies[:1])
            return [*made, Outcome(error=Unavailable("no answer came")), Outcome(error=NotTried("no answer came"))]

        patch.setattr(SqliteStore, "create_many", losing)
        report = house.apply(transaction=False)
    ends = {o.address.path: o for o in report.outcomes if o.address.kind == "user"}
    assert [end.status.value for end in ends.values()] == ["applied", "unknown", "skipped"]
    assert ends["customers/u2"].reason == "the store was lost before: no answer came"
    assert (report.state, report.exit_code) == ("partly", 5)
    assert house.apply().state == "applied"
    assert summary(house.plan()) == {}


def test_a_batch_whose_claims_are_lost_was_not_tried(tmp_path: Path) -> None:
    house = House(tmp_path).write(documents())
    with pytest.MonkeyPatch.context() as patch:
        put = SqlLedger.put

        def losing(ledger: SqlLedger, records: Iterable[OwnerRecord]) -> None:
            records = list(records)
            if any(record.address.kind == "user" for record in records):
                raise Unavailable("the disk is full")
            put(ledger, records)

        patch.setattr(SqlLedger, "put", losing)
        report = house.apply(transaction=False)
    assert {o.status.value for o in report.outcomes if o.address.kind == "user"} == {"skipped"}
    assert house.apply().state == "applied"


def test_a_claim_that_somebody_else_holds_fails_alone(tmp_path: Path) -> None:
    house = House(tmp_path).write(documents())
    with pytest.MonkeyPatch.context() as patch:
        put = SqlLedger.put

        def refusing(ledger: SqlLedger, records: Iterable[OwnerRecord]) -> None:
            records = list(records)
            if any(str(record.address) == "user/customers/u1" for record in records):
                raise Conflict("it is owned by project p-other")
            put(ledger, records)

        patch.setattr(SqlLedger, "put", refusing)
        report = house.apply(transaction=False)
    ends = {o.address.path: o.status.value for o in report.outcomes if o.address.kind == "user"}
    assert ends == {"customers/u0": "applied", "customers/u1": "failed", "customers/u2": "applied"}
