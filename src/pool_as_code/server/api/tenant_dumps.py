"""A tenant through the System API, as one document of flat tables. The service keeps clients, policies and scripts there; of all that a
directory holds workspaces, organizations and the links that let pools in. What else comes is told and not kept, so that a
whole configuration of the service can be imported as it is; tables of an identity dump are written as they are elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ...core.values import JsonMap, JsonValue, as_map
from ..call import Answer, Call
from ..operations import Access, Operation
from ..problems import Problem
from .exporting import tenant_tree
from .hub import write_tenant
from .importing import TABLES, Mode, mode_of, row_id, table_rows, write_dump
from .left_out import told, unknown
from .server_trees import BUILT_IN, children_last, left_out_of_server, write_link, write_server

PATH = "/api/system/{tid}/configuration"
_OWN = ("servers", "idps", "tenant", "tenants", *TABLES)
_OF_A_TREE = ("pools", "idps")


def operations() -> Iterator[Operation]:
    """Out and in."""
    reading, writing = ("read_configuration", "manage_configuration"), ("manage_configuration",)
    about, name = "Workspaces, organizations and links as tables", "system.exportTenant"
    yield Operation("GET", PATH, name, about, export, Access.SYSTEM, reading, response="TenantDump")
    about, name, query = "Write the tables of a tenant's configuration", "system.importTenant", ("mode",)
    yield Operation("PUT", PATH, name, about, put, Access.SYSTEM, writing, 204, "TenantDump", query=query, partial=True)


def export(call: Call) -> Answer:
    """What a directory holds of it. Pools, schemas and users stand in the identity dump."""
    servers: list[JsonValue] = []
    idps: list[JsonValue] = []
    tree = tenant_tree(call)
    for id, server in as_map(tree["servers"]).items():
        own: JsonMap = {"tenant_id": call.site.tenant, "id": id}
        servers.append({**own, **{key: value for key, value in as_map(server).items() if key not in _OF_A_TREE}})
        for link_id, link in as_map(as_map(server)["idps"]).items():
            idps.append({**own, "id": link_id, "authorization_server_id": id, **as_map(link)})
    tenant: JsonMap = {"id": call.site.tenant, "name": tree["name"]}
    return Answer(200, {"tenant": tenant, "servers": servers, "idps": idps})


def put(call: Call) -> Answer:
    """All of it or nothing; what no directory holds is left out, and told in a header. Ids are the keys: the same document again
    changes nothing."""
    mode, body = mode_of(call), call.body()
    with call.directory.change():
        left = _write(call, body, mode)
    return told(left, "the import of a tenant's configuration")


def _write(call: Call, body: JsonMap, mode: Mode) -> Counter[str]:
    """Workspaces, what lives in them, and then who signs in where."""
    left = unknown(body, _OWN)
    for tenant in [as_map(body.get("tenant")), *table_rows(body, "tenants")]:
        if tenant.get("id", call.site.tenant) == call.site.tenant:
            write_tenant(call, tenant)
        else:
            left["tenants"] += 1
    rows = [(row_id(row, "servers"), row) for row in table_rows(body, "servers")]
    for id, row in children_last(rows):
        write_server(call, id, {}, row, mode)
        kept = left_out_of_server({key: value for key, value in row.items() if key not in _OF_A_TREE})
        left.update(
            {f"servers.{name}": count for name, count in kept.items()} if id not in BUILT_IN else {"servers": 1}
        )
    left += write_dump(call, {table: body[table] for table in TABLES if table in body}, mode)
    for link in table_rows(body, "idps"):
        place = link.get("authorization_server_id") or link.get("workspace_id")
        if not isinstance(place, str) or not place:
            raise Problem(422, "idps: a row has no authorization_server_id")
        if place in BUILT_IN or not link.get("identity_pool_id"):
            left["idps"] += 1
        else:
            write_link(call, place, link, mode)
    return left
