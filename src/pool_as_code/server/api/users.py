"""Users: lists and items, making, changing and deleting them, and finding one by what it is known by."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...core.errors import NotFound, StoreError
from ...core.values import JsonMap, JsonValue, as_list, as_map, parse_json
from ...directory import identifiers, passwords, users
from ...directory.starting import NewUser
from ...resources.pool import ROLES
from .. import json_patch
from ..call import NO_CONTENT, Answer, Call, text_of
from ..operations import Operation
from ..paging import limit_of
from ..problems import Problem
from ..stored import Stored, columns, matching, require, shown, stored
from . import forms
from .bases import system, twins
from .user_forms import WIRE_ROLES, WIRE_SCHEMAS, item_json, list_json, sent_user, with_own_schemas

_Change = Callable[[JsonMap], JsonMap]
LIST = ("after_user_id", "before_user_id", "sort", "order", "limit", "query")
_UPDATED = ("status", "preferences", *WIRE_ROLES.values(), *WIRE_SCHEMAS.values())


def operations() -> Iterator[Operation]:
    """Users for both APIs; looking one up by a key is for programs alone."""
    path = "/pools/{ipID}/users"
    one = f"{path}/{{userID}}"
    yield from twins("GET", path, "listUsers", "Users of a pool", list_users, response="Users", query=LIST)
    yield from twins(
        "POST", path, "createUser", "Make a user", create, success=201, request="NewUser", response="User", guarded=True
    )
    yield from twins("GET", one, "getUser", "A user", get, response="User", guarded=True, brief=True)
    yield from twins(
        "PUT",
        one,
        "updateUser",
        "Replace what the body names of a user",
        put,
        request="UserUpdate",
        response="User",
        guarded=True,
    )
    yield from twins(
        "PATCH",
        one,
        "patchUser",
        "Change single keys of a user",
        patch,
        request="Patch",
        response="User",
        query=("rfc_version",),
        guarded=True,
    )
    yield from twins("DELETE", one, "deleteUser", "Delete a user for good", delete, success=204, guarded=True)
    yield system(
        "POST",
        f"{path}/by_key",
        "getUserByKey",
        "The user of an identifier or a verified address",
        by_key,
        200,
        "UserKey",
        "User",
        (),
        True,
        brief=True,
    )


def list_users(call: Call) -> Answer:
    """A page of a pool's users in the order of their ids, those that `query` finds."""
    pool = require(call.directory, "pool", call.params["ipID"])
    after, before = call.query.get("after_user_id", ""), call.query.get("before_user_id", "")
    limit, wanted = limit_of(call), _query(call)
    backwards = bool(before) and not after
    found: list[Stored] = []
    for user in _from(call, pool, wanted.get("user_key"), after, before, backwards=backwards):
        if _fits(user, wanted):
            found.append(user)
            if len(found) == limit:
                break
    if backwards:
        found.reverse()
    return Answer(200, {"users": [list_json(call, pool, user) for user in found]})


def get(call: Call) -> Answer:
    """One user."""
    pool = require(call.directory, "pool", call.params["ipID"])
    found = matching(call, "user", call.params["userID"], pool.id)
    return shown(found, item_json(call, pool, found))


def by_key(call: Call) -> Answer:
    """The one user with an identifier, or with a verified address."""
    pool, body = require(call.directory, "pool", call.params["ipID"]), call.body()
    identifier, address = text_of(body, "identifier"), text_of(body, "address")
    if bool(identifier) == bool(address):
        raise Problem(404, "exactly one of identifier and address finds a user")
    row = users.find(call.directory, pool.id, identifier=identifier, address=address)
    if row is None:
        raise NotFound("there is no such user")
    found = matching(call, "user", row.id, pool.id)
    return shown(found, item_json(call, pool, found))


def create(call: Call) -> Answer:
    """A new user. Its password is hashed before the directory is locked."""
    pool = require(call.directory, "pool", call.params["ipID"])
    sent = sent_user(pool, call.body())
    (made,) = passwords.prepare(call.directory, [NewUser(sent.id, pool.id, sent.spec, sent.secrets)], {})
    if isinstance(made, StoreError):
        raise made
    with call.directory.change():
        users.create(call.directory, made)
        found = require(call.directory, "user", sent.id)
        return shown(found, item_json(call, pool, found), 201)


def put(call: Call) -> Answer:
    """What the body names is replaced whole; what it does not name stays."""
    body = call.body()
    return _replaced(call, lambda before: {key: body[key] for key in _UPDATED if body.get(key) not in (None, "")})


def patch(call: Call) -> Answer:
    """Single keys of the same fields: a merge patch, or with `rfc_version=6902` a list of operations."""
    sent = call.json()
    version = call.query.get("rfc_version") or ("6902" if isinstance(sent, list) else "7396")
    if version not in ("6902", "7396"):
        raise Problem(400, "rfc_version is 6902 or 7396")
    if version == "7396" and not isinstance(sent, dict):
        raise Problem(400, "a merge patch is an object")

    def changed(before: JsonMap) -> JsonMap:
        after = as_map(json_patch.patched(before, sent) if version == "6902" else json_patch.merged(before, sent))
        unknown = [key for key in after if key not in _UPDATED]
        if unknown:
            raise Problem(422, f"can not be changed this way: {', '.join(sorted(unknown)[:10])}")
        if not after.get("status"):
            raise Problem(422, "status can not be taken away")
        cleared: JsonMap = {key: None for key in before if key not in after}
        return {**after, **cleared}

    return _replaced(call, changed)


def delete(call: Call) -> Answer:
    """Delete a user with everything that hangs on it."""
    with call.directory.change():
        found = matching(call, "user", call.params["userID"], call.params["ipID"])
        users.delete(call.directory, found.id, found.row.pool_id)
    return NO_CONTENT


def _replaced(call: Call, change: _Change) -> Answer:
    pool = require(call.directory, "pool", call.params["ipID"])
    with call.directory.change():
        before = matching(call, "user", call.params["userID"], pool.id)
        shown_before = item_json(call, pool, before)
        wanted = change({key: shown_before[key] for key in _UPDATED if key in shown_before})
        received = forms.read("user", {key: value for key, value in wanted.items() if value is not None})
        spec = _with(before.row.spec, wanted, received.spec)
        users.replace_spec(call.directory, before.row, with_own_schemas(pool, spec))
        after = require(call.directory, "user", before.id)
        return shown(after, item_json(call, pool, after))


def _with(before: JsonMap, wanted: JsonMap, received: JsonMap) -> JsonMap:
    """The settings with the fields that `wanted` names, in our words; `null` takes one out."""
    spec = dict(before)
    named = {"status": "status", "preferences": "preferences", **{wire: role for role, wire in WIRE_ROLES.items()}}
    for wire, ours in named.items():
        if wire in wanted:
            spec.pop(ours, None)
            if wanted[wire] is not None:
                spec[ours] = received.get(ours, wanted[wire] if isinstance(wanted[wire], dict) else None)
    own = dict(as_map(spec.get("schemas")))
    for role, wire in WIRE_SCHEMAS.items():
        if wire in wanted:
            own[role] = wanted[wire]
    spec["schemas"] = {role: id for role, id in own.items() if id}
    return {key: value for key, value in spec.items() if value is not None and (key != "schemas" or value)}


def _from(call: Call, pool: Stored, key: JsonValue, after: str, before: str, *, backwards: bool) -> Iterator[Stored]:
    """The users between two cursors, in order, read in batches."""
    where, given = ["t.pool_id = ?"], [pool.id]
    if isinstance(key, str) and key:
        folded = key.lower() if identifiers.ignores_case(pool.row.spec) else key
        starts, ends = f"{_escaped(folded)}%", f"%{_escaped(folded)}"
        low_starts, low_ends = f"{_escaped(key.lower())}%", f"%{_escaped(key.lower())}"
        like = "pool_id = ? AND (key LIKE ? ESCAPE '\\' OR key LIKE ? ESCAPE '\\')"
        where.append(
            f"(t.id = ? OR t.id IN (SELECT user_id FROM user_identifiers WHERE {like})"
            f" OR t.id IN (SELECT user_id FROM verified_addresses WHERE {like}))"
        )
        given += [key, pool.id, starts, ends, pool.id, low_starts, low_ends]
    if before:
        where.append("t.id < ?")
        given.append(before)
    cursor, order = after, "DESC" if backwards else "ASC"
    while True:
        bounds, more = list(where), list(given)
        if cursor:
            bounds.append("t.id < ?" if backwards else "t.id > ?")
            more.append(cursor)
        rows = call.directory.db.rows(
            f"SELECT {columns('user')} FROM users t WHERE {' AND '.join(bounds)} ORDER BY t.id {order} LIMIT {_BATCH}",
            *more,
        )
        yield from (stored("user", row) for row in rows)
        if len(rows) < _BATCH:
            return
        cursor = str(rows[-1][0])


def _query(call: Call) -> JsonMap:
    text = call.query.get("query", "")
    if not text:
        return {}
    try:
        asked = parse_json(text)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise Problem(400, 'query is JSON such as {"user_key": "john"}')
    for key in ("payload", "metadata"):
        if asked.get(key) is not None and not isinstance(asked[key], dict):
            raise Problem(400, f"query: {key} is an object")
    if asked.get("user_key") is not None and not isinstance(asked["user_key"], str):
        raise Problem(400, "query: user_key is a text")
    return asked


def _fits(user: Stored, wanted: JsonMap) -> bool:
    """Simple values are equal; a list holds the value."""
    spec: JsonMap | None = None
    for role in ROLES[:2]:
        asked = as_map(wanted.get(WIRE_ROLES[role]))
        if asked:
            spec = user.row.spec if spec is None else spec
            attributes = as_map(spec.get(role))
            if not all(_holds(attributes.get(key), value) for key, value in asked.items()):
                return False
    return True


def _holds(there: JsonValue, value: JsonValue) -> bool:
    if isinstance(there, list):
        return all(one in there for one in (as_list(value) if isinstance(value, list) else [value]))
    if isinstance(there, dict) and isinstance(value, dict):
        return all(_holds(there.get(key), inner) for key, inner in value.items())
    return there == value and isinstance(there, bool) == isinstance(value, bool)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_BATCH = 200
