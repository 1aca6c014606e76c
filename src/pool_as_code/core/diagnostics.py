"""Diagnostics: the one form in which the product says what is wrong, where, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .edits import Edit


class Severity(StrEnum):
    """How much it matters. Only `ERROR` stops a command; `BLOCK` stops an apply until it is allowed."""

    INFO = "info"
    WARN = "warn"
    BLOCK = "block"
    ERROR = "error"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file. `line` and `column` count from 1; 0 means the whole file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message. `summary` is a short fact, `detail` what was found and expected, `hint` the next action.

    `edits` are the changes to the file at `location` that carry the hint out, where a machine can do that.
    None of the texts may hold a secret.
    """

    code: str
    summary: str
    severity: Severity = Severity.ERROR
    detail: str = ""
    hint: str = ""
    location: Location | None = None
    address: str = ""
    edits: tuple[Edit, ...] = field(default=(), compare=False)

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """By place, then code: the order in which people read."""
        at = self.location or Location("")
        return (at.file, at.line, at.column, self.code, self.address)


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted by place, repeated ones once."""
    seen: dict[tuple[object, ...], Diagnostic] = {}
    for item in sorted(diagnostics, key=lambda d: d.sort_key):
        seen.setdefault((*item.sort_key, item.summary), item)
    return list(seen.values())


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of them stops the command."""
    return any(item.severity is Severity.ERROR for item in diagnostics)
