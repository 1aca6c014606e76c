"""Objects as they are stored, with their times, and the ETags that guard them.

An ETag names the revision and the moment of creation: an object that was deleted and made again does not match an old one.
"""

from __future__ import annotations

from typing import NamedTuple

from ..core.errors import NotFound
from ..core.values import JsonMap, JsonValue, digest
from ..directory.directory import Directory
from ..directory.rows import TABLES, Row
from .call import Answer, Call
from .problems import Problem


class Stored(NamedTuple):
    """A row and its times (RFC 3339)."""

    row: Row
    created_at: str
    updated_at: str

    @property
    def id(self) -> str:
        """Its id."""
        return self.row.id

    @property
    def etag(self) -> str:
        """What If-Match must name."""
        return f'"{self.row.revision}-{digest(self.created_at)[:8]}"'


def columns(kind: str, alias: str = "t") -> str:
    """The columns that `stored` reads, for a query over the kind's table under this alias."""
    pool = f"{alias}.pool_id" if kind in ("group", "user") else "''"
    return f"{alias}.id, {pool}, {alias}.document, {alias}.revision, {alias}.created_at, {alias}.updated_at"


def stored(kind: str, found: tuple[object, ...]) -> Stored:
    """The object of one row of such a query."""
    id, pool_id, document, revision, created_at, updated_at = found
    row = Row(kind, str(id), str(pool_id), str(document), int(str(revision)))
    return Stored(row, str(created_at), str(updated_at))


def find(directory: Directory, kind: str, id: str, pool_id: str = "") -> Stored | None:
    """An object by id (of this pool), or None."""
    where = "t.id = ?" if kind not in ("workspace", "organization") else f"t.id = ? AND t.kind = '{kind}'"
    found = directory.db.row(f"SELECT {columns(kind)} FROM {TABLES[kind]} t WHERE {where}", id)
    if found is None or (pool_id and found[1] != pool_id):
        return None
    return stored(kind, found)


def require(directory: Directory, kind: str, id: str, pool_id: str = "") -> Stored:
    """An object by id (of this pool). Raises NotFound."""
    found = find(directory, kind, id, pool_id)
    if found is None:
        raise NotFound(f"{kind} {id!r} does not exist")
    return found


def is_active(directory: Directory, pool_id: str, user_id: str) -> bool:
    """Whether there is such a user, who may sign in."""
    found = find(directory, "user", user_id, pool_id)
    return found is not None and found.row.spec.get("status") == "active"


def matching(call: Call, kind: str, id: str, pool_id: str = "") -> Stored:
    """An object, at a revision that the request's If-Match names. Raises NotFound, and Problem 412."""
    found = require(call.directory, kind, id, pool_id)
    wanted = call.headers.get("if-match", "").strip()
    if wanted and wanted != "*":
        named = {tag.strip().removeprefix("W/").strip('"') for tag in wanted.split(",")}
        if found.etag.strip('"') not in named:
            raise Problem(412, f"the {kind} is not the one that If-Match names", hint="read it again")
    return found


def shown(found: Stored, body: JsonValue, status: int = 200) -> Answer:
    """An answer about one object, with its ETag."""
    return Answer(status, body, {"etag": found.etag})


def without_empty(body: JsonMap) -> JsonMap:
    """The members that say something: the service leaves empty ones out."""
    return {key: value for key, value in body.items() if value not in (None, "")}
