"""The difference inside a value that is written whole, such as a JSON Schema: path by path, so that one changed keyword does
not show two whole schemas."""

from __future__ import annotations

from collections import Counter

from ..core.fieldpath import Item, format_path
from ..core.values import JsonValue
from .layout import flow
from .parts import Row

LARGEST = 200_000  # characters; beyond that the two sizes are told instead


def member_rows(before: list[JsonValue], after: list[JsonValue]) -> tuple[Row, ...]:
    """Members of a list that come and go; empty when only the order differs."""
    old, new = Counter(map(flow, before)), Counter(map(flow, after))
    gone, come = old - new, new - old
    return (*_picked("-", before, gone), *_picked("+", after, come))


def _picked(sign: str, members: list[JsonValue], wanted: Counter[str]) -> list[Row]:
    left, found = wanted.copy(), []
    for member in members:
        key = flow(member)
        if left[key] > 0:
            left[key] -= 1
            found.append(Row(sign, "", member if sign == "-" else None, member if sign == "+" else None))
    return found


def path_rows(before: JsonValue, after: JsonValue) -> tuple[Row, ...]:
    """What differs between two maps, by path; empty when they are too large to compare."""
    from deepdiff import DeepDiff

    if len(flow(before)) + len(flow(after)) > LARGEST:
        return ()
    found: list[tuple[str, Row]] = []
    for kind, levels in DeepDiff(before, after, view="tree", verbose_level=2, threshold_to_diff_deeper=0).items():
        for level in levels:
            path = level.path(output_format="list", force="fake") or []
            name = format_path(Item(step) if isinstance(step, int) else str(step) for step in path)
            if kind.endswith("_added"):
                row = Row("+", name, after=level.t2)
            elif kind.endswith("_removed"):
                row = Row("-", name, before=level.t1)
            else:
                row = Row("~", name, level.t1, level.t2)
            found.append((name, row))
    return tuple(row for _, row in sorted(found, key=lambda pair: (pair[0], pair[1].sign)))
