r"""The quickest reader: documents of a shape seen before. Files of thousands of users repeat few shapes, so the text between
the scalars (keys, colons, brackets, indentation) is looked up instead of parsed, and the value comes from a function made for
that shape.

    metadata: {name: ada, pool: customers}\n          a document
    metadata: {name: [  ], pool: [       ]}\n         its skeleton: the text around the holes
    {"metadata": {"name": v[0], "pool": v[1]}}        its shape, learned once from the events of the real parser

Why this is right: a hole is filled only by text that the parser takes for exactly one scalar wherever it takes another such
text for one (plain texts without any indicator, quoted ones without escapes), and a shape is learned only where the parser
saw one scalar value, no key, in exactly each hole. Everything else of the document is equal, character by character.
Scalars that are refused, or mean something else in flow style, raise ValueError: then the document is read the slow way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from ..values import JsonValue
from .memo import PlainKeys, PlainScalars, WrittenFlowScalars, WrittenScalars

LONGEST = 20_000  # characters of a document whose shape is looked for
_LONGEST_HOT = 4_000  # and of one whose shape is worth a pattern
_MOST_SHAPES = 4_000
_WORTH_LEARNING = 3  # documents; learning takes as long as reading some 5 documents without a shape
_WORTH_A_FUNCTION = 48  # documents; making one takes as long as reading some 50 documents without
_WORTH_A_PATTERN = 1_000  # and some 300, unless they all come in a row
_MOST_SEEN = 50_000

# A plain scalar that is safe in block and in flow style: its first character, those inside (a space is not the last one and
# no `#` follows it, because there is no `#`), a colon before a word or slash. In block style a comma is safe as well.
_START = r"""-?[^\x00-\x20!"#%&'*,\-:<=>?@\[\\\]^`{|}~]"""
_INSIDE = r"""[^\t\n:#,\[\]{}?"\\]"""
_INSIDE_BLOCK = r"""[^\t\n:#\[\]{}?"\\]"""
_RUN = rf"{_INSIDE}*+(?::(?=[\w/]){_INSIDE}*+)*+"
_RUN_BLOCK = rf"{_INSIDE_BLOCK}*+(?::(?=[\w/]){_INSIDE_BLOCK}*+)*+"

# A separator and a hole behind it. What is a hole is of no consequence for what is read, it only has to be the same in
# documents of the same shape: so everything is bounded here, lest strange texts take quadratic time. A comma goes into a hole
# if the line holds nothing but text behind it.
_PIECE = rf"{_INSIDE}{{0,400}}+(?::(?=[\w/]){_INSIDE}{{0,400}}+){{0,4}}+"
_HOLES = re.compile(
    rf"""([:\-,\[] ?)((?:"[^"\\\n]{{0,400}}"|'[^'\n]{{0,400}}')(?=[\n,}}\]])|{_START}(?:{_INSIDE}{{0,400}}+(?=[\n}}\]])"""
    rf"""|{_PIECE}(?:(?:,(?!\n){_PIECE}){{0,4}}+(?=\n)|(?=[,}}\]])))(?<! ))"""
)
split_at_holes = _HOLES.split  # [around, separator, hole, around, ...]: joined, it is the text again

# What documents of one shape mostly have in common and those of others mostly have not: a first guess, made in no time.
_UNSPECIFIC = bytes(set(range(256)) - set(b'\n:[]{},"'))


def fingerprint(text: str) -> bytes:
    """The signs of a document that carry structure."""
    return text.encode().translate(None, _UNSPECIFIC)


_TEXT_STARTS = "abcdeghijklmpqrsuvwxzABCDEGHIJKLMPQRSUVWXZ_/$("  # what begins so is a text, whatever follows
_SURELY_TEXT = rf"(?:[{_TEXT_STARTS}]|[yYnNtTfFoO](?={_INSIDE}{{5}}))"  # no constant of YAML has six letters


class Hole(NamedTuple):
    """A place for a scalar: its number, and whether it stands between brackets."""

    number: int
    flow: bool


class Constant(NamedTuple):
    """A scalar that belongs to the shape: its text is in the skeleton."""

    value: JsonValue


Tree: TypeAlias = "dict[str, Tree] | list[Tree] | Hole | Constant"
Written: TypeAlias = tuple[WrittenScalars, WrittenFlowScalars]


class HotShape(NamedTuple):
    """A shape as one pattern over a document and the bare marker behind it, if there is one: the quickest of all ways.
    `build` makes the value from the groups of a match; it raises ValueError where a scalar has to be looked at."""

    pattern: re.Pattern[str]
    build: Callable[[tuple[str | None, ...], PlainScalars], JsonValue]
    first_line: int
    lines: int


class Shape:
    """How documents with one skeleton are read. `first_line` (from 0) is the one their value begins on; `hot` comes with use."""

    __slots__ = ("_around", "_build", "_holes", "_sample", "_tree", "_uses", "first_line", "hot")

    def __init__(
        self, tree: dict[str, Tree] | list[Tree], holes: Sequence[Hole], around: Sequence[str], first_line: int
    ) -> None:
        """`around`: the texts before, between and behind the holes, separators included."""
        self._tree = tree
        self._holes = holes
        self._around = around
        self._uses = 0
        self._sample: list[str] = []  # the holes of one document
        self._build: Callable[[list[str], Written], JsonValue] | None = None
        self.first_line = first_line
        self.hot: HotShape | None = None

    def build(self, holes: list[str], written: Written) -> JsonValue:
        """The value of a document with these holes. Raises ValueError where one of them has to be looked at."""
        self._uses += 1
        if self._build is None:
            if self._uses == _WORTH_A_FUNCTION:
                self._build = _function("v, w", _expression(self._tree, [_from_hole(hole) for hole in self._holes]))
                self._sample = holes
            return _filled(self._tree, holes, written)
        if self._uses == _WORTH_A_PATTERN:
            self.heat(holes, written[0].plain)
        return self._build(holes, written)

    def heat(self, latest: Sequence[str], plain: PlainScalars) -> None:
        """Makes the pattern, if the shape is not too long for one. `latest` are the holes of another document."""
        if self.hot is None and self._sample and sum(map(len, self._around)) <= _LONGEST_HOT:
            self.hot = self._heated(latest, plain)

    def _heated(self, latest: Sequence[str], plain: PlainScalars) -> HotShape:
        """Holes that were equal in two documents are tried as they are first, and share their value. No way that a hole can be
        read is tried after another one has fitted: every further hole would double the time until a document is refused."""
        regex: list[str] = []
        values: list[str] = []
        group = 0
        behind = [text[:1] for text in self._around[1:]]
        for around, hole, old, new, after in zip(self._around, self._holes, self._sample, latest, behind, strict=False):
            regex.append(re.escape(around))
            if new[0] in "\"'":
                regex.append(r'"([^"\\\n]*)"' if new[0] == '"' else r"'([^'\n]*)'")
                values.append(f"g[{group}]")
                group += 1
                continue
            run = _RUN if hole.flow else _RUN_BLOCK
            other = rf"(?>({_SURELY_TEXT}{run})|({_START}{run}))(?<! )"
            resolved = f"p[g[{group + 1}]]"
            if old == new:
                end = re.escape(after) or r"\Z"
                other = rf"(?>{re.escape(new)}(?={end})|{other})"
                resolved = f"({plain[new]!r} if g[{group + 1}] is None else {resolved})"
            regex.append(other)
            values.append(f"(g[{group}] or {resolved})")
            group += 2
        pattern = re.compile("".join(regex) + re.escape(self._around[-1]) + r"(?:---\n|\Z)")
        lines = sum(text.count("\n") for text in self._around)
        return HotShape(pattern, _function("g, p", _expression(self._tree, values)), self.first_line, lines)


class ShapeBook:
    """The shapes of one reading mode, kept from file to file. Forgets them all when it is full."""

    def __init__(self) -> None:
        self._shapes: dict[str, Shape | None] = {}  # None: not to be learned
        self._seen: dict[int, int] = {}  # how often skeletons came, by their hash

    def find(
        self, text: str, around: list[str], holes: list[str], plain: PlainScalars, keys: PlainKeys
    ) -> Shape | None:
        """The shape of a document, learned when it comes for the third time. `around`: [around, separator, around, ...]."""
        skeleton = "\0".join(around)
        try:
            return self._shapes[skeleton]
        except KeyError:
            number = hash(skeleton)
        count = self._seen.get(number, 0) + 1
        if count < _WORTH_LEARNING:
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            self._seen[number] = count
            return None
        from .learning import learn

        if len(self._shapes) >= _MOST_SHAPES:
            self._shapes.clear()
        shape = self._shapes[skeleton] = learn(text, around, holes, plain, keys)
        return shape


def _filled(tree: dict[str, Tree] | list[Tree], holes: list[str], written: Written) -> JsonValue:
    """The value of a map or list. Scalars are not worth a call of their own."""
    if isinstance(tree, dict):
        entries: dict[str, JsonValue] = {}
        for key, node in tree.items():
            if isinstance(node, Hole):
                entries[key] = written[node.flow][holes[node.number]]
            else:
                entries[key] = node.value if isinstance(node, Constant) else _filled(node, holes, written)
        return entries
    items: list[JsonValue] = []
    for node in tree:
        if isinstance(node, Hole):
            items.append(written[node.flow][holes[node.number]])
        else:
            items.append(node.value if isinstance(node, Constant) else _filled(node, holes, written))
    return items


def _from_hole(hole: Hole) -> str:
    """The Python text for a hole: most begin like a text, and then are one."""
    if hole.flow:
        return f"(t if (t := v[{hole.number}])[0] in starts and ',' not in t else w[1][t])"
    return f"(t if (t := v[{hole.number}])[0] in starts else w[0][t])"


def _expression(tree: Tree, holes: Sequence[str]) -> str:
    """The Python text of a value; `holes` are those of its holes."""
    if isinstance(tree, Hole):
        return holes[tree.number]
    if isinstance(tree, Constant):
        return repr(tree.value)
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key!r}: {_expression(value, holes)}" for key, value in tree.items()) + "}"
    return "[" + ", ".join(_expression(item, holes) for item in tree) + "]"


def _function(parameters: str, expression: str) -> Any:
    """A function of an expression. Nothing of a document gets into it but as the `repr` of a text, number or constant."""
    return eval(f"lambda {parameters}: {expression}", {"starts": frozenset(_TEXT_STARTS)})
