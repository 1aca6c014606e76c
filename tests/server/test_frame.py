"""What holds for every request: its size, its headers, its form, repeated keys, and what is answered when all goes wrong."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.core.errors import Unavailable
from tests.server.site import Asked

KEY = "k" * 32


def test_the_correlation_id_of_a_request_comes_back_and_a_bad_one_does_not(site: Asked) -> None:
    assert site.ask("GET", "/pools", headers={"x-correlation-id": "run-1"}).headers["x-correlation-id"] == "run-1"
    made = site.ask("GET", "/pools", headers={"x-correlation-id": "a b\tc"}).headers["x-correlation-id"]
    assert len(made) == 36


def test_unknown_parameters_and_headers_are_accepted(site: Asked) -> None:
    answer = site.ask("GET", "/pools", headers={"x-whatever": "1", "x-idempotency-key": KEY}, unknown="yes")
    assert answer.status_code == 200


def test_a_path_or_a_method_that_is_not_there_is_told_in_the_service_s_form(site: Asked) -> None:
    for method, path, status in (("GET", "/nothing", 404), ("DELETE", "/pools", 405)):
        answer = site.ask(method, path)
        assert (answer.status_code, answer.json()["status_code"]) == (status, status)
    assert site.ask("DELETE", "/pools").headers["allow"] == "GET, POST"


def test_an_id_may_be_a_word_of_the_paths(site: Asked) -> None:
    site.post("/pools", {"id": "p", "name": "P"})
    site.post(
        "/pools/p/users", {"id": "by_key", "status": "active", "identifiers": [{"identifier": "x", "type": "uid"}]}
    )
    assert site.get("/pools/p/users/by_key")["id"] == "by_key"
    assert site.post("/pools/p/users/by_key", {"identifier": "x"}, 200)["id"] == "by_key"
    assert site.ask("DELETE", "/pools/p/users/by_key").status_code == 204


def test_probes_need_no_token_and_hear_of_a_directory_that_does_not_answer(
    site: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [site.http.get(path).json() for path in ("/alive", "/health")] == [{"status": "ok"}, {"status": "ok"}]
    assert site.http.head("/alive").status_code == 200

    def away(*_: object) -> None:
        raise Unavailable("the database is locked")

    monkeypatch.setattr("pool_as_code.directory.database.Database.value", away)
    assert [site.http.get(path).status_code for path in ("/alive", "/health")] == [200, 503]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"text"', b'{"name": "\xff"}', b"[" * 5000, b'{"a":' * 900 + b"1" + b"}" * 900]
)
def test_a_body_that_is_none_is_refused(site: Asked, content: bytes) -> None:
    headers = {"authorization": f"Bearer {site.token()}"}
    answer = site.http.post("/api/identity/default/system/pools", content=content, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["error_code"] in ("bad_request", "unprocessable_entity")


def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not() -> None:
    with Asked(settings={"largest_body": 1000}) as site:
        headers = {"authorization": f"Bearer {site.token()}"}
        url = "/api/identity/default/system/pools"
        assert site.http.post(url, content=b"x" * 1001, headers=headers).status_code == 413
        assert site.http.post(url, content=iter([b"x" * 600, b"x" * 600]), headers=headers).status_code == 413


def test_a_post_with_the_same_key_is_done_once(site: Asked) -> None:
    headers = {"x-idempotency-key": KEY}
    first = site.ask("POST", "/pools", {"name": "One"}, headers=headers)
    again = site.ask("POST", "/pools", {"name": "One"}, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["x-idempotent-replayed"] == "true"
    assert again.headers["etag"] == first.headers["etag"]
    assert "x-idempotent-replayed" not in first.headers
    assert len(site.get("/pools")["pools"]) == 1


def test_a_key_belongs_to_one_request_and_has_a_length(site: Asked) -> None:
    site.ask("POST", "/pools", {"name": "One"}, headers={"x-idempotency-key": KEY})
    assert site.ask("POST", "/pools", {"name": "Two"}, headers={"x-idempotency-key": KEY}).status_code == 422
    assert site.ask("POST", "/pools", {"name": "Two"}, headers={"x-idempotency-key": "short"}).status_code == 400


def test_a_key_counts_for_a_minute(site: Asked) -> None:
    moment = [0.0]
    site.server.site.replays.clock = lambda: moment[0]
    for _ in range(2):
        site.ask("POST", "/pools", {"name": "One"}, headers={"x-idempotency-key": KEY})
        moment[0] += 61
    assert len(site.get("/pools")["pools"]) == 2


def test_what_was_refused_with_a_key_is_refused_again_as_it_was(site: Asked) -> None:
    first = site.ask("POST", "/pools", {"id": "x"}, headers={"x-idempotency-key": KEY})
    again = site.ask("POST", "/pools", {"id": "x"}, headers={"x-idempotency-key": KEY})
    assert first.status_code == again.status_code == 422
    assert again.headers["x-idempotent-replayed"] == "true"


def test_requests_with_one_key_at_once_make_one_object(tmp_path: Path) -> None:
    with Asked(database=tmp_path / "d.db") as site:
        site.token()

        def post(_: int) -> Any:
            return site.ask("POST", "/pools", {"name": "One"}, headers={"x-idempotency-key": KEY}).json()["id"]

        with ThreadPoolExecutor(8) as threads:
            assert len(set(threads.map(post, range(8)))) == 1
        assert len(site.get("/pools")["pools"]) == 1


def test_requests_at_once_lose_nothing(tmp_path: Path) -> None:
    with Asked(database=tmp_path / "d.db") as site:
        site.post("/pools", {"id": "p", "name": "P"})

        def work(number: int) -> int:
            path = "/pools/p/users"
            site.post(path, {"id": f"u{number:03}", "status": "active", "payload": {"name": "A"}})
            site.ask("PATCH", f"{path}/u{number:03}", {"payload": {"name": str(number)}})
            return int(site.get(f"{path}/u{number:03}")["payload"]["name"])

        site.token()
        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(work, range(40))) == list(range(40))
        assert site.get("/pools/p")["number_of_users"] == 40


def test_of_two_changes_at_once_with_the_same_etag_one_is_made(tmp_path: Path) -> None:
    with Asked(database=tmp_path / "d.db") as site:
        etag = site.ask("POST", "/pools", {"id": "p", "name": "P"}).headers["etag"]

        def put(number: int) -> int:
            return site.ask("PUT", "/pools/p", {"name": f"P{number}"}, headers={"if-match": etag}).status_code

        with ThreadPoolExecutor(8) as threads:
            assert sorted(threads.map(put, range(8))) == [200] + [412] * 7


def test_a_fault_of_the_server_shows_neither_values_nor_its_cause(
    site: Asked, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret text")

    monkeypatch.setattr("pool_as_code.directory.pools.create", broken)
    with caplog.at_level(logging.ERROR):
        answer = site.ask("POST", "/pools", {"name": "hunter2"})
    assert answer.status_code == 500
    assert answer.json()["error_code"] == "internal_server_error"
    assert "system.createPool" in caplog.text
    for text in (answer.text, caplog.text):
        assert "secret text" not in text
        assert "hunter2" not in text


def test_names_in_a_path_reach_nothing_else(site: Asked) -> None:
    site.post("/pools", {"id": "p", "name": "P"})
    for path in ("/pools/..%2f..%2fadmin", "/pools/p%00", "/pools/%0d%0aset-cookie:x", "/pools/p/users/'%20OR%201=1--"):
        answer = site.ask("GET", path)
        assert answer.status_code in (400, 404)
        assert "set-cookie" not in answer.headers


def test_a_path_with_a_line_break_is_answered_as_every_other(site: Asked) -> None:
    answer = site.http.get("/default/a%0Ab/oauth2/token")
    assert (answer.status_code, answer.json()["status_code"]) == (405, 405)
    assert site.http.get("/default/%0A").json()["error_code"] == "not_found"
