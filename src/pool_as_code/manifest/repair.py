"""Edits that carry a problem's hint out: another value, another key, a missing key, or a member taken out.

    key: value     replace: the value     rename: the key     remove: the lines of the entry, or its part of a flow map

Where the text is written in a way that an edit could spoil (anchors, tags, entries that share a line) there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..core.edits import Edit
from ..core.values import JsonValue
from ..core.yaml import Span
from ..core.yaml.writer import flow_entries, key_text
from ..resources.kind import Problem

if TYPE_CHECKING:
    from ..core.yaml.nodes import Node

Edits = tuple[Edit, ...]


def edits_for(root: Node, lines: list[str], problem: Problem, *, json: bool = False) -> Edits:
    """The edits that repair a problem in the document below `root`; none where it has no repair. `lines` is the whole file.

    `json`: the file is JSON, so what is written in must be JSON too."""
    if not problem.path:
        return ()
    holder = _node(root, problem.path[:-1])
    if holder is None or holder.children is None:
        return ()
    text = _Text(lines, json)
    step = problem.path[-1]
    child = _child(holder, step)
    if child is None:
        return text.inserted(holder, str(step), problem.replace) if problem.replace is not None else ()
    if text.marked(child.span) or text.marked(holder.span):
        return ()
    if problem.rename is not None and isinstance(step, str) and problem.rename not in holder.keys:
        return text.renamed(holder, step, problem.rename)
    if problem.replace is not None:
        key = holder.keys.get(str(step))
        return text.replaced(child.span, text.value(problem.replace), key)
    if problem.remove or problem.rename is not None:
        return text.removed(holder, step, _key_above(root, problem.path[:-1]))
    return ()


def _node(root: Node, path: tuple[str | int, ...]) -> Node | None:
    here: Node | None = root
    for step in path:
        here = _child(here, step) if here is not None else None
    return here


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node.children, dict):
        return node.children.get(str(step))
    if isinstance(node.children, list) and isinstance(step, int) and step < len(node.children):
        return node.children[step]
    return None


def _key_above(root: Node, path: tuple[str | int, ...]) -> Span | None:
    """The key whose value is the map or list at `path`, None for members of lists and for the document."""
    above = _node(root, path[:-1]) if path else None
    return above.keys.get(str(path[-1])) if above is not None else None


class _Text:
    """The lines of a file and the ways to change them."""

    def __init__(self, lines: list[str], json: bool) -> None:
        self.lines = lines
        self.json = json

    # -- what is written in

    def value(self, value: JsonValue) -> str:
        return self.entry("v", value).removeprefix('"v": ').removeprefix("v: ")

    def entry(self, key: str, value: JsonValue) -> str:
        return f"{self._as_json(key)}: {self._as_json(value)}" if self.json else flow_entries({key: value})[0]

    @staticmethod
    def _as_json(value: JsonValue) -> str:
        import json

        return json.dumps(value, ensure_ascii=False)

    # -- what stands there

    def marked(self, span: Span) -> bool:
        """Whether a value begins with an anchor, an alias or a tag."""
        return self._from(span)[:1] in ("&", "*", "!")

    def _from(self, span: Span) -> str:
        return self.lines[span.line - 1][span.column - 1 :] if span.line <= len(self.lines) else ""

    def _before(self, span: Span) -> str:
        return self.lines[span.line - 1][: span.column - 1]

    def _behind(self, span: Span) -> str:
        return self.lines[span.end_line - 1][span.end_column - 1 :].strip()

    def _is_flow(self, node: Node) -> bool:
        return self._from(node.span)[:1] in ("{", "[")

    # -- changes

    def renamed(self, holder: Node, old: str, new: str) -> Edits:
        span = holder.keys[old]
        if span.line != span.end_line or self.marked(span):
            return ()
        written = self._as_json(new) if self._from(span).startswith('"') else key_text(new)
        return (Edit(span.line, span.column, span.end_column - span.column, written),)

    def replaced(self, span: Span, text: str, key: Span | None) -> Edits:
        """A value by another one, on the line where it begins, and deeper than its key."""
        before = self._before(span)
        if key is not None and span.line != key.line and span.column <= key.column:
            text = " " * (key.column + 1 - span.column) + text
        elif before and before[-1:] in (":", "-"):
            text = f" {text}"
        return tuple(self._cut(span, text))

    def inserted(self, holder: Node, key: str, value: JsonValue) -> Edits:
        """A new first entry of a map."""
        if not isinstance(holder.children, dict) or self.marked(holder.span):
            return ()
        entry = self.entry(key, value)
        span = holder.span
        if self._is_flow(holder):
            return (Edit(span.line, span.column + 1, 0, f"{entry}, " if holder.children else entry),)
        if re.search(r"[^\s-]", self._before(span)):
            return ()
        return (Edit(span.line, span.column, 0, f"{entry}\n{' ' * (span.column - 1)}"),)

    def removed(self, holder: Node, step: str | int, key_above: Span | None) -> Edits:
        """A map without an entry, a list without a member; empty ones are written as such."""
        flow = self._is_flow(holder)
        spans = list(self._entries(holder))
        steps = list(holder.children or ())
        at = steps.index(str(step)) if isinstance(holder.children, dict) else int(step)
        if len(spans) == 1:
            return self.replaced(holder.span, "{}" if isinstance(holder.children, dict) else "[]", key_above)
        if flow:
            here = spans[at]
            if at:
                previous = spans[at - 1]
                return tuple(
                    self._cut(Span(previous.end_line, previous.end_column, here.end_line, here.end_column), "")
                )
            return tuple(self._cut(Span(here.line, here.column, spans[1].line, spans[1].column), ""))
        return self._removed_lines(spans, at, isinstance(holder.children, list))

    def _entries(self, holder: Node) -> Iterator[Span]:
        if isinstance(holder.children, dict):
            for key, child in holder.children.items():
                start = holder.keys[key]
                yield Span(start.line, start.column, child.span.end_line, child.span.end_column)
        else:
            for child in holder.children or ():
                yield child.span

    def _removed_lines(self, spans: list[Span], at: int, is_list: bool) -> Edits:
        here = spans[at]
        before, behind = self._before(here), self._behind(here)
        if behind and not behind.startswith("#"):
            return ()
        if re.fullmatch(r"\s*-\s+" if is_list else r"\s*", before):
            return tuple(Edit(line, 1, -1, "") for line in range(here.line, here.end_line + 1))
        if is_list or at + 1 >= len(spans) or not re.fullmatch(r"[\s-]*", before):
            return ()
        following = spans[at + 1]  # `- first: 1` begins a member: the next entry moves up behind the dash
        lead = Edit(following.line, 1, following.column - 1, "")
        return (
            Edit(here.line, here.column, -1, ""),
            *(Edit(n, 1, -1, "") for n in range(here.line + 1, following.line)),
            lead,
        )

    def _cut(self, span: Span, text: str) -> Iterator[Edit]:
        """A stretch of text replaced, line by line."""
        if span.line == span.end_line:
            yield Edit(span.line, span.column, span.end_column - span.column, text)
            return
        yield Edit(span.line, span.column, len(self.lines[span.line - 1]) - span.column + 1, text)
        for line in range(span.line + 1, span.end_line):
            yield Edit(line, 1, -1, "")
        rest = self._behind(span)
        if rest and not rest.startswith("#"):
            yield Edit(span.end_line, 1, span.end_column - 1, "")
        else:
            yield Edit(span.end_line, 1, -1, "")
