"""Ownership records in a directory's own database, in the same transaction as the objects. Runs and the lease: `sql_runs`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ..core.address import Address
from ..core.errors import Conflict
from ..directory.database import ConstraintBroken, Found
from ..resources.live import Owner, OwnerRecord
from .sql_runs import SqlRuns

_COLUMNS = "kind, remote_id, project, environment, path, protect, adopted, claimed, settled, fields"
_INSERT = f"INSERT INTO ownership ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class SqlLedger(SqlRuns):
    """Ownership, the lease and the runs of one directory."""

    def records(self, owner: Owner, kinds: Collection[str] | None = None) -> dict[Address, OwnerRecord]:
        """What this owner owns (of these kinds)."""
        dialect = self._db.dialect
        sql = f"SELECT {_COLUMNS} FROM ownership WHERE project = ? AND environment = ?"
        if kinds is None:
            found = self._db.each(sql, *owner)
        else:
            found = self._db.each(f"{sql} AND kind IN {dialect.among}", *owner, dialect.texts(kinds))
        return {record.address: record for record in map(_record, found)}

    def count(self, owner: Owner, kind: str) -> int:
        """How many objects of a kind this owner owns, whether they are there or not."""
        sql = "SELECT count(*) FROM ownership WHERE project = ? AND environment = ? AND kind = ?"
        return int(self._db.value(sql, *owner, kind))

    def put(self, records: Iterable[OwnerRecord]) -> None:
        """Write these records, all or none. Raises Conflict when one of the objects belongs to somebody else, or to another
        address of the same owner."""
        written = [_row(record) for record in records]
        if not written:
            return
        with self._db.atomic():
            if len(written) > 1 and self._are_new(written):
                return
            try:
                with self._db.atomic():
                    self._delete((Owner(row[2], row[3]), row[0], row[4]) for row in written)
                    self._db.execute_many(_INSERT, written)
            except ConstraintBroken as error:
                raise self._taken(written) from error

    def put_new(self, records: Sequence[OwnerRecord]) -> None:
        """The same, faster, for records of which most likely none is there. For several in a block whose end may raise
        ConstraintBroken: then one was there, or an object belongs to somebody else, and each should be put alone."""
        if len(records) > 1:
            self._db.execute_many(_INSERT, [_row(record) for record in records])
        else:
            self.put(records)

    def drop(self, owner: Owner, addresses: Iterable[Address]) -> None:
        """Forget these; unknown ones are ignored."""
        with self._db.atomic():
            self._delete((owner, address.kind, address.path) for address in addresses)

    def move(self, owner: Owner, old: Address, new: Address) -> None:
        """The same object under a new address. Raises Conflict when something is owned there; no record: nothing happens."""
        try:
            with self._db.atomic():
                self._db.execute(
                    "UPDATE ownership SET kind = ?, path = ? WHERE project = ? AND environment = ? AND kind = ? AND path = ?",
                    *(*new, *owner, *old),
                )
        except ConstraintBroken as error:
            raise Conflict(f"{old} can not become {new}: something is owned under that address") from error

    def foreign(self, kind: str, id: str) -> OwnerRecord | None:
        """Whoever owns this object, ourselves included."""
        found = self._db.row(f"SELECT {_COLUMNS} FROM ownership WHERE kind = ? AND remote_id = ?", *(kind, id))
        return None if found is None else _record(found)

    def _are_new(self, written: Sequence[Found]) -> bool:
        """Write records of which none is there; False where one is: then nothing is written. Looking for each would cost more than
        writing them."""
        kind, _, project, environment, path, *_ = written[0]
        known = "SELECT 1 FROM ownership WHERE project = ? AND environment = ? AND kind = ? AND path = ?"
        try:
            if self._db.row(known, project, environment, kind, path) is None:
                with self._db.atomic():
                    self._db.execute_many(_INSERT, written)
                return True
        except ConstraintBroken:
            pass  # found among them
        return False

    def _delete(self, records: Iterable[tuple[Owner, str, str]]) -> None:
        """Owner, kind and path of each: one statement for all of an owner's records of a kind."""
        paths: dict[tuple[str, str, str], list[str]] = {}
        for owner, kind, path in records:
            paths.setdefault((*owner, kind), []).append(path)
        dialect = self._db.dialect
        for among, several in paths.items():
            self._db.execute(
                f"DELETE FROM ownership WHERE project = ? AND environment = ? AND kind = ? AND path IN {dialect.among}",
                *(*among, dialect.texts(several)),
            )

    def _taken(self, written: Sequence[Found]) -> Conflict:
        """Why these could not be written, as things are without them."""
        replaced = {(project, environment, kind, path) for kind, _, project, environment, path, *_ in written}
        for kind, id, *_ in written:
            record = self.foreign(kind, id)
            if record is not None and (*record.owner, *record.address) not in replaced:
                return Conflict(
                    f"{kind} {id!r} is owned by project {record.owner.project} ({record.owner.environment})"
                    f" as {record.address}",
                    hint="choose another name, or take it over: metadata.adopt: {from: " + record.owner.project + "}",
                )
        return Conflict("the same object stands under two addresses", hint="plan again")


def _row(record: OwnerRecord) -> Found:
    return (
        record.address.kind,
        record.remote_id,
        *record.owner,
        record.address.path,
        int(record.protect),
        int(record.adopted),
        int(record.claimed),
        record.settled,
        record.fields_json.decode(),
    )


def _record(found: Found) -> OwnerRecord:
    kind, remote_id, project, environment, path, protect, adopted, claimed, settled, fields = found
    return OwnerRecord(
        Owner(project, environment),
        Address(kind, path),
        remote_id,
        protect=protect != 0,
        adopted=adopted != 0,
        claimed=claimed != 0,
        settled=settled,
        fields=fields,
    )
