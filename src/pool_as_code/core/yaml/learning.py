"""Learning the shape of a document: the events of the parser, with places, laid over the holes that were cut out of its text.
Refuses whenever a hole is anything but one whole scalar in the place of a value. Loads the parser: import it lazily."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from yaml._yaml import CParser
from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from .memo import Doubt, PlainKeys, PlainScalars
from .shapes import Constant, Hole, Shape, Tree

_SEPARATORS = frozenset((": ", "- ", ", ", "[ ", "["))
_DEEPEST = 20  # levels; the function of a deeper shape would be hard to compile


def learn(text: str, around: Sequence[str], holes: Sequence[str], plain: PlainScalars, keys: PlainKeys) -> Shape | None:
    """The shape of one document, None where it has none. Its text is `around` as [around, separator, around, separator, ...]
    with the holes behind the separators."""
    if not _SEPARATORS.issuperset(around[1::2]):
        return None
    joined = [text + separator for text, separator in zip(around[0::2], [*around[1::2], ""], strict=True)]
    try:
        return _Learner(text, joined, holes, plain, keys).shape()
    except (MarkedYAMLError, ValueError):
        return None


class _Learner:
    def __init__(
        self, text: str, around: Sequence[str], written: Sequence[str], plain: PlainScalars, keys: PlainKeys
    ) -> None:
        self.next: Callable[[], Any] = CParser(text).get_event
        self.plain = plain
        self.keys = keys
        self.around = around
        self.written = written
        self.holes: list[Hole] = []
        self.spans: list[tuple[int, int]] = []
        end = 0
        for before, hole in zip(around, written, strict=False):
            start = end + len(before)
            end = start + len(hole)
            self.spans.append((start, end))

    def shape(self) -> Shape:
        while (start := self.next()).__class__ is not DocumentStartEvent:
            if start.__class__ is StreamEndEvent:
                raise Doubt
        root = self.next()
        tree = self.value(root, 1, flow=False)
        if not isinstance(tree, dict | list) or isinstance(tree, Hole | Constant):  # it might be an empty document
            raise Doubt
        after = [self.next().__class__, self.next().__class__]
        if after != [DocumentEndEvent, StreamEndEvent] or len(self.holes) != len(self.spans):
            raise Doubt
        return Shape(tree, self.holes, self.around, root.start_mark.line)

    def value(self, event: Any, depth: int, *, flow: bool) -> Tree:
        if depth > _DEEPEST or event.__class__ is AliasEvent or event.anchor is not None or event.tag is not None:
            raise Doubt
        if event.__class__ is ScalarEvent:
            return self.scalar(event, flow=flow)
        if event.__class__ is SequenceStartEvent:
            items = []
            while (item := self.next()).__class__ is not SequenceEndEvent:
                items.append(self.value(item, depth + 1, flow=bool(event.flow_style)))
            return items
        entries: dict[str, Tree] = {}
        while (key := self.next()).__class__ is not MappingEndEvent:
            name = self.key(key)
            if name in entries:
                raise Doubt
            entries[name] = self.value(self.next(), depth + 1, flow=bool(event.flow_style))
        return entries

    def key(self, event: Any) -> str:
        if event.__class__ is not ScalarEvent or event.anchor is not None or event.tag is not None:
            raise Doubt
        if self.reaches_hole(event):
            raise Doubt
        key: str = event.value
        return key if event.style else self.keys[key]

    def scalar(self, event: Any, *, flow: bool) -> Tree:
        if not self.reaches_hole(event):
            return Constant(event.value if event.style else self.plain[event.value])
        number = len(self.holes)
        written = self.written[number]
        found = f"{event.style}{event.value}{event.style}"
        if (event.start_mark.index, event.end_mark.index) != self.spans[number] or found != written:
            raise Doubt
        hole = Hole(number, flow)
        self.holes.append(hole)
        return hole

    def reaches_hole(self, event: Any) -> bool:
        """Whether a scalar is the next hole, or runs into it or beyond."""
        number = len(self.holes)
        return number < len(self.spans) and self.spans[number][0] < event.end_mark.index
