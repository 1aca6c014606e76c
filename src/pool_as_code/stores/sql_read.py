"""Reading a directory in bulk: one query for a scope's objects with their owners, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..core.address import Address
from ..core.values import as_map, parse_json
from ..directory import identifiers
from ..directory.database import Database
from ..directory.rows import TABLES
from ..resources.live import Observed, Owner, OwnerRecord
from ..resources.rules import fold
from .base import Scope

_OWNER = "o.project, o.environment, o.path, o.protect, o.adopted, o.claimed, o.settled, o.fields"
_SCAN_FROM = 4
"""Of `n` users in reach, a scan is cheaper than look-ups when more than one in this many is wanted."""


def read(db: Database, scope: Scope) -> list[Observed]:
    """The objects of a scope."""
    if scope.kind == "user":
        return _read_users(db, scope)
    if scope.kind == "group":
        where, parameters = _in_pools(db, scope.pools)
        return list(_observed(db, "group", "t.pool_id", where, *parameters))
    where = f"t.kind = '{scope.kind}'" if TABLES[scope.kind] == "containers" else "TRUE"
    return list(_observed(db, scope.kind, "''", where))


def count(db: Database, kind: str, within: frozenset[str] | None) -> int:
    """How many objects of a kind there are; for groups and users: in these pools."""
    if kind in ("group", "user"):
        where, parameters = _in_pools(db, within)
        return int(db.value(f"SELECT count(*) FROM {TABLES[kind]} t WHERE {where}", *parameters))
    where = f"kind = '{kind}'" if TABLES[kind] == "containers" else "TRUE"
    return int(db.value(f"SELECT count(*) FROM {TABLES[kind]} WHERE {where}"))


def _read_users(db: Database, scope: Scope) -> list[Observed]:
    within, parameters = _in_pools(db, scope.pools)
    if scope.everything:
        return list(_observed(db, "user", "t.pool_id", within, *parameters))
    if scope.owner is None and not scope.ids and not scope.identifiers:
        return []
    there = count(db, "user", scope.pools)
    if there == 0:
        return []
    wanted = len(scope.ids) + len(scope.identifiers) + _owned(db, scope.owner)
    if wanted * _SCAN_FROM > there:
        return list(_scan_users(db, scope, within, parameters))
    ids = scope.ids | _holders(db, scope)
    if scope.owner is None:
        return list(
            _observed(
                db, "user", "t.pool_id", f"{within} AND t.id IN {db.dialect.among}", *parameters, db.dialect.texts(ids)
            )
        )
    reach = (
        f"SELECT value FROM {db.dialect.among} AS asked"
        " UNION SELECT remote_id FROM ownership WHERE project = ? AND environment = ? AND kind = 'user'"
    )
    return list(
        _observed(
            db, "user", "t.pool_id", f"{within} AND t.id IN ({reach})", *parameters, db.dialect.texts(ids), *scope.owner
        )
    )


def _scan_users(db: Database, scope: Scope, within: str, parameters: tuple[str, ...]) -> Iterator[Observed]:
    """Both tables from one end to the other: ids are random, so a join of all would jump through the file."""
    ids = scope.ids | _holders_by_scan(db, scope)
    sql, owner = f"SELECT o.remote_id, {_OWNER} FROM ownership o WHERE o.kind = 'user'", scope.owner
    owned = {id: rest for id, *rest in db.each(sql) if id in ids or (owner is not None and (rest[0], rest[1]) == owner)}
    made = _Owners("user")
    for id, pool_id, document, revision in db.each(
        f"SELECT t.id, t.pool_id, t.document, t.revision FROM users t WHERE {within}", *parameters
    ):
        found = owned.pop(id, None)
        if found is not None or id in ids:
            record = made.record(id, found) if found is not None else None
            yield Observed("user", id, document.encode(), pool_id=pool_id, revision=str(revision), owner=record)


def _observed(db: Database, kind: str, pool: str, where: str, *parameters: str) -> Iterator[Observed]:
    sql = (
        f"SELECT t.id, {pool}, t.document, t.revision, {_OWNER} FROM {TABLES[kind]} t"
        f" LEFT JOIN ownership o ON o.kind = '{kind}' AND o.remote_id = t.id WHERE {where}"
    )
    made = _Owners(kind)
    for id, pool_id, document, revision, *found in db.each(sql, *parameters):
        record = made.record(id, found) if found[0] is not None else None
        yield Observed(kind, id, document.encode(), pool_id=pool_id, revision=str(revision), owner=record)


class _Owners:
    """Makes ownership records of one kind from the columns `_OWNER`; records of one owner share it."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._owners: dict[tuple[str, str], Owner] = {}

    def record(self, id: str, found: Sequence[Any]) -> OwnerRecord:
        """The record of an object."""
        project, environment, path, protect, adopted, claimed, settled, fields = found
        owner = self._owners.get((project, environment))
        if owner is None:
            owner = self._owners[project, environment] = Owner(project, environment)
        return OwnerRecord(
            owner,
            Address(self._kind, path),
            id,
            protect=protect != 0,
            adopted=adopted != 0,
            claimed=claimed != 0,
            settled=settled,
            fields=fields,
        )


def _owned(db: Database, owner: Owner | None) -> int:
    if owner is None:
        return 0
    sql = "SELECT count(*) FROM ownership WHERE project = ? AND environment = ? AND kind = 'user'"
    return int(db.value(sql, *owner))


def _keys(db: Database, scope: Scope) -> set[tuple[str, str]]:
    """Pool id and folded value of each identifier asked for; pools that do not exist hold none."""
    if not scope.identifiers:
        return set()
    folding = {
        id: identifiers.ignores_case(as_map(as_map(parse_json(document)).get("spec")))
        for id, document in db.rows(
            f"SELECT id, document FROM pools WHERE id IN {db.dialect.among}",
            db.dialect.texts({key.pool_id for key in scope.identifiers}),
        )
        if scope.pools is None or id in scope.pools
    }
    return {
        (pool_id, fold(value, ignore_case=folding[pool_id]))
        for pool_id, value in scope.identifiers
        if pool_id in folding
    }


def _holders(db: Database, scope: Scope) -> set[str]:
    keys = _keys(db, scope)
    if not keys:
        return set()
    found = db.rows(
        f"SELECT i.user_id FROM {db.dialect.among_pairs} w JOIN user_identifiers i ON i.pool_id = w.first AND i.key = w.second",
        db.dialect.pairs(keys),
    )
    return {user_id for (user_id,) in found}


def _holders_by_scan(db: Database, scope: Scope) -> set[str]:
    keys = _keys(db, scope)
    if not keys:
        return set()
    found = db.each("SELECT pool_id, key, user_id FROM user_identifiers")
    return {user_id for pool_id, key, user_id in found if (pool_id, key) in keys}


def _in_pools(db: Database, within: frozenset[str] | None) -> tuple[str, tuple[str, ...]]:
    if within is None:
        return "TRUE", ()
    return f"t.pool_id IN {db.dialect.among}", (db.dialect.texts(within),)
