"""The attributes of users as SCIM describes them (RFC 7643, section 7): those of every pool, and those of its profiles. Pure."""

from __future__ import annotations

from ...core.values import JsonMap, JsonValue, as_list, as_map
from .attributes import Shape
from .words import ADDRESSES, IDENTIFIERS

_TYPES = {"boolean": "boolean", "integer": "integer", "number": "decimal", "object": "complex"}


def core_attributes(shape: Shape, *, exact: bool) -> list[JsonValue]:
    """What users have everywhere. `exact`: the case of an identifier counts in this pool."""
    names: list[JsonValue] = [_attribute(part, f"`{key}` of the profile") for part, key in shape.names.items()]
    values: list[JsonValue] = [
        _attribute("value", "The address itself"),
        _attribute("type", "`work`, `home` or any other word"),
        _attribute("primary", "Whether it is the first choice", type="boolean"),
        _attribute("verified", "Whether it was shown to be the user's; only then it is searched", type="boolean"),
    ]
    types: list[JsonValue] = [
        _attribute("value", "The identifier itself"),
        _attribute("type", "email, mobile, uid, external"),
    ]
    lists = {"emails": "Mail addresses", "phoneNumbers": "Telephone numbers in E.164 form"}
    return [
        _attribute("userName", "What the user signs in with", required=True, caseExact=exact, uniqueness="server"),
        _attribute("externalId", "The id in the client's system", caseExact=exact, uniqueness="server"),
        *([_attribute("name", "Names of the profile", type="complex", subAttributes=names)] if names else []),
        _attribute("active", "Whether the user may sign in", type="boolean"),
        _attribute("password", "A new password", mutability="writeOnly", returned="never", caseExact=True),
        *(_attribute(name, lists[name], type="complex", multiValued=True, subAttributes=values) for name in ADDRESSES),
        _attribute(IDENTIFIERS, "Further identifiers", type="complex", multiValued=True, subAttributes=types),
    ]


def custom_attributes(properties: JsonMap, around: JsonMap) -> list[JsonValue]:
    """Attributes of a profile, or of an object in it, as their schema describes them."""
    required = as_list(around.get("required"))
    found: list[JsonValue] = []
    for key, value in properties.items():
        inner = as_map(value)
        one = as_map(inner.get("items")) if inner.get("type") == "array" else inner
        more: JsonMap = {"type": _TYPES.get(str(one.get("type")), "string")}
        if inner.get("type") == "array":
            more["multiValued"] = True
        if more["type"] == "complex":
            more["subAttributes"] = custom_attributes(as_map(one.get("properties")), one)
        words = as_list(one.get("enum"))
        if words and all(isinstance(word, str) for word in words):
            more["canonicalValues"] = words
        about = str(inner.get("description") or key)
        found.append(_attribute(key, about, required=key in required, caseExact=True, **more))
    return found


def _attribute(name: str, about: str, **more: JsonValue) -> JsonMap:
    """An attribute's definition (RFC 7643, section 7), with what it is unless it is said otherwise."""
    usual: JsonMap = {
        "name": name,
        "type": "string",
        "multiValued": False,
        "description": about,
        "required": False,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
    }
    return {**usual, **more}
