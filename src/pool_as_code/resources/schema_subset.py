"""The subset of JSON Schema that the service supports (`SupportedJSONSchema` of its API), checked with exact places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..core.values import JsonMap, JsonValue
from .kind import Problem
from .suggest import nearest

Path = tuple[str | int, ...]

TYPES = ("object", "string", "number", "integer", "boolean", "array", "null")
_TEXT = ("title", "description", "const", "pattern")
_COUNTS = (
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minContains",
    "maxContains",
    "minProperties",
    "maxProperties",
)
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_FLAGS = ("hidden", "uniqueItems", "additionalProperties")
_ONE = ("items", "contains", "propertyNames", "not", "if", "then", "else")
_MANY = ("allOf", "anyOf", "oneOf")
_NAMED = ("properties", "patternProperties", "dependentSchemas")
_TEXTS = ("enum", "required")
KEYWORDS = ("type", *_TEXT, *_COUNTS, *_NUMBERS, *_FLAGS, *_ONE, *_MANY, *_NAMED, *_TEXTS, "dependentRequired")

FORMS = {  # keyword -> what its value is
    "type": "type",
    "dependentRequired": "texts by name",
    **dict.fromkeys(_TEXT, "text"),
    **dict.fromkeys(_COUNTS, "count"),
    **dict.fromkeys(_NUMBERS, "whole number"),
    **dict.fromkeys(_FLAGS, "flag"),
    **dict.fromkeys(_ONE, "schema"),
    **dict.fromkeys(_MANY, "schemas"),
    **dict.fromkeys(_NAMED, "schemas by name"),
    **dict.fromkeys(_TEXTS, "texts"),
}


def subset_problems(schema: JsonMap, path: Path) -> Iterator[Problem]:
    """Every keyword or value at or below `path` that is outside the subset. `null` keywords count as absent."""
    for key, value in schema.items():
        here = (*path, key)
        if value is None:
            continue
        if key not in KEYWORDS:
            near = nearest(key, KEYWORDS)
            yield Problem(
                here,
                "PAC250",
                f"{key!r} is not a keyword of the supported subset of JSON Schema",
                "the service accepts only its own subset",
                hint=f"did you mean {near!r}?" if near else "remove it",
                rename=near,
                remove=near is None,
                at_key=True,
            )
            continue
        yield from _value_problems(key, value, here)
    if path[-1] == "schema" and len(path) == 2 and schema.get("type", "object") != "object":
        yield Problem(
            (*path, "type"),
            "PAC251",
            "the outermost type of a schema is object",
            hint="set type: object",
            replace="object",
        )


def _value_problems(key: str, value: JsonValue, here: Path) -> Iterator[Problem]:
    if key == "type":
        if not isinstance(value, str) or value not in TYPES:
            near = nearest(value, TYPES) if isinstance(value, str) else None
            first = next((t for t in value if t in TYPES), None) if isinstance(value, list) else None
            yield Problem(
                here,
                "PAC251",
                "type is one word, not a list" if isinstance(value, list) else "not a type of JSON Schema",
                f"types: {', '.join(TYPES)}",
                hint=f"did you mean {near!r}?" if near else "choose one type",
                replace=near or first,
            )
    elif key in _TEXT:
        if not isinstance(value, str):
            yield _wrong(here, key, "a text", value)
        elif key == "pattern":
            yield from _pattern(value, here)
    elif key in _COUNTS:
        if type(value) is not int or value < 0:
            yield _wrong(here, key, "a whole number of 0 or more", value)
    elif key in _NUMBERS:
        if type(value) is not int:
            yield _wrong(here, key, "a whole number", value)
    elif key in _FLAGS:
        if not isinstance(value, bool):
            yield _wrong(here, key, "true or false", value)
    elif key in _TEXTS:
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            yield _wrong(here, key, "a list of texts", value)
    elif key == "dependentRequired":
        if not isinstance(value, dict) or not all(isinstance(v, list) for v in value.values()):
            yield _wrong(here, key, "lists of texts by name", value)
    elif key in _ONE:
        yield from _inner(value, here)
    elif key in _MANY:
        if not isinstance(value, list):
            yield _wrong(here, key, "a list of schemas", value)
        else:
            for index, inner in enumerate(value):
                yield from _inner(inner, (*here, index))
    elif not isinstance(value, dict):
        yield _wrong(here, key, "schemas by name", value)
    else:
        for name, inner in value.items():
            if key == "patternProperties":
                yield from _pattern(name, (*here, name), at_key=True)
            yield from _inner(inner, (*here, name))


def _inner(value: JsonValue, here: Path) -> Iterator[Problem]:
    if isinstance(value, dict):
        yield from subset_problems(value, here)
    elif value is not None:
        yield Problem(
            here, "PAC251", "a schema is a map of keywords", f"found {_word(value)}", hint="write a map", replace={}
        )


def _wrong(here: Path, key: str, expected: str, value: JsonValue) -> Problem:
    better: JsonValue = None
    if expected == "a text" and isinstance(value, int | float | bool):
        better = str(value).lower() if isinstance(value, bool) else str(value)
    elif expected.startswith("a whole number") and isinstance(value, float | str):
        try:
            better = max(int(float(value)), 0)
        except (ValueError, OverflowError):
            better = None
    elif expected == "a list of texts" and isinstance(value, str):
        better = [value]
    elif expected == "a list of texts" and isinstance(value, list):
        better = [str(v) for v in value if not isinstance(v, dict | list)]
    return Problem(
        here,
        "PAC251",
        f"{key} needs {expected}",
        f"found {_word(value)}",
        hint=f"write {expected}",
        replace=better,
        remove=better is None,
    )


def _pattern(text: str, here: Path, *, at_key: bool = False) -> Iterator[Problem]:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        yield Problem(
            here,
            "PAC252",
            "the pattern is not a regular expression",
            str(error),
            hint="correct it, or remove it",
            remove=True,
            at_key=at_key,
        )


def _word(value: JsonValue) -> str:
    names = {bool: "true or false", int: "a number", float: "a fraction", str: "a text", list: "a list", dict: "a map"}
    return names.get(type(value), "nothing")
