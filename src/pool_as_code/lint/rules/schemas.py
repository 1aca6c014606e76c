"""Rules about schemas: nobody uses them, nothing can fit them, keywords and patterns that do not say what they seem to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...core.address import Address
from ...core.values import JsonMap, as_list, as_map
from ...resources.state import Resource
from ..desired import Desired, declared
from ..rule import Breach, Option, Options, Path

_ONE = ("items", "contains", "propertyNames", "not", "if", "then", "else")
_MANY = ("allOf", "anyOf", "oneOf")
_NAMED = ("properties", "patternProperties", "dependentSchemas")
_FITS = {
    "string": ("minLength", "maxLength", "pattern"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("items", "contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems"),
    "object": (
        "properties",
        "patternProperties",
        "additionalProperties",
        "propertyNames",
        "required",
        "minProperties",
        "maxProperties",
        "dependentRequired",
        "dependentSchemas",
    ),
}
_TYPE_OF = {keyword: type for type, keywords in _FITS.items() for keyword in keywords}


def _parts(desired: Desired) -> Iterator[tuple[Resource, Path, JsonMap]]:
    """Every schema inside every schema, with its path in the document."""
    for resource in desired.of("schema"):
        waiting: list[tuple[Path, JsonMap]] = [(("spec", "schema"), as_map(resource.spec.get("schema")))]
        while waiting:
            path, schema = waiting.pop()
            yield resource, path, schema
            for key, value in schema.items():
                if key in _ONE and isinstance(value, dict):
                    waiting.append(((*path, key), value))
                elif key in _MANY:
                    waiting += [((*path, key, at), as_map(one)) for at, one in enumerate(as_list(value))]
                elif key in _NAMED:
                    waiting += [((*path, key, name), as_map(one)) for name, one in as_map(value).items()]


def unused(desired: Desired, options: Options) -> Iterator[Breach]:
    """A schema that no pool and no user refers to."""
    for schema in desired.of("schema"):
        by_id = Address("schema", f"$id:{schema.metadata.get('id', schema.address.name)}")
        if not desired.referred.intersection((schema.address, by_id)):
            yield Breach(
                schema,
                ("metadata", "name"),
                "no pool and no user of the project uses this schema",
                "on the service such a schema has no owner: it is never pruned when its document goes",
                "refer to it from a pool, or delete the document",
            )


def unknown_required(desired: Desired, options: Options) -> Iterator[Breach]:
    """A required attribute that no property describes and that may not be there."""
    for resource, path, schema in _parts(desired):
        properties, patterns = as_map(schema.get("properties")), as_map(schema.get("patternProperties"))
        if schema.get("additionalProperties") is not False or _asks(path):
            continue
        for index, name in enumerate(as_list(schema.get("required"))):
            if name not in properties and not any(_matches(pattern, str(name)) for pattern in patterns):
                yield Breach(
                    resource,
                    (*path, "required", index),
                    f"{name} is required and not allowed",
                    "additionalProperties is false and there is no property of that name: no user can fit the schema",
                    "describe it under properties, or remove it from required",
                    remove=True,
                )


def _asks(path: Path) -> bool:
    """Whether a schema is a condition, which is not there to be fitted."""
    return "not" in path or "if" in path


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return True  # a pattern of another dialect: nobody knows


def without_effect(desired: Desired, options: Options) -> Iterator[Breach]:
    """A keyword beside a type that it says nothing about."""
    for resource, path, schema in _parts(desired):
        type = schema.get("type")
        if not isinstance(type, str):
            continue
        known = "number" if type == "integer" else type
        for keyword in schema:
            meant = _TYPE_OF.get(keyword)
            if meant is not None and meant != known and schema[keyword] is not None:
                yield Breach(
                    resource,
                    (*path, keyword),
                    f"{keyword} says nothing about a value of type {type}",
                    f"it limits values of type {meant}; here everything passes",
                    f"remove it, or set type: {meant}",
                    remove=True,
                )


_STARTS = re.compile(r"\(*\^|\.\*|\(\?")
_ENDS = re.compile(r"(\$|\.\*)\)*\Z")
_ONE_CHARACTER = re.compile(r"\\?.|\[[^\]]*\]")


def unanchored(desired: Desired, options: Options) -> Iterator[Breach]:
    """A pattern that is happy with any text that contains what it describes. One character may well be asked for anywhere."""
    for resource, path, schema in _parts(desired):
        pattern = schema.get("pattern")
        if not isinstance(pattern, str) or not pattern or _asks(path) or _ONE_CHARACTER.fullmatch(pattern):
            continue
        if not _STARTS.match(pattern) and not _ENDS.search(pattern):
            yield Breach(
                resource,
                (*path, "pattern"),
                "the pattern has neither ^ at its start nor $ at its end",
                "a pattern of JSON Schema may match anywhere: any text passes that contains such a part",
                "write ^ before and $ behind it",
            )


NAMES = Option(
    "names",
    "pattern",
    r"(?i)(^|_)(risk|fraud|score|internal|note|notes|kyc|aml|blocked|flag|flags|suspicion)(_|$)",
    "A pattern for names of attributes that are not meant for the user.",
)


def visible(desired: Desired, options: Options) -> Iterator[Breach]:
    """An attribute about a user, not meant for them, that they can read."""
    pattern = re.compile(options.text("names"))
    told: set[Address] = set()
    for pool in desired.of("pool"):
        address = Address("schema", str(declared(pool, "schemas", "administrative")))
        schema = desired.state.get(address)
        if schema is None or address in told:
            continue
        told.add(address)
        for name, described in as_map(as_map(schema.spec.get("schema")).get("properties")).items():
            if pattern.search(name) and as_map(described).get("hidden") is not True:
                yield Breach(
                    schema,
                    ("spec", "schema", "properties", name, "hidden"),
                    f"users can read their own {name}",
                    "administrative attributes stand in the self profile, read-only, unless the schema hides them",
                    "set hidden: true, if it is not meant for the user",
                    replace=True,
                )
