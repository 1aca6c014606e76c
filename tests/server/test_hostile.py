"""Whatever is sent to whatever path: no fault of the server, no undocumented status, no secret in an answer or a log. What
fits the document is sent by `test_fuzz.py`; here stands what does not."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pool_as_code.server.catalogue import catalogue
from pool_as_code.server.openapi.definitions import definitions
from pool_as_code.server.openapi.document import document
from pool_as_code.server.operations import Access, Operation
from tests.server.site import Asked

DELETING = ("deletePool", "deleteUser", "deleteGroup", "deleteSchema")  # what the others need
OPERATIONS = [
    one
    for one in catalogue()
    if one.access is not Access.SELF and not one.name.endswith(DELETING) and (one.request or one.query)
]
DOCUMENT: Any = document(OPERATIONS, "http://testserver", "default")
SCHEMAS: Any = definitions()
KEYS: list[str] = sorted({key for one in SCHEMAS.values() for key in one.get("properties", {})})
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(
        ["ada", "p", "s", "password", "email", "new", "123456", "x" * 300, "ada@example.com", "\x00", "link"]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=4)), inner, max_size=5),
    ),
    max_leaves=12,
)
BODIES = st.one_of(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6), VALUES)
IDS = {
    "tid": ["default"],
    "ipID": ["p", "x"],
    "userID": ["ada", "x"],
    "groupID": ["g", "x"],
    "schID": ["s", "x"],
    "wid": ["shop", "acme", "x"],
    "aid": ["system", "shop"],
    "metadataType": ["admin", "x"],
    "iid": ["x"],
}


@pytest.fixture(scope="module")
def site() -> Any:
    with Asked() as asked:
        asked.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
        asked.post("/api/system/default/organizations", {"id": "acme", "name": "Acme"})
        asked.post("/pools", {"id": "p", "name": "P", "public_registration_allowed": True})
        asked.post("/schemas", {"id": "s", "name": "S", "schema": {"type": "object"}})
        asked.post("/pools/p/groups", {"id": "g", "name": "G"})
        asked.post(
            "/pools/p/users",
            {
                "id": "ada",
                "status": "active",
                "identifiers": [{"identifier": "ada@example.com", "type": "email"}],
                "credentials": [{"type": "password", "password": "the one password 1"}],
            },
        )
        yield asked


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_no_request_makes_the_server_fail(site: Asked, operation: Operation, caplog: pytest.LogCaptureFixture) -> None:
    responses = DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"]

    @settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
    @given(st.data())
    def ask(drawn: st.DataObject) -> None:
        path = operation.path
        for name, ids in IDS.items():
            path = path.replace(f"{{{name}}}", drawn.draw(st.sampled_from(ids)))
        path = path.replace("{webAuthnCredentialID}", "x").replace("{mfaSessionID}", "x")
        query = {name: drawn.draw(st.sampled_from(["", "1", "x", "true", "{}", "\x00"])) for name in operation.query}
        site.server.site.attempts._failures.clear()
        server = "admin" if operation.access is Access.ADMIN else "system"
        answer = site.http.request(
            operation.method,
            path,
            params=query,
            headers={"authorization": f"Bearer {site.token(server)}"},
            json=drawn.draw(BODIES) if operation.method not in ("GET", "DELETE") or operation.request else None,
        )
        assert answer.status_code < 500 or answer.status_code == 501, (path, query, answer.text)
        if "oauth2" not in path:
            assert str(answer.status_code) in responses, (path, answer.status_code, answer.text)
        assert "the one password 1" not in answer.text

    with caplog.at_level(logging.DEBUG, "pool_as_code"):
        ask()
    assert "the one password 1" not in caplog.text
