"""Plain tables: columns as wide as their widest cell, every cell harmless, no frames, so that they can be cut and sorted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .escape import escape
from .layout import columns


def table_text(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Two spaces between columns; the last column is not padded."""
    cells = [list(head), *([escape(cell) for cell in row] for row in rows)]
    widths = [max(columns(row[at]) for row in cells) for at in range(len(head))]
    lines = []
    for row in cells:
        padded = [cell + " " * (widths[at] - columns(cell)) for at, cell in enumerate(row)]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines) + "\n"
