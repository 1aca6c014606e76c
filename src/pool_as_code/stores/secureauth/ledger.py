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

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from ...core.address import Address
from ...core.errors import Conflict, NotFound, Unavailable
from ...core.values import JsonMap, JsonValue
from ...resources.live import Owner, OwnerRecord
from .audit import AuditFolder
from .homes import Home
from .kept import Kept, Key, addressed, decoded, encoded, key_of, owner_of
from .leases import Leases
from .tenant import Tenant


class _OurPools(NamedTuple):
    """The pools of an owner: their ids in order, and which of them is the first to use a schema (schema id -> pool id)."""

    ids: dict[str, None]
    using: dict[str, str]


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
        with self._homes.at_once():
            for key, record in wanted.items():
                self._refuse_taken(record, self.foreign(*key))
        moved = {(r.owner, r.address): key for key, r in wanted.items()}
        self._forget(moved.keys(), but=frozenset(wanted))
        self._pending.update(wanted)
        self._settle_pending()

    def drop(self, owner: Owner, addresses: Iterable[Address]) -> None:
        """Forget these; unknown ones are ignored. A pool that is given up keeps no records of its owner's schemas: they move to
        another one."""
        places = [(owner, address) for address in addresses]
        for address in (address for _, address in places if address.kind == "pool"):
            for home in self._homes.places(owner, address):
                self._move_schemas(home)
        self._forget(places)

    def move(self, owner: Owner, old: Address, new: Address) -> None:
        """The same object under a new address. Raises Conflict when something is owned there."""
        held = self._recorded(owner, old)
        if held is None:
            return
        if self._recorded(owner, new) is not None:
            raise Conflict(f"{old} can not become {new}: something is owned under that address")
        self._forget([(owner, old)])
        self.put([_copied(held, new, held.pool_id)])

    def _recorded(self, owner: Owner, address: Address) -> OwnerRecord | None:
        """What an owner has under an address."""
        waiting = next((r for r in list(self._pending.values()) if (r.owner, r.address) == (owner, address)), None)
        places = self._homes.places(owner, address).items()
        return waiting or next((self._homes.kept_in(home).records[key] for home, key in sorted(places)), None)

    def foreign(self, kind: str, id: str) -> OwnerRecord | None:
        """Whoever owns this object, ourselves included."""
        if (kind, id) in self._pending:
            return self._pending[kind, id]
        found = (self._homes.kept_in(home).records.get((kind, id)) for home in self._homes.holding((kind, id)))
        return next((record for record in found if record is not None), None)

    def owners(self, kind: str) -> dict[str, OwnerRecord]:
        """Remote id -> record, of a kind: for reading many objects."""
        return {record.remote_id: record for record in self._all() if record.address.kind == kind}

    def kept(self) -> list[tuple[Home, Kept]]:
        """What every home holds now."""
        return self._homes.kept()

    @property
    def copied(self) -> list[Home]:
        """The homes whose records are about another object, as far as they were looked at. They count for nothing."""
        return sorted(self._homes.copied)

    def owned_in(self, pool_id: str) -> int:
        """How many users of a pool somebody owns."""
        return sum(1 for kind, _ in self._kept_in(("pool", pool_id)).records if kind == "user")

    def home_of_schema(self, record: OwnerRecord) -> Home | None:
        """Where the record of a schema has its place, as long as a pool of its owner is there."""
        return self._home_of_schema(record, self._our_pools(record.owner))

    # -- what waits for a home

    @property
    def rides_along(self) -> bool:
        """Whether the next pool that is made takes along what is not its own: the lease, or records of schemas."""
        return bool(self._lease) or any(kind == "schema" for kind, _ in list(self._pending))

    def for_new(self, home: Home) -> JsonMap:
        """The reserved map that an object is created with: what waits for it, and the lease where it has no home yet."""
        word, id = home
        waiting = list(self._pending.items())
        kept = Kept({key: record for key, record in waiting if self._belongs(record, home)})
        if word == "pool" and self._pending.get(("pool", id)) is not None:
            owner = self._pending["pool", id].owner
            kept.records.update({k: r for k, r in waiting if k[0] == "schema" and r.owner == owner})
            if self._lease:
                kept.leases[owner_of(self._lease)] = self._lease
        return encoded(kept)

    def was_created(self, home: Home) -> None:
        """What the new object shows of our records no longer waits; the rest is tried again."""
        kept = self._kept_in(home)
        for key in kept.records:
            self._pending.pop(key, None)
        self._placed(kept)
        self._settle_pending(at_once=False)

    def will_be_deleted(self, home: Home) -> None:
        """Records of schemas, and our lease, move to another pool before theirs is gone, so that no crash loses them."""
        self._move_schemas(home)
        for owner, held in self._kept_in(home).leases.items():
            other = self._home_of_lease(owner, home) if held.get("run") == self.run_id else None
            if other is not None:
                self._homes.write(other, lambda there, held=held: self._take(there, held))  # type: ignore[misc]

    def _move_schemas(self, home: Home) -> None:
        kept, ours = self._kept_in(home), functools.cache(self._our_pools)
        moves: dict[Home, list[OwnerRecord]] = {}
        for record in kept.records.values():
            other = self._home_of_schema(record, ours(record.owner), home) if record.address.kind == "schema" else None
            if other is not None:
                moves.setdefault(other, []).append(record)
        for other, records in moves.items():
            self._homes.write(other, lambda there, records=records: self._add(there, records))  # type: ignore[misc]

    def was_deleted(self, home: Home) -> None:
        """Records in it are gone with it; they count until they are dropped, those of schemas look for another home. To be
        called before the object is taken out of what is known of the tenant."""
        gone = self._kept_in(home)
        moved = {key for key in gone.records if self._homes.holding(key) != [home]}
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

    def _home(self, record: OwnerRecord, ours: Callable[[Owner], _OurPools]) -> Home | None:
        kind, pools = record.address.kind, self._tenant.pools()
        if kind == "organization":
            return (kind, record.remote_id) if record.remote_id in self._tenant.organizations() else None
        if kind == "pool":
            return (kind, record.remote_id) if record.remote_id in pools else None
        if kind == "schema":
            return self._home_of_schema(record, ours(record.owner))
        if kind in ("group", "user"):
            id = record.pool_id or self._pool_named(record)
            return ("pool", id) if id in pools else None
        return None

    def _pool_named(self, record: OwnerRecord) -> str:
        name = record.address.container
        pool = self._recorded(record.owner, Address("pool", name))
        return pool.remote_id if pool is not None else name

    def _our_pools(self, owner: Owner) -> _OurPools:
        pools = self._tenant.pools()
        ours = dict.fromkeys(self._homes.pools_of(owner))
        using: dict[str, str] = {}
        for id in ours:
            for value in pools.get(id, {}).values():
                if isinstance(value, str):
                    using.setdefault(value, id)
        return _OurPools(ours, using)

    def _home_of_schema(self, record: OwnerRecord, ours: _OurPools, without: Home | None = None) -> Home | None:
        """Where it is kept already, else a pool of ours that uses it, else one of ours."""
        holding = [id for word, id in self._homes.holding(key_of(record)) if word == "pool" and id in ours.ids]
        used = ours.using.get(record.remote_id)
        wanted = (*holding, *([used] if used is not None else []), *ours.ids)
        return next((("pool", id) for id in wanted if ("pool", id) != without), None)

    def _settle_pending(self, *, at_once: bool = True) -> None:
        """Write what waits and has a home by now, many homes at once unless somebody else does many things already."""
        homes: dict[Home, list[OwnerRecord]] = {}
        ours = functools.cache(self._our_pools)
        for record in list(self._pending.values()):
            home = self._home(record, ours)
            if home is not None:
                homes.setdefault(home, []).append(record)

        def settle(home: Home) -> None:
            records = homes[home]
            added = [_at_home(record, home) for record in records]
            if self._homes.write(home, lambda kept: self._add(kept, added)):
                self._placed(self._kept_in(home))
                for record in records:
                    self._pending.pop(key_of(record), None)

        first = [home for home in homes if self._lease][:1]  # it takes the lease along
        for home in first:
            settle(home)
        rest = [home for home in homes if home not in first]
        if at_once:
            self._tenant.threads.each(settle, rest, meanwhile=self.keep_lease)
        else:
            for home in rest:
                settle(home)

    def _add(self, kept: Kept, records: Sequence[OwnerRecord]) -> None:
        """Into a home; a lease that has none yet goes along, or finds that another run was faster."""
        if self._lease and any(record.owner == owner_of(self._lease) for record in records):
            self._take(kept, self._lease)
        for record in records:
            self._refuse_taken(record, kept.records.get(key_of(record)))
        kept.put(records)

    def _forget(self, places: Iterable[tuple[Owner, Address]], *, but: frozenset[Key] = frozenset()) -> None:
        """Take out what these owners have under these addresses, but for these objects."""
        gone = set(places)
        self._pending = {k: r for k, r in self._pending.items() if k in but or (r.owner, r.address) not in gone}
        homes: dict[Home, set[Key]] = {}
        with self._homes.at_once():
            for owner, address in gone:
                for home, key in self._homes.places(owner, address).items():
                    if key not in but:
                        homes.setdefault(home, set()).add(key)

        def take_out(home: Home) -> None:
            def without(kept: Kept) -> None:
                for key in homes[home]:
                    record = kept.records.get(key)
                    if record is not None and (record.owner, record.address) in gone:
                        del kept.records[key]
                        if key[0] == "user":  # another one of that id gets a message of its own
                            kept.invitations.pop(key[1], None)

            self._homes.write(home, without)

        self._tenant.threads.each(take_out, list(homes), meanwhile=self.keep_lease)

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
        seen = set(self._pending)
        for _, kept in sorted(self._homes.kept(), key=lambda pair: pair[0]):
            yield from (record for key, record in kept.records.items() if key not in seen)
            seen |= {
                key for key in kept.records if key[0] == "schema"
            }  # a crash can leave the record of one in two homes
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
