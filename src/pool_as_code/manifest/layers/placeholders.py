"""Placeholders in texts: `${var.NAME}`, `${row.COLUMN}`, and `$${` for a literal `${`.

A placeholder that is the whole text takes the value with its type; in the middle of a text the value is written out. What is
put in is never looked at again, so a cell or a variable can not bring placeholders of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ...core.values import JsonMap, JsonValue

MARK = "${"
_GUARD = "\ud800"  # before a character of a cell that means itself; half a pair, which no text from a file holds
Path = tuple[str | int, ...]
_PLACEHOLDER = re.compile("\ud800(?P<guarded>[\ud800$])|(?P<literal>\\$\\$\\{)|\\$\\{(?P<inside>[^{}]*)(?P<end>\\}?)")
_GUARDED = re.compile("\ud800([\ud800$])")
_NAME = re.compile(r"(var|row)\.([A-Za-z_][A-Za-z0-9_]*)\Z")


class Used(NamedTuple):
    """A placeholder in a text: `var` or `row`, and the name; both empty for one that is none."""

    scope: str
    name: str
    text: str
    whole: bool


class Missing:
    """The value of a cell that is empty: what would hold it is left out."""


MISSING = Missing()


def placeholders(text: str) -> Iterator[Used]:
    """The placeholders of a text, in order."""
    for match in _PLACEHOLDER.finditer(text):
        if match["inside"] is not None:
            named = _named(match)
            scope, name = (named[1], named[2]) if named else ("", "")
            yield Used(scope, name, match[0], match[0] == text)


def _named(match: re.Match[str]) -> re.Match[str] | None:
    return _NAME.match(match["inside"]) if match["end"] else None


def escaped(text: str) -> str:
    """The text as people write it in a manifest, so that every `${` means itself."""
    return text.replace(MARK, "$${") if MARK in text else text


def literal(value: JsonValue) -> JsonValue:
    """A value as people write it in a manifest: no text of it is read as a placeholder."""
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, dict):
        return {key: literal(below) for key, below in value.items()}
    return list(map(literal, value)) if isinstance(value, list) else value


def guarded(text: str) -> str:
    """The text of a cell, so that it means itself wherever it is put in, whatever follows."""
    if "$" not in text and _GUARD not in text:
        return text
    return text.replace(_GUARD, _GUARD * 2).replace("$", f"{_GUARD}$")


def unguarded(text: str) -> str:
    """The text of a cell again."""
    return _GUARDED.sub(r"\1", text) if _GUARD in text else text


def needs_guard(value: JsonValue) -> bool:
    """Whether a cell holds a text that is changed by `guarded`."""
    if isinstance(value, str):
        return "$" in value or _GUARD in value
    if isinstance(value, dict):
        return any(map(needs_guard, value.values()))
    return isinstance(value, list) and any(map(needs_guard, value))


def used_below(value: JsonValue, at: Path = ()) -> Iterator[tuple[Path, Used]]:
    """Every placeholder in the texts of a value, with its place. Keys are literal; what would be a placeholder in one has no
    scope."""
    if isinstance(value, str):
        if MARK in value:
            yield from ((at, used) for used in placeholders(value))
    elif isinstance(value, dict):
        for key, below in value.items():
            if MARK in key and any(used.scope for used in placeholders(key)):
                yield (*at, key), Used("", "", key, False)
            yield from used_below(below, (*at, key))
    elif isinstance(value, list):
        for position, below in enumerate(value):
            yield from used_below(below, (*at, position))


def has_placeholders(value: JsonValue) -> bool:
    """Whether any text or key below holds the beginning of a placeholder."""
    if isinstance(value, str):
        return MARK in value
    if isinstance(value, dict):
        return any(MARK in key or has_placeholders(below) for key, below in value.items())
    return isinstance(value, list) and any(map(has_placeholders, value))


def put_in(value: JsonValue, values: JsonMap) -> JsonValue:
    """The value with variables put in, and with `$${` and the guards of cells undone. Every variable must have a value."""
    if isinstance(value, str):
        return _filled(value, values) if MARK in value or _GUARD in value else value
    if isinstance(value, dict):
        return {key: put_in(below, values) for key, below in value.items()}
    return [put_in(below, values) for below in value] if isinstance(value, list) else value


def _filled(text: str, values: JsonMap) -> JsonValue:
    whole = _PLACEHOLDER.fullmatch(text)
    if whole is not None and whole["inside"] is not None and (named := _named(whole)):
        return values[named[2]]

    def write(match: re.Match[str]) -> str:
        if match["guarded"]:
            return match["guarded"]
        if match["literal"]:
            return MARK
        named = _named(match)
        return written(values[named[2]]) if named else match[0]

    return _PLACEHOLDER.sub(write, text)


def written(value: JsonValue) -> str:
    """A value in the middle of a text."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


Cells = dict[str, JsonValue]


class Template:
    """A value with `${row.COLUMN}` in it, made ready to be filled ten thousand times. `columns` are those that it uses."""

    def __init__(self, value: JsonValue) -> None:
        self.columns = {used.name for _, used in used_below(value) if used.scope == "row"}
        self._constant = value
        self._fill = _prepared(value)

    def fill(self, cells: Cells) -> JsonValue | Missing:
        """The value for one row. Cells are put in guarded: variables are put in afterwards."""
        return self._constant if self._fill is None else self._fill(cells)


_Fill = Callable[[Cells], "JsonValue | Missing"]


def _prepared(value: JsonValue) -> _Fill | None:
    """How a value is filled; None for one that is the same for every row."""
    if isinstance(value, str):
        return _prepared_text(value)
    if isinstance(value, dict):
        return _prepared_map(value)
    return _prepared_list(value) if isinstance(value, list) else None


def _prepared_text(text: str) -> _Fill | None:
    uses = [used for used in placeholders(text) if used.scope == "row"] if MARK in text else []
    if not uses:
        return None
    if len(uses) == 1 and uses[0].whole:
        column = uses[0].name
        return lambda cells: _whole(cells.get(column))
    pieces: list[tuple[str, str]] = []  # a text, and the column that follows
    at = 0
    for match in _PLACEHOLDER.finditer(text):
        named = _named(match) if match["inside"] is not None else None
        if named and named[1] == "row":
            pieces.append((text[at : match.start()], named[2]))
            at = match.end()
    rest = text[at:]
    return lambda cells: "".join(before + guarded(written(cells.get(column))) for before, column in pieces) + rest


def _whole(cell: JsonValue) -> JsonValue | Missing:
    if isinstance(cell, str):
        return guarded(cell) if cell else MISSING
    return MISSING if cell is None else _guarded_below(cell)


def _guarded_below(cell: JsonValue) -> JsonValue:
    if isinstance(cell, str):
        return guarded(cell)
    if isinstance(cell, dict):
        return {key: _guarded_below(value) for key, value in cell.items()}
    return [_guarded_below(value) for value in cell] if isinstance(cell, list) else cell


def _prepared_map(value: JsonMap) -> _Fill | None:
    fills = {key: fill for key, below in value.items() if (fill := _prepared(below)) is not None}
    if not fills:
        return None

    def fill_map(cells: Cells) -> JsonValue:
        made = dict(value)
        for key, fill in fills.items():
            filled = fill(cells)
            if isinstance(filled, Missing):
                del made[key]
            else:
                made[key] = filled
        return made

    return fill_map


def _prepared_list(value: list[JsonValue]) -> _Fill | None:
    fills = [_prepared(below) for below in value]
    if all(fill is None for fill in fills):
        return None

    def fill_list(cells: Cells) -> JsonValue:
        made = [below if fill is None else fill(cells) for below, fill in zip(value, fills, strict=True)]
        return [member for member in made if not isinstance(member, Missing)]

    return fill_list
