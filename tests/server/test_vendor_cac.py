"""The vendor's configuration-as-code program against this server: pull, push import, push patch and diff, as it does them.

It reads an answer into typed models (what they do not know is gone, what an answer leaves out is a zero value), keeps those
as files with every zero value written out, and sends them back: an import as the models write themselves (zero values left
out, lists as `null`), a patch as the files stand. A diff compares the files with the models of a fresh read.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from tests.server.site import TENANT, Asked

HUB = f"/api/hub/{TENANT}"
POOL: Mapping[str, Any] = {
    "allow_skip_2fa": False,
    "authentication_mechanisms": None,
    "badge_color": "",
    "business_metadata_schema_id": "",
    "deleted": False,
    "description": "",
    "identifier_case_insensitive": False,
    "metadata": None,
    "metadata_schema_id": "",
    "mfa_session_ttl": "0s",
    "name": "",
    "otp_settings": None,
    "password_policy": None,
    "password_settings": None,
    "payload_schema_id": "",
    "preferred_authentication_mechanism": "",
    "public_registration_allowed": False,
    "reset_credentials_settings": None,
    "second_factor_authentication_mechanisms": None,
    "second_factor_preferred_authentication_mechanism": "",
    "second_factor_threshold": 0,
    "system": False,
    "totp_settings": None,
    "webauthn_settings": None,
}
SCHEMA: Mapping[str, Any] = {
    "created_at": "0001-01-01T00:00:00.000Z",
    "description": "",
    "name": "",
    "schema": None,
    "system": False,
    "updated_at": "0001-01-01T00:00:00.000Z",
}
LISTS = (
    *("authentication_mechanisms", "backchannel_token_delivery_modes_supported", "grant_types", "rotated_secrets"),
    *("scope_claim_formats", "subject_identifier_types", "token_endpoint_auth_methods"),
    *("token_endpoint_auth_signing_alg_values", "token_endpoint_authn_methods"),
)
"""Lists of a server that its model writes as `null`."""
SERVER: Mapping[str, Any] = {
    **dict.fromkeys(LISTS),
    "access_token_ttl": "0s",
    "authorization_code_ttl": "0s",
    "color": "",
    "cookie_max_age": "0s",
    "description": "",
    "do_not_create_default_claims": False,
    "enforce_pkce": False,
    "id_token_ttl": "0s",
    "idps": None,
    "initialize": False,
    "name": "",
    "parent_id": "",
    "pools": None,
    "profile": "",
    "refresh_token_ttl": "0s",
    "template": False,
    "type": "",
    "version": 0,
}
SERVER_TYPES = ("", "admin", "developer", "system", "regular", "organization")
LINK: Mapping[str, Any] = {
    "disabled": False,
    "display_order": 0,
    "hidden": False,
    "identity_pool_id": "",
    "method": "",
    "name": "",
    "static_amr": None,
    "version": 0,
    "workspace_id": "",
}
KEYWORD_LISTS = ("allOf", "anyOf", "enum", "oneOf", "required")
NESTED = {"pools": POOL, "schemas": SCHEMA, "servers": SERVER, "idps": LINK}
TENANT_MODEL: Mapping[str, Any] = {"name": "", "url": "", "pools": None, "schemas": None, "servers": None}


def typed(body: Any, model: Mapping[str, Any]) -> Any:
    """What a model holds after it read this: every field it knows, zero where nothing was said."""
    found: dict[str, Any] = {
        key: copy.deepcopy(body[key]) if body.get(key) is not None else zero for key, zero in model.items()
    }
    for key, inner in NESTED.items():
        if found.get(key) is not None:
            found[key] = {id: typed(one, inner) for id, one in found[key].items()}
    if model is SCHEMA and found["schema"] is not None:
        found["schema"] = keywords(found["schema"])
    return found


def keywords(schema: Any) -> dict[str, Any]:
    """A JSON Schema as its model: `false` and zero are nothing, five lists are always there."""
    found = dict.fromkeys(KEYWORD_LISTS) | {key: value for key, value in schema.items() if value not in (False, 0, "")}
    for key in ("properties", "patternProperties", "dependentSchemas"):
        if key in found:
            found[key] = {name: keywords(inner) for name, inner in found[key].items()}
    for key in ("items", "not", "contains"):
        if key in found:
            found[key] = keywords(found[key])
    return found


def written(body: Mapping[str, Any], model: Mapping[str, Any]) -> dict[str, Any]:
    """What a model sends: no zero values, but the lists that are always written."""
    always = {**dict.fromkeys(LISTS), "static_amr": None, "name": ""}
    found: dict[str, Any] = {}
    for key, zero in model.items():
        value = body.get(key)
        if value in (None, zero, {}) and not (key in always and zero is always[key]):
            continue
        nested = NESTED.get(key)
        found[key] = {id: written(one, nested) for id, one in value.items()} if nested and value else value
    return found


class Cac:
    """The program. `files` is its folder; `workspace` empty means the tenant."""

    def __init__(self, site: Asked, workspace: str = "") -> None:
        self.site, self.workspace = site, workspace
        self.url = f"{HUB}/workspaces/{workspace}/promote/config" if workspace else f"{HUB}/promote/config"
        self.model = SERVER if workspace else TENANT_MODEL
        self.files: dict[str, Any] = {}
        self.headers = {"authorization": f"Bearer {site.token(scope='manage_configuration')}"}

    def read(self) -> dict[str, Any]:
        answer = self.site.ask("GET", self.url, headers=self.headers, with_credentials="false")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json"), answer.text
        tree: dict[str, Any] = typed(answer.json(), self.model)
        for id in [self.workspace] if self.workspace else list(tree["servers"] or {}):
            for use in ("sig", "enc"):
                path = f"/api/admin/{TENANT}/servers/{id}/keys/automatic-key-rotation"
                rotation = self.site.http.get(path, params={"use": use}, headers=self.headers)
                assert rotation.json() == {"cron": "", "enabled": False}
        for server in [tree] if self.workspace else (tree["servers"] or {}).values():
            assert server["type"] in SERVER_TYPES
        return tree

    def pull(self) -> Cac:
        self.files = self.read()
        return self

    def push(self, method: str, mode: str = "update", status: int = 204) -> None:
        if method == "import":
            answer = self.site.ask("POST", self.url, written(self.files, self.model), headers=self.headers, mode=mode)
        else:
            patch = {key: value for key, value in self.files.items() if value is not None}
            answer = self.site.ask("PATCH", f"{self.url}-rfc7396", patch, headers=self.headers, mode=mode)
        assert answer.status_code == status, answer.text
        assert bool(answer.content) == (status != 204)

    def diff(self) -> dict[str, Any]:
        """Members that differ: here and there."""
        there = self.read()
        return {key: (value, there[key]) for key, value in self.files.items() if value != there[key]}


@pytest.fixture
def tenant(site: Asked) -> Asked:
    site.post("/api/admin/default/servers", {"id": "shop", "name": "Shop", "color": "#222222"})
    organization = {"id": "acme", "name": "ACME", "parent_id": "shop", "domains": ["acme.example"]}
    site.post(f"/api/system/{TENANT}/organizations", organization)
    profile = {"type": "object", "properties": {"name": {"type": "string", "minLength": 1}}, "required": ["name"]}
    site.post("/schemas", {"id": "customer", "name": "Customer", "schema": profile})
    site.post("/pools", {"id": "staff", "name": "Staff"})
    settings = {
        "authentication_mechanisms": ["password", "email_otp"],
        "preferred_authentication_mechanism": "password",
        "public_registration_allowed": True,
        "payload_schema_id": "customer",
        "mfa_session_ttl": "720h0m0s",
        "second_factor_threshold": 0.5,
        "password_policy": {"min_length": 12, "strength": "strong"},
        "otp_settings": {
            "activation": {"length": 6, "ttl": "10m0s"},
            "challenge": {"length": 8},
            "require_user_confirmation_before_send": True,
        },
        "webauthn_settings": {"rp_id": "shop.example", "rp_origins": ["https://shop.example"]},
        "reset_credentials_settings": {"do_not_allow_users_to_self_reset_credentials": True},
        "metadata": {"label": "x", "pool-as-code": {"owner": "somebody"}},
    }
    site.post("/admin/workspace/shop/pools", {"id": "customers", "name": "Customers", **settings}, with_idp="true")
    site.post("/admin/workspace/acme/pools", {"id": "acme", "name": "ACME"}, with_idp="true")
    site.put("/admin/pools/customers", {**site.get("/pools/customers"), "credential_limits": {"webauthn": 3}})
    return site


@pytest.mark.parametrize("method", ["import", "patch"])
@pytest.mark.parametrize("workspace", ["", "shop", "acme"])
def test_what_was_pulled_and_pushed_again_changes_nothing(tenant: Asked, workspace: str, method: str) -> None:
    before = tenant.get(f"{HUB}/promote/config"), tenant.get("/pools"), tenant.get("/schemas")
    cac = Cac(tenant, workspace).pull()
    cac.push(method)
    assert cac.diff() == {}
    assert (tenant.get(f"{HUB}/promote/config"), tenant.get("/pools"), tenant.get("/schemas")) == before
    assert Cac(tenant, workspace).pull().files == cac.files


@pytest.mark.parametrize("method", ["import", "patch"])
def test_what_was_pushed_to_an_empty_tenant_reads_back_as_it_was(tenant: Asked, method: str) -> None:
    files = Cac(tenant).pull().files
    with Asked() as other:
        cac = Cac(other)
        cac.files = files
        cac.push(method)
        left = cac.diff()
        for here, there in (left.pop("schemas", ({}, {})),):
            volatile = {"created_at", "updated_at"}
            for id in here:
                assert {k: v for k, v in here[id].items() if k not in volatile} == {
                    k: v for k, v in there[id].items() if k not in volatile
                }
        assert left == {}
        assert other.get("/pools/customers")["workspace_id"] == "shop"
        cac.pull().push(method)
        assert cac.diff() == {}


@pytest.mark.parametrize("method", ["import", "patch"])
def test_a_changed_file_is_pushed_and_the_diff_is_empty_after(tenant: Asked, method: str) -> None:
    cac = Cac(tenant).pull()
    pool = cac.files["servers"]["shop"]["pools"]["customers"]
    pool.update(name="Buyers", mfa_session_ttl="0s", public_registration_allowed=False, second_factor_threshold=0)
    pool["password_policy"] = {"min_length": 14, "strength": "strong"}
    cac.files["servers"]["shop"]["name"] = "The shop"
    cac.files["servers"]["shop"]["access_token_ttl"] = "10m0s"
    cac.files["servers"]["shop"]["grant_types"] = ["client_credentials"]
    cac.files["name"] = "Our tenant"
    cac.files["pools"]["more"] = typed({"name": "More", "payload_schema_id": "customer"}, POOL)
    cac.push(method)
    left = cac.diff()
    assert set(left) <= {"pools"}  # the directory chose settings of the new pool that its file does not name
    assert cac.pull().files["pools"]["more"]["name"] == "More"
    shown = tenant.get("/pools/customers")
    assert (shown["name"], shown["password_policy"]["min_length"]) == ("Buyers", 14)
    assert "mfa_session_ttl" not in shown
    assert shown["credential_limits"] == {"webauthn": 3}
    assert tenant.get("/api/admin/default/servers/shop")["name"] == "The shop"
    cac.files["servers"]["shop"]["access_token_ttl"] = "0s"
    cac.push("import")
    cac.push("patch")
    assert cac.diff() == {}


def test_an_import_makes_the_workspace_that_it_names(site: Asked) -> None:
    cac = Cac(site, "e2e-1a2b")
    cac.files = typed({"name": "e2e-1a2b"}, SERVER)
    cac.push("import")
    assert cac.pull().files["name"] == "e2e-1a2b"
    cac.files["name"] = "e2e-renamed"
    cac.push("import")
    assert Cac(site, "e2e-1a2b").pull().files["name"] == "e2e-renamed"
    cac.push("import", "fail", 409)
    cac.files["name"] = "ignored"
    cac.push("import", "ignore")
    assert Cac(site, "e2e-1a2b").pull().files["name"] == "e2e-renamed"
    assert site.ask("PATCH", f"{HUB}/workspaces/nowhere/promote/config-rfc7396", {"name": "X"}).status_code == 404


def test_collections_that_are_null_say_nothing_and_single_objects_that_are_null_are_deleted(tenant: Asked) -> None:
    before = tenant.get(f"{HUB}/promote/config")
    filtered: dict[str, Any] = {"pools": None, "schemas": None, "servers": None, "themes": None}
    assert tenant.ask("PATCH", f"{HUB}/promote/config-rfc7396", filtered, mode="update").status_code == 204
    body = {"servers": {"shop": {"pools": None, "idps": None, "clients": None}}}
    assert tenant.ask("PATCH", f"{HUB}/promote/config-rfc7396", body, mode="update").status_code == 204
    assert tenant.ask("POST", f"{HUB}/promote/config", filtered, mode="update").status_code == 204
    assert tenant.get(f"{HUB}/promote/config") == before
    gone = {"pools": {"staff": None}, "servers": {"shop": {"idps": dict.fromkeys(before["servers"]["shop"]["idps"])}}}
    assert tenant.ask("PATCH", f"{HUB}/promote/config-rfc7396", gone).status_code == 204
    after = tenant.get(f"{HUB}/promote/config")
    assert after["pools"] == {}
    assert after["servers"]["shop"]["idps"] == {}
    assert tenant.get("/api/admin/default/pools/customers/idps") == {"idps": []}


def test_a_file_that_still_holds_the_id_is_taken(tenant: Asked) -> None:
    pool = {**typed(tenant.get("/pools/staff"), POOL), "id": "staff", "tenant_id": ""}
    patch = {"pools": {"staff": {key: value for key, value in pool.items() if value is not None}}}
    assert tenant.ask("PATCH", f"{HUB}/promote/config-rfc7396", patch, mode="update").status_code == 204
    assert tenant.get("/pools/staff")["name"] == "Staff"


def test_a_link_keeps_the_id_and_the_name_it_was_pushed_with(tenant: Asked) -> None:
    cac = Cac(tenant, "shop").pull()
    link = {"method": "identity_pool", "identity_pool_id": "staff", "name": "For us", "display_order": 2}
    cac.files["idps"]["c1a2b3"] = typed(link, LINK)
    cac.push("import")
    assert cac.diff() == {}
    url = "/api/admin/default/servers/shop/idps/identity_pool/c1a2b3"
    assert tenant.get(url)["name"] == "For us"
    assert tenant.put(url, {"identity_pool_id": "staff", "name": "Staff only"})["id"] == "c1a2b3"
    assert cac.pull().files["idps"]["c1a2b3"]["name"] == "Staff only"
    assert tenant.ask("DELETE", url).status_code == 204
    assert "c1a2b3" not in cac.pull().files["idps"]


def test_secrets_of_a_workspace_are_not_kept(tenant: Asked) -> None:
    server = {
        "name": "Shop",
        "secret": "s3cret-of-hashes",
        "rotated_secrets": ["old-s3cret"],
        "jwks": {"keys": ["s3cret"]},
    }
    clients = {
        "clients": {"c": {"client_name": "C", "client_secret": "s3cret"}},
        "webhooks": {"w": {"api_key": "s3cret"}},
    }
    url = f"{HUB}/workspaces/shop/promote/config"
    assert tenant.ask("POST", url, {**server, **clients}, mode="update").status_code == 204
    assert "s3cret" not in tenant.ask("GET", url, with_credentials="true").text
    assert "s3cret" not in tenant.ask("GET", "/api/admin/default/servers/shop").text


def test_the_scripts_that_move_a_workspace_between_tenants_need_no_media_type(tenant: Asked) -> None:
    url = f"{HUB}/workspaces/shop/promote/config"
    token = tenant.http.post(
        f"/{TENANT}/system/oauth2/token", content="grant_type=client_credentials", auth=("everything", tenant.secret)
    ).json()["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    assert tenant.http.get(url, headers=headers).json()["name"] == "Shop"
    form = {**headers, "content-type": "application/x-www-form-urlencoded"}
    answer = tenant.http.patch(f"{url}-rfc7396", content=b'{"description": "Sells"}', headers=form)
    assert answer.status_code == 204
    assert tenant.get(url)["description"] == "Sells"
