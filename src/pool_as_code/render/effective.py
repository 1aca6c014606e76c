"""Effective documents as text: YAML whose comments say where each value is written, and what a branch changes in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from ..core.address import Address
from ..core.diagnostics import Location
from ..core.fieldpath import FieldPath, format_path
from ..core.values import JsonMap, JsonValue, canonical
from ..core.yaml import dump
from ..core.yaml.nodes import compose
from ..manifest.layers.placeholders import literal
from .escape import escape
from .layout import flow
from .palette import PLAIN, Palette

Path = tuple[str | int, ...]
ADDRESSES = 8  # of documents that change alike
_SIGNS = {"added": "+", "changed": "~", "removed": "-"}


class WrittenLike(Protocol):
    """Where a value is written."""

    @property
    def location(self) -> Location: ...
    @property
    def row(self) -> str: ...
    @property
    def note(self) -> str: ...


class DocumentLike(Protocol):
    """A document with the places of its leaves."""

    @property
    def address(self) -> Address: ...
    @property
    def document(self) -> JsonMap: ...
    @property
    def written(self) -> Mapping[Path, WrittenLike]: ...
    @property
    def bound(self) -> str: ...


class FieldLike(Protocol):
    """A field that changes."""

    @property
    def path(self) -> FieldPath: ...
    @property
    def before(self) -> JsonValue: ...
    @property
    def after(self) -> JsonValue: ...
    @property
    def was_there(self) -> bool: ...
    @property
    def is_there(self) -> bool: ...
    @property
    def written(self) -> WrittenLike | None: ...


class ChangeLike(Protocol):
    """A document that changes."""

    @property
    def address(self) -> Address: ...
    @property
    def sort(self) -> str: ...
    @property
    def fields(self) -> Sequence[FieldLike]: ...


def documents_text(documents: Iterable[DocumentLike]) -> str:
    """One YAML stream. Every line whose values are known to be written somewhere ends with that place as a comment."""
    return "---\n".join(map(_document_text, documents))


def documents_json(documents: Iterable[DocumentLike]) -> JsonMap:
    """`{"documents": [{address, document, bound?, written: {path: {file, line, column, row?, note?}}}]}`."""
    found: list[JsonValue] = []
    for item in documents:
        written: JsonMap = {_path_text(path): _written_json(place) for path, place in item.written.items()}
        entry: JsonMap = {"address": str(item.address), "document": item.document, "written": written}
        found.append({**entry, "bound": item.bound} if item.bound else entry)
    return {"documents": found}


def _document_text(item: DocumentLike) -> str:
    head = f"# {escape(str(item.address))}" + (f", bound to {escape(item.bound)}" if item.bound else "")
    text = dump([literal(item.document)])
    if not item.written:
        return f"{head}\n{text}"
    lines = text.splitlines()
    comments: dict[int, dict[str, None]] = {}
    root = next(compose(text, strict=False)).root
    for path, place in item.written.items():
        here, line = root, 0
        for step in path:
            children = here.children if here is not None else None
            if isinstance(children, dict) and here is not None and str(step) in children:
                line = here.keys[str(step)].line
                here = children[str(step)]
            elif isinstance(children, list) and isinstance(step, int) and step < len(children):
                here = children[step]
                line = here.span.line
            else:
                break
        if line:
            comments.setdefault(line, {})[_place_text(place)] = None
    for number, places in comments.items():
        lines[number - 1] += f"  # {'; '.join(places)}"
    return "\n".join([head, *lines, ""])


def _place_text(place: WrittenLike) -> str:
    at = place.location
    parts = [f"{at.file}:{at.line}" if at.line else at.file, place.row, place.note]
    return escape(", ".join(filter(None, parts)))


def _written_json(place: WrittenLike) -> JsonMap:
    at = place.location
    found: JsonMap = {"file": at.file, "line": at.line, "column": at.column}
    return {**found, **{key: text for key, text in (("row", place.row), ("note", place.note)) if text}}


def _path_text(path: Path) -> str:
    from ..core.fieldpath import Item

    return format_path(Item(str(step)) if isinstance(step, int) else step for step in path)


def changes_text(changes: Sequence[ChangeLike], ref: str, *, palette: Palette = PLAIN) -> str:
    """What a branch changes, equal changes folded, the count last."""
    if not changes:
        return f"No effective document differs from {escape(ref)}.\n"
    lines: list[str] = []
    for alike in _folded(changes):
        first = alike[0]
        sign = _SIGNS[first.sort]
        shown = ", ".join(escape(str(change.address)) for change in alike[:ADDRESSES])
        more = f" and {len(alike) - ADDRESSES:,} more" if len(alike) > ADDRESSES else ""
        style = {"added": "add", "changed": "change", "removed": "remove"}[first.sort]
        lines.append(palette.paint(style, f"{sign} {shown}{more}"))  # type: ignore[arg-type]
        lines += [_field_line(one, len(alike) == 1, palette) for one in first.fields]
    counts = [
        f"{sum(c.sort == sort for c in changes):,} {sort}" for sort in _SIGNS if any(c.sort == sort for c in changes)
    ]
    return "\n".join([*lines, "", f"{', '.join(counts)} against {escape(ref)}", ""])


def changes_json(changes: Iterable[ChangeLike], ref: str) -> JsonMap:
    """`{"base": REF, "changes": [{address, change, fields: [{path, before?, after?, written?}]}]}`; a side without the field has
    no key."""
    found: list[JsonValue] = []
    for change in changes:
        fields: list[JsonValue] = []
        for one in change.fields:
            entry: JsonMap = {"path": format_path(one.path)}
            if one.was_there:
                entry["before"] = one.before
            if one.is_there:
                entry["after"] = one.after
            if one.written is not None:
                entry["written"] = _written_json(one.written)
            fields.append(entry)
        found.append({"address": str(change.address), "change": change.sort, "fields": fields})
    return {"base": ref, "changes": found}


def _folded(changes: Iterable[ChangeLike]) -> list[list[ChangeLike]]:
    groups: dict[object, list[ChangeLike]] = {}
    for change in changes:
        fields: list[JsonValue] = [
            [format_path(f.path), f.before, f.after, f.was_there, f.is_there] for f in change.fields
        ]
        groups.setdefault((change.address.kind, change.sort, canonical(fields)), []).append(change)
    return list(groups.values())


def _field_line(one: FieldLike, alone: bool, palette: Palette) -> str:
    name = escape(format_path(one.path))
    if not one.was_there:
        text = f"{name}: {flow(one.after)} (newly declared)"
    elif not one.is_there:
        text = f"{name}: {flow(one.before)} (no longer declared)"
    else:
        text = f"{name}: {flow(one.before)} -> {flow(one.after)}"
    if one.written is None:
        return f"    {text}"
    row = one.written.row if alone else ""
    at = one.written.location
    place = ", ".join(filter(None, (f"{at.file}:{at.line}", row, one.written.note)))
    return f"    {text}  {palette.paint('quiet', f'# {escape(place)}')}"
