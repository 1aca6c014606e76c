"""Edits: changes to a text that carry out a hint by machine. Pure; whoever applies them to a file writes the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

_BOM = "\ufeff"


class Edit(NamedTuple):
    """Replaces `length` characters at `column` of `line` (both from 1) by `replacement`, which may hold line breaks.

    A length of -1 reaches over the rest of the line and its line break, so `Edit(line, 1, -1, "")` deletes a line.
    """

    line: int
    column: int
    length: int
    replacement: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits done; places are those of the text as given.

    Equal edits count once. Of two that overlap the earlier one is done and the later one left for another round.
    A byte order mark at the start belongs to no column. Raises ValueError for a place outside the text.
    """
    mark = _BOM if text.startswith(_BOM) else ""
    body = text[len(mark) :]
    starts = [0]
    while (at := body.find("\n", starts[-1])) >= 0:
        starts.append(at + 1)
    newline = "\r\n" if "\r\n" in body else "\n"
    pieces: list[str] = [mark]
    done = 0
    previous: Edit | None = None
    for edit in sorted(set(edits)):
        begin, end = _span(body, starts, edit)
        if previous is not None and begin < done:
            continue
        pieces += [body[done:begin], edit.replacement.replace("\n", newline)]
        done, previous = end, edit
    pieces.append(body[done:])
    return "".join(pieces)


def _span(body: str, starts: list[int], edit: Edit) -> tuple[int, int]:
    if not 1 <= edit.line <= len(starts) or edit.column < 1:
        raise ValueError(f"no such place in the text: line {edit.line}, column {edit.column}")
    begin = starts[edit.line - 1] + edit.column - 1
    line_end = starts[edit.line] if edit.line < len(starts) else len(body)
    end = line_end if edit.length < 0 else begin + edit.length
    if not begin <= end <= line_end:
        raise ValueError(f"line {edit.line} of the text ends before column {edit.column + max(edit.length, 0)}")
    return begin, end
