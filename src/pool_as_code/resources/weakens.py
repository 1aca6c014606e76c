"""Whether a field's change weakens security, from its `Weakens` trait alone."""

from __future__ import annotations

from ..core.clock import parse_duration
from ..core.values import JsonValue
from .pool.password import STRENGTHS
from .shape import Field


def weakens(field: Field, before: JsonValue, after: JsonValue) -> bool:
    """True when the value moves the way the trait names; False for fields without it or without a change."""
    if not field.weakens or before == after:
        return False
    match field.weakens:
        case "any":
            return before is not None
        case "true" | "false":
            return after is (field.weakens == "true")
        case "lower" | "higher":
            old, new = _number(before), _number(after)
            if old is None or new is None:
                return False
            return new < old if field.weakens == "lower" else new > old
        case "longer" | "shorter" | "removed":
            had = set(map(str, before)) if isinstance(before, list) else set()
            has = set(map(str, after)) if isinstance(after, list) else set()
            return bool(has - had) if field.weakens == "longer" else bool(had - has)
    return False


def _number(value: JsonValue) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        if value in STRENGTHS:
            return float(STRENGTHS.index(value))
        try:
            return float(parse_duration(value))
        except ValueError:
            return None
    return None
