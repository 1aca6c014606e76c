"""What an update means in the service's words: from a live object and field writes to the JSON that is sent. Pure.

whole objects (pools, schemas, groups, organizations)   what is there, with the changed keys: unknown ones stay
users                                                   a merge patch of single keys, and steps of their own for
                                                        identifiers, addresses and groups
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...core.values import JsonMap, JsonValue, as_list, as_map, as_texts
from ...resources.live import Observed
from ...resources.patch import apply_writes, document_shape
from ...resources.registry import by_word
from ..base import FieldWrite
from .routes import get, put, routes
from .wire import to_wire, writable

_LISTS = ("identifiers", "verifiable_addresses")


class Step(NamedTuple):
    """One request about a user's lists. `path` is below the user's (`identifiers/add`) or `groups/ID`."""

    method: str
    path: tuple[str, ...]
    body: JsonMap | None


class UserChange(NamedTuple):
    """A merge patch (RFC 7396), empty for none, and steps: what goes before what comes."""

    patch: JsonMap
    steps: tuple[Step, ...]


def written(observed: Observed, writes: Iterable[FieldWrite]) -> JsonMap:
    """`{"metadata", "spec"}` of a live object after these writes."""
    return apply_writes(document_shape(by_word()[observed.kind]), observed.body, writes)


def whole_body(observed: Observed, raw: JsonMap, wanted: JsonMap) -> JsonMap:
    """The object as it is sent back: `raw`, as it was read, with what differs between the two sides. A field that is taken out
    is sent as its documented default, since an absent one may be left as it is."""
    word = observed.kind
    before = to_wire(word, observed.metadata, observed.spec)
    after = to_wire(word, as_map(wanted.get("metadata")), as_map(wanted.get("spec")))
    for route in routes(word):
        field, was = route.field, get(as_map(observed.body.get(route.part)), route.path)
        now = get(as_map(wanted.get(route.part)), route.path)
        if was is not None and now is None and field.has_default and field.default is not None:
            spec: JsonMap = {}
            put(spec, route.path, field.default)
            put(after, route.wire, get(to_wire(word, {}, spec) if route.part == "spec" else spec, route.wire))
    body = writable(word, copy.deepcopy(raw))
    _carry_over(body, before, after)
    return body


def user_change(observed: Observed, wanted: JsonMap) -> UserChange:
    """What changes a user into what is wanted."""
    before = to_wire("user", {}, observed.spec)
    spec = as_map(wanted.get("spec"))
    after = to_wire("user", {}, spec)
    patch = merge_patch(
        {key: value for key, value in before.items() if key not in _LISTS},
        {key: value for key, value in after.items() if key not in _LISTS},
    )
    return UserChange(patch, (*_list_steps(before, after), *_group_steps(observed.spec, spec)))


def merge_patch(before: JsonMap, after: JsonMap) -> JsonMap:
    """The RFC 7396 patch from one map to another."""
    patch: JsonMap = {key: None for key in before if key not in after}
    for key, value in after.items():
        old = before.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            if inner := merge_patch(old, value):
                patch[key] = inner
        elif key not in before or not same(value, old):
            patch[key] = value
    return patch


def same(one: JsonValue, other: JsonValue) -> bool:
    """Equal, and of one type: 1, 1.0 and true are three values."""
    return type(one) is type(other) and one == other


def _carry_over(body: JsonMap, before: JsonMap, after: JsonMap) -> None:
    """Into `body` what differs between the two. Maps that both sides could hold are walked, so that keys of others in them
    stay: our own ownership records among them."""
    for key in {**before, **after}:
        old, new, here = before.get(key), after.get(key), body.get(key)
        if isinstance(here, dict) and isinstance(old, dict | None) and isinstance(new, dict | None):
            _carry_over(here, as_map(old), as_map(new))
        elif key not in after:
            body.pop(key, None)
        elif key not in before or not same(new, old):
            body[key] = new


def _list_steps(before: JsonMap, after: JsonMap) -> Iterable[Step]:
    removed: list[Step] = []
    added: list[Step] = []
    old = {_key(m, "identifier"): as_map(m) for m in as_list(before.get("identifiers"))}
    new = {_key(m, "identifier"): as_map(m) for m in as_list(after.get("identifiers"))}
    for key, member in old.items():
        if new.get(key) != member:  # there is no way to change one
            removed.append(Step("POST", ("identifiers", "remove"), {"identifier": member["identifier"]}))
    added += [Step("POST", ("identifiers", "add"), m) for key, m in new.items() if old.get(key) != m]
    old = {_key(m, "address"): as_map(m) for m in as_list(before.get("verifiable_addresses"))}
    new = {_key(m, "address"): as_map(m) for m in as_list(after.get("verifiable_addresses"))}
    for key, member in old.items():
        if key not in new:
            removed.append(Step("POST", ("addresses", "remove"), {"address": member["address"]}))
    for key, member in new.items():
        if key not in old:
            added.append(Step("POST", ("addresses", "add"), member))
        elif old[key] != member:
            rest = {name: value for name, value in member.items() if name != "type"}
            added.append(Step("POST", ("addresses", "update"), rest))
    return (*removed, *added)


def _group_steps(before: JsonMap, after: JsonMap) -> Sequence[Step]:
    old, new = as_texts(before.get("groups")), as_texts(after.get("groups"))
    gone = [Step("DELETE", ("groups", id), None) for id in old if id not in new]
    return [*gone, *(Step("PUT", ("groups", id), None) for id in new if id not in old)]


def _key(member: JsonValue, value: str) -> str:
    body = as_map(member)
    return f"{body.get('type')}:{body.get(value)}"
