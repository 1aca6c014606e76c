"""The order of keys in documents: apiVersion, kind, metadata, spec; fields as their types declare them; what no type knows behind
them, as it was written. Keys that users own (attributes, labels, names of environments) keep their order. What pull writes and
what fmt rewrites have it from here."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin

import typing_extensions

from ..core.values import JsonMap, JsonValue
from ..resources.kind import Metadata
from ..resources.registry import KINDS
from .annotations import parts, spot
from .layers.documents import LAYERS
from .project_document import ProjectDocument


@dataclass(slots=True)
class Order:
    """Of one place: its known `keys` with the order below each, and the order of `each` member of a list, or value of a map."""

    keys: dict[str, Order | None] = field(default_factory=dict)
    each: Order | None = None


def in_order(document: JsonValue) -> JsonValue:
    """An equal document with its keys in order, whatever its kind, valid or not."""
    if not isinstance(document, dict):
        return document
    kind = document.get("kind")
    found = _arranged(document, _orders().get(kind if isinstance(kind, str) else "", _unknown()))
    if kind == "ForEach" and isinstance(found, dict) and isinstance(spec := found.get("spec"), dict):
        templates = spec.get("documents")
        if isinstance(templates, list):
            spec["documents"] = [in_order(template) for template in templates]
    return found


@functools.cache
def _orders() -> dict[str, Order]:
    """Kind -> the order of its documents."""
    types = {**{kind.name: kind.document for kind in KINDS}, **LAYERS, "Project": ProjectDocument}
    found = {name: _of_struct(declared) for name, declared in types.items()}
    for kind in KINDS:
        found[kind.name].keys["metadata"] = _of_metadata(kind.metadata)
    return found


def _of_metadata(declared: Any) -> Order:
    """The name, where the object lives (what this kind has beside others), and the rest."""
    keys, common = _of_struct(declared).keys, _of_struct(Metadata).keys
    first = ["name", *(key for key in keys if key not in common)]
    return Order({key: keys[key] for key in [*first, *(key for key in keys if key not in first)]})


@functools.cache
def _unknown() -> Order:
    """That of a document whose kind nobody knows."""
    return Order({"apiVersion": None, "kind": None, "metadata": _of_struct(Metadata), "spec": None})


@functools.cache
def _of_struct(declared: Any) -> Order:
    return Order({name: _of(below.hint) for name, below in spot(declared).fields.items()})


def _of(hint: Any) -> Order | None:
    found = Order()
    for part in parts(hint):
        if typing_extensions.is_typeddict(part):
            found.keys = _of_struct(part).keys
        elif get_origin(part) in (list, dict):
            found.each = _of(get_args(part)[-1])
    return found if found.keys or found.each else None


def _arranged(value: JsonValue, order: Order | None) -> JsonValue:
    if order is None:
        return value
    if isinstance(value, list):
        return [_arranged(item, order.each) for item in value]
    if not isinstance(value, dict):
        return value
    found: JsonMap = {key: _arranged(value[key], below) for key, below in order.keys.items() if key in value}
    for key, item in value.items():
        if key not in found:
            found[key] = _arranged(item, order.each)
    return found
