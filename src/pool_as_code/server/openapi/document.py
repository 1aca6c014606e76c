"""Operations as an OpenAPI 3.1 document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ... import __version__
from ...core.values import JsonMap, JsonValue, canonical
from ..call import Answer, Call
from ..operations import Access, Operation
from .definitions import definitions

ERRORS = (400, 401, 403, 404, 409, 413, 422, 429, 503)
_NUMBERS = frozenset({"limit"})
_SWITCHES = frozenset(
    {
        "with_idp",
        "with_nested_groups",
        "with_parent_groups",
        "with_credentials",
        "dry_run",
        "template",
        "send_activation_message",
    }
)


def operations() -> Iterator[Operation]:
    """The document itself is one."""
    yield Operation("GET", "/openapi.json", "getDocument", "This document", serve, Access.PUBLIC)


def serve(call: Call) -> Answer:
    """The document of the server that is asked."""
    return Answer(200, document(call.site.operations, call.base_url, call.site.tenant))


def document(listed: Iterable[Operation], base_url: str, tenant: str) -> JsonMap:
    """All operations, with the errors they may answer, and all definitions."""
    paths: dict[str, JsonValue] = {}
    for operation in listed:
        methods = paths.setdefault(operation.path, {})
        assert isinstance(methods, dict)
        methods[operation.method.lower()] = _operation(operation)
    flow: JsonMap = {"tokenUrl": f"{base_url}/{tenant}/system/oauth2/token", "scopes": _scopes(listed)}
    administrators: JsonMap = {"tokenUrl": f"{base_url}/{tenant}/admin/oauth2/token", "scopes": {}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "pool-as-code directory",
            "version": __version__,
            "description": "The embedded directory through the API of the service.",
        },
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {
            "schemas": _used(definitions(), paths),
            "securitySchemes": {
                "system": {"type": "oauth2", "flows": {"clientCredentials": flow}},
                "admin": {"type": "oauth2", "flows": {"clientCredentials": administrators}},
                "self": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(operation: Operation) -> JsonMap:
    body: JsonMap = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.access is not Access.PUBLIC:
        body["security"] = [{operation.access.value: [*operation.scopes[:1]]}]
    if operation.request:
        kind, _, name = operation.request.rpartition(":")
        media = "application/x-www-form-urlencoded" if kind == "form" else "application/json"
        schema: JsonMap = {"$ref": f"#/components/schemas/{name}"}
        body["requestBody"] = {"required": kind != "optional", "content": {media: {"schema": schema}}}
    return body


def _parameters(operation: Operation) -> list[JsonValue]:
    found: list[JsonValue] = [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", operation.path)
    ]
    for name in operation.query:
        schema: JsonMap = {"type": "string"}
        if name in _NUMBERS:
            schema = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
        elif name in _SWITCHES:
            schema = {"type": "boolean"}
        found.append({"in": "query", "name": name, "schema": schema})
    headers = ["X-Correlation-Id"]
    if operation.guarded and operation.success != 201:
        headers.append("If-Match")
    if operation.method == "POST":
        headers.append("X-Idempotency-Key")
    found += [{"in": "header", "name": name, "schema": {"type": "string"}} for name in headers]
    return found


def _responses(operation: Operation) -> JsonMap:
    answer: JsonMap = {"description": "Done"}
    headers: JsonMap = {"x-correlation-id": {"schema": {"type": "string"}}}
    if operation.guarded and operation.success != 204:
        headers["etag"] = {"schema": {"type": "string"}}
    answer["headers"] = headers
    if operation.success != 204:
        schema: JsonMap = (
            {"$ref": f"#/components/schemas/{operation.response}"} if operation.response else {"type": "object"}
        )
        page: JsonMap = {"text/html": {"schema": {"type": "string"}}}
        answer["content"] = page if operation.name.startswith("page.") else {"application/json": {"schema": schema}}
    responses: JsonMap = {str(operation.success): answer}
    statuses = [*ERRORS, *([412] if operation.guarded else []), *([501] if _is_501(operation) else [])]
    for status in sorted(statuses):
        error: JsonMap = {"$ref": "#/components/schemas/Error"}
        responses[str(status)] = {"description": "Refused", "content": {"application/json": {"schema": error}}}
    return responses


def _is_501(operation: Operation) -> bool:
    return "passkeys" in operation.summary.lower() or operation.request in ("SignUp", "Activation")


def _used(known: JsonMap, paths: JsonMap) -> JsonMap:
    """The definitions that something refers to."""
    text = canonical([paths, known]).decode()
    named = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    return {name: schema for name, schema in known.items() if name in named}


def _scopes(listed: Iterable[Operation]) -> JsonMap:
    return {scope: scope for one in listed if one.access is Access.SYSTEM for scope in one.scopes}
