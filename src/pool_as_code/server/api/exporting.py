"""A tenant as one document: the flat tables of an identity dump, and the trees of the promotion API (ids are keys there)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ...core.values import JsonMap, JsonValue, as_list, as_map, as_texts, parse_json
from ...directory.credentials import Credential
from ...stores.secureauth.wire import to_wire
from ..call import Call
from ..notes import note_map
from ..stored import Stored, columns, stored
from .groups import group_json
from .links import tree_link
from .organizations import container_json
from .pools import pool_json
from .schemas import schema_json
from .user_forms import address_json, base_json, identifier_json, record_base, record_id

_TABLES = {"pool": "pools", "schema": "schemas", "group": "user_groups", "user": "users"}
_NOT_IN_TREES = ("id", "tenant_id", "workspace_id", "admin_initiated_registration", "credential_limits")
"""Fields of a pool that the promotion API's own model does not have."""
TENANT_SETTINGS = "tree/tenant"
"""Where the tenant's own settings of a tree are kept."""


def dump(call: Call) -> JsonMap:
    """Everything, with password hashes. Authenticators and passkeys have no documented form and are left out."""
    pools = {one.id: one for one in every(call, "pool")}
    users, names, addresses, held, members = [], [], [], [], []
    for user in every(call, "user"):
        spec, about = user.row.spec, record_base(call, user)
        users.append(base_json(call, pools[user.row.pool_id], user, spec))
        names += [identifier_json(about, as_map(one)) for one in as_list(spec.get("identifiers"))]
        addresses += [address_json(about, as_map(one)) for one in as_list(spec.get("addresses"))]
        own = {key: about[key] for key in ("tenant_id", "user_pool_id", "user_id")}
        members += [{**own, "group_id": group} for group in as_texts(spec.get("groups"))]
        held += [_password_json(about, one) for one in _passwords(call, user.id)]
    groups = {one.id: one for one in every(call, "group")}
    tables: dict[str, list[JsonMap]] = {
        "pools": [pool_json(call, one) for one in pools.values()],
        "schemas": [schema_json(call, one) for one in every(call, "schema")],
        "users": users,
        "user_identifiers": names,
        "user_verifiable_addresses": addresses,
        "user_credentials": held,
        "codes": [],
        "groups": [_with_path(call, one, groups) for one in groups.values()],
        "group_members": members,
    }
    return {name: [*rows] for name, rows in tables.items()}


def tenant_tree(call: Call) -> JsonMap:
    """Pools of the tenant, schemas, and workspaces and organizations with their pools."""
    homes = _homes_of(every(call, "pool"))
    servers: JsonMap = {}
    for kind in ("workspace", "organization"):
        sql = f"SELECT {columns(kind)} FROM containers t WHERE t.kind = ? ORDER BY t.id"
        for row in call.directory.db.rows(sql, kind):
            one = stored(kind, row)
            servers[one.id] = server_tree(call, one, homes)
    schemas: JsonMap = {}
    for schema in every(call, "schema"):
        body = schema_json(call, schema)
        schemas[schema.id] = {key: value for key, value in body.items() if key not in ("id", "tenant_id")}
    own: JsonMap = {one.id: tree_pool(call, one) for one in homes.own.get("", ())}
    about: JsonMap = {"name": call.site.tenant, **note_map(call.directory, TENANT_SETTINGS)}
    return {**about, "pools": own, "schemas": schemas, "servers": servers}


class _Homes(NamedTuple):
    """Pools by where they live, and by where their users sign in: each pool is read once, however many servers there are."""

    own: dict[str, list[Stored]]
    linked: dict[str, list[Stored]]


def _homes_of(pools: Iterable[Stored]) -> _Homes:
    homes = _Homes(defaultdict(list), defaultdict(list))
    for pool in pools:
        homes.own[container_of(pool)].append(pool)
        for place in as_texts(pool.row.spec.get("signInAt")):
            homes.linked[place].append(pool)
    return homes


def server_tree(call: Call, server: Stored, homes: _Homes | None = None) -> JsonMap:
    """A workspace or organization, its pools, and the links that let pools in."""
    found = _homes_of(_near(call, server.id)) if homes is None else homes
    body = container_json(call, server)
    tree: JsonMap = {key: value for key, value in body.items() if key not in _NOT_OF_SERVERS}
    tree["type"] = "organization" if server.row.kind == "organization" else "regular"
    tree["pools"] = {one.id: tree_pool(call, one) for one in found.own.get(server.id, ())}
    idps: JsonMap = {}
    for pool in found.linked.get(server.id, ()):
        id, about = tree_link(call, pool, server.id)
        idps[id] = about
    tree["idps"] = idps
    return tree


def _near(call: Call, place: str) -> Iterator[Stored]:
    """The pools that live in a workspace or organization, and those whose users sign in there."""
    sql = (
        f"SELECT {columns('pool')} FROM pools t WHERE t.container_id = ?"
        " OR t.id IN (SELECT pool_id FROM pool_sign_in WHERE container_id = ?) ORDER BY t.id"
    )
    for row in call.directory.db.rows(sql, place, place):
        yield stored("pool", row)


def tree_pool(call: Call, pool: Stored) -> JsonMap:
    """A pool as it stands in a tree."""
    body = pool_json(call, pool)
    return {key: value for key, value in body.items() if key not in _NOT_IN_TREES and (key != "metadata" or value)}


def beside_the_tree(pool: Stored) -> JsonMap:
    """What a tree does not show of a pool, in the service's words: kept when a tree is written."""
    body = to_wire("pool", {}, pool.row.spec)
    return {key: body[key] for key in _NOT_IN_TREES[3:] if key in body}


def every(call: Call, kind: str) -> Iterator[Stored]:
    """All objects of a kind in the order of their ids."""
    for row in call.directory.db.rows(f"SELECT {columns(kind)} FROM {_TABLES[kind]} t ORDER BY t.id"):
        yield stored(kind, row)


def container_of(pool: Stored) -> str:
    """The workspace or organization a pool lives in, empty for the tenant."""
    metadata = pool.row.metadata
    return str(metadata.get("workspace") or metadata.get("organization") or "")


def _with_path(call: Call, group: Stored, groups: dict[str, Stored]) -> JsonMap:
    body, path, above = group_json(call, group), [group.id], str(group.row.metadata.get("parent") or "")
    while above in groups and above not in path:
        path.insert(0, above)
        above = str(groups[above].row.metadata.get("parent") or "")
    return {**{key: value for key, value in body.items() if key != "parent_id"}, "path": "/".join(path)}


def _passwords(call: Call, user_id: str) -> list[Credential]:
    found = call.directory.db.rows(
        "SELECT user_id, type, id, payload, state, created_at, updated_at, expires_at, change_until FROM credentials"
        " WHERE user_id = ? AND type = 'password'",
        user_id,
    )
    return [Credential(*row) for row in found]


def _password_json(about: JsonMap, one: Credential) -> JsonMap:
    hashed: JsonValue = parse_json(one.payload)
    body: JsonMap = {
        **about,
        "id": record_id(about, f"credential/{one.type}/{one.id}"),
        "type": one.type,
        "payload": {"hashed_password": hashed},
        "state": one.state,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }
    return {**body, "expires_at": one.expires_at} if one.expires_at else body


_NOT_OF_SERVERS = ("id", "tenant_id", "issuer_url", "number_of_child_organizations")
