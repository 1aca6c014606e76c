"""The members of an attribute that has several, such as `emails`, after one operation of a PATCH. Pure."""

from __future__ import annotations

from ...core.values import JsonMap, JsonValue
from .filters import Condition, Target
from .words import MOST_VALUES, part_spelled, refused, switch


def after(before: list[JsonMap], word: str, target: Target, value: JsonValue) -> list[JsonMap]:
    """The members of a list after one operation; at most one of them stays primary, the one that was made so last."""
    attribute, condition = target.attribute, target.condition
    if condition is None and not target.part:
        sent = [_item(attribute, one) for one in (value if isinstance(value, list) else [value])]
        if word == "remove":
            gone = {_key(one) for one in sent}
            return [one for one in before if value is not None and _key(one) not in gone]
        kept = before if word == "add" else []
        return _one_primary(*_with_more(kept, sent))
    met = [_meets(one, condition) for one in before]
    if condition is None and len(before) > 1:
        raise refused("noTarget", f"which of {attribute} is meant needs a condition")
    if word == "remove":
        return [less for one, hit in zip(before, met, strict=True) if (less := _less(one, target.part) if hit else one)]
    if word == "replace" and not any(met):
        raise refused("noTarget", f"none of {attribute} is like that")
    named = {target.part: single(value)} if target.part else _item(attribute, value)
    changed = [_with(one, named) if hit else one for one, hit in zip(before, met, strict=True)]
    touched = [one for one, hit in zip(changed, met, strict=True) if hit]
    if not touched:
        touched = [_with({condition.part: condition.value} if condition is not None else {}, named)]
        changed += touched
    return _one_primary(changed, touched)


def _with_more(before: list[JsonMap], sent: list[JsonMap]) -> tuple[list[JsonMap], list[JsonMap]]:
    """A list with these values, and the members that they are: one that is there already is not there twice."""
    more = {_key(one): one for one in sent}
    merged = [_with(one, more.pop(key)) if (key := _key(one)) in more else one for one in before]
    touched = [now for one, now in zip(before, merged, strict=True) if one is not now] + list(more.values())
    return merged + list(more.values()), touched


def _one_primary(items: list[JsonMap], touched: list[JsonMap]) -> list[JsonMap]:
    if len(items) > MOST_VALUES:
        raise refused("invalidValue", f"a list has at most {MOST_VALUES} values")
    mine = {id(one) for one in touched}
    if not any(str(one.get("primary")).lower() == "true" for one in touched):
        return items
    return [one if id(one) in mine else {key: inner for key, inner in one.items() if key != "primary"} for one in items]


def _key(item: JsonMap) -> str:
    return str(item.get("value")).lower()


def _less(item: JsonMap, part: str) -> JsonMap:
    """A member without a part; without its value there is nothing left of it."""
    return {} if part in ("", "value") else {key: inner for key, inner in item.items() if key != part}


def _with(item: JsonMap, named: JsonMap) -> JsonMap:
    """A member with these parts anew. Whether an address was verified is not passed on to another one."""
    merged = {**item, **named}
    if merged.get("value") != item.get("value") and "verified" not in named:
        merged.pop("verified", None)
    return merged


def _item(attribute: str, value: JsonValue) -> JsonMap:
    if value is None:
        return {}
    if isinstance(value, str):
        value = {"value": value}
    if not isinstance(value, dict):
        raise refused("invalidValue", f"a value of {attribute} is an object")
    return {part_spelled(attribute, key) or key: one for key, one in value.items()}


def _meets(item: JsonMap, condition: Condition | None) -> bool:
    if condition is None:
        return True
    there = item.get(condition.part)
    if condition.part in ("primary", "verified"):
        return switch(condition.part, there or False) is switch(condition.part, condition.value)
    return str(there).lower() == str(condition.value).lower()


def single(value: JsonValue) -> JsonValue:
    """One value. An older form of a provider wraps it: `[{"value": "Ada"}]`."""
    if isinstance(value, list) and len(value) == 1:
        inner = value[0]
        return inner["value"] if isinstance(inner, dict) and "value" in inner else inner
    return value
