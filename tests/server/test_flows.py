"""What people do: register, activate, sign in, reset and change, with the answers that tell nobody who has an account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pool_as_code.directory import messages
from pool_as_code.directory.messages import Contents, Message
from pool_as_code.directory.totp import counter_at, parse_totp_secret, totp_code
from tests.server.site import Asked

USER, USERS = "/pools/p/user", "/pools/p/users"
GOOD, NEW, SECRET = "correct horse 9", "another horse 10", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OTHER_SECRET = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"


@pytest.fixture
def site() -> Iterator[Asked]:
    with Asked() as asked:
        asked.post(
            "/pools",
            {"id": "p", "name": "P", "public_registration_allowed": True, "password_policy": {"min_length": 10}},
        )
        yield asked


def ada(site: Asked, **change: Any) -> None:
    site.post(
        USERS,
        {
            "id": "ada",
            "status": "active",
            "identifiers": [{"identifier": "ada@example.com", "type": "email"}],
            "verifiable_addresses": [
                {"address": "ada@example.com", "type": "email", "status": "active", "verified": True},
                {"address": "+48123456789", "type": "mobile", "status": "active", "verified": False},
            ],
            "credentials": [{"type": "password", "password": GOOD}, {"type": "totp", "totp_secret": SECRET}],
            **change,
        },
    )


def outbox(site: Asked) -> list[tuple[Message, Contents | None]]:
    def read(directory: Any) -> list[tuple[Message, Contents | None]]:
        return [(one, messages.contents_of(directory, one)) for one in messages.waiting(directory)]

    found: list[tuple[Message, Contents | None]] = site.inside(read)
    return found


def code(site: Asked, kind: str) -> Contents:
    (found,) = [contents for message, contents in outbox(site)[-1:] if message.kind == kind]
    assert found is not None
    return found


def status(site: Asked, path: str, body: Any, **query: Any) -> int:
    return site.ask("POST", path, body, **query).status_code


def test_a_person_registers_and_activates_by_the_short_code(site: Asked) -> None:
    body = {"identifier": "eve@example.com", "password": GOOD, "payload": {"name": "Eve"}}
    id = site.post(f"{USER}/register", body, code_type_in_message="code")["id"]
    assert status(site, f"{USER}/password/verify", {"identifier": "eve@example.com", "password": GOOD}) == 401
    assert status(site, f"{USERS}/{id}/activate", {"code": "000000x"}) == 401
    made = site.post(f"{USERS}/{id}/activate", {"code": code(site, "activation").short})
    assert (made["status"], made["verifiable_addresses"][0]["verified"]) == ("active", True)
    assert status(site, f"{USER}/password/verify", {"identifier": "eve@example.com", "password": GOOD}) == 200
    assert status(site, f"{USERS}/{id}/activate", {"code": code(site, "activation").short}) == 401


def test_an_administrator_s_user_activates_by_the_link(site: Asked) -> None:
    ada(
        site,
        status="new",
        credentials=[],
        verifiable_addresses=[{"address": "ada@example.com", "type": "email", "status": "active", "verified": False}],
    )
    site.post(
        "/admin/pools/p/users/ada/activation/send", {}, 204, server_id="", post_activation_url="https://x.example/"
    )
    message = outbox(site)[-1][0]
    assert (message.via, message.return_to) == ("link", "https://x.example/")
    long = code(site, "activation").long
    about = site.post(f"{USER}/otp/inspect", {"code": long}, 200)
    assert about == {"user_id": "ada", "password_set": False, "code_type": "activation"}
    assert status(site, f"{USER}/activate", {"code": long, "password": "short"}) == 422
    made = site.post(f"{USER}/activate", {"code": long, "password": GOOD, "totp_secret": SECRET})
    assert made["status"] == "active"
    assert [one["type"] for one in made["credentials"]] == ["password", "totp"]
    assert status(site, f"{USER}/otp/inspect", {"code": long}) == 401


def test_who_has_an_account_is_told_to_nobody(site: Asked) -> None:
    ada(site)
    taken = site.post(f"{USER}/register", {"identifier": "ada@example.com", "password": GOOD})
    assert taken == {"id": "ada"}
    assert outbox(site)[-1][0].kind == "registration_attempt"
    bad = {"payload": {"name": ""}}
    answers = [
        status(site, f"{USER}/register", {"identifier": one, **bad}) for one in ("ada@example.com", "x@example.com")
    ]
    assert answers == [422, 422]
    for path, body in (
        (f"{USER}/otp/request", {"address": "nobody@example.com"}),
        (f"{USER}/otp/request", {"identifier": "nobody"}),
        (f"{USER}/password/reset/request", {"address": "nobody@example.com"}),
        (f"{USER}/password/reset/request", {"address": "ada@example.com", "identifier": "nobody"}),
        (f"{USER}/totp/reset/request", {"address": "nobody@example.com"}),
        (f"{USERS}/nobody/activation/send", {}),
        (f"{USERS}/ada/activation/send", {}),
    ):
        assert status(site, path, body) == 204, path
    wrong = [
        site.ask("POST", f"{USER}/password/reset/complete", {"code": "123456", "new_password": NEW, **who}).json()
        for who in ({"userID": "ada"}, {"userID": "nobody"}, {"identifier": "nobody"}, {})
    ]
    assert all(one == wrong[0] for one in wrong)
    assert wrong[0]["error_code"] == "invalid_credentials"


def test_registration_is_refused_where_it_is_off_and_without_an_address(site: Asked) -> None:
    assert status(site, f"{USER}/register", {"identifier": "eve"}) == 422
    assert status(site, f"{USER}/register", {"identifier": "e@example.com", "otp_address": "f@example.com"}) == 422
    assert status(site, f"{USER}/register", {"identifier": "eve", "otp_address": "e@example.com"}) == 201
    assert status(site, f"{USER}/register", {"identifier": "z@example.com"}, send_activation_message="false") == 201
    assert len(outbox(site)) == 1
    site.post("/pools", {"id": "q", "name": "Q"})
    assert status(site, "/pools/q/user/register", {"identifier": "e@example.com"}) == 422


def test_a_password_is_judged_in_both_forms(site: Asked) -> None:
    ada(site)
    v1, v2 = f"{USER}/password/verify", f"{USER}/password/v2/verify"
    who = {"identifier": "ada@example.com"}
    assert site.post(v1, {**who, "password": GOOD}, 200) == {"id": "ada", "state": "valid"}
    assert site.post(v1, {"id": "ada", "userID": "x", "password": GOOD}, 200)["id"] == "ada"
    assert status(site, v1, {**who, "password": "wrong"}) == status(site, v1, {"userID": "x", "password": GOOD}) == 401
    assert site.post(v2, {**who, "password": GOOD}, 200)["result"] == "password_correct"
    assert site.post(v2, {**who, "password": "wrong"}, 200)["result"] == "password_incorrect"
    assert site.post(v2, {"userID": "x", "password": "x"}, 200) == {"id": "", "state": "", "result": "user_not_found"}
    assert status(site, v1, {"password": GOOD}) == 422


def test_a_password_that_must_be_changed_is_good_once(site: Asked) -> None:
    ada(site, credentials=[{"type": "password", "password": GOOD, "must_be_changed": True}])
    v2 = f"{USER}/password/v2/verify"
    body = {"userID": "ada", "password": GOOD}
    assert site.post(v2, body, 200) == {"id": "ada", "state": "must_be_changed", "result": "password_correct"}
    assert site.post(v2, body, 200)["result"] == "password_expired"
    change = f"{USERS}/ada/change-password"
    assert status(site, change, {"old_password": "wrong", "new_password": NEW}) == 403
    assert status(site, change, {"old_password": GOOD, "new_password": "short"}) == 422
    site.post(change, {"old_password": GOOD, "new_password": NEW}, 204)
    assert site.post(v2, {**body, "password": NEW}, 200)["state"] == "valid"


def test_guessing_a_password_is_blocked_for_a_minute_and_only_for_that_user(site: Asked) -> None:
    ada(site)
    site.post(USERS, {"id": "bob", "status": "active", "credentials": [{"type": "password", "password": GOOD}]})
    moment = [0.0]
    site.server.site.attempts.clock = lambda: moment[0]
    path = f"{USER}/password/verify"
    wrong = [{"userID": "ada", "password": "x"}, {"identifier": "ada@example.com", "password": "y"}]
    assert [status(site, path, wrong[number % 2]) for number in range(6)] == [401] * 5 + [429]
    blocked = site.ask("POST", path, {"userID": "ada", "password": GOOD})
    assert (blocked.status_code, blocked.headers["retry-after"]) == (429, "61")
    assert status(site, path, {"userID": "bob", "password": GOOD}) == 200
    for _ in range(6):
        answer = status(site, path, {"userID": "nobody", "password": "x"})
    assert answer == 429
    moment[0] = 61
    assert status(site, path, {"userID": "ada", "password": GOOD}) == 200


def test_a_forgotten_password_is_reset_with_the_code_once(site: Asked) -> None:
    ada(site)
    site.post(f"{USER}/password/reset/request", {"address": "ADA@example.com"}, 204, code_type_in_message="code")
    old = code(site, "password_reset")
    site.post(f"{USER}/password/reset/request", {"address": "ada@example.com"}, 204)
    fresh = code(site, "password_reset")
    complete = f"{USER}/password/reset/complete"
    assert status(site, complete, {"code": old.long, "new_password": NEW}) == 401
    assert status(site, complete, {"code": fresh.short, "new_password": "short", "address": "ada@example.com"}) == 422
    assert status(site, complete, {"code": fresh.short, "new_password": NEW, "address": "ada@example.com"}) == 204
    assert status(site, complete, {"code": fresh.short, "new_password": GOOD, "userID": "ada"}) == 401
    assert status(site, f"{USER}/password/verify", {"userID": "ada", "password": NEW}) == 200
    site.post("/admin/pools/p/users/ada/password/reset/request", {"address": "ada@example.com"}, 204)
    assert (
        status(
            site, f"{USER}/password/reset/confirm", {"code": code(site, "password_reset").long, "new_password": GOOD}
        )
        == 204
    )
    assert status(site, "/admin/pools/p/users/ada/password/reset/request", {"address": "x@example.com"}) == 404


def test_a_code_ends_with_its_time(site: Asked) -> None:
    ada(site)
    site.post(f"{USER}/password/reset/request", {"address": "ada@example.com"}, 204)
    site.clock.forward(minutes=11)
    late = {"code": code(site, "password_reset").long, "new_password": NEW}
    assert status(site, f"{USER}/password/reset/complete", late) == 401


def test_where_people_do_not_reset_themselves_they_are_told_so(site: Asked) -> None:
    ada(site)
    off = {"do_not_allow_users_to_self_reset_credentials": True}
    site.put("/pools/p", {"name": "P", "reset_credentials_settings": off})
    for word in ("password", "totp"):
        for address in ("ada@example.com", "nobody@example.com"):
            assert status(site, f"{USER}/{word}/reset/request", {"address": address}) == 403
    site.post("/admin/pools/p/users/ada/password/reset/request", {"address": "ada@example.com"}, 204)


def test_a_one_time_code_signs_in_once(site: Asked) -> None:
    ada(site)
    for asked in (
        {"address": "ada@example.com"},
        {"userID": "ada", "address": "+48123456789"},
        {"identifier": "ada@example.com"},
    ):
        before = len(outbox(site))
        site.post(f"{USER}/otp/request", asked, 204)
        sent = len(outbox(site)) - before
        assert sent == 1
    assert [message.address for message, _ in outbox(site)][1:] == ["+48123456789", "ada@example.com"]
    short = code(site, "one_time_code").short
    assert status(site, f"{USER}/otp/verify", {"code": short}) == 401
    assert site.post(f"{USER}/otp/verify", {"code": short, "identifier": "ada@example.com"}, 200) == {"id": "ada"}
    assert status(site, f"{USER}/otp/verify", {"code": short, "userID": "ada"}) == 401
    site.post("/admin/pools/p/users/ada/otp/request", {"address": "ada@example.com"}, 204)
    found = site.post("/admin/pools/p/users/ada/otp/verify", {"code": code(site, "one_time_code").short}, 200)
    assert found == {"id": "ada"}
    assert status(site, "/admin/pools/p/users/ada/otp/request", {"address": "x@example.com"}) == 404


def test_a_program_that_delivers_codes_itself_gets_them(site: Asked) -> None:
    ada(site)
    codes = site.post(f"{USER}/code/generate", {"type": "authentication", "identifier": "ada@example.com"})
    assert status(site, f"{USER}/otp/verify", {"code": codes["extended_code"]}) == 401
    assert site.post(f"{USER}/authentication-code/verify", {"code": codes["extended_code"]}, 200) == {"id": "ada"}
    codes = site.post(f"{USERS}/ada/code/generate", {"type": "verify_address", "address": "+48123456789"})
    site.post(f"{USERS}/ada/address/verification/complete", {"address": "+48123456789", "code": codes["code"]}, 204)
    assert status(site, f"{USERS}/ada/code/generate", {"type": "verify_address", "address": "+48123456789"}) == 422
    assert status(site, f"{USERS}/ada/code/generate", {"type": "activation"}) == 422
    assert status(site, f"{USERS}/ada/code/generate", {"type": "coffee"}) == 422
    assert status(site, f"{USER}/code/generate", {"type": "challenge", "identifier": "x"}) == 404
    few = {"authorization": f"Bearer {site.token(scope='identity')}"}
    answer = site.ask("POST", f"{USERS}/ada/code/generate", {"type": "challenge"}, headers=few)
    assert answer.status_code == 403
    assert outbox(site) == []


def test_an_authenticator_is_changed_with_its_code_and_reset_with_a_sent_one(site: Asked) -> None:
    ada(site)

    def now(secret: str) -> str:
        return totp_code(parse_totp_secret(secret), counter_at(site.clock().timestamp()))

    path = f"{USERS}/ada/totp/change"
    assert status(site, path, {"totp": "000000", "new_totp_secret": OTHER_SECRET}) == 403
    assert status(site, path, {"totp": now(SECRET), "new_totp_secret": "not base32!"}) == 422
    assert status(site, path, {"totp": now(SECRET), "new_totp_secret": OTHER_SECRET}) == 204
    site.clock.forward(minutes=2)
    site.post(f"{USER}/totp/reset/request", {"address": "ada@example.com"}, 204)
    body = {"code": code(site, "totp_reset").short, "new_totp_secret": SECRET, "userID": "ada"}
    assert status(site, f"{USER}/totp/reset/complete", body) == 204
    assert status(site, f"{USER}/totp/reset/complete", body) == 401
    assert status(site, path, {"totp": now(SECRET), "new_totp_secret": OTHER_SECRET}) == 204


def test_an_address_is_verified_with_the_code_that_was_sent_there(site: Asked) -> None:
    ada(site)
    path = f"{USERS}/ada/address/verification"
    assert status(site, f"{path}/request", {"address": "x@example.com"}) == 404
    site.post(f"{path}/request", {"address": "+48123456789"}, 204)
    short = code(site, "address_verification").short
    assert status(site, f"{path}/complete", {"address": "ada@example.com", "code": "1"}) == 401
    site.post(f"{path}/complete", {"address": "+48123456789", "code": short}, 204)
    assert site.get(f"{USERS}/ada")["verifiable_addresses"][1]["verified"] is True


def test_a_suspended_user_does_nothing(site: Asked) -> None:
    ada(site)
    site.post(f"{USER}/password/reset/request", {"address": "ada@example.com"}, 204)
    reset = code(site, "password_reset").long
    site.put(f"{USERS}/ada", {"status": "inactive"})
    assert status(site, f"{USER}/password/verify", {"userID": "ada", "password": GOOD}) == 401
    assert status(site, f"{USER}/password/reset/complete", {"code": reset, "new_password": NEW}) == 401
    assert status(site, f"{USERS}/ada/change-password", {"old_password": GOOD, "new_password": NEW}) == 403
    site.post(f"{USER}/otp/request", {"address": "ada@example.com"}, 204)
    assert len(outbox(site)) == 1


def test_passkeys_answer_that_they_come_later(site: Asked) -> None:
    ada(site)
    for method, path in (
        ("POST", f"{USERS}/ada/webauthn/create/begin"),
        ("DELETE", f"{USERS}/ada/webauthn/x"),
        ("POST", f"{USER}/webauthn/add/request"),
    ):
        answer = site.ask(method, path, {})
        assert (answer.status_code, answer.json()["error_code"]) == (501, "not_implemented")
