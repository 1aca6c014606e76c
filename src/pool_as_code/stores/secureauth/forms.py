"""Which values count as absent, and which are of a form that our types know. Values in, values out; no names of fields."""

from __future__ import annotations

import copy
import functools
import re
from typing import TYPE_CHECKING, Any

from ...core.values import JsonMap, JsonValue
from ...resources.registry import by_word
from ...resources.shape import Field
from .routes import get, put, routes, take_out

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_NO_DURATION = re.compile(r"0|(0h)?(0m)?0s")
_ZERO_TIME = "0001-01-01T"  # what Go writes for a time that was never set


def is_absent(field: Field, form: str, value: JsonValue, ours: JsonValue) -> bool:
    """The zero values of the service's models mean that a field was never set; `false`, `0` and `[]` say something where our
    documented default is another value. `ours` is the value in our form, `form` that of its route."""
    if value is None or isinstance(value, dict):
        return not ours
    if isinstance(value, str):
        return not value or (form == "duration" and is_no_duration(value)) or (form == "time" and is_zero_time(value))
    if value:
        return False
    default = field.default if field.has_default else None
    return default is None or default == ours


def is_no_duration(text: str) -> bool:
    """`0s` and its longer spellings."""
    return _NO_DURATION.fullmatch(text) is not None


def is_zero_time(text: str) -> bool:
    """A time that was never set."""
    return text.startswith(_ZERO_TIME)


def without_nulls(schema: JsonValue) -> JsonValue:
    """A JSON Schema without the `null` keywords that the service's clients send; the author's order stays."""
    if isinstance(schema, dict):
        return {key: without_nulls(value) for key, value in schema.items() if value is not None}
    if isinstance(schema, list):
        return [without_nulls(value) for value in schema]
    return schema


def fitting(word: str, spec: JsonMap) -> tuple[JsonMap, list[tuple[str, ...]]]:
    """A spec in canonical form, without the fields whose value is of a form that our types do not know, and the paths of
    those. References are ids here, which the rules for names do not judge: any text will do."""
    from pydantic import ValidationError

    checked = _copy_of_maps(spec)
    misfits: list[tuple[str, ...]] = []
    references: dict[tuple[str, ...], JsonValue] = {}
    for path in _references(word):
        if (value := get(checked, path)) is not None:
            take_out(checked, path)
            if isinstance(value, str):
                references[path] = value
            else:
                misfits.append(path)
    while True:
        try:
            found: JsonMap = _adapter(word).validate_python(checked)
            break
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False, include_input=False)
            misfits += [_take_out_at(word, checked, fault["loc"]) for fault in faults]
    for path, value in references.items():
        put(found, path, value)
    return found, list(dict.fromkeys(misfits))


@functools.cache
def _adapter(word: str) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(by_word()[word].spec)


@functools.cache
def _references(word: str) -> tuple[tuple[str, ...], ...]:
    return tuple(route.path for route in routes(word) if route.field.ref and route.part == "spec")


def _take_out_at(word: str, spec: JsonMap, location: tuple[int | str, ...]) -> tuple[str, ...]:
    """Remove the field that an error lies in; in a list of maps only the one key of the one member."""
    members = spec.get(str(location[0]))
    if isinstance(members, list) and len(location) > 2 and isinstance(location[1], int):
        member = members[location[1]]
        if isinstance(member, dict) and location[2] in member:
            del member[str(location[2])]
            return (str(location[0]), str(location[2]))
    path: tuple[str, ...] = (str(location[0]),)
    for route in routes(word):
        if route.part == "spec" and location[: len(route.path)] == route.path:
            path = route.path
    take_out(spec, path)
    return path


def _copy_of_maps(value: JsonMap) -> JsonMap:
    """Deep where something may be taken out: maps of settings and lists of members; values of users are not walked."""
    return {
        key: _copy_of_maps(inner)
        if isinstance(inner, dict)
        else copy.deepcopy(inner)
        if isinstance(inner, list)
        else inner
        for key, inner in value.items()
    }
