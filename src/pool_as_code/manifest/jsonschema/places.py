"""One place of a document as a JSON Schema, from its annotation alone.

A field of any type may hold a placeholder, `${var.NAME}` or `${row.COLUMN}`. It is a text, so numbers, booleans, lists and maps
take texts, too, but only those: `type: [integer, "null", string]` with a `pattern`, which texts alone must fit. So nothing is an
`anyOf` that need not be, and completion and messages stay those of the field.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args, get_origin

import typing_extensions

from ...core.clock import canonical_duration, canonical_time
from ...core.values import JsonMap
from ...resources import traits as t
from ..annotations import Spot, limit, members, required, spot, words
from ..examples import scalar_example
from ..words import doc_text, null_rule, traits_in_words, wire

PLACEHOLDER = r"\$\{(var|row)\.[A-Za-z_][A-Za-z0-9_]*\}"
WHOLE = f"^{PLACEHOLDER}$"
DURATION = r"^(0|([0-9]{1,9}(\.[0-9]{1,9})?(ms|d|h|m|s))+)$"
TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
UNSET = "Unset"
UNSET_SCHEMA: JsonMap = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Fields of this map, by path, that are taken out again as if they were not declared.",
}
_SCALARS: dict[Any, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
_LIMITS = {"ge": "minimum", "le": "maximum", "min_length": "minLength", "max_length": "maxLength"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What else stands in documents of this sort: placeholders, and `$unset` in their maps."""

    layered: bool = True
    label: str = ""  # of the place, as `FieldEntry.label` has it

    def at(self, step: str) -> Dialect:
        """The same for a place below."""
        return replace(self, label=f"{self.label}{step}")


def place_schema(place: Spot, dialect: Dialect) -> JsonMap:
    """The schema of a place with everything an editor may tell about it."""
    schema = _value_schema(place, dialect)
    text = doc_text(place)
    if text:
        schema["description"] = text
        schema["markdownDescription"] = "\n\n".join([text, *_details(place)])
    default = place.mark(t.Default)
    if default is not None and default.value is not None:
        schema["default"] = default.value
    if _is_scalar(place):
        example = scalar_example(dialect.label, place)
        if example is not None:
            schema["examples"] = [example]
        schema["errorMessage"] = f"Expected {words(place)}{' (or null)' if place.takes_null else ''}."
    return schema


def struct_schema(place: Spot, dialect: Dialect, *, optional: frozenset[str] = frozenset()) -> JsonMap:
    """The schema of a map with these fields and no others; those of `optional` may be missing whatever the type says."""
    properties: JsonMap = {key: place_schema(field, dialect.at(f".{key}")) for key, field in place.fields.items()}
    schema: JsonMap = {"type": "object", "properties": properties, "additionalProperties": False}
    if dialect.layered:  # as a pattern, because a property would be offered in every map
        schema["patternProperties"] = {r"^\$unset$": {"$ref": f"#/definitions/{UNSET}"}}
    needed = [key for key in properties if key in required(place.struct) - optional]
    if needed:
        schema["required"] = [*needed]
    return schema


def _details(place: Spot) -> list[str]:
    said = [null_rule(place), *traits_in_words(place)]
    name = wire(place)
    if name:
        said.append(f"The service's word: `{name}`.")
    return [sentence for sentence in said if sentence]


def _is_scalar(place: Spot) -> bool:
    return all(member.hint in _SCALARS or get_origin(member.hint) is Literal for member in members(place))


def _value_schema(place: Spot, dialect: Dialect) -> JsonMap:
    branches = [branch for member in members(place) for branch in _branches(member, dialect)]
    if {} in branches:
        return {}
    types = [branch.get("type") for branch in branches]
    if "number" in types and "integer" in types:
        branches = [branch for branch in branches if branch.get("type") != "integer"]
    if place.takes_null:
        branches.append({"type": "null"})
    if dialect.layered:
        branches = _with_placeholders(branches)
    return _joined(branches)


def _with_placeholders(branches: list[JsonMap]) -> list[JsonMap]:
    if not any(branch.get("type") == "string" and "enum" not in branch for branch in branches):
        return [*branches, {"type": "string", "pattern": WHOLE}]
    return [
        {**branch, "pattern": f"({branch['pattern']})|({PLACEHOLDER})"} if "pattern" in branch else branch
        for branch in branches
    ]


def _joined(branches: list[JsonMap]) -> JsonMap:
    """One schema of several: a list of types where each is of another type, else `anyOf`."""
    if len(branches) == 1:
        return branches[0]
    types = [str(branch["type"]) for branch in branches]
    if len(set(types)) < len(types) or any("enum" in branch or "anyOf" in branch for branch in branches):
        return {"anyOf": [*branches]}
    joined: JsonMap = {"type": [*types]}
    for branch in branches:
        joined |= {key: value for key, value in branch.items() if key != "type"}
    return joined


def _branches(member: Spot, dialect: Dialect) -> list[JsonMap]:
    known, schema = member.mark(t.Known), _branch(member, dialect)
    return [schema] if known is None else [{"type": "string", "enum": [*known.values]}, schema]


def _branch(member: Spot, dialect: Dialect) -> JsonMap:
    hint, origin = member.hint, get_origin(member.hint)
    if origin is Literal:
        return {"type": "string", "enum": [*get_args(hint)]}
    if typing_extensions.is_typeddict(hint):
        return struct_schema(member, dialect)
    if origin is list:
        schema: JsonMap = {"type": "array", "items": place_schema(spot(get_args(hint)[0]), dialect.at("[]"))}
        if limit(member, "min_length"):
            schema["minItems"] = limit(member, "min_length")
        return schema
    if origin is dict:
        return _map(member, dialect)
    if hint in _SCALARS:
        return _scalar(member)
    return {}


def _map(member: Spot, dialect: Dialect) -> JsonMap:
    key, value = get_args(member.hint)
    schema: JsonMap = {"type": "object"}
    inner = place_schema(spot(value), dialect.at(".NAME"))
    if inner:
        schema["additionalProperties"] = inner
        if dialect.layered:
            schema["patternProperties"] = {r"^\$unset$": {"$ref": f"#/definitions/{UNSET}"}}
    pattern = limit(spot(key), "pattern")
    if pattern is not None:
        schema["propertyNames"] = {"pattern": pattern, "errorMessage": f"Expected {words(spot(key))}."}
    if limit(member, "min_length"):
        schema["minProperties"] = limit(member, "min_length")
    return schema


def _scalar(member: Spot) -> JsonMap:
    schema: JsonMap = {"type": _SCALARS[member.hint]}
    for name, keyword in _LIMITS.items():
        value = limit(member, name)
        if value is not None:
            schema[keyword] = value
    pattern = _pattern(member)
    if pattern is not None:
        schema["pattern"] = pattern
    return schema


def _pattern(member: Spot) -> str | None:
    functions = {getattr(mark, "func", None) for mark in member.marks}
    if canonical_duration in functions:
        return DURATION
    if canonical_time in functions:
        return TIME
    pattern = limit(member, "pattern")
    return None if pattern is None else str(pattern)
