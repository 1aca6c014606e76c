"""Connections that would wait or grow without end: a real server, asked by plain sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn

from pool_as_code.server.guarded import LARGEST_HEAD, Guarded
from tests.server.site import Asked


class Hasty(Guarded):
    head_seconds = 0.2
    request_seconds = 0.2


@contextmanager
def listening(site: Asked, protocol: type[Guarded]) -> Iterator[socket.socket]:
    """A connection to the site over a socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(site.app, http=protocol, ws="none", lifespan="off", log_level="critical")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            with socket.create_connection(listener.getsockname(), timeout=20) as connection:
                yield connection
        finally:
            server.should_exit = True
            thread.join(20)


def answer(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    found = b""
    try:
        while part := connection.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


@pytest.mark.parametrize(
    "head",
    [
        b"x-long: " + b"a" * (LARGEST_HEAD + 1),
        b"".join(b"x-%d: 1\r\n" % number for number in range(200)),
        b"host: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"host: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=["long", "many", "two lengths", "length and chunks"],
)
def test_a_head_that_is_too_large_or_is_read_in_two_ways_is_refused(site: Asked, head: bytes) -> None:
    with listening(site, Guarded) as connection:
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\n" + head)
        assert answer(connection)[:12] in (b"HTTP/1.1 400", b"")  # cut off, its answer may be lost


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n",
        b"POST /default/system/oauth2/token HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\na",
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_who_does_not_finish_a_request_is_cut_off(site: Asked, begun: bytes) -> None:
    with listening(site, Hasty) as connection:
        connection.sendall(begun)
        assert answer(connection) == b""


def test_who_asks_in_time_is_answered_again_and_again(site: Asked) -> None:
    with listening(site, Hasty) as connection:
        for last in (b"", b"connection: close\r\n"):
            connection.sendall(b"GET /nothing HTTP/1.1\r\nhost: x\r\n" + last + b"\r\n")
            found = b"" if last else connection.recv(65536)
            assert not found or found.startswith(b"HTTP/1.1 404")
        assert answer(connection).startswith(b"HTTP/1.1 404")
