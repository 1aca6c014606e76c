"""How much of an object is managed: its settings that are declared, and all that its kind has. Counted from the paths of an
ownership record (or of a change that makes one), so that nobody has to read the manifest again."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import NamedTuple

from ..core.fieldpath import FieldPath, parse_path
from ..resources.registry import by_word
from ..resources.shape import Field
from .model import Action, Change

_UNKNOWN = "extra"  # fields of the service that nobody here knows: nobody can say how many there are


class Extent(NamedTuple):
    """`declared` settings of the `settable` ones of a kind. A list or a map of the user's own keys is one setting."""

    declared: int
    settable: int

    @property
    def partial(self) -> bool:
        """Whether some settings are left alone."""
        return self.declared < self.settable

    def __str__(self) -> str:
        return f"{self.declared} of {self.settable} fields managed"


def extent_of(word: str, fields: Iterable[str]) -> Extent:
    """The extent of an object of a kind, by the field paths (as texts) that its record holds."""
    declared = {leaf for leaf in (_leaf(word, text) for text in fields) if leaf is not None}
    return Extent(len(declared), _settable(word))


def extent(change: Change) -> Extent | None:
    """How much is managed once a change is done; None for objects that go, or are given up."""
    if change.ownership is None or change.action in (Action.DELETE, Action.RELEASE):
        return None
    return extent_of(change.address.kind, change.ownership.fields)


@functools.cache
def _settable(word: str) -> int:
    return sum(1 for path, _ in by_word()[word].shape.leaves() if path != (_UNKNOWN,))


@functools.lru_cache(maxsize=16384)
def _leaf(word: str, text: str) -> FieldPath | None:
    """The setting that a path leads to or into; None for metadata, and for what is no known setting."""
    here: Field = by_word()[word].shape
    done: list[str] = []
    for step in parse_path(text):
        child = here.children.get(step) if here.is_struct else None
        if child is None:
            break
        done.append(step)
        here = child
    return tuple(done) if done and not here.is_struct and done != [_UNKNOWN] else None
