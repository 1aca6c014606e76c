"""Signing in for a web application: each setting of a pool that the page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import jwt
import pytest

from pool_as_code.core.fieldpath import parse_path
from pool_as_code.core.values import JsonMap, JsonValue
from pool_as_code.directory import containers, messages
from pool_as_code.directory.totp import counter_at, parse_totp_secret, totp_code
from tests.server.browser import Browser, WebApp, web_client
from tests.server.site import Asked

GOOD, NEW, SECRET = "correct horse 9", "another horse 10", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ADDRESS = {"address": "ada@example.com", "type": "email", "status": "active", "verified": True}


def a_shop(site: Asked, **pool: Any) -> None:
    """A workspace with one pool, and Ada in it."""
    site.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
    site.post("/admin/workspace/shop/pools", {"id": "p", "name": "P", **pool}, with_idp="true")
    a_user(site)


def allow(site: Asked, *methods: str) -> None:
    """The methods that the workspace's pools may use."""
    allowed: JsonValue = [*methods]
    write = (parse_path("spec.allowedMethods"), allowed)
    site.inside(lambda directory: containers.update(directory, "workspace", "shop", [write]))


def a_user(site: Asked, id: str = "ada-1", pool: str = "p", *, name: str = "ada", **other: Any) -> None:
    """Somebody with a password and a verified address."""
    body = {
        "id": id,
        "status": "active",
        "identifiers": [{"identifier": name, "type": "uid"}],
        "verifiable_addresses": [ADDRESS],
        "payload": {"name": "Ada L", "given_name": "Ada"},
        "credentials": [{"type": "password", "password": GOOD}],
        **other,
    }
    site.post(f"/pools/{pool}/users", body)


@pytest.fixture
def site() -> Iterator[Asked]:
    with Asked(clients=(web_client(),)) as asked:
        yield asked


@pytest.fixture
def browser(site: Asked) -> Browser:
    return Browser(site)


@pytest.fixture
def app(site: Asked) -> WebApp:
    return WebApp(site)


def sent_code(site: Asked) -> str:
    """The code of the last message."""
    found = site.inside(
        lambda directory: [(one, messages.contents_of(directory, one)) for one in messages.waiting(directory)]
    )
    assert found[-1][1] is not None
    return str(found[-1][1].short)


def app_code(site: Asked, steps: int = 0) -> str:
    """What Ada's authenticator app shows, so many steps later."""
    moment = site.inside(lambda directory: directory.clock().timestamp())
    return totp_code(parse_totp_secret(SECRET), counter_at(moment) + steps)


def claims(site: Asked, tokens: dict[str, Any], word: str = "id_token") -> JsonMap:
    """What a token says, verified with the published key."""
    (key,) = site.http.get("/default/shop/.well-known/jwks.json").json()["keys"]
    return jwt.decode(tokens[word], jwt.PyJWK(key), algorithms=["ES256"], audience="web")


def test_a_name_and_a_password_bring_somebody_back_with_a_code(site: Asked, browser: Browser, app: WebApp) -> None:
    a_shop(site)
    app.begin(browser, login_hint="ada")
    assert browser.steps() == ["password", "reset"]
    assert 'value="ada"' in browser.page.text
    tokens = app.signed_in(browser.submit("password", name="ada", password=GOOD))
    assert tokens["scope"] == "email openid profile"
    said = claims(site, tokens)
    assert (said["sub"], said["nonce"], said["amr"]) == ("ada-1", app.nonce, ["pwd"])
    assert (said["name"], said["email"], said["email_verified"]) == ("Ada L", "ada@example.com", True)
    assert said["iss"] == claims(site, tokens, "access_token")["iss"] == browser.answer["iss"]


def test_what_is_wrong_is_the_same_page_for_everybody(site: Asked, browser: Browser, app: WebApp) -> None:
    a_shop(site)
    a_user(site, "eve-1", name="eve", status="inactive", verifiable_addresses=[])
    app.begin(browser)
    pages = []
    for name, password in (("ada", "wrong"), ("nobody", GOOD), ("eve", GOOD)):
        browser.submit("password", name=name, password=password)
        assert browser.page.status_code == 401
        pages.append(browser.page.text.replace(f'value="{name}"', ""))
    assert len(set(pages)) == 1
    app.signed_in(browser.submit("password", name="ada", password=GOOD))


def test_guessing_is_blocked_for_those_who_exist_and_those_who_do_not(
    site: Asked, browser: Browser, app: WebApp
) -> None:
    a_shop(site)
    for name in ("ada", "nobody"):
        found = []
        for _ in range(6):
            app.begin(browser)
            found.append(browser.submit("password", name=name, password="wrong").page.status_code)
        assert found == [401] * 5 + [429]
    assert browser.submit("password", name="ada", password=GOOD).page.status_code == 429


def test_the_preferred_method_stands_first_and_what_the_workspace_forbids_is_not_there(
    site: Asked, browser: Browser, app: WebApp
) -> None:
    methods = {
        "authentication_mechanisms": ["password", "totp", "email_otp"],
        "preferred_authentication_mechanism": "email_otp",
    }
    a_shop(site, **methods)
    assert app.begin(browser).steps() == ["send:email_otp", "password", "totp", "reset"]
    allow(site, "totp")
    assert app.begin(browser).steps() == ["totp"]


def test_a_code_by_mail_is_a_first_factor_where_the_pool_has_it(site: Asked, browser: Browser, app: WebApp) -> None:
    a_shop(site, authentication_mechanisms=["email_otp"])
    said = []
    for name in ("nobody", "ada"):
        app.begin(browser).submit("send:email_otp", name=name)
        said.append(re.sub(r'value="[^"]{20,}"', "", browser.page.text))
    assert said[0] == said[1]
    code = sent_code(site)
    assert browser.submit("code", code="000000" if code != "000000" else "000001").page.status_code == 401
    tokens = app.signed_in(browser.submit("code", code=code))
    assert claims(site, tokens)["amr"] == ["otp"]


def test_nobody_fills_the_mailbox_of_another(site: Asked, browser: Browser, app: WebApp) -> None:
    a_shop(site, authentication_mechanisms=["email_otp"])
    for name in ("ada", "nobody"):
        found = [app.begin(browser).submit("send:email_otp", name=name).page.status_code for _ in range(7)]
        assert found == [200] * 5 + [429] * 2
    assert len(site.inside(messages.waiting)) == 5


def test_what_programs_and_the_page_send_to_one_address_is_counted_together(
    site: Asked, browser: Browser, app: WebApp
) -> None:
    a_shop(site, authentication_mechanisms=["password", "email_otp"])
    for _ in range(10):
        site.post("/pools/p/user/otp/request", {"address": "ada@example.com"}, 204)
    assert app.begin(browser).submit("send:email_otp", name="Ada@Example.com").page.status_code == 429
    assert app.begin(browser).submit("reset", name="ada@example.com").page.status_code == 429


def test_an_authenticator_is_asked_after_the_password(site: Asked, browser: Browser, app: WebApp) -> None:
    a_shop(site, second_factor_authentication_mechanisms=["totp"], totp_settings={"issuer": "Shop & Co"})
    a_user(
        site,
        "bea-1",
        name="bea",
        verifiable_addresses=[],
        credentials=[{"type": "password", "password": GOOD}, {"type": "totp", "totp_secret": SECRET}],
    )
    app.begin(browser).submit("password", name="bea", password=GOOD)
    assert browser.steps() == ["totp"]
    assert "Shop &amp; Co" in browser.page.text
    assert browser.submit("totp", code="000000").page.status_code == 401
    tokens = app.signed_in(browser.submit("totp", code=app_code(site)))
    assert claims(site, tokens)["amr"] == ["pwd", "otp", "mfa"]


def test_codes_of_the_second_factor_are_guessed_five_times_however_often_the_password_is_right(
    site: Asked, browser: Browser, app: WebApp
) -> None:
    a_shop(site, second_factor_authentication_mechanisms=["totp"])
    a_user(
        site,
        "bea-1",
        name="bea",
        verifiable_addresses=[],
        credentials=[{"type": "password", "password": GOOD}, {"type": "totp", "totp_secret": SECRET}],
    )
    found = []
    for _ in range(6):
        app.begin(browser).submit("password", name="bea", password=GOOD)
        found.append(browser.submit("totp", code="000000").page.status_code)
    assert found == [401] * 5 + [429]


def test_a_second_factor_by_mail_is_sent_at_once_unless_it_has_to_be_confirmed(
    site: Asked, browser: Browser, app: WebApp
) -> None:
    a_shop(site, second_factor_authentication_mechanisms=["email_otp"])
    app.begin(browser).submit("password", name="ada", password=GOOD)
    assert browser.steps() == ["code", "send:email_otp"]
    assert claims(site, app.signed_in(browser.submit("code", code=sent_code(site))))["amr"] == ["pwd", "otp", "mfa"]
    site.put(
        "/pools/p",
        {
            "name": "P",
            "second_factor_authentication_mechanisms": ["email_otp"],
            "otp_settings": {"require_user_confirmation_before_send": True},
        },
    )
    before = len(site.inside(messages.waiting))
    app.begin(browser).submit("password", name="ada", password=GOOD)
    assert browser.steps() == ["send:email_otp"]
    assert len(site.inside(messages.waiting)) == before
    app.signed_in(browser.submit("send:email_otp").submit("code", code=sent_code(site)))


def test_who_has_no_second_factor_signs_in_only_where_the_pool_lets_them(
    site: Asked, browser: Browser, app: WebApp
) -> None:
    a_shop(site, second_factor_authentication_mechanisms=["totp"])
    app.begin(browser).submit("password", name="ada", password=GOOD)
    assert (browser.steps(), browser.left_to) == ([], "")
    assert "has none" in browser.page.text
    site.put("/pools/p", {"name": "P", "second_factor_authentication_mechanisms": ["totp"], "allow_skip_2fa": True})
    app.signed_in(app.begin(browser).submit("password", name="ada", password=GOOD))


def test_a_second_factor_that_the_workspace_forbids_is_asked_for_all_the_same(
    site: Asked, browser: Browser, app: WebApp
) -> None:
    a_shop(site, second_factor_authentication_mechanisms=["email_otp"], allow_skip_2fa=True)
    allow(site, "password")
    app.begin(browser).submit("password", name="ada", password=GOOD)
    assert (browser.steps(), browser.left_to) == ([], "")


def test_a_password_that_must_be_changed_is_changed_before_going_on(site: Asked, browser: Browser, app: WebApp) -> None:
    a_shop(site, password_policy={"min_length": 10})
    first = {"type": "password", "password": GOOD, "must_be_changed": True}
    a_user(site, "bea-1", name="bea", verifiable_addresses=[], credentials=[first])
    app.begin(browser).submit("password", name="bea", password=GOOD)
    assert browser.steps() == ["change"]
    assert browser.submit("change", old="wrong", new=NEW).page.status_code == 401
    assert browser.submit("change", old=GOOD, new="short").page.status_code == 422
    app.signed_in(browser.submit("change", old=GOOD, new=NEW))
    app.signed_in(app.begin(browser).submit("password", name="bea", password=NEW))


def test_a_password_that_must_be_reset_is_good_for_nothing_and_a_link_replaces_it(
    site: Asked, browser: Browser, app: WebApp
) -> None:
    a_shop(site)
    site.put("/system/pools/p/users/ada-1/password/state", {"state": "must_be_reset"}, 204)
    app.begin(browser).submit("password", name="ada", password=GOOD)
    assert (browser.page.status_code, browser.left_to) == (401, "")
    assert "set a new one" in browser.page.text
    assert browser.submit("reset", name="ada").page.status_code == 200
    (waiting,) = site.inside(messages.waiting)
    assert (waiting.kind, waiting.address, waiting.user_id) == ("password_reset", "ada@example.com", "ada-1")
    site.put(
        "/pools/p", {"name": "P", "reset_credentials_settings": {"do_not_allow_users_to_self_reset_credentials": True}}
    )
    assert app.begin(browser).steps() == ["password"]


def test_only_pools_that_are_linked_to_the_workspace_sign_in_there(site: Asked, browser: Browser, app: WebApp) -> None:
    a_shop(site)
    site.post("/pools", {"id": "other", "name": "Other"})
    a_user(site, "zoe-1", "other", name="zoe", verifiable_addresses=[])
    assert app.begin(browser).submit("password", name="zoe", password=GOOD).page.status_code == 401


def test_the_page_leads_to_the_one_for_registering_where_that_is_allowed(
    site: Asked, browser: Browser, app: WebApp
) -> None:
    a_shop(site)
    assert "<a " not in app.begin(browser).page.text
    site.put("/pools/p", {"name": "P", "public_registration_allowed": True})
    (link,) = re.findall(r'<a href="([^"]+)">Make an account</a>', app.begin(browser).page.text)
    assert browser.get(unescape(link)).page.status_code == 200


def test_names_are_matched_as_the_pool_says(site: Asked, browser: Browser, app: WebApp) -> None:
    a_shop(site, identifier_case_insensitive=True)
    app.signed_in(app.begin(browser).submit("password", name="ADA", password=GOOD))


def test_what_is_shown_is_escaped_and_may_load_nothing(site: Asked, browser: Browser, app: WebApp) -> None:
    a_shop(site)
    app.begin(browser, login_hint='"><script>alert(1)</script>')
    policy = browser.page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; form-action 'self' http://localhost:3000; frame-ancestors 'none'")
    assert browser.page.headers["cache-control"] == "no-store"
    for page in (browser, browser.submit("password", name="<script>", password="x")):
        assert "<script" not in page.page.text


def test_user_info_tells_what_the_scopes_open(site: Asked, browser: Browser, app: WebApp) -> None:
    a_shop(site)
    for scope, expected in (("openid", {"sub"}), ("openid email", {"sub", "email", "email_verified"})):
        app.scope = scope
        tokens = app.signed_in(app.begin(browser).submit("password", name="ada", password=GOOD))
        headers = {"authorization": f"Bearer {tokens['access_token']}"}
        found = site.http.get("/default/shop/userinfo", headers=headers)
        assert set(found.json()) == expected
    app.scope = "email"
    tokens = app.signed_in(app.begin(browser).submit("password", name="ada", password=GOOD))
    assert "id_token" not in tokens
    refused = site.http.get("/default/shop/userinfo", headers={"authorization": f"Bearer {tokens['access_token']}"})
    assert refused.status_code == 403
