"""Organizations of the tenant, and as an addition of ours the workspaces above them (the service makes those elsewhere)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from ...core.errors import NotFound
from ...core.values import JsonMap, as_map
from ...directory import containers
from ...stores.secureauth.wire import to_wire
from ..call import NO_CONTENT, Answer, Call, text_of
from ..operations import Access, Operation
from ..paging import limit_of, page
from ..problems import Problem
from ..stored import Stored, columns, matching, require, shown, stored, without_empty
from . import forms

BASE, SERVERS = "/api/system/{tid}/organizations", "/api/admin/{tid}/servers"
SCOPES = ("manage_configuration",)
_LIST = ("search_phrase", "template", "after_organization_id", "before_organization_id", "sort", "order", "limit")


def operations() -> Iterator[Operation]:
    """Organizations for programs; workspaces for administrators."""
    for method, path, name, summary, run, success, request, response, query in (
        (
            "GET",
            "",
            "listOrganizations",
            "Organizations of the tenant",
            list_organizations,
            200,
            "",
            "Organizations",
            _LIST,
        ),
        ("POST", "", "createOrganization", "Make an organization", create, 201, "Organization", "Organization", ()),
        ("GET", "/{wid}", "getOrganization", "An organization", get, 200, "", "Organization", ()),
        ("PUT", "/{wid}", "updateOrganization", "An organization anew", put, 200, "Organization", "Organization", ()),
        ("DELETE", "/{wid}", "deleteOrganization", "Delete an empty organization", delete, 204, "", "", ()),
    ):
        guarded = name != "listOrganizations"
        yield Operation(
            method,
            BASE + path,
            f"system.{name}",
            summary,
            run,
            Access.SYSTEM,
            SCOPES,
            success,
            request,
            response,
            query,
            guarded,
        )
    for method, path, name, summary, run, success, request, response in (
        ("GET", "", "listWorkspaces", "Workspaces of the tenant", list_workspaces, 200, "", "Workspaces"),
        ("POST", "", "createWorkspace", "Make a workspace", create_workspace, 201, "Workspace", "Workspace"),
        ("GET", "/{wid}", "getWorkspace", "A workspace", get_workspace, 200, "", "Workspace"),
        ("PUT", "/{wid}", "updateWorkspace", "A workspace anew", put_workspace, 200, "Workspace", "Workspace"),
        ("DELETE", "/{wid}", "deleteWorkspace", "Delete an empty workspace", delete_workspace, 204, "", ""),
    ):
        yield Operation(
            method,
            SERVERS + path,
            f"admin.{name}",
            summary,
            run,
            Access.ADMIN,
            (),
            success,
            request,
            response,
            (),
            name != "listWorkspaces",
        )


def list_organizations(call: Call) -> Answer:
    """A page of them."""
    phrase, template = call.query.get("search_phrase", "").lower(), call.query.get("template")
    order, sort = call.choice("order", "asc", "acs", "desc"), call.choice("sort", "id", "name")
    after, before = call.query.get("after_organization_id", ""), call.query.get("before_organization_id", "")
    if not phrase and template is None and not before and sort == "id" and order != "desc":
        sql = f"SELECT {columns('organization')} FROM containers t WHERE t.kind = 'organization' AND t.id > ?"
        rows = call.directory.db.rows(f"{sql} ORDER BY t.id LIMIT ?", after, limit_of(call))
        return Answer(200, {"organizations": [container_json(call, stored("organization", row)) for row in rows]})
    found = [(one.row.spec, one) for one in _all(call, "organization")]
    kept = [
        (str(spec.get("displayName") or ""), one)
        for spec, one in found
        if (phrase in one.id.lower() or phrase in str(spec.get("displayName") or "").lower())
        and (template is None or (spec.get("template") is True) == call.switch("template"))
    ]
    kept.sort(key=lambda pair: (pair[0], pair[1].id) if sort == "name" else (pair[1].id, ""), reverse=order == "desc")
    members = page(call, [one for _, one in kept], lambda one: one.id, after, before)
    return Answer(200, {"organizations": [container_json(call, one) for one in members]})


def create(call: Call) -> Answer:
    """A new organization; with `template_id` it starts with the methods, colour and metadata of that one."""
    return _create(call, "organization")


def get(call: Call) -> Answer:
    """One organization."""
    return _get(call, "organization")


def put(call: Call) -> Answer:
    """Everything about it anew; its parent stays."""
    return _put(call, "organization")


def delete(call: Call) -> Answer:
    """Delete one that has no pools and no organizations below it."""
    return _delete(call, "organization")


def list_workspaces(call: Call) -> Answer:
    """All of them."""
    return Answer(200, {"servers": [container_json(call, one) for one in _all(call, "workspace")]})


def create_workspace(call: Call) -> Answer:
    """A new workspace."""
    return _create(call, "workspace")


def get_workspace(call: Call) -> Answer:
    """One workspace."""
    return _get(call, "workspace")


def put_workspace(call: Call) -> Answer:
    """Everything about it anew."""
    return _put(call, "workspace")


def delete_workspace(call: Call) -> Answer:
    """Delete an empty one."""
    return _delete(call, "workspace")


def container_json(call: Call, found: Stored) -> JsonMap:
    """A workspace or organization in the service's words."""
    kind = found.row.kind
    body = to_wire(kind, {**found.row.metadata, "id": found.id}, found.row.spec)
    body["issuer_url"] = call.site.issuer(call.base_url, found.id)
    if kind == "organization":
        sql = "SELECT count(*) FROM containers WHERE parent_id = ?"
        body["number_of_child_organizations"] = int(call.directory.db.value(sql, found.id))
    else:
        body["type"] = "workspace"
        body["tenant_id"] = call.site.tenant
    return without_empty(body)


def _all(call: Call, kind: str) -> list[Stored]:
    sql = f"SELECT {columns(kind)} FROM containers t WHERE t.kind = ? ORDER BY t.id"
    return [stored(kind, row) for row in call.directory.db.rows(sql, kind)]


def _create(call: Call, kind: str) -> Answer:
    body = call.body("name")
    template = text_of(body, "template_id")
    sent = {key: value for key, value in body.items() if key not in ("template_id", "type")}
    received = forms.read(kind, sent)
    id = str(received.metadata.get("id") or uuid.uuid4().hex)
    if id in ("system", "admin"):
        raise Problem(409, f"the id {id!r} is taken by the tenant itself")
    with call.directory.change():
        spec = {**_inherited(call, template), **received.spec}
        parent = received.metadata.get("parent")
        metadata: JsonMap = {"parent": parent} if parent else {}
        containers.create(call.directory, kind, id, metadata, spec)
        found = require(call.directory, kind, id)
        return shown(found, container_json(call, found), 201)


def _inherited(call: Call, template: str) -> JsonMap:
    if not template:
        return {}
    found = require(call.directory, "organization", template).row.spec
    if found.get("template") is not True:
        raise Problem(422, "template_id names an organization that is no template")
    return {key: found[key] for key in ("allowedMethods", "color", "metadata") if key in found}


def _get(call: Call, kind: str) -> Answer:
    found = matching(call, kind, call.params["wid"])
    return shown(found, container_json(call, found))


def _put(call: Call, kind: str) -> Answer:
    sent = {key: value for key, value in call.body("name").items() if key not in _SHOWN_ONLY}
    received = forms.read(kind, sent)
    with call.directory.change():
        before = matching(call, kind, call.params["wid"])
        parent = received.metadata.get("parent")
        if parent and parent != before.row.metadata.get("parent"):
            raise Problem(422, "parent_id can not change")
        writes = forms.replaced(kind, before.row.spec, as_map(sent), received)
        containers.update(call.directory, kind, before.id, writes)
        after = require(call.directory, kind, before.id)
        return shown(after, container_json(call, after))


def _delete(call: Call, kind: str) -> Answer:
    with call.directory.change():
        found = matching(call, kind, call.params["wid"])
        if found.row.kind != kind:
            raise NotFound(f"{kind} {found.id!r} does not exist")
        containers.delete(call.directory, kind, found.id)
    return NO_CONTENT


_SHOWN_ONLY = ("type", "issuer_url", "number_of_child_organizations", "template_id")
