"""The quick reader: events of the C parser to values, no places, only for documents without a doubt. Whatever is unusual
(anchors, tags, repeated or odd keys, refused scalars, broken syntax) is left to the careful reader. Loads the parser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from yaml._yaml import CParser
from yaml.error import MarkedYAMLError
from yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from ..values import JsonValue
from .memo import Doubt, PlainKeys, PlainScalars
from .problems import MAX_DEPTH


class QuickDocument(NamedTuple):
    """One document of the text: `line` (from 0) is where its value begins, None if it is empty or doubtful."""

    value: JsonValue
    line: int | None
    doubtful: bool


_DOUBTFUL = QuickDocument(None, None, doubtful=True)


class _TooDeep(Exception):
    pass


def quick_documents(text: str, plain: PlainScalars, keys: PlainKeys) -> Iterator[QuickDocument]:
    """The documents of a readable text, in order. Ends early, with a doubtful one, where nothing can be read behind."""
    get: Callable[[], Any] = CParser(text).get_event
    build = _builder(get, plain, keys, decorated=any(sign in text for sign in "&*!"))
    try:
        event = get()
        while event.__class__ is not StreamEndEvent:
            if event.__class__ is DocumentStartEvent:
                found = _document(get, build)
                event = get()  # before it is given: what is broken right behind a document makes it doubtful
                yield found
            else:
                event = get()
    except (MarkedYAMLError, _TooDeep):
        yield _DOUBTFUL


def _document(get: Callable[[], Any], build: Callable[[Any, int], JsonValue]) -> QuickDocument:
    event = get()
    try:
        value = build(event, 1)
    except ValueError:
        _drain(get)
        return _DOUBTFUL
    get()  # the end of the document
    empty = event.__class__ is ScalarEvent and not event.value and not event.style
    return QuickDocument(value, None if empty else event.start_mark.line, doubtful=False)


def _drain(get: Callable[[], Any]) -> None:
    """To the end of the document, from wherever the doubt came."""
    level = 0
    while (event := get()).__class__ is not DocumentEndEvent:
        level += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if level > MAX_DEPTH:
            raise _TooDeep


def _builder(
    get: Callable[[], Any], plain: PlainScalars, keys: PlainKeys, *, decorated: bool
) -> Callable[[Any, int], JsonValue]:
    """A function that builds the value of a node from its first event and the level of that node. It is the hottest loop but
    one of the product, hence closures, classes compared by identity, and two loops that do not share what they could.
    `decorated`: whether there can be anchors and tags at all."""

    def build(event: Any, depth: int) -> JsonValue:
        kind = event.__class__
        if kind is ScalarEvent:
            if event.anchor is not None or event.tag is not None:
                raise Doubt
            return event.value if event.style else plain[event.value]
        if kind is MappingStartEvent:
            return mapping(event, depth)
        if kind is SequenceStartEvent:
            return sequence(event, depth)
        raise Doubt

    def mapping(start: Any, depth: int) -> JsonValue:
        if decorated and (start.anchor is not None or start.tag is not None):
            raise Doubt
        if depth > MAX_DEPTH:
            raise _TooDeep
        entries: dict[str, JsonValue] = {}
        count = 0
        while True:
            event = get()
            if event.__class__ is not ScalarEvent:
                if event.__class__ is MappingEndEvent:
                    break
                raise Doubt
            if decorated and (event.anchor is not None or event.tag is not None):
                raise Doubt
            key = event.value if event.style else keys[event.value]
            event = get()
            kind = event.__class__
            if kind is ScalarEvent:
                if decorated and (event.anchor is not None or event.tag is not None):
                    raise Doubt
                entries[key] = event.value if event.style else plain[event.value]
            elif kind is MappingStartEvent:
                entries[key] = mapping(event, depth + 1)
            elif kind is SequenceStartEvent:
                entries[key] = sequence(event, depth + 1)
            else:
                raise Doubt
            count += 1
        if len(entries) != count:
            raise Doubt
        return entries

    def sequence(start: Any, depth: int) -> JsonValue:
        if decorated and (start.anchor is not None or start.tag is not None):
            raise Doubt
        if depth > MAX_DEPTH:
            raise _TooDeep
        items: list[JsonValue] = []
        while True:
            event = get()
            kind = event.__class__
            if kind is ScalarEvent:
                if decorated and (event.anchor is not None or event.tag is not None):
                    raise Doubt
                items.append(event.value if event.style else plain[event.value])
            elif kind is MappingStartEvent:
                items.append(mapping(event, depth + 1))
            elif kind is SequenceStartEvent:
                items.append(sequence(event, depth + 1))
            elif kind is SequenceEndEvent:
                return items
            else:
                raise Doubt

    return build
