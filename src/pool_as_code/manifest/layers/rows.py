"""Rows for a ForEach: the bytes of a CSV, YAML or JSON file, or rows in the document itself, as cells by column.

An empty cell is None. Cells of a CSV file are texts, but for columns whose type is declared.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from ...core.diagnostics import Diagnostic, Location
from ...core.values import JsonMap, JsonValue
from ...core.yaml import YamlError, parse
from ...core.yaml.text import readable

CSV_ENDINGS = (".csv", ".tsv")
YAML_ENDINGS = (".yaml", ".yml", ".json")
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}\Z")
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?\Z")
_TYPE_WORDS = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "list": "a list"}


class Row(NamedTuple):
    """One row. `number` counts from 1 without the header; `line` is its first line in a CSV file, 0 elsewhere."""

    number: int
    line: int
    cells: JsonMap


class Rows(NamedTuple):
    """The rows of one source, the columns in their order, and what is wrong; with problems there may be rows missing.
    `file` is how messages call the file, empty for rows in the document; `listed`: the rows are the members of a YAML list,
    whose places are looked up when they are needed."""

    file: str
    columns: tuple[str, ...]
    rows: list[Row]
    problems: list[Diagnostic]
    listed: bool


def read_rows(file: str, content: bytes, delimiter: str, types: Mapping[str, str]) -> Rows:
    """The rows of a file; its ending says what it is."""
    if file.lower().endswith(CSV_ENDINGS):
        return _from_csv(file, content, delimiter or ("\t" if file.lower().endswith(".tsv") else ","), types)
    try:
        documents = parse(content)
    except YamlError as error:
        from ..place import from_yaml

        return Rows(file, (), [], from_yaml(file, error.problems), True)
    value = documents[0].value if len(documents) == 1 else None
    if not isinstance(value, list):
        summary = "a file of rows is one list of maps"
        return Rows(
            file, (), [], [Diagnostic("PAC152", summary, hint="write - COLUMN: value", location=Location(file))], True
        )
    return from_list(file, value)


def from_list(file: str, value: list[JsonValue]) -> Rows:
    """Rows that are maps in a list."""
    columns: dict[str, None] = {}
    problems: list[Diagnostic] = []
    rows: list[Row] = []
    place = Location(file) if file else None
    for number, member in enumerate(value, 1):
        if not isinstance(member, dict):
            problems.append(
                Diagnostic("PAC152", f"row {number:,} is not a map", hint="write - COLUMN: value", location=place)
            )
            continue
        columns |= dict.fromkeys(member)
        rows.append(Row(number, 0, {key: None if cell == "" else cell for key, cell in member.items()}))
    problems += [_no_column_name(name, place) for name in columns if not _COLUMN.match(name)]
    return Rows(file, tuple(columns), rows, problems, True)


def _from_csv(file: str, content: bytes, delimiter: str, types: Mapping[str, str]) -> Rows:
    try:
        text = readable(content)
    except YamlError as error:
        from ..place import from_yaml

        return Rows(file, (), [], from_yaml(file, error.problems), False)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    problems: list[Diagnostic] = []
    rows: list[Row] = []
    columns: tuple[str, ...] = ()
    line = 1
    try:
        for cells in reader:
            here, line = Location(file, line), reader.line_num + 1
            if not cells:  # an empty line
                continue
            if not columns:
                columns = tuple(cells)
                problems += _header(columns, here)
                if problems:
                    return Rows(file, (), [], problems, False)
            elif len(cells) != len(columns):
                summary = (
                    f"the row has {len(cells)} cell{'' if len(cells) == 1 else 's'}, the header has {len(columns)}"
                )
                hint = "put a text that holds the delimiter into double quotes"
                problems.append(Diagnostic("PAC151", summary, hint=hint, location=here))
            else:
                rows.append(Row(len(rows) + 1, here.line, _typed(columns, cells, types, here, problems)))
    except csv.Error as error:
        hint = "double a quote inside of a quoted text, and close it"
        problems.append(
            Diagnostic("PAC151", f"the row can not be read: {error}", hint=hint, location=Location(file, line))
        )
    if not columns and not problems:
        hint = "begin with a line of column names"
        problems.append(Diagnostic("PAC152", "the file has no header", hint=hint, location=Location(file)))
    return Rows(file, columns, rows, problems, False)


def _header(columns: tuple[str, ...], here: Location) -> list[Diagnostic]:
    problems = [_no_column_name(name, here) for name in columns if not _COLUMN.match(name)]
    repeated = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
    problems += [
        Diagnostic("PAC152", f"column {name} stands twice", hint="rename one", location=here) for name in repeated
    ]
    return problems


def _no_column_name(name: str, here: Location | None) -> Diagnostic:
    from ..shown import cut

    detail = "a column has letters, digits and _, and begins with no digit"
    return Diagnostic("PAC152", f"'{cut(name)}' is no name of a column", detail=detail, hint="rename it", location=here)


def _typed(
    columns: tuple[str, ...], cells: list[str], types: Mapping[str, str], here: Location, problems: list[Diagnostic]
) -> JsonMap:
    found: JsonMap = {}
    for name, cell in zip(columns, cells, strict=True):
        type = types.get(name, "text")
        value = None if not cell else cell if type == "text" else _read(cell, type)
        if cell and value is None:
            summary = f"column {name} needs {_TYPE_WORDS[type]}"
            problems.append(
                Diagnostic("PAC154", summary, hint="correct the cell, or the type under columns", location=here)
            )
        found[name] = value
    return found


def _read(cell: str, type: str) -> JsonValue:
    """The value of a cell that is no text; None where it is not of that type."""
    if type == "list":
        return [part for member in cell.split(";") if (part := member.strip())]
    if type == "boolean":
        return {"true": True, "false": False}.get(cell.strip().lower())
    if type == "integer":
        return int(cell) if _INTEGER.match(cell.strip()) else None
    number = float(cell) if _NUMBER.match(cell.strip()) else math.inf
    return number if math.isfinite(number) else None
