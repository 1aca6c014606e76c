"""Where each field of ours stands in the service's JSON, read off the traits (`Doc.wire`): no second list of fields.

    codes.activation.ttl  <->  otp_settings.activation.ttl

Values are converted in `wire.py`; here are only the places, and what their types say about the form of a value.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, get_args, get_origin

from typing_extensions import get_type_hints

from ...core.clock import canonical_duration, canonical_time
from ...core.fieldpath import FieldPath
from ...core.values import JsonMap, JsonValue
from ...resources.registry import by_word
from ...resources.shape import Field

APART: dict[str, frozenset[str]] = {
    "pool": frozenset({"signInAt"}),
    "user": frozenset({"identifiers", "addresses", "groups", "password", "totp", "passkeys", "invitation"}),
}
"""Fields that are objects of their own on the service, or lists of another form: not found by their place."""


@dataclass(frozen=True, slots=True)
class Route:
    """One field's two places. `part` is `metadata` or `spec`; `form` is `duration`, `time` or empty."""

    part: str
    path: FieldPath
    wire: tuple[str, ...]
    field: Field
    form: str


WireTree: TypeAlias = "dict[str, WireTree | Route]"


@functools.cache
def routes(word: str) -> tuple[Route, ...]:
    """Every field of a kind that has a place in the service's JSON, in the order of declaration."""
    kind = by_word()[word]
    found = []
    for part, shape in (("metadata", kind.metadata_shape), ("spec", kind.shape)):
        for path, leaf in shape.leaves():
            if leaf.wire and path[0] not in APART.get(word, ()):
                found.append(Route(part, path, _place(shape, path), leaf, _form(shape, path)))
    return tuple(found)


@functools.cache
def wire_tree(word: str) -> WireTree:
    """The same places as a tree, for walking a JSON object. Of two fields with one place the first one reads it."""
    tree: WireTree = {}
    for route in routes(word):
        here = tree
        for step in route.wire[:-1]:
            inner = here.setdefault(step, {})
            if isinstance(inner, Route):
                raise ValueError(f"{word}: {'.'.join(inner.wire)} is both a value and a map")
            here = inner
        here.setdefault(route.wire[-1], route)
    return tree


def split(body: JsonMap, tree: WireTree) -> tuple[list[tuple[Route, JsonValue]], JsonMap]:
    """The values that have a place with us, and the rest in its own shape. `null` counts as absent."""
    known: list[tuple[Route, JsonValue]] = []
    rest: JsonMap = {}
    for key, value in body.items():
        place = tree.get(key)
        if value is None:
            continue
        if isinstance(place, Route):
            known.append((place, value))
        elif place is not None and isinstance(value, dict):
            inner_known, inner_rest = split(value, place)
            known += inner_known
            if inner_rest:
                rest[key] = inner_rest
        else:
            rest[key] = value
    return known, rest


def put(target: JsonMap, path: FieldPath, value: JsonValue) -> None:
    """Set a value, making the maps on the way to it."""
    for step in path[:-1]:
        inner = target.get(step)
        if not isinstance(inner, dict):
            inner = target[step] = {}
        target = inner
    target[path[-1]] = value


def get(source: JsonMap, path: FieldPath) -> JsonValue:
    """The value at a path, None where there is none."""
    value: JsonValue = source
    for step in path:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def take_out(source: JsonMap, path: FieldPath) -> None:
    """Remove a value, and the maps that are empty without it."""
    inner = source.get(path[0])
    if len(path) == 1:
        source.pop(path[0], None)
    elif isinstance(inner, dict):
        take_out(inner, path[1:])
        if not inner:
            del source[path[0]]


def _place(shape: Field, path: FieldPath) -> tuple[str, ...]:
    """A field's word stands below its parent's, unless it names the whole way itself."""
    place: tuple[str, ...] = ()
    for length in range(1, len(path) + 1):
        field = shape.at(path[:length])
        if field is not None and field.wire:
            steps = tuple(field.wire.split("."))
            place = steps if steps[: len(place)] == place else (*place, *steps)
    return place


def _form(shape: Field, path: FieldPath) -> str:
    struct = shape.at(path[:-1]) if path[:-1] else shape
    assert struct is not None
    hint = get_type_hints(struct.annotation, include_extras=True)[path[-1]]
    forms = {canonical_duration: "duration", canonical_time: "time"}
    return next((forms[mark] for mark in map(_validator, _marks(hint)) if mark in forms), "")


def _validator(mark: Any) -> Any:
    return getattr(mark, "func", None)


def _marks(hint: Any) -> Iterator[Any]:
    if get_origin(hint) is Annotated:
        yield from hint.__metadata__
        yield from _marks(hint.__origin__)
    else:
        for inner in get_args(hint):
            yield from _marks(inner)
