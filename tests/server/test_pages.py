"""The pages that links lead to."""

from __future__ import annotations

import re

import httpx
import pytest

from pool_as_code.server.delivery import deliver
from tests.server.site import Asked
from tests.server.test_mail import Letters, invited

PASSWORD = "correct horse 9"


def link_of(site: Asked) -> str:
    letters = Letters()
    site.inside(lambda directory: deliver(directory, letters, "http://testserver", "default"))
    return letters.sent[-1].text.partition(": ")[2]


def submit(site: Asked, page: httpx.Response, password: str) -> httpx.Response:
    code = re.search(r'name="code" value="([^"]+)"', page.text)
    assert code is not None
    return site.http.post(page.request.url, data={"code": code[1], "password": password})


def test_a_link_activates_an_account_with_a_first_password(site: Asked) -> None:
    invited(site)
    site.put("/pools/p", {"name": "P", "password_policy": {"min_length": 10}})
    link = link_of(site)
    for _ in range(2):
        page = site.http.get(link)
        assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    refused = submit(site, page, "short")
    assert refused.status_code == 422
    assert submit(site, refused, PASSWORD).status_code == 200
    assert site.post("/pools/p/user/password/verify", {"userID": "ada", "password": PASSWORD}, 200)["id"] == "ada"
    assert site.http.get(link).status_code == 401


def test_a_link_sets_a_new_password_once(site: Asked) -> None:
    invited(site)
    submit(site, site.http.get(link_of(site)), PASSWORD)
    site.post("/pools/p/user/password/reset/request", {"address": "ada@example.com"}, 204)
    link = link_of(site)
    page = site.http.get(link)
    assert submit(site, page, "another horse 10").status_code == 200
    assert submit(site, page, "a third horse 11").status_code == 401
    assert site.http.get(link.replace("reset-password", "activate")).status_code == 401


def test_what_stands_in_a_link_is_neither_shown_nor_followed(site: Asked) -> None:
    site.post("/pools", {"id": "p", "name": "P"})
    for code in ('"><script>alert(1)</script>', "x"):
        page = site.http.get("/default/identity/p/activate", params={"code": code, "return_to": "https://evil.example"})
        assert page.status_code == 401
        assert "script" not in page.text
        assert "evil" not in page.text


WELCOME = "https://shop.example/welcome?from=mail"


def test_an_activation_leads_to_the_page_that_the_invitation_names(site: Asked) -> None:
    invited(site)
    site.post("/pools/p/users/ada/activation/send", {}, 204, post_activation_url=WELCOME)
    page = site.http.get(link_of(site))
    assert "form-action 'self' https://shop.example;" in page.headers["content-security-policy"]
    assert WELCOME not in page.text
    site.put("/pools/p", {"name": "P", "password_policy": {"min_length": 10}})
    refused = submit(site, page, "short")
    assert (refused.status_code, "https://shop.example" in refused.headers["content-security-policy"]) == (422, True)
    done = submit(site, page, PASSWORD)
    assert (done.status_code, done.headers["location"]) == (303, WELCOME)
    assert site.get("/pools/p/users/ada")["status"] == "active"
    site.post("/pools/p/user/password/reset/request", {"address": "ada@example.com"}, 204)
    assert submit(site, site.http.get(link_of(site)), "another horse 10").status_code == 200


def test_a_later_message_says_where_an_activation_leads(site: Asked) -> None:
    invited(site)
    site.post("/pools/p/users/ada/activation/send", {}, 204, post_activation_url=WELCOME)
    site.post("/pools/p/users/ada/activation/send", {}, 204)
    assert submit(site, site.http.get(link_of(site)), PASSWORD).status_code == 200


@pytest.mark.parametrize(
    "target", ["http://shop.example/", "//evil.example", "https://a@evil.example/", "/x", "https://a/#b"]
)
def test_nobody_is_led_to_an_address_that_is_not_whole_and_safe(site: Asked, target: str) -> None:
    invited(site)
    for path in ("/pools/p/users/ada/activation/send", "/admin/pools/p/users/ada/activation/send"):
        answer = site.ask("POST", path, {}, post_activation_url=target)
        assert (answer.status_code, "page" in answer.json()["error"]) == (422, True)
    site.inside(lambda it: it.db.execute("UPDATE messages SET return_to = ?", target))  # of before it was judged
    page = site.http.get(link_of(site))
    assert "form-action 'self';" in page.headers["content-security-policy"]
    assert submit(site, page, PASSWORD).status_code == 200


SCHEMA = {
    "type": "object",
    "properties": {
        "nick": {"type": "string", "title": 'What <b>"we"</b> call you', "maxLength": 12},
        "name": {"type": "string", "description": "Your name"},
        "team": {"type": "string", "enum": ["red", "blue"]},
        "age": {"type": "integer", "minimum": 18},
        "news": {"type": "boolean"},
        "score": {"type": "number", "hidden": True},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["name"],
}
REGISTER = "/default/identity/p/register"


def open_pool(site: Asked) -> None:
    site.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
    site.post("/api/admin/default/servers", {"id": "other", "name": "Other"})
    site.post("/schemas", {"id": "s", "name": "S", "schema": SCHEMA})
    pool = {"id": "p", "name": "Customers & more", "public_registration_allowed": True, "payload_schema_id": "s"}
    site.post("/admin/workspace/shop/pools", pool, with_idp="true")


def test_people_register_on_a_page_with_the_fields_of_the_profile_schema_and_activate(site: Asked) -> None:
    open_pool(site)
    page = site.http.get(REGISTER, params={"server_id": "shop"})
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "What &lt;b&gt;&quot;we&quot;&lt;/b&gt; call you" in page.text
    assert "Customers &amp; more" in page.text
    assert re.findall(r'name="profile\.(\w+)"', page.text) == ["name", "age", "news", "nick", "team"]
    assert re.search(r'name="profile\.name" required', page.text)
    fields = {"identifier": "ada@example.com", "profile.name": "Ada", "profile.age": "36", "profile.news": "on"}
    young = site.http.post(page.request.url, data={**fields, "profile.age": "7", "profile.nick": '"><script>'})
    assert young.status_code == 422
    assert "<script>" not in young.text
    assert 'value="ada@example.com"' in young.text
    assert site.get("/pools/p/users") == {"users": []}
    done = site.http.post(page.request.url, data={**fields, "profile.score": "9", "profile.team": ""})
    assert done.status_code == 200
    (user,) = site.get("/pools/p/users")["users"]
    assert (user["status"], user["payload"]) == ("new", {"name": "Ada", "age": 36, "news": True})
    assert submit(site, site.http.get(link_of(site)), PASSWORD).status_code == 200
    body = {"identifier": "ada@example.com", "password": PASSWORD}
    assert site.post("/pools/p/user/password/verify", body, 200)["id"] == user["id"]
    assert site.http.post(page.request.url, data=fields).text == done.text


def test_nobody_registers_on_the_page_of_a_pool_that_does_not_let_them(site: Asked) -> None:
    open_pool(site)
    assert site.http.get(REGISTER, params={"server_id": "other"}).status_code == 403
    site.put("/pools/p", {"name": "P", "public_registration_allowed": False})
    assert site.http.get(REGISTER).status_code == 403
    assert site.http.post(REGISTER, data={"identifier": "a@example.com"}).status_code == 403
    assert site.http.get("/default/identity/nowhere/register").status_code == 404


def test_a_form_that_another_site_sent_registers_nobody(site: Asked) -> None:
    open_pool(site)
    fields = {"identifier": "ada@example.com", "profile.name": "Ada"}
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        assert site.http.post(REGISTER, data=fields, headers=headers).status_code == 403
    own = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
    assert site.http.post(REGISTER, data=fields, headers=own).status_code == 200
    assert site.http.post(REGISTER, data={"profile.name": "Ada"}).status_code == 422
