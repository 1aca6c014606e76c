"""Sections: the parts of an object's settings that people name one by one, `passwordPolicy` or `pool.signIn.firstFactor`. Which
fields they stand for follows from the kinds; the service's own words are understood as well."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..core.fieldpath import FieldPath, Item, format_path, parse_path
from ..core.values import JsonMap, JsonValue
from .kind import Kind
from .registry import KINDS
from .shape import Field
from .suggest import nearest


class Section(NamedTuple):
    """A field, or a struct of fields, of one kind (by its word)."""

    kind: str
    path: FieldPath

    def __str__(self) -> str:
        return format_path(self.path)


def sections_named(text: str) -> tuple[Section, ...]:
    """What a name stands for: `PATH` in every kind that has it, `KIND.PATH` in one kind; empty where it is unknown.

    A kind is said by its word or its name. A path of our own words wins over the service's words for another field."""
    try:
        path = parse_path(text)
    except ValueError:
        return ()
    if any(isinstance(step, Item) for step in path):
        return ()
    of_kind = [kind for kind in KINDS if path[0] in (kind.word, kind.name)]
    found = _in(of_kind, path[1:]) if of_kind and len(path) > 1 else ()
    return found or _in(KINDS, path)


def nearest_section(text: str) -> str | None:
    """The name that reads most like an unknown one: in the kind that it names, else in any; whole, or by its last word."""
    word, _, rest = text.partition(".")
    of_kind = next((kind for kind in KINDS if rest and word in (kind.word, kind.name)), None)
    if of_kind is not None and (near := _nearest(rest, (of_kind,))) is not None:
        return f"{word}.{near}"
    return _nearest(rest if of_kind is not None else text, KINDS)


def _nearest(text: str, kinds: Iterable[Kind]) -> str | None:
    names = {format_path(path): None for kind in kinds for path, _ in _nodes(kind.word)}
    near = nearest(text, names)
    if near is not None:
        return near
    by_last = {name.rpartition(".")[2]: name for name in reversed(names)}
    last = nearest(text.rpartition(".")[2], by_last)
    return by_last[last] if last is not None else None


def part_of(spec: JsonMap, sections: Iterable[Section]) -> JsonMap:
    """Of a spec what the sections name, and nothing else."""
    found: JsonMap = {}
    for section in sections:
        _copy(spec, section.path, found)
    return found


def _copy(spec: JsonMap, path: FieldPath, into: JsonMap) -> None:
    value: JsonValue = spec
    for step in path:
        if not isinstance(value, dict) or step not in value:
            return
        value = value[step]
    if value in ({}, []):
        return
    for step in path[:-1]:
        inner = into.setdefault(step, {})
        assert isinstance(inner, dict)
        into = inner
    into[path[-1]] = value


def _in(kinds: Iterable[Kind], path: FieldPath) -> tuple[Section, ...]:
    listed = list(kinds)
    own = tuple(Section(kind.word, path) for kind in listed if _leads_somewhere(kind.shape, path))
    if own:
        return own
    text = format_path(path)
    meant = [(kind.word, _by_wire(kind.word).get(text, ())) for kind in listed]
    return tuple(Section(word, paths[0]) for word, paths in meant if len(paths) == 1)


def _leads_somewhere(shape: Field, path: FieldPath) -> bool:
    """A field, a struct of fields, or a key of a map whose keys are the user's."""
    here = shape
    for number, step in enumerate(path, 1):
        child = here.children.get(step) if here.is_struct else None
        if child is None:
            return False
        here = child
        if here.per_key:
            return len(path) - number <= 1
    return True


@functools.cache
def _nodes(word: str) -> tuple[tuple[FieldPath, Field], ...]:
    kind = next(kind for kind in KINDS if kind.word == word)
    return tuple(_below(kind.shape, ()))


def _below(shape: Field, path: FieldPath) -> Iterator[tuple[FieldPath, Field]]:
    for key, child in shape.children.items():
        yield (*path, key), child
        if child.is_struct:
            yield from _below(child, (*path, key))


@functools.cache
def _by_wire(word: str) -> dict[str, tuple[FieldPath, ...]]:
    """The service's words, alone and below those of the section -> the fields they stand for."""
    found: dict[str, list[FieldPath]] = {}
    spelled: dict[FieldPath, set[str]] = {}
    for path, field in _nodes(word):
        above = {format_path(path[:-1]), *spelled.get(path[:-1], ())} if len(path) > 1 else set[str]()
        own = {field.wire} if field.wire else set[str]()
        spelled[path] = own | {f"{parent}.{name}" for parent in above for name in (*own, path[-1])}
        for text in spelled[path]:
            found.setdefault(text, []).append(path)
    return {text: tuple(paths) for text, paths in found.items()}
