"""Users in the service's words: the item with all its records, the shorter member of a list, and what a client sends.

Identifiers and addresses have no ids and times of their own here: an id follows from the user and the value, times are the
user's. Credentials are shown without what they hold.
"""

from __future__ import annotations

import hashlib
import uuid
from typing import NamedTuple

from ...core.secrets import Secret
from ...core.values import JsonMap, JsonValue, as_list, as_map
from ...directory.credentials import Credential, state_of
from ...directory.directory import Directory
from ...directory.identifiers import typed
from ...directory.starting import INITIAL, TOTP
from ...resources.pool import ROLES
from ...resources.user import ADDRESS_TYPES, IDENTIFIER_TYPES
from ...stores.secureauth.wire import to_wire
from ..call import Call
from ..problems import Problem
from ..stored import Stored, without_empty
from . import forms

WIRE_SCHEMAS = {
    "profile": "payload_schema_id",
    "administrative": "metadata_schema_id",
    "delegated": "business_metadata_schema_id",
}
WIRE_ROLES = {"profile": "payload", "administrative": "metadata", "delegated": "business_metadata"}
_HIDDEN: dict[str, JsonMap] = {
    "password": {"hashed_password": "###"},
    "totp": {"secret": "###"},
    "webauthn": {"credential": "###"},
}
_NAMES, _ADDRESSES = frozenset(IDENTIFIER_TYPES), frozenset(ADDRESS_TYPES)


class Sent(NamedTuple):
    """A user as a client wants to make it."""

    id: str
    spec: JsonMap
    secrets: dict[str, Secret]


def item_json(call: Call, pool: Stored, user: Stored) -> JsonMap:
    """A user with its identifiers, addresses and blurred credentials."""
    spec = user.row.spec
    body = base_json(call, pool, user, spec)
    about = record_base(call, user)
    body["identifiers"] = [identifier_json(about, as_map(member)) for member in as_list(spec.get("identifiers"))]
    body["verifiable_addresses"] = [address_json(about, as_map(member)) for member in as_list(spec.get("addresses"))]
    body["credentials"] = [
        _credential_json(about, one, pool.row.spec) for one in credentials_of(call.directory, user.id)
    ]
    return body


def list_json(call: Call, pool: Stored, user: Stored) -> JsonMap:
    """A member of a list: identifiers are texts here."""
    spec = user.row.spec
    names = [found for member in as_list(spec.get("identifiers")) if (found := typed(member, _NAMES))]
    addresses = [
        (found[1], as_map(member).get("verified") is True)
        for member in as_list(spec.get("addresses"))
        if (found := typed(member, _ADDRESSES))
    ]
    body = base_json(call, pool, user, spec)
    body["identifiers"] = [value for _, value in names]
    body["identifiers_with_details"] = [{"type": word, "value": value} for word, value in names]
    body["addresses"] = [{"address": address, "verified": verified} for address, verified in addresses]
    body["verified addresses"] = [address for address, verified in addresses if verified]
    return body


def identifier_json(about: JsonMap, member: JsonMap) -> JsonMap:
    """One identifier; `about` are the fields that all records of the user share."""
    word, value = typed(member, _NAMES) or ("", "")
    return without_empty(
        {
            **about,
            "id": record_id(about, f"identifier/{word}/{value}"),
            "identifier": value,
            "identifier_lc": value.lower(),
            "type": word,
            "metadata": member.get("metadata"),
        }
    )


def address_json(about: JsonMap, member: JsonMap) -> JsonMap:
    """One address."""
    word, value = typed(member, _ADDRESSES) or ("", "")
    verified = member.get("verified") is True
    return without_empty(
        {
            **about,
            "id": record_id(about, f"address/{word}/{value}"),
            "address": value,
            "address_lc": value.lower(),
            "type": word,
            "status": member.get("status") or "active",
            "verified": verified,
            "verified_at": about["updated_at"] if verified else None,
            "preferred_contact_method": member.get("preferredContactMethod"),
            "allowed_for_2fa": member.get("allowedForSecondFactor"),
            "metadata": member.get("metadata"),
        }
    )


def record_base(call: Call, user: Stored) -> JsonMap:
    """The fields that all records of a user share."""
    return {
        "tenant_id": call.site.tenant,
        "user_pool_id": user.row.pool_id,
        "user_id": user.id,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    }


def credentials_of(directory: Directory, user_id: str) -> list[Credential]:
    """All credentials of a user."""
    found = directory.db.rows(
        "SELECT user_id, type, id, payload, state, created_at, updated_at, expires_at, change_until FROM credentials"
        " WHERE user_id = ? ORDER BY type, id",
        user_id,
    )
    return [Credential(*row) for row in found]


def sent_user(pool: Stored, body: JsonMap) -> Sent:
    """A user to make. Raises Problem 422 for what has no form that we know."""
    received = forms.read("user", {**body, "user_pool_id": pool.id})
    spec = with_own_schemas(pool, received.spec)
    secrets: dict[str, Secret] = {}
    for index, member in enumerate(as_list(body.get("credentials"))):
        _take_credential(as_map(member), f"credentials[{index}]", spec, secrets)
    return Sent(str(received.metadata.get("id") or uuid.uuid4()), spec, secrets)


def with_own_schemas(pool: Stored, spec: JsonMap) -> JsonMap:
    """Settings without the schemas that are the pool's: only others are the user's own."""
    roles = as_map(pool.row.spec.get("schemas"))
    own: JsonMap = {role: id for role, id in as_map(spec.get("schemas")).items() if id != roles.get(role)}
    rest = {key: value for key, value in spec.items() if key != "schemas"}
    return {**rest, "schemas": own} if own else rest


def _take_credential(member: JsonMap, where: str, spec: JsonMap, secrets: dict[str, Secret]) -> None:
    match member.get("type"):
        case "password":
            text = member.get("password")
            if not isinstance(text, str) or not text:
                raise Problem(422, f"{where}: a password is required")
            spec["password"] = {
                ours: True
                for theirs, ours in (("must_be_changed", "mustChange"), ("must_be_reset", "mustReset"))
                if member.get(theirs) is True
            }
            secrets[INITIAL] = Secret(text)
        case "totp":
            text = member.get("totp_secret")
            if not isinstance(text, str) or not text:
                raise Problem(422, f"{where}: a totp_secret is required")
            spec["totp"] = {}
            secrets[TOTP] = Secret(text)
        case "webauthn":
            records = [one for one in as_list(member.get("webauthn_credentials")) if isinstance(one, dict)]
            spec["passkeys"] = [*as_list(spec.get("passkeys")), *records]
        case _:
            raise Problem(422, f"{where}: type is one of password, totp, webauthn")


def base_json(call: Call, pool: Stored, user: Stored, spec: JsonMap) -> JsonMap:
    """What all forms of a user share."""
    shown = {key: value for key, value in spec.items() if key not in ("identifiers", "addresses", "groups")}
    body = to_wire("user", {"id": user.id}, shown)
    roles, own = as_map(pool.row.spec.get("schemas")), as_map(spec.get("schemas"))
    for role in ROLES:
        schema = own.get(role) or roles.get(role)
        if schema is not None:
            body[WIRE_SCHEMAS[role]] = schema
    body.update(
        tenant_id=call.site.tenant,
        user_pool_id=user.row.pool_id,
        created_at=user.created_at,
        updated_at=user.updated_at,
    )
    return body


def _credential_json(about: JsonMap, one: Credential, pool_spec: JsonMap) -> JsonMap:
    body: dict[str, JsonValue] = {
        **about,
        "id": record_id(about, f"credential/{one.type}/{one.id}"),
        "type": one.type,
        "payload": _HIDDEN.get(one.type, {}),
        "state": state_of(one, pool_spec),
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }
    if one.expires_at:
        body["expires_at"] = one.expires_at
    return body


def record_id(about: JsonMap, name: str) -> str:
    """The id of one record of a user: the same each time."""
    text = f"{about['user_pool_id']}/{about['user_id']}/{name}"
    made = hashlib.sha1(_RECORDS + text.encode(), usedforsecurity=False).hexdigest()
    # a UUID of version 5, written out: `uuid.uuid5` takes three times as long, and a user has several records
    return f"{made[:8]}-{made[8:12]}-5{made[13:16]}-{_VARIANT[made[16]]}{made[17:20]}-{made[20:32]}"


_RECORDS = uuid.UUID("6f1c3b1e-52c8-5a0b-9d4e-0d1c8a5a7b10").bytes
_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
