"""Objects as rows: one document with a revision each, whatever the kind. What a document may hold is up to each noun's
room."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from ..core.errors import Conflict, NotFound, Rejected
from ..core.values import JsonMap, as_map, canonical, parse_json
from .database import Database

TABLES = {
    "workspace": "containers",
    "organization": "containers",
    "schema": "schemas",
    "pool": "pools",
    "group": "user_groups",
    "user": "users",
}
"""Kind word -> its table."""

STORED_METADATA = ("workspace", "organization", "parent", "system")
"""What of an object's metadata a directory keeps; the rest is between a manifest and the engine."""

_MAX_ID = 128
_ROOM = 8
"""Levels of JSON that a document leaves free of those that can be written: it stands deeper in lists and dumps than by itself."""
_ID = re.compile(r"[^\s/\x00-\x1f\x7f\ud800-\udfff]{1,128}\Z")

Keys = Mapping[str, str | None]
"""Column -> value, of the columns that a kind's own table has."""


class Row(NamedTuple):
    """One object as it is stored. `document` is canonical JSON of `{"metadata": ..., "spec": ...}`."""

    kind: str
    id: str
    pool_id: str
    document: str
    revision: int

    @property
    def body(self) -> JsonMap:
        """The document, decoded anew: the caller may change it."""
        return as_map(parse_json(self.document))

    @property
    def spec(self) -> JsonMap:
        """The settings, decoded anew."""
        return as_map(self.body.get("spec"))

    @property
    def metadata(self) -> JsonMap:
        """The stored metadata, decoded anew."""
        return as_map(self.body.get("metadata"))


def find(db: Database, kind: str, id: str) -> Row | None:
    """The object of a kind and id, or None."""
    found = db.row(_SELECT[kind], id)
    return None if found is None else Row(kind, *found)


def require(db: Database, kind: str, id: str, *, pool_id: str = "", revision: str = "") -> Row:
    """The object, in this pool and at this revision where they are given. Raises NotFound or Conflict."""
    row = find(db, kind, id)
    if row is None or (pool_id and row.pool_id != pool_id):
        raise NotFound(f"{kind} {id!r} does not exist")
    if revision and revision != str(row.revision):
        raise Conflict(
            f"{kind} {id!r} has moved: revision {revision} was read, it is at {row.revision} now",
            hint="plan again to see what has changed",
        )
    return row


def check_new_id(db: Database, kind: str, id: str) -> None:
    """Raises Rejected for an id that can not be one, Conflict when it is taken."""
    check_id(kind, id)
    if db.row(f"SELECT 1 FROM {TABLES[kind]} WHERE id = ?", id) is not None:
        raise Conflict(f"the id {id!r} is taken by another {kind}")


def check_id(kind: str, id: str) -> None:
    """Raises Rejected for an id that can not be one."""
    if not _ID.match(id):
        raise Rejected(
            f"not an id for a {kind}", hint=f"1 to {_MAX_ID} printable characters without spaces and slashes"
        )


def document(metadata: Mapping[str, object], spec: Mapping[str, object]) -> str:
    """The bytes of a document. Raises Rejected for values that JSON can not hold."""
    kept = {key: metadata[key] for key in STORED_METADATA if metadata.get(key)} if metadata else {}
    try:
        return canonical([[[[[[[[{"metadata": kept, "spec": spec}]]]]]]]])[_ROOM:-_ROOM].decode()
    except TypeError as error:
        raise Rejected(f"a value that JSON can not hold: {error}") from error


def insert(db: Database, kind: str, id: str, text: str, moment: str, keys: Keys | None = None) -> Row:
    """A new row; `keys` are the table's own columns. The id was checked."""
    keys = keys or {}
    columns = ["id", *keys, "document", "revision", "created_at", "updated_at"]
    marks = ", ".join("?" * len(columns))
    db.execute(
        f"INSERT INTO {TABLES[kind]} ({', '.join(columns)}) VALUES ({marks})",
        *(id, *keys.values(), text, 1, moment, moment),
    )
    return Row(kind, id, keys.get("pool_id") or "", text, 1)


def save(db: Database, row: Row, text: str, moment: str, keys: Keys | None = None) -> Row:
    """A changed document under the next revision; an equal one is left alone. Raises Conflict when it moved meanwhile."""
    if text == row.document:
        return row
    keys = keys or {}
    assigned = "".join(f"{column} = ?, " for column in keys)
    met = db.execute(
        f"UPDATE {TABLES[row.kind]} SET {assigned}document = ?, revision = ?, updated_at = ? WHERE id = ? AND revision = ?",
        *(*keys.values(), text, row.revision + 1, moment, row.id, row.revision),
    )
    if met != 1:
        raise Conflict(f"{row.kind} {row.id!r} was changed by somebody else at the same time", hint="run again")
    return row._replace(document=text, revision=row.revision + 1)


def touch(db: Database, kind: str, id: str, moment: str) -> None:
    """The next revision of an object whose document stays: its credentials or what hangs on it have changed."""
    db.execute(f"UPDATE {TABLES[kind]} SET revision = revision + 1, updated_at = ? WHERE id = ?", moment, id)


def remove(db: Database, row: Row) -> None:
    """Take the row out; what refers to it was dealt with."""
    db.execute(f"DELETE FROM {TABLES[row.kind]} WHERE id = ?", row.id)


def _select(kind: str) -> str:
    pool = "pool_id" if kind in ("group", "user") else "''"
    where = f" AND kind = '{kind}'" if TABLES[kind] == "containers" else ""
    return f"SELECT id, {pool}, document, revision FROM {TABLES[kind]} WHERE id = ?{where}"


_SELECT = {kind: _select(kind) for kind in TABLES}
