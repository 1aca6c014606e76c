"""New bindings in the text of a project file: every comment, every order and every style of it stays. Text in, text out; who
calls this writes the file.

    environments:
      prod:
        store: ...
        bindings:                        # made where it is not there; `{...}` stays as it is and grows
          pool/customers: c67evw7mj4
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..core.address import Address
from ..core.edits import Edit, apply_edits
from ..core.values import JsonValue, as_map

if TYPE_CHECKING:
    from ..core.yaml.nodes import Node

_STEP = 2


class NotEditable(ValueError):
    """When a machine can not put the bindings in: the environment stands behind an alias, or in a form nobody thought of."""


def with_bindings(content: bytes, environment: str, new: Mapping[Address, str]) -> bytes:
    """The project file with these bindings of an environment, beside those that it has. It is read again before it is
    given back: nothing but the new bindings differs.

    Raises NotEditable; ValueError for an address that is bound to another id already."""
    wanted = {str(address): new[address] for address in sorted(new)}
    root = _root(content)
    before = as_map(as_map(as_map(as_map(root.value).get("environments")).get(environment)).get("bindings"))
    for address, id in wanted.items():
        if before.get(address, id) != id:
            raise ValueError(f"{address} is bound to {before[address]} already, not to {id}")
    wanted = {address: id for address, id in wanted.items() if address not in before}
    if not wanted:
        return content
    try:
        text = content.decode("utf-8")
        changed = apply_edits(text, _edits(root, text.removeprefix("\ufeff").split("\n"), environment, wanted)).encode()
    except (KeyError, IndexError, UnicodeDecodeError, ValueError) as error:
        raise NotEditable(f"environment {environment} is not written as a map of its own") from error
    if not _only_bound(content, changed, environment, wanted):
        raise NotEditable(f"environment {environment} is written in a form that can not be edited by machine")
    return changed


def lines_to_paste(environment: str, new: Mapping[Address, str]) -> str:
    """The bindings as they would stand in a project file."""
    inner = "\n".join(f"      {line}" for line in _block({str(address): new[address] for address in sorted(new)}))
    return f"environments:\n  {environment}:\n    bindings:\n{inner}\n"


def _root(content: bytes) -> Node:
    from ..core.yaml import YamlError
    from ..core.yaml.nodes import compose
    from ..core.yaml.text import readable

    try:
        for document in compose(readable(content), strict=True):
            if document.root is not None:
                return document.root
    except YamlError as error:
        raise NotEditable(str(error)) from error
    raise NotEditable("the project file is empty")


def _only_bound(before: bytes, after: bytes, environment: str, new: Mapping[str, str]) -> bool:
    """Whether the file reads the same but for these bindings, order of keys included."""
    try:
        expected: JsonValue = copy.deepcopy(_root(before).value)
        found = _root(after).value
    except NotEditable:
        return False
    chosen = as_map(as_map(as_map(expected).get("environments")).get(environment))
    as_map(chosen.setdefault("bindings", {})).update(new)
    return json.dumps(found) == json.dumps(expected)


class _Place(NamedTuple):
    """A map of the file: its node, the one around it, and the column of its key."""

    node: Node
    around: Node
    column: int


def _edits(root: Node, lines: list[str], environment: str, new: Mapping[str, str]) -> list[Edit]:
    environments, key = _child(root, "environments"), root.keys["environments"]
    chosen = _child(environments, environment)
    if isinstance(chosen.children, dict) and "bindings" in chosen.children:
        place = _Place(_child(chosen, "bindings"), chosen, chosen.keys["bindings"].column)
        return _grown(place, lines, _block(new), _flow(new, chosen, lines))
    place = _Place(chosen, environments, environments.keys[environment].column)
    step = environments.keys[environment].column - key.column
    indent = " " * (step if 0 < step <= 8 else _STEP)
    inner = _flow(new, chosen if chosen.children else environments, lines)
    quoted = '"' if inner.startswith('"') else ""
    block = ["bindings:", *(indent + line for line in _block(new))]
    return _grown(place, lines, block, f"{quoted}bindings{quoted}: {{{inner}}}")


def _child(node: Node, key: str) -> Node:
    if not isinstance(node.children, dict):
        raise KeyError(key)
    return node.children[key]


def _grown(place: _Place, lines: list[str], block: list[str], flow: str) -> list[Edit]:
    """The edits that put entries at the end of a map: the lines of `block` below it, or `flow` into its braces."""
    span, children = place.node.span, place.node.children
    if not children and not _is_flow(place.around, lines):
        indent = " " * (place.column - 1 + _STEP)
        line = lines[span.end_line - 1].rstrip("\r")
        if line[span.column - 1 : span.end_column - 1] != "{}":
            raise ValueError("an empty map in another form")
        key_end = len(line[: span.column - 1].rstrip())
        return [
            Edit(span.line, key_end + 1, span.end_column - 1 - key_end, ""),
            Edit(span.line, len(line) + 1, 0, "".join(f"\n{indent}{text}" for text in block)),
        ]
    if not children:
        return [Edit(span.end_line, span.end_column - 1, 0, flow)]
    assert isinstance(children, dict)
    last = list(children)[-1]
    if _is_flow(place.node, lines):
        return _in_braces(place.node, last, lines, flow)
    indent = " " * (place.node.keys[last].column - 1)
    line = lines[span.end_line - 1].rstrip("\r")
    return [Edit(span.end_line, len(line) + 1, 0, "".join(f"\n{indent}{text}" for text in block))]


def _in_braces(node: Node, last: str, lines: list[str], flow: str) -> list[Edit]:
    key, end = node.keys[last], _child(node, last).span
    line = lines[end.end_line - 1].rstrip("\r")
    rest = line[end.end_column - 1 :].lstrip()
    if key.line == node.span.line:
        return [Edit(end.end_line, end.end_column, 0, f", {flow}")]
    indent = " " * (key.column - 1)
    if rest.startswith("}"):
        return [Edit(end.end_line, end.end_column, 0, f",\n{indent}{flow}")]
    comma = rest.startswith(",")
    added = f"\n{indent}{flow}{',' if comma else ''}"
    if not rest:
        return [Edit(end.end_line, end.end_column, 0, f",{added}")]
    behind = Edit(end.end_line, len(line) + 1, 0, added)
    return [behind] if comma else [Edit(end.end_line, end.end_column, 0, ","), behind]


def _is_flow(node: Node, lines: list[str]) -> bool:
    text = lines[node.span.line - 1][node.span.column - 1 :]
    if text.startswith("&"):
        text = text.partition(" ")[2].lstrip()
    return text.startswith("{")


def _block(entries: Mapping[str, str]) -> list[str]:
    from ..core.yaml import dump

    return dump([dict(entries)]).splitlines()


def _flow(entries: Mapping[str, str], beside: Node, lines: list[str]) -> str:
    """`a: b, c: d`, quoted like JSON where the keys beside are."""
    first = next(iter(beside.keys.values()), None)
    if first is not None and lines[first.line - 1][first.column - 1 : first.column] == '"':
        return ", ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in entries.items())
    return ", ".join(_block(entries))


__all__ = ["NotEditable", "lines_to_paste", "with_bindings"]
