"""Applies field writes to a live document: the one meaning that every store gives to `FieldWrite`. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple, TypeAlias

from ..core.errors import Conflict, Rejected
from ..core.fieldpath import FieldPath, Item, format_path
from ..core.values import JsonMap, JsonValue
from .kind import Kind
from .shape import Field


class _Gone:
    """Where no value is."""


_GONE: Final = _Gone()
_Value: TypeAlias = "JsonValue | _Gone"


class _Write(NamedTuple):
    path: FieldPath
    value: JsonValue


def document_shape(kind: Kind) -> Field:
    """The fields of a kind's whole document: `metadata` and `spec`."""
    return Field("", children={"metadata": kind.metadata_shape, "spec": kind.shape})


def apply_writes(shape: Field, body: JsonMap, writes: Iterable[tuple[FieldPath, JsonValue]]) -> JsonMap:
    """`body` after the writes, in order; `body` itself stays as it is.

    `shape` is the field that `body` is a value of (see `document_shape`). A path's text steps are keys, its `Item` steps
    members of lists: of a keyed list the member's key (`email:ada@example.com`), of a list of texts the text. A member is
    written whole or, below it, field by field. None takes out: a key, a member, a map; structs that become empty go with
    it, maps whose keys users own stay. What is not there can be taken out again.

    Raises Conflict when a field of a member is written and the member is gone, Rejected when a path leads through a value
    that has no such parts.
    """
    result: JsonValue = body
    for path, value in writes:
        made = _written(shape, result, _Write(tuple(path), value), 0)
        result = {} if isinstance(made, _Gone) else made
    if not isinstance(result, dict):
        raise Rejected("a document can not be replaced as a whole")
    return result


def _written(field: Field | None, here: _Value, write: _Write, depth: int) -> _Value:
    if depth == len(write.path):
        return _GONE if write.value is None else write.value
    step = write.path[depth]
    if isinstance(step, Item):
        return _written_in_list(field, here, write, depth)
    if not isinstance(here, dict) and not isinstance(here, _Gone) and here is not None:
        raise Rejected(f"{format_path(write.path[:depth])} has no part {step!r}")
    keys = dict(here) if isinstance(here, dict) else {}
    child = field.children.get(step) if field is not None else None
    made = _written(child, keys.get(step, _GONE), write, depth + 1)
    if isinstance(made, _Gone):
        keys.pop(step, None)
    else:
        keys[step] = made
    if keys or (isinstance(here, dict) and depth and not (field is not None and field.is_struct)):
        return keys
    return _GONE


def _written_in_list(field: Field | None, here: _Value, write: _Write, depth: int) -> _Value:
    if not isinstance(here, list) and not isinstance(here, _Gone) and here is not None:
        raise Rejected(f"{format_path(write.path[:depth])} is not a list")
    members: list[JsonValue] = list(here) if isinstance(here, list) else []
    step = write.path[depth]
    at = next((index for index, member in enumerate(members) if _key(field, member) == step), None)
    if at is None and depth + 1 < len(write.path):
        if write.value is None:
            return here
        raise Conflict(f"{format_path(write.path[: depth + 1])} is not there any more", hint="plan again")
    made = _written(field, _GONE if at is None else members[at], write, depth + 1)
    if isinstance(made, _Gone):
        if at is None:
            return here
        del members[at]
    elif at is None:
        members.append(made)
    else:
        members[at] = made
    return members


def _key(field: Field | None, member: JsonValue) -> str:
    if field is not None and field.item_key is not None:
        return field.item_key(member)
    return str(member)
