"""What programs that others wrote send and demand, one fact after the other: the requests as they leave those programs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

import jwt
import pytest

from pool_as_code.server.clients import Client
from tests.server.site import TENANT, Asked

GO_ZERO_TIME = "0001-01-01T00:00:00.000Z"
GO_DURATION = re.compile(r"(\d+h)?(\d+m)?\d+(\.\d+)?s\Z")
NO_KEYWORDS: dict[str, Any] = {"allOf": None, "anyOf": None, "enum": None, "oneOf": None, "required": None}
"""What the generated client writes at every level of a JSON Schema."""


@pytest.fixture
def pool(site: Asked) -> Asked:
    site.post("/pools", {"id": "p", "name": "P", "tenant_id": ""})
    return site


def nodes(value: Any) -> Iterator[tuple[str, Any]]:
    """Every member of every object, with its key."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


# -- 1 to 3: signing in


@pytest.mark.parametrize("server", ["system", "admin", "shop"])
def test_every_authorization_server_tells_where_its_tokens_are(site: Asked, server: str) -> None:
    site.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
    found = site.http.get(f"/{TENANT}/{server}/.well-known/openid-configuration").json()
    assert found["issuer"] == f"http://testserver/{TENANT}/{server}"
    form = {"grant_type": "client_credentials"}
    answer = site.http.post(found["token_endpoint"], data=form, auth=("everything", site.secret))
    body = answer.json()
    assert (answer.status_code, body["token_type"].lower(), body["expires_in"]) == (200, "bearer", 3600)
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 3600


def test_scopes_that_a_client_asks_for_and_nobody_here_knows_do_not_stop_it(site: Asked) -> None:
    claims = jwt.decode(site.token(scope="identity manage_flows"), options={"verify_signature": False})
    assert claims["scp"] == ["identity"]


@pytest.mark.parametrize("header", ["", "Bearer x", "Bearer ", "Basic eDp5", "Nonsense"])
def test_a_refused_token_is_said_in_json_that_makes_a_client_fetch_another(site: Asked, header: str) -> None:
    for path in (f"/api/identity/{TENANT}/system/pools", f"/api/hub/{TENANT}/promote/config"):
        answer = site.http.get(path, headers={"authorization": header} if header else {})
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["error_code"] == "invalid_access_token"
        assert answer.json()["status_code"] == 401


def test_a_token_that_expired_is_refused_in_that_form_and_the_next_one_is_taken(site: Asked) -> None:
    moment = [1_800_000_000.0]
    with Asked(settings={"clock": lambda: moment[0]}) as other:
        old = other.token()
        moment[0] += 3601
        answer = other.ask("GET", "/pools", headers={"authorization": f"Bearer {old}"})
        assert (answer.status_code, answer.json()["error_code"]) == (401, "invalid_access_token")
        other.tokens.clear()
        assert other.ask("GET", "/pools").status_code == 200


def test_a_program_asks_about_a_token_with_a_token_of_its_own() -> None:
    secret = "a secret of sixteen"
    digest = hashlib.sha256(secret.encode()).digest()
    with Asked(clients=(Client("asking", frozenset({"shop"}), secret_digest=digest),)) as site:
        asks_about_a_token(site, secret)


def asks_about_a_token(site: Asked, secret: str) -> None:
    site.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
    url = f"/{TENANT}/shop/oauth2"
    form = {"grant_type": "client_credentials", "scope": "introspect_tokens"}
    token = site.http.post(f"{url}/token", data=form, auth=("asking", secret)).json()["access_token"]
    answer = site.http.post(f"{url}/introspect", data={"token": token}, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    said = answer.json()
    assert (said["active"], said["client_id"], said["server_id"], said["tenant_id"]) == (True, "asking", "shop", TENANT)
    assert said["scope"] == "introspect_tokens"
    assert isinstance(said["aud"], list)
    few = {**form, "scope": "view_ss_profile"}
    other = site.http.post(f"{url}/token", data=few, auth=("asking", secret)).json()["access_token"]
    refused = site.http.post(f"{url}/introspect", data={"token": token}, headers={"authorization": f"Bearer {other}"})
    assert (refused.status_code, refused.json()["error_code"]) == (403, "insufficient_scope")
    wrong = site.http.post(f"{url}/introspect", data={"token": token}, headers={"authorization": "Bearer x"})
    assert (wrong.status_code, wrong.json()["error_code"]) == (401, "invalid_access_token")


@pytest.mark.parametrize("secret", ["a secret with + and %2B", "plain-and-long-enough", "100% of a secret+"])
def test_a_secret_is_taken_whether_a_program_escapes_it_or_not(secret: str) -> None:
    digest = hashlib.sha256(secret.encode()).digest()
    with Asked(clients=(Client("robot", frozenset({"system"}), secret_digest=digest),)) as site:
        for sent, status in ((secret, 200), (quote_plus(secret), 200), (f"{secret}x", 401)):
            form = {"grant_type": "client_credentials"}
            answer = site.http.post(f"/{TENANT}/system/oauth2/token", data=form, auth=("robot", sent))
            assert answer.status_code == status


# -- 4: shapes and statuses


def test_lists_and_items_of_users_differ(pool: Asked) -> None:
    address = {"address": "a@example.com", "type": "email", "status": "active", "verified": True}
    body = {
        "identifiers": [{"identifier": "ada", "type": "uid"}],
        "verifiable_addresses": [address],
        "status": "active",
        "payload": {"name": "Ada"},
    }
    made = pool.post("/pools/p/users", body)
    assert [one["identifier"] for one in made["identifiers"]] == ["ada"]
    assert pool.get(f"/pools/p/users/{made['id']}") == made
    (listed,) = pool.get("/pools/p/users")["users"]
    assert listed["identifiers"] == ["ada"]
    assert listed["verified addresses"] == ["a@example.com"]
    assert "credentials" not in listed


def test_making_is_201_changing_200_and_deleting_204_without_a_body(site: Asked) -> None:
    schema = {"id": "s", "tenant_id": "", "name": "S", "schema": {"type": "object"}}
    for path, body in (
        ("/schemas", schema),
        ("/pools", {"id": "p", "name": "P", "tenant_id": "", "payload_schema_id": "s"}),
        ("/pools/p/groups", {"id": "g", "name": "G", "tenant_id": "", "user_pool_id": ""}),
        ("/pools/p/users", {"id": "u", "status": "active", "identifiers": None, "credentials": None}),
    ):
        made = site.ask("POST", path, body)
        assert (made.status_code, made.headers["content-type"]) == (201, "application/json"), made.text
        one = f"{path}/{body['id']}"
        if path != "/pools/p/groups":
            changed = site.ask("PUT", one, {key: value for key, value in body.items() if key != "id"})
            assert changed.status_code == 200, changed.text
    for path in ("/pools/p/users/u", "/pools/p/groups/g", "/pools/p", "/schemas/s"):
        gone = site.ask("DELETE", path)
        assert (gone.status_code, gone.content) == (204, b"")
        assert "content-type" not in gone.headers
        again = site.ask("DELETE", path)
        assert (again.status_code, again.json()["status_code"]) == (404, 404)


# -- 5: zero values


def test_zero_values_of_a_new_user_mean_that_nothing_is_said(pool: Asked) -> None:
    body = {
        "id": "",
        "status": "",
        "credentials": None,
        "identifiers": None,
        "verifiable_addresses": None,
        "payload": None,
        "metadata": None,
        "business_metadata": None,
        "payload_schema_id": "",
        "metadata_schema_id": "",
        "user_type": "",
        "created_at": GO_ZERO_TIME,
        "updated_at": GO_ZERO_TIME,
        "status_updated_at": GO_ZERO_TIME,
        "tenant_id": "",
        "user_pool_id": "",
    }
    made = pool.post("/pools/p/users", body)
    assert made["id"]
    assert made["status"] in ("active", "new")
    assert made["tenant_id"] == TENANT
    assert made["identifiers"] == []


def test_keywords_without_a_value_are_accepted_at_every_level_of_a_schema(site: Asked) -> None:
    name = {**NO_KEYWORDS, "type": "string", "minLength": 1}
    tags = {**NO_KEYWORDS, "type": "array", "items": {**NO_KEYWORDS, "type": "string"}}
    sent = {**NO_KEYWORDS, "type": "object", "properties": {"name": name, "tags": tags}}
    body = {
        "id": "s",
        "tenant_id": "",
        "name": "S",
        "schema": sent,
        "created_at": GO_ZERO_TIME,
        "updated_at": GO_ZERO_TIME,
    }
    made = site.post("/schemas", body)
    wanted = {"name": {"type": "string", "minLength": 1}, "tags": {"type": "array", "items": {"type": "string"}}}
    assert made["schema"] == {"type": "object", "properties": wanted}
    assert not made["created_at"].startswith("0001")
    again = site.put("/schemas/s", {**body, "id": ""})
    assert again["schema"] == made["schema"]


def test_unknown_parameters_and_headers_are_accepted(pool: Asked) -> None:
    headers = {"x-request-id": "1", "x-custom": "y", "uber-trace-id": "1:2:3:4"}
    assert pool.ask("GET", "/pools", headers=headers, nonsense="1", with_x="true").status_code == 200
    made = pool.ask("POST", "/pools/p/users", {"status": "active"}, headers=headers, nonsense="1")
    assert made.status_code == 201


def test_a_body_without_a_media_type_or_with_that_of_a_form_is_read_as_json(pool: Asked) -> None:
    for media in (None, "application/x-www-form-urlencoded", "application/json; charset=utf-8", "application/json;v=1"):
        headers = {"authorization": f"Bearer {pool.token()}", **({"content-type": media} if media else {})}
        answer = pool.http.post(
            f"/api/identity/{TENANT}/system/pools/p/users", content=b'{"status": "active"}', headers=headers
        )
        assert answer.status_code == 201


# -- 6 and 7: users


def test_putting_attributes_alone_leaves_everything_else(pool: Asked) -> None:
    body = {
        "identifiers": [{"identifier": "ada", "type": "uid"}],
        "status": "inactive",
        "payload": {"name": "Ada"},
        "metadata": {"tier": "gold"},
    }
    made = pool.post("/pools/p/users", body)
    for sent in (
        {"payload": {"name": "Countess"}},
        {"payload": {"name": "Countess"}, "status": "", "metadata": None, "payload_schema_id": "", "id": ""},
    ):
        changed = pool.put(f"/pools/p/users/{made['id']}", sent)
        assert changed["payload"] == {"name": "Countess"}
        assert (changed["status"], changed["metadata"]) == ("inactive", {"tier": "gold"})
        assert [one["id"] for one in changed["identifiers"]] == [one["id"] for one in made["identifiers"]]


def test_a_user_may_be_a_mere_record(pool: Asked) -> None:
    made = pool.post("/pools/p/users", {"status": "active", "payload": {"name": "A thing"}})
    assert (made["identifiers"], made["verifiable_addresses"], made["credentials"]) == ([], [], [])
    (listed,) = pool.get("/pools/p/users")["users"]
    assert (listed["identifiers"], listed["verified addresses"]) == ([], [])


# -- 8: the dump


@pytest.mark.parametrize("table", ["schemas", "pools", "users", "groups", "user_identifiers", "user_credentials"])
def test_an_import_may_hold_any_of_the_tables(pool: Asked, table: str) -> None:
    pool.post("/pools/p/users", {"id": "u", "status": "active"})
    rows: dict[str, Any] = {
        "schemas": {"id": "s", "tenant_id": TENANT, "name": "S", "schema": {"type": "object", **NO_KEYWORDS}},
        "pools": {"id": "q", "tenant_id": TENANT, "name": "Q", "authentication_mechanisms": None},
        "users": {"id": "v", "tenant_id": TENANT, "user_pool_id": "p", "status": "active", "created_at": GO_ZERO_TIME},
        "groups": {"id": "g", "tenant_id": TENANT, "user_pool_id": "p", "name": "G", "path": "g"},
        "user_identifiers": {
            "id": "i",
            "user_id": "u",
            "user_pool_id": "p",
            "tenant_id": TENANT,
            "identifier": "ada",
            "identifier_lc": "ada",
            "type": "uid",
        },
        "user_credentials": {
            "id": "c",
            "user_id": "u",
            "user_pool_id": "p",
            "tenant_id": TENANT,
            "type": "password",
            "payload": {"hashed_password": "###"},
        },
    }
    for body in ({table: [rows[table]]}, dict.fromkeys(rows) | {table: [rows[table]]}):
        answer = pool.ask("PUT", "/configuration", body, mode="update")
        assert (answer.status_code, answer.content) == (204, b""), answer.text


# -- 10 to 12


def test_a_list_of_pools_always_shows_the_schema_of_profiles(site: Asked) -> None:
    site.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
    site.post("/pools", {"id": "p", "name": "P"})
    site.post("/admin/workspace/shop/pools", {"id": "q", "name": "Q"}, with_idp="true")
    for path in ("/pools", "/admin/pools", "/admin/workspace/shop/pools", "/admin/workspace/shop/user/pools"):
        pools = site.get(path)["pools"]
        assert pools
        assert all(site.get(f"/schemas/{one['payload_schema_id']}")["schema"] for one in pools)


def test_times_are_rfc_3339_and_durations_those_of_go(site: Asked) -> None:
    settings = {
        "mfa_session_ttl": "720h0m0s",
        "password_settings": {"expires_after": "8760h", "hashing_method": "argon2"},
        "otp_settings": {"activation": {"length": 6, "ttl": "10m"}, "challenge": {"length": 8, "ttl": "90s"}},
        "reset_credentials_settings": {"reset_password_older_than": "2026-01-01T00:00:00.000Z"},
    }
    made = site.post("/pools", {"id": "p", "name": "P", **settings})
    assert made["otp_settings"]["activation"]["ttl"] == "10m0s"
    site.post("/pools/p/users", {"status": "active", "identifiers": [{"identifier": "a", "type": "uid"}]})
    seen: set[str] = set()
    for path in ("/pools", "/schemas", "/pools/p/users", "/configuration", f"/api/hub/{TENANT}/promote/config"):
        for key, value in nodes(site.get(path)):
            if key.endswith(("_at", "_older_than")):
                seen.add(key)
                assert datetime.fromisoformat(value).tzinfo is not None
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value)
            elif key.endswith(("ttl", "expires_after")):
                seen.add(key)
                assert GO_DURATION.match(value), value
    assert {"created_at", "updated_at", "reset_password_older_than", "mfa_session_ttl", "ttl", "expires_after"} <= seen


def test_users_are_searched_by_name_or_verified_address_and_by_exact_attributes_in_the_order_of_ids(
    pool: Asked,
) -> None:
    def make(id: str, name: str, address: str, verified: bool, team: str) -> None:
        body = {
            "id": id,
            "status": "active",
            "identifiers": [{"identifier": name, "type": "uid"}],
            "verifiable_addresses": [{"address": address, "type": "email", "status": "active", "verified": verified}],
            "payload": {"name": team},
        }
        pool.post("/pools/p/users", body)

    make("u3", "adam", "x@example.com", True, "red")
    make("u1", "bea", "ada@example.com", True, "red")
    make("u2", "cleo", "ada2@example.com", False, "blue")
    make("u4", "ada", "y@example.com", True, "blue")

    def found(query: str, **more: str) -> list[str]:
        return [user["id"] for user in pool.get("/pools/p/users", query=query, **more)["users"]]

    assert found('{"user_key": "ada"}') == ["u1", "u3", "u4"]
    assert found('{"user_key": "ada", "payload": {"name": "red"}}') == ["u1", "u3"]
    assert found('{"payload": {"name": "red"}}', after_user_id="u1") == ["u3"]
    assert found('{"payload": {"name": "re"}}') == []
    assert found("{}", after_user_id="u2", limit="1") == ["u3"]


# -- 13


def test_scim_finds_users_of_a_pool_by_equality_of_five_fields_alone(pool: Asked) -> None:
    base = "/pools/p/scim/v2"
    names = {"userName": "ada@example.com", "externalId": "7", "emails": [{"value": "a@example.com", "verified": True}]}
    phones = [{"value": "+12015550123", "verified": True}]
    made = pool.post(f"{base}/Users", {**names, "phoneNumbers": phones})
    for field, value in (
        ("id", made["id"]),
        ("EXTERNALID", "7"),
        ("userName", "ada@example.com"),
        ('emails[type eq "home"].value', "a@example.com"),
        ("phoneNumbers.value", "+12015550123"),
    ):
        assert pool.get(f"{base}/Users", filter=f'{field} eq "{value}"')["Resources"] == [made]
    for filter in ('userName co "ada"', 'name.givenName eq "Ada"', 'userName eq "a" or userName eq "b"'):
        assert pool.ask("GET", f"{base}/Users", filter=filter).status_code == 400


def test_scim_has_the_extension_of_the_service_and_neither_groups_nor_bulk(pool: Asked) -> None:
    base = "/pools/p/scim/v2"
    urn = "urn:secureauthciam:params:scim:schemas:extension:custom:2.0:User"
    assert pool.get(f"{base}/ResourceTypes/User")["schemaExtensions"] == [{"schema": urn, "required": False}]
    assert pool.get(f"{base}/Schemas/{urn}")["id"] == urn
    assert pool.get(f"{base}/ServiceProviderConfig")["bulk"]["supported"] is False
    for method, path in (("GET", "Groups"), ("POST", "Bulk")):
        answer = pool.ask(method, f"{base}/{path}")
        assert (answer.status_code, answer.json()["error_code"]) == (404, "not_found")
