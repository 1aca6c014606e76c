"""The careful reader: a text to trees of values with places, and every problem of a document. It defines what a document
means; the quick readers beside it only ever give what this one would give, or nothing. Loads the parser: import it lazily."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias, cast

from yaml._yaml import CParser
from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from ..edits import Edit
from ..values import JsonValue
from . import repairs
from .problems import MAX_DEPTH, Span, YamlError, YamlProblem
from .scalars import BadScalar, resolve, resolve_key
from .surrogates import without_surrogate_pairs
from .syntax import syntax_problem

MAX_ALIASED_NODES = 10_000
MAX_ALIASED_CHARACTERS = 10_000_000

Children: TypeAlias = "dict[str, Node] | list[Node] | None"


class Node:
    """A value with its place. `children` are those of a map or list, `keys` the places of a map's keys, `height` the levels
    of maps and lists from here down."""

    __slots__ = ("children", "height", "keys", "span", "value")

    def __init__(self, value: JsonValue, span: Span, children: Children = None) -> None:
        self.value = value
        self.span = span
        self.children = children
        self.keys: dict[str, Span] = {}
        self.height: int = 0 if children is None else 1
        for child in children.values() if isinstance(children, dict) else children or ():
            self.height = max(self.height, child.height + 1)


class AliasBudget:
    """What the aliases of one file may still repeat: every use of an anchor costs the values and characters below it."""

    __slots__ = ("_characters", "_nodes")

    def __init__(self) -> None:
        self._nodes = MAX_ALIASED_NODES
        self._characters = MAX_ALIASED_CHARACTERS

    def copy(self) -> AliasBudget:
        """What is left now, to come back to."""
        other = AliasBudget()
        other._nodes, other._characters = self._nodes, self._characters
        return other

    def spend(self, value: JsonValue) -> bool:
        """Whether there was enough left. The walk ends with the budget, so a bomb costs no more than the budget."""
        pending: list[JsonValue] = [value]
        while pending:
            self._nodes -= 1
            if self._nodes < 0:
                return False
            item = pending.pop()
            if isinstance(item, dict):
                self._characters -= sum(map(len, item))
                pending.extend(item.values())
            elif isinstance(item, list):
                pending.extend(item)
            elif isinstance(item, str):
                self._characters -= len(item)
        return self._characters >= 0


class ComposedDocument:
    """One document: `root` is None for an empty one. Errors among the problems spoil its value, warnings do not."""

    __slots__ = ("problems", "root")

    def __init__(self, root: Node | None, problems: list[YamlProblem]) -> None:
        self.root = root
        self.problems = problems

    @property
    def spoiled(self) -> bool:
        """Whether the value must not be used."""
        return any(problem.severity == "error" for problem in self.problems)


def compose(
    text: str, *, strict: bool, first_line: int = 0, budget: AliasBudget | None = None
) -> Iterator[ComposedDocument]:
    """The documents of a readable text, empty ones included; `first_line` (from 0) is where the text stands in its file.

    Raises YamlError where the syntax breaks or the nesting is too deep, with all problems of that document so far; nothing can
    be read behind that.
    """
    composer = _Composer(text, strict, first_line, budget or AliasBudget())
    try:
        while True:
            event = composer.next()
            if isinstance(event, DocumentStartEvent):
                yield composer.document(event)
            elif isinstance(event, StreamEndEvent):
                return
    except MarkedYAMLError as error:
        problem = syntax_problem(error, composer.lines, first_line)
        raise YamlError([*composer.problems, problem]) from error


class _Composer:
    def __init__(self, text: str, strict: bool, first_line: int, budget: AliasBudget) -> None:
        parsed, self.shifts = without_surrogate_pairs(text)
        self.next = cast("Callable[[], Event]", CParser(parsed).get_event)  # None only behind the end of the stream
        self.text = text
        self.strict = strict
        self.first_line = first_line
        self.budget = budget
        self.problems: list[YamlProblem] = []
        self.anchors: dict[str, Node | None] = {}  # None while the node is still open
        self._lines: list[str] | None = None

    # -- documents

    def document(self, start: DocumentStartEvent) -> ComposedDocument:
        self.problems, self.anchors = [], {}
        if start.tags or start.version == (1, 1):
            self._directives(self.span(start).line - 1 - self.first_line, start.version)
        event = self.next()
        root = None if _is_nothing(event) else self.node(event, 1)
        self.next()  # the end of the document
        problems, self.problems = self.problems, []
        return ComposedDocument(root, problems)

    def _directives(self, line: int, version: object) -> None:
        while not (text := self.lines[line]).startswith("---"):
            at = line + 1 + self.first_line
            if text.startswith("%TAG"):
                self.problem("PAC121", "tags can not be declared", at, 1, "delete the line", (Edit(at, 1, -1, ""),))
            elif text.startswith("%YAML") and version == (1, 1):
                edit = Edit(at, 1, len(text), "%YAML 1.2")
                self.problem("PAC121", "the file asks for YAML 1.1", at, 1, "write %YAML 1.2", (edit,))
            line += 1

    # -- nodes

    def node(self, event: Event, depth: int) -> Node:
        if isinstance(event, AliasEvent):
            return self._alias(event, depth)
        assert isinstance(event, ScalarEvent | CollectionStartEvent)
        self._tag(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        node = self._scalar(event) if isinstance(event, ScalarEvent) else self._collection(event, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _collection(self, event: CollectionStartEvent, depth: int) -> Node:
        if depth > MAX_DEPTH:  # nothing is read behind it: the parser itself takes quadratic time for deep nesting
            self.too_deep(self.span(event))
            raise YamlError(self.problems)
        if isinstance(event, MappingStartEvent):
            return self._mapping(event, depth)
        assert isinstance(event, SequenceStartEvent)
        return self._sequence(event, depth)

    def _alias(self, event: AliasEvent, depth: int) -> Node:
        span = self.span(event)
        target = self.anchors.get(event.anchor or "")
        if event.anchor not in self.anchors:
            hint = "mark the value with &name, or quote the text"
            self.problem("PAC122", "an alias without an anchor before it", span.line, span.column, hint)
        elif target is None:
            self.problem("PAC123", "an alias inside its own anchor", span.line, span.column, "write the value out")
        elif depth + target.height - 1 > MAX_DEPTH:
            self.too_deep(span)
        elif not self.budget.spend(target.value):
            hint = "write the values out"
            self.problem("PAC124", "the aliases of this file repeat too much", span.line, span.column, hint)
        else:
            node = Node(target.value, span, target.children)
            node.keys = target.keys
            return node
        return Node(None, span)

    def _scalar(self, event: ScalarEvent, *, key: bool = False) -> Node:
        span = self.span(event)
        value: JsonValue = event.value
        if event.style or event.tag is not None:
            return Node(value, span)
        try:
            value = (resolve_key if key else resolve)(event.value, strict=self.strict)
        except BadScalar as bad:
            edits = repairs.quoted(event.value, span)
            self.problem(bad.code, bad.summary, span.line, span.column, bad.hint, edits)
        return Node(value, span)

    def _sequence(self, event: SequenceStartEvent, depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(item := self.next(), SequenceEndEvent):
            items.append(self.node(item, depth + 1))
        end = self.span(item if event.flow_style else event) if event.flow_style or not items else items[-1].span
        return Node([node.value for node in items], _reach(self.span(event), end), items)

    def _mapping(self, event: MappingStartEvent, depth: int) -> Node:
        children: dict[str, Node] = {}
        keys: dict[str, Span] = {}
        merges: list[tuple[Span, Node]] = []
        start = end = self.span(event)
        while not isinstance(key_event := self.next(), MappingEndEvent):
            key_span = self.span(key_event)
            key = self._key(key_event, depth)
            child = self.node(self.next(), depth + 1)
            end = child.span
            if key is None:
                continue
            if key == "<<" and isinstance(key_event, ScalarEvent) and not key_event.style:
                merges.append((key_span, child))
            elif key in children:
                self._repeated(key, (keys[key], children[key]), (key_span, child), flow=bool(event.flow_style))
            else:
                children[key] = child
                keys[key] = key_span
        if event.flow_style:
            end = self.span(key_event)
        values = {key: child.value for key, child in children.items()}
        for key_span, child in merges:
            edits = repairs.merged(key_span, child.span, child.value, values, flow=bool(event.flow_style))
            hint = "write the keys out, or use `extends`"
            self.problem("PAC119", "a merge key", key_span.line, key_span.column, hint, edits)
        node = Node(values, _reach(start, end), children)
        node.keys = keys
        return node

    def _repeated(self, key: str, first: tuple[Span, Node], second: tuple[Span, Node], *, flow: bool) -> None:
        at = second[0]
        equal = repairs.same(first[1].value, second[1].value)
        place = f"line {first[0].line}" + ("" if first[0].line != at.line else f", column {first[0].column}")
        edits = repairs.without_entry(at, second[1].span, self.lines, self.first_line, flow=flow) if equal else ()
        if equal and not self.strict:
            summary = f"key `{shown(key)}` is repeated with an equal value (first on {place}) and counts once"
            self.problem("PAC111", summary, at.line, at.column, "delete it", edits, warning=True)
            return
        summary = f"key `{shown(key)}` stands on line {at.line} and already on {place} of the same map"
        hint = "the values are equal: delete this one" if equal else "the values differ: delete one of the two"
        self.problem("PAC110", summary, at.line, at.column, hint, edits)

    # -- keys

    def _key(self, event: Event, depth: int) -> str | None:
        """The text of a key; None after a problem with a key that has none."""
        if isinstance(event, ScalarEvent):
            self._tag(event)
            node = self._scalar(event, key=True)
            if event.anchor is not None:
                self.anchors[event.anchor] = node
            assert isinstance(node.value, str)
            return node.value
        span = self.span(event)
        node = self.node(event, depth + 1)
        if isinstance(event, AliasEvent) and isinstance(node.value, str):
            edits = repairs.quoted_alias(node.value, span)
        else:
            edits = repairs.template(span, self.lines[span.line - 1 - self.first_line])
        hint = "quote the text" if edits else "a key is a text; write the map or list as a value"
        self.problem("PAC118", "a key that is no text", span.line, span.column, hint, edits)
        return None

    # -- problems and places

    def _tag(self, event: ScalarEvent | CollectionStartEvent) -> None:
        if event.tag is not None:
            span = self.span(event)
            plain = event.value if isinstance(event, ScalarEvent) and not event.style else None
            edits = repairs.without_tag(span, self.lines[span.line - 1 - self.first_line], event.tag, plain)
            self.problem("PAC120", "a tag", span.line, span.column, "delete it", edits)

    def too_deep(self, span: Span) -> None:
        self.problem("PAC125", f"more than {MAX_DEPTH} levels", span.line, span.column, "make the structure flatter")

    def problem(
        self,
        code: str,
        summary: str,
        line: int,
        column: int,
        hint: str,
        edits: tuple[Edit, ...] = (),
        *,
        warning: bool = False,
    ) -> None:
        severity: Literal["error", "warning"] = "warning" if warning else "error"
        self.problems.append(YamlProblem(code, summary, line, column, hint, edits, severity))

    @property
    def lines(self) -> list[str]:
        if self._lines is None:
            self._lines = self.text.split("\n")
        return self._lines

    def span(self, event: Event) -> Span:
        start: Any = event.start_mark  # typed as optional; the C parser always has them
        end: Any = event.end_mark
        offset = self.first_line + 1
        if self.shifts:
            shift = self.shifts
            return Span(start.line + offset, shift.column(start) + 1, end.line + offset, shift.column(end) + 1)
        if end.column == 0 and end.line > start.line:  # a block text ends where the next line begins
            return Span(start.line + offset, start.column + 1, end.line - 1 + offset, len(self.lines[end.line - 1]) + 1)
        return Span(start.line + offset, start.column + 1, end.line + offset, end.column + 1)


def shown(key: str) -> str:
    """A key as messages show it: short, on one line."""
    text = repairs.double_quoted(key)[1:-1]
    return text if len(text) <= 60 else text[:57] + "..."


def _is_nothing(event: Event) -> bool:
    """Whether a document has no content at all (`---` alone), as opposed to a written null."""
    if not isinstance(event, ScalarEvent) or event.value or event.style:
        return False
    return event.tag is None and event.anchor is None


def _reach(start: Span, end: Span) -> Span:
    return Span(start.line, start.column, end.end_line, end.end_column)
