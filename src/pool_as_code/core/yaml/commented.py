"""YAML texts to trees that keep what the readers of values drop: comments, blank lines, anchors, texts in block style. Every
comment gets one place in the tree, that of the entry or item it is about:

    # before the entry `a`
    a: # at the end of its line
      b: 1
      # at the end of the map in `a`: indented as its entries are
    # before `c`
    c: 2

Only for texts that the strict reader takes without an error. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from ..values import JsonValue
from .block_texts import block_text
from .comments import Comment, Gaps, end_index, events, index
from .memo import PlainScalars


class Node:
    """A value. `children` are those of a list or map, `tail` the comments behind them; `brackets` tells whether it was written
    in some, on one line or several. `plain`: no comment, no anchor and no text in block style stands below. `block` are the
    lines of a text in block style, the first one to stand behind its key."""

    __slots__ = ("alias", "anchor", "block", "brackets", "children", "plain", "tail", "value")

    def __init__(self, value: JsonValue, anchor: str | None = None) -> None:
        self.value = value
        self.anchor = anchor or ""
        self.alias = ""
        self.block: list[str] = []
        self.children: list[Element] = []
        self.tail: list[Comment] = []
        self.plain = True
        self.brackets: Literal["none", "one line", "several lines"] = "none"

    def arrange(self, arranged: JsonValue) -> None:
        """The keys in the order of an equal value."""
        self.value = arranged
        if isinstance(arranged, dict):
            order = {key: place for place, key in enumerate(arranged)}
            self.children.sort(key=lambda child: order[child.key])
            for child in self.children:
                child.node.arrange(arranged[child.key])
        elif isinstance(arranged, list):
            for child, item in zip(self.children, arranged, strict=True):
                child.node.arrange(item)

    def look(self) -> None:
        """Know whether it is plain, once its children are settled."""
        self.plain = not (self.alias or self.block or self.tail) and all(child.bare for child in self.children)


class Element:
    """An entry of a map, an item of a list, or the root of a document, with its comments: full lines `before` it (a `blank`
    line between those and the element), and those at the end of its lines."""

    __slots__ = ("before", "blank", "ends", "key", "key_anchor", "node")

    def __init__(self, key: str, before: list[Comment], blank: bool) -> None:
        self.key = key
        self.key_anchor = ""
        self.before = before
        self.blank = blank
        self.ends: list[Comment] = []
        self.node = Node(None)

    @property
    def bare(self) -> bool:
        """Whether nothing but the value is written."""
        return not (self.before or self.ends or self.key_anchor or self.node.anchor) and self.node.plain

    def raise_ends(self, keep: int) -> None:
        """Put the comments at the ends of its lines above it, but for as many of the last ones."""
        raised = self.ends[: len(self.ends) - keep]
        if raised:
            self.before += [raised[0]._replace(blank=self.blank), *raised[1:]]
            self.blank, self.ends = False, self.ends[len(raised) :]

    def lift(self) -> None:
        """Take the comments above the first child of an item: there is no room for them between the dash and the child."""
        first = self.node.children[0]
        if first.before:
            self.before += [first.before[0]._replace(blank=self.blank), *first.before[1:]]
            self.blank = first.blank
            first.before, first.blank = [], False
            self.node.look()

    def come_first(self) -> None:
        """Be the first of its list or map: what is blank above it says nothing."""
        if self.before:
            self.before[0] = self.before[0]._replace(blank=False)
        else:
            self.blank = False


class CommentedDocument:
    """One document: `root` is None where it is empty, `tail` what stands behind everything. `anchors`: whether it has any."""

    __slots__ = ("anchors", "root", "tail")

    def __init__(self, root: Element | None, tail: list[Comment], anchors: bool) -> None:
        self.root = root
        self.tail = tail
        self.anchors = anchors


class CommentedText:
    """The documents of a text, and as the last one, without a root, what stands behind the last marker. `comments` are the
    texts of all comments, once the documents have been read."""

    def __init__(self, text: str) -> None:
        self._reader = _Reader(text)

    def __iter__(self) -> Iterator[CommentedDocument]:
        return self._reader.documents()

    @property
    def comments(self) -> list[str]:
        """In order of their places."""
        return self._reader.gaps.seen


class _Reader:
    def __init__(self, text: str) -> None:
        self.gaps = Gaps(text)
        self.next: Callable[[], Event] = events(text).__next__
        self.plain = PlainScalars(strict=True)
        self.pending: list[Comment] = []  # full lines that nobody has taken yet
        self.owner = Element("", [], False)  # whose line it is
        self.anchors: dict[str, Node] = {}

    def documents(self) -> Iterator[CommentedDocument]:
        while not isinstance(event := self.next(), StreamEndEvent):
            if isinstance(event, DocumentStartEvent):
                yield self.document(event)
        self.take(len(self.gaps.text))
        yield CommentedDocument(None, self.pending, False)

    def document(self, start: DocumentStartEvent) -> CommentedDocument:
        self.anchors = {}
        event = self.next()
        self.owner = root = Element("", [], False)
        self.take(index(start))
        above_marker = bool(self.pending) and self.gaps.blank_above(index(start))
        self.take(end_index(start))
        self.take(index(event))
        self.above(root)
        root.blank = above_marker or self.gaps.blank_above(index(event))
        nothing = isinstance(event, ScalarEvent) and not event.value and not event.style and event.anchor is None
        if not nothing:
            root.node = self.node(event, root, -1)
            root.node.anchor = ""  # nobody outside may refer to it
        event = self.next()
        assert isinstance(event, DocumentEndEvent)
        self.take(index(event))
        self.gaps.over(event)
        tail, self.pending = self.pending, []
        root.before += root.ends
        root.ends = []
        if nothing:
            return CommentedDocument(None, [*root.before, *tail], False)
        return CommentedDocument(root, tail, bool(self.anchors))

    def take(self, end: int) -> None:
        """The comments before the next token: the first may belong to the line of the last one."""
        self.put(self.gaps.upto(end))

    def put(self, comments: list[Comment]) -> None:
        for comment in comments:
            if comment.alone:
                self.pending.append(comment)
            else:
                self.owner.ends.append(comment)

    def above(self, holder: Element) -> None:
        """All comments so far stand before what comes next of an element: its value, or the document."""
        holder.before += [*holder.ends, *self.pending]
        holder.ends, self.pending = [], []

    # -- nodes

    def node(self, event: Event, holder: Element, column: int) -> Node:
        """The node that begins with an event. `column` is that of the map or list around it, in block style."""
        self.take(index(event))
        self.owner = holder
        if isinstance(event, CollectionStartEvent) and not event.flow_style:
            return self.block(event, holder, column)
        if self.pending:
            self.above(holder)
        if isinstance(event, CollectionStartEvent):
            return self.flow(event, holder)
        start = index(event)
        self.inside(event, holder)
        if isinstance(event, AliasEvent):
            name = str(event.anchor)
            node = Node(self.anchors[name].value)
            node.alias = name
            return node
        assert isinstance(event, ScalarEvent)
        node = Node(event.value if event.style else self.plain[event.value], event.anchor)
        if event.style in ("|", ">"):
            source = self.gaps.text[start : self.gaps.at]
            node.block = block_text(event.value, source, event.anchor) or []
        return self.known(node)

    def known(self, node: Node) -> Node:
        if node.anchor:
            self.anchors[node.anchor] = node
        return node

    def inside(self, event: Event, holder: Element) -> None:
        """Over the token of an event; the comments in it are about its holder."""
        for comment in self.gaps.over(event):
            (holder.before if comment.alone else holder.ends).append(comment)

    def element(self, key: str, at: int, node: Node) -> Element:
        """The next child of a node."""
        child = Element(key, self.pending, self.gaps.blank_above(at))
        self.pending = []
        if not node.children:
            child.come_first()
        node.children.append(child)
        return child

    def block(self, event: CollectionStartEvent, holder: Element, column: int) -> Node:
        self.inside(event, holder)
        node = Node({} if isinstance(event, MappingStartEvent) else [], event.anchor)
        own = -1
        while not isinstance(child := self.next(), CollectionEndEvent):
            if isinstance(event, SequenceStartEvent):
                self.put(self.gaps.dash())
                at = self.gaps.at - 1
                self.owner = element = self.element("", at, node)
            else:
                self.take(index(child))
                at = index(child)
                element = self.keyed(child, node)
                child = self.next()
            own = self.gaps.column(at - 2 * self.gaps.text.startswith("? ", at - 2)) if own < 0 else own
            element.node = self.node(child, element, max(own, column + 1))
        self.take(index(child))
        node.tail = self.left_over(max(own, column + 1), index(child))
        return self.finished(node)

    def keyed(self, event: Event, node: Node) -> Element:
        assert isinstance(event, ScalarEvent)
        self.owner = element = self.element(event.value, index(event), node)
        self.inside(event, element)
        element.key_anchor = event.anchor or ""
        if event.anchor:
            self.anchors[event.anchor] = Node(event.value)
        return element

    def left_over(self, column: int, at: int) -> list[Comment]:
        """The comments behind the last child that are as deep as the children, and deeper than what comes next."""
        text = self.gaps.text
        ended = at >= len(text) or (text.startswith(("---", "..."), at) and not self.gaps.column(at))
        limit = max(column, 0 if ended else self.gaps.column(at) + 1)
        count = 0
        while count < len(self.pending) and self.pending[count].column >= limit:
            count += 1
        found, self.pending = self.pending[:count], self.pending[count:]
        return found

    def flow(self, event: CollectionStartEvent, holder: Element) -> Node:
        self.inside(event, holder)
        is_map = isinstance(event, MappingStartEvent)
        node = Node({} if is_map else [], event.anchor)
        while not isinstance(child := self.next(), CollectionEndEvent):
            self.take(index(child))
            if is_map:
                element = self.keyed(child, node)
                child = self.next()
            else:
                self.owner = element = self.element("", index(child), node)
            element.node = self.node(child, element, 0)
        self.take(index(child))
        self.gaps.over(child)
        several = "\n" in self.gaps.text[index(event) : self.gaps.at]
        node.brackets = "several lines" if several else "one line"
        self.owner = holder
        (node.tail if node.children else holder.before).extend(self.pending)
        self.pending = []
        return self.finished(node)

    def finished(self, node: Node) -> Node:
        """With its value."""
        children = node.children
        if isinstance(node.value, dict):
            node.value = {child.key: child.node.value for child in children}
        else:
            node.value = [child.node.value for child in children]
        return self.known(node)
