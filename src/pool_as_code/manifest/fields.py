"""Every kind of document, and every field of each with its place, its traits and the service's word for it: what the JSON Schema
is made from and what `explain` searches."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_origin

import typing_extensions

from ..resources import registry
from .annotations import Spot, parts, spot
from .layers.documents import LAYERS
from .project_document import ProjectDocument
from .words import wire

ITEM, ENTRY = "[]", "*"  # steps of a path: into any member of a list, into any value of a map
ENVELOPE = ("apiVersion", "kind")
PROJECT = "Project"
_LAYER_TITLES = {
    "Patch": "a merge onto named documents, or onto those with certain labels",
    "ForEach": "documents made from the rows of a CSV or YAML file",
}


def document_types() -> dict[str, Any]:
    """Kind -> the type of its documents: of objects first, then of layers. The project file is not among them."""
    return {**{kind.name: kind.document for kind in registry.KINDS}, **LAYERS}


def titles() -> dict[str, str]:
    """Kind -> what it is, in a few words."""
    known = {kind.name: kind.title for kind in registry.KINDS}
    return {**known, **_LAYER_TITLES, PROJECT: "the project file: who owns what is applied, and where to"}


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """One field. `path` is where it stands in a document, `wire` the service's word with those of the maps around it."""

    kind: str
    path: tuple[str, ...]
    place: Spot
    wire: str

    @property
    def label(self) -> str:
        """How people call it: `IdentityPool.passwordPolicy.minLength`, `User.identifiers[].email`."""
        short = self.path[1:] if self.path[0] == "spec" and self.path[1] != "metadata" else self.path
        return f"{self.kind}.{'.'.join(short)}".replace(f".{ITEM}", ITEM).replace(f".{ENTRY}.", ".NAME.")


@functools.cache
def fields_of(kind: str) -> tuple[FieldEntry, ...]:
    """The fields of a kind, in the order of declaration, each before those inside of it. Raises KeyError."""
    document = ProjectDocument if kind == PROJECT else document_types()[kind]
    if kind == PROJECT:
        return tuple(entry for entry in _below(kind, spot(document), (), "") if entry.path[0] not in ENVELOPE)
    sections = spot(document).fields
    return tuple(entry for part in ("metadata", "spec") for entry in _below(kind, sections[part], (part,), ""))


def all_fields() -> Iterator[FieldEntry]:
    """The fields of all kinds and of the project file."""
    for kind in (*document_types(), PROJECT):
        yield from fields_of(kind)


def _below(kind: str, place: Spot, path: tuple[str, ...], above: str) -> Iterator[FieldEntry]:
    for key, field in place.fields.items():
        word = _full(above, wire(field))
        yield FieldEntry(kind, (*path, key), field, word)
        for step, inner in inside(field):
            yield from _below(kind, inner, (*path, key, *step), word or above)


def inside(place: Spot) -> Iterator[tuple[tuple[str, ...], Spot]]:
    """The struct that a field is, or that the members of its list or the values of its map are, and the step to it."""
    for part in parts(place.hint):
        if typing_extensions.is_typeddict(part):
            yield (), spot(part)
        elif get_origin(part) in (list, dict):
            step = ITEM if get_origin(part) is list else ENTRY
            for inner in parts(get_args(part)[-1]):
                if typing_extensions.is_typeddict(inner):
                    yield (step,), spot(inner)


def _full(above: str, word: str) -> str:
    """`password_policy` and `min_length` give `password_policy.min_length`; words that are whole already stay."""
    if not word or not above or word.split(".", 1)[0] == above.split(".", 1)[0]:
        return word
    return f"{above}.{word}"
