"""How accounts come to life: people register themselves, administrators invite, and a code makes `new` users `active`."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from ..core.errors import Rejected, StoreError
from ..core.secrets import Secret
from ..core.values import JsonMap, JsonValue, as_list, as_map
from ..resources.rules import fold
from ..resources.user import ADDRESS_TYPES, IDENTIFIER_TYPES
from . import authenticators, changing, codes, identifiers, messages, passwords, rows, users
from .attributes import rules_of
from .codes import NotAdmitted
from .directory import Directory
from .identifiers import typed
from .rows import Row
from .starting import INITIAL, TOTP, NewUser

_ADDRESSES, _IDENTIFIERS = frozenset(ADDRESS_TYPES), frozenset(IDENTIFIER_TYPES)


@dataclass(frozen=True, slots=True)
class SignUp:
    """What a person registers with. `identifier` and `address` are members such as `{"email": "ada@example.com"}`; the
    address is where the code goes, and is of another type than the identifier. None: to the identifier itself. Without `send`
    no message is made: the caller has its own way."""

    identifier: JsonMap
    address: JsonMap | None = None
    profile: JsonMap | None = None
    password: Secret | None = None
    via: str = "link"
    workspace: str = ""
    totp: Secret | None = None
    send: bool = True


def register(directory: Directory, pool_id: str, sign_up: SignUp) -> str:
    """A new user of status `new`, and a message that activates it; gives the user's id.

    When the identifier is taken, its owner's id is given and the owner gets a notice: nobody learns who has an account.
    Raises Rejected where self registration is off, and for what the pool refuses.
    """
    pool_spec = rows.require(directory.db, "pool", pool_id).spec
    if as_map(pool_spec.get("registrationModes")).get("selfRegistration") is not True:
        raise Rejected("self registration is off in this pool", hint="registrationModes.selfRegistration: true")
    identifier, address = _names(sign_up)
    spec: JsonMap = {
        "status": "new",
        "identifiers": [{identifier[0]: identifier[1]}],
        "addresses": [{address[0]: address[1]}],
        "profile": sign_up.profile or {},
    }
    new = _prepared(directory, NewUser(str(uuid.uuid4()), pool_id, spec), sign_up)
    rules_of(directory, pool_id).check_attributes(spec)  # before it is known whether the identifier is taken
    with directory.change() as moment:
        taken = _owner(directory, pool_id, pool_spec, identifier[1])
        if taken is not None:
            if not sign_up.send:
                return taken.id
            notice = messages.Draft(pool_id, taken.id, "registration_attempt", identifier[1], sign_up.via)
            messages.send_notice(directory, notice, moment)
            return taken.id
        users.create(directory, new)
        if not sign_up.send:
            return new.id
        draft = messages.Draft(pool_id, new.id, "activation", address[1], sign_up.via, sign_up.workspace)
        messages.send_code(directory, draft, pool_spec, moment)
    return new.id


def invite(
    directory: Directory,
    pool_id: str,
    user_id: str,
    *,
    address: str = "",
    via: str = "link",
    workspace: str = "",
    return_to: str = "",
) -> None:
    """An administrator sends the activation message (again); earlier codes are void. `return_to` is where people go afterwards.
    Raises NotFound, and Rejected when the user is not `new`, the pool sends none, or there is no telling where to."""
    pool_spec = rows.require(directory.db, "pool", pool_id).spec
    row = rows.require(directory.db, "user", user_id, pool_id=pool_id)
    messages.check_invitations_allowed(pool_spec)
    messages.check_return(return_to)
    if row.spec.get("status") != "new":
        raise Rejected("an invitation is sent to users of status new only")
    to = address or messages.invitation_address(row.spec)
    if address and address not in _own_addresses(row):
        raise Rejected("the address is not one of the user's")
    owner = identifiers.holder_of_address(directory, pool_id, to)
    if owner not in (None, user_id):
        raise Rejected("the address is verified by another user")
    draft = messages.Draft(pool_id, user_id, "activation", to, via, workspace, return_to)
    messages.send_code(directory, draft, pool_spec, directory.moment())


def activate(
    directory: Directory,
    pool_id: str,
    code: str,
    *,
    user_id: str = "",
    password: Secret | None = None,
    totp: Secret | None = None,
) -> Row:
    """Make a `new` user `active` with the code it got. The address is verified by it and becomes an identifier.

    Raises NotAdmitted for a wrong code or another status, Rejected for a password or authenticator where there is one, Conflict
    when the address has become somebody else's. The code is used up only when all of it worked.
    """
    pool_spec = rows.require(directory.db, "pool", pool_id).spec
    with directory.change():
        redeemed = codes.redeem(directory, pool_id, "activation", code, user_id)
        row = rows.require(directory.db, "user", redeemed.user_id, pool_id=pool_id)
        if row.spec.get("status") != "new":
            raise NotAdmitted("only users of status new are activated")
        if password is not None:
            changing.set_first_password(directory, row, pool_spec, password.reveal())
        if totp is not None:
            authenticators.set_first(directory, row, totp.reveal())
        row = rows.require(directory.db, "user", row.id)
        return users.replace_spec(directory, row, _activated(row, pool_spec, redeemed.address))


def _activated(row: Row, pool_spec: JsonMap, address: str) -> JsonMap:
    spec = row.spec
    addresses: list[JsonValue] = []
    word = ""
    for member in as_list(spec.get("addresses")):
        found = typed(member, _ADDRESSES)
        if found is not None and found[1] == address:
            word = found[0]
            addresses.append({**as_map(member), "verified": True})
        else:
            addresses.append(member)
    if not word:
        word = next((w for w, value in _typed_identifiers(spec) if value == address and w in _ADDRESSES), "")
        if not word:
            raise NotAdmitted("the address the code was sent to does not belong to the user any more")
        addresses.append({word: address, "verified": True})
    names = list(as_list(spec.get("identifiers")))
    folded = identifiers.ignores_case(pool_spec)
    key = fold(address, ignore_case=folded)
    if key not in {fold(value, ignore_case=folded) for _, value in _typed_identifiers(spec)}:
        names.append({word: address})
    return {**spec, "status": "active", "addresses": addresses, "identifiers": names}


def _prepared(directory: Directory, new: NewUser, sign_up: SignUp) -> NewUser:
    """With credentials that are judged and hashed: before the database is locked, and whoever has the identifier."""
    if sign_up.password is not None:
        new = new._replace(spec={**new.spec, "password": {}}, secrets={INITIAL: sign_up.password})
    if sign_up.totp is not None:
        new = new._replace(spec={**new.spec, "totp": {}}, secrets={**new.secrets, TOTP: sign_up.totp})
    (made,) = passwords.prepare(directory, [new], {})
    if isinstance(made, StoreError):
        raise made
    return made


def _names(sign_up: SignUp) -> tuple[tuple[str, str], tuple[str, str]]:
    identifier = typed(sign_up.identifier, _IDENTIFIERS)
    if identifier is None or identifier[0] == "federated":
        raise Rejected("an identifier is one of email, mobile, uid, external")
    if sign_up.address is None:
        if identifier[0] not in _ADDRESSES:
            raise Rejected("an address to send the code to is needed", hint="an e-mail address or a telephone number")
        return identifier, identifier
    address = typed(sign_up.address, _ADDRESSES)
    if address is None:
        raise Rejected("an address is one of email, mobile")
    if address[0] == identifier[0]:
        raise Rejected("the address must be of another type than the identifier")
    return identifier, address


def _owner(directory: Directory, pool_id: str, pool_spec: JsonMap, value: str) -> Row | None:
    folded = identifiers.ignores_case(pool_spec)
    found = identifiers.holder_of(directory, pool_id, value, ignore_case=folded)
    found = found or identifiers.holder_of_address(directory, pool_id, value)
    return rows.find(directory.db, "user", found) if found else None


def _own_addresses(row: Row) -> set[str]:
    members = as_list(row.spec.get("addresses"))
    found = {found[1] for member in members if (found := typed(member, _ADDRESSES))}
    return found | {value for word, value in _typed_identifiers(row.spec) if word in _ADDRESSES}


def _typed_identifiers(spec: JsonMap) -> list[tuple[str, str]]:
    return [found for member in as_list(spec.get("identifiers")) if (found := typed(member, _IDENTIFIERS))]
