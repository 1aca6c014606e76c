"""What a pool's SCIM can do: its configuration, its one resource type, and its schemas, of which the extension follows from the
schema of the pool's profiles."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.values import JsonMap, JsonValue, as_map
from ...directory.identifiers import ignores_case
from ..call import Answer, Call
from ..operations import Operation
from ..paging import LARGEST
from ..problems import Problem
from ..stored import require
from .answers import base_of, list_of
from .operation import scim
from .schema import core_attributes, custom_attributes
from .told import shape_for
from .words import CUSTOM, USER

_CORE = "urn:ietf:params:scim:schemas:core:2.0:"


def operations() -> Iterator[Operation]:
    """Five operations that tell what there is."""
    yield scim("GET", "/ServiceProviderConfig", "getConfig", "What SCIM can do", config, response="ScimConfig")
    yield scim("GET", "/ResourceTypes", "listResourceTypes", "The resource types", resource_types, response="ScimList")
    yield scim(
        "GET",
        "/ResourceTypes/{resourceID}",
        "getResourceType",
        "A resource type",
        resource_type,
        response="ScimResourceType",
    )
    yield scim("GET", "/Schemas", "listSchemas", "The schemas of users", schemas, response="ScimList")
    yield scim("GET", "/Schemas/{schemaID}", "getSchema", "A schema of users", schema, response="ScimSchema")


def config(call: Call) -> Answer:
    """The features of RFC 7643, section 5."""
    require(call.directory, "pool", call.params["ipID"])
    yes, no = {"supported": True}, {"supported": False}
    body: JsonMap = {
        "schemas": [f"{_CORE}ServiceProviderConfig"],
        "patch": {**yes},
        "bulk": {**no, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {**yes, "maxResults": LARGEST},
        "changePassword": {**yes},
        "sort": {**no},
        "etag": {**yes},
        "xmlDataFormat": {**no},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "OAuth bearer token",
                "description": "A token of the server `system` with the scope `identity` or `scim_v2`",
                "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
                "primary": True,
            }
        ],
    }
    return Answer(200, {**body, **_meta(call, "ServiceProviderConfig", "ServiceProviderConfig")})


def resource_types(call: Call) -> Answer:
    """All of them: users."""
    _check_unfiltered(call)
    return Answer(200, list_of([_user_type(call)], 1))


def resource_type(call: Call) -> Answer:
    """One of them by its name."""
    found = _user_type(call)
    if call.params["resourceID"] != "User":
        raise Problem(404, "there is no such resource type")
    return Answer(200, found)


def schemas(call: Call) -> Answer:
    """The schema of SCIM's users, and that of the pool's own attributes."""
    _check_unfiltered(call)
    found = _schemas(call)
    return Answer(200, list_of(list(found.values()), len(found)))


def schema(call: Call) -> Answer:
    """One of them by its name."""
    found = _schemas(call).get(call.params["schemaID"])
    if found is None:
        raise Problem(404, "there is no such schema")
    return Answer(200, found)


def _check_unfiltered(call: Call) -> None:
    """Raises Problem 403 for a filter, which RFC 7644 wants there (section 4)."""
    if call.query.get("filter"):
        raise Problem(403, "what SCIM can do is not filtered")


def _user_type(call: Call) -> JsonMap:
    require(call.directory, "pool", call.params["ipID"])
    return {
        "schemas": [f"{_CORE}ResourceType"],
        "id": "User",
        "name": "User",
        "description": "People and records of the pool",
        "endpoint": "/Users",
        "schema": USER,
        "schemaExtensions": [{"schema": CUSTOM, "required": False}],
        **_meta(call, "ResourceType", "ResourceTypes/User"),
    }


def _schemas(call: Call) -> dict[str, JsonMap]:
    pool = require(call.directory, "pool", call.params["ipID"])
    shape = shape_for(call.directory, pool, {})
    return {
        USER: _schema(
            call, USER, "User", "A user of the pool", core_attributes(shape, exact=not ignores_case(pool.row.spec))
        ),
        CUSTOM: _schema(
            call,
            CUSTOM,
            "Custom",
            "What the pool's profiles hold beside names",
            custom_attributes(as_map(shape.custom), shape.schema),
        ),
    }


def _schema(call: Call, id: str, name: str, about: str, attributes: list[JsonValue]) -> JsonMap:
    body: JsonMap = {
        "schemas": [f"{_CORE}Schema"],
        "id": id,
        "name": name,
        "description": about,
        "attributes": attributes,
    }
    return {**body, **_meta(call, "Schema", f"Schemas/{id}")}


def _meta(call: Call, type: str, place: str) -> JsonMap:
    return {"meta": {"resourceType": type, "location": f"{base_of(call)}/{place}"}}
