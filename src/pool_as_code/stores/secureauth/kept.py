"""What we keep in an object's own metadata map under the reserved key, as a value: ownership records, the lease, invitations.
Values in, values out; reading and writing them is the ledger's.

    {"version": 1, "records": [[PROJECT, ENVIRONMENT, ADDRESS, ID, FLAGS, SETTLED, {FIELD: DIGEST}], ...],
     "leases": [{"run", "project", "environment", "by", "started", "until"}],
     "invitations": {USER ID: "due?HOW IT IS SENT" | "intent" | "sent" | "refused"}}

Above a few KiB the records are packed (zlib, base64). No names of people, no values: digests and ids only.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...core.address import Address
from ...core.errors import Conflict, Rejected, Unavailable
from ...core.values import JsonMap, JsonValue, as_list, as_map, canonical, parse_json
from ...resources.live import Owner, OwnerRecord

VERSION = 1
LARGEST = 256 * 1024  # bytes of one map
_PACK_FROM = 8 * 1024
_UNPACKED = 64 * LARGEST
_PROTECT, _ADOPTED, _CLAIMED = 1, 2, 4

Key = tuple[str, str]
"""Kind word and remote id."""


@dataclass(slots=True)
class Kept:
    """The contents of one reserved map."""

    records: dict[Key, OwnerRecord] = field(default_factory=dict)
    leases: dict[Owner, JsonMap] = field(default_factory=dict)
    invitations: dict[str, str] = field(default_factory=dict)

    def put(self, records: Iterable[OwnerRecord]) -> None:
        """Add records; what their owners had under those addresses goes."""
        added = {(record.owner, record.address): record for record in records}
        stay = {key: record for key, record in self.records.items() if (record.owner, record.address) not in added}
        self.records = stay | {key_of(record): record for record in added.values()}

    def copy(self) -> Kept:
        """The same, to be changed. Records are not: they are replaced."""
        return Kept({**self.records}, {**self.leases}, {**self.invitations})

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not (self.records or self.leases or self.invitations)


def key_of(record: OwnerRecord) -> Key:
    """What a record is about."""
    return record.address.kind, record.remote_id


def owner_of(lease: JsonMap) -> Owner:
    """Whose run holds a lease."""
    return Owner(str(lease.get("project")), str(lease.get("environment")))


def encoded(kept: Kept) -> JsonMap:
    """The reserved map; empty where there is nothing to keep. Raises Rejected when it would be too large."""
    body = _body(kept)
    size = len(canonical(body))
    if size > LARGEST:
        raise Rejected(
            f"ownership-full: the records of {len(kept.records):,} objects need {size:,} bytes, and a pool may hold {LARGEST:,}",
            hint="declare fewer users one by one; many users belong into bulk import",
        )
    return body


def size_of(kept: Kept) -> int:
    """How many bytes the reserved map takes, whether it fits or not."""
    return len(canonical(_body(kept)))


def _body(kept: Kept) -> JsonMap:
    if kept.is_empty:
        return {}
    rows: list[JsonValue] = [_row(kept.records[key]) for key in sorted(kept.records)]
    body: JsonMap = {"version": VERSION}
    if rows:
        text = canonical(rows)
        if len(text) > _PACK_FROM:
            body["packed"] = base64.b64encode(zlib.compress(text, 9)).decode()
        else:
            body["records"] = rows
    if kept.leases:
        body["leases"] = [kept.leases[owner] for owner in sorted(kept.leases)]
    if kept.invitations:
        body["invitations"] = {**kept.invitations}
    return body


def decoded(value: JsonValue, pool_id: str = "") -> Kept:
    """What a reserved map holds. `pool_id` is told to the records of groups and users. Raises Unavailable for one that a newer
    version wrote, or that can not be read: it must not be overwritten."""
    body = as_map(value)
    if not body:
        return Kept()
    if body.get("version") != VERSION:
        raise Unavailable(
            "its ownership records are of a version that this program does not know", hint="use the newest pool-as-code"
        )
    rows = as_list(body.get("records"))
    if isinstance(packed := body.get("packed"), str):
        rows = _unpacked(packed)
    records = [_record(as_list(row), pool_id) for row in rows]
    leases = {owner_of(held): held for held in map(as_map, as_list(body.get("leases")))}
    invitations = {id: str(state) for id, state in as_map(body.get("invitations")).items()}
    return Kept({key_of(record): record for record in records}, leases, invitations)


def merged(metadata: JsonMap, key: str, kept: Kept) -> JsonMap:
    """A metadata map with our part replaced, everything else as it was."""
    rest = {name: value for name, value in metadata.items() if name != key}
    ours = encoded(kept)
    return {**rest, key: ours} if ours else rest


def addressed(records: Iterable[OwnerRecord], owner: Owner) -> dict[Address, OwnerRecord]:
    """An owner's records by address. Raises Conflict where two objects say that they are the same one: nobody can tell which of
    them it is, and whoever may write an object's metadata can write that."""
    found: dict[Address, OwnerRecord] = {}
    for record in records:
        if record.owner == owner:
            other = found.setdefault(record.address, record)
            if (other.remote_id, other.pool_id) != (record.remote_id, record.pool_id):
                places = " and ".join(sorted(_place(one) for one in (other, record)))
                raise Conflict(
                    f"two objects are recorded as {record.address} of this project: {places}",
                    hint="look at the key pool-as-code in their metadata, and take it out of the one that is not yours",
                )
    return found


def credible(kept: Kept, home: Key) -> Kept | None:
    """What an object may say in its metadata: who owns itself; of a pool also who owns its groups and users, and its owner's
    schemas. None for a map that is about another pool or organization: it was copied along from there, or somebody wants to
    speak for an object that is not his."""
    if any(key != home and key[0] in ("pool", "organization") for key in kept.records):
        return None
    if home[0] != "pool":
        kept.records = {key: record for key, record in kept.records.items() if key == home}
        return kept
    own = kept.records.get(home)
    strange = [
        key for key, record in kept.records.items() if key[0] == "schema" and (own is None or record.owner != own.owner)
    ]
    for key in strange:
        del kept.records[key]
    return kept


def _place(record: OwnerRecord) -> str:
    inside = f" in pool {record.pool_id}" if record.pool_id else ""
    return f"{record.address.kind} {record.remote_id}{inside}"


def _row(record: OwnerRecord) -> JsonValue:
    flags = _PROTECT * record.protect | _ADOPTED * record.adopted | _CLAIMED * record.claimed
    return [*record.owner, str(record.address), record.remote_id, flags, record.settled, {**record.fields}]


def _record(row: list[JsonValue], pool_id: str) -> OwnerRecord:
    try:
        project, environment, address, remote_id, flags, settled, fields = row
        at, bits = Address.parse(str(address)), flags if isinstance(flags, int) else 0
    except ValueError:
        raise Unavailable("its ownership records can not be read", hint="look at its metadata in the console") from None
    return OwnerRecord(
        Owner(str(project), str(environment)),
        at,
        str(remote_id),
        protect=bool(bits & _PROTECT),
        adopted=bool(bits & _ADOPTED),
        claimed=bool(bits & _CLAIMED),
        settled=str(settled),
        fields={name: str(digest) for name, digest in as_map(fields).items()},
        pool_id=pool_id if at.kind in ("group", "user") else "",
    )


def _unpacked(text: str) -> list[JsonValue]:
    try:
        unpacking = zlib.decompressobj()
        found = unpacking.decompress(base64.b64decode(text, validate=True), _UNPACKED)
        if unpacking.unconsumed_tail:
            raise ValueError("it unpacks to more than it could hold")
        return as_list(parse_json(found))
    except (binascii.Error, zlib.error, ValueError):
        raise Unavailable("its ownership records can not be read", hint="look at its metadata in the console") from None
