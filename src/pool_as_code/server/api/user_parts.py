"""What a user has beside its settings, each through its own path: identifiers, addresses, the state of its password, and for
administrators the two maps of metadata."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.errors import Conflict, NotFound, Rejected
from ...core.fieldpath import Item
from ...core.values import JsonMap, as_list, as_map
from ...directory import credentials, identifiers, profile, users
from ...directory.identifiers import typed
from ...resources.rules import fold
from ...resources.user import ADDRESS_TYPES, IDENTIFIER_TYPES, identifier_key
from ..call import NO_CONTENT, Answer, Call, map_of
from ..operations import Operation
from ..problems import Problem
from ..stored import Stored, matching, require, shown
from .bases import admin, twins
from .user_forms import address_json, identifier_json, record_base

_TYPES = {"identifiers": frozenset(IDENTIFIER_TYPES), "addresses": frozenset(ADDRESS_TYPES)}
_METADATA = {"admin": "administrative", "business": "delegated"}


def operations() -> Iterator[Operation]:
    """Identifiers, addresses and password state for both APIs; metadata for administrators."""
    user = "/pools/{ipID}/users/{userID}"
    for word, part, sent, made, add, remove in (
        ("Identifier", "identifiers", "NewIdentifier", "Identifier", add_identifier, remove_identifier),
        ("Address", "addresses", "NewAddress", "Address", add_address, remove_address),
    ):
        key = "IdentifierKey" if word == "Identifier" else "AddressKey"
        yield from twins(
            "POST",
            f"{user}/{part}/add",
            f"add{word}",
            f"Give a user an {word.lower()}",
            add,
            request=sent,
            response=made,
            guarded=True,
        )
        yield from twins(
            "POST",
            f"{user}/{part}/remove",
            f"remove{word}",
            f"Take an {word.lower()} from a user",
            remove,
            success=204,
            request=key,
            guarded=True,
        )
    yield from twins(
        "POST",
        f"{user}/addresses/update",
        "updateAddress",
        "An address of a user anew",
        update_address,
        request="AddressUpdate",
        response="Address",
        guarded=True,
    )
    yield from twins(
        "PUT",
        f"{user}/password/state",
        "setPasswordState",
        "Whether a password is good",
        set_state,
        success=204,
        request="PasswordState",
    )
    path = f"{user}/metadata/{{metadataType}}"
    yield admin("GET", path, "getUserMetadata", "One map of metadata", get_metadata, response="Metadata", guarded=True)
    yield admin(
        "PUT",
        path,
        "setUserMetadata",
        "One map of metadata anew",
        put_metadata,
        request="MetadataUpdate",
        response="Metadata",
        guarded=True,
    )


def add_identifier(call: Call) -> Answer:
    """A further identifier. Raises Conflict for one that anybody has, the user itself included."""
    body = call.body("identifier", "type")
    member = _member("identifiers", body, "identifier")
    with call.directory.change():
        user = _matching(call)
        pool_spec = require(call.directory, "pool", user.row.pool_id).row.spec
        folded = identifiers.ignores_case(pool_spec)
        if identifiers.holder_of(call.directory, user.row.pool_id, str(body["identifier"]), ignore_case=folded):
            raise Conflict("the identifier is taken")
        profile.add_identifier(call.directory, user.row.pool_id, user.id, member)
        after = require(call.directory, "user", user.id)
        return shown(after, identifier_json(record_base(call, after), member))


def remove_identifier(call: Call) -> Answer:
    """Take out the identifier of this value, whatever its type. Raises NotFound."""
    wanted = str(call.body("identifier")["identifier"])
    with call.directory.change():
        user = _matching(call)
        pool_spec = require(call.directory, "pool", user.row.pool_id).row.spec
        _remove(call, user, "identifiers", wanted, ignore_case=identifiers.ignores_case(pool_spec))
    return NO_CONTENT


def add_address(call: Call) -> Answer:
    """A further address."""
    body = call.body("address", "type")
    member = _member("addresses", body, "address")
    with call.directory.change():
        user = _matching(call)
        profile.add_address(call.directory, user.row.pool_id, user.id, member)
        after = require(call.directory, "user", user.id)
        return shown(after, address_json(record_base(call, after), member))


def update_address(call: Call) -> Answer:
    """Everything about an address but its type and value. Raises NotFound."""
    body = call.body("address")
    with call.directory.change():
        user = _matching(call)
        before = _find(user, "addresses", str(body["address"]), ignore_case=True)
        word, value = typed(before, _TYPES["addresses"]) or ("", "")
        member = _member("addresses", {**body, "type": word, "address": value}, "address")
        path = ("spec", "addresses", Item(identifier_key(before)))
        users.update(call.directory, user.id, user.row.pool_id, [(path, member)])
        after = require(call.directory, "user", user.id)
        return shown(after, address_json(record_base(call, after), member))


def remove_address(call: Call) -> Answer:
    """Take out an address. Raises NotFound."""
    wanted = str(call.body("address")["address"])
    with call.directory.change():
        _remove(call, _matching(call), "addresses", wanted, ignore_case=True)
    return NO_CONTENT


def set_state(call: Call) -> Answer:
    """Make a password valid, to be changed or to be reset."""
    state = call.body("state")["state"]
    if state not in credentials.STATES:
        raise Rejected(f"state is one of {', '.join(credentials.STATES)}")
    require(call.directory, "pool", call.params["ipID"])
    known = credentials.STATES[credentials.STATES.index(state)]
    credentials.set_password_state(call.directory, call.params["ipID"], call.params["userID"], known)
    return NO_CONTENT


def get_metadata(call: Call) -> Answer:
    """One map of metadata, and the schema it fits."""
    user = _matching(call)
    return shown(user, _metadata_json(call, user))


def put_metadata(call: Call) -> Answer:
    """The whole map anew."""
    role, sent = _role(call), map_of(call.body(), "metadata")
    if sent is None:
        raise Problem(422, "metadata is required")
    with call.directory.change():
        user = _matching(call)
        users.replace_spec(call.directory, user.row, {**user.row.spec, role: sent})
        after = require(call.directory, "user", user.id)
        return shown(after, _metadata_json(call, after))


def _metadata_json(call: Call, user: Stored) -> JsonMap:
    role, spec = _role(call), user.row.spec
    pool_spec = require(call.directory, "pool", user.row.pool_id).row.spec
    schema = as_map(spec.get("schemas")).get(role) or as_map(pool_spec.get("schemas")).get(role)
    body: JsonMap = {"metadata": as_map(spec.get(role))}
    return {**body, "schema_id": schema} if schema else body


def _role(call: Call) -> str:
    role = _METADATA.get(call.params["metadataType"])
    if role is None:
        raise Problem(400, "metadata is admin or business")
    return role


def _matching(call: Call) -> Stored:
    require(call.directory, "pool", call.params["ipID"])
    return matching(call, "user", call.params["userID"], call.params["ipID"])


def _member(field: str, body: JsonMap, value_key: str) -> JsonMap:
    """A record in our words. Raises Problem 422 for a type or a choice that does not exist."""
    word = body.get("type")
    if word not in _TYPES[field]:
        raise Problem(422, f"type is one of {', '.join(sorted(_TYPES[field]))}")
    member: JsonMap = {str(word): body[value_key]}
    metadata = map_of(body, "metadata")
    if metadata is not None:
        member["metadata"] = metadata
    if field == "addresses":
        for theirs, ours in (("verified", "verified"), ("allowed_for_2fa", "allowedForSecondFactor")):
            if body.get(theirs) is True:
                member[ours] = True
        for theirs, ours, words in (
            ("status", "status", ("active", "inactive")),
            ("preferred_contact_method", "preferredContactMethod", ("sms", "voice")),
        ):
            if body.get(theirs) not in (None, "", *words):
                raise Problem(422, f"{theirs} is one of {', '.join(words)}")
            if body.get(theirs):
                member[ours] = body[theirs]
    return member


def _find(user: Stored, field: str, wanted: str, *, ignore_case: bool) -> JsonMap:
    key = fold(wanted, ignore_case=ignore_case)
    for member in as_list(user.row.spec.get(field)):
        found = typed(member, _TYPES[field])
        if found is not None and fold(found[1], ignore_case=ignore_case) == key:
            return as_map(member)
    raise NotFound(f"the user has no such {field[:-2] if field == 'addresses' else field[:-1]}")


def _remove(call: Call, user: Stored, field: str, wanted: str, *, ignore_case: bool) -> None:
    path = ("spec", field, Item(identifier_key(_find(user, field, wanted, ignore_case=ignore_case))))
    users.update(call.directory, user.id, user.row.pool_id, [(path, None)])
