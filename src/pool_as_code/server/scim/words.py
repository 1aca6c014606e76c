"""The words of SCIM (RFC 7643) that a pool's users are told in, and a body of a client in their one spelling. Pure."""

from __future__ import annotations

from ...core.values import JsonMap, JsonValue, as_list, as_map
from ..problems import Problem

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CUSTOM = "urn:secureauthciam:params:scim:schemas:extension:custom:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"

TEXTS = ("userName", "externalId", "password")
ADDRESSES = {"emails": "email", "phoneNumbers": "mobile"}
"""Attribute -> the type of address it holds."""
IDENTIFIERS = "additionalIdentifiers"
PARTS = {
    **dict.fromkeys(ADDRESSES, ("value", "type", "primary", "verified")),
    IDENTIFIERS: ("type", "value"),
    "name": ("givenName", "familyName"),
}
"""Attribute -> its sub-attributes that are kept."""
READ_ONLY = ("id", "meta", "schemas")
NOT_KEPT = frozenset(
    {
        *("displayname", "nickname", "profileurl", "title", "usertype", "preferredlanguage", "locale", "timezone"),
        *("ims", "photos", "addresses", "groups", "entitlements", "roles", "x509certificates"),
    }
)
"""Attributes of RFC 7643, in small letters, that the service's users do not have. What is sent of them is left out."""
PARTS_NOT_KEPT = frozenset(
    {"formatted", "middlename", "honorificprefix", "honorificsuffix", "display", "$ref"},
)
MOST_VALUES = 1000
_DEEPEST = 32
_SPELLED = {name.lower(): name for name in (*TEXTS, "active", *PARTS, *READ_ONLY, CUSTOM, USER, ENTERPRISE)}


def refused(kind: str, detail: str) -> Problem:
    """400 with an error type of RFC 7644, section 3.12."""
    return Problem(400, detail, code=kind)


def spelled(name: str) -> str:
    """An attribute's name as RFC 7643 writes it: the case of names does not count. Empty for one that is not kept."""
    return _SPELLED.get(name.lower(), "")


def part_spelled(attribute: str, name: str) -> str:
    """The same for a sub-attribute."""
    return next((part for part in PARTS[attribute] if part.lower() == name.lower()), "")


def user_of(body: JsonMap) -> JsonMap:
    """What a client says of a user: known attributes only, in their spelling, `null` and empty ones left out.

    Raises Problem 400 `invalidValue` for one of another type. Read-only ones are left out, as RFC 7644 section 3.5.1 has it."""
    user: JsonMap = {}
    for key, value in body.items():
        attribute = spelled(key)
        if not attribute or value is None or attribute in (*READ_ONLY, USER, ENTERPRISE):
            continue
        if attribute in TEXTS:
            user[attribute] = _text(attribute, value)
        elif attribute == "active":
            user[attribute] = switch(attribute, value)
        elif attribute in ("name", CUSTOM):
            if not isinstance(value, dict):
                raise refused("invalidValue", f"{attribute} is not an object")
            user[attribute] = value if attribute == CUSTOM else _parts(attribute, value)
        else:
            user[attribute] = _items(attribute, value)
    return user


def switch(where: str, value: JsonValue) -> bool:
    """A boolean. Some providers write it as a text, `"False"`. Raises Problem 400."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise refused("invalidValue", f"{where} is true or false")
    return value


def _text(where: str, value: JsonValue) -> str:
    if not isinstance(value, str) or not value:
        raise refused("invalidValue", f"{where} is not a text")
    return value


def _items(attribute: str, value: JsonValue) -> list[JsonValue]:
    """The members of a list that have a value: some providers send empty ones for what a person does not have."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise refused("invalidValue", f"{attribute} is not a list of objects")
    found = [_parts(attribute, as_map(one)) for one in value]
    if sum(one.get("primary") is True for one in found) > 1:
        raise refused("invalidValue", f"one of {attribute} is primary, not several")
    return [one for one in found if one.get("value")]


def _parts(attribute: str, value: JsonMap) -> JsonMap:
    parts: JsonMap = {}
    for key, inner in value.items():
        part = part_spelled(attribute, key)
        if not part or inner is None or inner == "":
            continue
        where = f"{attribute}.{part}"
        parts[part] = switch(where, inner) if part in ("primary", "verified") else _text(where, inner)
    return parts


def check_size(user: JsonMap, before: JsonMap | None = None) -> None:
    """Raises Problem 400 for more values of an attribute than anybody needs, and than there were before."""
    for attribute, value in user.items():
        most = max(MOST_VALUES, len(as_list((before or {}).get(attribute))))
        if len(as_list(value)) > most:
            raise refused("invalidValue", f"{attribute} has at most {most} values")


def is_deep(value: JsonValue) -> bool:
    """Whether a value is nested deeper than a user could need: what stores and answers it has an end."""
    level: list[JsonValue] = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True
