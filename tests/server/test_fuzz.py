"""Requests made from our own OpenAPI document, as strangers' tools make them: the server never fails, and answers nothing that
the document does not say.

`make fuzz` asks far more, with other requests each time."""

from __future__ import annotations

import copy
import os
import time
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from pool_as_code.server.call import Caller
from pool_as_code.server.catalogue import catalogue
from pool_as_code.server.clients import WORKSPACE_SCOPES
from pool_as_code.server.openapi.document import document
from pool_as_code.server.operations import Access, Operation
from tests.server.site import TENANT, Asked

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3"))
OPERATIONS = list(catalogue())
DELETING = ("deletePool", "deleteWorkspacePool", "deleteUser", "deleteGroup", "deleteSchema", "deleteWorkspace")
IDS = {
    "tid": [TENANT],
    "ipID": ["p", "p", "x"],
    "userID": ["ada", "ada", "x"],
    "groupID": ["g", "x"],
    "schID": ["s", "x"],
    "wid": ["shop", "acme", "x"],
    "aid": ["shop", "shop", "system", "x"],
    "login_id": ["x"],
    "metadataType": ["admin", "business", "x"],
}
"""Part of a path -> ids, most of which are there."""
DOCUMENT: Any = document(OPERATIONS, "http://testserver", TENANT)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
WHAT: Any = [
    CHECKS.get_one(name)
    for name in (
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    )
]


@pytest.fixture(scope="module")
def site() -> Any:
    with Asked() as asked:
        asked.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
        asked.post("/api/system/default/organizations", {"id": "acme", "name": "Acme"})
        yield asked


def fill(site: Asked) -> None:
    """What the requests are about, made again where one of them deleted it."""
    have = site.ask("GET", "/pools/p/users/ada").status_code == 200
    if not have or site.ask("GET", "/schemas/s").status_code == 404:
        site.ask("POST", "/pools", {"id": "p", "name": "P", "public_registration_allowed": True})
        site.ask("POST", "/schemas", {"id": "s", "name": "S", "schema": {"type": "object"}})
        site.ask("POST", "/pools/p/groups", {"id": "g", "name": "G"})
        ada = {
            "identifiers": [{"identifier": "ada@example.com", "type": "email"}],
            "credentials": [{"type": "password", "password": "the one password 1"}],
        }
        site.ask("POST", "/pools/p/users", {"id": "ada", "status": "active", **ada})


def token_for(site: Asked, operation: Operation) -> str:
    """A token of who may ask: of Ada, of an administrator, of a program."""
    if operation.access is not Access.SELF:
        return site.token("admin" if operation.access is Access.ADMIN else "system")
    ada = Caller("everything", "shop", frozenset(WORKSPACE_SCOPES), False, "ada", "p", int(time.time()))
    return site.server.site.tokens.issue("http://testserver/default/shop", ada)


def test_the_document_is_an_openapi_document() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_requests_of_the_document_are_answered_as_it_says(site: Asked, operation: Operation) -> None:
    described = SCHEMA[operation.path][operation.method]
    fill(site)

    @settings(
        max_examples=EXAMPLES,
        derandomize="FUZZ_EXAMPLES" not in os.environ,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(case=described.as_strategy(), drawn=st.data())
    def ask(case: schemathesis.Case[Any], drawn: st.DataObject) -> None:
        for name in case.path_parameters:
            if name in IDS:
                case.path_parameters[name] = drawn.draw(st.sampled_from(IDS[name]))
        site.server.site.attempts._failures.clear()
        headers = (
            {"authorization": f"Bearer {token_for(site, operation)}"} if operation.access is not Access.PUBLIC else {}
        )
        sent = case.as_transport_kwargs(headers=headers)
        answer = site.http.request(
            **{
                key: sent[key]
                for key in ("method", "url", "params", "headers", "json", "data", "content")
                if key in sent
            }
        )
        answer.elapsed = timedelta(0)
        assert answer.status_code < 500 or answer.status_code in (501, 503), answer.text
        case.validate_response(answer, checks=WHAT)

    ask()


def test_an_answer_that_the_document_does_not_list_is_found(site: Asked) -> None:
    path = "/api/identity/{tid}/system/pools/{ipID}"
    changed: Any = copy.deepcopy(DOCUMENT)
    del changed["paths"][path]["get"]["responses"]["404"]
    case = schemathesis.openapi.from_dict(changed)[path]["GET"].Case(path_parameters={"tid": TENANT, "ipID": "nowhere"})
    answer = site.ask("GET", "/pools/nowhere")
    answer.elapsed = timedelta(0)
    with pytest.raises(FailureGroup, match="Undocumented status code"):
        case.validate_response(answer, checks=WHAT)
