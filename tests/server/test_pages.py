"""The pages that links lead to."""

from __future__ import annotations

import re

import httpx

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
