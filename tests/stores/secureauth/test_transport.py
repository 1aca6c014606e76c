"""What is sent, what is sent again, and what is never sent."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from pool_as_code.core.errors import Conflict, InvalidInput, NotFound, Rejected, StoreError, Unauthorised, Unavailable
from pool_as_code.stores.secureauth.answers import ConflictAfterLoss, LostAnswer
from pool_as_code.stores.secureauth.connection import Lost, NotSent, TooLarge
from pool_as_code.stores.secureauth.pace import ATTEMPTS, RATE
from pool_as_code.stores.secureauth.place import Api, path_of, place_of
from pool_as_code.stores.secureauth.transport import Transport, open_transport
from tests.stores.secureauth.scripted import CLIENT_SECRET, URL, Script, World, a_transport, reply

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def transport(script: Script, world: World) -> Transport:
    return a_transport(script, world)


def put(transport: Transport, **more: str) -> object:
    return transport.call("PUT", "/system/pools/a", {"name": "a"}, what="change pool a", **more).body  # type: ignore[arg-type]


# -- places


@pytest.mark.parametrize(
    ("url", "issuer", "pools"),
    [
        (
            "secureauth+https://ID.example.com/shop",
            "https://id.example.com/shop/system",
            "https://id.example.com/api/identity/shop/system/pools",
        ),
        (
            "secureauth+http://localhost:8080/shop/",
            "http://localhost:8080/shop/system",
            "http://localhost:8080/api/identity/shop/system/pools",
        ),
        (
            "secureauth+https://id.example.com:443/shop?vanity=tenant",
            "https://id.example.com/system",
            "https://id.example.com/api/identity/system/pools",
        ),
        (
            "secureauth+https://[::1]:8443/shop",
            "https://[::1]:8443/shop/system",
            "https://[::1]:8443/api/identity/shop/system/pools",
        ),
    ],
)
def test_a_store_url_leads_to_one_tenant(url: str, issuer: str, pools: str) -> None:
    place = place_of(url)
    assert place.issuer("system") == issuer
    assert place.url(Api.IDENTITY, path_of("system", "pools")) == pools


@pytest.mark.parametrize(
    "url",
    [
        "secureauth+https://id.example.com",
        "secureauth+https://id.example.com/",
        "secureauth+https://id.example.com/a/b",
        "secureauth+https://id.example.com/..",
        "secureauth+https://me:pass@id.example.com/shop",
        "secureauth+https://id.example.com/shop?x=1",
        "secureauth+https://id.example.com/shop?vanity=server",
        "secureauth+https:///shop",
    ],
)
def test_a_url_that_names_no_tenant_is_refused_and_shows_no_password(url: str) -> None:
    from pool_as_code.core.errors import InvalidInput

    with pytest.raises(InvalidInput) as refused:
        place_of(url)
    (problem,) = refused.value.diagnostics
    assert problem.code == "PAC540"
    assert "pass@" not in problem.summary


def test_the_vanity_domain_of_one_workspace_is_refused_with_the_addresses_that_will_do() -> None:
    """No token of the System workspace is given out there."""
    from pool_as_code.core.errors import InvalidInput

    with pytest.raises(InvalidInput) as refused:
        place_of("secureauth+https://login.example.com/shop?vanity=server")
    (problem,) = refused.value.diagnostics
    assert "System workspace" in problem.detail
    assert "?vanity=tenant" in problem.hint


def test_an_id_stays_one_segment_whatever_it_holds() -> None:
    assert path_of("system", "pools", "a/b..?c#d\u00e9\u202e ") == "/system/pools/a%2Fb..%3Fc%23d%C3%A9%E2%80%AE%20"
    for id in ("", ".", "..", "a\r\nhost: evil", "\x00", "a/../b", "..\\b", "a%2f..", "%2e%2E", "\ud800"):
        with pytest.raises(Rejected):
            path_of("system", "pools", id)


# -- what a request looks like


def test_a_request_carries_a_token_and_the_run_and_nothing_else_of_ours(transport: Transport, script: Script) -> None:
    script.steps = [reply(200, {"id": "a"}, etag='"1"')]
    transport.run_id = "run-1"
    answer = transport.get("/system/pools/a", query={"limit": "100"})
    (sent,) = script.sent
    assert (sent.method, sent.path, sent.query) == ("GET", "/api/identity/shop/system/pools/a", {"limit": "100"})
    assert sent.headers == {"accept": "application/json", "authorization": "Bearer t1", "x-correlation-id": "run-1"}
    assert (answer.body, answer.etag) == ({"id": "a"}, '"1"')


def test_a_token_is_used_again(transport: Transport, script: Script) -> None:
    script.steps = [reply(200, {}), reply(200, {})]
    transport.get("/system/pools")
    transport.get("/system/pools")
    assert [one.method for one in script.tokens] == ["GET", "POST"]


def test_writes_carry_what_guards_them(transport: Transport, script: Script) -> None:
    script.steps = [reply(200, {}), reply(201, {})]
    put(transport, etag='"7"')
    transport.call("POST", "/system/pools", {"id": "a"}, what="create pool a", key=KEY)
    assert script.sent[0].headers["if-match"] == '"7"'
    assert script.sent[1].headers["x-idempotency-key"] == KEY


# -- again


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_read_is_repeated_while_the_service_has_trouble(
    transport: Transport, script: Script, world: World, status: int
) -> None:
    script.steps = [reply(status), reply(status), reply(200, {"id": "a"})]
    assert transport.get("/system/pools/a").body == {"id": "a"}
    assert world.slept == [0.5, 1.0]


@pytest.mark.parametrize("fault", [NotSent("refused"), Lost("broke off"), reply(200)._replace(body=b'{"id": "a')])
def test_a_read_is_repeated_after_a_fault(transport: Transport, script: Script, fault: object) -> None:
    script.steps = [fault, reply(200, {"id": "a"})]  # type: ignore[list-item]
    assert transport.get("/system/pools/a").body == {"id": "a"}


def test_trying_ends(transport: Transport, script: Script, world: World) -> None:
    script.steps = [Lost("broke off")] * ATTEMPTS
    with pytest.raises(Unavailable) as failed:
        transport.get("/system/pools/a", what="read pool a")
    assert not isinstance(failed.value, LostAnswer)
    assert "read pool a" in failed.value.message
    assert len(script.sent) == ATTEMPTS
    assert world.slept == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_what_can_not_get_better_is_not_repeated(transport: Transport, script: Script) -> None:
    script.steps = [NotSent("its certificate is not trusted here", final=True)]
    with pytest.raises(Unavailable, match="not trusted"):
        transport.get("/system/pools")
    assert len(script.sent) == 1


def test_whoever_asks_for_patience_gets_it(transport: Transport, script: Script, world: World) -> None:
    script.steps = [reply(429, retry_after="7"), reply(201, {"id": "a"})]
    transport.call("POST", "/system/pools/a/groups", {"id": "g"}, what="create group g")
    assert sum(world.slept) == 7.0


def test_patience_may_be_asked_for_until_a_date(transport: Transport, script: Script, world: World) -> None:
    world.time = 784_111_777.0  # 1994-11-06 08:49:37
    script.steps = [reply(429, retry_after="Sun, 06 Nov 1994 08:50:07 GMT"), reply(200, {})]
    transport.get("/system/pools")
    assert sum(world.slept) == 30.0


def test_a_date_is_one_of_the_clock_that_the_reply_shows(transport: Transport, script: Script, world: World) -> None:
    world.time = 784_111_777.0 - 3600  # our clock is an hour late
    until, date = "Sun, 06 Nov 1994 08:50:07 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"
    script.steps = [reply(429, retry_after=until, date=date), reply(200, {})]
    transport.get("/system/pools")
    assert sum(world.slept) == 30.0


@pytest.mark.parametrize(
    ("headers", "ahead"),
    [
        ({"date": "Sun, 06 Nov 1994 09:49:37 GMT"}, 3600.0),
        ({"date": "Sun, 06 Nov 1994 08:44:37 GMT"}, -300.0),
        ({"date": "Sun, 06 Nov 1994 08:49:39 GMT"}, 0.0),  # replies take a while, and dates have no fractions
        ({"date": "Sun, 06 Nov 2094 08:49:37 GMT"}, 0.0),
        ({"date": "Sun, 06 Nov 1994 09:49:37 GMT", "age": "3600"}, 0.0),
        ({"date": "yesterday"}, 0.0),
        ({}, 0.0),
    ],
)
def test_the_services_clock_is_read_off_its_replies(
    transport: Transport, script: Script, world: World, headers: dict[str, str], ahead: float
) -> None:
    world.time = 784_111_777.0  # 1994-11-06 08:49:37
    script.steps = [reply(200, {}, **headers)]
    transport.get("/system/pools")
    assert transport.service_clock.ahead == ahead
    assert transport.service_clock.time() == world.time + ahead


def test_too_much_patience_is_told(transport: Transport, script: Script) -> None:
    script.steps = [reply(429, retry_after="3600")]
    with pytest.raises(Unavailable) as failed:
        transport.get("/system/pools")
    assert failed.value.retry_after == 3600.0


def test_after_a_complaint_requests_come_at_a_slower_pace(transport: Transport, script: Script, world: World) -> None:
    script.steps = [*[reply(200, {})] * 10, reply(429, retry_after="1"), *[reply(200, {})] * 3]
    for _ in range(10):
        world.time += 0.1  # ten a second
        transport.get("/system/pools")
    transport.get("/system/pools")
    slept = len(world.slept)
    transport.get("/system/pools")
    transport.get("/system/pools")
    assert all(0.15 < pause < 0.25 for pause in world.slept[slept:])  # five a second
    assert len(world.slept) == slept + 2


def test_a_limit_of_ones_own_holds_from_the_start(script: Script, world: World) -> None:
    transport = a_transport(script, world, per_second=4)
    script.steps = [reply(200, {})] * 3
    for _ in range(3):
        transport.get("/system/pools")
    assert sum(world.slept) >= 0.75  # discovery, token and reads all count


def test_a_post_without_a_key_is_not_repeated_when_its_answer_is_lost(transport: Transport, script: Script) -> None:
    for fault in (Lost("broke off"), reply(503), reply(201)._replace(body=b"{")):
        script.steps = [fault]
        with pytest.raises(LostAnswer, match="nobody knows"):
            transport.call("POST", "/system/pools/a/groups", {"id": "g"}, what="create group g")


def test_a_post_that_was_never_sent_is_repeated(transport: Transport, script: Script) -> None:
    script.steps = [NotSent("refused"), reply(201, {"id": "g"})]
    transport.call("POST", "/system/pools/a/groups", {"id": "g"}, what="create group g")
    assert len(script.sent) == 2


def test_a_post_with_a_key_is_repeated_under_the_same_key(transport: Transport, script: Script) -> None:
    script.steps = [Lost("broke off"), reply(201, {"id": "a"}, x_idempotent_replayed="true")]
    assert transport.call("POST", "/system/pools", {"id": "a"}, what="create pool a", key=KEY).replayed
    assert {sent.headers["x-idempotency-key"] for sent in script.sent} == {KEY}


def test_a_key_is_not_trusted_after_its_time(transport: Transport, script: Script, world: World) -> None:
    def slow(_: object) -> object:
        world.time += 55
        raise Lost("no reply within 60 seconds")

    script.steps = [slow]  # type: ignore[list-item]
    with pytest.raises(LostAnswer):
        transport.call("POST", "/system/pools", {"id": "a"}, what="create pool a", key=KEY)
    assert len(script.sent) == 1


def test_a_put_without_a_guard_is_not_repeated_unless_it_is_the_same_twice(
    transport: Transport, script: Script
) -> None:
    script.steps = [Lost("broke off")]
    with pytest.raises(LostAnswer):
        put(transport)
    script.steps = [Lost("broke off"), reply(204)]
    transport.call("PUT", "/system/pools/a/groups/g/users/u", what="add user u", same_twice=True, bare=True)
    assert script.steps == []


def test_a_moved_object_is_a_conflict_and_after_a_lost_answer_one_to_look_at(
    transport: Transport, script: Script
) -> None:
    script.steps = [reply(412)]
    with pytest.raises(Conflict) as moved:
        put(transport, etag='"1"')
    assert not isinstance(moved.value, ConflictAfterLoss)
    script.steps = [Lost("broke off"), reply(412)]
    with pytest.raises(ConflictAfterLoss):
        put(transport, etag='"1"')


def test_what_an_unanswered_delete_deleted_is_gone(transport: Transport, script: Script) -> None:
    script.steps = [Lost("broke off"), reply(404)]
    assert transport.call("DELETE", "/system/pools/a", what="delete pool a").status == 204
    script.steps = [reply(404)]
    with pytest.raises(NotFound):
        transport.call("DELETE", "/system/pools/a", what="delete pool a")


# -- tokens in the middle


def test_a_token_that_is_no_longer_taken_is_replaced_once(transport: Transport, script: Script) -> None:
    refusal = reply(401, {"status_code": 401, "error_code": "invalid_access_token"})
    script.steps = [refusal, reply(201, {"id": "g"})]
    transport.call("POST", "/system/pools/a/groups", {"id": "g"}, what="create group g")
    assert [sent.headers["authorization"] for sent in script.sent] == ["Bearer t1", "Bearer t2"]
    script.steps = [refusal, refusal]
    with pytest.raises(Unauthorised):
        transport.get("/system/pools")


def test_a_token_is_renewed_before_it_expires(script: Script, world: World) -> None:
    script.expires_in = 100
    transport = a_transport(script, world)
    script.steps = [reply(200, {})] * 3
    transport.get("/system/pools")
    world.time += 85
    transport.get("/system/pools")
    world.time += 6  # nine tenths of its life are over
    transport.get("/system/pools")
    assert [sent.headers["authorization"] for sent in script.sent] == ["Bearer t1", "Bearer t1", "Bearer t2"]


def test_the_admin_api_takes_tokens_of_its_own_client(script: Script, world: World) -> None:
    transport = a_transport(script, world, admin=True)
    script.steps = [reply(200, {}), reply(200, {})]
    transport.get("/pools/a/idps", api=Api.ADMIN)
    transport.get("/admin/pools", api=Api.ADMIN_IDENTITY)
    assert [sent.path for sent in script.sent] == ["/api/admin/shop/pools/a/idps", "/api/identity/shop/admin/pools"]
    assert {sent.path.split("/")[2] for sent in script.tokens} == {"admin"}


def test_without_an_admin_client_nothing_of_the_admin_api_is_asked(transport: Transport, script: Script) -> None:
    with pytest.raises(Unauthorised) as refused:
        transport.get("/pools/a/idps", api=Api.ADMIN)
    assert "POOL_AS_CODE_ADMIN_CLIENT_ID" in refused.value.hint
    assert script.sent == script.tokens == []


# -- refusals


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(transport: Transport, script: Script, status: int) -> None:
    script.steps = [reply(status, location="https://evil.example/")]
    with pytest.raises(Unavailable, match="elsewhere"):
        transport.get("/system/pools")
    assert len(script.sent) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/system/pools"),
        ("PUT", "/system/pools/a"),
        ("PATCH", "/system/pools/a/users/u"),
        ("DELETE", "/system/pools/a"),
        ("POST", "/system/pools/a/users/by_key/x"),
        ("POST", "/system/pools/a/b/users/by_key"),
    ],
)
def test_a_transport_that_reads_sends_no_write(script: Script, world: World, method: str, path: str) -> None:
    transport = a_transport(script, world, read_only=True)
    with pytest.raises(Rejected, match="nothing was sent"):
        transport.call(method, path, {}, what="change it")
    assert script.sent == script.tokens == []


def test_a_transport_that_reads_may_look_a_user_up(script: Script, world: World) -> None:
    transport = a_transport(script, world, read_only=True)
    script.steps = [Lost("broke off"), reply(200, {"id": "u"})]
    found = transport.call("POST", "/system/pools/a/users/by_key", {"identifier": "ada"}, what="look ada up")
    assert found.body == {"id": "u"}


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Rejected), (422, Rejected), (413, Rejected), (403, Unauthorised), (404, NotFound), (409, Conflict)],
)
def test_each_status_is_an_error_of_ours_in_the_services_words(
    transport: Transport, script: Script, status: int, error: type[StoreError]
) -> None:
    script.steps = [reply(status, {"status_code": status, "error": "the service says why", "error_code": "some_code"})]
    with pytest.raises(error, match=r"the service says why \(some_code\)"):
        transport.call("POST", "/system/pools", {"id": "a"}, what="create pool a", key=KEY)


def test_a_missing_right_names_what_is_needed(transport: Transport, script: Script) -> None:
    script.steps = [reply(403), reply(403)]
    with pytest.raises(Unauthorised) as refused:
        transport.get("/system/pools")
    assert refused.value.scope == "identity"
    with pytest.raises(Unauthorised) as refused:
        transport.get("/organizations", api=Api.SYSTEM)
    assert refused.value.scope == "manage_configuration"


def test_messages_repeat_nothing_that_was_sent(transport: Transport, script: Script) -> None:
    body = {
        "identifiers": [{"identifier": "ada@example.com", "type": "email"}],
        "credentials": [{"password": "pass-Word"}],
    }
    words = f"ada@example.com has a bad password pass-Word\x1b[31m, token t1, {CLIENT_SECRET}"
    script.steps = [reply(422, {"error": words})]
    with pytest.raises(Rejected) as refused:
        transport.call("POST", "/system/pools/a/users", body, what="create user ada", key=KEY)  # type: ignore[arg-type]
    shown = refused.value.message + "".join(traceback.format_exception(refused.value))
    for secret in ("ada@example.com", "pass-Word", CLIENT_SECRET, "\x1b"):
        assert secret not in shown
    assert "has a bad password" in refused.value.message


def test_closing_closes_the_connection(transport: Transport, script: Script) -> None:
    transport.close()
    assert script.closed == 1


# -- answers that are not the service's


@pytest.mark.parametrize("body", [b"", b"<html>sorry</html>", b'{"pools": [{"id"'])
def test_a_list_that_did_not_come_whole_is_no_empty_list(transport: Transport, script: Script, body: bytes) -> None:
    script.steps = [reply(200)._replace(body=body)] * ATTEMPTS
    with pytest.raises(Unavailable):
        transport.get("/system/pools")
    assert script.steps == []


def test_a_gateways_404_says_nothing_of_the_object(transport: Transport, script: Script) -> None:
    page = reply(404)._replace(body=b"<html>not here</html>")
    script.steps = [page, reply(200, {"id": "a"})]
    assert transport.get("/system/pools/a").body == {"id": "a"}
    script.steps = [page] * ATTEMPTS
    with pytest.raises(Unavailable):
        transport.get("/system/pools/a")
    script.steps = [Lost("broke off"), page, reply(404)]
    assert transport.call("DELETE", "/system/pools/a", what="delete pool a").status == 204


def test_a_gateways_403_names_no_right(transport: Transport, script: Script) -> None:
    script.steps = [reply(403)._replace(body=b"<html>forbidden</html>")]
    with pytest.raises(Unauthorised) as refused:
        transport.get("/system/pools")
    assert refused.value.scope == ""


def test_a_created_object_without_its_answer_counts_as_lost(transport: Transport, script: Script) -> None:
    script.steps = [reply(201), reply(201, {"id": "a"})]
    assert transport.call("POST", "/system/pools", {"id": "a"}, what="create pool a", key=KEY).body == {"id": "a"}
    assert [sent.headers["x-idempotency-key"] for sent in script.sent] == [KEY, KEY]


@pytest.mark.parametrize("status", [400, 401, 403, 422])
def test_a_refusal_after_a_loss_tells_nothing_of_the_attempt_that_was_lost(
    transport: Transport, script: Script, status: int
) -> None:
    script.steps = [Lost("broke off"), *([reply(status)] * 2)]
    with pytest.raises(LostAnswer) as lost:
        transport.call("POST", "/system/pools", {"id": "a"}, what="create pool a", key=KEY)
    assert "broke off" in lost.value.message
    script.steps = [reply(status)] * 2
    with pytest.raises(StoreError) as refused:
        transport.call("POST", "/system/pools", {"id": "a"}, what="create pool a", key=KEY)
    assert not isinstance(refused.value, LostAnswer)


def test_who_is_stopped_repeats_nothing(transport: Transport, script: Script, world: World) -> None:
    transport.stop()
    script.steps = [reply(503)]
    with pytest.raises(Unavailable):
        transport.get("/system/pools")
    script.steps = [reply(429)]
    with pytest.raises(Unavailable):
        transport.get("/system/pools")
    assert world.slept == []


def test_a_reply_that_is_too_large_refuses_a_read_and_leaves_a_write_unknown(
    transport: Transport, script: Script, world: World
) -> None:
    script.steps = [TooLarge("the reply is larger than any"), TooLarge("the reply is larger than any")]
    with pytest.raises(Rejected, match="larger than any") as refused:
        transport.get("/system/pools", what="list pools")
    assert "--target" in refused.value.hint
    with pytest.raises(LostAnswer, match="nobody knows whether it was done"):
        transport.call("POST", "/system/pools", {"id": "a"}, what="create pool a", key=KEY)
    assert world.slept == []


def test_a_post_that_is_asked_once_is_not_repeated_after_a_loss_whatever_its_key(
    transport: Transport, script: Script
) -> None:
    script.steps = [reply(429, retry_after="1"), Lost("broke off")]
    with pytest.raises(LostAnswer):
        transport.call("POST", "/system/pools", {}, what="send", key=KEY, once=True)
    assert [one.headers["x-idempotency-key"] for one in script.sent] == [KEY, KEY]


@pytest.mark.parametrize("text", ["5/s", "nan", "-1", "1e3", "\u0665"])
def test_a_limit_that_is_no_number_is_not_taken_for_none(text: str, tmp_path: Path) -> None:
    environ = {"POOL_AS_CODE_CLIENT_ID": "robot", "POOL_AS_CODE_CLIENT_SECRET": "x", RATE: text}
    with pytest.raises(InvalidInput) as refused:
        open_transport(URL, read_only=True, root=tmp_path, environ=environ)
    assert refused.value.diagnostics[0].code == "PAC547"
    for good in ("", "5", " 0.5 "):
        open_transport(URL, read_only=True, root=tmp_path, environ={**environ, RATE: good}).close()


def test_json_that_is_no_discovery_document_is_no_workspace(transport: Transport, script: Script) -> None:
    script.send = lambda method, url, headers, content=None: reply(200, {"message": "welcome"})  # type: ignore[method-assign]
    with pytest.raises(Unavailable, match="in a form that is not the service's"):
        transport.describes_itself("shop")
