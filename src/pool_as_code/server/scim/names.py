"""What a user is known by: identifiers as `userName`, `externalId` and `additionalIdentifiers`, and back. Pure.

`userName` is the first identifier that a person signs in with, `externalId` the first one of another system; all others are
additional. Federated ones are the directory's own business: they are shown and stay whatever is sent.
"""

from __future__ import annotations

from ...core.values import JsonMap, JsonValue, as_list, as_map
from ...directory.identifiers import typed
from ...resources.rules import identifier_problem
from ...resources.user import IDENTIFIER_TYPES
from .words import IDENTIFIERS, refused

_Key = tuple[str, str]
_TYPES = frozenset(IDENTIFIER_TYPES)
_SIGN_IN = ("email", "mobile", "uid")
"""What a new `userName` may be, the narrower forms first."""


def shown(spec: JsonMap) -> JsonMap:
    """The three attributes, as far as the user has them."""
    body: JsonMap = {}
    more: list[JsonValue] = []
    for member in as_list(spec.get("identifiers")):
        found = typed(member, _TYPES)
        if found is None:
            continue
        word, value = found
        if word in _SIGN_IN and "userName" not in body:
            body["userName"] = value
        elif word == "external" and "externalId" not in body:
            body["externalId"] = value
        else:
            more.append({"type": word, "value": value})
    return {**body, IDENTIFIERS: more} if more else body


def written(spec: JsonMap, user: JsonMap) -> list[JsonValue]:
    """The identifiers of a user with this settings who is to have these attributes. Those that stay keep what else is known
    of them. Raises Problem 400 for a type that can not be given."""
    before = as_list(spec.get("identifiers"))
    known: dict[_Key, JsonValue] = {found: member for member in before if (found := typed(member, _TYPES))}
    wanted: dict[_Key, None] = {}
    if "userName" in user:
        wanted[_sign_in(str(user["userName"]), known)] = None
    if "externalId" in user:
        wanted["external", str(user["externalId"])] = None
    for one in as_list(user.get(IDENTIFIERS)):
        wanted[_additional(as_map(one), known)] = None
    wanted.update(dict.fromkeys(key for key in known if key[0] == "federated"))
    return [known.get(key, {key[0]: key[1]}) for key in wanted]


def _sign_in(value: str, known: dict[_Key, JsonValue]) -> _Key:
    """The type of a name: the one that it has, else the first whose form it has. The directory judges what has none."""
    for word, text in known:
        if text == value and word in _SIGN_IN:
            return word, value
    return next((word for word in _SIGN_IN if identifier_problem(word, value) is None), "uid"), value


def _additional(one: JsonMap, known: dict[_Key, JsonValue]) -> _Key:
    value = str(one.get("value"))
    if "type" not in one:
        return _sign_in(value, known)
    word = str(one["type"])
    if word not in _TYPES:
        raise refused("invalidValue", f"{IDENTIFIERS}.type is one of {', '.join(sorted(_TYPES))}")
    if word == "federated" and (word, value) not in known:
        raise refused("mutability", f"{IDENTIFIERS}: federated ones come from signing in alone")
    return word, value
