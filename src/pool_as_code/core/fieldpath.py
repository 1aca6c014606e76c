"""Paths of fields inside a resource: `signIn.firstFactor.methods[email_otp]`, `profile["odd key"]`.

A path is a tuple of steps. A plain text step is a key of a struct or map; an `Item` is a member of a list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*\Z")


class Item(str):
    """A step into a list: the member's key (its value for lists of texts)."""

    __slots__ = ()


FieldPath = tuple[str, ...]


def format_path(path: Iterable[str]) -> str:
    """The text form. Keys that are not plain words are quoted as JSON, so that every path is unambiguous."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, Item):
            parts.append(f"[{step}]" if not re.search(r'[\[\]"\s]', step) and step else f"[{json.dumps(step)}]")
        elif PLAIN_KEY.match(step):
            parts.append(f".{step}" if parts else step)
        else:
            parts.append(f"{'.' if parts else ''}{json.dumps(str(step))}")
    return "".join(parts)


_STEP = re.compile(r'\.?("(?:[^"\\]|\\.)*")|\.?([A-Za-z_$][A-Za-z0-9_$-]*)|\[("(?:[^"\\]|\\.)*")\]|\[([^\[\]"]+)\]')


def parse_path(text: str) -> FieldPath:
    """The path a text stands for (the inverse of `format_path`); raises ValueError for anything else."""
    steps: list[str] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None or match.end() == at:
            raise ValueError(f"not a field path: {text!r} (at character {at + 1})")
        quoted, plain, quoted_item, item = match.groups()
        if quoted is not None:
            steps.append(json.loads(quoted))
        elif plain is not None:
            steps.append(plain)
        else:
            steps.append(Item(json.loads(quoted_item) if quoted_item is not None else item))
        at = match.end()
    if not steps:
        raise ValueError("an empty field path")
    return tuple(steps)
