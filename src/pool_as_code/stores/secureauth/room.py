"""Whether the metadata of pools has room for the ownership records that a plan will leave there, by writing them down as they will
be written. Nothing is sent but what reading sends."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from ...core.address import Address
from ...core.values import JsonMap
from ...resources.live import Owner, OwnerRecord
from ..base import Overfull
from .homes import Home
from .kept import LARGEST, Kept, key_of, owner_of, size_of
from .ledger import ServiceLedger
from .tenant import Tenant

_LEASE: JsonMap = dict.fromkeys(("run", "project", "environment", "by", "started", "until"), "0123456789abcdef" * 2)
_DUE = "due?code_type_in_message=code"


@dataclass
class _Room:
    """One home. `fullest` is the largest size that it comes to, `grown` that it got records since it was weighed."""

    records: dict[tuple[Owner, Address], OwnerRecord] = field(default_factory=dict)
    invitations: dict[str, str] = field(default_factory=dict)
    fullest: tuple[int, int] = (0, 0)
    grown: bool = False

    def weigh(self) -> None:
        if self.grown:
            kept = Kept(
                {key_of(record): record for record in self.records.values()},
                {owner_of(_LEASE): _LEASE},
                self.invitations,
            )
            self.fullest = max(self.fullest, (size_of(kept), len(self.records)))
            self.grown = False


def overfull(
    ledger: ServiceLedger,
    tenant: Tenant,
    owner: Owner,
    steps: Sequence[OwnerRecord | Address],
    invited: Collection[tuple[str, str]],
) -> tuple[Overfull, ...]:
    """The homes that become too small on the way, not only at its end: what goes later takes room until then."""
    rooms: dict[Home, _Room] = {}
    places: dict[Address, Home] = {}
    for home, kept in ledger.kept():
        room = rooms[home] = _Room(invitations=dict(kept.invitations))
        room.records = {(record.owner, record.address): record for record in kept.records.values()}
        places.update({address: home for of, address in room.records if of == owner})
    first = next((home for home in _pools(steps, tenant)), None)
    for step in steps:
        address = step if isinstance(step, Address) else step.address
        before = places.get(address)
        if isinstance(step, Address):
            if before is not None:
                rooms[before].weigh()
                rooms[before].records.pop((owner, address), None)
            continue
        place = before if address.kind == "schema" and before else _home(ledger, step, first)
        if place is None:
            continue
        if before is not None and before != place:
            rooms[before].records.pop((owner, address), None)
        room = rooms.setdefault(place, _Room())
        room.records[owner, address], room.grown = step, True
        places[address] = place
    for pool_id, user_id in invited:
        room = rooms.setdefault(("pool", pool_id), _Room())
        room.invitations.setdefault(user_id, _DUE)
        room.grown = True
    for room in rooms.values():
        room.weigh()
    return tuple(
        Overfull(*home, records=room.fullest[1], size=room.fullest[0], largest=LARGEST)
        for home, room in rooms.items()
        if room.fullest[0] > LARGEST
    )


def _pools(steps: Sequence[OwnerRecord | Address], tenant: Tenant) -> Iterator[Home]:
    """The pools that come about, in their order."""
    there = tenant.pools()
    for step in steps:
        if isinstance(step, OwnerRecord) and step.address.kind == "pool" and step.remote_id not in there:
            yield "pool", step.remote_id


def _home(ledger: ServiceLedger, record: OwnerRecord, first: Home | None) -> Home | None:
    """Where a record is written; that of a schema without a pool of ours goes along with the first one that is made."""
    match record.address.kind:
        case "group" | "user":
            return "pool", record.pool_id
        case "schema":
            return ledger.home_of_schema(record) or first
        case "workspace":
            return None
    return record.address.kind, record.remote_id
