"""The vendor's reference web applications, by what they send: the user's and the administrator's application in a browser, the
library that signs both in, the Node service behind the user's, and the program with a sign-in page of its own.

Facts of the published sources of cloudentity-auth-js and of the identity pool reference applications; the words are ours."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import jwt
import pytest

from pool_as_code.server.clients import Client
from tests.server.browser import HOME, Browser, WebApp, web_client
from tests.server.site import Asked
from tests.server.test_signing_in_pages import GOOD, NEW, a_shop

SECRET = "a secret of sixteen or more"
LOGIN_PAGE = "http://localhost:5003/login/"
PAGE = {"origin": "http://localhost:3000", "sec-fetch-mode": "cors"}
"""What a browser adds to what a page of the application asks."""


@pytest.fixture
def site() -> Iterator[Asked]:
    digest = hashlib.sha256(SECRET.encode()).digest()
    programs = [Client(server, frozenset({server}), secret_digest=digest) for server in ("admin", "system", "shop")]
    branded = web_client("branded", login_page=LOGIN_PAGE)
    office = web_client("office", ("admin",), administrators=frozenset({"p/ada-1"}))
    with Asked(clients=(web_client(), branded, office, *programs)) as asked:
        a_shop(asked)
        yield asked


def server_token(site: Asked, server: str, scope: str) -> str:
    """A token as the Node programs fetch theirs: id and secret in the header, a scope that may be empty."""
    basic = b64encode(f"{server}:{quote(SECRET)}".encode()).decode()
    answer = site.http.post(
        f"/default/{server}/oauth2/token",
        data={"grant_type": "client_credentials", "scope": scope},
        headers={"authorization": f"Basic {basic}", "accept": "application/json"},
    )
    assert answer.status_code == 200, answer.text
    assert jwt.decode(answer.json()["access_token"], options={"verify_signature": False})["exp"]
    return str(answer.json()["access_token"])


def signed_in(site: Asked, app: WebApp) -> dict[str, Any]:
    """Ada's tokens, as the library has them: it compares the state in the address as it stands there, and the nonce in the ID token."""
    browser = app.begin(Browser(site)).submit("password", name="ada", password=GOOD)
    raw = dict(pair.split("=") for pair in urlsplit(browser.left_to).query.split("&"))
    assert raw["state"] == quote(app.state, safe="!~*'()")
    answer = app.redeem(raw["code"])
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    tokens: dict[str, Any] = answer.json()
    said = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert said["nonce"] == app.nonce
    access = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert access["iat"] < access["exp"]
    return tokens


def from_page(site: Asked, method: str, path: str, token: str, body: Any = None) -> httpx.Response:
    """A request of a page: a browser asks first whether it may."""
    asks = {"access-control-request-method": method, "access-control-request-headers": "authorization,content-type"}
    before = site.http.options(path, headers={**PAGE, **asks})
    assert before.status_code == 204
    assert method in before.headers["access-control-allow-methods"]
    answer = site.http.request(method, path, json=body, headers={**PAGE, "authorization": f"Bearer {token}"})
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    return answer


def test_the_user_s_application_shows_and_changes_a_profile(site: Asked) -> None:
    tokens = signed_in(site, WebApp(site, state="a state/with &all=of it"))
    token = tokens["access_token"]
    me = "/default/shop/identity/self/me"
    assert from_page(site, "GET", me, token).json()["payload"]["given_name"] == "Ada"
    changed = from_page(site, "PUT", me, token, {"payload": {"name": "Ada Lovelace", "given_name": "Ada"}})
    assert changed.json()["payload"]["name"] == "Ada Lovelace"
    assert from_page(site, "GET", "/default/shop/userinfo", token).json()["name"] == "Ada Lovelace"


def test_logging_out_takes_the_token_back(site: Asked) -> None:
    token = signed_in(site, WebApp(site, scope="profile email openid revoke_tokens"))["access_token"]
    form = f"token={token}"
    headers = {"content-type": "application/x-www-form-urlencoded", "authorization": f"Bearer {token}", **PAGE}
    answer = site.http.post("/default/shop/oauth2/revoke", content=form, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert from_page(site, "GET", "/default/shop/userinfo", token).status_code == 401


def test_silent_sign_in_is_told_at_once_that_somebody_has_to_sign_in(site: Asked) -> None:
    browser = WebApp(site).begin(Browser(site), prompt="none", method_hint="")
    assert browser.left_to.startswith(f"{HOME}?error=login_required")


def test_the_administrator_s_application_keeps_pools_and_users_through_its_own_server(site: Asked) -> None:
    token = signed_in(site, WebApp(site, client_id="office", server="admin"))["access_token"]
    base, headers = "/api/identity/default/admin", {"authorization": f"Bearer {token}"}

    def ask(method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = site.http.request(method, base + path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else {}

    assert [pool["id"] for pool in ask("GET", "/pools")["pools"]] == ["p"]
    made = ask(
        "POST",
        "/pools",
        {"name": "Made", "public_registration_allowed": False, "authentication_mechanisms": ["password"]},
        201,
    )
    ask("PUT", f"/pools/{made['id']}", {**made, "name": "Renamed"})
    assert ask("GET", f"/pools/{made['id']}")["name"] == "Renamed"
    user = ask(
        "POST",
        f"/pools/{made['id']}/users",
        {
            "payload": {"given_name": "Bea"},
            "identifiers": [{"identifier": "bea@example.com", "type": "email"}],
            "verifiable_addresses": [],
            "credentials": [],
            "status": "active",
        },
        201,
    )
    one = f"/pools/{made['id']}/users/{user['id']}"
    ask("PUT", one, {"payload": {"given_name": "Beatrix"}, "status": "inactive"})
    assert ask("GET", one)["status"] == "inactive"
    assert [listed["id"] for listed in ask("GET", f"/pools/{made['id']}/users")["users"]] == [user["id"]]
    ask("DELETE", one, status=204)


def test_the_node_service_finds_the_user_of_a_token_and_works_for_them(site: Asked) -> None:
    token = signed_in(site, WebApp(site))["access_token"]
    headers = {"authorization": f"Bearer {server_token(site, 'shop', 'introspect_tokens')}"}
    said = site.http.post("/default/shop/oauth2/introspect", data={"token": token}, headers=headers).json()
    assert said["active"] is True
    assert "profile" in said["scope"].split()
    user_id = said["identity_pool_uuid"]
    assert user_id == "ada-1"
    admin = {"authorization": f"Bearer {server_token(site, 'admin', '')}"}
    one = f"/api/identity/default/admin/pools/p/users/{user_id}"
    shown = site.http.get(one, headers=admin).json()
    assert {"id", "status", "payload", "identifiers", "created_at", "updated_at"} <= set(shown)
    changed = site.http.put(one, json={"payload": {"name": "Ada L", "given_name": "A"}}, headers=admin)
    assert changed.json()["payload"]["given_name"] == "A"
    system = {"authorization": f"Bearer {server_token(site, 'system', 'identity manage_logins')}"}
    path = f"/api/identity/default/system/pools/p/users/{user_id}/change_password"
    answer = site.http.post(path, json={"old_password": GOOD, "new_password": NEW}, headers=system)
    assert (answer.status_code, answer.content) == (204, b"")
    site.post(
        "/schemas", {"id": "s", "name": "S", "schema": {"type": "object", "properties": {"hat": {"type": "string"}}}}
    )
    assert "hat" in site.http.get("/api/identity/default/admin/schemas/s", headers=admin).json()["schema"]["properties"]
    made = {
        "payload": {},
        "identifiers": [{"identifier": "cy@example.com", "type": "email"}],
        "credentials": [],
        "status": "new",
    }
    created = site.http.post("/api/identity/default/system/pools/p/users", json=made, headers=system)
    assert created.status_code == 201
    expired = site.http.post("/default/shop/oauth2/introspect", data={"token": "x.y.z"}, headers=headers).json()
    assert expired["active"] is False


def a_login(site: Asked, browser: Browser) -> dict[str, str]:
    """What the sign-in program's page reads in its address."""
    WebApp(site, client_id="branded").begin(browser)
    assert browser.left_to.startswith(LOGIN_PAGE)
    for name in ("client_id", "idp_client_id", "login_id", "login_state", "server_id", "tenant_url"):
        assert browser.answer[name]  # the page shows its form only where all of them are there
    return browser.answer


def test_a_sign_in_page_of_one_s_own_is_told_who_asks_and_where(site: Asked) -> None:
    told = a_login(site, Browser(site))
    assert (told["client_id"], told["server_id"], told["tenant_id"]) == ("branded", "shop", "default")
    assert (told["idp_client_id"], told["tenant_url"]) == ("everything", "http://testserver/default")


def test_the_administrator_s_application_reads_into_the_metadata_of_every_pool(site: Asked) -> None:
    site.post("/pools", {"id": "bare", "name": "Bare"})
    for path in ("/pools", "/admin/pools"):
        assert all(isinstance(pool["metadata"], dict) for pool in site.get(path)["pools"])
    assert site.get("/pools/bare")["metadata"] == {}


def test_a_program_with_its_own_sign_in_page_says_who_it_was(site: Asked) -> None:
    app, browser = WebApp(site, client_id="branded"), Browser(site)
    app.begin(browser)
    login = browser.answer
    headers = {"authorization": f"Bearer {server_token(site, 'system', 'identity manage_logins')}"}
    verified = site.http.post(
        "/api/identity/default/system/pools/p/user/password/verify",
        json={"identifier": "ada", "password": GOOD},
        headers=headers,
    )
    body = {
        "auth_time": "2026-01-01T00:00:00.000Z",
        "subject": "ada",
        "login_state": login["login_state"],
        "authentication_context": {"user": {"id": verified.json()["id"]}},
    }
    path = f"/api/system/default/logins/{login['login_id']}"
    assert (
        site.http.get(path, params={"login_state": login["login_state"]}, headers=headers).json()["client_id"]
        == "branded"
    )
    answer = site.http.post(f"{path}/accept", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    target = answer.json()["redirect_to"]
    assert Browser(site).get(target).page.status_code == 400  # another browser is not let in with it
    assert site.http.post(f"{path}/accept", json=body, headers=headers).status_code == 404
    tokens = app.signed_in(browser.get(target))
    assert jwt.decode(tokens["id_token"], options={"verify_signature": False})["sub"] == "ada-1"
    assert browser.get(target).page.status_code == 400


def test_what_such_a_program_can_not_say(site: Asked) -> None:
    browser = Browser(site)
    login = a_login(site, browser)
    headers = {"authorization": f"Bearer {server_token(site, 'system', 'manage_logins')}"}
    path = f"/api/system/default/logins/{login['login_id']}"
    user = {"authentication_context": {"user": {"id": "ada-1"}}}
    assert site.http.post(f"{path}/accept", json={"login_state": "x", **user}, headers=headers).status_code == 404
    assert site.http.post(f"{path}/accept", json={**user}, headers=headers).status_code == 422
    state = {"login_state": login["login_state"]}
    assert site.http.post(f"{path}/accept", json=state, headers=headers).status_code == 422
    nobody = {"authentication_context": {"user": {"id": "nobody"}}}
    assert site.http.post(f"{path}/accept", json={**state, **nobody}, headers=headers).status_code == 422
    without = {"authorization": f"Bearer {server_token(site, 'system', 'identity')}"}
    assert site.http.post(f"{path}/accept", json={**state, **user}, headers=without).status_code == 403
    # who knows the proof of the page, but was answered nothing, does not go on
    proof = {"login_id": login["login_id"], "login_proof": login["login_state"]}
    assert browser.get("/default/shop/oauth2/continue", **proof).page.status_code == 400
    target = site.http.post(f"{path}/reject", json={**state, "error": "access_denied"}, headers=headers).json()[
        "redirect_to"
    ]
    assert browser.get(target).answer["error"] == "access_denied"
