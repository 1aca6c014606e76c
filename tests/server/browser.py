"""A browser for tests: cookies, forms and redirects, as far as a page without scripts needs them; and a web application in it that
signs people in by a code with PKCE."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from pool_as_code.server.clients import Client
from tests.server.site import Asked

HOME = "http://localhost:3000/"


class Forms(HTMLParser):
    """The forms of a page: where each leads, and its fields with what stands in them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert given.get("method") == "post"
            self.found.append((given["action"], {}))
        elif tag == "input":
            self.found[-1][1][given["name"]] = given.get("value", "")


class Browser:
    """One person's browser. `page` is what is shown, `left_to` the address of another origin that it was sent to."""

    def __init__(self, site: Asked) -> None:
        self.http = httpx.Client(transport=site.http._transport, base_url="http://testserver")
        self.page = httpx.Response(204)
        self.left_to = ""

    def get(self, url: str, **query: str) -> Browser:
        """Go there."""
        return self._show(self.http.get(url, params=query or None))

    def steps(self) -> list[str]:
        """What the page offers: the step of each form, with its method where it says one."""
        forms = Forms(self.page.text).found
        return [":".join(filter(None, (fields["step"], fields.get("method")))) for _, fields in forms]

    def submit(self, step: str, **typed: str) -> Browser:
        """Fill in the form of this step (`step:method`) and send it."""
        for action, fields in Forms(self.page.text).found:
            if step in (fields["step"], f"{fields['step']}:{fields.get('method')}"):
                assert set(typed) <= set(fields), (typed, fields)
                url = urljoin(str(self.page.request.url), action)
                return self._show(self.http.post(url, data={**fields, **typed}))
        raise AssertionError(f"no form {step}: {self.steps()} {self.page.text}")

    @property
    def answer(self) -> dict[str, str]:
        """What the application was told in the address."""
        return dict(parse_qsl(urlsplit(self.left_to).query))

    def _show(self, page: httpx.Response) -> Browser:
        self.left_to = ""
        while page.status_code == 303:
            target = urljoin(str(page.request.url), page.headers["location"])
            if urlsplit(target).netloc != "testserver":
                policy = self.page.headers.get("content-security-policy", "")
                if (
                    page.request.method == "POST"
                ):  # a browser holds the redirect against the policy of the page it came from
                    origin = "{0.scheme}://{0.netloc}".format(urlsplit(target))
                    assert origin in policy.partition("form-action")[2].partition(";")[0].split()
                self.left_to = target
                return self
            page = self.http.get(target)
        self.page = page
        return self


@dataclass
class WebApp:
    """A web application: what it sends to begin, and what it does with the answer."""

    site: Asked
    client_id: str = "web"
    server: str = "shop"
    redirect_uri: str = HOME
    scope: str = "profile email openid"
    verifier: str = field(default_factory=lambda: secrets.token_hex(28))
    state: str = field(default_factory=lambda: secrets.token_hex(28))
    nonce: str = field(default_factory=lambda: secrets.token_hex(28))

    def url(self, path: str = "authorize") -> str:
        """An endpoint of its server."""
        return f"/default/{self.server}/oauth2/{path}"

    def query(self, **other: str) -> dict[str, str]:
        """The authorization request."""
        challenge = urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        given = {
            "response_type": "code",
            "client_id": self.client_id,
            "state": self.state,
            "nonce": self.nonce,
            "scope": self.scope,
            "redirect_uri": self.redirect_uri,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **other,
        }
        return {name: value for name, value in given.items() if value}

    def begin(self, browser: Browser, **other: str) -> Browser:
        """Send a browser to sign in."""
        return browser.get(self.url(), **self.query(**other))

    def redeem(self, code: str, **other: str) -> httpx.Response:
        """Ask for tokens, as a page does from a browser."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            **other,
        }
        return self.site.http.post(self.url("token"), data=form, headers={"origin": "http://localhost:3000"})

    def signed_in(self, browser: Browser) -> dict[str, Any]:
        """The tokens of somebody whose browser came back."""
        assert browser.left_to.startswith(self.redirect_uri), (browser.page.status_code, browser.page.text)
        assert browser.answer["state"] == self.state
        answer = self.redeem(browser.answer["code"])
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def web_client(id: str = "web", servers: tuple[str, ...] = ("shop",), **other: Any) -> Client:
    """A public client for an application at HOME."""
    given: dict[str, Any] = {
        "public": True,
        "redirect_uris": (HOME,),
        "grants": frozenset({"authorization_code"}),
        **other,
    }
    return Client(id, frozenset(servers), **given)
