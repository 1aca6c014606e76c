"""Where a value stands: the file is read again, carefully, when a message must show a place. Nothing is kept while parsing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .problems import Span, YamlError
from .text import readable

if TYPE_CHECKING:
    from .nodes import Node

START = Span(1, 1, 1, 1)


def locate(source: str | bytes, index: int, path: Sequence[str | int], *, key: bool = False) -> Span:
    """The place of the value at `path` (keys and positions) of a document, or of its key; else of its nearest parent.

    The start of the file where there is no such document. Repeated keys mean the first one.
    """
    return locate_many(source, [(index, path, key)])[0]


def locate_many(source: str | bytes, places: Iterable[tuple[int, Sequence[str | int], bool]]) -> list[Span]:
    """`locate` for many (index, path, key), in their order, with one pass over the file."""
    wanted = list(places)
    roots = _roots(source, {index for index, _, _ in wanted})
    return [_span(roots.get(index), path, key) for index, path, key in wanted]


def _roots(source: str | bytes, indexes: set[int]) -> dict[int, Node]:
    from .nodes import compose

    roots: dict[int, Node] = {}
    last = max(indexes, default=-1)
    try:
        for index, composed in enumerate(compose(readable(source), strict=False)):
            if index in indexes and composed.root is not None:
                roots[index] = composed.root
            if index >= last:
                break
    except YamlError:
        pass  # what stands before the broken place was found, the rest has no place
    return roots


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
