"""The whole way over real sockets on this machine: whom the client believes, what it shows of itself, and where it never goes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.core.errors import StoreError, Unauthorised, Unavailable
from pool_as_code.stores.secureauth import pace
from pool_as_code.stores.secureauth.transport import Transport, open_transport
from tests.stores.secureauth.authority import Answer, Authority, Heard, Listener

SECRET = "s3cret-of-the-robot"
TOKEN = "t0ken-of-the-robot"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


class Service:
    """A tenant `shop` that answers with one token and no pools. What it says otherwise is changed by a test."""

    def __init__(self) -> None:
        self.discovery: dict[str, Any] = {}
        self.instead: dict[str, Answer] = {}  # end of a path -> answer

    def __call__(self, heard: Heard) -> Answer:
        for end, answer in self.instead.items():
            if heard.path.partition("?")[0].endswith(end):
                return answer
        if heard.path.endswith("/openid-configuration"):
            return 200, {}, {"issuer": "x", **self.discovery}
        if heard.path.endswith("/token"):
            return 200, {}, {"access_token": TOKEN, "expires_in": 3600}
        return 200, {}, {"pools": []}


@pytest.fixture
def service() -> Service:
    return Service()


@contextmanager
def listening(answer: Any, authority: Authority | None, *, clients: Path | None = None) -> Iterator[Listener]:
    certificate = authority.certify("localhost") if authority is not None else None
    with Listener(answer, certificate, clients) as listener:
        yield listener


def read_pools(listener: Listener, root: Path, environ: Mapping[str, str]) -> None:
    """One read by the client of this environment."""
    url = f"secureauth+{listener.origin}/shop"
    transport: Transport = open_transport(url, read_only=True, root=root, environ=environ)
    try:
        transport.get("/system/pools", what="list pools")
    finally:
        transport.close()


def with_secret(authority: Authority | None) -> dict[str, str]:
    environ = {"POOL_AS_CODE_CLIENT_ID": "robot", "POOL_AS_CODE_CLIENT_SECRET": SECRET}
    return environ | ({"SSL_CERT_FILE": str(authority.file)} if authority is not None else {})


def test_a_private_authority_is_believed_where_it_is_named(
    authority: Authority, service: Service, tmp_path: Path
) -> None:
    with listening(service, authority) as there:
        read_pools(there, tmp_path, with_secret(authority))
    assert [one.path for one in there.heard] == [
        "/shop/system/.well-known/openid-configuration",
        "/shop/system/oauth2/token",
        "/api/identity/shop/system/pools",
    ]
    assert there.heard[-1].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("named", [False, True])
def test_a_certificate_of_anybody_else_is_refused_before_a_word_is_said(
    authority: Authority, service: Service, tmp_path: Path, named: bool
) -> None:
    stranger = Authority(tmp_path, "stranger")
    with listening(service, authority) as there, pytest.raises(Unavailable) as refused:
        read_pools(there, tmp_path, with_secret(stranger if named else None))
    assert "its certificate is not trusted here" in refused.value.message
    assert "SSL_CERT_FILE" in refused.value.hint
    assert there.connections == 1  # a second attempt is no use
    assert there.heard == []


def test_a_certificate_for_another_name_is_refused(authority: Authority, service: Service, tmp_path: Path) -> None:
    with Listener(service, authority.certify("elsewhere.example")) as there, pytest.raises(Unavailable) as refused:
        read_pools(there, tmp_path, with_secret(authority))
    assert "its certificate is not trusted here" in refused.value.message
    assert there.heard == []


def test_a_certificate_says_who_the_client_is_at_the_endpoint_for_certificates(
    authority: Authority, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client shows its certificate where one is asked for, sends no secret, and goes to the alias of discovery."""
    robot = authority.certify("robot")
    environ = {
        "POOL_AS_CODE_CLIENT_ID": "robot",
        "POOL_AS_CODE_CLIENT_CERT": str(robot),
        "SSL_CERT_FILE": str(authority.file),
    }
    with ExitStack() as stack:
        there = stack.enter_context(listening(service, authority))
        alias = stack.enter_context(listening(service, authority, clients=authority.file))
        service.discovery = {"mtls_endpoint_aliases": {"token_endpoint": f"{alias.origin}/mtls/token"}}
        read_pools(there, tmp_path, environ | {"POOL_AS_CODE_ALLOWED_HOSTS": f"localhost:{alias.port}"})
        (asked,) = alias.heard
        assert (asked.path, asked.peer) == ("/mtls/token", "robot")
        assert asked.body == "grant_type=client_credentials&client_id=robot"
        assert "authorization" not in asked.headers
        assert [one.path.rpartition("/")[2] for one in there.heard] == ["openid-configuration", "pools"]
        alias.heard.clear()
        refused = environ | {"POOL_AS_CODE_CLIENT_CERT": "", "POOL_AS_CODE_CLIENT_SECRET": SECRET}
        service.discovery["token_endpoint"] = f"{alias.origin}/mtls/token"
        monkeypatch.setattr(pace, "ATTEMPTS", 1)
        with pytest.raises(StoreError):
            read_pools(there, tmp_path, refused | {"POOL_AS_CODE_ALLOWED_HOSTS": f"localhost:{alias.port}"})
        assert alias.heard == []  # without a certificate the door stays shut


@pytest.mark.parametrize("secure", [True, False])
@pytest.mark.parametrize("end", ["/openid-configuration", "/token", "/pools"])
@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_takes_no_credentials_to_another_listener(
    authority: Authority, service: Service, tmp_path: Path, end: str, status: int, secure: bool
) -> None:
    signer = authority if secure else None
    with listening(service, signer) as there, listening(Service(), signer) as other:
        service.instead = {end: (status, {"location": f"{other.origin}/shop/system/oauth2/token"}, None)}
        with pytest.raises(Unavailable, match="elsewhere"):
            read_pools(there, tmp_path, with_secret(signer))
        assert other.connections == 0


@pytest.mark.parametrize("member", ["token_endpoint", "alias"])
def test_discovery_that_names_another_host_leads_nobody_there(
    authority: Authority, service: Service, tmp_path: Path, member: str
) -> None:
    with listening(service, authority) as there, listening(Service(), authority) as other:
        environ = with_secret(authority)
        endpoint = f"{other.origin}/shop/system/oauth2/token"
        service.discovery = {"token_endpoint": endpoint}
        if member == "alias":
            service.discovery = {"mtls_endpoint_aliases": service.discovery}
            environ["POOL_AS_CODE_CLIENT_CERT"] = str(authority.certify("robot"))
            environ["POOL_AS_CODE_CLIENT_SECRET"] = ""
        with pytest.raises(Unauthorised, match="nobody allowed that host"):
            read_pools(there, tmp_path, environ)
        assert other.connections == 0
        assert [one.path.rpartition("/")[2] for one in there.heard] == ["openid-configuration"]


# -- a proxy on the way


class Tunnel:
    """A proxy that opens ways and hands bytes on. `asked` are the lines it was asked with, `carried` what went through it
    towards the service."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.carried = bytearray()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(client,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            head = b""
            while b"\r\n\r\n" not in head and (part := client.recv(4096)):
                head += part
            self.asked.append(head)
            if not head.startswith(b"CONNECT "):
                return
            port = int(head.split()[1].rpartition(b":")[2])
            with socket.create_connection(("127.0.0.1", port)) as there:
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=self._hand_on, args=(there, client, bytearray()))
                back.start()
                self._hand_on(client, there, self.carried)
                back.join()

    def _hand_on(self, source: socket.socket, target: socket.socket, carried: bytearray) -> None:
        try:
            while part := source.recv(65536):
                carried += part
                target.sendall(part)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def tunnel() -> Iterator[Tunnel]:
    made = Tunnel()
    yield made
    made.close()


def test_a_proxy_of_the_environment_carries_what_it_can_not_read(
    authority: Authority, service: Service, tunnel: Tunnel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", tunnel.url)
    with listening(service, authority) as there:
        read_pools(there, tmp_path, with_secret(authority))
        assert len(there.heard) == 3
        assert tunnel.asked
        assert all(line.startswith(f"CONNECT localhost:{there.port} ".encode()) for line in tunnel.asked)
        for text in (SECRET, TOKEN, "robot"):
            assert text.encode() not in bytes(tunnel.carried) + b"".join(tunnel.asked)
        tunnel.asked.clear()
        monkeypatch.setenv("NO_PROXY", "localhost")
        read_pools(there, tmp_path, with_secret(authority))
        assert tunnel.asked == []


def test_a_proxy_never_sees_what_is_said_in_clear_text_on_this_machine(
    service: Service, tunnel: Tunnel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, tunnel.url)
    with listening(service, None) as there:
        read_pools(there, tmp_path, with_secret(None))
        assert len(there.heard) == 3
    assert tunnel.asked == []
