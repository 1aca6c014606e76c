"""Where the comments of a text are. The parser throws them away, but it says where every other token begins and ends: what
stands between two tokens is blanks, indicators and comments, and there a `#` always begins a comment. What a comment is about
is not known here (`commented.py`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, cast

from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    Event,
    ScalarEvent,
    StreamEndEvent,
)

_COMMENT = re.compile(r"#[^\n]*")
_DASH_OR_COMMENT = re.compile(r"-|#[^\n]*")
_SPACE = re.compile(r"(?:[ \t\n]|#[^\n]*)*")


class Comment(NamedTuple):
    """A comment, from its `#` on, without blanks at its end. `column` counts from 0; `alone`: nothing stands before it on its
    line, or only what follows the token before; `blank`: a blank line stands right above."""

    text: str
    column: int
    alone: bool
    blank: bool


class Gaps:
    """Goes over a text from token to token; `at` is the end of the last one, `seen` are the texts of all comments so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.seen: list[str] = []

    def upto(self, end: int) -> list[Comment]:
        """The comments between the last token and the next one, which begins at `end`."""
        start, self.at = self.at, max(self.at, end)
        if self.text.find("#", start, end) < 0:
            return []
        return [self._comment(match, start) for match in _COMMENT.finditer(self.text, start, end)]

    def dash(self) -> list[Comment]:
        """The comments before the next `-` of a list; goes on behind it."""
        start, found = self.at, list[Comment]()
        for match in _DASH_OR_COMMENT.finditer(self.text, start):
            self.at = match.end()
            if match[0] == "-":
                break
            found.append(self._comment(match, start))
        return found

    def over(self, event: Event) -> list[Comment]:
        """Goes to the end of the token of an event, and behind the anchor of a list or map in block style. Returns the comments
        inside: behind an anchor, or behind the `|` of a block text."""
        start, end = index(event), end_index(event)
        anchor = getattr(event, "anchor", None)
        found: list[Comment] = []
        self.at = start
        if isinstance(event, AliasEvent):
            self.at = end
            return found
        if anchor is not None:
            self.at = start + 1 + len(anchor)
        if isinstance(event, ScalarEvent):
            if event.value or event.style:
                space = _SPACE.match(self.text, self.at)
                found += self.upto(space.end() if space else self.at)
            if event.style in ("|", ">"):
                line_end = self.text.find("\n", self.at, end)
                found += self.upto(end if line_end < 0 else line_end)
            self.at = max(self.at, end)
        elif isinstance(event, CollectionStartEvent):
            if event.flow_style:
                space = _SPACE.match(self.text, self.at) if anchor is not None else None
                found += self.upto(space.end()) if space else []
                self.at += self.text.startswith(("[", "{"), self.at)  # a pair in a list, `[a: 1]`, has no bracket
        else:
            self.at = max(start, end)
        return found

    def blank_above(self, at: int) -> bool:
        """Whether a line begins at `at` (but for blanks, and the `?` of a key), and the one above it is blank."""
        line = self.text.rfind("\n", 0, at)
        if line < 0 or self.text[line + 1 : at].strip(" \t?"):
            return False
        return not self.text[self.text.rfind("\n", 0, line) + 1 : line].strip()

    def column(self, at: int) -> int:
        """The column (from 0) of a place."""
        return at - self.text.rfind("\n", 0, at) - 1

    def _comment(self, match: re.Match[str], start: int) -> Comment:
        at = match.start()
        line = self.text.rfind("\n", 0, at) + 1
        alone = line > start or not self.text[line:at].strip()
        self.seen.append(match[0].rstrip())
        return Comment(self.seen[-1], at - line, alone, alone and self.blank_above(at))


def events(text: str) -> Iterator[Event]:
    """The events of a readable text, to the end of the stream. Raises the parser's own error for broken syntax."""
    get = cast("Callable[[], Event]", CParser(text).get_event)
    while True:
        event = get()
        yield event
        if isinstance(event, StreamEndEvent):
            return


def index(event: Event) -> int:
    """Where the token of an event begins. A block ends where the next token begins."""
    mark: Any = event.start_mark  # typed as optional; the C parser always has them
    place: int = mark.index
    return place


def end_index(event: Event) -> int:
    """Where the token of an event ends."""
    mark: Any = event.end_mark
    place: int = mark.index
    return place


def comment_texts(text: str) -> list[str]:
    """All comments of a readable text, in order. Raises the parser's own error for broken syntax."""
    gaps = Gaps(text)
    for event in events(text):
        if isinstance(event, ScalarEvent | AliasEvent | CollectionStartEvent):
            gaps.upto(index(event))
            gaps.over(event)
    gaps.upto(len(text))
    return gaps.seen
