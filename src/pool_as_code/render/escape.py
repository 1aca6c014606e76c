"""Making foreign text harmless: what a terminal would obey, hide or reorder is shown as a visible escape instead. Used for
everything that comes from manifests or stores. How values are laid out stands in `layout.py`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

# Printable as far as Python knows, and yet drawn as nothing (fillers, joiners, variation selectors).
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MARKS_IN_A_ROW = 4  # what scripts need; more of them climb over the neighbouring lines


def escape(text: str) -> str:
    """One line of harmless text: control characters, ANSI sequences, bidirectional and zero-width marks, odd white space
    and lone surrogates become `\\n`, `\\x1b`, `\\u202e`, `\\U000e0041`. Harmless text is returned as it is."""
    return _shown(text, _visible, _number)


def escape_lines(text: str) -> str:
    """Harmless text that may have several lines."""
    return "\n".join(map(escape, text.split("\n")))


def escape_json(text: str) -> str:
    """JSON text that means the same and that a terminal can show: what `escape` hides becomes `\\uXXXX` inside the strings.
    Line breaks between tokens stay."""
    return "\n".join(map(_json_line, text.split("\n")))


def _json_line(line: str) -> str:
    return _shown(line, lambda character: character if _harmless(character) else _json_number(character), _json_number)


def _shown(text: str, one: Callable[[str], str], marked: Callable[[str], str]) -> str:
    """The text with every character as `one` shows it; of a tower of combining marks the upper ones as `marked` does."""
    if text.isascii():
        return text if text.isprintable() else "".join(map(one, text))
    if text.isprintable() and not _BLANK.search(text) and not any(map(unicodedata.combining, text)):
        return text
    parts: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        parts.append(marked(character) if marks > _MARKS_IN_A_ROW else one(character))
    return "".join(parts)


def _harmless(character: str) -> bool:
    return character.isprintable() and not _BLANK.match(character)


def _visible(character: str) -> str:
    return character if _harmless(character) else _SHORT.get(character) or _number(character)


def _number(character: str) -> str:
    point = ord(character)
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _json_number(character: str) -> str:
    point = ord(character)
    if point < 0x10000:
        return f"\\u{point:04x}"
    high, low = divmod(point - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
