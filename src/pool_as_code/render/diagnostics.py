"""Diagnostics as text: `file:line:column: error CODE: summary`, then what was found and expected, then the next action."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..core.diagnostics import Diagnostic, Severity
from .escape import escape
from .palette import PLAIN, Palette, Style

_WORDS = {Severity.ERROR: "error", Severity.WARN: "warning", Severity.INFO: "info", Severity.BLOCK: "blocked"}
_STYLES: dict[Severity, Style] = {
    Severity.ERROR: "risk",
    Severity.WARN: "change",
    Severity.INFO: "strong",
    Severity.BLOCK: "risk",
}


Pointing = Callable[[Diagnostic], Sequence[str]]
"""Harmless lines that show the place of a diagnostic in its file; nothing where there is none to be shown."""


def no_pointing(diagnostic: Diagnostic) -> Sequence[str]:
    """Where nobody looks at the screen, a place is enough."""
    return ()


def diagnostic_text(diagnostic: Diagnostic, pointing: Pointing = no_pointing, palette: Palette = PLAIN) -> str:
    """One message without a line break at its end. Safe for a terminal, whatever stands in names and values."""
    place = str(diagnostic.location) if diagnostic.location is not None else diagnostic.address
    head = escape(f"{place}: " if place else "")
    word = palette.paint(_STYLES[diagnostic.severity], escape(f"{_WORDS[diagnostic.severity]} {diagnostic.code}:"))
    lines = [f"  {line}" for line in diagnostic.detail.split("\n") if line]
    first, *more = diagnostic.hint.split("\n")
    lines += [f"  hint: {first}"] if first else []
    lines += [f"  {line}".rstrip() for line in more]  # lines to paste, for example
    return "\n".join([f"{head}{word} {escape(diagnostic.summary)}", *pointing(diagnostic), *map(escape, lines)])


def diagnostics_text(
    diagnostics: Iterable[Diagnostic], pointing: Pointing = no_pointing, palette: Palette = PLAIN
) -> str:
    """Messages one below the other, in the order given; empty for none."""
    return "".join(f"{diagnostic_text(diagnostic, pointing, palette)}\n" for diagnostic in diagnostics)
