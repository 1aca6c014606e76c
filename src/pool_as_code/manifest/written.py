"""Problems of documents that were made of others, moved to where the faulty value is written: a base, a patch, a template, a row.

What is wrong in a base is wrong in every heir, and what is wrong in a template in every row: it is told once, where it stands. So is
a cell that is wrong in every document of its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..core.diagnostics import Location
from ..resources.kind import Problem
from ..resources.state import Origin, Source
from .layers.draft import RowOrigin
from .place import Placed

_SHOWN = 3  # rows or objects that a message names


def as_written(problems: Iterable[Placed]) -> list[Placed]:
    """The problems at the places where people correct them."""
    found: list[Placed] = []
    groups: dict[tuple[object, ...], list[tuple[Placed, Source]]] = {}
    for item in problems:
        if item.origin.layers is None:
            found.append(item)
            continue
        source = item.origin.layers.source(item.problem.path)
        key = (source.origin, source.path, item.problem.code, item.problem.detail, item.problem.hint, source.note)
        groups.setdefault(key, []).append((item, source))
    return found + [_moved(group, more) for group, more in _by_cell(groups.values())]


def _by_cell(groups: Iterable[list[tuple[Placed, Source]]]) -> Iterator[tuple[list[tuple[Placed, Source]], int]]:
    """The groups; of those that one row has in several documents for the same reason the first, and how many more there are."""
    alike: dict[tuple[object, ...], list[list[tuple[Placed, Source]]]] = {}
    for group in groups:
        item, source = group[0]
        problem, row = item.problem, source.row
        key: tuple[object, ...] = (id(group),)
        if len(group) == 1 and isinstance(row, RowOrigin):  # the first word of the summary is the field, or the address
            reason = problem.summary.partition(" ")[2]
            key = (row.file, row.at, row.row.number, problem.code, reason, problem.detail, problem.hint)
        alike.setdefault(key, []).append(group)
    return ((same[0], len(same) - 1) for same in alike.values())


def _moved(group: list[tuple[Placed, Source]], more_of_row: int) -> Placed:
    item, source = group[0]
    rows = [found.row for _, found in group if isinstance(found.row, RowOrigin)]
    problem = replace(item.problem, path=source.path)
    if source.note or rows:  # what would repair the result does not repair what it is made of
        problem = replace(problem, replace=None, rename=None, remove=False)
    if source.note:
        problem = replace(problem, detail=_and(problem.detail, f"made of {source.note}"))
    at, other = None, item.other
    if len(rows) == 1:
        problem, at, origin = _at_row(problem, rows[0], source, more_of_row)
        other = other or ("its document stands at", source.origin, source.path)
        return Placed(origin, problem, item.address, other, at)
    if rows:
        few = ", ".join(row.words for row in rows[:_SHOWN])
        more = f" and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else ""
        problem = replace(problem, detail=_and(problem.detail, f"made by {few}{more}"))
    elif len(group) > 1 or source.origin[:2] != item.origin[:2]:
        problem = in_objects(problem, [placed.address for placed, _ in group])
    address = item.address if len(group) == 1 else ""
    return Placed(source.origin, problem, address, other)


def in_objects(problem: Problem, addresses: Iterable[str]) -> Problem:
    """The problem with the objects that it is found in."""
    names = list(dict.fromkeys(addresses))
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return replace(problem, detail=_and(problem.detail, f"in {', '.join(names[:_SHOWN])}{more}"))


def _at_row(
    problem: Problem, row: RowOrigin, source: Source, more_of_row: int
) -> tuple[Problem, Location | None, Origin]:
    also = f", {more_of_row} more time{'s' if more_of_row > 1 else ''}" if more_of_row else ""
    problem = replace(problem, detail=_and(problem.detail, f"row {row.row.number:,}{also}"))
    if row.at is None:
        return problem, Location(row.file, row.row.line), source.origin
    origin, path = row.at
    return replace(problem, path=(*path, row.row.number - 1)), None, origin


def _and(*texts: str) -> str:
    return "; ".join(filter(None, texts))
