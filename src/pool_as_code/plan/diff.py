"""The one differ: what a desired object's declared fields would change in its live one. Pure; knows no kind by name.

desired (declared fields only) --+
live (names instead of ids)   ---+--> Difference: changes to write, differences only reported, digests of ownership
ownership digests (last applied)-+
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..core.fieldpath import FieldPath, Item, format_path
from ..core.secrets import SecretRef
from ..core.values import JsonMap, JsonValue, as_map, digest
from ..resources.kind import Kind
from ..resources.normal import members, normal, or_default
from ..resources.references import DEFAULT_REF
from ..resources.shape import Field
from ..resources.weakens import weakens
from .model import Effect, FieldChange

FEDERATED = "federated:"


@dataclass(slots=True)
class Difference:
    """`changes` are to be written; `reported` differ but belong to people; `immutable` can not be written at all.
    `digests` are the declared fields as the ownership record will hold them; `live_moved` names changed fields whose live
    value is not what we last applied."""

    changes: list[FieldChange] = field(default_factory=list)
    reported: list[FieldChange] = field(default_factory=list)
    immutable: list[FieldChange] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    live_moved: set[str] = field(default_factory=set)
    secrets_moved: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Walk:
    applied: Mapping[str, str]
    ignore_case: bool
    enforce_initial: bool
    metadata: bool
    exists: bool
    met: object
    out: Difference

    def struct(self, shape: Field, desired: JsonMap, live: JsonMap, path: FieldPath) -> None:
        for key, value in desired.items():
            child = shape.children[key]
            here = (*path, key)
            if child.is_struct:
                self.struct(child, as_map(value), as_map(live.get(key)), here)
            elif child.per_key:
                self.keys(child, as_map(value), as_map(live.get(key)), here)
            elif child.per_item:
                self.items(child, value, live.get(key), here)
            else:
                self.leaf(child, value, live.get(key), here)

    def keys(self, shape: Field, desired: JsonMap, live: JsonMap, path: FieldPath) -> None:
        for key, value in desired.items():
            self.value(shape, value, live.get(key), (*path, key))

    def items(self, shape: Field, desired: JsonValue, live: JsonValue, path: FieldPath) -> None:
        wanted = members(shape, desired, ignore_case=self.ignore_case)
        there = members(shape, live, ignore_case=self.ignore_case)
        for folded, (key, member) in wanted.items():
            if key.startswith(FEDERATED):
                continue  # the directory's own business
            here = (*path, Item(key))
            _item_digests(shape, key, member, format_path(here), self.out.digests)
            if folded not in there:
                self._write(self._change(shape, here, None, _shown(key, member), Effect.ADD), None)
                continue
            for inner, value in _settings(key, member):
                self.leaf(shape.children[inner], value, there[folded][1].get(inner), (*here, inner))
        self._removed_items(shape, wanted, there, path)

    def _removed_items(
        self, shape: Field, wanted: Mapping[str, object], there: Mapping[str, tuple[str, JsonMap]], path: FieldPath
    ) -> None:
        for folded, (key, member) in there.items():
            here = (*path, Item(key))
            if folded not in wanted and not key.startswith(FEDERATED) and self._applied_item(here, folded):
                self._write(self._change(shape, here, _shown(key, member), None, Effect.REMOVE), _shown(key, member))

    def _applied_item(self, here: FieldPath, folded: str) -> bool:
        if format_path(here) in self.applied:
            return True
        return format_path((*here[:-1], Item(folded))) in self.applied

    def leaf(self, shape: Field, desired: JsonValue, live: JsonValue, path: FieldPath) -> None:
        if shape.secret:
            self.secret(desired, path)
        elif shape.initial and shape.atomic:
            self.note(path, digest(normal(shape, desired)))  # not readable: set once, never compared
        else:
            self.value(shape, desired, live, path)

    def secret(self, desired: JsonValue, path: FieldPath) -> None:
        name, now = format_path(path), digest(reference_form(desired))
        if self.applied.get(name, now) != now:
            self.out.secrets_moved.append(name)
        self.out.digests[name] = self.applied.get(name, now)

    def value(self, shape: Field, desired: JsonValue, live: JsonValue, path: FieldPath) -> None:
        wanted = normal(shape, or_default(shape, desired))
        found = normal(shape, or_default(shape, live))
        self.note(path, digest(wanted))
        if wanted == found and isinstance(wanted, bool) is isinstance(found, bool):
            return
        if shape.ref and wanted == DEFAULT_REF and found is None:
            return  # the directory's own, and it has none
        if _met(self.met, path, wanted, found):
            return
        change = self._change(shape, path, found, wanted, Effect.RESET if desired is None else Effect.SET)
        if shape.immutable and self.exists:
            self.out.immutable.append(change)
        elif shape.initial and self.exists and not (shape.enforceable and self.enforce_initial):
            self.out.reported.append(change)
        else:
            self._write(change, found)

    def _write(self, change: FieldChange, found: JsonValue) -> None:
        self.out.changes.append(change)
        name = change.name
        last = self.applied.get(name)
        if last is not None and change.effect is not Effect.REMOVE and last != digest(found):
            self.out.live_moved.add(name)

    def _change(
        self, shape: Field, path: FieldPath, before: JsonValue, after: JsonValue, effect: Effect
    ) -> FieldChange:
        return FieldChange(
            path,
            before,
            after,
            effect,
            sensitive=shape.secret,
            personal=shape.personal,
            weakens=weakens(shape, before, after),
            metadata=self.metadata,
        )

    def note(self, path: FieldPath, value: str) -> None:
        self.out.digests[format_path(path)] = value


def _met(rule: object, path: FieldPath, wanted: JsonValue, found: JsonValue) -> bool:
    return bool(callable(rule) and rule(path, wanted, found))


MANAGED_METADATA = frozenset({"workspace", "organization", "parent"})


def managed_metadata(metadata: JsonMap) -> JsonMap:
    """The part of an object's metadata that the live object has, too."""
    return {key: value for key, value in metadata.items() if key in MANAGED_METADATA}


def difference(
    kind: Kind,
    metadata: JsonMap,
    spec: JsonMap,
    live_metadata: JsonMap | None,
    live_spec: JsonMap,
    applied: Mapping[str, str],
    *,
    ignore_case: bool = False,
) -> Difference:
    """What the declared fields would change. `live_metadata` None means that the object does not exist yet; references are
    names on both sides. `applied` maps field path text to the digest last applied."""
    out = Difference()
    enforce = metadata.get("manage") == "always"
    exists = live_metadata is not None
    for part, desired, live, shape in (
        (True, managed_metadata(metadata), live_metadata or {}, kind.metadata_shape),
        (False, spec, live_spec, kind.shape),
    ):
        _Walk(applied, ignore_case, enforce, part, exists, kind.met, out).struct(shape, desired, live, ())
    for key, field_ in kind.shape.children.items():
        if (field_.secret or (field_.initial and field_.atomic)) and key in applied:
            out.digests.setdefault(key, applied[key])  # written at creation only: a pulled manifest can not hold it
    return out


def digests_of(kind: Kind, metadata: JsonMap, spec: JsonMap) -> dict[str, str]:
    """The ownership digests of an object that is about to be created: those the differ would give, without a live side."""
    out: dict[str, str] = {}
    _struct_digests(kind.metadata_shape, managed_metadata(metadata), "", out)
    _struct_digests(kind.shape, spec, "", out)
    return out


def _struct_digests(shape: Field, desired: JsonMap, path: str, out: dict[str, str]) -> None:
    """Paths are made as text from the start: `format_path` of the whole path, with the part above written once."""
    for key, value in desired.items():
        child, here = shape.children[key], f"{path}.{key}" if path else key  # keys of structs are plain words
        if child.per_key:
            for inner, inner_value in as_map(value).items():
                out[here + _below(inner)] = _leaf_digest(child, inner_value)
        elif child.per_item:
            for written, member in members(child, value, ignore_case=False).values():
                if not written.startswith(FEDERATED):
                    _item_digests(child, written, member, here + format_path((Item(written),)), out)
        elif child.is_struct:
            _struct_digests(child, as_map(value), here, out)
        elif child.secret:
            out[here] = digest(reference_form(value))
        else:
            out[here] = _leaf_digest(child, value)


def _item_digests(shape: Field, key: str, member: JsonMap, here: str, out: dict[str, str]) -> None:
    out[here] = _text_digest(key)
    for inner, value in _settings(key, member):
        out[f"{here}.{inner}"] = _leaf_digest(shape.children[inner], value)


def _leaf_digest(shape: Field, value: JsonValue) -> str:
    return _text_digest(value) if isinstance(value, str) else digest(normal(shape, or_default(shape, value)))


@functools.lru_cache(maxsize=4096)
def _text_digest(text: str) -> str:
    """Of a text, which is its own normal form. Many users share a city."""
    return digest(text)


@functools.lru_cache(maxsize=4096)
def _below(key: str) -> str:
    """The text of a step into a map that is not the first of its path."""
    return format_path(("_", key))[1:]


def _settings(key: str, member: JsonMap) -> Iterator[tuple[str, JsonValue]]:
    """The fields of a keyed list's member beside the one that is its key."""
    word = key.partition(":")[0]
    return ((inner, value) for inner, value in member.items() if inner != word)


def _shown(key: str, member: JsonMap) -> JsonValue:
    """A member as it stands in a list: its map, or its text."""
    return member or key


def reference_form(value: JsonValue) -> JsonValue:
    """A secret's declaration without anything secret: references stay, literal hashes become a word."""
    if not isinstance(value, dict):
        return value
    shown = dict(value)
    if "hash" in shown and SecretRef.from_json(shown["hash"]) is None:
        shown["hash"] = "literal"
    return shown
