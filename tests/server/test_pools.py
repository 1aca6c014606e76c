"""Pools, schemas and what lies between pools and workspaces, as programs and administrators see them."""

from __future__ import annotations

from typing import Any

import pytest

from pool_as_code.directory import pools
from tests.server.site import Asked

FULL: dict[str, Any] = {
    "id": "customers",
    "tenant_id": "",
    "name": "Customers",
    "description": "B2C",
    "badge_color": "#007FFF",
    "authentication_mechanisms": ["password", "webauthn"],
    "preferred_authentication_mechanism": "password",
    "second_factor_authentication_mechanisms": ["totp"],
    "second_factor_threshold": 0.5,
    "mfa_session_ttl": "24h0m0s",
    "identifier_case_insensitive": True,
    "public_registration_allowed": True,
    "reset_credentials_settings": {"do_not_allow_users_to_self_reset_credentials": True},
    "otp_settings": {"activation": {"length": 8, "ttl": "24h0m0s"}},
    "password_policy": {"min_length": 12, "strength": "strong"},
    "password_settings": {"hashing_method": "bcrypt", "expires_after": "8760h0m0s"},
    "metadata": {"pool-as-code": {"owner": {"x": 1}}, "team": {"name": "a"}},
    "totp_settings": {"issuer": "Shop"},
    "a_field_of_tomorrow": {"x": [1]},
}


def test_a_pool_comes_back_as_it_was_sent(site: Asked) -> None:
    made = site.post("/pools", FULL)
    got = site.get("/pools/customers")
    assert made == got
    assert {key: got[key] for key in FULL if key not in ("tenant_id", "otp_settings")} == {
        key: FULL[key] for key in FULL if key not in ("tenant_id", "otp_settings")
    }
    assert got["tenant_id"] == "default"
    assert got["otp_settings"]["activation"] == {"length": 8, "ttl": "24h0m0s"}
    assert got["payload_schema_id"] == "default_payload"
    assert got["number_of_users"] == 0


def test_zero_values_of_clients_count_as_absent(site: Asked) -> None:
    zero = {
        "id": "",
        "tenant_id": "",
        "name": "P",
        "authentication_mechanisms": None,
        "mfa_session_ttl": "0s",
        "second_factor_threshold": 0,
        "system": False,
        "deleted": False,
        "password_policy": None,
        "description": "",
    }
    made = site.post("/pools", zero)
    assert made["id"]
    assert made["authentication_mechanisms"] == ["password"]
    assert "description" not in made


def test_what_a_put_leaves_out_is_empty_and_what_the_directory_chose_stays(site: Asked) -> None:
    site.post("/pools", FULL)
    after = site.put("/pools/customers", {"tenant_id": "default", "name": "Customers"})
    assert "public_registration_allowed" not in after
    assert "password_policy" not in after
    assert "a_field_of_tomorrow" not in after
    assert after["password_settings"] == {"hashing_method": "bcrypt"}
    assert after["otp_settings"]["activation"]["length"] == 8


def test_if_match_guards_reads_and_writes(site: Asked) -> None:
    first = site.ask("POST", "/pools", {"id": "p", "name": "P"}).headers["etag"]
    second = site.ask("PUT", "/pools/p", {"name": "Q"}, headers={"if-match": first}).headers["etag"]
    assert first != second
    for method, body in (("GET", None), ("PUT", {"name": "R"}), ("DELETE", None)):
        assert site.ask(method, "/pools/p", body, headers={"if-match": first}).status_code == 412
        assert site.get("/pools/p")["name"] == "Q"
    assert site.ask("GET", "/pools/p", headers={"if-match": f'"other", W/{second}'}).status_code == 200
    assert site.ask("DELETE", "/pools/p", headers={"if-match": "*"}).status_code == 204
    assert site.ask("GET", "/pools/p").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({}, 422, "name"),
        ({"name": "P", "id": "a b"}, 422, "id"),
        ({"name": "P", "authentication_mechanisms": "password"}, 422, "authentication_mechanisms"),
        ({"name": "P", "mfa_session_ttl": "soon"}, 422, "mfa_session_ttl"),
        ({"name": "P", "password_policy": {"min_length": -1}}, 422, "min_length"),
        ({"name": "P", "password_settings": {"hashing_method": "rot13"}}, 422, "hashing_method"),
        ({"name": "P", "payload_schema_id": "nowhere"}, 404, "nowhere"),
        ({"name": "P", "workspace_id": "nowhere"}, 404, "nowhere"),
    ],
)
def test_a_pool_that_can_not_be_is_refused_with_the_field_s_name(
    site: Asked, body: dict[str, Any], status: int, named: str
) -> None:
    answer = site.ask("POST", "/pools", body)
    assert answer.status_code == status
    assert named in answer.json()["error"]


def test_an_id_that_is_taken_is_a_conflict(site: Asked) -> None:
    site.post("/pools", {"id": "p", "name": "P"})
    assert site.ask("POST", "/pools", {"id": "p", "name": "P"}).status_code == 409


def test_lists_have_pages_in_both_orders(site: Asked) -> None:
    for number in range(25):
        site.post("/pools", {"id": f"p{number:02}", "name": f"Name {24 - number:02}"})

    def ids(**query: Any) -> list[str]:
        return [pool["id"] for pool in site.get("/pools", **query)["pools"]]

    assert ids() == [f"p{number:02}" for number in range(20)]
    assert ids(after_pool_id="p19") == [f"p{number:02}" for number in range(20, 25)]
    assert ids(limit=1000) == [f"p{number:02}" for number in range(25)]
    assert ids(before_pool_id="p03") == ["p00", "p01", "p02"]
    assert ids(sort="name", limit=2) == ["p24", "p23"]
    assert ids(order="desc", limit=2) == ["p24", "p23"]
    assert ids(order="acs", limit=2) == ["p00", "p01"]
    assert ids(search_phrase="name 0", limit=3) == ["p15", "p16", "p17"]
    for name, value in (("limit", "0"), ("limit", "x"), ("sort", "colour")):
        assert site.ask("GET", "/pools", **{name: value}).status_code == 400  # type: ignore[arg-type]


def test_pools_of_a_workspace_are_made_with_and_without_a_link(site: Asked) -> None:
    site.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
    path = "/admin/workspace/shop/pools"
    linked = site.post(path, {"id": "one", "name": "One"}, with_idp="true")
    site.post(path, {"id": "two", "name": "Two"})
    site.post("/pools", {"id": "three", "name": "Three"})
    assert linked["workspace_id"] == "shop"
    assert [pool["id"] for pool in site.get("/workspace/shop/pools")["pools"]] == ["one", "two"]
    assert len(site.get("/pools")["pools"]) == 3
    (link,) = site.get("/api/admin/default/pools/one/idps")["idps"]
    assert (link["workspace_id"], link["method"]) == ("shop", "identity_pool")
    assert site.get("/api/admin/default/pools/two/idps") == {"idps": []}
    assert site.ask("DELETE", "/admin/workspace/elsewhere/pools/one").status_code == 404
    assert site.ask("DELETE", f"{path}/one", with_idp="true").status_code == 204
    seen = site.get("/admin/workspace/shop/user/pools", limit=1)
    assert [pool["id"] for pool in seen["pools"]] == ["two"]


def test_a_link_lets_a_pool_s_users_in_until_it_is_switched_off(site: Asked) -> None:
    site.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
    site.post("/pools", {"id": "p", "name": "P"})
    idps = "/api/admin/default/servers/shop/idps/identity_pool"
    made = site.post(idps, {"identity_pool_id": "p", "name": "P"})
    assert site.ask("POST", idps, {"identity_pool_id": "p"}).status_code == 422
    assert site.get(f"{idps}/{made['id']}") == made
    assert site.inside(lambda directory: pools.visible_to(directory, "shop")) == ["p"]
    assert site.put(f"{idps}/{made['id']}", {**made, "disabled": True})["disabled"] is True
    assert site.ask("GET", f"{idps}/{made['id']}").status_code == 404
    assert site.inside(lambda directory: pools.visible_to(directory, "shop")) == []


def test_the_role_of_a_pool_is_granted_listed_and_revoked(site: Asked) -> None:
    site.post("/pools", {"id": "p", "name": "P"})
    site.post("/pools/p/users", {"id": "ada", "status": "active"})
    base = "/api/admin/default/pools/p"
    role = {"type": "identity_pool_user", "identity_pool_user_id": "ada", "role": "user_manager"}
    site.post(f"{base}/roles/grant", role, 204)
    (subject,) = site.get(f"{base}/roles")["subjects"]
    assert (subject["identity_pool_user_id"], subject["roles"]) == ("ada", {"user_manager": True})
    assert site.get(f"{base}/users/ada/roles")["resources"][0]["identity_pool_id"] == "p"
    assert site.ask("DELETE", f"{base}/roles/revoke", role).status_code == 204
    assert site.ask("DELETE", f"{base}/roles/revoke", role).status_code == 404
    assert site.get(f"{base}/roles") == {"subjects": []}
    assert site.ask("POST", f"{base}/roles/grant", {**role, "role": "admin"}).status_code == 422


@pytest.mark.parametrize("way", ["pool", "tree", "dump"])
def test_a_pool_that_is_made_again_has_nobody_who_manages_it_and_no_link_of_old(site: Asked, way: str) -> None:
    site.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
    link = {"identity_pool_id": "p_1", "name": "Ours"}
    grant = {"type": "idp", "idp_id": "x", "role": "user_manager"}
    for id in ("p_1", "P_1", "px1"):
        site.post("/pools", {"id": id, "name": id})
        site.post("/api/admin/default/servers/shop/idps/identity_pool", {**link, "identity_pool_id": id})
        site.post(f"/api/admin/default/pools/{id}/roles/grant", grant, 204)
    gone = {
        "pool": lambda: site.ask("DELETE", "/pools/p_1"),
        "tree": lambda: site.ask("PATCH", "/api/hub/default/promote/config-rfc7396", {"pools": {"p_1": None}}),
        "dump": lambda: site.ask("PATCH", "/configuration", [{"op": "remove", "path": f"/pools/{at('p_1')}"}]),
    }

    def at(id: str) -> int:
        return [pool["id"] for pool in site.get("/configuration")["pools"]].index(id)

    assert gone[way]().status_code == 204
    site.post("/pools", {"id": "p_1", "name": "Again"})
    site.post("/api/admin/default/servers/shop/idps/identity_pool", {"identity_pool_id": "p_1"})
    assert site.get("/api/admin/default/pools/p_1/roles") == {"subjects": []}
    assert site.get("/api/admin/default/pools/p_1/idps")["idps"][0]["name"] == "Again"
    for id in ("P_1", "px1"):
        assert len(site.get(f"/api/admin/default/pools/{id}/roles")["subjects"]) == 1
        assert site.get(f"/api/admin/default/pools/{id}/idps")["idps"][0]["name"] == "Ours"


def test_schemas_lose_the_nulls_that_clients_send(site: Asked) -> None:
    sent = {
        "id": "profile",
        "tenant_id": "",
        "name": "Profile",
        "created_at": "0001-01-01T00:00:00.000Z",
        "schema": {
            "type": "object",
            "allOf": None,
            "enum": None,
            "required": None,
            "properties": {"name": {"type": "string", "enum": None, "minLength": 1}},
        },
    }
    made = site.post("/schemas", sent)
    assert made["schema"] == {"type": "object", "properties": {"name": {"type": "string", "minLength": 1}}}
    assert made["tenant_id"] == "default"
    assert {one["id"] for one in site.get("/schemas")["schemas"]} == {"default_payload", "default_metadata", "profile"}


def test_schemas_change_and_go_when_nobody_uses_them(site: Asked) -> None:
    schema = {"id": "s", "name": "S", "schema": {"type": "object"}}
    site.post("/schemas", schema)
    site.post("/pools", {"id": "p", "name": "P", "payload_schema_id": "s"})
    changed = site.put("/schemas/s", {**schema, "description": "new"})
    assert changed["description"] == "new"
    assert site.ask("DELETE", "/schemas/s").status_code == 409
    site.ask("DELETE", "/pools/p")
    assert site.ask("DELETE", "/schemas/s").status_code == 204
    assert site.ask("PUT", "/schemas/default_payload", schema).status_code == 403
    assert site.ask("DELETE", "/schemas/default_payload").status_code == 403
    wrong = {"name": "S", "schema": {"type": "object", "$ref": "#/x"}}
    assert site.ask("POST", "/schemas", wrong).status_code == 422
    assert site.ask("POST", "/schemas", {"name": "S"}).status_code == 422


def test_organizations_have_templates_parents_and_pools(site: Asked) -> None:
    base = "/api/system/default/organizations"
    site.post("/api/admin/default/servers", {"id": "saas", "name": "SaaS"})
    template = {
        "id": "standard",
        "name": "Standard",
        "parent_id": "saas",
        "template": True,
        "color": "#222222",
        "authentication_mechanisms": ["password"],
    }
    site.post(base, template)
    made = site.post(
        base,
        {
            "id": "acme",
            "name": "ACME",
            "parent_id": "saas",
            "template_id": "standard",
            "domains": ["acme.example"],
            "metadata": {"payload": {"pool-as-code": {"x": 1}}},
        },
    )
    assert (made["color"], made["authentication_mechanisms"]) == ("#222222", ["password"])
    assert made["metadata"] == {"payload": {"pool-as-code": {"x": 1}}}
    assert [one["id"] for one in site.get(base, template="true")["organizations"]] == ["standard"]
    assert [one["id"] for one in site.get(base, search_phrase="acm")["organizations"]] == ["acme"]
    whole = site.get(base)["organizations"]
    assert site.get(base, sort="name", order="asc")["organizations"] == sorted(whole, key=lambda one: str(one["name"]))
    first = site.get(base, limit=1)["organizations"]
    assert first + site.get(base, after_organization_id=first[0]["id"])["organizations"] == whole
    pool = site.post("/pools", {"id": "staff", "name": "Staff", "workspace_id": "acme"})
    assert pool["workspace_id"] == "acme"
    assert site.ask("DELETE", f"{base}/acme").status_code == 409
    assert site.put(f"{base}/acme", {"name": "ACME Inc", "parent_id": "saas"})["name"] == "ACME Inc"
    assert site.ask("PUT", f"{base}/acme", {"name": "ACME", "parent_id": "standard"}).status_code == 422
    assert site.ask("POST", base, {"id": "system", "name": "x"}).status_code == 409
    site.ask("DELETE", "/pools/staff")
    assert site.ask("DELETE", f"{base}/acme").status_code == 204
