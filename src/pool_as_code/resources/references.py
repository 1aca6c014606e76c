"""Where documents hold references, and how names become ids and back. Which fields they are follows from the trait `Ref`."""

from __future__ import annotations

import functools
from collections.abc import Callable

from ..core.fieldpath import FieldPath
from ..core.values import JsonMap, JsonValue
from .kind import Kind
from .registry import by_word

DEFAULT_REF = "$default"  # the directory's own schema
ID_REF = "$id:"  # a live object that no manifest declares

Words = tuple[str, ...]
Translate = Callable[[Words, str], str]


@functools.cache
def reference_fields(word: str) -> tuple[tuple[str, FieldPath, Words], ...]:
    """Of a kind: (`metadata` or `spec`, path of the field, kind words it may name)."""
    kind = by_word()[word]
    found: list[tuple[str, FieldPath, Words]] = []
    for part, shape in (("metadata", kind.metadata_shape), ("spec", kind.shape)):
        for path, leaf in shape.leaves():
            if leaf.ref:
                found.append((part, path, kind_words(kind.word, path, leaf.ref)))
    return tuple(found)


def kind_words(word: str, path: FieldPath, ref: str) -> Words:
    """What a reference may name: an organization's parent is a workspace or an organization."""
    return ("workspace", "organization") if word == "organization" and path == ("parent",) else (ref,)


def map_references(kind: Kind, metadata: JsonMap, spec: JsonMap, translate: Translate) -> tuple[JsonMap, JsonMap]:
    """Copies of both with every reference translated; nothing else changes."""
    parts = {"metadata": dict(metadata), "spec": dict(spec)}
    for part, path, words in reference_fields(kind.word):
        target = parts[part]
        if path[0] in target:
            target[path[0]] = _mapped(target[path[0]], path[1:], words, translate)
    return parts["metadata"], parts["spec"]


def _mapped(value: JsonValue, path: FieldPath, words: Words, translate: Translate) -> JsonValue:
    if path and isinstance(value, dict):
        return {key: _mapped(v, path[1:], words, translate) if key == path[0] else v for key, v in value.items()}
    if isinstance(value, list):
        return [translate(words, str(item)) for item in value]
    return translate(words, str(value)) if value else value
