"""The identity dump over HTTP: everything out, everything in, and single changes of it."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.values import JsonMap, JsonValue, as_list, as_map, canonical
from ...directory import groups, schemas, users
from .. import json_patch
from ..call import Answer, Call
from ..operations import Access, Operation
from ..stored import require
from .bases import BASE
from .exporting import dump
from .importing import mode_of, write_dump
from .left_out import told, unknown
from .pools import remove as remove_pool

_WRITING = ("manage_configuration",)
_READING = ("read_configuration", "manage_configuration")


def operations() -> Iterator[Operation]:
    """Three methods of one path."""
    path = f"{BASE}/configuration"
    yield Operation(
        "GET",
        path,
        "system.exportConfiguration",
        "Everything, with password hashes",
        export,
        Access.SYSTEM,
        _READING,
        response="Dump",
    )
    yield Operation(
        "PUT",
        path,
        "system.importConfiguration",
        "Write the tables of a dump",
        put,
        Access.SYSTEM,
        _WRITING,
        204,
        "Dump",
        query=("mode",),
        partial=True,
    )
    yield Operation(
        "PATCH",
        path,
        "system.patchConfiguration",
        "Change a dump by a list of operations",
        patch,
        Access.SYSTEM,
        _WRITING,
        204,
        "PatchOperations",
        query=("mode",),
        partial=True,
    )


def export(call: Call) -> Answer:
    """Everything."""
    return Answer(200, dump(call), {"cache-control": "no-store"})


def put(call: Call) -> Answer:
    """All of it or nothing. Ids are the keys: the same dump again changes nothing."""
    mode, body = mode_of(call), call.body()
    with call.directory.change():
        left = write_dump(call, body, mode)
    return told(left, "the import of an identity dump")


def patch(call: Call) -> Answer:
    """What the operations add or replace is written, what they remove is deleted."""
    mode = mode_of(call)
    with call.directory.change():
        before = dump(call)
        after = as_map(json_patch.patched(before, call.json()))
        _delete(call, before, after)
        changed: JsonMap = {table: _not_in(rows, after.get(table)) for table, rows in before.items()}
        left = write_dump(call, changed, mode) + unknown(after, before)
    return told(left, "the patch of an identity dump")


def _not_in(before: JsonValue, after: JsonValue) -> list[JsonValue]:
    """The rows that were not there before. By their text: comparing each with each takes hours for a tenant of many users."""
    known = {canonical(row) for row in as_list(before)}
    return [row for row in as_list(after) if canonical(row) not in known]


def _delete(call: Call, before: JsonMap, after: JsonMap) -> None:
    """Users first, then what holds them."""
    directory = call.directory
    for table in ("users", "groups", "pools", "schemas"):
        left = {as_map(row).get("id") for row in as_list(after.get(table))}
        gone = [str(as_map(row)["id"]) for row in as_list(before[table]) if as_map(row)["id"] not in left]
        for id in reversed(gone):
            match table:
                case "users":
                    users.delete(directory, id, require(directory, "user", id).row.pool_id)
                case "groups":
                    groups.delete(directory, id, require(directory, "group", id).row.pool_id)
                case "pools":
                    remove_pool(call, id)
                case _:
                    schemas.delete(directory, id)
