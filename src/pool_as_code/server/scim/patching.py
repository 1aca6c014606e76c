"""Changes of a user by a PATCH (RFC 7644, section 3.5.2), as providers send them. Pure.

Operations come with SCIM's paths or, as the service documents them, with pointers (RFC 6902); not with both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...core.values import JsonMap, JsonValue, as_list, as_map, canonical
from .. import json_patch
from ..problems import Problem
from . import members
from .attributes import own_key, spellings
from .filters import Target, parse_path
from .members import single
from .words import ADDRESSES, CUSTOM, MOST_VALUES, PARTS, READ_ONLY, check_size, is_deep, refused

_MOST = 200
"""Operations of one patch, and attributes that they change: each may meet every value that a user has."""
_WORDS = ("add", "replace", "remove")


def patched(user: JsonMap, body: JsonMap, properties: Iterable[str] = ()) -> JsonMap:
    """A user's attributes after the operations of a body, all of them or none; `user` is changed. `properties` are keys
    of the profile's schema. The result is to be read like any other body. Raises Problem 400."""
    operations = next((value for key, value in body.items() if key.lower() == "operations"), None)
    if not isinstance(operations, list) or not operations or len(operations) > _MOST:
        raise refused("invalidSyntax", f"Operations is a list of 1 to {_MOST} operations")
    for operation in operations:
        if not isinstance(operation, dict) or not isinstance(operation.get("op"), str):
            raise refused("invalidSyntax", "an operation is an object with op")
    several = [as_map(operation) for operation in operations]
    if sum(1 if one.get("path") else len(as_map(one.get("value"))) for one in several) > _MOST:
        raise refused("invalidSyntax", f"at most {_MOST} attributes are changed at once")
    pointing = [str(one.get("path") or "").startswith("/") for one in several]
    if any(pointing) and not all(pointing):
        raise refused("invalidSyntax", "paths are pointers in all operations or in none")
    required = [name for name in ("userName", "active") if name in user]
    if any(pointing):
        user = _by_pointers(user, several)
    else:
        known = spellings(as_map(user.get(CUSTOM)), properties)
        for operation in several:
            _operate(user, operation, known)
    for name in required:
        if user.get(name) is None:
            raise refused("mutability", f"{name} can not be taken away")
    return user


def _by_pointers(user: JsonMap, operations: list[JsonMap]) -> JsonMap:
    sent: list[JsonValue] = [{**one, "op": str(one["op"]).lower()} for one in operations]
    try:
        after = as_map(json_patch.patched(user, sent))
    except Problem as problem:
        raise refused("invalidPath", problem.error) from None
    if is_deep(after) and not is_deep(user):  # what is refused in one piece is not put together, either
        raise refused("invalidValue", "the user would be nested too deeply")
    check_size(after, user)
    for attribute in ADDRESSES:
        about = [one for one in sent if str(as_map(one).get("path")).startswith(f"/{attribute}")]
        if about and b"verified" not in canonical(about):
            for item in as_list(after.get(attribute)):  # one that comes into another one's place was verified by nobody
                as_map(item).pop("verified", None)
    return after


def _operate(user: JsonMap, operation: JsonMap, known: Mapping[str, str]) -> None:
    word, path, value = str(operation["op"]).lower(), operation.get("path"), operation.get("value")
    if word not in _WORDS:
        raise refused("invalidSyntax", f"op is one of {', '.join(_WORDS)}")
    if word != "remove" and "value" not in operation:
        raise refused("invalidValue", "value is missing")
    if path is not None and not isinstance(path, str):
        raise refused("invalidPath", "a path is a text")
    if path:
        target = parse_path(path)
        if target is not None and target.attribute in READ_ONLY:
            raise refused("mutability", f"{target.attribute} can not be changed")
        if target is not None:
            _change(user, word, target, value, known)
    elif word == "remove":
        raise refused("noTarget", "what is removed has a path")
    elif not isinstance(value, dict):
        raise refused("invalidValue", "without a path the value is an object")
    else:
        for key, inner in value.items():
            target = parse_path(key)
            if target is not None and target.attribute not in READ_ONLY:
                _change(user, word, target, inner, known)


def _change(user: JsonMap, word: str, target: Target, value: JsonValue, known: Mapping[str, str]) -> None:
    word = "remove" if value is None else word
    if target.attribute == CUSTOM:
        _custom(user, word, target, value, known)
    elif target.attribute == "name":
        user["name"] = _merged(as_map(user.get("name")), word, target, value)
    elif target.attribute in PARTS:
        before = [as_map(one) for one in as_list(user.get(target.attribute))]
        user[target.attribute] = [*members.after(before, word, target, value)]
    elif word != "remove":
        user[target.attribute] = single(value)
    elif target.attribute == "password":
        raise refused("mutability", "a password can not be taken away")
    else:
        user.pop(target.attribute, None)


def _merged(before: JsonMap, word: str, target: Target, value: JsonValue) -> JsonMap:
    """A map of parts: what is not named of it stays."""
    if word == "remove":
        return {key: inner for key, inner in before.items() if target.part and key != target.part}
    if not target.part and not isinstance(value, dict):
        raise refused("invalidValue", f"{target.attribute} is not an object")
    named = {target.part: single(value)} if target.part else as_map(value)
    lower = {key.lower() for key in named}
    return {**{key: inner for key, inner in before.items() if key.lower() not in lower}, **named}


def _custom(user: JsonMap, word: str, target: Target, value: JsonValue, known: Mapping[str, str]) -> None:
    before = as_map(user.get(CUSTOM))
    if target.part:
        named: JsonMap = {target.part: _inside(before.get(own_key(target.part, known)), word, target.inner, value)}
    elif word == "remove":
        named = dict.fromkeys(before)
    elif isinstance(value, dict):
        named = {key: _inside(before.get(own_key(key, known)), word, "", inner) for key, inner in value.items()}
    else:
        raise refused("invalidValue", "the extension is not an object")
    after = {**before, **{own_key(key, known): inner for key, inner in named.items()}}
    if len(after) > MOST_VALUES:
        raise refused("invalidValue", f"the extension has at most {MOST_VALUES} attributes")
    user[CUSTOM] = {key: inner for key, inner in after.items() if inner is not None}


def _inside(there: JsonValue, word: str, inner: str, value: JsonValue) -> JsonValue:
    """A value of the extension after one operation; None takes it out."""
    if inner:
        rest = {name: one for name, one in as_map(there).items() if name != inner}
        return rest if word == "remove" else {**rest, inner: value}
    if word == "remove" or value is None:
        return None
    if word == "add" and isinstance(there, list):
        known = {canonical(one) for one in there}
        more = value if isinstance(value, list) else [value]
        made = [*there, *(one for one in more if canonical(one) not in known)]
        if len(made) > MOST_VALUES:
            raise refused("invalidValue", f"a list has at most {MOST_VALUES} values")
        return made
    return value
