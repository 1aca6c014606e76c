"""The connection against a server on this machine that behaves badly."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from pool_as_code.core.errors import InvalidInput
from pool_as_code.stores.secureauth import connection as connection_module
from pool_as_code.stores.secureauth.connection import ClientCertificate, Connection, Lost, NotSent, TooLarge, trusted


class Bad(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.seen.append(self.path)
        size = {"/short": 100, "/large": 5000}.get(self.path, 2)
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Content-Length", str(size))
        self.send_header("ETag", '"1"')
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()
        self.wfile.write(b"x" * (size if self.path == "/large" else 2))
        self.close_connection = self.path == "/short"

    def log_message(self, *words: object) -> None:
        """Says nothing."""


@pytest.fixture
def origin() -> Iterator[str]:
    Bad.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bad)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def connection() -> Iterator[Connection]:
    made = Connection({}, clear_text=True, largest=1000)
    yield made
    made.close()
    made.close()


def test_a_reply_comes_back_with_headers_in_lower_case(connection: Connection, origin: str) -> None:
    reply = connection.send("GET", f"{origin}/fine", {"accept": "application/json"})
    assert (reply.status, reply.headers["etag"], reply.body) == (200, '"1"', b"xx")


def test_a_redirect_is_a_reply_and_is_not_followed(connection: Connection, origin: str) -> None:
    assert connection.send("GET", f"{origin}/moved", {}).status == 302
    assert Bad.seen == ["/moved"]


def test_a_reply_that_breaks_off_is_lost(connection: Connection, origin: str) -> None:
    with pytest.raises(Lost):
        connection.send("GET", f"{origin}/short", {})


def test_a_reply_that_is_too_large_is_refused(connection: Connection, origin: str) -> None:
    with pytest.raises(TooLarge, match="larger than 1,000 bytes"):
        connection.send("GET", f"{origin}/large", {})


def test_a_reply_that_never_ends_is_lost(connection: Connection, origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "_WHOLE", -1.0)
    with pytest.raises(Lost, match="not whole within"):
        connection.send("GET", f"{origin}/fine", {})


def test_a_header_that_can_not_be_written_is_not_sent(connection: Connection, origin: str) -> None:
    with pytest.raises(NotSent, match="can not be written") as refused:
        connection.send("GET", f"{origin}/fine", {"if-match": '"\u00e9\u202e"'})
    assert refused.value.final
    assert Bad.seen == []


def test_where_nobody_listens_nothing_was_sent(connection: Connection) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotSent):
        connection.send("GET", f"http://127.0.0.1:{port}/", {})


def test_a_header_can_not_be_smuggled_in(connection: Connection, origin: str) -> None:
    with pytest.raises(NotSent) as refused:
        connection.send("GET", f"{origin}/fine", {"if-match": '"1"\r\nx-evil: 1'})
    assert refused.value.final
    assert Bad.seen == []


def test_without_encryption_no_proxy_reads_along(
    connection: Connection, origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert connection.send("GET", f"{origin}/fine", {}).status == 200


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_with_encryption_the_proxy_of_the_environment_is_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for other in ("NO_PROXY", "no_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(other, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        heard: list[bytes] = []

        def listen() -> None:
            there, _ = proxy.accept()
            with there:
                heard.append(there.recv(1000))
                there.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=listen)
        thread.start()
        secure = Connection({})
        with pytest.raises(NotSent, match="the proxy refused"):
            secure.send("GET", "https://id.example.invalid/", {"authorization": "Bearer s3cret"})
        secure.close()
        thread.join()
    assert heard[0].startswith(b"CONNECT id.example.invalid:443")
    assert b"s3cret" not in heard[0]


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_authorities_of_ones_own_are_believed_alone(name: str, tmp_path: object) -> None:
    if name == "SSL_CERT_DIR":
        assert trusted({name: str(tmp_path)}, None).get_ca_certs() == []
        return
    with pytest.raises(InvalidInput) as refused:
        trusted({name: f"{tmp_path}/nowhere.pem"}, None)
    assert refused.value.diagnostics[0].code == "PAC542"


def test_a_client_certificate_that_can_not_be_used_is_told(tmp_path: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        trusted({}, ClientCertificate(f"{tmp_path}/nowhere.pem"))
    assert "nowhere.pem" in refused.value.diagnostics[0].summary


def test_nobody_is_believed_without_a_trusted_certificate_of_that_name() -> None:
    context = trusted({}, None)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
