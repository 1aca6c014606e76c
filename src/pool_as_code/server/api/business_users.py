"""The B2B API: users as those see them who manage the people of a business customer. It is the Admin API without what
administrators and applications keep about users: that is neither shown, nor searched, nor tested, nor written."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.values import JsonMap, JsonValue, as_list, as_map, parse_json
from ..call import Answer, Call
from ..operations import Operation
from ..problems import Problem
from . import users
from .bases import admin
from .user_forms import WIRE_ROLES, WIRE_SCHEMAS

HIDDEN = frozenset({*WIRE_ROLES.values(), *WIRE_SCHEMAS.values()} - {WIRE_ROLES["profile"], WIRE_SCHEMAS["profile"]})


def operations() -> Iterator[Operation]:
    """The same six as for users of the Admin API."""
    path = "/b2b/pools/{ipID}/users"
    one, user = f"{path}/{{userID}}", "User"
    yield admin(
        "GET", path, "listB2BUsers", "Users of a business customer", list_users, response="Users", query=users.LIST
    )
    yield admin(
        "POST", path, "createB2BUser", "Make a user of a business customer", create, 201, "NewUser", user, (), True
    )
    yield admin("GET", one, "getB2BUser", "A user of a business customer", get, 200, "", user, (), True)
    yield admin("PUT", one, "updateB2BUser", "Replace what the body names", put, 200, "UserUpdate", user, (), True)
    query = ("rfc_version",)
    yield admin("PATCH", one, "patchB2BUser", "Change single keys of a user", patch, 200, "Patch", user, query, True)
    yield admin("DELETE", one, "deleteB2BUser", "Delete a user for good", users.delete, 204, guarded=True)


def list_users(call: Call) -> Answer:
    """A page of them, found by what is shown."""
    try:
        asked = as_map(parse_json(call.query["query"])) if call.query.get("query") else {}
    except ValueError:
        asked = {}
    if HIDDEN & set(asked):
        raise Problem(400, f"query: {', '.join(sorted(HIDDEN & set(asked)))} is not searched here")
    answer = users.list_users(call)
    shown: list[JsonValue] = [_shown(one) for one in as_list(as_map(answer.body).get("users"))]
    return answer._replace(body={"users": shown})


def get(call: Call) -> Answer:
    """One of them."""
    answer = users.get(call)
    return answer._replace(body=_shown(answer.body))


def create(call: Call) -> Answer:
    """A new one."""
    _check(call.body())
    answer = users.create(call)
    return answer._replace(body=_shown(answer.body))


def put(call: Call) -> Answer:
    """What the body names is replaced whole."""
    _check(call.body())
    answer = users.put(call)
    return answer._replace(body=_shown(answer.body))


def patch(call: Call) -> Answer:
    """Single keys of the profile, the status, the preferences."""
    sent = call.json()
    if isinstance(sent, list):
        for operation in sent:
            for pointer in (as_map(operation).get("path"), as_map(operation).get("from", "/status")):
                _check({str(pointer).strip("/").partition("/")[0] or "metadata": True})
    else:
        _check(dict.fromkeys(as_map(sent), True))
    answer = users.patch(call)
    return answer._replace(body=_shown(answer.body))


def _check(body: JsonMap) -> None:
    """Raises Problem 422 for what is not written here."""
    if HIDDEN & set(body):
        raise Problem(422, f"can not be changed here: {', '.join(sorted(HIDDEN & set(body)))}")


def _shown(user: JsonValue) -> JsonMap:
    return {key: value for key, value in as_map(user).items() if key not in HIDDEN}
