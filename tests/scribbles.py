"""Hypothesis strategies for YAML as people leave it: any values in odd but valid styles, with comments wherever one can stand."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hypothesis import strategies as st

_PLAIN = re.compile(r"[A-Z][a-z]+( [a-z]+)*(\.[a-z]+)?")
_PRINTABLE = re.compile(r"[ -~À-ÿ一-龥]+")
WORDS = st.from_regex(r"[A-Z][a-z]{1,8}( [a-z]{1,5}){0,2}(\.[a-z])?", fullmatch=True)
TEXTS = st.one_of(
    WORDS,
    st.from_regex(r"[ -~]{0,12}", fullmatch=True),
    st.sampled_from(["", "yes", "12", "a: b", "x #y", "it's", '"', "\\d", "${var.host}", "日本", "\u202eab"]),
    st.sampled_from(["a\nb", "a\nb\n", "  a\nb", "\n", "\nx\n\n", "a \n\tb\n", "a\n\nb\n\n"]),
)
KEYS = st.one_of(WORDS, st.sampled_from(["a", "kind", "a b", "0", "no", "[", "#", "k" * 1030]))
SCALARS = st.one_of(TEXTS, st.none(), st.booleans(), st.integers(-999, 999), st.floats(-9, 9))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=4) | VALUES


class Scribble(NamedTuple):
    """A text, what it stands for, and the comments in it."""

    text: str
    values: list[Any]
    comments: list[str]


@st.composite
def scribbles(draw: st.DrawFn, *, quiet: bool = False, anchors: bool = False) -> Scribble:
    """A file with some documents. `quiet`: no comments, no blank lines, no block texts of one line: nothing but values.
    `anchors`: values are named here and there, and repeated by their names."""
    values = draw(st.lists(DOCUMENTS, max_size=3))
    pen = _Pen(random.Random(draw(st.integers(0, 2**32))), quiet, anchors)
    text = pen.file(values)
    return Scribble(text, values, pen.comments)


@dataclass
class _Pen:
    """Writes values in any style. Lines come with their indentation."""

    random: random.Random
    quiet: bool
    anchors: bool
    named: dict[str, str] = field(default_factory=dict)  # a value, as its repr -> its name in this document
    comments: list[str] = field(default_factory=list)
    limit: int = 99  # the deepest column of a comment: behind a text in block style it would belong to the text

    def maybe(self, chance: float = 0.3) -> bool:
        return self.random.random() < chance

    # -- comments

    def comment(self) -> str:
        number = len(self.comments)
        form = self.random.choice(
            ["# c{}", "#c{}", "#\tc{}", "# c{}: [x] {{", "# c{} é日本 \u202e", "# --- c{}", "# 'c{} # \"", "#! c{}"]
        )
        self.comments.append(form.format(number))
        return self.comments[-1] + self.random.choice(["", "", " ", "\t"])

    def full(self, column: int = 0) -> list[str]:
        """Some full lines of comments and blank ones."""
        found: list[str] = []
        while not self.quiet and self.maybe(0.35):
            deep = min(self.limit, self.random.choice([0, column, column, column + 2]))
            found.append("" if self.maybe(0.4) else " " * deep + self.comment())
        return found

    def end(self, chance: float = 0.25) -> str:
        """What may stand at the end of a line."""
        return "" if self.quiet or not self.maybe(chance) else self.random.choice([" ", "   "]) + self.comment()

    # -- files

    def file(self, values: list[Any]) -> str:
        lines = self.full()
        for number, value in enumerate(values):
            if number or self.maybe() or value is None:
                if self.maybe(0.1):
                    lines += ["..." + self.end(), *self.full()] if number else ["%YAML 1.2" + self.end()]
                lines += ["---" + self.end(), *self.full()]
                if not self.quiet and self.maybe(0.1):
                    lines += ["---" + self.end(), *self.full()]
            lines += [*self.document(value), *self.full()]
        text = "".join(f"{line}\n" for line in lines)
        if self.maybe(0.1) and self.limit == 99:
            text = text.removesuffix("\n")
        if self.maybe(0.1):
            text = text.replace("\n", "\r\n")
        return ("\ufeff" if self.maybe(0.1) else "") + text

    def document(self, value: Any) -> list[str]:
        self.named = {}
        self.limit = 99
        if isinstance(value, dict | list) and value and self.maybe(0.8):
            return self.block(value, 0)
        if isinstance(value, dict | list):
            return self.flow(value, 1)
        text = self.block_text(value, 0)
        return [text[0] + self.end(), *text[1:]] if text else ["null" if value is None else self.scalar(value)]

    # -- blocks

    def block(self, value: Any, column: int) -> list[str]:
        lines: list[str] = []
        for member in value.items() if isinstance(value, dict) else value:
            lines += self.full(column)
            lines += self.entry(member[0], member[1], column) if isinstance(value, dict) else self.item(member, column)
        return lines

    def entry(self, key: str, value: Any, column: int) -> list[str]:
        lead = " " * column
        self.limit = 99
        name = self.quoted(key) or self.plain_or_double(key)
        if len(name) > 900 or self.maybe(0.05):
            return [f"{lead}? {name}{self.end()}", *self.full(column), *self.behind(f"{lead}:", value, column)]
        return self.behind(f"{lead}{name}:", value, column)

    def item(self, value: Any, column: int) -> list[str]:
        lead = " " * column + "-"
        if isinstance(value, dict | list) and value and self.maybe(0.6):
            if self.maybe(0.2):
                return [lead + self.end(), *self.full(column + 2), *self.block(value, column + 2)]
            deep = column + 1 + self.random.choice([1, 1, 3])
            lines = self.block(value, deep)
            start = next(number for number, line in enumerate(lines) if not _is_comment(line))
            first = " " * column + "-" + lines[start][column + 1 :]
            return [*lines[:start], first, *lines[start + 1 :]]
        return self.behind(lead, value, column)

    def behind(self, head: str, value: Any, column: int) -> list[str]:
        self.limit = 99
        alias = self.alias(value)
        if alias:
            return [f"{head} {alias}{self.end()}"]
        name = self.name()
        lines = self.value(f"{head}{name and ' '}{name}", value, column)
        return self.remember(name, value, lines)

    def name(self) -> str:
        """An anchor, now and then."""
        return f"&{self.random.choice('abc')}{self.random.randrange(10**6)}" if self.anchors and self.maybe(0.3) else ""

    def remember(self, name: str, value: Any, lines: list[str]) -> list[str]:
        """The lines; from here on the value may be repeated by its name."""
        if name:
            self.named[repr(value)] = name[1:]
        return lines

    def alias(self, value: Any) -> str:
        """The name of an equal value that stands above."""
        return f"*{self.named[repr(value)]}" if repr(value) in self.named and self.maybe(0.6) else ""

    def value(self, head: str, value: Any, column: int) -> list[str]:
        if isinstance(value, dict | list) and value and self.maybe(0.7):
            flat = isinstance(value, list) and head.endswith(":") and self.maybe(0.4)
            deep = column + (0 if flat else self.random.choice([1, 2, 2, 4]))
            return [head + self.end(), *self.block(value, deep)]
        if isinstance(value, dict | list):
            first, *rest = self.flow(value, column + 1)
            return [f"{head} {first.strip()}", *rest]
        if value is None and self.maybe(0.2):
            return [head + self.end()]
        text = self.block_text(value, column)
        if text:
            return [f"{head} {text[0]}{self.end()}", *text[1:]]
        deep = column + 1
        if self.maybe(0.1):
            return [head + self.end(), *self.full(deep), " " * deep + self.scalar(value) + self.end()]
        return [f"{head} {self.scalar(value)}{self.end().replace('   #', chr(9) + '#')}"]

    def block_text(self, value: Any, column: int) -> list[str]:
        """A text in block style, where that is simple enough to be right."""
        if (
            not isinstance(value, str)
            or not self.maybe(0.5)
            or not re.fullmatch(r"([!-~][ -~]*\n\n?)*[!-~][ -~]*\n?", value)
        ):
            return []
        if self.quiet and "\n" not in value:
            return []
        lead = " " * (column + self.random.choice([1, 2, 4]))
        mark = "" if value.endswith("\n") else "-"
        self.limit = column
        lines = [line and lead + line for line in value.removesuffix("\n").split("\n")]
        if (
            "\n" not in value.removesuffix("\n")
            and " " not in value.strip(" ")
            and not value.endswith(" ")
            and self.maybe()
        ):
            return [f">{mark}", *lines]
        return [f"|{mark}", *lines]

    # -- flow

    def flow(self, value: Any, column: int) -> list[str]:
        """A list or map in brackets over one line or several, as lines of which the first has no indentation."""
        is_map = isinstance(value, dict)
        text = "{" if is_map else "["
        members = list(value.items()) if is_map else list(value)
        several = self.maybe(0.4)
        lines: list[str] = []

        def turn() -> None:
            nonlocal text
            lines.extend([text + self.end(), *self.full(column)])
            text = " " * (column + self.random.choice([0, 0, 3]))

        for number, member in enumerate(members):
            if several:
                turn()
            if is_map:
                key = self.quoted(member[0]) or json.dumps(member[0], ensure_ascii=False)
                text += f"{'? ' if len(key) > 900 else ''}{key}: "
                member = member[1]
            alias = self.alias(member)
            name = "" if alias else self.name()
            text += f"{name}{name and ' '}"
            if alias:
                text += f"{alias} "
            elif isinstance(member, dict | list):
                first, *rest = self.flow(member, column)
                text += first
                if rest:
                    lines += [text, *rest[:-1]]
                    text = rest[-1]
            else:
                text += self.scalar(member, flow=True)
            self.remember(name, member, [])
            if several and self.maybe(0.1):
                turn()
            if number < len(members) - 1 or (several and self.maybe(0.2)):
                text += ", "
        if several:
            turn()
        text += "}" if is_map else "]"
        return [*lines, text]

    # -- scalars

    def scalar(self, value: Any, *, flow: bool = False) -> str:
        if isinstance(value, str):
            return self.quoted(value) or (json.dumps(value) if flow else self.plain_or_double(value))
        return self.random.choice(["null", "~"]) if value is None else json.dumps(value)

    def quoted(self, text: str) -> str:
        """Plain or in single quotes, empty where neither is simple."""
        if _PLAIN.fullmatch(text) and text.lower() not in ("yes", "no", "on", "off", "null", "true", "false"):
            return text if self.maybe(0.7) else f"'{text}'"
        if _PRINTABLE.fullmatch(text) and self.maybe(0.5):
            return "'" + text.replace("'", "''") + "'"
        return ""

    def plain_or_double(self, text: str) -> str:
        return "${var.host}" if text == "${var.host}" and self.maybe() else json.dumps(text)


def _is_comment(line: str) -> bool:
    return not line.strip() or line.strip().startswith("#")
