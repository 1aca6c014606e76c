"""Normal forms: two values that mean the same become equal, so that the differ compares with `==` and nothing else."""

from __future__ import annotations

from ..core.values import JsonMap, JsonValue, as_list, as_map, canonical
from .rules import fold
from .schema import canonical_schema
from .shape import Field


def normal(field: Field, value: JsonValue) -> JsonValue:
    """The normal form of a leaf's value: lists without order sorted and without repetitions, JSON Schemas canonical.
    Values of other fields are normal already (durations and times were made so when they were read)."""
    if field.unordered and isinstance(value, list):
        return _sorted(value)
    if field.key == "schema" and field.atomic:
        return canonical_schema(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def or_default(field: Field, value: JsonValue) -> JsonValue:
    """What an absent value means: the documented default, or None where the store chooses."""
    if value is None and field.has_default:
        return field.default
    return value


def _sorted(values: list[JsonValue]) -> list[JsonValue]:
    unique = {canonical(value): value for value in values}
    return [unique[key] for key in sorted(unique)]


def members(field: Field, value: JsonValue, *, ignore_case: bool) -> dict[str, tuple[str, JsonMap]]:
    """A per-item list as a map: folded key -> (key as written, the member). Scalar members have an empty map."""
    found: dict[str, tuple[str, JsonMap]] = {}
    for member in as_list(value):
        key = field.item_key(member) if field.item_key is not None else str(member)
        folded = fold(key, ignore_case=ignore_case) if field.item_key is not None else key
        found[folded] = (key, as_map(member))
    return found


def without_null(struct: Field, value: JsonMap) -> JsonMap:
    """What is left of a struct's declared fields when `null` (reset) ones are taken out, in keys that users own as well;
    a `null` deeper inside a user's value is a value. Parts without any are shared with `value`, not copied."""
    found: JsonMap = {}
    for key, inner in value.items():
        if inner is None:
            continue
        if inner.__class__ in _LEAVES:
            found[key] = inner
            continue
        child = struct.children[key]
        if child.per_key:
            owned = as_map(inner)
            found[key] = {n: one for n, one in owned.items() if one is not None} if None in owned.values() else owned
        elif child.item_key is not None:
            listed = as_list(inner)
            found[key] = (
                [without_null(child, as_map(one)) for one in listed] if any(map(_holds_null, listed)) else listed
            )
        elif child.is_struct:
            found[key] = without_null(child, as_map(inner))
        else:
            found[key] = inner
    return found


_LEAVES = frozenset((str, bool, int, float))


def _holds_null(member: JsonValue) -> bool:
    return isinstance(member, dict) and (
        None in member.values() or any(isinstance(value, dict) for value in member.values())
    )
