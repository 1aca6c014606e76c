"""How people may sign in at an authorization server: what its pools and the workspace allow, in which order it is shown, and which
second factor somebody has."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.errors import Rejected
from ...core.values import JsonMap, as_list, as_map, as_texts
from ...directory import changing, credentials, rows, users
from ...directory.directory import Directory
from ...directory.identifiers import typed
from ...directory.rows import Row
from ...resources.pool.sign_in import METHODS
from ...resources.user import ADDRESS_TYPES
from ..clients import ADMIN, Client

CODES = {"email_otp": ("email",), "sms_otp": ("mobile",), "otp": ("email", "mobile")}
"""Methods that send a code -> where it may go."""
SERVED = ("password", "totp", *CODES)
_ADDRESSES = frozenset(ADDRESS_TYPES)


@dataclass(frozen=True, slots=True)
class Place:
    """A pool whose users sign in here. `first` and `second` are the methods of the two factors that pool and place allow, the
    preferred one first; `demanded` those of the second that the pool names, allowed here or not: it is asked for all the same."""

    pool_id: str
    spec: JsonMap
    first: tuple[str, ...]
    second: tuple[str, ...]
    demanded: tuple[str, ...]


def places_of(directory: Directory, server: str, client: Client) -> list[Place]:
    """The pools of a server. Those of `admin` are the ones of the client's administrators."""
    if server == ADMIN:
        pools, allowed = sorted({one.partition("/")[0] for one in client.administrators}), None
    else:
        pools, allowed = _linked(directory, server), _allowed(directory, server)
    found = [rows.find(directory.db, "pool", id) for id in pools]
    return [_place(row, allowed) for row in found if row is not None]


def offered(places: list[Place]) -> list[str]:
    """The methods of the first factor that are shown to somebody who has not said yet who they are."""
    return list(dict.fromkeys(method for place in places for method in place.first))


def resets(places: list[Place]) -> list[Place]:
    """The pools whose users may set a new password by themselves."""
    return [place for place in places if "password" in place.first and _self_reset(place.spec)]


def registering(places: list[Place]) -> list[str]:
    """The ids of the pools that anybody may sign up for."""
    return [
        place.pool_id for place in places if as_map(place.spec.get("registrationModes")).get("selfRegistration") is True
    ]


def matching(directory: Directory, places: list[Place], method: str, name: str) -> list[tuple[Place, Row]]:
    """Who has this name in a pool that allows the method. Codes reach people by a verified address as well."""
    found: list[tuple[Place, Row]] = []
    for place in places if name else ():
        if method in place.first:
            row = users.find(directory, place.pool_id, identifier=name)
            if row is None and method in CODES:
                row = users.find(directory, place.pool_id, address=name)
            if row is not None:
                found.append((place, row))
    return found


def second_of(directory: Directory, place: Place, row: Row, used: str) -> list[str]:
    """The methods of the second factor that somebody has, theirs or the pool's preferred one first. What showed the first factor
    is no second one."""
    own = [method for method in place.second if method != used and _has(directory, row, method)]
    preferred = as_map(row.spec.get("preferences")).get("secondFactor")
    return sorted(own, key=lambda method: method != preferred)


def may_skip(directory: Directory, place: Place, row: Row, used: str) -> bool:
    """Whether somebody signs in with one factor: the pool asks for no other, or lets those in who have none of what it names."""
    if not place.demanded:
        return True
    has = any(_has(directory, row, method) for method in place.demanded if method != used and method in METHODS)
    return _factor(place.spec, "secondFactor").get("skipIfNotEnrolled") is True and not has


def sends_at_once(place: Place) -> bool:
    """Whether the code of a second factor is sent without asking."""
    return as_map(place.spec.get("codes")).get("confirmBeforeSend") is not True


def address_for(row: Row, method: str, *, second: bool) -> str:
    """Where a code of this method goes: a verified address in use, for a second factor one that is meant for it if there is any;
    empty when there is none."""
    members = [as_map(member) for member in as_list(row.spec.get("addresses"))]
    good = [one for one in members if one.get("verified") is True and one.get("status") != "inactive"]
    meant = [one for one in good if one.get("allowedForSecondFactor") is True] if second else []
    for word in CODES[method]:
        for one in meant or good:
            found = typed(one, _ADDRESSES)
            if found is not None and found[0] == word:
                return found[1]
    return ""


def _has(directory: Directory, row: Row, method: str) -> bool:
    if method in CODES:
        return bool(address_for(row, method, second=True))
    if method == "webauthn":
        return bool(credentials.passkeys_of(directory.db, row.id))
    return credentials.find(directory.db, row.id, "totp" if method == "totp" else "password") is not None


def _place(row: Row, allowed: list[str] | None) -> Place:
    first, second = _methods(row.spec, "firstFactor", ["password"]), _methods(row.spec, "secondFactor", [])
    return Place(
        row.id,
        row.spec,
        tuple(method for method in first if method in METHODS and (allowed is None or method in allowed)),
        tuple(method for method in second if method in METHODS and (allowed is None or method in allowed)),
        second,
    )


def _methods(spec: JsonMap, word: str, default: list[str]) -> tuple[str, ...]:
    """The preferred one first, the rest in the order of our own list."""
    factor = _factor(spec, word)
    methods = as_texts(factor["methods"]) if isinstance(factor.get("methods"), list) else default
    order = [*METHODS, *methods]
    return tuple(sorted(methods, key=lambda method: (method != factor.get("preferred"), order.index(method))))


def _factor(spec: JsonMap, word: str) -> JsonMap:
    return as_map(as_map(spec.get("signIn")).get(word))


def _self_reset(spec: JsonMap) -> bool:
    try:
        changing.check_self_reset(spec)
    except Rejected:
        return False
    return True


def _linked(directory: Directory, server: str) -> list[str]:
    found = directory.db.rows("SELECT pool_id FROM pool_sign_in WHERE container_id = ? ORDER BY pool_id", server)
    return [str(id) for (id,) in found]


def _allowed(directory: Directory, server: str) -> list[str] | None:
    """The methods that a workspace or organization allows; None for all of them."""
    for kind in ("workspace", "organization"):
        row = rows.find(directory.db, kind, server)
        if row is not None:
            allowed = row.spec.get("allowedMethods")
            return as_texts(allowed) if isinstance(allowed, list) else None
    return None
