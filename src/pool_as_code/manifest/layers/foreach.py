"""ForEach: one document for every row and template. A former name in a column `previous_X` renames what `X` names."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.address import Address
from ...core.values import JsonMap, JsonValue, as_list, as_map
from ...resources.kind import Kind, Problem
from ...resources.state import Origin
from .draft import Draft, Path, RowOrigin, address_of
from .placeholders import Missing, Template, has_placeholders, needs_guard, unguarded, used_below
from .rows import Row, Rows

PREVIOUS = "previous_"
DOCUMENTS: Path = ("spec", "documents")


class Maker:
    """Makes the drafts of one template of a ForEach."""

    def __init__(self, kind: Kind, value: JsonMap, origin: Origin, number: int, *, inside: bool) -> None:
        self.kind = kind
        self.origin = origin
        self.base = (*DOCUMENTS, number)
        self._inside = inside
        self._value = value
        self._template = Template(value)
        metadata = as_map(value.get("metadata"))
        self._name = Template(metadata.get("name"))
        self.identity = sorted(self._name.columns | Template(metadata.get("pool")).columns)
        self._in_texts: dict[str, Path] = {
            use.name: path for path, use in used_below(value) if use.scope == "row" and not use.whole
        }
        self._in_texts |= {PREVIOUS + column: ("metadata", "name") for column in self._name.columns}
        self._has_more = has_placeholders(as_map(self._template.fill({})))  # variables, or a literal ${

    def problems(self, columns: tuple[str, ...]) -> Iterator[tuple[Path, str, str]]:
        """Placeholders that the rows can not fill: (place in the ForEach, `column` or `key` or `kind`, the text)."""
        for path, used in used_below(self._value):
            if used.scope == "row" and used.name not in columns:
                yield (*self.base, *path), "column", used.name
            elif path and path[0] in ("apiVersion", "kind"):
                yield (*self.base, *path), "kind", used.text

    def in_a_text(self, row: Row) -> Iterator[tuple[Path, str]]:
        """The places of the template, and the columns, where a list or a map of this row would stand in the middle of a text."""
        for column, path in self._in_texts.items():
            if isinstance(row.cells.get(column), list | dict):
                yield (*self.base, *path), column

    def make(self, rows: Rows, at: tuple[Origin, Path] | None) -> Iterator[Draft | tuple[Row, RowOrigin]]:
        """One draft a row; for a row that can not make one, the row."""
        used = [*self._template.columns, *(PREVIOUS + column for column in self._name.columns)]
        for row in rows.rows:
            cells = row.cells
            source = RowOrigin(rows.file, row, at)
            if any(cells.get(column) is None for column in self.identity) or any(self.in_a_text(row)):
                yield row, source
                continue
            value = self._template.fill(cells)
            address = None if isinstance(value, Missing) else address_of(self.kind, as_map(value))
            if address is None:
                yield row, source
                continue
            address = Address(address.kind, unguarded(address.path))
            made = as_map(value)
            former = self._former(row.cells)
            if former is not None and former != as_map(made["metadata"])["name"]:
                metadata = as_map(made["metadata"])
                names = [*as_list(metadata.get("previousNames")), former]
                made = {**made, "metadata": {**metadata, "previousNames": list(dict.fromkeys(map(str, names)))}}
            guards = any(needs_guard(cells.get(column)) for column in used)
            marked = self._has_more or guards
            yield Draft(
                address, self.kind, made, self.origin, inside=self._inside, base=self.base, row=source, marked=marked
            )

    def _former(self, cells: JsonMap) -> JsonValue:
        """The name that the row's former cells make; None where there are none."""
        former = {
            column: cell
            for column in self._name.columns
            if (cell := cells.get(PREVIOUS + column)) is not None and cell != cells.get(column)
        }
        if not former:
            return None
        name = self._name.fill({**cells, **former})
        return None if isinstance(name, Missing) else name


def foreach_problems(spec: JsonMap) -> Iterator[Problem]:
    """What is wrong with the spec of a ForEach whose form is right."""
    if ("source" in spec) == ("rows" in spec):
        detail = "both are there" if "source" in spec else "neither is there"
        hint = "write source: {file: rows.csv}, or rows: [{column: value}]"
        yield Problem(("spec",), "PAC155", "a ForEach needs either source or rows", detail, hint)
