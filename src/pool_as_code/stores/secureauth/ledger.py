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
from datetime import datetime

from ...core.address import Address
from ...core.errors import Conflict, NotFound, Unavailable
from ...core.values import JsonMap, JsonValue
from ...resources.live import Owner, OwnerRecord
from .audit import AuditFolder
from .homes import Home
from .kept import Kept, Key, addressed, decoded, encoded, key_of, owner_of
from .leases import Leases
from .tenant import Tenant


class ServiceLedger(Leases):
    """The ledger of one tenant. `clock` tells the time of leases, `audit` keeps runs."""

    def __init__(self, tenant: Tenant, clock: Callable[[], datetime], audit: AuditFolder | None = None) -> None:
        super().__init__(tenant, clock, audit)
        self._pending: dict[Key, OwnerRecord] = {}

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
            if self._lease:
                kept.leases[owner_of(self._lease)] = self._lease
        return encoded(kept)

    def was_created(self, home: Home) -> None:
        """What the new object shows of our records no longer waits; the rest is tried again."""
        kept = self._kept_in(home)
        for key in kept.records:
            self._pending.pop(key, None)
        self._placed(kept)
        self._settle_pending()

    def will_be_deleted(self, home: Home) -> None:
        """Records of schemas, and our lease, move to another pool before theirs is gone, so that no crash loses them."""
        kept = self._kept_in(home)
        moves: dict[Home, list[OwnerRecord]] = {}
        for record in kept.records.values():
            other = self._home_of_schema(record, home) if record.address.kind == "schema" else None
            if other is not None:
                moves.setdefault(other, []).append(record)
        for other, records in moves.items():
            self._homes.write(other, lambda there, records=records: self._add(there, records))  # type: ignore[misc]
        for owner, held in kept.leases.items():
            other = self._home_of_lease(owner, home) if held.get("run") == self.run_id else None
            if other is not None:
                self._homes.write(other, lambda there, held=held: self._take(there, held))  # type: ignore[misc]

    def was_deleted(self, home: Home) -> None:
        """Records in it are gone with it; they count until they are dropped, those of schemas look for another home. To be
        called before the object is taken out of what is known of the tenant."""
        gone = self._kept_in(home)
        moved = {key for where, kept in self._homes.kept() if where != home for key in kept.records}
        self._pending.update({key: record for key, record in gone.records.items() if key not in moved})
        ours = next((held for held in gone.leases.values() if held.get("run") == self.run_id), {})
        elsewhere = any(home != where for where in self._homes_with_lease(self.run_id))
        self._lease = self._lease or ({} if elsewhere else ours)

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

    def _home_of_schema(self, record: OwnerRecord, without: Home | None = None) -> Home | None:
        """Where it is kept already, else a pool of ours that uses it, else one of ours."""
        ours = {
            id: kept
            for (word, id), kept in sorted(self._homes.kept(), key=lambda pair: pair[0])
            if word == "pool"
            and (word, id) != without
            and any(r.owner == record.owner and r.address.kind == "pool" for r in kept.records.values())
        }
        holding = [id for id, kept in ours.items() if key_of(record) in kept.records]
        using = [id for id in ours if record.remote_id in self._tenant.pools()[id].values()]
        return next((("pool", id) for id in (*holding, *using, *ours)), None)

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
                self._placed(self._kept_in(home))
                for record in records:
                    self._pending.pop(key_of(record), None)

    def _add(self, kept: Kept, records: Sequence[OwnerRecord]) -> None:
        """Into a home; a lease that has none yet goes along, or finds that another run was faster."""
        if self._lease and any(record.owner == owner_of(self._lease) for record in records):
            self._take(kept, self._lease)
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
        """How far one came (see `kept.py`); empty: none was ever due."""
        return self._kept_in(("pool", pool_id)).invitations.get(user_id, "")

    def invitations(self) -> list[tuple[str, str, str]]:
        """Pool id, user id and how far it came, of every one that is known."""
        return sorted(
            (id, user, state) for (_, id), kept in self._homes.kept() for user, state in kept.invitations.items()
        )

    def note_invitations(self, pool_id: str, states: Mapping[str, str]) -> None:
        """Record how far they came, by user id; empty forgets one."""

        def note(kept: Kept) -> None:
            known = {**kept.invitations, **states}
            kept.invitations = {user_id: state for user_id, state in known.items() if state}

        if not self._homes.write(("pool", pool_id), note):
            raise NotFound(f"pool {pool_id} is gone")

    def refuse_concurrent(self, record: OwnerRecord, home: Home, value: JsonValue) -> None:
        """An object that this run was to make is there. Raises Unavailable when another run of its owner has made it: its first
        apply and ours began at the same time, before there was a place for a lease. `value` is what it keeps."""
        kept = decoded(value, home[1])
        self._refuse_held(kept.leases.get(record.owner, {}), self.run_id)
        held = kept.records.get(key_of(record))
        if held is not None and (held.owner, held.address) == (record.owner, record.address):
            raise Unavailable(
                f"another run of this project has just made {record.address}; it is at work",
                hint="wait for it, then run again",
            )

    def _all(self) -> Iterator[OwnerRecord]:
        seen = set(self._pending)  # a crash can leave the record of a schema in two homes
        for _, kept in sorted(self._homes.kept(), key=lambda pair: pair[0]):
            yield from (record for key, record in kept.records.items() if key not in seen)
            seen |= kept.records.keys()
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
