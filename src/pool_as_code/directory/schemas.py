"""Schemas: what users' attribute maps must fit. A schema in use can not be deleted, a system schema not even edited."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import Conflict, NotFound, Rejected
from ..core.fieldpath import FieldPath, format_path
from ..core.values import JsonMap, JsonValue, as_map
from ..resources import schema as kind
from ..resources.patch import apply_writes, document_shape
from ..resources.rules import AttributeCheck, attribute_check
from ..resources.schema_subset import subset_problems
from . import rows
from .directory import Directory
from .rows import Row

Writes = Sequence[tuple[FieldPath, JsonValue]]


def create(directory: Directory, id: str, metadata: JsonMap, spec: JsonMap) -> Row:
    """A new schema. Raises Conflict for a taken id, Rejected for a schema outside the service's subset."""
    with directory.change() as moment:
        rows.check_new_id(directory.db, "schema", id)
        return rows.insert(directory.db, "schema", id, rows.document(metadata, _checked(id, spec)), moment)


def update(directory: Directory, id: str, writes: Writes, *, revision: str = "") -> Row:
    """Write fields. Users who do not fit the new schema stay as they are until somebody writes their attributes."""
    with directory.change() as moment:
        row = _editable(directory, id, revision)
        body = apply_writes(document_shape(kind.KIND), row.body, writes)
        metadata = as_map(body.get("metadata"))
        if metadata.get("system"):
            raise Rejected("a schema can not be made a system schema afterwards")
        text = rows.document(metadata, _checked(id, as_map(body.get("spec"))))
        return rows.save(directory.db, row, text, moment)


def delete(directory: Directory, id: str, *, revision: str = "") -> None:
    """Raises Conflict while a pool or a user has it."""
    with directory.change():
        row = _editable(directory, id, revision)
        pools = directory.db.value("SELECT count(DISTINCT pool_id) FROM pool_schemas WHERE schema_id = ?", id)
        users = directory.db.value("SELECT count(DISTINCT user_id) FROM user_schemas WHERE schema_id = ?", id)
        if pools or users:
            raise Conflict(
                f"schema {id!r} is in use by {pools} pool{'' if pools == 1 else 's'}"
                + (f" and {users} user{'' if users == 1 else 's'} of their own" if users else ""),
                hint="let them refer to another schema first",
            )
        rows.remove(directory.db, row)


def require_all(directory: Directory, ids: Sequence[str]) -> None:
    """Raises NotFound for the first that does not exist."""
    for id in ids:
        if directory.db.row("SELECT 1 FROM schemas WHERE id = ?", id) is None:
            raise NotFound(f"schema {id!r} does not exist", hint=f"declare kind: Schema with name {id}, or $default")


def check_of(directory: Directory, id: str) -> AttributeCheck:
    """The check of a schema's attribute maps. Raises NotFound."""
    row = rows.require(directory.db, "schema", id)
    return attribute_check(as_map(row.spec.get("schema")))


def _editable(directory: Directory, id: str, revision: str) -> Row:
    row = rows.require(directory.db, "schema", id, revision=revision)
    if row.metadata.get("system"):
        raise Rejected(
            f"schema {id!r} belongs to the system and can not be changed", hint="declare a schema of your own"
        )
    return row


def _checked(id: str, spec: JsonMap) -> JsonMap:
    """The settings with those that the directory chooses; raises Rejected when no attribute could be checked with them."""
    chosen: JsonMap = dict(spec)
    if chosen.get("displayName") is None:
        chosen["displayName"] = id
    if chosen.get("schema") is None:
        chosen["schema"] = {"type": "object"}
    if not isinstance(chosen["schema"], dict):
        raise Rejected("spec.schema is not a map")
    for problem in subset_problems(chosen["schema"], ("spec", "schema")):
        place = format_path(str(step) for step in problem.path)
        raise Rejected(f"{place}: {problem.summary}", hint=problem.hint)
    try:
        attribute_check(chosen["schema"])
    except ValueError as error:
        raise Rejected("spec.schema can not be used to check attributes", hint=str(error)[:200]) from error
    return chosen
