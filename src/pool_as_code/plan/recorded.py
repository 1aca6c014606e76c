"""What an owner declared of an object, read back from the live object and the ownership record: the inverse of the digests
in `diff.py`. A manifest with exactly this plans to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args, get_origin

from ..core.fieldpath import FieldPath, Item, parse_path
from ..core.values import JsonMap, JsonValue, as_map, digest
from ..resources.kind import Kind
from ..resources.normal import members, normal
from ..resources.references import DEFAULT_REF
from ..resources.shape import Field
from .diff import managed_metadata


def recorded(kind: Kind, metadata: JsonMap, spec: JsonMap, fields: Mapping[str, str]) -> tuple[JsonMap, JsonMap]:
    """The declared part of a live object's metadata and spec (names in the place of ids). What was declared and is live no
    more comes back as the default that it reset to. What can not be read back (secrets) is missing."""
    paths = {parse_path(text): value for text, value in fields.items()}
    back = _Back(kind, paths)
    return back.struct(kind.metadata_shape, managed_metadata(metadata), ()), back.struct(kind.shape, spec, ())


class _Back:
    def __init__(self, kind: Kind, paths: Mapping[FieldPath, str]) -> None:
        self.kind = kind
        self.paths = paths
        self.prefixes = {path[:length] for path in paths for length in range(1, len(path) + 1)}

    def struct(self, shape: Field, live: JsonMap, path: FieldPath) -> JsonMap:
        found: JsonMap = {}
        for key, child in shape.children.items():
            here = (*path, key)
            if here not in self.prefixes:
                continue
            if child.is_struct:
                found[key] = self.struct(child, as_map(live.get(key)), here)
            elif child.per_key:
                found[key] = self.keys(as_map(live.get(key)), here)
            elif child.per_item:
                found[key] = self.items(child, live.get(key), here)
            elif live.get(key, child.default) is not None or child.has_default:
                found[key] = _reset(child, self.as_asked(child, live.get(key, child.default), here))
            elif child.ref and self.paths[here] == digest(DEFAULT_REF):
                found[key] = DEFAULT_REF  # the directory's own, and it has none
        return found

    def keys(self, live: JsonMap, path: FieldPath) -> JsonMap:
        """`null` for a key that was declared and is gone: declared so, or taken out by somebody."""
        return {step[-1]: live.get(step[-1]) for step in self.paths if step[:-1] == path}

    def items(self, shape: Field, live: JsonValue, path: FieldPath) -> list[JsonValue]:
        found: list[JsonValue] = []
        for key, member in members(shape, live, ignore_case=False).values():
            here = (*path, Item(key))
            if here not in self.paths:
                continue
            word = key.partition(":")[0]
            kept = {name: value for name, value in member.items() if name == word}
            for name, child in shape.children.items():
                if (*here, name) in self.paths:
                    kept[name] = _reset(child, member.get(name, child.default))
            found.append(kept or key)
        return found

    def as_asked(self, shape: Field, live: JsonValue, path: FieldPath) -> JsonValue:
        """The live value, or the word that was asked for where the live one counts as meeting it."""
        asked = self.paths[path]
        if (
            self.kind.met is not None
            and digest(normal(shape, live)) != asked
            and get_origin(shape.annotation) is Literal
        ):
            for word in get_args(shape.annotation):
                if digest(word) == asked and self.kind.met(path, word, live):
                    return str(word)
        return live


def _reset(shape: Field, value: JsonValue) -> JsonValue:
    """An empty text that is the default is said as `null`: some fields take no empty text."""
    return None if value == "" and shape.has_default and shape.default == "" else value
