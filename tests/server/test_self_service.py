"""People who signed in: what they see of themselves, what they change, and what is not theirs."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from pool_as_code.directory import messages
from pool_as_code.directory.directory import Directory
from pool_as_code.server.clients import Client, made_client
from tests.server.site import Asked

GOOD, NEW, SECRET = "correct horse 9", "another horse 10", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
APP = "the app's own secret"


class Person:
    """Somebody who signed in at the workspace `shop`."""

    def __init__(self, site: Asked, name: str = "ada", password: str = GOOD) -> None:
        self.site = site
        form = {"grant_type": "password", "username": name, "password": password}
        answer = site.http.post("/default/shop/oauth2/token", data=form, auth=("app", APP))
        self.answer = answer
        self.headers = {"authorization": f"Bearer {answer.json().get('access_token', '')}"}

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self.site.http.request(method, f"/default/shop/identity{path}", headers=self.headers, json=body)


@pytest.fixture
def moment() -> list[float]:
    return [time.time()]


@pytest.fixture
def site(moment: list[float]) -> Iterator[Asked]:
    digest = hashlib.sha256(APP.encode()).digest()
    app = Client("app", frozenset({"shop"}), grants=frozenset({"password"}), secret_digest=digest)
    with Asked(settings={"clock": lambda: moment[0]}, clients=(app,)) as asked:
        asked.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
        schema = {
            "type": "object",
            "properties": {"risk": {"type": "string", "hidden": True}, "tier": {"type": "string"}},
        }
        asked.post("/schemas", {"id": "admin-only", "name": "A", "schema": schema})
        pool = {"id": "p", "name": "P", "metadata_schema_id": "admin-only", "password_policy": {"min_length": 10}}
        asked.post("/admin/workspace/shop/pools", pool, with_idp="true")
        address = {"address": "ada@example.com", "type": "email", "status": "active", "verified": True}
        asked.post(
            "/pools/p/users",
            {
                "id": "ada-1",
                "status": "active",
                "identifiers": [{"identifier": "ada", "type": "uid"}],
                "verifiable_addresses": [address],
                "payload": {"name": "Ada"},
                "metadata": {"risk": "high", "tier": "gold"},
                "credentials": [{"type": "password", "password": GOOD}],
            },
        )
        yield asked


def test_people_see_themselves_without_what_is_hidden(site: Asked) -> None:
    me = Person(site).ask("GET", "/self/me").json()
    assert (me["id"], me["payload"], me["metadata"]) == ("ada-1", {"name": "Ada"}, {"tier": "gold"})
    assert me["identifiers"][0]["identifier"] == "ada"
    more = Person(site).ask("GET", "/v2/self/me").json()
    assert more["authentication_mechanisms"] == ["password"]
    assert [one["type"] for one in more["credentials"]] == ["password"]
    assert "payload" not in more["credentials"][0]


def test_what_is_hidden_is_hidden_at_any_depth_and_stays_when_people_save_what_they_see(site: Asked) -> None:
    score = {"type": "integer", "hidden": True}
    inner = {"type": "object", "properties": {"city": {"type": "string"}, "score": score}}
    properties = {"score": score, "home": inner, "others": {"type": "array", "items": inner}}
    site.post("/schemas", {"id": "deep", "name": "D", "schema": {"type": "object", "properties": properties}})
    place = {"city": "London", "score": 2}
    profile = {"score": 1, "home": place, "others": [place, place], "nick": "A"}
    site.put("/pools/p/users/ada-1", {"payload": profile, "payload_schema_id": "deep"})
    ada, seen = Person(site), {"city": "London"}
    shown = ada.ask("GET", "/self/me").json()["payload"]
    assert shown == {"home": seen, "others": [seen, seen], "nick": "A"}
    saved = ada.ask("PUT", "/self/me", {"payload": {"home": {"city": "Paris"}}})
    assert (saved.status_code, saved.json()["payload"]) == (200, {"home": {"city": "Paris"}})
    kept = {"score": 1, "home": {"city": "Paris", "score": 2}}
    assert site.get("/pools/p/users/ada-1")["payload"] == kept
    for payload in ({"score": 9}, {"home": {"score": 9}}):
        assert ada.ask("PUT", "/v2/self/me", {"payload": payload}).status_code == 422
    assert site.get("/pools/p/users/ada-1")["payload"] == kept


def test_people_change_their_profile_and_nothing_else(site: Asked) -> None:
    ada = Person(site)
    for path in ("/self/me", "/v2/self/me"):
        assert ada.ask("PUT", path, {"payload": {"name": "Ada L"}}).json()["payload"] == {"name": "Ada L"}
    for body in ({"status": "inactive"}, {"metadata": {"tier": "x"}}, {"payload": {"name": ""}}):
        assert ada.ask("PUT", "/self/me", body).status_code == 422
    assert site.get("/pools/p/users/ada-1")["metadata"] == {"risk": "high", "tier": "gold"}


def test_people_change_their_password(site: Asked) -> None:
    ada = Person(site)
    assert ada.ask("POST", "/self/change-password", {"old_password": "x", "new_password": NEW}).status_code == 403
    assert ada.ask("POST", "/v2/self/change-password", {"old_password": GOOD, "new_password": "x"}).status_code == 422
    assert ada.ask("POST", "/v2/self/change-password", {"old_password": GOOD, "new_password": NEW}).status_code == 204
    assert Person(site, password=GOOD).answer.json()["error"] == "invalid_grant"
    assert Person(site, password=NEW).answer.status_code == 200
    assert ada.ask("POST", "/v2/self/set-password", {"new_password": NEW}).status_code == 422


def test_a_first_authenticator_is_set_soon_after_signing_in(site: Asked, moment: list[float]) -> None:
    ada = Person(site)
    moment[0] += 301
    late = ada.ask("POST", "/v2/self/set-totp-secret", {"new_totp_secret": SECRET})
    assert (late.status_code, late.json()["error_code"]) == (403, "reauthentication_required")
    again = Person(site)
    assert again.ask("POST", "/v2/self/set-totp-secret", {"new_totp_secret": SECRET}).status_code == 204
    assert again.ask("POST", "/v2/self/set-totp-secret", {"new_totp_secret": SECRET}).status_code == 422
    assert (
        again.ask("POST", "/v2/self/change-totp-secret", {"totp": "000000", "new_totp_secret": SECRET}).status_code
        == 403
    )
    assert again.ask("GET", "/v2/self/mfa/sessions").json() == {"sessions": []}


def test_a_token_of_a_person_opens_nothing_of_others(site: Asked) -> None:
    ada = Person(site)
    site.post("/api/admin/default/servers", {"id": "elsewhere", "name": "E"})
    assert site.http.get("/default/elsewhere/identity/self/me", headers=ada.headers).status_code == 401
    for path in ("/api/identity/default/system/pools", "/api/identity/default/admin/pools"):
        assert site.http.get(path, headers=ada.headers).status_code == 401
    program = {"authorization": f"Bearer {site.token()}"}
    assert site.http.get("/default/shop/identity/self/me", headers=program).status_code == 401


def test_a_suspended_person_is_out_at_once(site: Asked) -> None:
    ada = Person(site)
    site.put("/pools/p/users/ada-1", {"status": "inactive"})
    assert ada.ask("GET", "/self/me").json()["error_code"] == "invalid_access_token"
    assert Person(site).answer.json()["error"] == "invalid_grant"


def test_guessing_a_password_at_the_token_endpoint_is_blocked(site: Asked) -> None:
    found = [Person(site, password="x").answer.status_code for _ in range(6)]
    assert found == [400] * 5 + [429]


def test_codes_stand_for_a_token_where_people_come_from_a_message(site: Asked) -> None:
    def last(directory: Any) -> str:
        (*_, message) = messages.waiting(directory)
        contents = messages.contents_of(directory, message)
        assert contents is not None
        return contents.long

    site.post("/pools/p/user/password/reset/request", {"address": "ada@example.com"}, 204)
    base = "/default/shop/identity"
    body = {"code": site.inside(last), "new_password": NEW}
    assert site.http.post(f"{base}/public/pools/p/reset-password/confirm", json=body).status_code == 204
    assert site.http.post(f"{base}/public/pools/p/reset-password/confirm", json=body).status_code == 401
    new = {"address": "new@example.com", "type": "email", "verified": False}
    site.post("/pools/p/users/ada-1/addresses/add", new, 200)
    site.post("/pools/p/users/ada-1/address/verification/request", {"address": "new@example.com"}, 204)
    body = {"address": "new@example.com", "code": site.inside(last)}
    other = {**body, "address": "ada@example.com"}
    assert site.http.post(f"{base}/self/address-verification/complete", json=other).status_code == 401
    assert site.http.post(f"{base}/self/address-verification/complete", json=body).status_code == 204
    assert site.http.post(f"{base}/self/address-verification/complete", json=body).status_code == 401


def test_a_short_code_verifies_the_address_that_it_was_sent_to_and_guesses_are_counted(site: Asked) -> None:
    def short(directory: Directory) -> str:
        message = messages.waiting(directory)[-1]
        contents = messages.contents_of(directory, message)
        assert contents is not None
        return contents.short

    url = "/default/shop/identity/self/address-verification/complete"
    new = {"address": "New@example.com", "type": "email", "verified": False}
    site.post("/pools/p/users/ada-1/addresses/add", new, 200)
    site.post("/pools/p/users/ada-1/address/verification/request", {"address": "new@example.com"}, 204)
    code = site.inside(short)
    wrong = "1" * 6 if code != "1" * 6 else "2" * 6
    assert site.http.post(url, json={"address": "new@example.com", "code": wrong}).status_code == 401
    assert site.http.post(url, json={"address": "new@example.com", "code": code}).status_code == 204
    assert site.get("/pools/p/users/ada-1")["verifiable_addresses"][1]["verified"] is True
    guesses = [site.http.post(url, json={"address": "new@EXAMPLE.com", "code": wrong}).status_code for _ in range(7)]
    assert guesses == [401] * 5 + [429] * 2


def test_the_secret_of_a_client_made_for_developers_is_not_in_its_repr() -> None:
    client, secret = made_client()
    assert secret not in repr(client)
