"""Drafts: documents as they are written, before what lies over and below them is known; and where a value came from."""

from __future__ import annotations

from typing import NamedTuple

from ...core.address import Address
from ...core.values import JsonMap, as_map
from ...resources.kind import Kind
from ...resources.state import Origin
from .rows import Row

Path = tuple[str | int, ...]


class RowOrigin(NamedTuple):
    """The row that made a document. `file` is empty for rows in the ForEach itself; `at` is where a YAML list of rows stands
    (its document and the path of the list), None for CSV."""

    file: str
    row: Row
    at: tuple[Origin, Path] | None

    @property
    def words(self) -> str:
        """`row 17 (organizations.csv:18)`."""
        where = f"{self.file}:{self.row.line}" if self.row.line else self.file
        return f"row {self.row.number:,}{f' ({where})' if where else ''}"


class Draft:
    """A document with its address. `origin` and `base` say where it is written: the document and the path in it (empty, but
    for those of a ForEach). `inside`: it belongs to what was asked for, and not only to the project around it."""

    __slots__ = ("abstract", "address", "base", "inside", "kind", "marked", "origin", "row", "value")

    def __init__(
        self,
        address: Address,
        kind: Kind,
        value: JsonMap,
        origin: Origin,
        *,
        inside: bool,
        base: Path = (),
        row: RowOrigin | None = None,
        marked: bool = True,
    ) -> None:
        self.address = address
        self.kind = kind
        self.value = value
        self.origin = origin
        self.base = base
        self.row = row
        self.inside = inside
        self.marked = marked  # it may hold placeholders
        self.abstract = as_map(value.get("metadata")).get("abstract") is True

    @property
    def extends(self) -> str:
        """What its metadata says it is laid over; empty where it says nothing."""
        return str(as_map(self.value.get("metadata")).get("extends") or "")

    def bases(self) -> list[Address]:
        """The addresses that its base may have, the nearest first."""
        name = self.extends
        if not name:
            return []
        if "/" in name or not self.kind.container:
            return [Address(self.address.kind, name)]
        inside = [Address(self.address.kind, f"{self.address.container}/{name}")] if self.address.container else []
        return [*inside, Address(self.address.kind, name)]


def address_of(kind: Kind, value: JsonMap) -> Address | None:
    """The address of a document that is not valid yet. Abstract ones of what lives in a pool may have none."""
    metadata = as_map(value.get("metadata"))
    name, pool = metadata.get("name"), metadata.get("pool")
    if not isinstance(name, str) or not name:
        return None
    if not kind.container:
        return Address(kind.word, name)
    if isinstance(pool, str) and pool:
        return Address(kind.word, f"{pool}/{name}")
    return Address(kind.word, name) if metadata.get("abstract") is True and pool is None else None
