"""Groups of a pool's users: nested without rings, names unique below one parent, never deleted while something is in them."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import Conflict, NotFound, Rejected
from ..core.fieldpath import FieldPath
from ..core.values import JsonMap, JsonValue, as_map
from ..resources import group as kind
from ..resources.patch import apply_writes, document_shape
from . import rows
from .directory import Directory
from .rows import Row

Writes = Sequence[tuple[FieldPath, JsonValue]]


def create(directory: Directory, id: str, pool_id: str, metadata: JsonMap, spec: JsonMap) -> Row:
    """A new group. `metadata.name`, where it is given, is its display name if it declares none.

    Raises Conflict for a taken id or name, NotFound when its pool or parent is not there.
    """
    with directory.change() as moment:
        rows.check_new_id(directory.db, "group", id)
        rows.require(directory.db, "pool", pool_id)
        parent = _parent_of(directory, pool_id, metadata)
        chosen = _with_choices(str(metadata.get("name") or id), spec)
        name = _check_name(directory, id, pool_id, parent, chosen)
        text = rows.document(metadata, chosen)
        return rows.insert(
            directory.db, "group", id, text, moment, {"pool_id": pool_id, "parent_id": parent, "name": name}
        )


def update(directory: Directory, id: str, pool_id: str, writes: Writes, *, revision: str = "") -> Row:
    """Write fields; `metadata.parent` moves the group. Raises Rejected for a ring."""
    with directory.change() as moment:
        row = rows.require(directory.db, "group", id, pool_id=pool_id, revision=revision)
        body = apply_writes(document_shape(kind.KIND), row.body, writes)
        metadata = as_map(body.get("metadata"))
        parent = _parent_of(directory, row.pool_id, metadata)
        if parent is not None and id in _with_ancestors(directory, parent):
            raise Rejected(f"group {id!r} would stand inside itself", hint="choose a parent that is not below it")
        chosen = _with_choices(id, as_map(body.get("spec")))
        name = _check_name(directory, id, row.pool_id, parent, chosen)
        return rows.save(
            directory.db, row, rows.document(metadata, chosen), moment, {"parent_id": parent, "name": name}
        )


def delete(directory: Directory, id: str, pool_id: str, *, revision: str = "") -> None:
    """Raises Conflict while it has groups below it or members."""
    with directory.change():
        row = rows.require(directory.db, "group", id, pool_id=pool_id, revision=revision)
        for sql, what in (
            ("SELECT count(*) FROM user_groups WHERE parent_id = ?", "group"),
            ("SELECT count(*) FROM group_members WHERE group_id = ?", "member"),
        ):
            count = directory.db.value(sql, id)
            if count:
                raise Conflict(
                    f"group {id!r} still has {count} {what}{'' if count == 1 else 's'}",
                    hint=f"remove the {what}s first, or delete the whole pool",
                )
        rows.remove(directory.db, row)


def ids_of_pool(directory: Directory, pool_id: str) -> set[str]:
    """The ids of all groups of a pool."""
    return {id for (id,) in directory.db.rows("SELECT id FROM user_groups WHERE pool_id = ?", pool_id)}


def members_of(directory: Directory, id: str, *, nested: bool = False) -> list[str]:
    """The ids of a group's users; with `nested` those of the groups below it too, each once."""
    groups = "?" if not nested else _BELOW
    found = directory.db.rows(
        f"SELECT DISTINCT user_id FROM group_members WHERE group_id IN ({groups}) ORDER BY user_id", id
    )
    return [user_id for (user_id,) in found]


def _parent_of(directory: Directory, pool_id: str, metadata: JsonMap) -> str | None:
    parent = metadata.get("parent")
    if parent is None:
        return None
    found = rows.find(directory.db, "group", str(parent))
    if found is None or found.pool_id != pool_id:
        raise NotFound(f"pool {pool_id!r} has no group {parent!r} to be the parent", hint="create the parent first")
    return found.id


def _with_ancestors(directory: Directory, id: str) -> set[str]:
    found = directory.db.rows(
        "WITH RECURSIVE above (id) AS (SELECT id FROM user_groups WHERE id = ? UNION SELECT g.parent_id FROM"
        " user_groups g JOIN above ON g.id = above.id WHERE g.parent_id IS NOT NULL) SELECT id FROM above",
        id,
    )
    return {ancestor for (ancestor,) in found}


def _with_choices(name: str, spec: JsonMap) -> JsonMap:
    return spec if spec.get("displayName") is not None else {**spec, "displayName": name}


def _check_name(directory: Directory, id: str, pool_id: str, parent: str | None, spec: JsonMap) -> str:
    name = str(spec["displayName"])
    others = directory.db.rows(
        "SELECT parent_id FROM user_groups WHERE pool_id = ? AND name = ? AND id <> ?", *(pool_id, name, id)
    )
    if (parent,) in others:
        raise Conflict(
            "another group below the same parent has this display name", hint="give one of them another displayName"
        )
    return name


_BELOW = (
    "WITH RECURSIVE below (id) AS (SELECT id FROM user_groups WHERE id = ? UNION"
    " SELECT g.id FROM user_groups g JOIN below ON g.parent_id = below.id) SELECT id FROM below"
)
