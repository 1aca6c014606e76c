"""The vendor's reference web applications against this server: the requests of their backends and pages, and what they read
from the answers. They sign people in with the authorization code elsewhere; here their tokens come from the password grant."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from pool_as_code.server.clients import ADMIN, SYSTEM, Client
from tests.server.site import TENANT, Asked

SECRET = "a secret of the backend"
GOOD = "correct horse battery 9"
BASE = f"/api/identity/{TENANT}"


@pytest.fixture
def site() -> Iterator[Asked]:
    digest = hashlib.sha256(SECRET.encode()).digest()
    backend = Client(
        "backend",
        frozenset({SYSTEM, ADMIN, "login-demo"}),
        grants=frozenset({"client_credentials", "password"}),
        secret_digest=digest,
    )
    with Asked(clients=(backend,)) as asked:
        asked.post("/api/admin/default/servers", {"id": "login-demo", "name": "Demo"})
        names = {
            name: {"type": "string", "description": name} for name in ("given_name", "family_name", "name", "crm_id")
        }
        asked.post("/schemas", {"id": "org", "name": "Org", "schema": {"type": "object", "properties": names}})
        pool = {"id": "demo", "name": "Demo", "payload_schema_id": "org"}
        asked.post("/admin/workspace/login-demo/pools", pool, with_idp="true")
        yield asked


class Backend:
    """The backend for frontends: three programs' tokens, and the requests it makes with them."""

    def __init__(self, site: Asked) -> None:
        self.site = site
        self.admin = self.token("admin", "")
        self.system = self.token("system", "identity manage_logins")
        self.user = self.token("login-demo", "introspect_tokens")

    def token(self, server: str, scope: str, **form: str) -> str:
        data = {"grant_type": "client_credentials", "scope": scope, **form}
        answer = self.site.http.post(f"/{TENANT}/{server}/oauth2/token", data=data, auth=("backend", SECRET))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        assert jwt.decode(body["access_token"], options={"verify_signature": False})["exp"]
        return str(body["access_token"])

    def ask(self, method: str, path: str, token: str, body: Any = None) -> Any:
        self.site.clock.forward(seconds=1)
        return self.site.http.request(method, path, json=body, headers={"authorization": f"Bearer {token}"})

    def registered(self) -> str:
        """Somebody whom the page for registration made: its form, as it stands."""
        body = {
            "identifiers": [{"identifier": "ada@example.com", "type": "email"}],
            "payload": {"given_name": "Ada", "family_name": "Lovelace", "name": "Ada Lovelace"},
            "verifiable_addresses": [
                {"address": "ada@example.com", "status": "active", "type": "email", "verified": False}
            ],
            "metadata": None,
            "status": "new",
            "credentials": [],
        }
        answer = self.ask("POST", f"{BASE}/system/pools/demo/users", self.system, body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


def signed_up(backend: Backend) -> str:
    """The same person with a password."""
    id, site = backend.registered(), backend.site
    sent = backend.ask("POST", f"{BASE}/system/pools/demo/users/{id}/activation/send", backend.system, {})
    assert sent.status_code == 204
    code = site.post(f"/pools/demo/users/{id}/code/generate", {"type": "activation"}, 201)["extended_code"]
    site.post("/pools/demo/user/activate", {"code": code, "password": GOOD}, 201)
    return id


def test_the_page_for_registration_makes_a_user_who_activates_with_a_password(site: Asked) -> None:
    backend = Backend(site)
    signed_up(backend)
    body = {"identifier": "ada@example.com", "password": GOOD}
    assert (
        backend.ask("POST", f"{BASE}/system/pools/demo/user/password/verify", backend.system, body).status_code == 200
    )


def test_a_custom_page_for_signing_in_verifies_a_password_and_reads_the_error_of_a_wrong_one(site: Asked) -> None:
    backend = Backend(site)
    id = signed_up(backend)
    url = f"{BASE}/system/pools/demo/user/password/verify"
    good = backend.ask("POST", url, backend.system, {"identifier": "ada@example.com", "password": GOOD})
    assert (good.status_code, good.json()["id"]) == (200, id)
    wrong = backend.ask("POST", url, backend.system, {"identifier": "ada@example.com", "password": "x"})
    assert wrong.status_code == wrong.json()["status_code"] == 401
    assert isinstance(wrong.json()["error"], str)
    login = backend.ask(
        "POST", f"/api/system/{TENANT}/logins/x/accept", backend.system, {"subject": "ada", "login_state": "x"}
    )
    assert (login.status_code, login.json()["status_code"]) == (404, 404)  # nobody is signing in under that id


def test_a_profile_is_read_and_changed_for_whom_a_token_was_made(site: Asked) -> None:
    backend = Backend(site)
    id = signed_up(backend)
    person = {"grant_type": "password", "username": "ada@example.com", "password": GOOD}
    token = backend.token("login-demo", "profile openid email", **person)
    url = f"/{TENANT}/login-demo/oauth2/introspect"
    said = site.http.post(url, data={"token": token}, headers={"authorization": f"Bearer {backend.user}"}).json()
    assert said["active"] is True
    assert (said["sub"], said["identity_pool_id"]) == (id, "demo")
    assert "profile" in said["scope"].split()
    one = f"{BASE}/admin/pools/demo/users/{id}"
    shown = backend.ask("GET", one, backend.admin).json()
    assert shown["identifiers"][0]["identifier"] == "ada@example.com"
    payload = {"payload": {"given_name": "Countess", "family_name": "Lovelace", "name": "Countess Lovelace"}}
    changed = backend.ask("PUT", one, backend.admin, payload)
    assert (changed.status_code, changed.json()["payload"]) == (200, payload["payload"])
    assert changed.json()["status"] == "active"
    schema = backend.ask("GET", f"{BASE}/admin/schemas/org", backend.admin).json()["schema"]
    assert schema["properties"]["crm_id"]["description"] == "crm_id"
    body = {"old_password": GOOD, "new_password": "another horse battery 9"}
    url = f"{BASE}/system/pools/demo/users/{id}/change_password"
    assert backend.ask("POST", url, backend.system, body).status_code == 204


def test_a_person_reads_and_changes_the_own_profile_with_the_own_token(site: Asked) -> None:
    backend = Backend(site)
    id = signed_up(backend)
    person = {"grant_type": "password", "username": "ada@example.com", "password": GOOD}
    token = backend.token("login-demo", "", **person)
    url = f"/{TENANT}/login-demo/identity/self/me"
    assert backend.ask("GET", url, token).json()["id"] == id
    changed = backend.ask("PUT", url, token, {"payload": {"name": "Ada L."}})
    assert (changed.status_code, changed.json()["payload"]["name"]) == (200, "Ada L.")


def test_the_page_for_administrators_keeps_business_customers_as_pools(site: Asked) -> None:
    backend = Backend(site)
    labels = {"parentOrg": "demo", "type": "b2borganization", "isAuthenticationFederated": False, "bp": ["a", "b"]}
    body = {
        "tenant_id": TENANT,
        "name": "Child",
        "id": "child",
        "authentication_mechanisms": ["password"],
        "public_registration_allowed": False,
        "payload_schema_id": "org",
        "metadata": labels,
    }
    made = backend.ask("POST", f"{BASE}/admin/pools", backend.admin, body)
    assert (made.status_code, made.json()["metadata"]) == (201, labels)
    listed = {one["id"]: one for one in backend.ask("GET", f"{BASE}/admin/pools", backend.admin).json()["pools"]}
    assert listed["child"]["metadata"]["type"] == "b2borganization"
    assert listed["child"]["payload_schema_id"] == "org"
    whole = backend.ask("GET", f"{BASE}/admin/pools/child", backend.admin).json()
    changed = backend.ask(
        "PUT",
        f"{BASE}/admin/pools/child",
        backend.admin,
        {**whole, "name": "Kid", "metadata": {**labels, "industry": "x"}},
    )
    assert (changed.status_code, changed.json()["name"]) == (200, "Kid")
    assert changed.json()["metadata"] == {**labels, "industry": "x"}
    person = {
        "credentials": [{"type": "password", "password": GOOD}],
        "identifiers": [{"identifier": "bob@example.com", "type": "email"}],
        "payload": {"given_name": "Bob", "family_name": "B", "name": "Bob B"},
        "status": "active",
    }
    user = backend.ask("POST", f"{BASE}/admin/pools/child/users", backend.admin, person)
    assert user.status_code == 201, user.text
    (row,) = backend.ask("GET", f"{BASE}/admin/pools/child/users", backend.admin).json()["users"]
    assert (row["payload"]["name"], row["status"]) == ("Bob B", "active")
    one = f"{BASE}/admin/pools/child/users/{user.json()['id']}"
    assert backend.ask("PUT", one, backend.admin, {"payload": {"name": "B"}}).status_code == 200
    gone = backend.ask("DELETE", one, backend.admin)
    assert (gone.status_code, gone.text) == (204, "")
