"""A YAML text in canonical form: as `dump` writes, with the comments of the text, its blank lines (one at most), and its
choice of block or flow style where both are good. Before it is given back it is read again: the values and the comments must
be those of the text."""

from __future__ import annotations

from collections.abc import Callable

from ..values import JsonValue
from .problems import YamlError
from .reading import parse_collect
from .repairs import same
from .surrogates import without_surrogate_pairs
from .text import readable
from .writer import dump


class NotKept(Exception):
    """When the canonical form would not hold what the text holds: a fault of ours. The text says what, without any value."""


def canonical(source: str | bytes, arrange: Callable[[JsonValue], JsonValue] = lambda value: value) -> str:
    """The canonical form of a text. `arrange` gives an equal document with its keys in order; documents with anchors keep
    theirs, because an alias must stay behind its anchor.

    Raises YamlError with all problems of a text that the strict reader refuses, NotKept for a fault of ours.
    """
    text = readable(source)
    found, problems = parse_collect(text)
    if problems:
        raise YamlError(problems)
    values = [document.value for document in found]
    arranged = [arrange(value) for value in values]
    written = dump(arranged)
    if written == text or without_surrogate_pairs(text)[1] is not None:  # JSON has no comments
        return written
    written, comments = with_comments(text, arrange)
    _check(values, comments, written)
    return written


def with_comments(text: str, arrange: Callable[[JsonValue], JsonValue]) -> tuple[str, list[str]]:
    """The canonical form of a text that the strict reader takes, and the comments of the text."""
    from .commented import CommentedDocument, CommentedText
    from .layout import text_of

    def in_order(document: CommentedDocument) -> CommentedDocument:
        if document.root is not None and not document.anchors:
            document.root.node.arrange(arrange(document.root.node.value))
        return document

    found = CommentedText(text)
    return text_of(map(in_order, found)), found.comments


def _check(values: list[JsonValue], comments: list[str], written: str) -> None:
    from .comments import comment_texts

    again, problems = parse_collect(written)
    if problems:
        raise NotKept(f"it could not be read again: {problems[0]}")
    if not same([document.value for document in again], list(values)):
        raise NotKept("its values would be others")
    if sorted(comment_texts(written)) != sorted(comments):
        raise NotKept("its comments would be others")
