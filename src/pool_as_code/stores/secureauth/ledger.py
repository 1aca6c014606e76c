"""Ownership, the lease and the runs where the service has no place for them: records in the metadata of pools and organizations.

    pool, its groups, its declared users    the pool's metadata
    schema                                  a pool of the same owner, one that uses it where there is one
    organization                            its own metadata
    workspace                               nowhere: they are not made by us

A claim is there before its object: that of a pool or organization goes with the request that creates it, those of the others are
written before. What has no home yet waits in memory for the next pool. How a home is written stands in `homes.py`, what is known of
runs in `runs.py`: the service keeps none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ...core.address import Address
from ...core.clock import format_time, parse_time
from ...core.errors import Conflict, NotFound, Unavailable
from ...core.values import JsonMap
from ...resources.live import Owner, OwnerRecord
from ..base import RunRecord
from .audit import AuditFolder
from .homes import Home, Homes
from .kept import Kept, Key, addressed, encoded, key_of
from .runs import Runs
from .tenant import Tenant


class ServiceLedger(Runs):
    """The ledger of one tenant. `clock` tells the time of leases, `audit` keeps runs."""

    def __init__(self, tenant: Tenant, clock: Callable[[], datetime], audit: AuditFolder | None = None) -> None:
        super().__init__(clock, audit)
        self._tenant = tenant
        self._pending: dict[Key, OwnerRecord] = {}
        self._lease: JsonMap = {}  # as long as there is no home for it
        self._held: tuple[str, float, datetime] | None = None  # run, seconds, since when
        self._homes = Homes(tenant)

    # -- ownership

    def records(self, owner: Owner, kinds: Collection[str] | None = None) -> dict[Address, OwnerRecord]:
        """What this owner owns (of these kinds)."""
        found = addressed(self._all(), owner)
        return found if kinds is None else {a: r for a, r in found.items() if a.kind in kinds}

    def count(self, owner: Owner, kind: str) -> int:
        """How many objects of a kind this owner owns."""
        return len(self.records(owner, (kind,)))

    def owned_users(self, owner: Owner, pools: Collection[str]) -> list[tuple[str, str]]:
        """Pool id and user id of an owner's users in these pools."""
        return [
            (r.pool_id, r.remote_id)
            for r in self._all()
            if r.owner == owner and r.address.kind == "user" and r.pool_id in pools
        ]

    def put(self, records: Iterable[OwnerRecord]) -> None:
        """Write these records. Raises Conflict, before any is written, when one of the objects belongs to somebody else."""
        wanted = {key_of(record): record for record in records}
        homes = [kept.records for _, kept in self._homes.kept()]
        for key, record in wanted.items():
            for held in (self._pending, *homes):
                if key in held:
                    self._refuse_taken(record, held[key])
                    break
        moved = {(r.owner, r.address): key for key, r in wanted.items()}
        self._forget(lambda r: moved.get((r.owner, r.address), key_of(r)) != key_of(r))
        self._pending.update(wanted)
        self._settle_pending()

    def drop(self, owner: Owner, addresses: Iterable[Address]) -> None:
        """Forget these; unknown ones are ignored."""
        gone = frozenset(addresses)
        self._forget(lambda r: r.owner == owner and r.address in gone)

    def move(self, owner: Owner, old: Address, new: Address) -> None:
        """The same object under a new address. Raises Conflict when something is owned there."""
        records = self.records(owner)
        if old not in records:
            return
        if new in records:
            raise Conflict(f"{old} can not become {new}: something is owned under that address")
        held = records[old]
        self._forget(lambda r: r.owner == owner and r.address == old)
        self.put([_copied(held, new, held.pool_id)])

    def foreign(self, kind: str, id: str) -> OwnerRecord | None:
        """Whoever owns this object, ourselves included."""
        if (kind, id) in self._pending:
            return self._pending[kind, id]
        found = (kept.records.get((kind, id)) for _, kept in self._homes.kept())
        return next((record for record in found if record is not None), None)

    def owners(self, kind: str) -> dict[str, OwnerRecord]:
        """Remote id -> record, of a kind: for reading many objects."""
        return {record.remote_id: record for record in self._all() if record.address.kind == kind}

    def kept(self) -> list[tuple[Home, Kept]]:
        """What every home holds now."""
        return self._homes.kept()

    def home_of_schema(self, record: OwnerRecord) -> Home | None:
        """Where the record of a schema has its place, as long as a pool of its owner is there."""
        return self._home_of_schema(record)

    # -- what waits for a home

    def for_new(self, home: Home) -> JsonMap:
        """The reserved map that an object is created with: what waits for it, and the lease where it has no home yet."""
        word, id = home
        kept = Kept({key: record for key, record in self._pending.items() if self._belongs(record, home)})
        if word == "pool" and self._pending.get(("pool", id)) is not None:
            owner = self._pending["pool", id].owner
            kept.records.update({k: r for k, r in self._pending.items() if k[0] == "schema" and r.owner == owner})
            kept.lease = self._lease
        return encoded(kept)

    def was_created(self, home: Home) -> None:
        """What the new object shows of our records no longer waits; the rest is tried again."""
        kept = next((kept for where, kept in self._homes.kept() if where == home), Kept())
        for key in kept.records:
            self._pending.pop(key, None)
        if kept.lease:
            self._lease = {}
        self._settle_pending()

    def was_deleted(self, home: Home) -> None:
        """Records in it are gone with it; they count until they are dropped, those of schemas look for another home."""
        gone = next((kept for where, kept in self._homes.kept() if where == home), Kept())
        self._pending.update(gone.records)
        self._lease = self._lease or gone.lease

    def _belongs(self, record: OwnerRecord, home: Home) -> bool:
        word, id = home
        kind = record.address.kind
        if kind in ("group", "user"):
            return word == "pool" and record.pool_id == id
        return (kind, record.remote_id) == home

    def _home(self, record: OwnerRecord, named: Mapping[tuple[Owner, str], str]) -> Home | None:
        kind, pools = record.address.kind, self._tenant.pools()
        if kind == "organization":
            return (kind, record.remote_id) if record.remote_id in self._tenant.organizations() else None
        if kind == "pool":
            return (kind, record.remote_id) if record.remote_id in pools else None
        if kind == "schema":
            return self._home_of_schema(record)
        if kind in ("group", "user"):
            id = record.pool_id or named.get((record.owner, record.address.container)) or record.address.container
            return ("pool", id) if id in pools else None
        return None

    def _home_of_schema(self, record: OwnerRecord) -> Home | None:
        ours = sorted(
            id
            for (word, id), kept in self._homes.kept()
            if word == "pool"
            and any(r.owner == record.owner and r.address.kind == "pool" for r in kept.records.values())
        )
        using = [id for id in ours if record.remote_id in self._tenant.pools()[id].values()]
        return next((("pool", id) for id in (*using, *ours)), None)

    def _settle_pending(self) -> None:
        homes: dict[Home, list[OwnerRecord]] = {}
        named = {(r.owner, r.address.name): r.remote_id for r in self._all() if r.address.kind == "pool"}
        for record in self._pending.values():
            home = self._home(record, named)
            if home is not None:
                homes.setdefault(home, []).append(record)
        for home, records in homes.items():
            added = [_at_home(record, home) for record in records]
            if self._homes.write(home, lambda kept, added=added: self._add(kept, added)):  # type: ignore[misc]
                for record in records:
                    self._pending.pop(key_of(record), None)

    def _add(self, kept: Kept, records: Sequence[OwnerRecord]) -> None:
        for record in records:
            self._refuse_taken(record, kept.records.get(key_of(record)))
        kept.put(records)

    def _forget(self, goes: Callable[[OwnerRecord], bool]) -> None:
        self._pending = {key: record for key, record in self._pending.items() if not goes(record)}
        homes = [home for home, kept in self._homes.kept() if any(goes(record) for record in kept.records.values())]
        for home in homes:

            def take_out(kept: Kept) -> None:
                kept.records = {key: record for key, record in kept.records.items() if not goes(record)}

            self._homes.write(home, take_out)

    def _refuse_taken(self, record: OwnerRecord, held: OwnerRecord | None) -> None:
        if held is None or (held.owner, held.address) == (record.owner, record.address):
            return
        raise Conflict(
            f"{record.address.kind} {record.remote_id!r} is owned by project {held.owner.project}"
            f" ({held.owner.environment}) as {held.address}",
            hint="choose another name, or take it over: metadata.adopt: {from: " + held.owner.project + "}",
        )

    # -- invitations

    def invitation(self, pool_id: str, user_id: str) -> str:
        """`intent`: a message was about to be sent, and nobody knows more; `sent`; empty: never tried."""
        return next(
            (kept.invitations.get(user_id, "") for home, kept in self._homes.kept() if home == ("pool", pool_id)), ""
        )

    def unknown_invitations(self) -> list[str]:
        """Users whose message was about to be sent when the process ended, or whose answer never came."""
        found = (kept.invitations.items() for _, kept in self._homes.kept())
        return sorted(id for items in found for id, state in items if state == "intent")

    def note_invitation(self, pool_id: str, user_id: str, state: str) -> None:
        """Record how far an invitation came."""

        def note(kept: Kept) -> None:
            kept.invitations[user_id] = state

        if not self._homes.write(("pool", pool_id), note):
            raise NotFound(f"pool {pool_id} is gone")

    # -- the lease

    def acquire_lease(self, run: RunRecord, seconds: float) -> None:
        """Take it, or raise Unavailable and say which run holds it. Its home is the first of the owner's pools; before there
        is one, the pool that this run makes."""
        for held in (self._lease, *(kept.lease for _, kept in self._homes.kept())):
            self._refuse_held(held, run.id)
            if held and held.get("run") != run.id:
                self.interrupt(str(held["run"]))
        self.remember(run)
        wanted: JsonMap = {
            "run": run.id,
            "project": run.owner.project,
            "environment": run.owner.environment,
            "started": run.started_at,
            "until": self._until(seconds),
        }

        def take(kept: Kept) -> None:
            self._refuse_held(kept.lease, run.id)
            kept.lease = wanted

        home = self._home_of_lease(run.owner)
        self._lease = {} if home is not None and self._homes.write(home, take) else wanted
        self._held = run.id, seconds, self.clock()

    def keep_lease(self) -> None:
        """Hold it longer when a quarter of its time is over; for who waits for something long. Raises Conflict when it was
        lost."""
        if self._held is not None:
            run_id, seconds, since = self._held
            if self.clock() - since > timedelta(seconds=seconds / 4):
                self.renew_lease(run_id, seconds)

    def renew_lease(self, run_id: str, seconds: float) -> None:
        """Hold it longer; raises Conflict when it was lost."""
        self._held = run_id, seconds, self.clock()
        until = self._until(seconds)
        if self._lease.get("run") == run_id:
            self._lease = {**self._lease, "until": until}
            return
        held = self._homes_with_lease(run_id)

        def renew(kept: Kept) -> None:
            if kept.lease.get("run") != run_id:
                raise Conflict("the lease was lost: another run has taken the directory over", hint="run again")
            kept.lease = {**kept.lease, "until": until}

        if not held or not self._homes.write(held[0], renew):
            raise Conflict("the lease was lost: another run has taken the directory over", hint="run again")

    def release_lease(self, run_id: str) -> None:
        """Give it back; harmless when it is not held."""
        if self._held is not None and self._held[0] == run_id:
            self._held = None
        if self._lease.get("run") == run_id:
            self._lease = {}

        def release(kept: Kept) -> None:
            if kept.lease.get("run") == run_id:
                kept.lease = {}

        for home in self._homes_with_lease(run_id):
            self._homes.write(home, release)

    def lease(self) -> RunRecord | None:
        """The run that holds the lease, expired or not."""
        held = self._lease or next((kept.lease for _, kept in self._homes.kept() if kept.lease), {})
        if not held:
            return None
        known = self.run(str(held.get("run")))
        owner = Owner(str(held.get("project")), str(held.get("environment")))
        return known or RunRecord(str(held.get("run")), owner, "", "running", str(held.get("started")))

    def break_lease(self) -> RunRecord | None:
        """Take the lease away and mark its run interrupted."""
        held = self.lease()
        if held is None:
            return None
        self.release_lease(held.id)
        self.interrupt(held.id)
        return self.run(held.id) or replace(held, state="interrupted")

    def running(self) -> str:
        """The run that is really on its way."""
        held = self._lease or next((kept.lease for _, kept in self._homes.kept() if kept.lease), {})
        return str(held["run"]) if str(held.get("until") or "") > format_time(self.clock()) else ""

    def _home_of_lease(self, owner: Owner) -> Home | None:
        pools = [id for (_, id), kept in self._homes.kept() if any(r.owner == owner for r in kept.records.values())]
        return ("pool", min(there)) if (there := [id for id in pools if id in self._tenant.pools()]) else None

    def _homes_with_lease(self, run_id: str) -> list[Home]:
        return [home for home, kept in self._homes.kept() if kept.lease.get("run") == run_id]

    def _refuse_held(self, held: JsonMap, run_id: str) -> None:
        until = str(held.get("until") or "")
        if not held or held.get("run") == run_id or not until or until <= format_time(self.clock()):
            return
        run = self.run(str(held["run"]))
        by = f" by {run.actor}" if run is not None and run.actor else ""
        raise Unavailable(
            f"another run is writing to the directory: {held['run']}{by} since {held.get('started')};"
            f" its lease ends at {until}",
            hint="wait for it; if it is gone: pac unlock",
            retry_after=max((parse_time(until) - self.clock()).total_seconds(), 0.0),
        )

    def _until(self, seconds: float) -> str:
        return format_time(self.clock() + timedelta(seconds=seconds))

    def _all(self) -> Iterator[OwnerRecord]:
        for _, kept in self._homes.kept():
            yield from (record for key, record in kept.records.items() if key not in self._pending)
        yield from self._pending.values()


def _at_home(record: OwnerRecord, home: Home) -> OwnerRecord:
    """A record as it is read back from its home, which says what pool a group or user is in."""
    if record.address.kind not in ("group", "user") or record.pool_id == home[1]:
        return record
    return _copied(record, record.address, home[1])


def _copied(record: OwnerRecord, address: Address, pool_id: str) -> OwnerRecord:
    return OwnerRecord(
        record.owner,
        address,
        record.remote_id,
        protect=record.protect,
        adopted=record.adopted,
        claimed=record.claimed,
        settled=record.settled,
        fields=record.fields,
        pool_id=pool_id,
    )
