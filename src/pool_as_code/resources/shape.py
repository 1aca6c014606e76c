"""The tree of a spec's fields, compiled once from its annotations: what validation, difference and rendering walk."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Union, get_args, get_origin

import typing_extensions

from ..core.fieldpath import FieldPath
from ..core.values import JsonValue
from . import traits as t


@dataclass(frozen=True, slots=True)
class Field:
    """One field with its traits. `children` are a struct's fields, or those of a keyed list's members."""

    key: str
    doc: str = ""
    wire: str = ""
    children: dict[str, Field] = field(default_factory=dict)
    has_default: bool = False
    default: JsonValue = None
    server_chosen: str | None = None
    unordered: bool = False
    item_key: Callable[[JsonValue], str] | None = None
    per_item: bool = False
    per_key: bool = False
    atomic: bool = False
    secret: bool = False
    initial: bool = False
    enforceable: bool = False
    immutable: bool = False
    personal: bool = False
    ref: str = ""
    weakens: str = ""
    annotation: Any = None

    @property
    def is_struct(self) -> bool:
        """Has fields of its own that are compared one by one."""
        return bool(self.children) and self.item_key is None and not self.atomic

    def at(self, path: FieldPath) -> Field | None:
        """The field a path leads to; the field itself for keys and members that users own, None for no field."""
        here: Field = self
        for step in path:
            if here.per_key or (here.per_item and here.item_key is None):
                return here
            if here.item_key is not None:
                continue_at = here.children.get(step)
                here = continue_at if continue_at is not None else here
                continue
            child = here.children.get(step)
            if child is None:
                return None if here.is_struct else here
            here = child
        return here

    def leaves(self, prefix: FieldPath = ()) -> Iterator[tuple[FieldPath, Field]]:
        """Every field that holds a value, with its path, in the order of declaration."""
        for key, child in self.children.items():
            if child.is_struct:
                yield from child.leaves((*prefix, key))
            else:
                yield (*prefix, key), child


def compile_struct(key: str, declared: Any, **given: Any) -> Field:
    """The field tree of a TypedDict."""
    hints = typing_extensions.get_type_hints(declared, include_extras=True)
    children = {name: _compile(name, hint) for name, hint in hints.items()}
    return Field(key, children=children, annotation=declared, **given)


def _compile(key: str, hint: Any) -> Field:
    given: dict[str, Any] = {}
    hint, marks = _unwrap(hint)
    for mark in marks:
        given.update(_given(mark))
    struct = struct_in(hint)
    if struct is not None and not given.get("atomic"):
        return compile_struct(key, struct, **given)
    return Field(key, annotation=hint, **given)


def _unwrap(hint: Any) -> tuple[Any, list[Any]]:
    marks: list[Any] = []
    while True:
        if get_origin(hint) in (typing_extensions.Required, typing_extensions.NotRequired):
            hint = get_args(hint)[0]
        elif get_origin(hint) is Annotated:
            marks.extend(hint.__metadata__)
            hint = hint.__origin__
        else:
            return hint, marks


def struct_in(hint: Any) -> Any:
    """The TypedDict a hint stands for: itself, or the member type of a list of them."""
    if typing_extensions.is_typeddict(hint):
        return hint
    if get_origin(hint) is list:
        return struct_in(_unwrap(get_args(hint)[0])[0])
    if get_origin(hint) in (Union, types.UnionType):
        found = [inner for inner in map(struct_in, get_args(hint)) if inner is not None]
        return found[0] if len(found) == 1 else None
    return None


_FLAGS = {
    t.Unordered: "unordered",
    t.PerItem: "per_item",
    t.PerKey: "per_key",
    t.Atomic: "atomic",
    t.Secret: "secret",
    t.Immutable: "immutable",
    t.Personal: "personal",
}


def _given(mark: Any) -> dict[str, Any]:
    match mark:
        case t.Doc(text, wire):
            return {"doc": text, "wire": wire}
        case t.Default(value):
            return {"has_default": True, "default": value}
        case t.ServerChosen(how):
            return {"server_chosen": how}
        case t.Keyed(key):
            return {"item_key": key}
        case t.Initial(enforceable):
            return {"initial": True, "enforceable": enforceable}
        case t.Ref(kind):
            return {"ref": kind}
        case t.Weakens(when):
            return {"weakens": when}
    flag = _FLAGS.get(type(mark))
    return {flag: True} if flag else {}
