"""Where a value stands: the file is read again, carefully, when a message must show a place. Nothing is kept while parsing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from .problems import Span, YamlError
from .segments import Cutter, can_be_cut, padded
from .text import readable

if TYPE_CHECKING:
    from .nodes import ComposedDocument, Node

START = Span(1, 1, 1, 1)


def locate(source: str | bytes, index: int, path: Sequence[str | int], *, key: bool = False) -> Span:
    """The place of the value at `path` (keys and positions) of a document, or of its key; else of its nearest parent.

    The start of the file where there is no such document. Repeated keys mean the first one.
    """
    return locate_many(source, [(index, path, key)])[0]


def locate_many(source: str | bytes, places: Iterable[tuple[int, Sequence[str | int], bool]]) -> list[Span]:
    """`locate` for many (index, path, key), in their order, with one pass over the file."""
    wanted = list(places)
    try:
        found = dict(roots(readable(source), {index for index, _, _ in wanted}))
    except YamlError:
        found = {}
    return [_span(found.get(index), path, key) for index, path, key in wanted]


def roots(text: str, indexes: Collection[int]) -> Iterator[tuple[int, Node]]:
    """The trees of some documents of a readable text, by their index. Only those are parsed; empty and broken ones, and what
    stands behind broken syntax, have none."""
    from .nodes import compose

    try:
        if can_be_cut(text := padded(text)):
            composed = _composed(Cutter(text), indexes)
        else:
            composed = enumerate(compose(text[1:], strict=False))
        last = max(indexes, default=-1)
        for index, document in composed:
            if index in indexes and document.root is not None:
                yield index, document.root
            if index >= last:
                return
    except YamlError:
        pass


def _composed(cutter: Cutter, indexes: Collection[int]) -> Iterator[tuple[int, ComposedDocument]]:
    from .nodes import compose

    while cutter.at < len(cutter.text):
        segment = cutter.cut()
        if segment.index and segment.index not in indexes:
            continue
        text = cutter.text[segment.start : segment.end]
        found = False
        for document in compose(text, strict=False, first_line=segment.line):
            found = True
            yield segment.index, document
        if not found:  # comments before the first marker
            cutter.index -= 1


def _span(node: Node | None, path: Sequence[str | int], key: bool) -> Span:
    if node is None:
        return START
    span = node.span
    for number, step in enumerate(path, 1):
        child: Node | None = None
        if isinstance(node.children, dict) and isinstance(step, str):
            child = node.children.get(step)
        elif isinstance(node.children, list) and isinstance(step, int) and -1 < step < len(node.children):
            child = node.children[step]
        if child is None:
            break
        span = node.keys.get(str(step), child.span) if key and number == len(path) else child.span
        node = child
    return span
