"""What an attacker tries: the answer of somebody else, a name in a header, a clock that tells, a counter that is gone around, a
body that grows."""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pool_as_code.directory import hashing, sign_in
from pool_as_code.directory.directory import Directory
from pool_as_code.directory.hashing import TEST_PARAMETERS, hash_password
from pool_as_code.server.app import Server
from pool_as_code.server.attempts import Attempts, Limits
from pool_as_code.server.call import Answer
from pool_as_code.server.clients import Client, Clients
from pool_as_code.server.json_patch import patched
from pool_as_code.server.problems import Problem
from pool_as_code.server.replays import Replays
from tests.server.site import Asked
from tests.server.test_flows import GOOD, USER, USERS, ada, code, outbox

KEY = "k" * 32
FORM = {"grant_type": "client_credentials"}


def pool(site: Asked, **change: Any) -> None:
    site.post("/pools", {"id": "p", "name": "P", "public_registration_allowed": True, **change})


def one_client(id: str, *servers: str, secret: str = "sixteen letters!", **more: Any) -> Client:
    return Client(id, frozenset(servers), secret_digest=hashlib.sha256(secret.encode()).digest(), **more)


# -- answers of others


def test_a_token_is_not_given_again_to_who_only_knows_the_key_of_the_request(site: Asked) -> None:
    headers = {"x-idempotency-key": KEY}
    url = "/default/system/oauth2/token"
    assert site.http.post(url, data=FORM, headers=headers, auth=("everything", site.secret)).status_code == 200
    for auth in (("nobody", ""), ("everything", "wrong")):
        again = site.http.post(url, data=FORM, headers=headers, auth=auth)
        assert again.status_code == 401
        assert "access_token" not in again.json()


def test_an_answer_is_kept_for_the_client_that_got_it() -> None:
    with Asked(clients=(one_client("other", "system"),)) as site:
        headers = {"x-idempotency-key": KEY}
        first = site.ask("POST", "/pools", {"name": "One"}, headers=headers)
        token = site.http.post("/default/system/oauth2/token", data=FORM, auth=("other", "sixteen letters!")).json()[
            "access_token"
        ]
        other = site.ask("POST", "/pools", {"name": "One"}, headers={**headers, "authorization": f"Bearer {token}"})
        assert "x-idempotent-replayed" not in other.headers
        assert other.json()["id"] != first.json()["id"]


def test_kept_answers_do_not_grow_without_end() -> None:
    replays = Replays(clock=lambda: 0.0, kept=8)

    def call(number: int) -> Any:
        caller = SimpleNamespace(client_id="c", server="system", user_id="")
        headers = {"x-idempotency-key": f"{number:032}"}
        return SimpleNamespace(method="POST", path="/", content=b"", query={}, headers=headers, caller=caller)

    for number in range(100):
        replays.once(call(number), lambda _: Answer(200))
        assert len(replays._entries) <= 8


# -- names that requests bring


def test_a_host_header_chooses_no_issuer_and_admits_no_assertion_for_somebody_else(tmp_path: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with Asked(clients=(Client("signer", frozenset({"system"}), public_key=pem),)) as site:
        for host in ("other.example", "localhost.other.example", "127.0.0.1.other.example", "0x7f.1", "[::2]"):
            found = site.http.get("/default/system/.well-known/openid-configuration", headers={"host": host}).json()
            assert found["issuer"] == "http://testserver/default/system"
            claims = {
                "iss": "signer",
                "sub": "signer",
                "aud": f"http://{host}/default/system/oauth2/token",
                "exp": int(time.time()) + 60,
                "jti": str(uuid.uuid4()),
            }
            form = {
                **FORM,
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": jwt.encode(claims, private, algorithm="ES256"),
            }
            answer = site.http.post("/default/system/oauth2/token", data=form, headers={"host": host})
            assert answer.json()["error"] == "invalid_client"
        for host in ("localhost:8080", "127.0.0.1:9", "[::1]:8080"):
            found = site.http.get("/default/system/.well-known/openid-configuration", headers={"host": host}).json()
            assert found["issuer"] == f"http://{host}/default/system"


def test_a_link_names_the_server_and_not_the_host_that_was_asked_for(site: Asked) -> None:
    pool(site)
    site.post(f"{USER}/register", {"identifier": "eve@example.com"})
    read = site.http.get("/dev/outbox", headers={"host": "evil.example"})
    assert read.status_code == 404
    with Asked(settings={"dev": True}) as dev:
        pool(dev)
        dev.ask("POST", f"{USER}/register", {"identifier": "eve@example.com"}, headers={"host": "evil.example"})
        (message,) = dev.http.get("/dev/outbox", headers={"host": "localhost"}).json()["messages"]
        assert "evil" not in message["text"]


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "localhost.evil.example"},
        {"host": "localhost", "origin": "http://localhost"},
        {"host": "localhost", "x-forwarded-for": "127.0.0.1"},
        {"host": "localhost", "forwarded": "for=127.0.0.1"},
        {"host": "localhost", "via": "1.1 tunnel"},
        {"host": "localhost", "sec-fetch-site": "cross-site"},
    ],
)
def test_a_page_or_a_proxy_reads_no_outbox(headers: dict[str, str]) -> None:
    with Asked(settings={"dev": True}) as site:
        assert site.http.get("/dev/outbox", headers={"host": "[::1]:8080"}).status_code == 200
        assert site.http.get("/dev/outbox", headers=headers).status_code == 403
        assert site.http.delete("/dev/outbox", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
        "https://good.example@evil.example/",
        "https://good.example\\@evil.example/",
        "javascript:alert(1)",
        "https:evil.example",
        "https://x.example/\r\nset-cookie: a=b",
        "//evil.example/",
    ],
)
def test_a_url_that_people_would_be_sent_to_is_read_in_one_way(site: Asked, url: str) -> None:
    pool(site)
    address = {"address": "ada@example.com", "type": "email", "status": "active", "verified": False}
    site.post(USERS, {"id": "ada", "status": "new", "verifiable_addresses": [address]})
    path = "/admin/pools/p/users/ada/activation/send"
    assert site.ask("POST", path, {}, post_activation_url=url).status_code in (400, 422)
    assert site.ask("POST", path, {}, post_activation_url="https://shop.example/welcome").status_code == 204


def test_a_slash_inside_an_id_is_no_step_of_the_path(site: Asked) -> None:
    pool(site)
    ada(site)
    for path in ("/pools/p%2Fusers", "/pools/p%2fusers/ada", "/pools/p/users/..%2Fusers%2Fada", "/pools%2Fp"):
        assert site.ask("GET", path).status_code == 404
    assert site.ask("GET", "/pools/p/users/ada").status_code == 200


def test_no_header_of_an_answer_holds_what_was_sent(site: Asked) -> None:
    pool(site)
    sent = "evil\r\nset-cookie: a=b"
    answers = [
        site.ask("GET", "/pools", headers={"x-correlation-id": "evil set-cookie"}),
        site.ask("POST", "/pools", {"id": sent, "name": sent}),
        site.ask("GET", "/pools", after_pool_id=sent),
        site.ask("POST", f"{USER}/register", {"identifier": sent}),
    ]
    for answer in answers:
        assert answer.status_code < 500
        assert "evil" not in str(answer.headers)


def test_every_answer_is_kept_by_no_cache_and_read_as_what_it_says(site: Asked) -> None:
    for answer in (site.ask("GET", "/pools"), site.http.get("/nothing"), site.http.get("/default/identity/p/activate")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not any(name.startswith("access-control-") for name in answer.headers)


# -- tokens


@pytest.mark.parametrize(
    "header", [{"kid": "../../dev/null"}, {"jku": "https://evil.example/keys"}, {"kid": "' OR 1=1 --"}]
)
def test_a_token_chooses_no_key_by_its_header(site: Asked, header: dict[str, str]) -> None:
    own = jwt.decode(site.token(), options={"verify_signature": False})
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    forged = jwt.encode(own, key, algorithm="ES256", headers={**header, "jwk": numbers})
    assert site.ask("GET", "/pools", headers={"authorization": f"Bearer {forged}"}).status_code == 401


@pytest.mark.parametrize(
    "change",
    [{"tid": "other"}, {"tid": None}, {"aid": "admin"}, {"aid": None}, {"exp": 1}, {"nbf": 4102444800}, {"exp": None}],
)
def test_a_token_of_ours_for_something_else_opens_nothing_here(site: Asked, change: dict[str, Any]) -> None:
    claims: dict[str, Any] = {**jwt.decode(site.token(), options={"verify_signature": False}), **change}
    key = site.server.site.tokens.key
    header = {"kid": key.id, "typ": "at+jwt"}
    made = jwt.encode(
        {name: value for name, value in claims.items() if value is not None}, key.private, "ES256", header
    )
    assert site.ask("GET", "/pools", headers={"authorization": f"Bearer {made}"}).status_code == 401


def test_a_client_of_another_server_learns_nothing_from_introspection() -> None:
    with Asked(clients=(one_client("shop-only", "shop"),)) as site:
        site.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
        form, auth = {"token": site.token()}, ("shop-only", "sixteen letters!")
        for server in ("system", "admin", "shop"):
            answer = site.http.post(f"/default/{server}/oauth2/introspect", data=form, auth=auth)
            assert answer.json() == {"active": False}


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Bearer x", "Basic /////w==", "basic ", "Digest a:b"]
)
def test_a_header_that_proves_nothing_is_refused_in_the_form_of_oauth(site: Asked, header: str) -> None:
    answer = site.http.post("/default/system/oauth2/token", data=FORM, headers={"authorization": header})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


# -- guessing


def test_a_user_name_has_one_counter_however_it_is_spelled() -> None:
    app = one_client("app", "shop", grants=frozenset({"password"}))
    with Asked(clients=(app,)) as site:
        site.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
        pool = {"id": "p", "name": "P", "identifier_case_insensitive": True}
        site.post("/admin/workspace/shop/pools", pool, with_idp="true")
        ada(site)

        def guess(name: str) -> int:
            form = {"grant_type": "password", "username": name, "password": "wrong"}
            return site.http.post("/default/shop/oauth2/token", data=form, auth=("app", "sixteen letters!")).status_code

        spelled = ["ada@example.com", "ADA@example.com", "Ada@Example.com", "aDa@example.com", "adA@EXAMPLE.com"]
        assert [guess(name) for name in spelled] == [400] * 5
        assert guess("ada@EXAMPLE.COM") == 429
        nobody = ["nobody", "Nobody", " nobody", "NOBODY ", "nobodY"]
        assert [guess(name) for name in nobody] == [400] * 5
        assert guess("nobody") == 429


def test_a_user_has_one_counter_whether_named_by_id_or_identifier(site: Asked) -> None:
    pool(site)
    ada(site)
    named: list[dict[str, str]] = [{"identifier": "ada@example.com"}, {"userID": "ada"}, {"id": "ada"}]
    for number in range(5):
        site.post(f"{USER}/password/verify", {**named[number % 3], "password": "wrong"}, 401)
    for one in named:
        site.post(f"{USER}/password/verify", {**one, "password": GOOD}, 429)


def test_who_only_knows_a_client_s_id_does_not_keep_it_out(site: Asked) -> None:
    for _ in range(9):
        site.server.site.attempts.failed("client_authentication", "everything", "192.0.2.1")
    auth = ("everything", site.secret)
    assert site.http.post("/default/system/oauth2/token", data=FORM, auth=auth).status_code == 200


def test_wrong_codes_of_some_do_not_keep_out_the_others(site: Asked) -> None:
    pool(site)
    site.post(f"{USER}/register", {"identifier": "eve@example.com"})
    for number in range(8):
        site.post(f"{USER}/activate", {"code": f"wrong-{number}"}, 401)
        assert site.http.post("/default/identity/p/activate", data={"code": f"bad-{number}"}).status_code == 401
    site.post(f"{USER}/activate", {"code": code(site, "activation").long})


def test_names_that_are_made_up_neither_fill_the_table_nor_free_who_is_blocked() -> None:
    attempts = Attempts(Limits(), clock=lambda: 0.0, kept=64)
    for _ in range(5):
        attempts.failed("ada")
    for number in range(10_000):
        attempts.failed(str(number))
        assert len(attempts._failures) <= 64
    with pytest.raises(Problem):
        attempts.check("ada")


# -- time that tells


def hashes(monkeypatch: pytest.MonkeyPatch, *modules: Any) -> list[str]:
    """The slow steps that are taken from now on."""
    taken: list[str] = []
    for module in modules:
        for name in ("verify_password", "hash_password"):
            real = getattr(hashing, name)

            def counted(*given: Any, real: Any = real, name: str = name) -> Any:
                taken.append(name)
                return real(*given)

            monkeypatch.setattr(module, name, counted)
    return taken


def test_a_password_takes_one_hash_whoever_is_meant(site: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    pool(site)
    ada(site)
    site.post(USERS, {"id": "bare", "status": "active", "identifiers": [{"identifier": "bare", "type": "uid"}]})
    site.post(f"{USER}/password/verify", {"identifier": "nobody", "password": GOOD}, 401)  # makes the hash of nothing
    taken = hashes(monkeypatch, sign_in)
    for identifier, password in (
        ("ada@example.com", "wrong"),
        ("nobody", "wrong"),
        ("bare", "x"),
        ("none", "x" * 5000),
    ):
        taken.clear()
        site.post(f"{USER}/password/verify", {"identifier": identifier, "password": password}, 401)
        assert taken == ["verify_password"], identifier


def test_a_user_name_at_the_token_endpoint_takes_one_hash_whoever_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    app = one_client("app", "shop", grants=frozenset({"password"}))
    with Asked(clients=(app,)) as site:
        site.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
        for id in ("p", "q"):
            site.post("/admin/workspace/shop/pools", {"id": id, "name": id}, with_idp="true")
        ada(site)
        taken = hashes(monkeypatch, sign_in)
        for name in ("warm", "ada@example.com", "nobody"):
            taken.clear()
            form = {"grant_type": "password", "username": name, "password": "wrong"}
            site.http.post("/default/shop/oauth2/token", data=form, auth=("app", "sixteen letters!"))
            assert taken.count("verify_password") == 1, name


def test_a_client_s_secret_takes_one_hash_whether_the_client_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = hash_password("a long enough secret", "argon2", TEST_PARAMETERS)
    clients = Clients([one_client("quick", "system"), Client("slow", frozenset({"system"}), secret_hash=stored)])
    taken = hashes(monkeypatch, hashing)
    for id in ("quick", "slow", "nobody"):
        taken.clear()
        assert clients.with_secret(id, "wrong") is None
        assert taken == ["verify_password"], id
    assert clients.with_secret("quick", "sixteen letters!") is not None
    assert clients.with_secret("slow", "a long enough secret") is not None


@pytest.mark.parametrize(
    ("path", "known", "unknown"),
    [
        (f"{USER}/otp/request", {"address": "ada@example.com"}, {"address": "nobody@example.com"}),
        (f"{USER}/password/reset/request", {"address": "ada@example.com"}, {"address": "nobody@example.com"}),
        (f"{USER}/totp/reset/request", {"address": "ada@example.com"}, {"address": "nobody@example.com"}),
        (
            f"{USER}/password/reset/request",
            {"address": "ada@example.com", "identifier": "ada@example.com"},
            {"address": "ada@example.com", "identifier": "nobody"},
        ),
    ],
)
def test_an_answer_that_tells_nothing_is_out_before_anything_is_looked_up(
    site: Asked, monkeypatch: pytest.MonkeyPatch, path: str, known: dict[str, str], unknown: dict[str, str]
) -> None:
    pool(site)
    ada(site)
    left: list[Callable[[Directory], None]] = []

    async def kept(_: Server, later: Callable[[Directory], None], __: object) -> None:
        left.append(later)

    monkeypatch.setattr(Server, "_afterwards", kept)
    answers = [site.ask("POST", path, body) for body in (known, unknown)]
    assert [(one.status_code, one.content) for one in answers] == [(204, b"")] * 2
    assert outbox(site) == []
    for work in left:
        site.inside(work)
    assert [message.address for message, _ in outbox(site)] == ["ada@example.com"]


def test_a_code_for_a_user_who_is_not_there_is_looked_up_all_the_same(
    site: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pool_as_code.directory import codes

    pool(site)
    ada(site)
    looked: list[str] = []
    real = codes.redeem

    def redeem(*given: Any, **more: Any) -> Any:
        looked.append("redeem")
        return real(*given, **more)

    monkeypatch.setattr(codes, "redeem", redeem)
    for identifier in ("ada@example.com", "nobody"):
        body = {"identifier": identifier, "code": "000000", "new_password": GOOD}
        site.post(f"{USER}/password/reset/complete", body, 401)
    assert looked == ["redeem"] * 2


@pytest.mark.parametrize("path", ["otp/request", "password/reset/request", "totp/reset/request", "register"])
def test_a_mailbox_is_not_filled_by_who_asks_for_codes(site: Asked, path: str) -> None:
    pool(site)
    ada(site)
    for name in ("ada@example.com", "nobody@example.com"):
        spelled = [name, name.upper(), f" {name}"] if path != "register" else [name]
        body = [{"identifier" if path == "register" else "address": one} for one in spelled]
        found = [site.ask("POST", f"{USER}/{path}", body[number % len(body)]) for number in range(11)]
        assert [one.status_code for one in found] == [201 if path == "register" else 204] * 10 + [429]
        assert int(found[-1].headers["retry-after"]) <= 61
    assert len(outbox(site)) <= 20


# -- what grows


def test_a_body_without_a_token_is_not_read(site: Asked) -> None:
    url = "/default/system/oauth2/token"
    assert site.http.post(url, content=b"x" * (64 * 1024 + 1)).status_code == 413
    assert site.http.post("/api/identity/default/system/pools", content=b"x" * (17 << 20)).status_code == 401
    assert site.http.post("/default/identity/p/activate", content=b"x" * (64 * 1024 + 1)).status_code == 413


def test_a_patch_that_doubles_the_document_ends() -> None:
    bomb: Any = [{"op": "copy", "from": "", "path": f"/x{number}"} for number in range(60)]
    with pytest.raises(Problem, match="copy too much") as refused:
        patched({"a": [1] * 1000}, bomb)
    assert refused.value.status == 422


def test_a_pattern_that_explodes_is_bounded_where_people_register(site: Asked) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string", "pattern": "^(a+)+$"}}}
    site.post("/schemas", {"id": "s", "name": "S", "schema": schema})
    pool(site, payload_schema_id="s")
    body = {"identifier": "eve@example.com", "payload": {"name": "a" * 200 + "!"}}
    refused = site.ask("POST", f"{USER}/register", body)
    assert refused.status_code == 422
    assert "pattern" in refused.json()["error"]


# -- at the same time


def test_of_many_who_use_one_code_at_once_one_gets_in(tmp_path: Path) -> None:
    with Asked(database=tmp_path / "d.db", settings={"limits": Limits(0)}) as site:
        pool(site)
        site.post(f"{USER}/register", {"identifier": "eve@example.com"})
        long = code(site, "activation").long
        with ThreadPoolExecutor(8) as threads:
            asked = threads.map(lambda _: site.ask("POST", f"{USER}/activate", {"code": long}).status_code, range(8))
            assert sorted(asked) == [201] + [401] * 7


def test_of_many_who_register_one_identifier_at_once_one_is_made(tmp_path: Path) -> None:
    with Asked(database=tmp_path / "d.db") as site:
        pool(site)
        body = {"identifier": "eve@example.com"}
        with ThreadPoolExecutor(8) as threads:
            ids = list(threads.map(lambda _: site.post(f"{USER}/register", body)["id"], range(8)))
        assert len(set(ids)) == 1
        assert sorted(message.kind for message, _ in outbox(site)) == ["activation"] + ["registration_attempt"] * 7


# -- what is written down


def test_no_log_at_its_most_talkative_holds_a_secret(site: Asked, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        pool(site)
        ada(site)
        token = site.token("admin")
        site.post(f"{USER}/password/verify", {"identifier": "ada@example.com", "password": GOOD}, 200)
        site.post(f"{USER}/otp/request", {"address": "ada@example.com"}, 204)
        one = code(site, "one_time_code")
        site.post(f"{USER}/otp/verify", {"code": one.short, "userID": "ada"}, 200)
        site.post(f"{USER}/password/reset/request", {"address": "ada@example.com"}, 204)
        reset = code(site, "password_reset")
        site.http.get("/default/identity/p/reset-password", params={"code": "a wrong one"})
        site.post(f"{USER}/password/reset/complete", {"code": reset.long, "new_password": GOOD + "2"}, 204)

    for secret in (token, site.token(), site.secret, GOOD, GOOD + "2", one.short, one.long, reset.short, reset.long):
        assert secret not in caplog.text


def test_what_is_left_for_later_and_fails_is_told_without_values(
    site: Asked, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from pool_as_code.directory import challenges

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the address ada@example.com")

    pool(site)
    monkeypatch.setattr(challenges, "request", broken)
    site.post(f"{USER}/otp/request", {"address": "ada@example.com"}, 204)
    assert "requestOTP: RuntimeError at" in caplog.text
    assert "ada@example.com" not in caplog.text


def test_the_document_that_anybody_may_ask_for_is_written_once(site: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    first = site.http.get("/openapi.json").json()
    monkeypatch.setattr("pool_as_code.server.openapi.document.described", None)
    again = site.http.get("/openapi.json", headers={"host": "127.0.0.9:81"}).json()
    assert again["servers"][0]["url"] == "http://127.0.0.9:81"
    assert {**again, "servers": 0, "components": 0} == {**first, "servers": 0, "components": 0}
