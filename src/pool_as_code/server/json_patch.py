"""Changes of a JSON document: merge patches (RFC 7396) and lists of operations (RFC 6902). Pure."""

from __future__ import annotations

import copy

from ..core.values import JsonMap, JsonValue
from .problems import Problem

_MOST = 1000
_COPIED = 1_000_000
"""So many values at most are copied by one patch: with each `copy` of everything the document doubles."""


def merged(target: JsonValue, patch: JsonValue) -> JsonValue:
    """`target` with a merge patch: maps key by key, `null` takes a key out, everything else is replaced."""
    if not isinstance(patch, dict):
        return patch
    result: JsonMap = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def patched(target: JsonValue, operations: JsonValue) -> JsonValue:
    """`target` after a list of operations, all of them or none. Raises Problem 400 for what is no such list, 422 when an
    operation can not be done."""
    if not isinstance(operations, list) or len(operations) > _MOST:
        raise Problem(400, f"a patch is a list of at most {_MOST} operations")
    result = copy.deepcopy(target)
    copied = 0
    for index, operation in enumerate(operations):
        if not isinstance(operation, dict):
            raise Problem(400, f"operation {index} is not an object")
        try:
            if operation.get("op") == "copy":
                copied += _size(_at(result, _pointer(operation.get("from"))), _COPIED - copied)
                if copied > _COPIED:
                    raise _Impossible("the operations copy too much")
            result = _done(result, operation)
        except _Impossible as error:
            raise Problem(422, f"operation {index}: {error}") from None
    return result


class _Impossible(Exception):
    """When an operation can not be done; the text holds no value."""


def _done(target: JsonValue, operation: JsonMap) -> JsonValue:
    word, path = operation.get("op"), _pointer(operation.get("path"))
    match word:
        case "add":
            return _added(target, path, _value(operation))
        case "remove":
            return _removed(target, path)
        case "replace":
            _at(target, path)
            value = _value(operation)
            return value if not path else _added(_removed(target, path), path, value)
        case "move" | "copy":
            source = _pointer(operation.get("from"))
            value = copy.deepcopy(_at(target, source))
            if word == "move":
                if path[: len(source)] == source and path != source:
                    raise _Impossible("a value can not move into itself")
                target = _removed(target, source)
            return _added(target, path, value)
        case "test":
            if not _equal(_at(target, path), operation.get("value")):
                raise _Impossible("the value is another one")
            return target
    raise _Impossible("op is one of add, remove, replace, move, copy, test")


def _size(value: JsonValue, most: int) -> int:
    """How many values a value consists of; counting ends above `most`."""
    count, waiting = 0, [value]
    while waiting and count <= most:
        one = waiting.pop()
        count += 1
        if isinstance(one, dict | list):
            waiting.extend(one.values() if isinstance(one, dict) else one)
    return count


def _pointer(text: JsonValue) -> list[str]:
    if text == "":
        return []
    if not isinstance(text, str) or not text.startswith("/"):
        raise _Impossible("a path starts with a slash")
    return [step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/")]


def _value(operation: JsonMap) -> JsonValue:
    if "value" not in operation:
        raise _Impossible("value is missing")
    return copy.deepcopy(operation["value"])


def _at(target: JsonValue, path: list[str]) -> JsonValue:
    for step in path:
        if isinstance(target, dict):
            if step not in target:
                raise _Impossible("there is nothing at the path")
            target = target[step]
        elif isinstance(target, list):
            target = target[_index(step, len(target) - 1)]
        else:
            raise _Impossible("there is nothing at the path")
    return target


def _added(target: JsonValue, path: list[str], value: JsonValue) -> JsonValue:
    if not path:
        return value
    parent = _at(target, path[:-1])
    if isinstance(parent, dict):
        parent[path[-1]] = value
    elif isinstance(parent, list):
        parent.insert(len(parent) if path[-1] == "-" else _index(path[-1], len(parent)), value)
    else:
        raise _Impossible("there is nothing at the path")
    return target


def _removed(target: JsonValue, path: list[str]) -> JsonValue:
    if not path:
        return None
    _at(target, path)
    parent = _at(target, path[:-1])
    if isinstance(parent, dict):
        del parent[path[-1]]
    elif isinstance(parent, list):
        del parent[_index(path[-1], len(parent) - 1)]
    return target


def _index(step: str, last: int) -> int:
    if (
        not step.isascii()
        or not step.isdigit()
        or len(step) > 9
        or (step[0] == "0" and step != "0")
        or int(step) > last
    ):
        raise _Impossible("there is no such member of the list")
    return int(step)


def _equal(one: JsonValue, other: JsonValue) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return one == other
