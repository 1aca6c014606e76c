"""A tenant's configuration as the vendor's importer and the System API of its Go client send it: one document of tables, of which a
directory holds some and says of the others that it does not."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.server.site import Asked

PATH = "/api/system/default/configuration"
LEFT_OUT = "x-pool-as-code-left-out"


def a_bank() -> dict[str, Any]:
    """A configuration as the open-banking example of the vendor has it: the words are ours."""
    own = {"tenant_id": "default", "authorization_server_id": "bank"}
    return {
        "tenants": [{"id": "default", "name": "Our bank"}],
        "servers": [
            {"id": "acme", "tenant_id": "default", "name": "ACME", "type": "organization", "parent_id": "bank"},
            {
                "id": "bank",
                "tenant_id": "default",
                "name": "Bank",
                "color": "#E576C6",
                "profile": "openbanking",
                "initialize": True,
                "root_cas": "-----BEGIN",
                "dynamic_client_registration": {"enabled": True},
                "token_endpoint_auth_methods": ["private_key_jwt"],
            },
        ],
        "idps": [
            {**own, "id": "static", "name": "Sandbox", "method": "static", "credentials": {"static": {"users": []}}},
            {**own, "id": "people", "method": "identity_pool", "identity_pool_id": "customers", "name": "People"},
        ],
        "clients": [{**own, "client_id": name, "client_secret": "a-secret-of-a-client"} for name in ("tpp", "portal")],
        "services": [{**own, "id": "s", "name": "S", "scopes": []}],
        "scripts": None,
        "schemas": [{"id": "s", "tenant_id": "default", "name": "S", "schema": {"type": "object"}}],
        "pools": [{"id": "customers", "tenant_id": "default", "name": "Customers", "workspace_id": "bank"}],
        "users": [{"id": "ada", "tenant_id": "default", "user_pool_id": "customers", "status": "active"}],
    }


def sent(site: Asked, body: Any, status: int = 204, **query: Any) -> dict[str, int]:
    """What was left out of an import, as the answer says it."""
    answer = site.ask("PUT", PATH, body, **query)
    assert (answer.status_code, bool(answer.content)) == (status, status != 204), answer.text
    told = answer.headers.get(LEFT_OUT, "")
    return {name: int(count) for name, count in (part.split("=") for part in told.split(", ") if part)}


def test_what_concerns_a_directory_is_imported_and_the_rest_is_told(
    site: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "pool_as_code.server"):
        left = sent(site, a_bank(), mode="update")
    rest = {"servers.dynamic_client_registration": 1, "servers.root_cas": 1}
    assert left == {"clients": 2, "idps": 1, "services": 1, **rest}
    (line,) = [record.getMessage() for record in caplog.records]
    assert "clients=2" in line
    assert "a-secret" not in line
    assert site.get("/api/admin/default/servers/bank")["color"] == "#E576C6"
    assert site.get("/api/system/default/organizations/acme")["parent_id"] == "bank"
    assert site.get("/pools/customers")["workspace_id"] == "bank"
    (link,) = site.get("/api/admin/default/pools/customers/idps")["idps"]
    assert (link["id"], link["name"], link["workspace_id"]) == ("people", "People", "bank")
    assert site.get("/pools/customers/users/ada")["status"] == "active"
    assert site.get("/api/hub/default/promote/config")["name"] == "Our bank"


def test_an_import_that_is_sent_again_changes_nothing(site: Asked) -> None:
    sent(site, a_bank())
    before = site.get(PATH), site.get("/configuration"), site.ask("GET", "/pools/customers").headers["etag"]
    sent(site, a_bank())
    assert (site.get(PATH), site.get("/configuration"), site.ask("GET", "/pools/customers").headers["etag"]) == before


def test_the_mode_says_what_becomes_of_what_is_there(site: Asked) -> None:
    sent(site, a_bank())
    changed = a_bank()
    changed["servers"][1]["name"] = "Other"
    changed["idps"][1]["name"] = "Others"
    sent(site, changed, 409, mode="fail")
    sent(site, changed, mode="ignore")
    assert site.get("/api/admin/default/servers/bank")["name"] == "Bank"
    assert site.get("/api/admin/default/servers/bank/idps/identity_pool/people")["name"] == "People"
    sent(site, changed, mode="update")
    assert site.get("/api/admin/default/servers/bank")["name"] == "Other"
    assert site.get("/api/admin/default/servers/bank/idps/identity_pool/people")["name"] == "Others"
    off = {"idps": [{**changed["idps"][1], "disabled": True}]}
    assert sent(site, off) == {}
    assert site.get("/api/admin/default/pools/customers/idps") == {"idps": []}
    sent(site, changed, 400, mode="perhaps")


def test_what_is_exported_is_imported_elsewhere_as_it_was(site: Asked) -> None:
    sent(site, a_bank())
    whole = {**site.get("/configuration"), **site.get(PATH)}
    with Asked() as other:
        assert sent(other, whole) == {}
        assert other.get(PATH) == site.get(PATH)
        assert other.get("/pools/customers") == site.get("/pools/customers")


def test_an_import_that_can_not_be_taken_leaves_nothing(site: Asked) -> None:
    for change, status in (
        ({"idps": [{"method": "identity_pool", "identity_pool_id": "customers"}]}, 422),
        ({"idps": [{"identity_pool_id": "nobody", "authorization_server_id": "bank"}]}, 404),
        ({"idps": [{"identity_pool_id": "customers", "authorization_server_id": "nowhere"}]}, 404),
        ({"servers": {"bank": {}}}, 422),
        ({"servers": [{"name": "No id"}]}, 422),
        ({"servers": [{"id": "a", "parent_id": "b"}, {"id": "b", "parent_id": "a"}]}, 404),
    ):
        sent(site, {**a_bank(), **change}, status)
        assert site.get("/pools") == {"pools": []}
        assert site.get(PATH)["servers"] == []


def test_servers_that_every_tenant_has_are_not_made_and_other_tenants_are_not_touched(site: Asked) -> None:
    body = {
        "servers": [{"id": "system", "name": "System"}, {"id": "admin", "name": "Admin"}],
        "idps": [{"id": "x", "authorization_server_id": "admin", "method": "static"}],
        "tenants": [{"id": "another", "name": "Another"}],
    }
    assert sent(site, body) == {"idps": 1, "servers": 2, "tenants": 1}
    assert site.get("/api/admin/default/servers") == {"servers": []}
    assert site.get(PATH)["tenant"] == {"id": "default", "name": "default"}
    assert sent(site, {"tenant": {"id": "default", "name": "Ours"}}) == {}
    assert site.get(PATH)["tenant"]["name"] == "Ours"


def test_names_of_tables_do_not_reach_the_header_or_the_log_as_they_came(
    site: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    wild = {
        "a\r\nset-cookie: x=1": [1],
        "\u2028": {"a": {}, "b": {}},
        "x" * 500: True,
        **{f"t{n}": [n] for n in range(60)},
    }
    with caplog.at_level(logging.WARNING, "pool_as_code.server"):
        answer = site.ask("PUT", PATH, wild)
    assert answer.status_code == 204
    assert "others=" in answer.headers[LEFT_OUT]
    assert "set-cookie" not in answer.headers
    assert all(text.isascii() and text.isprintable() for text in caplog.messages)


def test_the_other_imports_tell_what_they_leave_out_as_well(site: Asked) -> None:
    passkey = {"user_id": "ada", "type": "webauthn", "payload": {}}
    blurred = {"user_id": "ada", "type": "password", "payload": {"hashed_password": "###"}}
    sent(site, a_bank())
    answer = site.ask("PUT", "/configuration", {"user_credentials": [passkey, blurred], "codes": [{}], "clients": []})
    assert (answer.status_code, answer.headers[LEFT_OUT]) == (204, "codes=1, user_credentials=2")
    answer = site.ask("PATCH", "/configuration", [{"op": "add", "path": "/policies", "value": [{}, {}]}])
    assert (answer.status_code, answer.headers[LEFT_OUT]) == (204, "policies=2")
    tree = {"themes": {"dark": {}}, "servers": {"bank": {"clients": {"a": {}, "b": {}}, "jwks": {"keys": []}}}}
    answer = site.ask("POST", "/api/hub/default/promote/config", tree)
    assert (answer.status_code, answer.headers[LEFT_OUT]) == (204, "servers.clients=2, servers.jwks=1, themes=1")
    url = "/api/hub/default/workspaces/bank/promote/config-rfc7396"
    answer = site.ask("PATCH", url, {"policies": {"p": {}}, "idps": {"o": {"method": "oidc"}}})
    assert (answer.status_code, answer.headers[LEFT_OUT]) == (204, "idps=1, policies=1")
    assert LEFT_OUT not in site.ask("PATCH", url, {"description": "Ours"}).headers


def test_a_tree_of_a_whole_tenant_is_taken_without_the_servers_that_every_tenant_has(site: Asked) -> None:
    admins = {"staff": {"name": "Staff", "system": True}}
    link = {"method": "identity_pool", "identity_pool_id": "staff"}
    tree = {
        "servers": {
            "admin": {"name": "Admin", "type": "admin", "pools": admins, "idps": {"x": link}},
            "system": {"name": "System", "type": "system", "clients": {"c": {}}},
            "shop": {"name": "Shop"},
        }
    }
    for _ in range(2):
        answer = site.ask("POST", "/api/hub/default/promote/config", tree)
        assert (answer.status_code, answer.headers[LEFT_OUT]) == (204, "servers=2, servers.pools=1")
    assert list(site.get("/api/hub/default/promote/config")["servers"]) == ["shop"]
    for id in ("admin", "system"):
        assert site.ask("POST", f"/api/hub/default/workspaces/{id}/promote/config", {"name": "X"}).status_code == 404


def test_reading_needs_a_right_and_writing_another(site: Asked) -> None:
    reads = {"authorization": f"Bearer {site.token(scope='read_configuration')}"}
    assert site.ask("GET", PATH, headers=reads).status_code == 200
    assert site.ask("PUT", PATH, {}, headers=reads).status_code == 403
    admin = {"authorization": f"Bearer {site.token('admin')}"}
    assert site.ask("GET", PATH, headers=admin).json()["error_code"] == "invalid_access_token"


def test_a_tree_names_organizations_before_what_is_above_them_and_a_workspace_goes_with_all_below_it(
    site: Asked,
) -> None:
    tree = {
        "servers": {
            "acme": {"name": "ACME", "type": "organization", "parent_id": "shop", "pools": {"a": {"name": "A"}}},
            "shop": {"name": "Shop", "idps": {"x": {"method": "identity_pool", "identity_pool_id": "all"}}},
        },
        "pools": {"all": {"name": "All"}},
    }
    assert site.ask("POST", "/api/hub/default/promote/config", tree).status_code == 204
    gone = {"servers": {"acme": None, "shop": None}}
    answer = site.ask("PATCH", "/api/hub/default/promote/config-rfc7396", gone)
    assert answer.status_code == 204, answer.text
    assert [pool["id"] for pool in site.get("/pools")["pools"]] == ["all"]
