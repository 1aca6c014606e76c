"""From a plan's changes to the rows people read: the declared fields of a new object, before and after of a changed one.
Masking happens here, so no renderer can forget it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from ..core.fieldpath import FieldPath, Item, format_path
from ..core.values import JsonMap, JsonValue, as_map
from ..plan.model import Change, Effect, FieldChange
from .inside import member_rows, path_rows
from .masking import masked, masked_path, secret_rows
from .parts import DEFAULT, PERSONAL, SECRET, STORE_DEFAULT, Row, Words

if TYPE_CHECKING:
    from ..resources.shape import Field

# Said by the address or by the change's words, or nothing to the store.
_SAID_ELSEWHERE = frozenset({"name", "pool", "adopt", "previousNames", "state", "labels", "manage"})


def created_rows(change: Change, show_values: bool) -> tuple[Row, ...]:
    """The declared fields of a new object."""
    from ..resources.registry import by_word

    kind = by_word().get(change.address.kind)
    after = change.after or {}
    metadata = {
        key: value for key, value in sorted(as_map(after.get("metadata")).items()) if key not in _SAID_ELSEWHERE
    }
    rows = [Row("+", key, after=value) for key, value in metadata.items()]
    if kind is not None:
        marked = {field.path: field for field in change.fields}
        rows += _declared(kind.shape, as_map(after.get("spec")), (), marked, show_values)
    named = {row.name for row in rows}
    rows += [
        Row("+", name, after=Words(f"(secret, {ref})")) for name, ref in change.secrets.items() if name not in named
    ]
    if kind is not None:
        chosen = list(_chosen_by_the_store(kind.shape, as_map(after.get("spec")), ()))
        rows += [Row("+", ", ".join(chosen), after=STORE_DEFAULT)] if chosen else []
    return tuple(rows)


def _chosen_by_the_store(shape: Field, spec: JsonMap, path: FieldPath) -> Iterator[str]:
    """Fields that are not declared and that the store fills in; a section of which all are so by its own name."""
    for key, child in shape.children.items():
        if child.is_struct and key in spec:
            yield from _chosen_by_the_store(child, as_map(spec[key]), (*path, key))
        elif key not in spec and _any_chosen(child):
            yield format_path((*path, key))


def _any_chosen(field: Field) -> bool:
    if not field.is_struct:
        return field.server_chosen is not None
    return any(_any_chosen(child) for child in field.children.values())


def _declared(
    shape: Field, spec: JsonMap, path: FieldPath, marked: dict[FieldPath, FieldChange], show_values: bool
) -> Iterator[Row]:
    known = (
        key for key in shape.children if key in spec
    )  # in this order, whatever the manifest's or the plan file's is
    for key in (*known, *sorted(spec.keys() - shape.children.keys())):
        value, here = spec[key], (*path, key)
        child = shape.children.get(key)
        mark = marked.get(here)
        if child is None or (mark is not None and mark.sensitive):
            yield Row("+", format_path(here), after=SECRET)
        elif child.secret:
            for name, shown in secret_rows(format_path(here), value):
                yield Row("+", name, after=shown)
        elif child.is_struct:
            yield from _declared(child, as_map(value), here, marked, show_values)
        elif child.personal and not show_values:
            yield Row("+", format_path(here), after=masked(value))
        elif child.per_key and isinstance(value, dict):
            for inner, inner_value in sorted(value.items()):
                mark = marked.get((*here, inner))
                hidden = mark is not None and mark.sensitive
                yield Row("+", format_path((*here, inner)), after=SECRET if hidden else inner_value)
        else:
            yield Row("+", format_path(here), after=value)


def changed_rows(fields: Sequence[FieldChange], show_values: bool) -> tuple[Row, ...]:
    """Before and after of each field; members of one list stand together below its name."""
    rows: list[Row] = []
    for parent, group in groupby(fields, key=_list_of):
        if parent is None:
            rows += [_changed(field, show_values) for field in group]
        else:
            members = list(group)
            inside = tuple(_member(field, show_values) for field in members)
            rows.append(Row("~", format_path(parent), inside=inside, weakens=any(f.weakens for f in members)))
    return tuple(rows)


def _list_of(field: FieldChange) -> FieldPath | None:
    """The list whose member comes or goes, None for a change of another sort."""
    is_member = isinstance(field.path[-1], Item) and field.effect in (Effect.ADD, Effect.REMOVE)
    return field.path[:-1] if is_member else None


def _member(field: FieldChange, show_values: bool) -> Row:
    gone = field.effect is Effect.REMOVE
    value = field.before if gone else field.after
    shown: JsonValue = str(field.path[-1]) if value is None else value
    if field.sensitive:
        shown = SECRET
    elif field.personal and not show_values:
        word = str(field.path[-1]).partition(":")[0] if ":" in field.path[-1] else ""
        shown = Words(f"{word} (personal)") if word else PERSONAL
    return Row("-", "", before=shown) if gone else Row("+", "", after=shown)


def _changed(field: FieldChange, show_values: bool) -> Row:
    hide = field.personal and not show_values
    name = masked_path(field.path) if hide else format_path(field.path)
    if field.sensitive or hide:
        return _hidden(field, name, SECRET if field.sensitive else PERSONAL)
    before, after = field.before, field.after
    if field.effect is Effect.RESET:
        default = DEFAULT if after is None or isinstance(after, dict | list) else Words(f"{_scalar(after)} {DEFAULT}")
        return Row("~", name, _or_unset(before), default, weakens=field.weakens)
    if before is None or after is None:
        sign = "+" if before is None else "-"
        return Row(sign, name, before, after, weakens=field.weakens)
    inside: tuple[Row, ...] = ()
    if isinstance(before, list) and isinstance(after, list):
        inside = member_rows(before, after)
    elif isinstance(before, dict) and isinstance(after, dict):
        inside = path_rows(before, after)
    return Row("~", name, before, after, inside, field.weakens)


def _hidden(field: FieldChange, name: str, words: Words) -> Row:
    if field.before is None:
        return Row("+", name, after=words, weakens=field.weakens)
    if field.after is None and field.effect is not Effect.RESET:
        return Row("-", name, before=words, weakens=field.weakens)
    return Row("~", name, words, DEFAULT if field.effect is Effect.RESET else words, weakens=field.weakens)


def _or_unset(value: JsonValue) -> JsonValue:
    return Words("(not set)") if value is None else value


def _scalar(value: JsonValue) -> str:
    from .layout import flow

    return flow(value)
