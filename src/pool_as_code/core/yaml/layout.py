"""Trees with comments to lines in canonical form. Scalars and keys are written as `writer.py` writes them. Whether a list or
map stands in block or in flow style is its author's choice, as long as it has no comment inside and fits its line; else it
stands in block style."""

from __future__ import annotations

from collections.abc import Iterable

from .commented import CommentedDocument, Element, Node
from .comments import Comment
from .writer import LONGEST_KEY, WIDTH, deeper, entry_lines, flow_text, key_text, short_flow, value_lines

LONGEST_LINE = 120  # columns that a list or map may reach which its author wrote on one line


def text_of(documents: Iterable[CommentedDocument]) -> str:
    """The text of a file. Empty documents go; their comments pass to the next document, or to the end of the last one."""
    pieces: list[list[str]] = []
    waiting: list[Comment] = []
    for document in documents:
        if document.root is None:
            waiting = _apart(waiting, document.tail)
            continue
        root = document.root
        root.blank = root.blank or not root.before
        root.before = _apart(waiting, root.before)
        waiting = []
        pieces.append(_document(root, document.tail))
    if not pieces:
        return _joined(_comments(waiting, first=True))
    if waiting:
        _append(pieces[-1], ["", *_comments(waiting, first=True)])
    lines = pieces[0]
    for piece in pieces[1:]:
        lines += ["---", *piece]
    return _joined(lines)


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _apart(above: list[Comment], below: list[Comment]) -> list[Comment]:
    """Two groups of comments with a blank line between them."""
    if not above or not below:
        return [*above, *below]
    return [*above, below[0]._replace(blank=True), *below[1:]]


def _document(root: Element, tail: list[Comment]) -> list[str]:
    node = root.node
    _settle(node, 0)
    lines = _comments(root.before, first=True)
    if root.blank and lines:
        lines.append("")
    if node.block:
        lines += node.block
    elif not node.children:
        lines += value_lines(node.value, 0, 1)
    else:
        _append(lines, _children(node, 0, 1))
    _append(lines, _comments(tail))
    return lines


def _settle(node: Node, column: int) -> None:
    """Every comment below a node to where there is room for it: one at the end of a line, none behind the dash of a block."""
    for place, child in enumerate(node.children):
        _settle(child.node, column + 2)
        behind_dash = isinstance(node.value, list) and _begins_behind_its_dash(child.node, column)
        child.raise_ends(keep=0 if behind_dash else 1)
        if behind_dash:
            child.lift()
        if place == 0:
            child.come_first()
    node.look()


def _children(node: Node, column: int, depth: int) -> list[str]:
    """The lines of a list or map in block style."""
    lines: list[str] = []
    is_list = isinstance(node.value, list)
    for child in node.children:
        lead = _comments(child.before)
        if child.blank:
            lead.append("")
        behind_dash = is_list and _begins_behind_its_dash(child.node, column)
        own = _item(child.node, column, depth) if behind_dash else _entry(child, is_list, column, depth)
        if child.ends:
            own[0] += f" {child.ends[0].text}"
        _append(lines, [*lead, *own])
    return _append(lines, _comments(node.tail))


def _begins_behind_its_dash(node: Node, column: int) -> bool:
    """Whether an item is a list or map in block style whose first line is that of the dash."""
    if not node.children or node.anchor or node.alias:
        return False
    return not _flow(node, column + 2)


def _item(node: Node, column: int, depth: int) -> list[str]:
    first, *rest = _children(node, column + 2, depth + 1)
    return [f"- {first}", *deeper(rest)]


def _entry(element: Element, is_item: bool, column: int, depth: int) -> list[str]:
    """A value behind its key, or one that is no block behind its dash."""
    node = element.node
    long: list[str] = []
    head = "-" if is_item else f"{key_text(element.key)}:"
    if element.key_anchor:
        head = f"&{element.key_anchor} {head}"
    if len(head) > LONGEST_KEY:
        long, head = [f"? {head[:-1]}"], ":"
    if node.anchor:
        head += f" &{node.anchor}"
    if node.alias:
        return [*long, f"{head} *{node.alias}"]
    if node.block:
        return [*long, f"{head} {node.block[0]}", *node.block[1:]]
    if not node.children:
        return [*long, *entry_lines(head, node.value, column, depth)]
    flow = _flow(node, column + len(head) + 1)
    if flow:
        return [*long, f"{head} {flow}"]
    return [*long, head, *deeper(_children(node, column + 2, depth + 1))]


def _flow(node: Node, column: int) -> str:
    """A list or map in flow style that begins at a column; empty where it goes into block style. On one line it stays as it is
    while it fits; one that was drawn out over several lines becomes what the writer would make of it."""
    if not node.plain or not isinstance(node.value, dict | list):
        return ""
    if node.brackets == "several lines":
        return short_flow(node.value, WIDTH - column)
    text = flow_text(node.value) if node.brackets == "one line" else ""
    return text if column + len(text) <= LONGEST_LINE else ""


def _comments(comments: list[Comment], *, first: bool = False) -> list[str]:
    lines: list[str] = []
    for comment in comments:
        if comment.blank and not (first and not lines):
            lines.append("")
        lines.append(comment.text)
    return lines


def _append(lines: list[str], more: list[str]) -> list[str]:
    """More lines behind; a blank one only between others."""
    if more and not more[0] and (not lines or not lines[-1]):
        more = more[1:]
    lines += more
    return lines
