"""Pools: of the tenant, of a workspace; their settings in the service's words."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import TypedDict

from ...core.values import JsonMap, JsonValue
from ...directory import containers, pools
from ...directory.directory import Directory
from ...stores.secureauth.wire import to_wire
from ..call import NO_CONTENT, Answer, Call
from ..operations import Operation
from ..paging import limit_of, page
from ..problems import Problem
from ..stored import Stored, columns, matching, require, shown, stored, without_empty
from . import forms
from .bases import POOL_LIST, admin, twins
from .links import forget


class _Named(TypedDict, total=False):
    success: int
    request: str
    response: str
    query: tuple[str, ...]
    guarded: bool


_POOL: _Named = {"request": "Pool", "response": "Pool", "guarded": True}
_MADE: _Named = {**_POOL, "success": 201}
_DELETED: _Named = {"success": 204, "query": ("with_idp",), "guarded": True}


def operations() -> Iterator[Operation]:
    """Pools for both APIs; pools of a workspace are made through the Admin API alone."""
    one, workspace = "/pools/{ipID}", "/workspace/{wid}"
    listed: _Named = {"query": POOL_LIST, "response": "Pools"}
    yield from twins("GET", "/pools", "listPools", "Pools of the tenant", list_pools, **listed)
    yield from twins("POST", "/pools", "createPool", "Make a pool", create, **_MADE)
    yield from twins("GET", one, "getPool", "A pool", get, response="Pool", guarded=True, brief=True)
    yield from twins("PUT", one, "updatePool", "All settings of a pool anew", put, **_POOL)
    yield from twins("DELETE", one, "deletePool", "Delete a pool with its users", delete, **_DELETED)
    path = f"{workspace}/pools"
    yield from twins("GET", path, "listWorkspacePools", "Pools that live in a workspace", list_of_workspace, **listed)
    made: _Named = {**_MADE, "query": ("with_idp",)}
    yield admin("POST", path, "createWorkspacePool", "Make a pool in a workspace", create_in_workspace, **made)
    path = f"{workspace}/pools/{{ipID}}"
    yield admin("DELETE", path, "deleteWorkspacePool", "Delete a pool of a workspace", delete_in_workspace, **_DELETED)
    path, seen = f"{workspace}/user/pools", "Pools of a workspace that the caller sees"
    asked: _Named = {"query": ("cursor", "limit"), "response": "UserPools"}
    yield admin("GET", path, "listUserWorkspacePools", seen, list_for_caller, **asked)
    path, may = f"{one}/permissions", "What the caller may do to a pool"
    yield admin("GET", path, "checkPoolPermissions", may, permissions, response="Permissions")


def list_pools(call: Call) -> Answer:
    """All pools of the tenant, a page of them."""
    return Answer(200, {"pools": _listed(call, None)})


def list_of_workspace(call: Call) -> Answer:
    """Pools that live in a workspace or organization."""
    return Answer(200, {"pools": _listed(call, call.params["wid"])})


def list_for_caller(call: Call) -> Answer:
    """The same for an administrator; the cursor is the last id."""
    cursor, limit = call.query.get("cursor", ""), limit_of(call)
    found = call.directory.db.rows(
        f"SELECT {columns('pool')} FROM pools t WHERE t.container_id = ? AND t.id > ? ORDER BY t.id LIMIT ?",
        *(call.params["wid"], cursor, limit),
    )
    objects = [stored("pool", row) for row in found]
    body: JsonMap = {"pools": _shown_all(call, objects)}
    if len(objects) == limit:
        body["cursor"] = objects[-1].id
    return Answer(200, body)


def get(call: Call) -> Answer:
    """One pool."""
    found = matching(call, "pool", call.params["ipID"])
    return shown(found, _shown(call, found))


def create(call: Call) -> Answer:
    """A pool of the tenant, or of the workspace that the body names."""
    body = call.body("name")
    return _create(call, body, str(body.get("workspace_id") or ""), linked=True)


def create_in_workspace(call: Call) -> Answer:
    """A pool of the workspace of the path; `with_idp` lets its users in there at once."""
    return _create(call, call.body("name"), call.params["wid"], linked=call.switch("with_idp"))


def put(call: Call) -> Answer:
    """All settings anew."""
    id, body = call.params["ipID"], call.body("name")
    received = forms.read("pool", body)
    with call.directory.change():
        before = matching(call, "pool", id)
        pools.update(call.directory, id, forms.replaced("pool", before.row.spec, body, received))
        after = require(call.directory, "pool", id)
        return shown(after, _shown(call, after))


def delete(call: Call) -> Answer:
    """A pool with everything in it."""
    with call.directory.change():
        matching(call, "pool", call.params["ipID"])
        remove(call, call.params["ipID"])
    return NO_CONTENT


def remove(call: Call, id: str) -> None:
    """Delete a pool, and what is kept beside it."""
    pools.delete(call.directory, id)
    forget(call, id)


def delete_in_workspace(call: Call) -> Answer:
    """The same, if it lives in that workspace."""
    found = require(call.directory, "pool", call.params["ipID"])
    if call.params["wid"] not in (found.row.metadata.get("workspace"), found.row.metadata.get("organization")):
        raise Problem(404, f"pool {found.id!r} does not exist")
    return delete(call)


def permissions(call: Call) -> Answer:
    """Everything for an administrator, reading for one who may only read."""
    require(call.directory, "pool", call.params["ipID"])
    reading = {"get_identity_pool"} | {name for name in _PERMISSIONS if "read" in name}
    return Answer(200, {name: not call.caller.read_only or name in reading for name in _PERMISSIONS})


def container_metadata(directory: Directory, id: str) -> JsonMap:
    """Where a pool lives, as its metadata says it. Raises NotFound for a place that is not there."""
    if not id:
        return {}
    containers.require_any(directory, id)
    kind = directory.db.value("SELECT kind FROM containers WHERE id = ?", id)
    return {str(kind): id}


def pool_json(call: Call, found: Stored) -> JsonMap:
    """A pool's settings in the service's words, without counters."""
    metadata, spec = found.row.metadata, found.row.spec
    body = to_wire("pool", {**metadata, "id": found.id}, spec)
    body["tenant_id"] = call.site.tenant
    body.setdefault("authentication_mechanisms", ["password"])  # the defaults that clients look for
    body.setdefault("metadata", {})  # the vendor's application for administrators reads into it
    return without_empty(body)


def _create(call: Call, body: JsonMap, container: str, *, linked: bool) -> Answer:
    received = forms.read("pool", body)
    spec = {**received.spec} if linked else {**received.spec, "signInAt": []}
    with call.directory.change():
        metadata = container_metadata(call.directory, container)
        if received.metadata.get("system"):
            raise Problem(422, "a system pool can not be made")
        made = pools.create(call.directory, str(received.metadata.get("id") or uuid.uuid4().hex), metadata, spec)
        found = require(call.directory, "pool", made.id)
        return shown(found, _shown(call, found), 201)


def _listed(call: Call, container: str | None) -> list[JsonValue]:
    phrase, order = call.query.get("search_phrase", "").lower(), call.choice("order", "asc", "acs", "desc")
    sort = call.choice("sort", "id", "name")
    after, before = call.query.get("after_pool_id", ""), call.query.get("before_pool_id", "")
    where, given = ("t.container_id = ?", (container,)) if container is not None else ("1 = 1", ())
    if not phrase and not before and sort == "id" and order != "desc":
        found = call.directory.db.rows(
            f"SELECT {columns('pool')} FROM pools t WHERE {where} AND t.id > ? ORDER BY t.id LIMIT ?",
            *(*given, after, limit_of(call)),
        )
        return _shown_all(call, [stored("pool", row) for row in found])
    rows = call.directory.db.rows(f"SELECT {columns('pool')} FROM pools t WHERE {where} ORDER BY t.id", *given)
    named = [(str(one.row.spec.get("displayName") or ""), one) for one in (stored("pool", row) for row in rows)]
    kept = [(name, one) for name, one in named if phrase in name.lower() or phrase in one.id.lower()]
    kept.sort(key=lambda pair: (pair[0], pair[1].id) if sort == "name" else (pair[1].id, ""), reverse=order == "desc")
    return _shown_all(call, page(call, [one for _, one in kept], lambda one: one.id, after, before))


def _shown(call: Call, found: Stored) -> JsonMap:
    return {**pool_json(call, found), **_counts(call.directory, [found.id])[found.id]}


def _shown_all(call: Call, found: Sequence[Stored]) -> list[JsonValue]:
    counts = _counts(call.directory, [one.id for one in found])
    return [{**pool_json(call, one), **counts[one.id]} for one in found]


def _counts(directory: Directory, ids: Sequence[str]) -> dict[str, JsonMap]:
    counted = dict.fromkeys(ids, 0)
    marks = ", ".join("?" * len(ids))
    if ids:
        sql = f"SELECT pool_id, count(*) FROM users WHERE pool_id IN ({marks}) GROUP BY pool_id"
        counted.update({str(pool_id): int(total) for pool_id, total in directory.db.rows(sql, *ids)})
    return {id: {"number_of_users": total} for id, total in counted.items()}


_PERMISSIONS = (
    *("b2b_manage_admin_metadata", "b2b_manage_business_metadata", "b2b_manage_users", "b2b_read_admin_metadata"),
    *("b2b_read_business_metadata", "b2b_read_users", "delete_identity_pool", "get_identity_pool"),
    *("manage_identity_pool_groups", "manage_identity_pool_users", "manage_user_addresses", "manage_user_identifiers"),
    *("manage_user_manager_role", "manage_user_otps", "manage_user_passwords", "read_identity_pool_groups"),
    *("read_identity_pool_users", "read_roles", "send_user_activation", "send_user_verification"),
    *("update_identity_pool",),
)
