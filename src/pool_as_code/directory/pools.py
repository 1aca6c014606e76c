"""Pools: their settings, where they live, who may see them, and what goes when one is deleted."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import NotFound, Rejected
from ..core.fieldpath import FieldPath
from ..core.values import JsonMap, JsonValue, as_list, as_map
from ..resources import pool as kind
from ..resources.patch import apply_writes, document_shape
from . import containers, identifiers, rows, schemas
from .directory import Directory
from .pool_choices import with_choices
from .rows import Row
from .tables import OF_A_USER

Writes = Sequence[tuple[FieldPath, JsonValue]]


def create(directory: Directory, id: str, metadata: JsonMap, spec: JsonMap) -> Row:
    """A new pool. Raises Conflict for a taken id, NotFound when its workspace, organization or a schema is not there."""
    with directory.change() as moment:
        rows.check_new_id(directory.db, "pool", id)
        container = _container_of(directory, metadata)
        chosen = with_choices(id, container, spec)
        text = rows.document(metadata, chosen)
        row = rows.insert(directory.db, "pool", id, text, moment, {"container_id": container})
        _write_references(directory, id, chosen)
        return row


def update(directory: Directory, id: str, writes: Writes, *, revision: str = "") -> Row:
    """Write fields. Raises Rejected when identifiers would collide without their case, or the pool would move."""
    with directory.change() as moment:
        row = rows.require(directory.db, "pool", id, revision=revision)
        before = row.body
        body = apply_writes(document_shape(kind.KIND), before, writes)
        metadata = as_map(body.get("metadata"))
        if metadata != as_map(before.get("metadata")):
            raise Rejected(f"pool {id!r} can not move to another workspace", hint="make a new pool")
        chosen = with_choices(id, _container_of(directory, metadata), as_map(body.get("spec")))
        folded = identifiers.ignores_case(chosen)
        if folded != identifiers.ignores_case(as_map(before.get("spec"))):
            identifiers.refold_pool(directory, id, ignore_case=folded)
        saved = rows.save(directory.db, row, rows.document(metadata, chosen), moment)
        if saved is not row:
            _write_references(directory, id, chosen)
        return saved


def delete(directory: Directory, id: str, *, revision: str = "") -> None:
    """Delete a pool with all its users and groups."""
    with directory.change():
        row = rows.require(directory.db, "pool", id, revision=revision)
        for table in OF_A_USER:
            directory.db.execute(f"DELETE FROM {table} WHERE user_id IN (SELECT id FROM users WHERE pool_id = ?)", id)
        for table in ("user_identifiers", "verified_addresses"):
            directory.db.execute(f"DELETE FROM {table} WHERE pool_id = ?", id)
        in_groups = "group_id IN (SELECT id FROM user_groups WHERE pool_id = ?)"
        directory.db.execute(f"DELETE FROM group_members WHERE {in_groups}", id)
        directory.db.execute("DELETE FROM users WHERE pool_id = ?", id)
        directory.db.execute("UPDATE user_groups SET parent_id = NULL WHERE pool_id = ?", id)
        directory.db.execute("DELETE FROM user_groups WHERE pool_id = ?", id)
        for table in ("pool_schemas", "pool_sign_in"):
            directory.db.execute(f"DELETE FROM {table} WHERE pool_id = ?", id)
        rows.remove(directory.db, row)


def visible_to(directory: Directory, container: str | None) -> list[str]:
    """The ids of the pools that a workspace or organization sees: its own, and those that sign in there.

    None is the tenant's own view: all of them.
    """
    if container is None:
        found = directory.db.rows("SELECT id FROM pools ORDER BY id")
    else:
        found = directory.db.rows(
            "SELECT id FROM pools WHERE container_id = ? UNION SELECT pool_id FROM pool_sign_in WHERE container_id = ?"
            " ORDER BY 1",
            *(container, container),
        )
    return [id for (id,) in found]


def require_visible(directory: Directory, id: str, container: str | None) -> Row:
    """The pool, or NotFound: for one that others own just as for one that does not exist."""
    if container is not None and id not in visible_to(directory, container):
        raise NotFound(f"pool {id!r} does not exist")
    return rows.require(directory.db, "pool", id)


def _container_of(directory: Directory, metadata: JsonMap) -> str | None:
    found = [(word, str(metadata[word])) for word in ("workspace", "organization") if metadata.get(word)]
    if len(found) > 1:
        raise Rejected("a pool lives in a workspace or in an organization, not in both")
    for word, id in found:
        containers.require_kind(directory, word, id)
        return id
    return None


def _write_references(directory: Directory, id: str, spec: JsonMap) -> None:
    """What the settings refer to, where the database can guard it. Raises NotFound for what is not there."""
    roles = [(role, str(schema)) for role, schema in as_map(spec.get("schemas")).items() if schema is not None]
    schemas.require_all(directory, [schema for _, schema in roles])
    places = sorted({str(place) for place in as_list(spec.get("signInAt"))})
    for place in places:
        containers.require_any(directory, place)
    db = directory.db
    db.execute("DELETE FROM pool_schemas WHERE pool_id = ?", id)
    db.execute("DELETE FROM pool_sign_in WHERE pool_id = ?", id)
    db.execute_many(
        "INSERT INTO pool_schemas (pool_id, role, schema_id) VALUES (?, ?, ?)",
        [(id, role, schema) for role, schema in roles],
    )
    db.execute_many("INSERT INTO pool_sign_in (pool_id, container_id) VALUES (?, ?)", [(id, place) for place in places])
