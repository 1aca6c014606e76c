"""From the command line to the socket, with the real stores: every name leads to a listener on this machine, and what it hears is
all that left. Names that nobody allowed hear nothing, however they are written; those that are allowed are sent the credentials,
so the listener would have heard them."""

from __future__ import annotations

import socket
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.cli.shop import Shop

SECRET = "the-secret-of-the-client"
BASIC = b64encode(f"robot:{SECRET}".encode())
COMMANDS = {
    "plan": ("plan", "--store"),
    "apply": ("apply", "--yes", "--store"),
    "drift": ("drift", "--store"),
    "pull": ("pull", "--store"),
    "serve": ("serve", "--dev", "--port", "0", "--store"),
    "serve a tenant": ("serve", "--dev", "--port", "0", "--tenant"),
}

ALL_COMMANDS = ("//evil.example/shop", "@evil.example/shop", "http://id.example/shop", "?host=evil.example")
"""Ends of URLs that every command is given; the others are told apart by the same lines of code."""


@dataclass
class Everywhere:
    """What every name leads to. `answers`: start of a request -> whole answer; anything else is told that it is unknown."""

    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    answers: dict[bytes, bytes] = field(default_factory=dict)

    def listen(self, server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                request = self._request(connection)
                self.heard.append(request)
                found = [answer for start, answer in self.answers.items() if request.startswith(start)]
                connection.sendall(found[0] if found else http(401, b'{"error": "invalid_client"}'))

    def _request(self, connection: socket.socket) -> bytes:
        found = b""
        while b"\r\n\r\n" not in found:
            part = connection.recv(65536)
            if not part or part.startswith(b"\x16"):  # the beginning of TLS
                return found + part
            found += part
        head, _, body = found.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length:" in line), 0
        )
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body


def http(status: int, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}", "connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@pytest.fixture
def everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Everywhere]:
    found = Everywhere()
    real: Callable[..., Any] = socket.getaddrinfo

    def here(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        return real("127.0.0.1", found.port, type=socket.SOCK_STREAM)

    with socket.create_server(("127.0.0.1", 0)) as server:
        found.port = server.getsockname()[1]
        monkeypatch.setattr(socket, "getaddrinfo", here)
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        thread = threading.Thread(target=found.listen, args=(server,))
        thread.start()
        yield found
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)


@pytest.fixture
def robot(shop: Shop) -> Shop:
    """A shop whose commands have the credentials of a client and of a database."""
    shop.environ |= {"POOL_AS_CODE_CLIENT_ID": "robot", "POOL_AS_CODE_CLIENT_SECRET": SECRET, "PGPASSWORD": SECRET}
    return shop


@pytest.mark.parametrize(
    "url",
    [
        "secureauth+https://evil.example/shop",
        "secureauth+https://evil.example:8443/shop",
        "secureauth+https://EVIL.example./shop",
        "secureauth+https://id.example.evil.example/shop",
        "secureauth+https://localhost.evil.example/shop",
        "secureauth+https://127.0.0.1.evil.example/shop",
        "secureauth+https://evil.localhost/shop",
        "secureauth+https://id.example@evil.example/shop",
        "secureauth+https://id.example:443@evil.example:8443/shop",
        "secureauth+https://robot:secret@evil.example/shop",
        "secureauth+https://id.example%40evil.example/shop",
        "secureauth+https://evil.example\\@id.example/shop",
        "secureauth+https://evil.example#@id.example/shop",
        "secureauth+https://evil.example?@id.example/shop",
        "secureauth+https://id.example../shop",
        "secureauth+https://ïd.example/shop",
        "secureauth+https://xn--d-iga.example/shop",
        "secureauth+https://id。example/shop",
        "secureauth+https://ⅰd.example/shop",  # noqa: RUF001 (a Roman numeral)
        "secureauth+https://[2001:db8::1]/shop",
        "secureauth+https://[::ffff:192.0.2.1]/shop",
        "secureauth+https://[fe80::1%25lo]/shop",
        "secureauth+https://[::]/shop",
        "secureauth+https://0.0.0.0/shop",
        "secureauth+https://192.0.2.1/shop",
        "secureauth+https://2130706433/shop",
        "secureauth+https://0x7f.1/shop",
        "secureauth+https://0177.0.0.1/shop",
        "secureauth+http://id.example/shop",
        "postgresql://evil.example/pac",
        "postgresql://id.example,evil.example/pac",
        "postgresql://id.example/pac?host=evil.example",
        "postgresql://id.example/pac?hostaddr=192.0.2.1",
        "postgresql://id.example/pac?sslmode=disable",
    ],
)
def test_a_name_that_nobody_allowed_hears_nothing(url: str, robot: Shop, everywhere: Everywhere) -> None:
    for name, arguments in COMMANDS.items():
        if name not in ("plan", "serve a tenant") and not url.endswith(ALL_COMMANDS):
            continue
        last = f"shop={url}" if name == "serve a tenant" else url
        done = robot.pac(*arguments, last, environ={"POOL_AS_CODE_ALLOWED_HOSTS": "id.example"})
        assert done.exit_code == 4, (name, done.output)
        assert SECRET not in done.output
    assert everywhere.heard == []


@pytest.mark.parametrize(
    ("url", "entry"),
    [
        ("secureauth+http://id.example/shop", "http://id.example"),
        ("secureauth+http://ID.example.:80/shop", "http://id.example:80"),
        ("secureauth+http://a.dev.example/shop", "http://*.dev.example"),
        ("secureauth+http://xn--d-iga.example/shop", "http://xn--d-iga.example"),
        ("secureauth+http://[2001:db8::1]/shop", "http://[2001:db8::1]"),
        ("secureauth+http://[::1]/shop", ""),
        ("secureauth+http://127.0.0.1/shop", ""),
        ("secureauth+http://localhost/shop", ""),
    ],
)
def test_an_allowed_name_is_sent_what_proves_who_asks(
    url: str, entry: str, robot: Shop, everywhere: Everywhere
) -> None:
    everywhere.answers[b"GET /shop/system/.well-known/openid-configuration "] = http(200, b'{"issuer": "x"}')
    for command in ("plan", "apply", "drift", "pull") if not entry else ("plan",):
        everywhere.heard.clear()
        done = robot.pac(*COMMANDS[command], url, environ={"POOL_AS_CODE_ALLOWED_HOSTS": entry})
        assert done.exit_code == 3
        assert [request.split(b" ")[0] for request in everywhere.heard] == [b"GET", b"POST"]
        discovery, token = everywhere.heard
        assert BASIC in token
        assert BASIC not in discovery
        assert SECRET not in done.output


@pytest.mark.parametrize(
    "elsewhere", ["http://evil.example/token", "https://evil.example/token", "//evil.example/x", "x"]
)
def test_a_token_endpoint_that_nobody_allowed_is_sent_nothing(
    elsewhere: str, robot: Shop, everywhere: Everywhere
) -> None:
    body = f'{{"token_endpoint": "{elsewhere}"}}'.encode()
    everywhere.answers[b"GET "] = http(200, body)
    done = robot.pac("plan", "--store", "secureauth+http://id.example/shop", environ=ALLOWED)
    assert done.exit_code == 3, done.output
    assert len(everywhere.heard) == 1
    assert BASIC not in everywhere.heard[0]


ALLOWED = {"POOL_AS_CODE_ALLOWED_HOSTS": "http://id.example"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["discovery", "token"])
def test_a_redirect_is_not_followed(where: str, status: int, robot: Shop, everywhere: Everywhere) -> None:
    away = http(status, b"", "location: http://evil.example/stolen")
    everywhere.answers[b"GET "] = away if where == "discovery" else http(200, b'{"issuer": "x"}')
    everywhere.answers[b"POST "] = away
    done = robot.pac("plan", "--store", "secureauth+http://id.example/shop", environ=ALLOWED)
    assert done.exit_code == 3, done.output
    assert len(everywhere.heard) == (1 if where == "discovery" else 2)
    assert not any(b"evil" in request for request in everywhere.heard)


def test_a_server_is_no_way_to_another_store(robot: Shop, everywhere: Everywhere) -> None:
    done = robot.pac(*COMMANDS["serve"], "secureauth+http://id.example/shop", environ=ALLOWED)
    assert done.exit_code == 1
    assert "only a directory of one's own can be served" in done.output
    assert everywhere.heard == []
