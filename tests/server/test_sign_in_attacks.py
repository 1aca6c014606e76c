"""Attacks on signing in for a web application: what a stranger, another application or another site tries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx
import jwt
import pytest

from pool_as_code.core.errors import InvalidInput
from pool_as_code.server.redirect_uris import checked, origin_of, with_answer
from pool_as_code.server.sign_ins import CODE_SECONDS, SECONDS, SignIns, Wanted
from tests.server.browser import HOME, Browser, Forms, WebApp, web_client
from tests.server.site import Asked
from tests.server.test_signing_in_pages import GOOD, a_shop, a_user

SECRET = "a confidential client's own"


@pytest.fixture
def moment() -> list[float]:
    return [1_800_000_000.0]


@pytest.fixture
def site(moment: list[float]) -> Iterator[Asked]:
    confidential = web_client(
        "backend",
        public=False,
        secret_digest=hashlib.sha256(SECRET.encode()).digest(),
        grants=frozenset({"authorization_code"}),
    )
    others = (
        web_client("other", ("shop", "till")),
        web_client("office", ("admin",), administrators=frozenset({"p/ada-1"})),
    )
    with Asked(clients=(web_client(), confidential, *others), settings={"clock": lambda: moment[0]}) as asked:
        a_shop(asked)
        asked.post("/api/admin/default/servers", {"id": "till", "name": "Till"})
        yield asked


@pytest.fixture
def app(site: Asked) -> WebApp:
    return WebApp(site)


def a_code(site: Asked, app: WebApp) -> str:
    """The code that Ada's browser brings back."""
    return app.begin(Browser(site)).submit("password", name="ada", password=GOOD).answer["code"]


def refused(answer: httpx.Response, error: str = "invalid_grant") -> None:
    assert (answer.status_code, answer.json()["error"]) == (401 if error == "invalid_client" else 400, error), (
        answer.text
    )


FOREIGN = (
    *("http://localhost:3000", "http://localhost:3000/x", "http://localhost:3000/?a=b", "http://LOCALHOST:3000/"),
    *(
        "http://localhost:3000/#x",
        "http://localhost:3000/../",
        "http://localhost:3000@evil.example/",
        "//localhost:3000/",
    ),
    *(
        "https://evil.example/",
        "javascript:alert(1)",
        "http://localhost:3000/%0d%0aset-cookie:a=b",
        " http://localhost:3000/",
    ),
    "",
)


def test_nobody_is_sent_to_an_address_that_is_not_registered(site: Asked, app: WebApp) -> None:
    for uri in FOREIGN:
        for extra in ({}, {"response_type": "token"}, {"prompt": "none"}):
            answer = site.http.get(app.url(), params={**app.query(), "redirect_uri": uri, **extra})
            assert (uri, answer.status_code) == (uri, 400)
            assert "location" not in answer.headers
            assert "evil" not in answer.text


def test_an_unknown_application_or_one_of_another_server_gets_nobody(site: Asked, app: WebApp) -> None:
    for app.client_id, app.server in (
        ("nobody", "shop"),
        ("everything", "shop"),
        ("web", "till"),
        ("web", "system"),
        ("web", "admin"),
    ):
        answer = site.http.get(app.url(), params=app.query())
        assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert site.http.get("/elsewhere/shop/oauth2/authorize", params=WebApp(site).query()).status_code == 404


REFUSED = (
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_type": ""}, "unsupported_response_type"),
    ({"code_challenge": ""}, "invalid_request"),
    ({"code_challenge_method": ""}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "none"}, "login_required"),
    ({"scope": "introspect_tokens"}, "invalid_scope"),
    ({"scope": "identity"}, "invalid_scope"),
    ({"request": "x"}, "request_not_supported"),
    ({"request_uri": "https://evil.example/"}, "request_uri_not_supported"),
)


def test_what_an_application_asks_wrongly_it_is_told_at_its_own_address(site: Asked, app: WebApp) -> None:
    for other, error in REFUSED:
        browser = app.begin(Browser(site), **other)
        assert browser.left_to.startswith(f"{HOME}?error={error}&"), (other, browser.left_to)
        assert (browser.answer["state"], browser.answer["iss"]) == (app.state, "http://testserver/default/shop")


def test_a_code_is_good_once_and_a_second_time_takes_back_what_it_gave(site: Asked, app: WebApp) -> None:
    code = a_code(site, app)
    tokens = app.redeem(code).json()
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert site.http.get("/default/shop/identity/self/me", headers=headers).status_code == 200
    refused(app.redeem(code))
    assert site.http.get("/default/shop/identity/self/me", headers=headers).status_code == 401


def test_a_stolen_code_is_worth_nothing_elsewhere_and_is_spent_by_the_attempt(site: Asked, app: WebApp) -> None:
    for other in (
        {"code_verifier": "a" * 43},
        {"code_verifier": ""},
        {"redirect_uri": "http://localhost:3000"},
        {"redirect_uri": ""},
        {"client_id": "other"},
    ):
        code = a_code(site, app)
        refused(app.redeem(code, **other))
        refused(app.redeem(code))
    for code in ("x", ""):
        refused(app.redeem(code))


def test_a_code_is_of_its_server_its_tenant_and_its_minute(site: Asked, app: WebApp, moment: list[float]) -> None:
    app.client_id = "other"
    code = a_code(site, app)
    refused(replace(app, server="till").redeem(code))
    code = a_code(site, app)
    moment[0] += CODE_SECONDS + 1
    refused(app.redeem(code))
    with Asked(clients=(web_client("other", ("shop", "till")),)) as elsewhere:
        elsewhere.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
        refused(replace(app, site=elsewhere).redeem(a_code(site, app)))


def test_a_program_with_a_secret_needs_it_beside_the_code(site: Asked, app: WebApp) -> None:
    app.client_id = "backend"
    refused(app.redeem(a_code(site, app)), "invalid_client")
    assert app.redeem(a_code(site, app), client_secret=SECRET).status_code == 200


def test_an_application_without_a_secret_may_do_nothing_else(site: Asked, app: WebApp) -> None:
    for form in ({"grant_type": "client_credentials"}, {"grant_type": "password", "username": "ada", "password": GOOD}):
        answer = site.http.post(app.url("token"), data={**form, "client_id": "web"})
        refused(answer, "invalid_client")
    answer = site.http.post(app.url("introspect"), data={"token": "x", "client_id": "web", "client_secret": ""})
    refused(answer, "invalid_client")


def test_a_sign_in_goes_on_only_in_the_browser_that_began_it(site: Asked, app: WebApp) -> None:
    attacker, victim = app.begin(Browser(site)), Browser(site)
    victim.page = attacker.page  # the attacker's form, brought into the victim's browser
    assert victim.submit("password", name="ada", password=GOOD).page.status_code == 400
    assert victim.left_to == ""
    begun = app.begin(Browser(site))
    ((_, fields), _) = Forms(begun.page.text).found
    for id in ("", "x", fields["sign_in"][:-1]):
        answer = begun.http.post(app.url("sign-in"), data={**fields, "sign_in": id, "name": "ada", "password": GOOD})
        assert answer.status_code == 400
    elsewhere = begun.http.post(
        app.url("sign-in").replace("shop", "till"), data={**fields, "name": "ada", "password": GOOD}
    )
    assert elsewhere.status_code == 400


def test_a_sign_in_ends_with_its_code_and_after_ten_minutes(site: Asked, app: WebApp, moment: list[float]) -> None:
    browser = app.begin(Browser(site))
    page = browser.page
    assert browser.submit("password", name="ada", password=GOOD).left_to
    browser.page = page
    assert browser.submit("password", name="ada", password=GOOD).page.status_code == 400
    app.begin(browser)
    moment[0] += SECONDS + 1
    assert browser.submit("password", name="ada", password=GOOD).page.status_code == 400


def test_the_cookie_is_for_the_pages_of_one_server_and_for_no_script(site: Asked, app: WebApp) -> None:
    cookie = site.http.get(app.url(), params=app.query()).headers["set-cookie"]
    assert cookie.endswith("; Path=/default/shop/oauth2/; Max-Age=600; HttpOnly; SameSite=Lax")
    with Asked(clients=(web_client(),), settings={"public_url": "https://id.example/prefix"}) as public:
        public.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
        cookie = public.http.get(app.url(), params=app.query()).headers["set-cookie"]
        assert "Path=/prefix/default/shop/oauth2/" in cookie
        assert cookie.endswith("; Secure")


def test_a_step_can_not_be_left_out(site: Asked, app: WebApp) -> None:
    site.put("/pools/p", {"name": "P", "second_factor_authentication_mechanisms": ["email_otp"]})
    for step in ("code", "totp", "change", "send", "x"):
        browser = app.begin(Browser(site))
        ((action, fields), *_) = Forms(browser.page.text).found
        assert action == "sign-in"
        answer = browser.http.post(
            app.url("sign-in"), data={**fields, "step": step, "method": "email_otp", "code": "1"}
        )
        assert answer.status_code in (200, 401)
    browser = app.begin(Browser(site)).submit("password", name="ada", password=GOOD)
    ((_, fields), *_) = Forms(browser.page.text).found
    for step, more in (
        ("password", {"password": GOOD}),
        ("change", {"old": GOOD, "new": GOOD}),
        ("code", {"code": "1"}),
        ("reset", {}),
    ):
        answer = browser.http.post(
            app.url("sign-in"), data={"sign_in": fields["sign_in"], "step": step, "name": "ada", **more}
        )
        assert "location" not in answer.headers


def test_somebody_who_is_suspended_meanwhile_gets_no_token(site: Asked, app: WebApp) -> None:
    code = a_code(site, app)
    site.put("/pools/p/users/ada-1", {"status": "inactive"})
    refused(app.redeem(code))


def test_an_id_token_opens_nothing(site: Asked, app: WebApp) -> None:
    tokens = app.redeem(a_code(site, app)).json()
    headers = {"authorization": f"Bearer {tokens['id_token']}"}
    assert site.http.get("/default/shop/userinfo", headers=headers).status_code == 401


def test_a_users_token_opens_nothing_of_programs_and_does_not_ask_about_tokens(site: Asked, app: WebApp) -> None:
    app.scope = ""
    tokens = app.redeem(a_code(site, app)).json()
    assert "introspect_tokens" not in tokens["scope"].split()
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    for path in (
        "/api/identity/default/system/pools",
        "/api/identity/default/admin/pools",
        "/default/till/identity/self/me",
    ):
        assert site.http.get(path, headers=headers).status_code == 401
    assert site.http.post(app.url("introspect"), data={"token": "x"}, headers=headers).status_code == 401


def test_only_administrators_that_the_registration_names_sign_in_at_admin(site: Asked, app: WebApp) -> None:
    a_user(site, "bea-1", name="bea", verifiable_addresses=[])
    app = replace(app, client_id="office", server="admin")
    browser = app.begin(Browser(site)).submit("password", name="bea", password=GOOD)
    assert (browser.page.status_code, browser.left_to) == (403, "")
    tokens = app.signed_in(app.begin(browser).submit("password", name="ada", password=GOOD))
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert site.http.get("/api/identity/default/admin/pools", headers=headers).status_code == 200
    assert site.http.get("/api/identity/default/system/pools", headers=headers).status_code == 401


def test_a_suspended_person_is_out_at_once_wherever_a_token_is_shown(site: Asked, app: WebApp) -> None:
    office = replace(app, client_id="office", server="admin")
    person, administrator = (
        one.signed_in(one.begin(Browser(site)).submit("password", name="ada", password=GOOD))["access_token"]
        for one in (app, office)
    )
    asks = {"authorization": f"Bearer {site.token('shop', scope='introspect_tokens')}"}

    def seen() -> list[Any]:
        said = site.http.post(app.url("introspect"), data={"token": person}, headers=asks).json()
        own = {"authorization": f"Bearer {person}"}
        admin = {"authorization": f"Bearer {administrator}"}
        paths = ("/default/shop/userinfo", "/default/shop/identity/self/me")
        answers = [site.http.get(path, headers=own) for path in paths]
        answers.append(site.http.get("/api/identity/default/admin/pools/p", headers=admin))
        return [said["active"], *(answer.status_code for answer in answers)]

    assert seen() == [True, 200, 200, 200]
    site.put("/pools/p/users/ada-1", {"status": "inactive"})
    assert seen() == [False, 401, 401, 401]
    site.put("/pools/p/users/ada-1", {"status": "active"})
    assert seen() == [True, 200, 200, 200]
    site.server.site.clients = type(site.server.site.clients)(())  # a file that names nobody any more
    assert seen()[3] == 401


def test_signing_out_takes_the_token_back_and_leads_to_addresses_of_the_application_only(
    site: Asked, app: WebApp, moment: list[float]
) -> None:
    def seen(token: str) -> int:
        return site.http.get("/default/shop/userinfo", headers={"authorization": f"Bearer {token}"}).status_code

    def leave(**query: str) -> httpx.Response:
        return site.http.get(app.url("logout"), params=query)

    tokens = app.signed_in(app.begin(Browser(site)).submit("password", name="ada", password=GOOD))
    other = app.signed_in(app.begin(Browser(site)).submit("password", name="ada", password=GOOD))
    assert (
        site.http.get("/default/shop/.well-known/openid-configuration")
        .json()["end_session_endpoint"]
        .endswith(app.url("logout"))
    )
    hint = tokens["id_token"]
    for wrong in ("", "x", tokens["access_token"], hint[:-4] + "AAAA", f"{hint.rpartition('.')[0]}."):
        page = leave(id_token_hint=wrong, post_logout_redirect_uri=HOME)
        assert (page.status_code, "location" in page.headers) == (400, False)
        assert seen(tokens["access_token"]) == 200
    for target in ("https://evil.example/", f"{HOME}x", "http://localhost:3001", "//evil.example", "javascript:x"):
        page = leave(client_id="web", post_logout_redirect_uri=target)
        assert (page.status_code, "evil" in page.text, "location" in page.headers) == (400, False, False)
    assert leave(id_token_hint=hint, client_id="other").status_code == 400
    assert seen(tokens["access_token"]) == 200
    assert leave(client_id="web", post_logout_redirect_uri=HOME).headers["location"] == HOME
    moment[0] += 3000
    left = leave(id_token_hint=hint, post_logout_redirect_uri=HOME.removesuffix("/"), state="a b")
    assert (left.status_code, left.headers["location"]) == (303, f"{HOME.removesuffix('/')}?state=a%20b")
    assert [seen(one["access_token"]) for one in (tokens, other)] == [401, 200]
    moment[0] += 3000
    form = {"id_token_hint": hint, "post_logout_redirect_uri": HOME}
    assert site.http.post(app.url("logout"), data=form).headers["location"] == HOME  # long expired, still ours
    assert leave().status_code == 200


def test_ids_that_need_escapes_stand_escaped_in_issuers_cookies_and_links(site: Asked) -> None:
    for id in ("caf\u00e9", "\u65e5\u672c", "a;Domain=x", "50%"):
        site.post("/api/admin/default/servers", {"id": id, "name": "X"})
        site.post("/api/admin/default/servers/shop/idps/identity_pool", {"identity_pool_id": "p"}, 422)
        web = web_client(f"web-{id}", (id,))
        site.server.site.clients._by_id[web.id] = web
        path = f"/default/{quote(id, safe='')}"
        site.post(f"/api/admin/default/servers/{quote(id, safe='')}/idps/identity_pool", {"identity_pool_id": "p"})
        found = site.http.get(f"{path}/.well-known/openid-configuration").json()
        assert found["issuer"] == f"http://testserver{path}"
        one = WebApp(site, client_id=web.id, server=quote(id, safe=""))
        page = site.http.get(one.url(), params=one.query())
        assert page.status_code == 200
        assert f"; Path={path}/oauth2/; " in page.headers["set-cookie"]
        tokens = one.signed_in(one.begin(Browser(site)).submit("password", name="ada", password=GOOD))
        claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
        assert claims["iss"] == found["issuer"]


def test_no_password_of_a_workspace_that_is_called_admin_makes_an_administrator(site: Asked) -> None:
    form = {"grant_type": "password", "username": "ada", "password": GOOD}
    for server in ("admin", "system"):
        refused(
            site.http.post(f"/default/{server}/oauth2/token", data=form, auth=("everything", site.secret)),
            "unauthorized_client",
        )


def test_a_token_is_taken_back_by_its_client_or_by_itself_and_by_nobody_else(site: Asked, app: WebApp) -> None:
    def good(token: str) -> bool:
        return (
            site.http.get("/default/shop/identity/self/me", headers={"authorization": f"Bearer {token}"}).status_code
            == 200
        )

    def revoke(token: str, **form: str) -> int:
        return site.http.post(app.url("revoke"), data={"token": token, **form}).status_code

    token, bystander = (app.redeem(a_code(site, app)).json()["access_token"] for _ in range(2))
    assert revoke(token, client_id="other") == 200
    assert revoke(token) == 401
    assert revoke("nonsense", client_id="web") == 200
    assert good(token)
    headers = {"authorization": f"Bearer {token}"}
    for _ in range(2):
        answer = site.http.post(app.url("revoke"), data={"token": token}, headers=headers)
    assert (answer.status_code, good(token)) == (401, False)
    assert good(bystander)
    own = {
        "authorization": f"Bearer {site.token('shop')}"
    }  # of a program: it takes back what was made for it, of anybody
    theirs = site.token("shop", grant_type="password", username="ada", password=GOOD)
    for one, left in ((bystander, True), (theirs, False)):
        assert site.http.post(app.url("revoke"), data={"token": one}, headers=own).status_code == 200
        assert good(one) is left
    assert revoke(bystander, client_id="web") == 200
    assert not good(bystander)


def test_pages_of_registered_origins_ask_and_no_others(site: Asked, app: WebApp) -> None:
    asks = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    for path in (
        "oauth2/token",
        "oauth2/revoke",
        "userinfo",
        "identity/self/me",
        "identity/v2/self/me",
        ".well-known/jwks.json",
    ):
        url = f"/default/shop/{path}"
        answer = site.http.options(url, headers={"origin": "http://localhost:3000", **asks})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "http://localhost:3000")
        assert "access-control-allow-credentials" not in answer.headers
        for origin in ("null", "https://evil.example", "http://localhost:3001", "http://localhost:3000.evil.example"):
            answer = site.http.options(url, headers={"origin": origin, **asks})
            assert (answer.status_code, answer.headers["vary"]) == (405, "origin")
            assert "access-control-allow-origin" not in answer.headers
    for path in (
        "/default/shop/oauth2/authorize",
        "/default/shop/oauth2/introspect",
        "/api/identity/default/system/pools",
    ):
        assert (
            "access-control-allow-origin"
            not in site.http.get(path, headers={"origin": "http://localhost:3000"}).headers
        )
    answer = site.http.get("/default/till/.well-known/jwks.json", headers={"origin": "http://localhost:3000"})
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    answer = site.http.get("/default/nowhere/.well-known/jwks.json", headers={"origin": "http://localhost:3000"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "uri",
    [
        *(
            "http://app.example/",
            "https://",
            "https:app.example",
            "https://a.example/#x",
            "https://u@a.example/",
            "custom:/x",
        ),
        *(
            "https://*.example/",
            "https://a.example\\@b/",
            "https://a;b/",
            "https://a.example/\n",
            "javascript:x",
            "https://a:99999/",
        ),
    ],
)
def test_an_address_that_is_read_in_two_ways_is_not_registered(uri: str) -> None:
    with pytest.raises(InvalidInput):
        checked(uri, "here")


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://App.example:443/x", "https://app.example"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("http://[::1]:8000/x?y=z", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_spelled_as_browsers_spell_it(uri: str, origin: str) -> None:
    assert origin_of(checked(uri, "here")) == origin
    assert (
        with_answer("https://a.example/?x=y", {"state": "a b&c/é"}) == "https://a.example/?x=y&state=a%20b%26c%2F%C3%A9"
    )


def test_strangers_can_not_make_the_server_remember_without_end() -> None:
    wanted = Wanted("web", "shop", HOME, frozenset(), "", "")
    kept = SignIns(lambda: 0.0, 60.0, kept=3)
    begun: list[Any] = [kept.begin(wanted)[0] for _ in range(4)]
    assert [kept.find(one.id) is not None for one in begun] == [False, True, True, True]
