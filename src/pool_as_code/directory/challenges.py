"""One-time codes as a factor of their own: sent to an address, or handed to a program that delivers them itself."""

from __future__ import annotations

from ..core.errors import Conflict, NotFound, Rejected
from ..core.values import as_list, as_map
from ..resources.rules import fold
from ..resources.user import ADDRESS_TYPES
from . import codes, identifiers, messages, rows, users
from .codes import Code, NotAdmitted
from .directory import Directory
from .identifiers import typed
from .rows import Row

_ADDRESSES = frozenset(ADDRESS_TYPES)


def request(
    directory: Directory,
    pool_id: str,
    *,
    address: str = "",
    user_id: str = "",
    identifier: str = "",
    workspace: str = "",
) -> None:
    """Send a code to the one who has verified `address`, or to an address of the user that is named: this one, or the only one
    that is verified. Where there is no such active user nothing happens and nothing is told."""
    pool_spec = rows.require(directory.db, "pool", pool_id).spec
    row = _who(directory, pool_id, address, user_id, identifier)
    if row is None or row.spec.get("status") != "active":
        return
    to = own_address(row, address) if address else _only_verified(row)
    if to:
        draft = messages.Draft(pool_id, row.id, "one_time_code", to, "code", workspace)
        messages.send_code(directory, draft, pool_spec, directory.moment())


def verify(directory: Directory, pool_id: str, purpose: str, code: str, *, user_id: str = "") -> str:
    """Use a code up; the id of its user. Raises NotAdmitted, also for users who are not active."""
    with directory.change():
        redeemed = codes.redeem(directory, pool_id, purpose, code, user_id)
        row = rows.require(directory.db, "user", redeemed.user_id, pool_id=pool_id)
        if row.spec.get("status") != "active":
            raise NotAdmitted("only active users sign in")
        return row.id


def generate(directory: Directory, row: Row, purpose: str, *, address: str = "") -> Code:
    """A code of a purpose for a user; who asks delivers it. Raises Rejected for a status or an address that does not fit,
    NotFound for an address that is not the user's, Conflict for one that another user has verified."""
    pool_spec = rows.require(directory.db, "pool", row.pool_id).spec
    to = own_address(row, address) if address else ""
    if address and not to:
        raise NotFound("not an address of the user")
    if purpose == "activation":
        if row.spec.get("status") != "new":
            raise Rejected("only users of status new are activated")
        to = to or messages.invitation_address(row.spec)
    elif purpose == "verifyAddress":
        if not to or _is_verified(row, to):
            raise Rejected("an address of the user is needed that is not verified")
        if identifiers.holder_of_address(directory, row.pool_id, to) is not None:
            raise Conflict("the address is verified by another user")
    with directory.change():
        return codes.issue(directory, row.id, purpose, to, pool_spec)


def own_address(row: Row, address: str) -> str:
    """An address of the user as its record spells it, empty when it is none; an identifier of that form counts."""
    key = fold(address, ignore_case=True)
    for member in (*as_list(row.spec.get("addresses")), *as_list(row.spec.get("identifiers"))):
        found = typed(member, _ADDRESSES)
        if found is not None and fold(found[1], ignore_case=True) == key:
            return found[1]
    return ""


def _who(directory: Directory, pool_id: str, address: str, user_id: str, identifier: str) -> Row | None:
    if user_id or identifier:
        return users.find(directory, pool_id, id=user_id, identifier=identifier)
    return users.find(directory, pool_id, address=address) if address else None


def _is_verified(row: Row, address: str) -> bool:
    for member in as_list(row.spec.get("addresses")):
        found = typed(member, _ADDRESSES)
        if found is not None and found[1] == address:
            return as_map(member).get("verified") is True
    return False


def _only_verified(row: Row) -> str:
    """The one verified address, else the one verified e-mail address; empty when there is no telling which."""
    members = [one for one in as_list(row.spec.get("addresses")) if as_map(one).get("verified") is True]
    verified = [found for one in members if (found := typed(one, _ADDRESSES))]
    mails = [found for found in verified if found[0] == "email"]
    return next((choice[0][1] for choice in (verified, mails) if len(choice) == 1), "")
