"""Laying out harmless text: widths on a terminal, wrapping, values on one line or as a block. No plan and no words of its own
here."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator

from ..core.values import JsonValue
from ..core.yaml.scalars import reads_as_text
from .escape import escape

WIDTH = 80
LONGEST_TEXT = 300  # characters of one value; the rest is counted, JSON output has it whole
_PLAIN = re.compile(r"[\w$/+][\w.@#:/+$-]*\Z")  # and no `:` at the end, see `_text`


def columns(text: str) -> int:
    """How many columns of a terminal a harmless text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, indent: str = "", width: int = WIDTH, *, hanging: str | None = None) -> list[str]:
    """A paragraph in lines of at most `width` columns; `hanging` indents the second and later lines. Words that are longer
    than a line are cut."""
    later = indent if hanging is None else hanging
    lines: list[str] = []
    line, empty = indent, True
    for word in _words(text, max(8, width - max(columns(indent), columns(later)))):
        if not empty and columns(line) + 1 + columns(word) > width:
            lines.append(line.rstrip())
            line, empty = later, True
        line = line + word if empty else f"{line} {word}"
        empty = False
    return [*lines, line.rstrip()]


def _words(text: str, longest: int) -> Iterator[str]:
    for word in text.split(" "):
        while columns(word) > longest:
            at = longest
            while columns(word[:at]) > longest:
                at -= 1
            yield word[:at]
            word = word[at:]
        yield word


def flow(value: JsonValue) -> str:
    """A value on one line, harmless, keys sorted so that equal values read the same: texts bare where YAML would take them
    for the same text, else quoted as in JSON."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value)
        case list():
            return f"[{', '.join(map(flow, value))}]"
        case dict():
            return "{" + ", ".join(f"{_text(key)}: {flow(inner)}" for key, inner in sorted(value.items())) + "}"
    return json.dumps(value)


def _text(text: str) -> str:
    if _PLAIN.match(text) and text[-1] != ":" and text.isprintable() and reads_as_text(text):
        return escape(text)
    return escape(json.dumps(text, ensure_ascii=False))


def shortened(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text of at most about `longest` characters; says how much is missing."""
    if len(text) <= longest:
        return text
    kept = longest - 60
    return f"{text[:kept]} ... ({len(text) - kept:,} more characters)"


def shortened_pair(before: str, after: str, longest: int = LONGEST_TEXT) -> tuple[str, str]:
    """Two long texts cut so that the place where they begin to differ is in sight."""
    if len(before) <= longest and len(after) <= longest:
        return before, after
    same = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        same += 1
    start = max(0, same - 40)
    lead = f"({start:,} equal characters) ... " if start else ""
    return lead + shortened(before[start:], longest), lead + shortened(after[start:], longest)


def block(name: str, value: JsonValue, indent: str, width: int = WIDTH) -> list[str]:
    """`name: value` on one line where it fits, else as an indented tree; members of lists begin with `+`."""
    line = f"{indent}{name}: {shortened(flow(value))}"
    inner = indent + "  "
    if columns(line) <= width or width - len(inner) < 24 or not value:
        return [line] if columns(line) <= width else wrap(line.lstrip(), indent, width, hanging=inner)
    if isinstance(value, dict):
        lines = [f"{indent}{name}:"]
        for key, member in sorted(value.items()):
            lines += block(_text(key), member, inner, width)
        return lines
    if isinstance(value, list):
        lines = [f"{indent}{name}:"]
        for member in value:
            lines += wrap(shortened(flow(member)), f"{inner}+ ", width, hanging=f"{inner}  ")
        return lines
    return wrap(line.lstrip(), indent, width, hanging=inner)
