"""How messages show what stands in a document: names of places, kinds of values, values cut short. Never a hidden one."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.fieldpath import Item, format_path
from ..core.values import JsonValue
from ..core.yaml.writer import double_quoted
from .annotations import Path

UNQUOTE = "write it without the quotes"  # the hint of a text where another type belongs
LONGEST = 40  # characters of a value or key in a message


def place_name(path: Path) -> str:
    """The name of a place as people say it: `passwordPolicy.minLength`, `metadata.name`, `identifiers[0]`."""
    steps = path[1:] if len(path) > 1 and path[0] == "spec" else path
    return format_path(Item(step) if isinstance(step, int) else step for step in steps) or "the document"


def cut(text: str) -> str:
    """A text with what can not be seen escaped, at most about 40 characters."""
    escaped = double_quoted(text[: LONGEST + 1])[1:-1].replace('\\"', '"')
    return escaped if len(text) <= LONGEST and len(escaped) <= LONGEST * 2 else escaped[: LONGEST - 3] + "..."


def kind_of(value: JsonValue) -> str:
    """`a text`, `a whole number`, `nothing (null)`."""
    if value is None:
        return "nothing (null)"
    names = {bool: "true or false", int: "a whole number", float: "a fraction", str: "a text", list: "a list"}
    return names.get(type(value), "a map")


def found(value: JsonValue, *, hidden: bool) -> str:
    """What was found, with the value where it is short, plain and may be seen."""
    if hidden or value is None or isinstance(value, list | dict):
        return kind_of(value)
    if isinstance(value, bool):
        return str(value).lower()
    return f"the text '{cut(value)}'" if isinstance(value, str) else f"the number {value}"


def value_at(document: JsonValue, path: Sequence[str | int]) -> JsonValue:
    """The value at a path of a document; None where there is none."""
    here = document
    for step in path:
        if isinstance(here, dict) and isinstance(step, str):
            here = here.get(step)
        elif isinstance(here, list) and isinstance(step, int) and -1 < step < len(here):
            here = here[step]
        else:
            return None
    return here
