"""An identity provider that keeps the users of a pool by SCIM, with its own media type."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.server.site import Asked

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CUSTOM = "urn:secureauthciam:params:scim:schemas:extension:custom:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
GOOD = "one good Password 77"


class Provider:
    """What asks. Each answer has the media type of SCIM, and an error its form."""

    def __init__(self, site: Asked, pool: str = "p") -> None:
        self.site = site
        self.base = f"/api/identity/default/system/pools/{pool}/scim/v2"

    def ask(self, method: str, path: str, body: Any = None, *, headers: Any = None, **query: Any) -> httpx.Response:
        """One request, a second after the last."""
        self.site.clock.forward(seconds=1)
        given = {"authorization": f"Bearer {self.site.token()}", "accept": "application/scim+json", **(headers or {})}
        content = None
        if body is not None:
            given["content-type"] = "application/scim+json; charset=utf-8"
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.site.http.request(method, self.base + path, headers=given, params=query or None, content=content)
        if answer.content:
            assert answer.headers["content-type"] == "application/scim+json"
        if answer.status_code >= 400:
            error = answer.json()
            assert error["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
            assert error["status"] == str(answer.status_code)
            assert error["detail"]
        return answer

    def does(self, method: str, path: str, body: Any = None, status: Any = 200, **query: Any) -> Any:
        """The JSON of a request that ends with this status; None for no content."""
        answer = self.ask(method, path, body, **query)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def made(self, user_name: str = "ada@example.com", /, **more: Any) -> Any:
        """A new user."""
        return self.does("POST", "/Users", {"schemas": [USER], "userName": user_name, **more}, 201)

    def patched(self, id: str, *operations: Any) -> Any:
        """A user after operations."""
        return self.does("PATCH", f"/Users/{id}", {"schemas": [PATCH], "Operations": list(operations)})

    def refused(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str]:
        """Status and type of an error."""
        answer = self.ask(method, path, body, **query)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json().get("scimType", "")

    def found(self, filter: str) -> list[str]:
        """The names of the users that a filter finds."""
        listed = self.does("GET", "/Users", filter=filter)
        assert listed["totalResults"] == len(listed["Resources"]) == listed["itemsPerPage"]
        return [one["userName"] for one in listed["Resources"]]

    def signs_in(self, identifier: str, password: str = GOOD) -> bool:
        """Whether somebody may sign in to the pool."""
        self.site.server.site.attempts._failures.clear()
        body = {"identifier": identifier, "password": password}
        return self.site.ask("POST", "/pools/p/user/password/verify", body).status_code == 200


def keeping(site: Asked) -> Provider:
    """What asks about a new pool whose profiles have a department, a level, tags and a seat."""
    properties = {
        "first_name": {"type": "string", "minLength": 1},
        "last_name": {"type": "string"},
        "department": {"type": "string", "description": "Where somebody works", "enum": ["sales", "care"]},
        "level": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "seat": {"type": "object", "properties": {"floor": {"type": "number"}}},
    }
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    site.post("/schemas", {"id": "s", "name": "S", "schema": schema})
    settings = {"identifier_case_insensitive": True, "payload_schema_id": "s"}
    site.post("/pools", {"id": "p", "name": "P", "password_policy": {"min_length": 10}, **settings})
    return Provider(site)
