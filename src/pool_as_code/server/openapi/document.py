"""Operations as an OpenAPI 3.1 document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ... import __version__
from ...core.values import JsonMap, JsonValue, as_map, canonical
from ..api.left_out import HEADER
from ..call import Answer, Call
from ..operations import Access, Operation
from ..scim.answers import MEDIA
from .definitions import definitions
from .parameters import parameters

ERRORS = (400, 401, 403, 404, 409, 413, 422, 429, 503)
_REFUSED = {
    400: "The request can not be read",
    401: "No token that is good here, or credentials that are not",
    403: "The caller may not do this",
    404: "Not there",
    409: "Against what is there already",
    412: "The object is not the one that If-Match names",
    413: "The body is too large",
    422: "Read, but not possible",
    429: "Too many failed attempts, or too many requests; `retry-after` says when to come back",
    501: "Passkeys are not served yet",
    503: "Busy; `retry-after` says when to come back",
}
_TAGS = {
    "system": "What programs do: the same records as administrators, and the flows of people",
    "admin": "What administrators do",
    "scim": "What identity providers do: the users of a pool by SCIM 2.0 (RFC 7644)",
    "hub": "Promotion: a tenant or workspace as a tree",
    "self": "What people do with their own accounts",
    "oauth": "Discovery, keys, tokens",
    "page": "Plain pages for people",
    "dev": "A developer's own server",
    "document": "This document",
    "health": "For probes",
}
_ABOUT = """The embedded directory of pool-as-code through the API of the service: pools, users, how they sign in, and what programs and
people do with them. Every error has the form of `Error`, but those of the token endpoint. Members of a body that are `null` count as
not said; unknown parameters and headers are accepted."""


def operations() -> Iterator[Operation]:
    """The document itself is one."""
    yield Operation(
        "GET", "/openapi.json", "getDocument", "This document", serve, Access.PUBLIC, response="OpenApiDocument"
    )


def serve(call: Call) -> Answer:
    """The document of the server that is asked. What does not depend on its address is written once: anybody may ask."""
    site = call.site
    if not site.described:
        site.described = described(site.operations)
    return Answer(200, _located(site.described, site.operations, call.base_url, site.tenant))


def document(listed: Iterable[Operation], base_url: str, tenant: str) -> JsonMap:
    """All operations, with the errors they may answer, and all definitions."""
    listed = tuple(listed)
    return _located(described(listed), listed, base_url, tenant)


def described(listed: Iterable[Operation]) -> JsonMap:
    """What is the same at every address."""
    paths: dict[str, JsonValue] = {}
    listed = tuple(listed)
    for operation in listed:
        methods = paths.setdefault(operation.path, {})
        assert isinstance(methods, dict)
        methods[operation.method.lower()] = _operation(operation)
    used = {_tag(operation) for operation in listed}
    return {
        "openapi": "3.1.0",
        "info": {"title": "pool-as-code directory", "version": __version__, "description": _ABOUT},
        "tags": [{"name": name, "description": about} for name, about in _TAGS.items() if name in used],
        "paths": paths,
        "components": {"schemas": _used(definitions(), paths)},
    }


def _located(said: JsonMap, listed: Iterable[Operation], base_url: str, tenant: str) -> JsonMap:
    """The same with what depends on the address."""
    flow: JsonMap = {"tokenUrl": f"{base_url}/{tenant}/system/oauth2/token", "scopes": _scopes(listed)}
    administrators: JsonMap = {"tokenUrl": f"{base_url}/{tenant}/admin/oauth2/token", "scopes": {}}
    schemes: JsonMap = {
        "system": {
            "type": "oauth2",
            "description": "A program's token of the server `system`",
            "flows": {"clientCredentials": flow},
        },
        "admin": {
            "type": "oauth2",
            "description": "An administrator's token of the server `admin`",
            "flows": {"clientCredentials": administrators},
        },
        "self": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of a user who signed in at the workspace of the path",
        },
        "client": {"type": "http", "scheme": "basic", "description": "A program's own id and secret"},
        "introspection": {
            "type": "http",
            "scheme": "bearer",
            "description": "A program's token of the same server with the scope `introspect_tokens`",
        },
    }
    servers: list[JsonValue] = [{"url": base_url, "description": "This server"}]
    components: JsonMap = {**as_map(said["components"]), "securitySchemes": schemes}
    return {**said, "servers": servers, "components": components}


def _operation(operation: Operation) -> JsonMap:
    body: JsonMap = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": re.sub(r"\s+", " ", operation.run.__doc__ or operation.summary),
        "tags": [_tag(operation)],
        "parameters": parameters(operation),
        "responses": _responses(operation),
        "security": _security(operation),
    }
    if operation.request:
        kind, _, name = operation.request.rpartition(":")
        media = "application/x-www-form-urlencoded" if kind == "form" else operation.media
        schema: JsonMap = {"$ref": f"#/components/schemas/{name}"}
        body["requestBody"] = {"required": kind != "optional", "content": {media: {"schema": schema}}}
    return body


def _tag(operation: Operation) -> str:
    if operation.name == "getDocument":
        return "document"
    if operation.response == "Health":
        return "health"
    word = operation.name.partition(".")[0].removesuffix("v2")
    return word if word in _TAGS else "oauth"


def _security(operation: Operation) -> list[JsonValue]:
    if operation.access is not Access.PUBLIC:
        word = operation.access.value
        return [{word: [scope]} for scope in operation.scopes] or [{word: []}]
    if operation.name == "introspect":
        return [{"client": []}, {"introspection": []}]
    return [{"client": []}, {}] if operation.name in ("getToken", "revoke") else []


def _responses(operation: Operation) -> JsonMap:
    answer: JsonMap = {"description": operation.summary if operation.success != 204 else "Done"}
    headers: JsonMap = {
        "x-correlation-id": {"description": "That of the request, or a new one", "schema": {"type": "string"}}
    }
    if operation.guarded and operation.success != 204:
        headers["etag"] = {"description": "Names the state of the object", "schema": {"type": "string"}}
    if operation.partial:
        about = "What was left out, as no directory holds it: `clients=3, services=1`"
        headers[HEADER] = {"description": about, "schema": {"type": "string"}}
    answer["headers"] = headers
    is_page = operation.name.startswith("page.")
    if operation.success != 204:
        schema: JsonMap = (
            {"$ref": f"#/components/schemas/{operation.response}"} if operation.response else {"type": "object"}
        )
        page: JsonMap = {"text/html": {"schema": {"type": "string"}}}
        answer["content"] = page if is_page else {operation.media: {"schema": schema}}
    responses: JsonMap = {str(operation.success): answer}
    if operation.redirects:
        location: JsonMap = {"description": "Where the browser goes", "schema": {"type": "string"}}
        responses["303"] = {"description": "Go on elsewhere", "headers": {"location": location}}
    statuses = [*ERRORS, *([412] if operation.guarded else []), *([501] if _is_501(operation) else [])]
    for status in sorted(statuses):
        content: JsonMap = {operation.media: {"schema": _error(operation, status)}}
        if is_page:
            content["text/html"] = {"schema": {"type": "string"}}
        responses[str(status)] = {"description": _REFUSED[status], "content": content}
    return responses


def _error(operation: Operation, status: int) -> JsonMap:
    error: JsonMap = {"$ref": "#/components/schemas/Error"}
    if operation.media == MEDIA:
        return {"$ref": "#/components/schemas/ScimError"}
    if "/oauth2/" in operation.path and status in (400, 401):
        return {"anyOf": [{"$ref": "#/components/schemas/OAuthError"}, error]}
    return error


def _is_501(operation: Operation) -> bool:
    return "passkeys" in operation.summary.lower() or operation.request in ("SignUp", "Activation")


def _used(known: JsonMap, paths: JsonMap) -> JsonMap:
    """The definitions that something refers to."""
    text = canonical([paths, known]).decode()
    named = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    return {name: schema for name, schema in known.items() if name in named}


def _scopes(listed: Iterable[Operation]) -> JsonMap:
    return {scope: scope for one in listed if one.access is Access.SYSTEM for scope in one.scopes}
