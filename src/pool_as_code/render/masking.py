"""What may be seen of a value: secrets never, personal values when they are asked for. Field paths hide the personal parts of
their steps, too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..core.fieldpath import FieldPath, Item, format_path, parse_path
from ..core.secrets import SecretRef
from ..core.values import JsonValue
from .parts import PERSONAL, SECRET, Words

if TYPE_CHECKING:
    from ..resources.shape import Field


_TYPES = ("email", "mobile", "uid", "external", "federated")  # what members of lists of personal data are known by


def masked(value: JsonValue) -> JsonValue:
    """Words for a personal value: for a map of attributes its keys, for a list of identifiers their types, never a value."""
    names: list[str] = []
    if isinstance(value, dict):
        names = sorted(value)
    elif isinstance(value, list):
        names = [word for member in value if isinstance(member, dict) for word in _TYPES if word in member]
    return Words(f"{', '.join(names)} (personal)") if any(names) else PERSONAL


def secret_rows(name: str, value: JsonValue) -> list[tuple[str, JsonValue]]:
    """What may be said of a secret's declaration: its references and its switches."""
    reference = SecretRef.from_json(value)
    if reference is not None:
        return [(name, Words(f"(secret, {reference})"))]
    if isinstance(value, dict):
        return [row for key, inner in sorted(value.items()) for row in secret_rows(f"{name}.{key}", inner)]
    return [(name, value if isinstance(value, bool) else SECRET)]


def masked_path(path: FieldPath) -> str:
    """A path's text without the personal part of its members: `addresses[email:(personal)].verified`."""
    return "".join(_masked_step(step, first=index == 0) for index, step in enumerate(path))


def _masked_step(step: str, *, first: bool) -> str:
    if not isinstance(step, Item):
        return format_path((step,)) if first else f".{format_path((step,))}"
    word, colon, _ = step.partition(":")
    return f"[{word}:{PERSONAL}]" if colon else f"[{PERSONAL}]"


def masked_name(shape: Field | None, name: str) -> str:
    """The text of a path as an ownership record has it, without what is personal in it."""
    try:
        path = parse_path(name)
    except ValueError:
        return str(PERSONAL)
    members = any(isinstance(step, Item) for step in path)
    if not members or (shape is not None and not _personal_on(shape, path)):
        return name
    return masked_path(path)


def _personal_on(shape: Field, path: FieldPath) -> bool:
    fields = (shape.at(path[: index + 1]) for index in range(len(path)))
    return any(found is not None and found.personal for found in fields)


_MEMBER = re.compile(r'\[(?:"([A-Za-z]+):(?:[^"\\]|\\.)*"|([A-Za-z]+):[^\[\]"\s]*)\]')


def masked_sentence(text: str) -> str:
    """A sentence that may name field paths, without the personal parts of those."""
    return _MEMBER.sub(lambda found: f"[{found[1] or found[2]}:{PERSONAL}]", text)
