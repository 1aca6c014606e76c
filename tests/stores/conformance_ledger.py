"""The second half of what every store must do: ownership records, the lease, the records of runs."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from pool_as_code.core.address import Address
from pool_as_code.core.errors import Conflict, NotFound, Unavailable
from pool_as_code.resources.live import Owner, OwnerRecord
from pool_as_code.stores.base import Body, Handle, RunRecord, Scope, Store

OURS = Owner("p-ours", "default")
STAGE = Owner("p-ours", "stage")
THEIRS = Owner("p-theirs", "default")
POOL = Address("pool", "customers")


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)


def a_run(id: str, owner: Owner = OURS, digest: str = "d1", at: str = "2026-03-01T12:00:00Z") -> RunRecord:
    return RunRecord(id, owner, digest, "running", at, actor="ada@host")


class LedgerConformance:
    """Ownership, the lease and runs. A test class gives `store`, whose clock is `clock`."""

    # -- ownership

    def test_records_come_back_as_they_were_put(self, store: Store) -> None:
        record = OwnerRecord(
            OURS,
            Address("user", "customers/ada+ü@example.com"),
            "6c3b5a86",
            protect=True,
            adopted=True,
            claimed=True,
            settled="token",
            fields={"profile.name": "abc", 'profile["odd key"]': "def"},
        )
        store.ledger.put([record])
        (read,) = store.ledger.records(OURS).values()
        assert (read.address, read.remote_id, read.owner) == (record.address, record.remote_id, OURS)
        assert (read.protect, read.adopted, read.claimed, read.settled) == (True, True, True, "token")
        assert read.fields == record.fields
        assert read.fields_json == record.fields_json

    def test_a_record_of_the_same_owner_and_address_is_replaced(self, store: Store) -> None:
        store.ledger.put([OwnerRecord(OURS, POOL, "first", claimed=True)])
        store.ledger.put([OwnerRecord(OURS, POOL, "second")])
        (record,) = store.ledger.records(OURS).values()
        assert (record.remote_id, record.claimed) == ("second", False)
        assert store.ledger.foreign("pool", "first") is None

    def test_known_records_among_many_new_ones_are_replaced(self, store: Store) -> None:
        def records(numbers: range, word: str) -> list[OwnerRecord]:
            return [OwnerRecord(OURS, Address("user", f"customers/u{n}"), f"{word}{n}") for n in numbers]

        store.ledger.put(records(range(40, 45), "old"))
        store.ledger.put(record for record in records(range(2500), "new"))
        found = store.ledger.records(OURS)
        assert {record.remote_id for record in found.values()} == {f"new{n}" for n in range(2500)}
        store.ledger.put(records(range(2500), "newer"))
        assert store.ledger.records(OURS)[Address("user", "customers/u2499")].remote_id == "newer2499"

    def test_an_object_belongs_to_one_owner(self, store: Store) -> None:
        store.ledger.put([OwnerRecord(OURS, POOL, "customers")])
        for other in (THEIRS, STAGE):
            with pytest.raises(Conflict) as refused:
                store.ledger.put(
                    [OwnerRecord(other, Address("pool", "new"), "new"), OwnerRecord(other, POOL, "customers")]
                )
            assert "p-ours" in refused.value.message
            assert store.ledger.records(other) == {}
        owner = store.ledger.foreign("pool", "customers")
        assert owner is not None
        assert owner.owner == OURS

    def test_ids_of_different_kinds_do_not_meet(self, store: Store) -> None:
        store.ledger.put([OwnerRecord(OURS, POOL, "same")])
        store.ledger.put([OwnerRecord(THEIRS, Address("schema", "same"), "same")])
        assert store.ledger.foreign("group", "same") is None

    def test_two_owners_may_use_one_address_for_two_objects(self, store: Store) -> None:
        store.ledger.put([OwnerRecord(OURS, POOL, "one")])
        store.ledger.put([OwnerRecord(STAGE, POOL, "two")])
        assert store.ledger.records(OURS)[POOL].remote_id == "one"
        assert store.ledger.records(STAGE)[POOL].remote_id == "two"

    def test_records_of_some_kinds_can_be_asked_for_and_counted(self, store: Store) -> None:
        ada = Address("user", "customers/ada")
        store.ledger.put([OwnerRecord(OURS, POOL, "customers"), OwnerRecord(OURS, ada, "1", claimed=True)])
        store.ledger.put([OwnerRecord(STAGE, ada, "2"), OwnerRecord(STAGE, Address("user", "customers/bob"), "3")])
        assert set(store.ledger.records(OURS, ["user"])) == {ada}
        assert set(store.ledger.records(OURS, ["user", "pool"])) == {ada, POOL}
        assert store.ledger.records(OURS, ["group"]) == {}
        assert store.ledger.records(OURS, []) == {}
        assert [store.ledger.count(owner, "user") for owner in (OURS, STAGE, THEIRS)] == [1, 2, 0]
        assert store.ledger.count(OURS, "group") == 0

    def test_dropping_forgets_and_ignores_what_is_unknown(self, store: Store) -> None:
        store.ledger.put([OwnerRecord(OURS, POOL, "customers")])
        store.ledger.drop(THEIRS, [POOL])
        store.ledger.drop(OURS, [Address("pool", "unknown")])
        assert set(store.ledger.records(OURS)) == {POOL}
        store.ledger.drop(OURS, [POOL])
        assert store.ledger.records(OURS) == {}

    def test_moving_gives_the_object_another_address(self, store: Store) -> None:
        store.ledger.put([OwnerRecord(OURS, POOL, "customers", settled="t", fields={"a": "b"})])
        store.ledger.move(OURS, POOL, Address("pool", "clients"))
        (record,) = store.ledger.records(OURS).values()
        assert (record.address, record.remote_id, record.fields) == (
            Address("pool", "clients"),
            "customers",
            {"a": "b"},
        )

    def test_moving_onto_an_owned_address_is_a_conflict(self, store: Store) -> None:
        store.ledger.put([OwnerRecord(OURS, POOL, "a"), OwnerRecord(OURS, Address("pool", "b"), "b")])
        with pytest.raises(Conflict):
            store.ledger.move(OURS, POOL, Address("pool", "b"))
        assert len(store.ledger.records(OURS)) == 2

    def test_owned_objects_are_read_with_their_owner_and_others_without(self, store: Store) -> None:
        store.create(Body("pool", "customers", "", {}, {}))
        store.create(Body("pool", "free", "", {}, {}))
        store.ledger.put([OwnerRecord(OURS, POOL, "customers", protect=True)])
        owners = {one.id: one.owner for one in store.read(Scope("pool"))}
        assert owners["free"] is None
        assert owners["customers"] is not None
        assert owners["customers"].protect

    def test_a_claim_outlives_the_object(self, store: Store) -> None:
        store.create(Body("pool", "customers", "", {}, {}))
        store.ledger.put([OwnerRecord(OURS, POOL, "customers")])
        store.delete(Handle("pool", "customers", "", ""))
        assert set(store.ledger.records(OURS)) == {POOL}
        assert store.fingerprint() != "new"

    # -- the lease

    def test_the_lease_is_held_by_one_run_and_says_by_whom_since_when_and_until_when(self, store: Store) -> None:
        store.ledger.acquire_lease(a_run("run-1"), 60)
        with pytest.raises(Unavailable) as refused:
            store.ledger.acquire_lease(a_run("run-2"), 60)
        for word in ("run-1", "ada@host", "2026-03-01T12:00:00Z", "2026-03-01T12:01:00Z"):
            assert word in refused.value.message
        assert refused.value.retry_after == 60
        held = store.ledger.lease()
        assert held is not None
        assert held.id == "run-1"

    def test_another_projects_run_finds_the_lease_taken(self, store: Store) -> None:
        store.ledger.acquire_lease(a_run("run-1"), 60)
        with pytest.raises(Unavailable):
            store.ledger.acquire_lease(a_run("run-2", THEIRS), 60)

    def test_a_released_lease_is_free(self, store: Store) -> None:
        store.ledger.acquire_lease(a_run("run-1"), 60)
        store.ledger.release_lease("some other run")
        assert store.ledger.lease() is not None
        store.ledger.release_lease("run-1")
        store.ledger.release_lease("run-1")
        assert store.ledger.lease() is None
        store.ledger.acquire_lease(a_run("run-2"), 60)

    def test_the_same_run_may_take_its_lease_again(self, store: Store) -> None:
        store.ledger.acquire_lease(a_run("run-1"), 60)
        store.ledger.acquire_lease(a_run("run-1"), 60)

    def test_an_expired_lease_is_taken_over_and_its_run_was_interrupted(self, store: Store, clock: Clock) -> None:
        store.ledger.acquire_lease(a_run("run-1"), 60)
        store.ledger.start_run(a_run("run-1"))
        clock.forward(seconds=61)
        store.ledger.acquire_lease(a_run("run-2"), 60)
        first = store.ledger.run("run-1")
        assert first is not None
        assert first.state == "interrupted"
        with pytest.raises(Conflict):
            store.ledger.renew_lease("run-1", 60)

    def test_a_renewed_lease_lasts_longer(self, store: Store, clock: Clock) -> None:
        store.ledger.acquire_lease(a_run("run-1"), 60)
        clock.forward(seconds=50)
        store.ledger.renew_lease("run-1", 60)
        clock.forward(seconds=50)
        with pytest.raises(Unavailable):
            store.ledger.acquire_lease(a_run("run-2"), 60)

    def test_a_lease_can_be_broken_and_the_run_says_interrupted(self, store: Store) -> None:
        assert store.ledger.break_lease() is None
        store.ledger.acquire_lease(a_run("run-1"), 60)
        store.ledger.start_run(a_run("run-1"))
        broken = store.ledger.break_lease()
        assert broken is not None
        assert (broken.id, broken.state) == ("run-1", "interrupted")
        assert store.ledger.lease() is None

    # -- runs

    def test_a_run_is_recorded_with_its_changes_and_its_end(self, store: Store, clock: Clock) -> None:
        store.ledger.start_run(a_run("run-1"))
        store.ledger.log_change("run-1", {"address": "pool/a", "action": "create"})
        store.ledger.log_changes("run-1", [{"address": "pool/b"}, {"address": "pool/c"}])
        store.ledger.log_changes("run-1", [])
        clock.forward(seconds=5)
        store.ledger.finish_run("run-1", "applied", {"create": 3})
        run = store.ledger.run("run-1")
        assert run is not None
        assert (run.state, run.finished_at, run.summary) == ("applied", "2026-03-01T12:00:05Z", {"create": 3})
        assert [change["address"] for change in run.changes] == ["pool/a", "pool/b", "pool/c"]
        assert (run.owner, run.plan_digest, run.actor) == (OURS, "d1", "ada@host")

    def test_a_run_that_was_killed_is_interrupted_and_one_with_the_lease_is_running(self, store: Store) -> None:
        store.ledger.start_run(a_run("killed"))
        store.ledger.start_run(a_run("theirs", THEIRS))
        store.ledger.acquire_lease(a_run("next"), 60)
        store.ledger.start_run(a_run("next"))
        states = {run.id: run.state for run in store.ledger.history()}
        assert states == {"killed": "interrupted", "theirs": "interrupted", "next": "running"}

    def test_history_is_newest_first_and_limited(self, store: Store) -> None:
        for day in (1, 3, 2):
            store.ledger.start_run(a_run(f"run-{day}", at=f"2026-03-0{day}T00:00:00Z"))
        assert [run.id for run in store.ledger.history()] == ["run-3", "run-2", "run-1"]
        assert [run.id for run in store.ledger.history(1)] == ["run-3"]

    def test_a_run_is_found_by_a_unique_prefix(self, store: Store) -> None:
        store.ledger.start_run(a_run("abc123"))
        store.ledger.start_run(a_run("abd456"))
        found = store.ledger.run("abc")
        assert found is not None
        assert found.id == "abc123"
        assert store.ledger.run("zzz") is None
        assert store.ledger.run("%") is None
        with pytest.raises(NotFound):
            store.ledger.run("ab")

    def test_a_store_written_by_one_plans_runs_only_is_known_as_such(self, store: Store) -> None:
        store.ledger.start_run(a_run("first", digest="d1"))
        store.create(Body("pool", "customers", "", {}, {}))
        store.ledger.finish_run("first", "failed", {})
        store.ledger.start_run(a_run("second", digest="d1"))
        store.create(Body("pool", "others", "", {}, {}))
        assert store.written_only_by("d1")
        assert not store.written_only_by("d2")
        store.ledger.finish_run("second", "applied", {})
        store.ledger.start_run(a_run("idle", digest="d2"))
        store.ledger.finish_run("idle", "failed", {})
        assert store.written_only_by("d1")
        store.ledger.start_run(a_run("other plan", digest="d2"))
        store.delete(Handle("pool", "others", "", ""))
        assert not store.written_only_by("d1")

    def test_a_store_that_others_have_touched_is_known_as_such(self, store: Store) -> None:
        store.ledger.start_run(a_run("first", digest="d1"))
        store.create(Body("pool", "customers", "", {}, {}))
        store.ledger.finish_run("first", "applied", {})
        store.create(Body("pool", "by-hand", "", {}, {}))
        assert not store.written_only_by("d1")

    def test_what_a_rolled_back_transaction_wrote_marks_nobody(self, store: Store) -> None:
        store.ledger.start_run(a_run("first", digest="d1"))
        store.create(Body("pool", "customers", "", {}, {}))
        store.ledger.finish_run("first", "applied", {})
        store.ledger.start_run(a_run("undone", digest="d2"))
        with suppress(ZeroDivisionError), store.transaction():
            store.create(Body("pool", "others", "", {}, {}))
            raise ZeroDivisionError
        assert store.written_only_by("d1")
