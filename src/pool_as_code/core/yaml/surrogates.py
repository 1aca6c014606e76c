"""Characters beyond U+FFFF as JSON escapes them: two halves, `\\ud83d\\ude00`. YAML has no such escapes, and the parser refuses
them; in a document that is JSON they are joined before it is parsed, and the columns behind them are put right."""

from __future__ import annotations

import json
import re
from typing import Any

SURROGATE_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_ESCAPE = re.compile(rf"{SURROGATE_PAIR.pattern}|\\.", re.DOTALL)


class Shifts:
    """How far the columns of the joined text lie left of those of the text as it was: line -> [(column there, characters)]."""

    def __init__(self) -> None:
        self._lines: dict[int, list[tuple[int, int]]] = {}

    def add(self, line: int, column: int, by: int) -> None:
        """`column` is the first one (of the joined text) that is shifted."""
        self._lines.setdefault(line, []).append((column, by))

    def column(self, mark: Any) -> int:
        """The column, in the text as it was, of a mark in the joined one."""
        column: int = mark.column
        return column + sum(by for start, by in self._lines.get(mark.line, ()) if start <= column)


def combined(pair: re.Match[str]) -> str:
    """The character of two escaped halves."""
    return (chr(int(pair[1], 16)) + chr(int(pair[2], 16))).encode("utf-16", "surrogatepass").decode("utf-16")


def without_surrogate_pairs(text: str) -> tuple[str, Shifts | None]:
    """The text of a JSON document with its pairs joined, and the shifts that made; any other text as it is."""
    if "\\ud" not in text and "\\uD" not in text:
        return text, None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text, None
    shifts = Shifts()
    pieces: list[str] = []
    done = line = column = 0
    for match in _ESCAPE.finditer(text):
        if match[1] is None:
            continue
        before, char = text[done : match.start()], combined(match)
        line += before.count("\n")
        column = len(before) - before.rfind("\n") - 1 if "\n" in before else column + len(before)
        column += 1
        shifts.add(line, column, len(match[0]) - 1)
        pieces += [before, char]
        done = match.end()
    pieces.append(text[done:])
    return "".join(pieces), shifts
