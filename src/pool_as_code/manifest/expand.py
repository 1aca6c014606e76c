"""Expanding: a ForEach and its rows become drafts, and what is wrong with either becomes problems at the ForEach or its file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from ..core.diagnostics import Diagnostic
from ..core.values import JsonMap, JsonValue, as_list, as_map
from ..resources.kind import Problem
from ..resources.registry import by_name
from ..resources.state import Origin
from ..resources.suggest import nearest
from .layers.draft import Draft, Path, RowOrigin
from .layers.foreach import Maker
from .layers.merge import wrong_unsets
from .layers.rows import Row, Rows, from_list
from .place import Placed
from .shown import cut

ReadRows = Callable[[str, str, str, Mapping[str, str]], "Rows | Diagnostic"]  # document's file, file, delimiter, types


class ForEach(NamedTuple):
    """A valid ForEach document."""

    spec: JsonMap
    origin: Origin
    inside: bool


class Expansion:
    """Expands ForEach documents one after the other. `unread`: some made no documents, so that there are unknown names."""

    def __init__(self, read_rows: ReadRows, add: Callable[[Draft], None]) -> None:
        self._read_rows = read_rows
        self._add = add
        self.problems: list[Placed] = []
        self.diagnostics: list[Diagnostic] = []
        self.unread = False

    def make(self, foreach: ForEach) -> None:
        """Adds the drafts of all rows."""
        spec, origin = foreach.spec, foreach.origin
        rows = self._rows(foreach)
        if rows is None:
            return
        found = list(_column_problems(spec, rows))
        makers = []
        for number, value in enumerate(as_list(spec["documents"])):
            document = as_map(value)
            kind = by_name().get(str(document.get("kind")))
            if kind is None:
                found.append(_no_kind(document, number))
                continue
            found += unset_problems(document, ("spec", "documents", number))
            maker = Maker(kind, document, origin, number, inside=foreach.inside)
            found += [_no_value(path, sort, text, rows) for path, sort, text in maker.problems(rows.columns)]
            makers.append(maker)
        if found:
            self._complain(foreach, found)
            self.unread = True
            return
        at = _rows_at(rows, foreach)
        for maker in makers:
            for made in maker.make(rows, at):
                if isinstance(made, Draft):
                    self._add(made)
                else:
                    self._nameless(foreach, maker, *made)

    def _rows(self, foreach: ForEach) -> Rows | None:
        spec = foreach.spec
        if "rows" in spec:
            rows = from_list("", as_list(spec["rows"]))
        else:
            source = as_map(spec["source"])
            types = {name: str(type) for name, type in as_map(spec.get("columns")).items()}
            delimiter = str(source.get("delimiter", ""))
            said = self._read_rows(foreach.origin.file, str(source["file"]), delimiter, types)
            if isinstance(said, Diagnostic):
                place = ("spec", "source", "file")
                self._complain(foreach, [Problem(place, said.code, said.summary, said.detail, said.hint)])
                self.unread = True
                return None
            rows = said
        if not rows.file:  # the rows of the document itself
            found = [Problem(("spec", "rows"), p.code, p.summary, p.detail, p.hint) for p in rows.problems]
            self._complain(foreach, found)
        elif foreach.inside:
            self.diagnostics += rows.problems
        if rows.problems:
            self.unread = True
            return None
        if not rows.rows:
            self.unread = True
            path: Path = ("spec", "rows" if "rows" in spec else "source")
            summary = f"there are no rows{f' in {rows.file}' if rows.file else ''}"
            self._complain(foreach, [Problem(path, "PAC157", summary, hint="add rows, or remove it")])
            return None
        return rows

    def _complain(self, foreach: ForEach, problems: list[Problem]) -> None:
        if foreach.inside:
            self.problems += [Placed(foreach.origin, problem) for problem in problems]

    def _nameless(self, foreach: ForEach, maker: Maker, row: Row, source: RowOrigin) -> None:
        self.unread = True
        problem = Problem(
            (*maker.base, "metadata", "name"),
            "PAC158",
            f"{source.words} makes a document of kind {maker.kind.name} without a name",
            *_why_nameless(maker, row),
        )
        self._complain(foreach, [problem])


def _why_nameless(maker: Maker, row: Row) -> tuple[str, str]:
    """Why a row makes no name, and what to do."""
    cells = {column: row.cells.get(column) for column in maker.identity}
    if None in cells.values():
        return "a cell that its name or its pool is made of is empty", "fill the cell, or remove the row"
    column = next((column for column, cell in cells.items() if not isinstance(cell, str)), "")
    why = f"column {column} holds no text" if column else "what they are made of is no text"
    return f"{why}, and its name or its pool has to be one", "write the value in quotes"


def _column_problems(spec: JsonMap, rows: Rows) -> Iterator[Problem]:
    for name in as_map(spec.get("columns")):
        if name not in rows.columns:
            yield _no_value(("spec", "columns", name), "column", name, rows)


def _no_value(path: Path, sort: str, text: str, rows: Rows) -> Problem:
    if sort == "kind":
        return Problem(path, "PAC176", f"{cut(text)} can not stand there", "a kind is written out", "write it out")
    near = nearest(text, rows.columns)
    known = ", ".join(rows.columns[:8]) + (", ..." if len(rows.columns) > 8 else "")
    where = f" in {rows.file}" if rows.file else ""
    hint = f"did you mean {near}?" if near else "add the column, or correct the name"
    return Problem(path, "PAC153", f"there is no column {cut(text)}{where}", f"columns: {known}", hint)


def _no_kind(document: JsonMap, number: int) -> Problem:
    names = by_name()
    said = document.get("kind")
    near = nearest(said, names) if isinstance(said, str) else None
    path = ("spec", "documents", number, "kind")
    summary = f"unknown kind '{cut(str(said))}'" if "kind" in document else "kind is missing"
    hint = f"did you mean {near}?" if near else "write one of them"
    return Problem(path, "PAC202", summary, f"known: {', '.join(names)}", hint, replace=near)


def _rows_at(rows: Rows, foreach: ForEach) -> tuple[Origin, Path] | None:
    if not rows.file:
        return foreach.origin, ("spec", "rows")
    return (Origin(rows.file, 0), ()) if rows.listed else None


def unset_problems(value: JsonValue, at: Path) -> Iterator[Problem]:
    """What is wrong with the form of `$unset` lists."""
    return (wrong_unset((*at, *path)) for path in wrong_unsets(value))


def wrong_unset(path: Path) -> Problem:
    """That there is no list of field paths at a place."""
    return Problem(
        path,
        "PAC165",
        "$unset is a list of field paths",
        "they begin at the map that it stands in",
        "write $unset: [passwordPolicy.minLength]",
    )
