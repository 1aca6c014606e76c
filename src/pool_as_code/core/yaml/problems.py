"""What reading YAML gives and what it complains about: documents, spans, problems. No reading here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ..edits import Edit
from ..values import JsonValue

MAX_DEPTH = 64  # levels of maps and lists in each other, read or written


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file: `index` from 0 (empty documents count), `line` from 1: where its value begins."""

    index: int
    line: int
    value: JsonValue


class Span(NamedTuple):
    """A place in a text. Lines and columns count from 1; the end column is the one behind the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class YamlProblem:
    """One thing that is wrong, with its place and, where a machine can carry the hint out, the edits that do so."""

    code: str
    summary: str
    line: int
    column: int
    hint: str | None = None
    edits: tuple[Edit, ...] = ()
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.severity} {self.code}: {self.summary}"


class YamlError(Exception):
    """When a text can not be read. `problems` are all that were found, in order of their places; at least one is an error."""

    def __init__(self, problems: Iterable[YamlProblem]) -> None:
        self.problems: tuple[YamlProblem, ...] = tuple(sorted(problems, key=lambda p: (p.line, p.column, p.code)))
        super().__init__("\n".join(map(str, self.problems)))
