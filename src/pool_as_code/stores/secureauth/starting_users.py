"""Users who start with a stored hash: the rows of an import. Their ids follow from the user's, so that the same import again
changes nothing. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from ...core.clock import format_time
from ...core.errors import Rejected
from ...core.values import JsonMap, JsonValue, as_list, as_map, parse_json
from ...resources.foreign_hashes import parse_foreign
from ...resources.hash_configs import UnsupportedHash
from ...resources.stored_hash import StoredHash
from ..base import Body
from .wire import to_wire


def imports(body: Body) -> bool:
    """Whether a user can only be made by an import."""
    return "password.hash" in body.secrets


def import_tables(body: Body, tenant_id: str, at: datetime) -> JsonMap:
    """The dump that makes one user. Raises Rejected for a hash that the service does not keep. Holds the hash: for the one
    request that carries it."""
    wire = to_wire("user", body.metadata, body.spec)
    moment = format_time(at)
    stamp: JsonMap = {"created_at": moment, "updated_at": moment}
    here: JsonMap = {"tenant_id": tenant_id, "user_pool_id": body.pool_id}
    identifiers, addresses = wire.pop("identifiers", []), wire.pop("verifiable_addresses", [])
    user: JsonMap = {"status": "new", **wire, **here, **stamp, "id": body.id, "status_updated_at": moment}
    password = as_map(body.spec.get("password"))
    state = (
        "must_be_reset" if password.get("mustReset") else "must_be_changed" if password.get("mustChange") else "valid"
    )
    owned: JsonMap = {**here, **stamp, "user_id": body.id}
    credential: JsonMap = {
        **owned,
        "id": _id(body, "password"),
        "type": "password",
        "state": state,
        "payload": {"hashed_password": _hash(body)},
    }
    if state == "must_be_reset":
        credential["expires_at"] = format_time(at - timedelta(days=1))
    return {
        "users": [user],
        "user_identifiers": [_row(body, owned, as_map(m), "identifier") for m in as_list(identifiers)],
        "user_verifiable_addresses": [_row(body, owned, as_map(m), "address") for m in as_list(addresses)],
        "user_credentials": [credential],
    }


def _row(body: Body, owned: JsonMap, member: JsonMap, key: str) -> JsonValue:
    value = str(member[key])
    row: JsonMap = {**member, **owned, "id": _id(body, f"{key}:{value}"), f"{key}_lc": value.lower()}
    if member.get("verified"):
        row["verified_at"] = owned["created_at"]
    return row


def _id(body: Body, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"pool-as-code:{body.pool_id}:{body.id}:{name}"))


def _hash(body: Body) -> JsonValue:
    text = body.secrets["password.hash"].reveal().strip()
    try:
        found = (
            StoredHash.from_json(parse_json(text))
            if text.startswith("{") and '"value"' in text
            else parse_foreign(text)
        )
        return found.to_json()
    except (UnsupportedHash, ValueError):
        raise Rejected(
            "the hash is of a form that the service does not keep",
            hint="declare the user without it, with mustReset; the service keeps argon2, bcrypt, pbkdf2, sha and md5",
        ) from None
