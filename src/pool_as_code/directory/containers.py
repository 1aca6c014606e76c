"""Workspaces and organizations: what pools live in. They isolate: see `pools.visible_to`."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import Conflict, NotFound, Rejected
from ..core.fieldpath import FieldPath
from ..core.values import JsonMap, JsonValue, as_map
from ..resources import registry
from ..resources.patch import apply_writes, document_shape
from ..resources.pool.sign_in import METHODS
from . import rows
from .directory import Directory
from .rows import Row

Writes = Sequence[tuple[FieldPath, JsonValue]]


def create(directory: Directory, kind: str, id: str, metadata: JsonMap, spec: JsonMap) -> Row:
    """A new workspace or organization. Raises Conflict for a taken id, NotFound for a parent that is not there."""
    with directory.change() as moment:
        rows.check_new_id(directory.db, kind, id)
        parent = _parent_of(directory, kind, metadata)
        text = rows.document(metadata, _with_choices(directory, id, parent, spec))
        return rows.insert(directory.db, kind, id, text, moment, {"kind": kind, "parent_id": parent})


def update(directory: Directory, kind: str, id: str, writes: Writes, *, revision: str = "") -> Row:
    """Write fields. The parent stays for ever."""
    with directory.change() as moment:
        row = rows.require(directory.db, kind, id, revision=revision)
        before = row.metadata
        body = apply_writes(document_shape(registry.by_word()[kind]), row.body, writes)
        metadata = as_map(body.get("metadata"))
        if metadata.get("parent") != before.get("parent"):
            raise Rejected(f"the parent of {kind} {id!r} can not change", hint="make a new one and move its pools")
        spec = _with_choices(directory, id, _parent_of(directory, kind, metadata), as_map(body.get("spec")))
        return rows.save(directory.db, row, rows.document(metadata, spec), moment)


def delete(directory: Directory, kind: str, id: str, *, revision: str = "") -> None:
    """Raises Conflict while pools or organizations are in it, or pools sign in at it."""
    with directory.change():
        row = rows.require(directory.db, kind, id, revision=revision)
        for sql, what in _IN_USE:
            count = directory.db.value(sql, id)
            if count:
                raise Conflict(
                    f"{kind} {id!r} is in use: {count} {what}{'' if count == 1 else 's'}",
                    hint=f"delete or move the {what}s first",
                )
        rows.remove(directory.db, row)


def require_any(directory: Directory, id: str) -> None:
    """Raises NotFound when no workspace or organization has this id."""
    if directory.db.row("SELECT 1 FROM containers WHERE id = ?", id) is None:
        raise NotFound(f"there is no workspace or organization {id!r}", hint=f"declare kind: Workspace with name {id}")


def require_kind(directory: Directory, kind: str, id: str) -> None:
    """Raises NotFound, with a next step, when there is no such workspace or organization."""
    if rows.find(directory.db, kind, id) is None:
        raise NotFound(
            f"{kind} {id!r} does not exist", hint=f"declare it: kind: {kind.capitalize()}, metadata: {{name: {id}}}"
        )


def _parent_of(directory: Directory, kind: str, metadata: JsonMap) -> str | None:
    parent = metadata.get("parent")
    if parent is None:
        return None
    if kind == "workspace":
        raise Rejected("a workspace has no parent")
    require_any(directory, str(parent))
    return str(parent)


def _with_choices(directory: Directory, id: str, parent: str | None, spec: JsonMap) -> JsonMap:
    """The settings with those that the directory chooses: the name, and the parent's methods (or all)."""
    chosen: JsonMap = dict(spec)
    if chosen.get("displayName") is None:
        chosen["displayName"] = id
    if chosen.get("allowedMethods") is None:
        inherited: JsonValue = None
        if parent is not None:
            found = directory.db.value("SELECT document FROM containers WHERE id = ?", parent)
            inherited = Row("", parent, "", found, 0).spec.get("allowedMethods") if found else None
        chosen["allowedMethods"] = list(METHODS) if inherited is None else inherited
    return chosen


_IN_USE = (
    ("SELECT count(*) FROM pools WHERE container_id = ?", "pool"),
    ("SELECT count(*) FROM containers WHERE parent_id = ?", "organization"),
    ("SELECT count(*) FROM pool_sign_in WHERE container_id = ?", "pool that sign its users in there"),
)
