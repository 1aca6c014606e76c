"""The changes of a plan as lines of a `diff` block, which code hosts colour: a sign in the first column, then text. Every line
begins with a sign or with four spaces, so none can end the block."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from ..core.values import JsonValue
from ..plan.model import Action
from .escape import escape
from .layout import block, flow, shortened, shortened_pair
from .parts import SIGNS, Entry, Rest, Row, Words
from .words import many

WIDTH = 110  # columns; longer lines are scrolled
LONGEST_NAME = 200
LONGEST_ENTRY = 120  # lines of one entry
LARGEST_ENTRY = 6_000  # characters of one entry
LONGEST_WORDS = 600
_MARKS = {"~": "!"}  # what a diff colours as a change


def entry_lines(entry: Entry | Rest) -> list[str]:
    """A change, changes that read the same, or how many more there are. A large one is cut, so that it leaves room for
    others."""
    mark = _mark(SIGNS[entry.action])
    if isinstance(entry, Rest):
        return list(_rest(entry, mark))
    lines = [f"{mark} {_title(entry)}", *_words(entry)]
    new = entry.action is Action.CREATE
    for row in entry.rows:
        lines += _row(row, new=new)
    kept = min(LONGEST_ENTRY, sum(size <= LARGEST_ENTRY for size in accumulate(map(len, lines))))
    if kept < len(lines):
        lines = [*lines[:kept], f"      ... and {len(lines) - kept:,} more lines (--output text --full)"]
    return lines


def _mark(sign: str) -> str:
    return _MARKS.get(sign, sign)


def _title(entry: Entry) -> str:
    if entry.count == 1:
        return shortened(escape(entry.addresses[0]), LONGEST_WORDS)
    same = "the same change on " if entry.action is Action.UPDATE else ""
    return f"{same}{many(entry)}"


def _words(entry: Entry) -> Iterator[str]:
    if entry.count > 1:
        names = ", ".join(address.rpartition("/")[2] for address in entry.addresses)
        more = f" and {entry.count - len(entry.addresses):,} more" if entry.count > len(entry.addresses) else ""
        yield f"      {shortened(escape(names), LONGEST_WORDS)}{more}"
    for words in entry.words:
        yield f"      {shortened(escape(words), LONGEST_WORDS)}"


def _rest(rest: Rest, mark: str) -> Iterator[str]:
    yield f"{mark} ... and {many(rest, 'more ')} (--full lists all)"
    if rest.fields:
        fields = ", ".join(f"{escape(name)} on {count:,}" for name, count in rest.fields)
        yield f"      fields: {shortened(fields, LONGEST_WORDS)}"


def _row(row: Row, *, new: bool) -> Iterator[str]:
    name = shortened(escape(row.name), LONGEST_NAME)
    if row.weakens:
        yield f"!     weaker: {name}"
    if row.inside:
        yield f"      {name}:"
        for inner in row.inside:
            yield from _sides(inner, shortened(escape(inner.name), LONGEST_NAME), "       ")
    elif new:
        yield from _new(name, row.after)
    else:
        yield from _sides(row, name, "     ")


def _new(name: str, value: JsonValue) -> Iterator[str]:
    if isinstance(value, Words):
        yield f"+     {name}: {shortened(escape(value))}"
    else:
        yield from (f"+     {line}" for line in block(name, value, "", WIDTH))


def _sides(row: Row, name: str, indent: str) -> Iterator[str]:
    """A line for what goes and one for what comes; one for both where the values are hidden."""
    head = f"{name}: " if name else ""
    if row.sign != "~":
        yield f"{row.sign}{indent}{head}{shortened(_value(row.after if row.sign == '+' else row.before))}"
    elif isinstance(row.before, Words) and row.before == row.after:
        yield f"!{indent}{head}{escape(row.before)}, another value"
    else:
        before, after = shortened_pair(_value(row.before), _value(row.after))
        yield f"-{indent}{head}{before}"
        yield f"+{indent}{head}{after}"


def _value(value: JsonValue) -> str:
    return escape(value) if isinstance(value, Words) else flow(value)
