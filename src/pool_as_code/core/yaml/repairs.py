"""The edits that carry out the hints of the careful reader: quoting, deleting a repeated entry or a tag, writing a merge out.
Where a repair would be a guess there is none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..edits import Edit
from ..values import JsonValue
from .problems import Span
from .writer import block_entries, double_quoted, flow_entries

__all__ = ["double_quoted", "merged", "quoted", "quoted_alias", "same", "template", "without_entry", "without_tag"]

_TAG = re.compile(r"![^\s,\[\]{}]*[ ]*")
_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}")


def quoted(text: str, span: Span) -> tuple[Edit, ...]:
    """A plain scalar of one line in double quotes; an anchor before it stays."""
    if span.line != span.end_line or not text:
        return ()
    return (Edit(span.line, span.end_column - len(text), len(text), double_quoted(text)),)


def quoted_alias(text: str, span: Span) -> tuple[Edit, ...]:
    """The text that an alias stands for, in its place."""
    return (Edit(span.line, span.column, span.end_column - span.column, double_quoted(text)),)


def without_tag(span: Span, line: str, tag: str, plain: str | None) -> tuple[Edit, ...]:
    """The node without its tag; what `!!str` made a text becomes a quoted one. `plain`: the text of a plain scalar."""
    match = _TAG.search(line, span.column - 1)
    if match is None:
        return ()
    if (
        plain
        and tag == "tag:yaml.org,2002:str"
        and span.line == span.end_line
        and match.end() == span.end_column - 1 - len(plain)
    ):
        return (Edit(span.line, match.start() + 1, span.end_column - 1 - match.start(), double_quoted(plain)),)
    return (Edit(span.line, match.start() + 1, len(match[0]), ""),)


def template(span: Span, line: str) -> tuple[Edit, ...]:
    """`{{ name }}`, left over from a template, in quotes."""
    match = _TEMPLATE.match(line, span.column - 2) if span.column > 1 else None
    return (Edit(span.line, match.start() + 1, len(match[0]), double_quoted(match[0])),) if match else ()


def without_entry(key: Span, value: Span, lines: Sequence[str], first_line: int, *, flow: bool) -> tuple[Edit, ...]:
    """A map without the entry at `key`: its lines in block style, from the comma before it in flow style."""
    before = lines[key.line - 1 - first_line][: key.column - 1]
    if not flow:
        behind = lines[value.end_line - 1 - first_line][value.end_column - 1 :].strip()
        if before.strip() or (behind and not behind.startswith("#")):
            return ()
        return tuple(Edit(line, 1, -1, "") for line in range(key.line, value.end_line + 1))
    kept = before.rstrip()
    if not kept.endswith(",") or key.line != value.end_line:
        return ()
    return (Edit(key.line, len(kept), value.end_column - len(kept), ""),)


def merged(key: Span, value: Span, source: JsonValue, own: dict[str, JsonValue], *, flow: bool) -> tuple[Edit, ...]:
    """`<<: *name` replaced by the entries it stands for, without those that the map has itself."""
    sources = source if isinstance(source, list) else [source]
    entries: dict[str, JsonValue] = {}
    for item in sources:
        if not isinstance(item, dict):
            return ()
        for name, entry in item.items():
            if name not in own:
                entries.setdefault(name, entry)
    if not entries or key.line != value.end_line:
        return ()
    text = ", ".join(flow_entries(entries)) if flow else f"\n{' ' * (key.column - 1)}".join(block_entries(entries))
    return (Edit(key.line, key.column, value.end_column - key.column, text),)


def same(left: JsonValue, right: JsonValue) -> bool:
    """Equality that tells 1, 1.0 and true apart."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right
