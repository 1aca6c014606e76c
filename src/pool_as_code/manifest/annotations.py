"""What a document's type says about a place in it: the annotation there, its traits, its fields, and how to say it in words.

Walked only when something is wrong; what is right is validated by pydantic without a look in here.
"""

from __future__ import annotations

import functools
import json
import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typing_extensions

from ..core.clock import canonical_duration, canonical_time
from ..resources import traits as t

Path = tuple[str | int, ...]

FORMS = {
    t.NAME: "a name of letters, digits, - and _ that begins with a letter or digit, at most 64 characters",
    t.LONG_NAME: "a name of letters, digits and . _ @ + - that begins with a letter or digit, at most 128 characters",
    t.ID: "an id of letters, digits, - and _, at most 64 characters",
    t.REF: "the name of another document, $default or $id:ID",
    r"^#[0-9A-Fa-f]{6}$": "a colour such as #007FFF",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "a day such as 2027-03-31",
    r"^[A-Za-z_][A-Za-z0-9_]{0,63}$": "a name of letters, digits and _ that begins with no digit, at most 64 characters",
    r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$": "a host name such as shop.example.com",
    r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$": "a domain such as acme.example",
    r"^(https://[^/\s?#@]+|http://localhost(:\d+)?|android:apk-key-hash:\S+)$": "an origin such as https://shop.example.com",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """One place: its annotation without marks, the marks, and what holds because of what stands above it."""

    hint: Any
    marks: tuple[Any, ...] = ()
    secret: bool = False
    personal: bool = False

    def mark(self, kind: type[Any]) -> Any:
        """The trait of this class, or None."""
        return next((mark for mark in self.marks if isinstance(mark, kind)), None)

    @property
    def struct(self) -> Any:
        """The TypedDict that a map here must be, None where there is none."""
        return next((part for part in parts(self.hint) if typing_extensions.is_typeddict(part)), None)

    @property
    def fields(self) -> dict[str, Spot]:
        """The fields of the struct here, in the order of declaration."""
        return {key: self._below(hint) for key, hint in _hints(self.struct).items()} if self.struct is not None else {}

    @property
    def takes_null(self) -> bool:
        """Whether null is allowed."""
        return type(None) in parts(self.hint)

    def step(self, key: str | int) -> Spot | None:
        """What stands below: a field, a member of a list or of a map; None where the type says nothing."""
        for part in parts(self.hint):
            if typing_extensions.is_typeddict(part) and isinstance(key, str) and key in _hints(part):
                return self._below(_hints(part)[key])
            origin, arguments = get_origin(part), get_args(part)
            if (origin is list and isinstance(key, int)) or (origin is dict and isinstance(key, str)):
                return self._below(arguments[-1])
        return None

    @property
    def key(self) -> Spot | None:
        """What the keys of a map here must be; None where they are those of a struct, or there is no map."""
        return next((spot(get_args(part)[0]) for part in parts(self.hint) if get_origin(part) is dict), None)

    def at(self, path: Path) -> Spot | None:
        """What stands at a path from here."""
        here: Spot | None = self
        for step in path:
            here = here.step(step) if here is not None else None
        return here

    def hides(self, path: Path) -> bool:
        """Whether a value at a path must not be shown: secret or personal, by itself or by anything above it."""
        here: Spot | None = self
        for step in path:
            if here is None or here.secret or here.personal:
                break
            here = here.step(step)
        return here is not None and (here.secret or here.personal)

    def _below(self, hint: Any) -> Spot:
        below = spot(hint)
        return replace(below, secret=below.secret or self.secret, personal=below.personal or self.personal)


@functools.cache
def _hints(struct: Any) -> dict[str, Any]:
    return typing_extensions.get_type_hints(struct, include_extras=True)


def spot(hint: Any) -> Spot:
    """The place that an annotation describes."""
    marks: list[Any] = []
    while get_origin(hint) in (Annotated, typing_extensions.Required, typing_extensions.NotRequired):
        if get_origin(hint) is Annotated:
            marks.extend(hint.__metadata__)
            hint = hint.__origin__
        else:
            hint = get_args(hint)[0]
    secret = any(isinstance(mark, t.Secret) for mark in marks)
    return Spot(hint, tuple(marks), secret, any(isinstance(mark, t.Personal) for mark in marks))


def parts(hint: Any) -> Iterator[Any]:
    """The members of a union without their marks, or the hint itself."""
    hint = spot(hint).hint
    if get_origin(hint) in (Union, types.UnionType):
        for member in get_args(hint):
            yield from parts(member)
    else:
        yield hint


@functools.cache
def required(struct: Any) -> frozenset[str]:
    """The keys that a TypedDict must have. Read from the hints: `__required_keys__` does not see through postponed ones."""
    return frozenset(key for key, hint in _hints(struct).items() if _is_required(hint))


def _is_required(hint: Any) -> bool:
    while get_origin(hint) is Annotated:
        hint = hint.__origin__
    return get_origin(hint) is typing_extensions.Required


@functools.lru_cache(maxsize=256)
def elsewhere(struct: Any, key: str) -> tuple[tuple[Path, bool], ...]:
    """Places in a document of this type where `key` is the name of a field, or (True) the service's word for it."""
    found: list[tuple[Path, bool]] = []
    for path, field in _walk(spot(struct), ()):
        doc = field.mark(t.Doc)
        wire = {doc.wire, doc.wire.rpartition(".")[2]} if doc is not None and doc.wire else set()
        if path[-1] == key or key in wire:
            found.append((path, path[-1] != key))
    return tuple(found)


def _walk(here: Spot, path: Path) -> Iterator[tuple[Path, Spot]]:
    for name, field in here.fields.items():
        yield (*path, name), field
        yield from _walk(field, (*path, name))


def words(here: Spot) -> str:
    """What is expected at a place, in English: `a whole number from 4 to 32`."""
    said: list[str] = []
    branches = members(here)
    if {int, float} <= {branch.hint for branch in branches}:
        branches = [branch for branch in branches if branch.hint is not int]
    for member in branches:
        text = _one(member)
        if text not in said:
            said.append(text)
    return " or ".join(said)


def members(here: Spot) -> list[Spot]:
    """The members of a union with their own marks; a single annotation with the marks around it."""
    if get_origin(here.hint) not in (Union, types.UnionType):
        return [here]
    inside = [spot(member) for member in get_args(here.hint)]
    return [inner for member in inside if member.hint is not type(None) for inner in members(member)]


def _one(here: Spot) -> str:
    hint, origin = here.hint, get_origin(here.hint)
    if origin is Literal:
        choices = ", ".join(word if str(word).isidentifier() else json.dumps(word) for word in get_args(hint))
        return f"one of {choices}" if len(get_args(hint)) > 1 else f"the word {choices}"
    if typing_extensions.is_typeddict(hint):
        names = list(_hints(hint))
        return f"a map with {', '.join(names)}" if len(names) <= 6 else "a map"
    if origin is list:
        member = next(parts(get_args(hint)[0]))
        return "a list of texts" if member is str else "a list of maps"
    if hint is bool:
        return "true or false"
    if hint is int:
        return f"a whole number{_range(here)}"
    if hint is float:
        return "a number"
    if hint is str:
        return _text(here)
    return "a map" if origin is dict else "a value"


def _text(here: Spot) -> str:
    functions = {getattr(mark, "func", None) for mark in here.marks}
    if canonical_duration in functions:
        return "a duration such as 30d or 1h30m"
    if canonical_time in functions:
        return "a time such as 2026-01-01T00:00:00Z"
    pattern = limit(here, "pattern")
    return FORMS.get(str(pattern), "a text")


def _range(here: Spot) -> str:
    low, high = limit(here, "ge"), limit(here, "le")
    if low is not None and high is not None:
        return f" from {low:,} to {high:,}"
    return f" of {low:,} or more" if low is not None else ""


def limit(here: Spot, name: str) -> Any:
    """A constraint of an annotation: `ge`, `le`, `min_length`, `max_length`, `pattern`; None where it has none."""
    for mark in here.marks:
        for holder in (mark, *getattr(mark, "metadata", ())):
            value = getattr(holder, name, None)
            if value is not None:
                return value
    return None
