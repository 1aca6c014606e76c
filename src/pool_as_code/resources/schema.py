"""The kind `Schema`: a JSON Schema, in the service's subset, that users' attributes must fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Required

from typing_extensions import TypedDict

from ..core.values import JsonMap, JsonValue, as_list, as_map
from .kind import ApiVersion, Kind, Metadata, Problem, Reference
from .schema_subset import subset_problems
from .traits import STRICT, Atomic, Default, DisplayName, Doc, JsonObject, OwnName, ServerChosen, Text

DEFAULT_NAMES = ("first_name", "last_name", "name")


class SchemaSpec(TypedDict, total=False):
    """A schema. It has no type of its own: a pool says whether it is for profiles or for administrators."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    displayName: DisplayName
    description: Annotated[Text | None, Doc("What it is for.", "description"), Default("")]
    schema: Annotated[
        JsonObject,
        Doc("The JSON Schema itself, in the service's subset. Managed whole.", "schema"),
        ServerChosen("{type: object}"),
        Atomic(),
    ]


class SchemaMetadata(Metadata, total=False):
    """What every object has."""

    name: Required[OwnName]


class SchemaDocument(TypedDict, total=False):
    """A document of kind `Schema`."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    apiVersion: Required[ApiVersion]
    kind: Required[Literal["Schema"]]
    metadata: Required[SchemaMetadata]
    spec: SchemaSpec


def references(metadata: JsonMap, spec: JsonMap) -> tuple[Reference, ...]:
    """None: a schema stands on its own."""
    return ()


def checks(metadata: JsonMap, spec: JsonMap) -> Iterator[Problem]:
    """The schema keeps to the subset that the service supports."""
    if "schema" in spec:
        yield from subset_problems(as_map(spec["schema"]), ("spec", "schema"))


def canonical_schema(schema: JsonValue) -> JsonValue:
    """Equal schemas in one form: `null` keywords (which the service's clients send) are absent, `required`, `enum` and
    the lists of `dependentRequired` are sorted and without repetitions. Values that users own are left alone."""
    if not isinstance(schema, dict):
        return schema
    result: JsonMap = {}
    for key, value in schema.items():
        if value is None:
            continue
        if key in ("required", "enum") and isinstance(value, list):
            result[key] = _sorted_texts(value)
        elif key in ("properties", "patternProperties", "dependentSchemas") and isinstance(value, dict):
            result[key] = {name: canonical_schema(inner) for name, inner in value.items() if inner is not None}
        elif key == "dependentRequired" and isinstance(value, dict):
            result[key] = {name: _sorted_texts(as_list(names)) for name, names in value.items()}
        elif key in ("items", "contains", "propertyNames", "not", "if", "then", "else"):
            result[key] = canonical_schema(value)
        elif key in ("allOf", "anyOf", "oneOf") and isinstance(value, list):
            result[key] = [canonical_schema(inner) for inner in value]
        else:
            result[key] = value
    return result


def _sorted_texts(values: list[JsonValue]) -> list[JsonValue]:
    if not all(isinstance(value, str) for value in values):
        return values
    texts: list[JsonValue] = []
    texts.extend(sorted({str(value) for value in values}))
    return texts


KIND = Kind(
    name="Schema",
    word="schema",
    title="a JSON Schema that users' attributes must fit",
    document=SchemaDocument,
    spec=SchemaSpec,
    metadata=SchemaMetadata,
    references=references,
    checks=checks,
)
