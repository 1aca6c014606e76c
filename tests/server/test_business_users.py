"""Users as those see them who manage the people of a business customer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.site import Asked

USERS = "/admin/b2b/pools/p/users"
KEPT = {"metadata": {"tier": "gold"}, "business_metadata": {"seat": 7}}


@pytest.fixture
def customer(site: Asked) -> Asked:
    for id in ("a", "b"):
        site.post("/schemas", {"id": id, "name": id, "schema": {"type": "object"}})
    pool = {"id": "p", "name": "P", "metadata_schema_id": "a", "business_metadata_schema_id": "b"}
    site.post("/pools", pool)
    site.post("/pools/p/users", {"id": "ada", "status": "active", "payload": {"name": "Ada"}, **KEPT})
    return site


def test_what_administrators_keep_is_not_shown_and_stays(customer: Asked) -> None:
    (listed,) = customer.get(USERS)["users"]
    for shown in (
        listed,
        customer.get(f"{USERS}/ada"),
        customer.put(f"{USERS}/ada", {"payload": {"name": "Countess"}}),
        customer.ask("PATCH", f"{USERS}/ada", {"payload": {"name": "Ada L."}}).json(),
        customer.ask("PATCH", f"{USERS}/ada", [{"op": "replace", "path": "/payload/name", "value": "A"}]).json(),
    ):
        assert shown["id"] == "ada"
        assert not {key for key in shown if "metadata" in key}
    whole = customer.get("/pools/p/users/ada")
    assert {key: whole[key] for key in KEPT} == KEPT
    assert whole["payload"] == {"name": "A"}


@pytest.mark.parametrize(
    "patch",
    [
        {"metadata": {"tier": "free"}},
        {"metadata": None},
        {"business_metadata_schema_id": "a"},
        [{"op": "test", "path": "/metadata/tier", "value": "gold"}],
        [{"op": "copy", "from": "/metadata/tier", "path": "/payload/name"}],
        [{"op": "replace", "path": "", "value": {}}],
        [{"op": "copy", "from": "", "path": "/payload/name"}],
    ],
)
def test_what_administrators_keep_is_neither_written_nor_found_out(customer: Asked, patch: Any) -> None:
    assert customer.ask("PATCH", f"{USERS}/ada", patch).status_code == 422
    if isinstance(patch, dict) and None not in patch.values():
        assert customer.ask("PUT", f"{USERS}/ada", patch).status_code == 422
        assert customer.ask("POST", USERS, {"status": "active", **patch}).status_code == 422
    assert customer.ask("GET", USERS, query='{"metadata": {"tier": "gold"}}').status_code == 400
    assert customer.get("/pools/p/users/ada")["metadata"] == {"tier": "gold"}


def test_they_are_made_searched_and_deleted(customer: Asked) -> None:
    body = {"status": "new", "identifiers": [{"identifier": "bob", "type": "uid"}], "payload": {"name": "Bob"}}
    made = customer.post(USERS, body)
    assert made["status"] == "new"
    assert [one["id"] for one in customer.get(USERS, query='{"user_key": "bob"}')["users"]] == [made["id"]]
    assert customer.ask("DELETE", f"{USERS}/{made['id']}").status_code == 204
    assert customer.ask("GET", f"{USERS}/{made['id']}").status_code == 404
