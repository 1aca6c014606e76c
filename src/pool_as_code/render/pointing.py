"""The line of a file a message is about, with a caret under the place; and the judgement whether the line may be shown at all.
A line that may hold a secret is not. Pure: the text of the file is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache

from .escape import escape
from .layout import WIDTH, columns

UNKNOWN_KEYS = frozenset({"PAC203", "PAC214"})  # nobody knows what stands behind such a key
NEVER = frozenset({"PAC200", "PAC213"})  # anything at all, perhaps not even a manifest; a secret in clear text
_BREAK = re.compile(r"\r\n|\n|\r")
_KEY = re.compile(r"(?P<name>[A-Za-z_][\w.-]*)[\"']?\s*[:=]|^[\s{\[\"'-]*(?P<first>[A-Za-z_][\w.-]*)")
_URL_WITH_USER = re.compile(r"//[^/\s]*@")
_BLOCK_KEY = re.compile(r"(?P<indent>[ \t]*(?:- +)*)[\"']?[A-Za-z_$][\w.-]*[\"']?\s*:")
_SECRET_PART = re.compile(
    r"pass(?!key)|pwd|^pw$|secret|token|otp|salt|hash|credential|private|seed|^pin$|api_?key|bearer", re.IGNORECASE
)
_INSIDE_SECRETS = frozenset({"initial", "value", "config", "key", "code"})


def pointed_line(text: str, line: int, column: int, code: str, width: int = WIDTH) -> list[str]:
    """The line and the caret, harmless, at most `width` columns wide; nothing where the line does not exist or may hold a
    secret. `line` and `column` count from 1, in characters."""
    lines = _BREAK.split(text.removeprefix("\ufeff"))
    if code in NEVER or not 1 <= line <= len(lines) or column < 1 or may_hold_secret(lines, line):
        return []
    whole = lines[line - 1]
    if code in UNKNOWN_KEYS:
        whole = _up_to_the_key(whole, column)
    gutter = f"{line:>6} | "
    shown, caret = _window(escape(whole), columns(escape(whole[: column - 1])), width - len(gutter))
    return [f"{gutter}{shown}".rstrip(), f"{' ' * (len(gutter) - 2)}| {' ' * caret}^"]


def _up_to_the_key(line: str, column: int) -> str:
    colon = line.find(":", column - 1)
    if colon == -1 or not line[colon + 1 :].strip():
        return line
    return f"{line[: colon + 1]} ..."


def _window(shown: str, at: int, room: int) -> tuple[str, int]:
    """The part of a line around column `at` (from 0) that fits into `room` columns, and where `at` is in it."""
    if columns(shown) <= room:
        return shown, at
    start = max(0, at - room // 2) if at > room - 8 else 0
    lead = "..." if start else ""
    taken = lead
    here = 0
    for character in shown:
        wide = columns(character)
        if here >= start + len(lead):
            if columns(taken) + wide > room - 3:
                return f"{taken}...", at - start
            taken += " " * (here - start - columns(taken)) + character
        here += wide
    return taken, at - start


def may_hold_secret(lines: list[str], line: int) -> bool:
    """Whether a secret may stand in this line: on it, or above it, stands a key that has to do with secrets, and no key of
    the same level or a higher one in between. Errs to the safe side; the file need not be valid YAML."""
    first = line - 1
    while first > 0 and not lines[first].startswith("---"):
        first -= 1
    deeper_than: int | None = None
    opened = 0  # brackets since the key of the secret
    for text in lines[first:line]:
        key = _BLOCK_KEY.match(text)
        if deeper_than is not None and key is not None and len(key["indent"]) <= deeper_than and opened <= 0:
            deeper_than, opened = None, 0
        if _URL_WITH_USER.search(text) or any(map(_is_secret, _names(text))):
            indent = len(key["indent"]) if key is not None else len(text) - len(text.lstrip())
            deeper_than = indent if deeper_than is None else min(indent, deeper_than)
        if deeper_than is not None:
            opened += text.count("{") + text.count("[") - text.count("}") - text.count("]")
    return deeper_than is not None


def _names(text: str) -> Iterator[str]:
    for found in _KEY.finditer(text):
        yield found["name"] or found["first"]


@cache
def _is_secret(name: str) -> bool:
    secret, public = _words()
    if name in public:
        return False
    if name in secret or name in _INSIDE_SECRETS or _SECRET_PART.search(name):
        return True
    return bool(get_close_matches(name.lower(), secret, 1, 0.75))


@cache
def _words() -> tuple[frozenset[str], frozenset[str]]:
    """The keys on the way to secrets, lower case, and all other keys of the kinds as they are written."""
    from ..resources.registry import KINDS

    secret: set[str] = set()
    every: set[str] = set()
    for kind in KINDS:
        for path, leaf in kind.shape.leaves():
            every.update(path)
            if leaf.secret:
                secret.update(path)
    return frozenset(word.lower() for word in secret), frozenset(every - secret)
