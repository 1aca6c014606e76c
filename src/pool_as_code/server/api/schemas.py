"""Schemas of the tenant, and the same seen from a workspace."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from ...core.errors import Rejected
from ...core.values import JsonMap
from ...directory import containers, schemas
from ...stores.secureauth.wire import to_wire
from ..call import NO_CONTENT, Answer, Call
from ..operations import Operation
from ..problems import Problem
from ..stored import Stored, columns, matching, require, shown, stored, without_empty
from . import forms
from .bases import admin, twins


def operations() -> Iterator[Operation]:
    """Schemas for both APIs."""
    one, workspace = "/schemas/{schID}", "/workspace/{wid}/schemas"
    yield from twins("GET", "/schemas", "listSchemas", "All schemas", list_schemas, response="Schemas")
    yield from twins(
        "POST",
        "/schemas",
        "createSchema",
        "Make a schema",
        create,
        success=201,
        request="Schema",
        response="Schema",
        guarded=True,
    )
    yield from twins("GET", one, "getSchema", "A schema", get, response="Schema", guarded=True, brief=True)
    yield from twins(
        "PUT", one, "updateSchema", "A schema anew", put, request="Schema", response="Schema", guarded=True
    )
    yield from twins(
        "DELETE", one, "deleteSchema", "Delete a schema that nobody uses", delete, success=204, guarded=True
    )
    yield admin(
        "GET",
        workspace,
        "listWorkspaceSchemas",
        "Schemas that a workspace may use",
        list_for_workspace,
        response="Schemas",
    )
    yield admin(
        "GET",
        f"{workspace}/{{schID}}",
        "getWorkspaceSchema",
        "A schema that a workspace may use",
        get_for_workspace,
        response="Schema",
        guarded=True,
    )


def list_schemas(call: Call) -> Answer:
    """All of them: the list has no pages."""
    rows = call.directory.db.rows(f"SELECT {columns('schema')} FROM schemas t ORDER BY t.id")
    return Answer(200, {"schemas": [schema_json(call, stored("schema", row)) for row in rows]})


def list_for_workspace(call: Call) -> Answer:
    """Schemas are the tenant's; every workspace may use them."""
    containers.require_any(call.directory, call.params["wid"])
    return list_schemas(call)


def get(call: Call) -> Answer:
    """One schema."""
    found = matching(call, "schema", call.params["schID"])
    return shown(found, schema_json(call, found))


def get_for_workspace(call: Call) -> Answer:
    """The same, for a workspace that exists."""
    containers.require_any(call.directory, call.params["wid"])
    return get(call)


def create(call: Call) -> Answer:
    """A new schema; `system: true` closes it for ever."""
    received = forms.read("schema", _body(call))
    metadata: JsonMap = {"system": True} if received.metadata.get("system") else {}
    with call.directory.change():
        id = str(received.metadata.get("id") or uuid.uuid4().hex)
        schemas.create(call.directory, id, metadata, received.spec)
        found = require(call.directory, "schema", id)
        return shown(found, schema_json(call, found), 201)


def put(call: Call) -> Answer:
    """Name, description and schema anew."""
    body, id = _body(call), call.params["schID"]
    received = forms.read("schema", body)
    with call.directory.change():
        before = _own(call, id)
        schemas.update(call.directory, id, forms.replaced("schema", before.row.spec, body, received))
        after = require(call.directory, "schema", id)
        return shown(after, schema_json(call, after))


def delete(call: Call) -> Answer:
    """Delete one that nobody uses."""
    with call.directory.change():
        _own(call, call.params["schID"])
        schemas.delete(call.directory, call.params["schID"])
    return NO_CONTENT


def schema_json(call: Call, found: Stored) -> JsonMap:
    """A schema in the service's words."""
    body = to_wire("schema", {**found.row.metadata, "id": found.id}, found.row.spec)
    times: JsonMap = {"created_at": found.created_at, "updated_at": found.updated_at}
    return without_empty({**body, "tenant_id": call.site.tenant, **times})


def _own(call: Call, id: str) -> Stored:
    found = matching(call, "schema", id)
    if found.row.metadata.get("system"):
        raise Problem(403, f"schema {id!r} belongs to the system and can not be changed")
    return found


def _body(call: Call) -> JsonMap:
    body = call.body("name")
    if not isinstance(body.get("schema"), dict):
        raise Rejected("schema is required, and an object")
    return body
