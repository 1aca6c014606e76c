"""The one place of forms between the service's JSON and our vocabulary, in both directions. Names come from the traits
(`routes.py`); here stand only the forms that differ. References are ids on both sides; nothing here does HTTP.

What the service sends and we do not know goes to `spec.extra` under its own name, at any depth, and is merged back when
written. What we know in a form that we do not know (a new word of an enumeration) goes there, too: nothing is lost.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import NamedTuple

from ...core.clock import canonical_time, go_duration
from ...core.secrets import Secret
from ...core.values import JsonMap, JsonValue, as_list, as_map, canonical
from ...resources.pool.sign_in import METHODS
from ...resources.registry import by_word
from .forms import fitting, is_absent, is_zero_time, without_nulls
from .routes import Route, get, put, routes, split, wire_tree

RESERVED_KEY = "pool-as-code"
NEVER = "1900-01-01T00:00:00Z"
"""A credential with this `expires_at` never expires, although the date lies in the past."""

_NEGATED = {("pool", ("recovery", "selfReset"))}
_NOT_SETTINGS = re.compile(
    r"(id|tenant_id|system|deleted|created_at|updated_at|status_updated_at|issuer_url|number_of_.*|.*_salt)\Z"
)
_ANSWERED = {
    "organization": frozenset({"issuer_url", "subject_format", "subject_identifier_algorithm_salt", "theme_id"}),
}
"""What answers alone have, beside counters: a request that holds it is none that the service documents. Kind word -> fields."""
_LISTS = {"identifiers": ("identifiers", "identifier"), "addresses": ("verifiable_addresses", "address")}
_NOT_IN_LISTS = re.compile(r"(id|tenant_id|user_pool_id|user_id|type|.*_lc|.*_at)\Z")
_PASSWORD_FLAGS = {"must_be_changed": "mustChange", "must_be_reset": "mustReset"}


class Received(NamedTuple):
    """An object of the service in our vocabulary. `metadata` holds `id` and, where there are any, `workspace`, `parent`,
    `pool`, `system`. `left_out` names fields of the service that have no place with us, never their values."""

    metadata: JsonMap
    spec: JsonMap
    left_out: tuple[str, ...] = ()


class StoredCredential(NamedTuple):
    """A credential of a dump. `state` is `valid`, `must_be_changed` or `must_be_reset`; times are RFC 3339 in UTC, empty
    for never and unknown. `hash` is the JSON text of the stored hash, None where there is none or it was blurred."""

    type: str
    state: str
    expires_at: str
    updated_at: str
    hash: Secret | None


def from_wire(word: str, body: JsonMap) -> Received:
    """An object of a kind (`pool`, `schema`, `group`, `user`, `organization`, `workspace`) as the service sends it."""
    known, rest = split(body, wire_tree(word))
    parts: dict[str, JsonMap] = {"metadata": _own_metadata(body), "spec": {}}
    for route, value in known:
        ours = not value if _is_negated(word, route) and isinstance(value, bool) else _cleaned(route, value)
        if not is_absent(route.field, route.form, value, ours):
            put(parts[route.part], route.path, ours)
    left_out = _take_lists(rest, parts["spec"]) if word == "user" else []
    spec, misfits = fitting(word, parts["spec"])
    for route, value in known:
        misplaced = route.part == "metadata" and not isinstance(value, str)
        if misplaced:
            parts["metadata"].pop(route.path[0], None)
        if misplaced or (route.part == "spec" and route.path in misfits):
            put(rest, route.wire, _cleaned(route, value))
    rest = {key: value for key, value in writable(word, rest).items() if not _NOT_SETTINGS.match(key)}
    if word == "pool" and _names_unknown_method(spec):
        put(spec, ("signIn", "allowUnknownMethods"), True)
    if "extra" not in by_word()[word].shape.children:
        left_out += [*rest, *(".".join(path) for path in misfits if path[0] in _LISTS)]
    elif rest:
        spec["extra"] = rest
    return Received(parts["metadata"], spec, tuple(sorted(set(left_out))))


def server_from_wire(body: JsonMap) -> tuple[str, Received]:
    """A workspace or organization of a hub tree, with its kind's word. A server has far more settings than directories need
    (clients, keys, secrets): those are not ours, and nothing of them is kept."""
    word = "organization" if body.get("type") == "organization" or body.get("parent_id") else "workspace"
    received = from_wire(word, body)
    return word, Received(received.metadata, {key: value for key, value in received.spec.items() if key != "extra"})


def to_wire(word: str, metadata: JsonMap, spec: JsonMap) -> JsonMap:
    """The service's JSON for an object whose references are ids. `null` is left out: the service's own default holds."""
    extra = as_map(spec.get("extra"))
    body = copy.deepcopy(extra) if extra else {}
    body.update({key: metadata[key] for key in ("id", "system") if metadata.get(key)})
    for route in routes(word):
        value = get(metadata if route.part == "metadata" else spec, route.path)
        if value is not None:
            put(body, route.wire, _sent(word, route, value))
    if word == "user":
        for ours, (theirs, value_key) in _LISTS.items():
            if ours in spec:
                body[theirs] = [_member_to_wire(ours, value_key, as_map(member)) for member in as_list(spec[ours])]
    return body


def writable(word: str, body: JsonMap) -> JsonMap:
    """An object as it is sent back: what was read, without what answers alone have."""
    answered = _ANSWERED.get(word, frozenset())
    return {key: value for key, value in body.items() if key not in answered and not key.startswith("number_of_")}


# -- credentials


def new_credentials(spec: JsonMap, secrets: Mapping[str, Secret]) -> list[JsonValue]:
    """The credentials of a user to be created. The result holds clear texts: for the one request that carries them."""
    found: list[JsonValue] = []
    if "password.initial" in secrets:
        password = as_map(spec.get("password"))
        flags: JsonMap = {theirs: True for theirs, ours in _PASSWORD_FLAGS.items() if password.get(ours)}
        found.append({"type": "password", "password": secrets["password.initial"].reveal(), **flags})
    if "totp.secret" in secrets:
        found.append({"type": "totp", "totp_secret": secrets["totp.secret"].reveal()})
    if spec.get("passkeys"):
        found.append({"type": "webauthn", "webauthn_credentials": spec["passkeys"]})
    return found


def credential_from_wire(body: JsonMap) -> StoredCredential:
    """A row of a dump's `user_credentials`. Blurred hashes (`###`) count as absent."""
    stored = as_map(body.get("payload")).get("hashed_password")
    text = stored.get("value") if isinstance(stored, dict) else stored
    hidden = not isinstance(text, str) or not text.strip("#*")
    expires_at = _time(body.get("expires_at"))
    return StoredCredential(
        type=str(body.get("type") or "password"),
        state=str(body.get("state") or "valid"),
        expires_at="" if expires_at == NEVER else expires_at,
        updated_at=_time(body.get("updated_at")),
        hash=None if hidden else Secret(canonical(stored).decode()),
    )


def _time(value: JsonValue) -> str:
    if not isinstance(value, str) or not value or is_zero_time(value):
        return ""
    try:
        return canonical_time(value)
    except ValueError:
        return ""


# -- forms of single fields


def _is_negated(word: str, route: Route) -> bool:
    return (word, route.path) in _NEGATED


def _cleaned(route: Route, value: JsonValue) -> JsonValue:
    if route.path == ("schema",):
        return without_nulls(value)
    if route.path == ("metadata",) and isinstance(value, dict):
        return {key: inner for key, inner in value.items() if key != RESERVED_KEY}
    return value


def _sent(word: str, route: Route, value: JsonValue) -> JsonValue:
    if _is_negated(word, route):
        return not value
    if route.form == "duration":
        return go_duration(str(value))
    if route.field.per_key and isinstance(value, dict):
        return {key: inner for key, inner in value.items() if inner is not None}
    return value


def _own_metadata(body: JsonMap) -> JsonMap:
    metadata: JsonMap = {"system": True} if body.get("system") is True else {}
    if isinstance(body.get("id"), str) and body["id"]:
        metadata["id"] = body["id"]
    return metadata


def _names_unknown_method(spec: JsonMap) -> bool:
    for factor in ("firstFactor", "secondFactor"):
        section = as_map(as_map(spec.get("signIn")).get(factor))
        named = [*as_list(section.get("methods")), section.get("preferred")]
        if any(method not in METHODS for method in named if method is not None):
            return True
    return False


# -- a user's lists


def _take_lists(rest: JsonMap, spec: JsonMap) -> list[str]:
    """Move identifiers and addresses from the unknown to the spec; credentials are dropped. Returns what has no place."""
    left_out: list[str] = []
    rest.pop("credentials", None)
    for ours, (theirs, value_key) in _LISTS.items():
        rows = rest.pop(theirs, None)
        members = [_member_from_wire(ours, value_key, as_map(row), left_out) for row in as_list(rows)]
        found = [member for member in members if member]
        if found:
            spec[ours] = list(found)
        if len(found) < len(members) or not isinstance(rows, list | None):
            left_out.append(theirs)
    return left_out


def _member_from_wire(ours: str, value_key: str, row: JsonMap, left_out: list[str]) -> JsonMap:
    """One identifier or address; empty when it has no type that we know, or no value."""
    children = by_word()["user"].shape.children[ours].children
    word, value = row.get("type"), row.get(value_key)
    if word not in children or not isinstance(value, str) or not value:
        return {}
    member: JsonMap = {str(word): value}
    places = {child.wire: child for child in children.values() if child.wire}
    for key, inner in row.items():
        if key in places:
            place = places[key]
            if not is_absent(place, "", inner, inner) and not (place.has_default and place.default == inner):
                member[place.key] = inner  # the service writes every key, also those that say nothing
        elif key != value_key and inner is not None and not _NOT_IN_LISTS.match(key):
            left_out.append(f"{_LISTS[ours][0]}.{key}")
    return member


def _member_to_wire(ours: str, value_key: str, member: JsonMap) -> JsonMap:
    children = by_word()["user"].shape.children[ours].children
    body: JsonMap = {} if ours == "identifiers" else {"status": "active", "verified": False}  # required by the service
    for key, value in member.items():
        if children[key].wire:
            if value is not None:
                body[children[key].wire] = value
        else:
            body.update({"type": key, value_key: value})
    return body
