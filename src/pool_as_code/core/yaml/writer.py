"""Values to canonical YAML: one text per value, read alike by YAML 1.2 and 1.1 tools. No comments are kept here: whoever
rewrites a file of people keeps theirs.

    blocks for maps and lists, two spaces deeper each      key:
    flow for a list or map of scalars that fits the line     names: [a, b]
    plain texts where no reader could take them otherwise    - {email: ada@example.com, verified: true}
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from ..values import INT64_MAX, INT64_MIN, JsonValue
from .problems import MAX_DEPTH
from .scalars import reads_as_text

WIDTH = 100  # columns that a collection in flow style may reach
_FLOW_ENTRIES = 4  # entries of a map in flow style; more read better one a line
_FLOW_MAPS = 3  # small maps of a list in flow style
LONGEST_KEY = 1000  # characters; the parser takes a longer key for none (from 1024) unless it is marked with `?`

# Never written as they are: controls, line separators, spaces that look like a blank, marks without a width or that turn
# the direction of writing, surrogates, noncharacters, the last planes.
_HIDDEN = (
    r"\x00-\x1f\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\ud800-\udfff\ufeff\ufff0-\uffff"
    r"\U000e0000-\U0010ffff"
)
HIDDEN_CHARACTER = re.compile(rf"[{_HIDDEN}]")
_ESCAPED = re.compile(rf'["\\{_HIDDEN}]')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_START = rf"[A-Za-z0-9_/$(+]|\.(?!\.)|[^\x00-\x7f{_HIDDEN}]"
_PLAIN_IN_BLOCK = re.compile(rf"(?:{_START})(?:[^: {_HIDDEN}]|:(?=[^ ])| (?=[^#]))*")
_PLAIN_IN_FLOW = re.compile(rf"(?:{_START})(?:[^: ,?\[\]{{}}{_HIDDEN}]|:(?=[^ ,?\[\]{{}}])| (?=[^#,?\[\]{{}}]))*")


def dump(documents: Iterable[JsonValue], *, header_comments: Sequence[str] = ()) -> str:
    """The text of a file with these documents; `header_comments` are lines for its top, without their `# `.

    Raises ValueError for what no YAML or JSON file of ours can hold: infinity, not-a-number, whole numbers beyond 64 bits,
    lone surrogates, more than 64 levels. Keys keep their order; equal values give equal texts.
    """
    lines = [f"# {comment}".rstrip() for comment in header_comments]
    for number, document in enumerate(documents):
        if number:
            lines.append("---")
        lines += value_lines(document, 0, 1)
    return "".join(f"{line}\n" for line in lines)


def block_entries(entries: Mapping[str, JsonValue], column: int = 0, depth: int = 1) -> list[str]:
    """The lines of a map in block style. `column` is where they will stand (from 0), `depth` their level (from 1)."""
    lines: list[str] = []
    for key, value in entries.items():
        name = key_text(key)
        if len(name) > LONGEST_KEY:
            lines += [f"? {name}", *entry_lines(":", value, column, depth)]
        else:
            lines += entry_lines(f"{name}:", value, column, depth)
    return lines


def flow_entries(entries: Mapping[str, JsonValue]) -> list[str]:
    """The entries of a map as they stand between braces."""
    return [f"{key_text(key)}: {flow_text(value)}" for key, value in entries.items()]


@lru_cache(maxsize=2_000)
def key_text(key: str) -> str:
    """A key as it is written, in block and in flow."""
    return key if _PLAIN_IN_FLOW.fullmatch(key) and reads_as_text(key) else double_quoted(key)


def double_quoted(text: str) -> str:
    """A text in double quotes; what can not be seen is escaped."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _quoted(text: str) -> str:
    """In double quotes; in single ones where that spares a backslash or quote its escape, as in patterns."""
    if ("\\" in text or '"' in text) and "'" not in text and not HIDDEN_CHARACTER.search(text):
        return f"'{text}'"
    return double_quoted(text)


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if char in _ESCAPES:
        return _ESCAPES[char]
    code = ord(char)
    if 0xD800 <= code < 0xE000:
        raise ValueError("a lone surrogate can not be written: it is half of a character")
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def value_lines(value: JsonValue, column: int, depth: int) -> list[str]:
    """A value as lines of their own. Raises ValueError below the deepest level."""
    if depth > MAX_DEPTH + 1:
        raise ValueError(f"more than {MAX_DEPTH} levels of maps and lists")
    if value and isinstance(value, dict):
        return block_entries(value, column, depth)
    if value and isinstance(value, list):
        lines: list[str] = []
        for item in value:
            lines += item_lines(item, column, depth)
        return lines
    literal = literal_lines(value)
    return [literal[0], *deeper(literal[1:])] if literal else [_scalar(value, _PLAIN_IN_BLOCK)]


def entry_lines(head: str, value: JsonValue, column: int, depth: int) -> list[str]:
    """A value behind its key: on the same line, or below it."""
    if isinstance(value, dict | list):
        flow = short_flow(value, WIDTH - column - len(head) - 1)
        return [f"{head} {flow}"] if flow else [head, *deeper(value_lines(value, column + 2, depth + 1))]
    first, *rest = value_lines(value, column, depth)
    return [f"{head} {first}", *rest]


def item_lines(value: JsonValue, column: int, depth: int) -> list[str]:
    """A member of a list, behind its dash."""
    flow = short_flow(value, WIDTH - column - 2) if isinstance(value, dict | list) else ""
    first, *rest = [flow] if flow else value_lines(value, column + 2, depth + 1)
    return [f"- {first}", *(rest if isinstance(value, str) else deeper(rest))]


def deeper(lines: Iterable[str]) -> list[str]:
    """The lines one level further to the right."""
    return [line and f"  {line}" for line in lines]


def literal_lines(value: JsonValue) -> list[str] | None:
    """A text of several lines as `|` and its lines, where that keeps every character of it."""
    if not isinstance(value, str) or "\n" not in value or value[0] in " \t\n":
        return None
    lines = value.removesuffix("\n").split("\n")
    if not lines[-1] or any(
        line.endswith((" ", "\t")) or HIDDEN_CHARACTER.search(line.replace("\t", "")) for line in lines
    ):
        return None
    return ["|" if value.endswith("\n") else "|-", *lines]


def short_flow(value: dict[str, JsonValue] | list[JsonValue], room: int) -> str:
    """A collection in flow style, empty where block style is better. `room`: columns that it may take."""
    if isinstance(value, dict):
        fit = len(value) <= _FLOW_ENTRIES and all(map(_is_short, value.values()))
    elif any(isinstance(item, dict) for item in value):
        fit = len(value) <= _FLOW_MAPS and all(isinstance(item, dict) and short_flow(item, room) for item in value)
    else:
        fit = len(value) <= room and all(map(_is_short, value))
    text = flow_text(value) if fit else ""
    return text if len(text) <= room else ""


def _is_short(value: JsonValue) -> bool:
    if isinstance(value, str):
        return len(value) <= WIDTH and "\n" not in value
    return not (value and isinstance(value, dict | list))


def flow_text(value: JsonValue) -> str:
    """A value in flow style, on one line however long."""
    if isinstance(value, dict):
        return "{" + ", ".join(flow_entries(value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow_text, value)) + "]"
    return _scalar(value, _PLAIN_IN_FLOW)


def _scalar(value: JsonValue, plain: re.Pattern[str]) -> str:
    if isinstance(value, str):
        return value if plain.fullmatch(value) and reads_as_text(value) else _quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if not INT64_MIN <= value <= INT64_MAX:
            raise ValueError("a whole number beyond 64 bits can not be written")
        return str(value)
    if isinstance(value, float):
        return _float(value)
    return "[]" if isinstance(value, list) else "{}"


def _float(value: float) -> str:
    """With a point even before an exponent: `1e+16` is a text in YAML 1.1."""
    if not math.isfinite(value):
        raise ValueError("infinity and not-a-number can not be written")
    text = repr(value)
    return text if "." in text else text.replace("e", ".0e")
