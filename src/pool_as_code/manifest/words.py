"""What a field's traits mean, in sentences for people: what null does, who owns it, what the service calls it. The JSON
Schema's descriptions and `explain` say the same words."""

from __future__ import annotations

from collections.abc import Iterator

from ..core.values import JsonValue, canonical
from ..resources import traits as t
from .annotations import Spot, members

_WEAKENS = {
    "lower": "A lower value weakens security",
    "higher": "A higher value weakens security",
    "true": "`true` weakens security",
    "false": "`false` weakens security",
    "longer": "A longer list weakens security",
    "shorter": "A shorter list weakens security",
    "removed": "Taking it out weakens security",
    "any": "Any change may weaken security",
}


def shown(value: JsonValue) -> str:
    """A value as JSON, on one line."""
    return canonical(value).decode()


def null_rule(place: Spot) -> str:
    """What becomes of the field without a value, and what `null` does."""
    default, chosen = place.mark(t.Default), place.mark(t.ServerChosen)
    if default is not None:
        value = shown(default.value)
        return f"Default: `{value}`; `null` resets to it." if place.takes_null else f"Default: `{value}`."
    if chosen is not None:
        how = f": {chosen.how}" if chosen.how else ""
        return f"Not declared, the store chooses{how}. `null` is an error."
    return ""


def traits_in_words(place: Spot) -> Iterator[str]:
    """A sentence for each trait that changes what is done with the value."""
    initial, weakens, ref = place.mark(t.Initial), place.mark(t.Weakens), place.mark(t.Ref)
    if initial is not None:
        enforced = ", unless `metadata.manage: always` enforces it" if initial.enforceable else ""
        yield f"Initial: written when the object is created, afterwards only reported{enforced}."
    if place.mark(t.Immutable) is not None:
        yield "Immutable: can not change after creation."
    if place.mark(t.Secret) is not None:
        yield "Secret: never shown, never read back, never compared."
    if place.mark(t.Personal) is not None:
        yield "May hold personal data: masked in text unless `--show-values` is given."
    if place.mark(t.Unordered) is not None:
        yield "Managed whole; its order means nothing."
    if place.mark(t.PerItem) is not None:
        yield "Managed item by item: declared items are there, ours that are no longer declared go, others stay."
    if place.mark(t.PerKey) is not None:
        yield "Managed key by key: keys that are not declared stay as they are."
    if ref is not None:
        yield f"Names a {ref.kind}."
    if weakens is not None:
        yield f"{_WEAKENS[weakens.when]}: the plan says so."


def known_words(place: Spot) -> tuple[str, ...]:
    """The texts that this version knows for the field, or for the members of its list, where others may be right, too."""
    for member in members(place):
        inner = member.step(0) or member
        known = next((found for one in members(inner) if (found := one.mark(t.Known)) is not None), None)
        if known is not None:
            return tuple(known.values)
    return ()


def wire(place: Spot) -> str:
    """The service's word for the field, empty where it has none."""
    doc = place.mark(t.Doc)
    return doc.wire if doc is not None else ""


def doc_text(place: Spot) -> str:
    """What the field is for."""
    doc = place.mark(t.Doc)
    return doc.text if doc is not None else ""
