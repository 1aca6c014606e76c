"""Where a user is reached: addresses as `emails` and `phoneNumbers`, and back. Pure.

SCIM gives each value a type and marks one as primary. Where that is more than the usual (`work` for mail, `mobile` for telephones,
the first is primary) it is kept in the address's own metadata under `scim`.
"""

from __future__ import annotations

import re

from ...core.values import JsonMap, JsonValue, as_list, as_map
from ...directory.identifiers import typed
from ...resources.rules import fold
from ...resources.user import ADDRESS_TYPES
from .words import ADDRESSES

_TYPES = frozenset(ADDRESS_TYPES)
_USUAL = {"email": "work", "mobile": "mobile"}
_KEY = "scim"
_DECORATION = re.compile(r"\A(?i:tel:)|[\s().\-/]")


def shown(spec: JsonMap) -> JsonMap:
    """Both attributes, as far as the user has them."""
    body: JsonMap = {}
    for attribute, word in ADDRESSES.items():
        found = _of(spec, word)
        marks = [_kept(member) for _, member in found]
        first = next((index for index, mark in enumerate(marks) if mark.get("primary") is True), 0)
        items: list[JsonValue] = []
        for index, ((value, member), mark) in enumerate(zip(found, marks, strict=True)):
            item: JsonMap = {"value": value, "type": mark.get("type") or _USUAL[word]}
            item["verified"] = member.get("verified") is True
            items.append({**item, "primary": True} if index == first else item)
        if items:
            body[attribute] = items
    return body


def written(spec: JsonMap, user: JsonMap) -> list[JsonValue]:
    """The addresses of a user with these settings who is to have these attributes. Addresses that stay keep what else is
    known of them; a new one is verified only when that is said."""
    turns = {word: _members(_of(spec, word), word, as_list(user.get(name))) for name, word in ADDRESSES.items()}
    made: list[JsonValue] = []
    for member in as_list(spec.get("addresses")):  # where mail stood, mail stands, in the order that was sent
        found = typed(member, _TYPES)
        if found is not None and turns[found[0]]:
            made.append(turns[found[0]].pop(0))
    return [*made, *turns["email"], *turns["mobile"]]


def plain(word: str, value: str) -> str:
    """An address as the directory writes it: telephone numbers without `tel:` and punctuation (RFC 3966)."""
    return _DECORATION.sub("", value) if word == "mobile" else value


def _members(before: list[tuple[str, JsonMap]], word: str, items: list[JsonValue]) -> list[JsonMap]:
    known = {fold(value, ignore_case=True): member for value, member in before}
    made: dict[str, JsonMap] = {}
    marked = next((index for index, one in enumerate(items) if as_map(one).get("primary") is True), 0)
    for index, one in enumerate(items):
        item = as_map(one)
        value = str(item.get("value"))
        if fold(value, ignore_case=True) not in known:
            value = plain(word, value)
        key = fold(value, ignore_case=True)
        if key in made:
            continue
        member: JsonMap = {**known.get(key, {}), word: value}
        if item.get("verified") is True:
            member["verified"] = True
        elif "verified" in item and member.get("verified") is True:
            del member["verified"]
        made[key] = _marked(
            member, str(item.get("type") or _USUAL[word]), word, primary=bool(marked) and index == marked
        )
    return list(made.values())


def _marked(member: JsonMap, type: str, word: str, *, primary: bool) -> JsonMap:
    metadata = {key: value for key, value in as_map(member.get("metadata")).items() if key != _KEY}
    mark: JsonMap = {**({"type": type} if type != _USUAL[word] else {}), **({"primary": True} if primary else {})}
    if mark:
        metadata[_KEY] = mark
    rest = {key: value for key, value in member.items() if key != "metadata"}
    return {**rest, "metadata": metadata} if metadata else rest


def _of(spec: JsonMap, word: str) -> list[tuple[str, JsonMap]]:
    members = [(typed(member, _TYPES), as_map(member)) for member in as_list(spec.get("addresses"))]
    return [(found[1], member) for found, member in members if found is not None and found[0] == word]


def _kept(member: JsonMap) -> JsonMap:
    mark = as_map(as_map(member.get("metadata")).get(_KEY))
    return mark if isinstance(mark.get("type", ""), str) else {}
