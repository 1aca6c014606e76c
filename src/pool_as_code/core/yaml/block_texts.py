"""Texts in block style (`|` and `>`) as somebody wrote them: their lines again, where they stand for the same text. What can
not be seen, and what no other reader would take for the same, is left to the writer of values."""

from __future__ import annotations

import re
from typing import Any

from yaml._yaml import CParser
from yaml.error import MarkedYAMLError
from yaml.events import ScalarEvent

from .writer import HIDDEN_CHARACTER, deeper, literal_lines

_HEADER = re.compile(r"(?:&\S+\s+(?:#[^\n]*\s+)*)?(?P<style>[|>])(?P<marks>[-+0-9]*)[^\n]*\n?")


def block_text(value: str, source: str, anchor: str | None = None) -> list[str] | None:
    """The header and the lines (two columns deeper) of a text that stands in block style in `source`; None where the writer
    has to choose another style."""
    header = _HEADER.match(source)
    if header is None or not value.strip() or HIDDEN_CHARACTER.search(value.replace("\t", "").replace("\n", "")):
        return None
    if header["style"] == "|":
        lines: list[str] | None = literal_lines(value) or _literal(value)
    else:
        lines = _folded(value, source[header.end() :], header["marks"])
    written = [lines[0], *deeper(lines[1:])] if lines else []
    return written if written and _reads_as(written, value) else None


def _literal(value: str) -> list[str]:
    lines = value.removesuffix("\n").split("\n")
    chomping = "-" if not value.endswith("\n") else "+" if lines[-1] == "" else ""
    return [f"|{_indentation(lines)}{chomping}", *lines]


def _folded(value: str, source: str, marks: str) -> list[str] | None:
    """The author's own line breaks: they are not in the value."""
    if value.endswith("\n\n"):
        return None
    lines = source.rstrip().split("\n")
    given = re.search(r"[0-9]", marks)
    first = next((line for line in lines if line.strip(" ")), "")
    depth = len(first) - len(first.lstrip(" "))
    if given:  # counted from the level around it, which is known up to what the value says
        text = value.lstrip("\n")
        depth -= len(text) - len(text.lstrip(" "))
    cut = [line[depth:] if line.strip(" ") else "" for line in lines]
    return [f">{_indentation(cut)}{'' if value.endswith(chr(10)) else '-'}", *cut]


def _indentation(lines: list[str]) -> str:
    """The mark that says how deep the lines stand, where the first one does not."""
    first = next((line for line in lines if line.strip(" ")), "")
    return "2" if first.startswith(" ") else ""


def _reads_as(written: list[str], value: str) -> bool:
    get: Any = CParser("\n".join([f"k: {written[0]}", *written[1:], "l: m\n"])).get_event
    try:
        found = [event for event in iter(get, None) if isinstance(event, ScalarEvent)]
    except MarkedYAMLError:
        return False
    return len(found) == 4 and found[1].value == value
