"""Bodies that clients send, as settings in our words; what does not fit is refused with the service's name of the field.

The store of the service keeps what it does not know; a server must not: a known field of a wrong form is the client's mistake.
"""

from __future__ import annotations

from ...core.fieldpath import FieldPath
from ...core.values import JsonMap, JsonValue, as_map
from ...stores.secureauth.routes import Route, WireTree, get, put, routes, wire_tree
from ...stores.secureauth.wire import RESERVED_KEY, Received, from_wire
from ..problems import Problem

_OWN = frozenset({"id", "tenant_id", "user_pool_id", "created_at", "updated_at", "status_updated_at", "credentials"})
_INVITING = ("registrationModes", "adminInitiated")


def read(word: str, body: JsonMap) -> Received:
    """An object of a kind as a client sent it. Raises Problem 422 for a known field of a wrong form."""
    received = from_wire(word, body)
    misfits = [*_misplaced(as_map(received.spec.get("extra")), wire_tree(word))]
    misfits += [name for name in received.left_out if name.split(".")[0] not in _OWN and _is_known(word, name)]
    if word == "user":
        misfits += [name for name in received.left_out if name in ("identifiers", "verifiable_addresses")]
    if misfits:
        raise Problem(422, f"of a form that is not known: {', '.join(sorted(set(misfits)))}")
    kept = as_map(body.get("metadata"))
    if word == "organization":
        kept = as_map(kept.get("payload"))
    if word in ("pool", "organization") and kept.get(RESERVED_KEY) is not None:
        put(received.spec, ("metadata", RESERVED_KEY), kept[RESERVED_KEY])
    return received


def replaced(word: str, before: JsonMap, body: JsonMap, received: Received) -> list[tuple[FieldPath, JsonValue]]:
    """The writes that make an object what a PUT says: what it leaves out is empty, as the service's models are written.

    What the directory chooses itself, and what has no place in the body, stays as it is."""
    after = as_map(received.spec)
    for route in routes(word):
        if route.part == "spec" and route.field.server_chosen is not None and get(after, route.path) is None:
            value = get(before, route.path)
            if value is not None and get(body, route.wire) is None:
                put(after, route.path, value)
    if "signInAt" in before:
        after["signInAt"] = before["signInAt"]
    if word == "pool" and get(before, _INVITING) is not None and "admin_initiated_registration" not in body:
        put(after, _INVITING, get(before, _INVITING))  # the service has no such field: other clients do not know it
    return [(("spec", key), after.get(key)) for key in {**before, **after} if before.get(key) != after.get(key)]


def _misplaced(extra: JsonMap, tree: WireTree) -> list[str]:
    found = []
    for key, value in extra.items():
        place = tree.get(key)
        if isinstance(place, Route):
            found.append(key)
        elif place is not None:
            found += (
                [f"{key}.{name}" for name in _misplaced(as_map(value), place)] if isinstance(value, dict) else [key]
            )
    return found


def _is_known(word: str, name: str) -> bool:
    return name.split(".")[0] in wire_tree(word)
