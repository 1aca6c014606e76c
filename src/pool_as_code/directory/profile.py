"""What people and those on call do to a user's record every day: its profile, its addresses, its status."""

from __future__ import annotations

from ..core.errors import Conflict, Rejected
from ..core.fieldpath import FieldPath, Item
from ..core.values import JsonMap, JsonValue, as_list, as_map
from ..resources.rules import fold
from ..resources.user import ADDRESS_TYPES, identifier_key
from . import codes, identifiers, messages, rows, users
from .attributes import STATUSES
from .directory import Directory
from .identifiers import typed
from .rows import Row

_ADDRESSES = frozenset(ADDRESS_TYPES)


def set_profile(directory: Directory, pool_id: str, user_id: str, profile: JsonMap) -> Row:
    """The whole profile anew, by the user. Raises Rejected when it does not fit its schema or the user is not active."""
    row = _active(directory, pool_id, user_id)
    return users.replace_spec(directory, row, {**row.spec, "profile": profile})


def set_status(directory: Directory, pool_id: str, user_id: str, status: str) -> Row:
    """What an administrator may make of any user: new, active, inactive or deleted."""
    if status not in STATUSES:
        raise Rejected(f"status must be one of {', '.join(STATUSES)}")
    return _write(directory, pool_id, user_id, ("spec", "status"), status)


def add_address(directory: Directory, pool_id: str, user_id: str, member: JsonMap) -> Row:
    """A further address, such as `{"email": "ada@example.com"}`. Raises Conflict when the user has it already, or it is
    verified here and at another user."""
    if typed(member, _ADDRESSES) is None:
        raise Rejected("an address is one of email, mobile")
    row = rows.require(directory.db, "user", user_id, pool_id=pool_id)
    key = identifier_key(member)
    if any(identifier_key(known) == key for known in as_list(row.spec.get("addresses"))):
        raise Conflict("the user has this address already")
    return _write(directory, pool_id, user_id, ("spec", "addresses", Item(key)), member)


def remove_address(directory: Directory, pool_id: str, user_id: str, key: str) -> Row:
    """Take out the address of this key (`email:ada@example.com`); one that is not there is no error."""
    return _write(directory, pool_id, user_id, ("spec", "addresses", Item(key)), None)


def add_identifier(directory: Directory, pool_id: str, user_id: str, member: JsonMap) -> Row:
    """A further identifier, such as `{"uid": "ada"}`. Raises Conflict when it is somebody else's."""
    return _write(directory, pool_id, user_id, ("spec", "identifiers", Item(identifier_key(member))), member)


def request_verification(directory: Directory, pool_id: str, user_id: str, address: str, *, via: str = "code") -> None:
    """Send a code to an address of the user that is not verified yet. Raises Rejected when it is not the user's, Conflict
    when another user has verified it."""
    pool_spec = rows.require(directory.db, "pool", pool_id).spec
    row = _active(directory, pool_id, user_id)
    member = _own(row, address)
    if member is None or member.get("verified") is True:
        raise Rejected("not an address of the user that waits to be verified")
    if identifiers.holder_of_address(directory, pool_id, address) is not None:
        raise Conflict("the address is verified by another user")
    draft = messages.Draft(pool_id, user_id, "address_verification", address, via)
    messages.send_code(directory, draft, pool_spec, directory.moment())


def verify_address(directory: Directory, pool_id: str, code: str, *, user_id: str = "", address: str = "") -> Row:
    """Verify the address that a code was sent to, which is `address` where that is given. Raises Rejected for a wrong code or an
    address that is gone, Conflict when another user was faster; the code is used up only when it worked."""
    with directory.change():
        redeemed = codes.redeem(directory, pool_id, "verifyAddress", code, user_id)
        if address and fold(redeemed.address, ignore_case=True) != fold(address, ignore_case=True):
            raise codes.NotAdmitted("the code was sent to another address")
        row = _active(directory, pool_id, redeemed.user_id)
        member = _own(row, redeemed.address)
        if member is None:
            raise Rejected("the address the code was sent to does not belong to the user any more")
        path = ("spec", "addresses", Item(identifier_key(member)), "verified")
        return _write(directory, pool_id, row.id, path, True)


def _write(directory: Directory, pool_id: str, user_id: str, path: FieldPath, value: JsonValue) -> Row:
    return users.update(directory, user_id, pool_id, [(path, value)])


def _active(directory: Directory, pool_id: str, user_id: str) -> Row:
    row = rows.require(directory.db, "user", user_id, pool_id=pool_id)
    if row.spec.get("status") != "active":
        raise Rejected("only active users change their own record")
    return row


def _own(row: Row, address: str) -> JsonMap | None:
    for member in as_list(row.spec.get("addresses")):
        found = typed(member, _ADDRESSES)
        if found is not None and found[1] == address:
            return as_map(member)
    return None
