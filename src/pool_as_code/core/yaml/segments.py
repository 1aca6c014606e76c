"""Cutting a text into its documents without parsing it: at the lines that begin with `---`, which end a document wherever they
stand. Not for texts with directives or ends of documents (`...`), which are rare and left whole."""

from __future__ import annotations

from dataclasses import dataclass

_BEHIND_MARKER = ("\n", " ", "\t", "")


@dataclass(frozen=True, slots=True)
class Segment:
    """One document in the text, from its marker on: `line` (from 0) is that of the start."""

    start: int
    end: int
    line: int
    index: int


def padded(text: str) -> str:
    """The form in which texts are cut: every marker stands behind a line feed."""
    return "\n" + text


def can_be_cut(text: str) -> bool:
    """Whether a padded text has neither directives nor ends of documents. (The short texts are looked for because that is much
    faster, and mostly says it all.)"""
    return not (("..." in text and "\n..." in text) or ("%" in text and "\n%" in text))


class Cutter:
    """Goes over a padded text. `at` is where the next document begins (behind a bare marker `---`), `line` (from 0) its line.

    Whether the text before the first marker is a document, or only comments, is not known here: it counts as one.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at, self.line, self.index = 1, 0, 0
        self.marker = 0  # characters of the bare marker before `at`
        self.search = 0  # where to look for the next marker

    def cut(self) -> Segment:
        """The next document; goes on to the one behind it."""
        text, at = self.text, self.at
        end = text.find("\n---", self.search)
        while end >= 0 and text[end + 4 : end + 5] not in _BEHIND_MARKER:
            end = text.find("\n---", end + 4)
        segment = Segment(at - self.marker, end + 1 or len(text), self.line - bool(self.marker), self.index)
        self.marker = 4 if end >= 0 and text[end + 4 : end + 5] == "\n" else 0
        self.at = segment.end + self.marker
        self.search = self.at - 1 if self.marker else self.at
        self.line += text.count("\n", at, self.at)
        self.index += 1
        return segment

    def go_to(self, at: int, line: int, index: int) -> None:
        """Goes to a place behind a bare marker."""
        self.at, self.line, self.index = at, line, index
        self.marker, self.search = 4, at - 1
