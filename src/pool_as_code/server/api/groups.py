"""Groups of a pool and who is in them. Lists of groups are bare arrays, in the order of their names."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

from ...core.errors import NotFound
from ...core.fieldpath import Item
from ...core.values import JsonMap, as_map, as_texts, parse_json
from ...directory import groups, users
from ...directory.directory import Directory
from ..call import NO_CONTENT, Answer, Call, text_of
from ..operations import Operation
from ..paging import page
from ..problems import Problem
from ..stored import Stored, columns, require, stored, without_empty
from .bases import twins
from .user_forms import list_json

_LIST = ("parent_id", "after_group_id", "before_group_id", "limit", "query", "with_nested_groups")
_OF_USER = ("after_group_id", "before_group_id", "limit", "query", "with_parent_groups")
_MEMBERS = ("after_user_id", "before_user_id", "limit", "with_nested_groups")


def operations() -> Iterator[Operation]:
    """Groups and memberships for both APIs."""
    path = "/pools/{ipID}/groups"
    one, member = f"{path}/{{groupID}}", f"{path}/{{groupID}}/users/{{userID}}"
    of_user = "/pools/{ipID}/users/{userID}/groups"
    yield from twins("GET", path, "listGroups", "Groups of a pool", list_groups, response="Groups", query=_LIST)
    yield from twins(
        "POST", path, "createGroup", "Make a group", create, success=201, request="Group", response="Group"
    )
    yield from twins("GET", one, "getGroup", "A group", get, response="Group", brief=True)
    yield from twins("PUT", one, "updateGroup", "A group anew", put, request="Group", response="Group")
    yield from twins("DELETE", one, "deleteGroup", "Delete an empty group", delete, success=204)
    yield from twins("GET", f"{one}/users", "listUsersInGroup", "Members", members, response="Users", query=_MEMBERS)
    yield from twins("PUT", member, "addUserToGroup", "Put a user into a group", join, success=204)
    yield from twins("DELETE", member, "removeUserFromGroup", "Take a user out of a group", leave, success=204)
    yield from twins(
        "GET", of_user, "listUserGroups", "Groups of a user", list_of_user, response="Groups", query=_OF_USER
    )
    yield from twins(
        "GET",
        f"{of_user}/{{groupID}}",
        "isUserInGroup",
        "Whether a user is in a group",
        is_member,
        success=204,
        query=("with_nested_groups",),
    )


def list_groups(call: Call) -> Answer:
    """The top level, or what is right below `parent_id`; with `with_nested_groups` everything below, too."""
    pool = require(call.directory, "pool", call.params["ipID"])
    parent = call.query.get("parent_id", "")
    if parent:
        require(call.directory, "group", parent, pool.id)
    found = _of_pool(call.directory, pool.id)
    if call.switch("with_nested_groups"):
        below = _below(found, parent) if parent else set(found)
        return _listed(call, [one for id, one in found.items() if id in below])
    return _listed(call, [one for one in found.values() if _parent(one) == parent])


def list_of_user(call: Call) -> Answer:
    """The groups a user is in; with `with_parent_groups` those above them, too."""
    pool_id = call.params["ipID"]
    mine = as_texts(require(call.directory, "user", call.params["userID"], pool_id).row.spec.get("groups"))
    found = _of_pool(call.directory, pool_id)
    kept = set(mine)
    if call.switch("with_parent_groups"):
        for id in mine:
            kept |= _above(found, id)
    return _listed(call, [one for id, one in found.items() if id in kept])


def get(call: Call) -> Answer:
    """One group."""
    return Answer(200, group_json(call, _require(call)))


def create(call: Call) -> Answer:
    """A new group."""
    body = call.body("name")
    id = text_of(body, "id") or str(uuid.uuid4())
    with call.directory.change():
        parent = text_of(body, "parent_id")
        metadata: JsonMap = {"parent": parent} if parent else {}
        groups.create(call.directory, id, call.params["ipID"], metadata, _spec(body))
        return Answer(201, group_json(call, require(call.directory, "group", id)))


def put(call: Call) -> Answer:
    """Name and description anew; it moves when the body says `parent_id`."""
    body, sent = call.body("name"), as_map(call.json())
    with call.directory.change():
        found = _require(call)
        spec = _spec(body)
        writes = [(("spec", key), spec.get(key)) for key in ("displayName", "description")]
        if "parent_id" in sent:
            writes.append((("metadata", "parent"), text_of(body, "parent_id") or None))
        groups.update(call.directory, found.id, found.row.pool_id, writes)
        return Answer(200, group_json(call, _require(call)))


def delete(call: Call) -> Answer:
    """Delete one that is empty."""
    groups.delete(call.directory, call.params["groupID"], call.params["ipID"])
    return NO_CONTENT


def members(call: Call) -> Answer:
    """A page of a group's users."""
    group = _require(call)
    ids = groups.members_of(call.directory, group.id, nested=call.switch("with_nested_groups"))
    after, before = call.query.get("after_user_id", ""), call.query.get("before_user_id", "")
    shown = page(call, ids, str, after, before)
    if not shown:
        return Answer(200, {"users": []})
    marks = ", ".join("?" * len(shown))
    sql = f"SELECT {columns('user')} FROM users t WHERE t.id IN ({marks}) ORDER BY t.id"
    rows = call.directory.db.rows(sql, *shown)
    pool = require(call.directory, "pool", group.row.pool_id)
    return Answer(200, {"users": [list_json(call, pool, stored("user", row)) for row in rows]})


def join(call: Call) -> Answer:
    """Make a user a member; one who is stays one."""
    _write(call, call.params["groupID"])
    return NO_CONTENT


def leave(call: Call) -> Answer:
    """End a membership. Raises NotFound for one that is not there."""
    user = require(call.directory, "user", call.params["userID"], call.params["ipID"])
    if call.params["groupID"] not in as_texts(user.row.spec.get("groups")):
        raise NotFound("the user is not in the group")
    _write(call, None)
    return NO_CONTENT


def is_member(call: Call) -> Answer:
    """204, or 404."""
    group = _require(call)
    user = require(call.directory, "user", call.params["userID"], group.row.pool_id)
    wanted = {group.id}
    if call.switch("with_nested_groups"):
        wanted = _below(_of_pool(call.directory, group.row.pool_id), group.id) | wanted
    if wanted.isdisjoint(as_texts(user.row.spec.get("groups"))):
        raise NotFound("the user is not in the group")
    return NO_CONTENT


def group_json(call: Call, found: Stored) -> JsonMap:
    """A group in the service's words."""
    spec = found.row.spec
    return without_empty(
        {
            "id": found.id,
            "tenant_id": call.site.tenant,
            "user_pool_id": found.row.pool_id,
            "name": spec.get("displayName"),
            "description": spec.get("description"),
            "parent_id": _parent(found),
        }
    )


def _spec(body: JsonMap) -> JsonMap:
    description = text_of(body, "description")
    return {"displayName": text_of(body, "name"), **({"description": description} if description else {})}


def _write(call: Call, value: str | None) -> None:
    group = _require(call)
    path = ("spec", "groups", Item(group.id))
    users.update(call.directory, call.params["userID"], group.row.pool_id, [(path, value)])


def _require(call: Call) -> Stored:
    require(call.directory, "pool", call.params["ipID"])
    return require(call.directory, "group", call.params["groupID"], call.params["ipID"])


def _listed(call: Call, found: Sequence[Stored]) -> Answer:
    name = _asked_name(call.query.get("query", "")).lower()
    named = [(str(one.row.spec.get("displayName") or ""), one) for one in found]
    kept = [(said, one) for said, one in named if said.lower().startswith(name) or said.lower().endswith(name)]
    kept.sort(key=lambda pair: (pair[0], pair[1].id))
    after, before = call.query.get("after_group_id", ""), call.query.get("before_group_id", "")
    return Answer(200, [group_json(call, one) for one in page(call, [one for _, one in kept], _id, after, before)])


def _asked_name(text: str) -> str:
    if not text:
        return ""
    try:
        asked = parse_json(text)
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or not isinstance(asked.get("name", ""), str):
        raise Problem(400, 'query is JSON such as {"name": "x"}')
    return str(asked.get("name", ""))


def _of_pool(directory: Directory, pool_id: str) -> dict[str, Stored]:
    require(directory, "pool", pool_id)
    rows = directory.db.rows(f"SELECT {columns('group')} FROM user_groups t WHERE t.pool_id = ?", pool_id)
    return {one.id: one for one in (stored("group", row) for row in rows)}


def _id(found: Stored) -> str:
    return found.id


def _parent(found: Stored) -> str:
    return str(found.row.metadata.get("parent") or "")


def _above(found: dict[str, Stored], id: str) -> set[str]:
    above: set[str] = set()
    while id in found and id not in above:
        above.add(id)
        id = _parent(found[id])
    return above


def _below(found: dict[str, Stored], id: str) -> set[str]:
    children: dict[str, list[str]] = {}
    for one in found.values():
        children.setdefault(_parent(one), []).append(one.id)
    below: set[str] = set()
    waiting = list(children.get(id, ()))
    while waiting:
        child = waiting.pop()
        if child not in below:
            below.add(child)
            waiting += children.get(child, ())
    return below
