"""Diagnostics as text: `file:line:column: error CODE: summary`, then what was found and expected, then the next action."""

from __future__ import annotations

from collections.abc import Iterable

from ..core.diagnostics import Diagnostic, Severity
from .escape import escape

_WORDS = {Severity.ERROR: "error", Severity.WARN: "warning", Severity.INFO: "info", Severity.BLOCK: "blocked"}


def diagnostic_text(diagnostic: Diagnostic) -> str:
    """One message without a line break at its end. Safe for a terminal, whatever stands in names and values."""
    place = str(diagnostic.location) if diagnostic.location is not None else diagnostic.address
    head = f"{place}: " if place else ""
    lines = [f"{head}{_WORDS[diagnostic.severity]} {diagnostic.code}: {diagnostic.summary}"]
    lines += [f"  {line}" for line in diagnostic.detail.split("\n") if line]
    first, *more = diagnostic.hint.split("\n")
    lines += [f"  hint: {first}"] if first else []
    lines += [f"  {line}".rstrip() for line in more]  # lines to paste, for example
    return "\n".join(map(escape, lines))


def diagnostics_text(diagnostics: Iterable[Diagnostic]) -> str:
    """Messages one below the other, in the order given; empty for none."""
    return "".join(f"{diagnostic_text(diagnostic)}\n" for diagnostic in diagnostics)
