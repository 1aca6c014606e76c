"""What an attacker tries at a pool's SCIM: bodies that are deep, large or of other types, filters that would be more, pools and
tokens of others."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from pool_as_code.server.clients import Client
from tests.server.scim.provider import CUSTOM, GOOD, Provider
from tests.server.site import Asked

VALUES: list[Any] = [None, True, 2**70, "", "x", "\0", [None], {}, {"value": {}}, [{"value": ["x"]}]]
ATTRIBUTES = (
    "userName",
    "externalId",
    "active",
    "name",
    "emails",
    "phoneNumbers",
    "additionalIdentifiers",
    "password",
    CUSTOM,
)


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_no_value_of_another_type_makes_the_server_fail(provider: Provider, attribute: str) -> None:
    made = provider.made("ada")
    for value in VALUES:
        for body in ({"userName": "eve", attribute: value}, {"userName": "eve", "emails": [{attribute: value}]}):
            assert provider.ask("PUT", f"/Users/{made['id']}", body).status_code in (200, 400)
        for path in (attribute, f'{attribute}[type eq "work"].value', f"{CUSTOM}:{attribute}.x"):
            operations = [{"op": word, "path": path, "value": value} for word in ("add", "remove")]
            assert provider.ask("PATCH", f"/Users/{made['id']}", {"Operations": operations}).status_code in (200, 400)
        operation = {"op": "replace", "value": {attribute: value}}
        assert provider.ask("PATCH", f"/Users/{made['id']}", {"Operations": [operation]}).status_code in (200, 400)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"{", b"\xff", b"NaN", b'{"userName": "\\ud800"}'])
def test_what_is_no_object_is_no_user(provider: Provider, body: bytes) -> None:
    made = provider.made("ada")
    for method, path in (("POST", "/Users"), ("PUT", f"/Users/{made['id']}"), ("PATCH", f"/Users/{made['id']}")):
        assert provider.refused(method, path, body) == (400, "invalidSyntax")


@pytest.mark.parametrize("depth", [40, 500, 100_000])
def test_deep_bodies_are_refused(provider: Provider, depth: int) -> None:
    made = provider.made("ada")
    inner = nested(depth)
    path = f"/Users/{made['id']}"
    for method, where, body in (
        ("POST", "/Users", b'{"userName": "eve", "%s": %s}' % (CUSTOM.encode(), inner)),
        ("PUT", path, b'{"userName": "eve", "x": %s}' % inner),
        ("PATCH", path, b'{"Operations": [{"op": "add", "path": "%s", "value": %s}]}' % (CUSTOM.encode(), inner)),
    ):
        assert provider.ask(method, where, body).status_code == 400
    assert provider.does("GET", "/Users")["Resources"] == [made]


def test_a_deep_value_is_not_put_together_piece_by_piece(provider: Provider) -> None:
    provider.site.put("/pools/p", {"name": "P", "payload_schema_id": "default_metadata"})
    made = provider.made("ada")
    steps = [{"op": "add", "path": f"/{CUSTOM}", "value": {}}]
    steps += [{"op": "add", "path": f"/{CUSTOM}" + "/a" * number, "value": {}} for number in range(1, 100)]
    assert provider.refused("PATCH", f"/Users/{made['id']}", {"Operations": steps})[0] == 400
    assert provider.does("GET", f"/Users/{made['id']}") == made


def test_a_profile_as_deep_as_can_be_stored_breaks_no_list(site: Asked) -> None:
    site.post("/pools", {"id": "p", "name": "P", "payload_schema_id": "default_metadata"})
    for depth in range(235, 256):
        body = b'{"id": "u%d", "status": "active", "payload": %s}' % (depth, nested(depth))
        headers = {"authorization": f"Bearer {site.token()}"}
        site.http.post("/api/identity/default/system/pools/p/users", content=body, headers=headers)
    assert 1 < len(site.get("/pools/p/users", limit=100)["users"]) < 20
    assert site.get("/configuration")["users"]
    assert Provider(site).does("GET", "/Users", count=100)["Resources"]
    deepest = site.get("/pools/p/users", limit=100)["users"][-1]["id"]
    suspended = {"op": "replace", "path": "active", "value": False}
    assert Provider(site).patched(deepest, suspended)["active"] is False


def test_large_bodies_are_refused(provider: Provider) -> None:
    made = provider.made("ada")
    large = {"userName": "eve", "title": "x" * (1024 * 1024)}
    for method, path in (("POST", "/Users"), ("PUT", f"/Users/{made['id']}"), ("PATCH", f"/Users/{made['id']}")):
        assert provider.refused(method, path, large) == (413, "")
    several = [{"op": "add", "path": "externalId", "value": str(number)} for number in range(1001)]
    assert provider.refused("PATCH", f"/Users/{made['id']}", {"Operations": several}) == (400, "invalidSyntax")


def test_a_patch_is_done_whole_or_not_at_all(provider: Provider) -> None:
    made = provider.made("ada")
    operations = [
        {"op": "add", "path": "externalId", "value": "7"},
        {"op": "add", "path": f"{CUSTOM}:department", "value": "nowhere"},
    ]
    assert provider.refused("PATCH", f"/Users/{made['id']}", {"Operations": operations}) == (400, "invalidValue")
    assert provider.does("GET", f"/Users/{made['id']}") == made


def test_users_of_another_pool_are_not_there(provider: Provider) -> None:
    made = provider.made("ada", emails=[{"value": "a@example.com", "verified": True}])
    provider.site.post("/pools", {"id": "other", "name": "Other"})
    other = Provider(provider.site, "other")
    path = f"/Users/{made['id']}"
    for method, body in (
        ("GET", None),
        ("PUT", {"userName": "x"}),
        ("PATCH", {"Operations": [{"op": "add", "value": {}}]}),
        ("DELETE", None),
    ):
        assert other.refused(method, path, body) == (404, "")
    for field, value in (("id", made["id"]), ("userName", "ada"), ("emails.value", "a@example.com")):
        assert other.found(f'{field} eq "{value}"') == []
    assert other.made("ada", emails=[{"value": "a@example.com", "verified": True}])["id"] != made["id"]
    assert provider.does("GET", path) == made
    for method, where in (
        ("GET", "/Users"),
        ("POST", "/Users"),
        ("GET", "/Schemas"),
        ("GET", "/ServiceProviderConfig"),
    ):
        assert Provider(provider.site, "nowhere").refused(method, where, {"userName": "x"})[0] == 404


def test_only_programs_with_the_scope_are_let_in() -> None:
    def one(id: str, **more: Any) -> Client:
        return Client(id, frozenset({"system"}), secret_digest=hashlib.sha256(b"sixteen letters!").digest(), **more)

    clients = (
        one("okta", scopes=frozenset({"scim_v2"})),
        one("other", scopes=frozenset({"read_configuration"})),
        one("reader", scopes=frozenset({"identity"}), read_only=True),
    )
    with Asked(clients=clients) as site:
        site.post("/pools", {"id": "p", "name": "P"})
        provider = Provider(site)
        provider.made("ada")

        def status(client: str, method: str, path: str) -> int:
            form = {"grant_type": "client_credentials"}
            token = site.http.post("/default/system/oauth2/token", data=form, auth=(client, "sixteen letters!")).json()
            headers = {"authorization": f"Bearer {token['access_token']}"}
            return site.http.request(
                method, provider.base + path, headers=headers, json={"userName": client}
            ).status_code

        assert (status("okta", "GET", "/Users"), status("okta", "POST", "/Users")) == (200, 201)
        assert status("okta", "GET", "/../../users") == 403
        assert status("other", "GET", "/Users") == 403
        assert (status("reader", "GET", "/Users"), status("reader", "POST", "/Users")) == (200, 403)
        for token in ("", "Bearer x", f"Bearer {site.token('admin')}"):
            answer = provider.ask("GET", "/Users", headers={"authorization": token})
            assert (answer.status_code, answer.json()["error_code"]) == (401, "invalid_access_token")


def test_no_password_stands_in_an_answer_or_in_a_log(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "pool_as_code")
    provider.site.put("/pools/p", {"name": "P", "password_policy": {"min_length": 40}})
    body = {"userName": "ada", "password": GOOD, "emails": [{"value": GOOD}]}
    answers = [provider.ask("POST", "/Users", body)]
    provider.site.put("/pools/p", {"name": "P", "password_policy": {"min_length": 4}})
    answers += [provider.ask("POST", "/Users", {"userName": "ada", "password": GOOD}), provider.ask("GET", "/Users")]
    (user,) = answers[-1].json()["Resources"]
    operations = [{"op": "replace", "path": "password", "value": [GOOD, GOOD]}]
    answers += [provider.ask("PATCH", f"/Users/{user['id']}", {"Operations": operations})]
    operations = [{"op": "copy", "from": "/password", "path": f"/{CUSTOM}"}]
    answers += [
        provider.ask(
            "PATCH",
            f"/Users/{user['id']}",
            {"Operations": [{"op": "add", "path": "/password", "value": GOOD}, *operations]},
        )
    ]
    assert [answer.status_code for answer in answers] == [400, 201, 200, 400, 400]
    assert GOOD not in json.dumps([answer.text for answer in answers]) + caplog.text


def test_ids_that_are_odd_in_an_address_are_found_by_their_location(site: Asked) -> None:
    site.post("/pools", {"id": "pö?l", "name": "P"})
    site.post("/pools/p%C3%B6%3Fl/users", {"id": "ä#1", "status": "active"})
    provider = Provider(site, "p%C3%B6%3Fl")
    (user,) = provider.does("GET", "/Users")["Resources"]
    assert user["meta"]["location"].isascii()
    assert site.http.get(user["meta"]["location"], headers={"authorization": f"Bearer {site.token()}"}).json() == user
