"""How a password comes to be another one: changed with the old one, or reset with a code.

Passwords are judged and hashed before the database is locked; what was looked at is looked at again inside.
"""

from __future__ import annotations

from typing import NamedTuple

from ..core.clock import parse_time
from ..core.errors import Conflict, NotFound, Rejected
from ..core.values import JsonMap, as_list, as_map
from ..resources.rules import fold
from ..resources.stored_hash import StoredHash
from ..resources.user import ADDRESS_TYPES
from . import codes, credentials, messages, passwords, rows, users
from .codes import NotAdmitted
from .credentials import Credential
from .directory import Directory
from .hashing import verify_password
from .identifiers import typed
from .rows import Row

_TYPES = frozenset(ADDRESS_TYPES)


def change_password(directory: Directory, pool_id: str, user_id: str, old: str, new: str) -> None:
    """A user's own change. Raises NotFound, NotAdmitted for a wrong old password or one that can only be reset, Rejected where
    there is none and for a new one that the policy refuses."""
    pool_spec, row = _user(directory, pool_id, user_id)
    credential = credentials.find(directory.db, user_id, "password")
    if credential is None:
        raise Rejected("the user has no password", hint="set the first one by a password reset")
    if row.spec.get("status") != "active" or not verify_password(old, credential.stored_hash):
        raise NotAdmitted("the old password is wrong")
    if not _may_be_changed(directory, credential, pool_spec):
        raise NotAdmitted("the password must be reset, not changed", hint="ask for a password reset")
    _replace(directory, row, pool_spec, new, credential)


def request_reset(
    directory: Directory,
    pool_id: str,
    *,
    address: str,
    user_id: str = "",
    by_admin: bool = False,
    via: str = "link",
    workspace: str = "",
) -> None:
    """Send a code to a verified address of a user: the one who has verified it, or this user.

    Where there is no such user nothing happens and nothing is told. Raises Rejected when users of the pool do not reset
    their own credentials (administrators may).
    """
    pool_spec = rows.require(directory.db, "pool", pool_id).spec
    if not by_admin:
        check_self_reset(pool_spec)
    row = users.find(directory, pool_id, address=address)
    if row is None or (user_id and row.id != user_id) or row.spec.get("status") != "active":
        return
    draft = messages.Draft(pool_id, row.id, "password_reset", spelled(row, address), via, workspace)
    messages.send_code(directory, draft, pool_spec, directory.moment())


def check_self_reset(pool_spec: JsonMap) -> None:
    """Raises Rejected where users do not reset their own credentials."""
    if as_map(pool_spec.get("recovery")).get("selfReset") is False:
        raise Rejected("users of this pool do not reset their own credentials", hint="ask an administrator")


def complete_reset(directory: Directory, pool_id: str, code: str, new: str, *, user_id: str = "") -> None:
    """Set a new password (or the first one) with a code. Raises NotAdmitted for a wrong code, Rejected by the policy. The code
    is used up only when the password was set."""
    pool_spec = rows.require(directory.db, "pool", pool_id).spec
    with directory.change():
        redeemed = codes.redeem(directory, pool_id, "resetPassword", code, user_id)
        row = rows.require(directory.db, "user", redeemed.user_id, pool_id=pool_id)
        if row.spec.get("status") != "active":
            raise NotAdmitted("only active users reset their password")
        _replace(directory, row, pool_spec, new, credentials.find(directory.db, row.id, "password"))


def set_first_password(directory: Directory, row: Row, pool_spec: JsonMap, text: str) -> None:
    """A password for a user who has none. Raises Rejected when there is one already, or by the policy."""
    if credentials.find(directory.db, row.id, "password") is not None:
        raise Rejected("the user has a password already", hint="change it or reset it")
    _replace(directory, row, pool_spec, text, None)


class Judged(NamedTuple):
    """A new password that the policy lets pass, hashed, and the credential that it replaces."""

    stored: StoredHash
    known: Credential | None


def judged(directory: Directory, user_id: str, pool_spec: JsonMap, user_spec: JsonMap, text: str) -> Judged:
    """A new password for a user who has these settings, or will have them. Raises Rejected by the policy. Nothing is written."""
    known = credentials.find(directory.db, user_id, "password")
    passwords.check_new(text, pool_spec, user_spec, credentials.earlier_passwords(directory.db, user_id))
    return Judged(passwords.hash_new(directory, text, pool_spec), known)


def set_password(directory: Directory, user_id: str, pool_spec: JsonMap, new: Judged) -> None:
    """Set it, for whoever may without knowing the old one. Codes for a reset are void. Raises Conflict when the password was
    changed since the new one was judged."""
    with directory.change() as moment:
        if credentials.find(directory.db, user_id, "password") != new.known:
            raise Conflict("the password was changed by somebody else at the same time", hint="try again")
        credentials.replace_password(directory.db, user_id, new.stored, pool_spec, moment)
        directory.db.execute("DELETE FROM codes WHERE user_id = ? AND purpose = 'resetPassword'", user_id)
        rows.touch(directory.db, "user", user_id, moment)


def _replace(directory: Directory, row: Row, pool_spec: JsonMap, text: str, known: Credential | None) -> None:
    new = judged(directory, row.id, pool_spec, row.spec, text)
    set_password(directory, row.id, pool_spec, new._replace(known=known))


def _may_be_changed(directory: Directory, credential: Credential, pool_spec: JsonMap) -> bool:
    if credentials.state_of(credential, pool_spec) != "must_be_reset":
        return True
    until = credential.change_until
    in_force = credentials.state_of(credential._replace(state="valid"), pool_spec)
    return until is not None and directory.clock() < parse_time(until) and in_force == "valid"


def _user(directory: Directory, pool_id: str, user_id: str) -> tuple[JsonMap, Row]:
    pool_spec = rows.require(directory.db, "pool", pool_id).spec
    row = users.find(directory, pool_id, id=user_id)
    if row is None:
        raise NotFound(f"user {user_id!r} does not exist")
    return pool_spec, row


def spelled(row: Row, address: str) -> str:
    """The address as the user's record spells it: what was asked for may differ in case."""
    for member in as_list(row.spec.get("addresses")):
        found = typed(member, _TYPES)
        if found is not None and fold(found[1], ignore_case=True) == fold(address, ignore_case=True):
            return found[1]
    return address
