"""A TCP proxy on loopback that does to each request what a plan says. It reads whole requests and whole answers, so that it knows
what it cuts; beside that it knows nothing of the service."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from .faults import Fault, Plan

_PAGE = b"<html><head><title>Sorry</title></head><body><h1>Something went wrong</h1></body></html>"
_EXPIRED = b'{"status_code": 401, "error": "the access token is no longer valid", "error_code": "invalid_access_token"}'
_TROUBLE = (500, 502, 503, 504)
_TIMEOUT = 20.0


class Gone(Exception):
    """When the other side closed its connection."""


@dataclass
class Message:
    """One request or answer, as bytes."""

    head: bytes
    body: bytes

    @property
    def first(self) -> list[str]:
        return self.head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)

    @property
    def whole(self) -> bytes:
        return self.head + self.body


class Wire:
    """One side of a connection, read by messages."""

    def __init__(self, link: socket.socket) -> None:
        self.link = link
        link.settimeout(_TIMEOUT)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def read(self) -> Message:
        """The next one. Raises Gone."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._more()
        head, self._buffer = self._buffer[: end + 4], self._buffer[end + 4 :]
        size = _length(head)
        while len(self._buffer) < size:
            self._more()
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        return Message(head, body)

    def _more(self) -> None:
        try:
            part = self.link.recv(65536)
        except OSError:
            part = b""
        if not part:
            raise Gone
        self._buffer += part

    def write(self, content: bytes) -> None:
        """Send all of it. Raises Gone."""
        try:
            self.link.sendall(content)
        except OSError:
            raise Gone from None

    def reset(self) -> None:
        """Close it so that the other side hears of an error."""
        with suppress(OSError):
            self.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        with suppress(OSError):
            self.link.close()


class Proxy:
    """Between a client and the server at `port`. `revoke` ends all tokens of the server, `wait` lets its time pass."""

    def __init__(self, port: int, plan: Plan, *, revoke: Callable[[], None], wait: Callable[[float], None]) -> None:
        self.plan = plan
        self._upstream = ("127.0.0.1", port)
        self._revoke, self._wait = revoke, wait
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._late: list[Message] = []
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Close every connection, and wait for the threads."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        self._accepting.join()
        for thread in self._threads:
            thread.join()

    def hang_up(self) -> None:
        """End the connections that are open: their client is no more."""
        with self._lock:
            links = list(self._open)
        for link in links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def carry_out_late(self) -> None:
        """What a gateway gave up on arrives all the same."""
        with self._lock:
            late, self._late = self._late, []
        for request in late:
            with suppress(Gone):
                upstream = self._connect()
                try:
                    upstream.write(request.whole)
                    upstream.read()
                finally:
                    self._let_go(upstream)

    # -- connections

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(link,), daemon=True)
            self._threads = [one for one in self._threads if one.is_alive()]
            self._threads.append(thread)
            thread.start()

    def _serve(self, link: socket.socket) -> None:
        client, upstream = Wire(link), None
        with self._lock:
            self._open.add(link)
        try:
            while True:
                request = client.read()
                if upstream is None:
                    upstream = self._connect()
                if not self._pass_on(client, upstream, request):
                    return
        except Gone:
            pass
        finally:
            self._let_go(client)
            if upstream is not None:
                self._let_go(upstream)

    def _connect(self) -> Wire:
        try:
            link = socket.create_connection(self._upstream)
        except OSError:
            raise Gone from None
        with self._lock:
            self._open.add(link)
        return Wire(link)

    def _let_go(self, wire: Wire) -> None:
        with self._lock:
            self._open.discard(wire.link)
        wire.close()

    # -- one request

    def _pass_on(self, client: Wire, upstream: Wire, request: Message) -> bool:
        """Whether the connection goes on."""
        method, target = request.first[:2]
        fault, dice = self.plan.next(method, target.partition("?")[0])
        if fault is None:
            client.write(_asked(upstream, request).whole)
            self.carry_out_late()
            return True
        return self._with_fault(fault, dice, client, upstream, request)

    def _with_fault(self, fault: Fault, dice: Random, client: Wire, upstream: Wire, request: Message) -> bool:
        match fault:
            case Fault.DROP_BEFORE:
                return False
            case Fault.RESET_BEFORE:
                client.reset()
                return False
            case Fault.DELAY:
                self._wait(dice.choice((1.0, 20.0, 70.0)))
            case Fault.REVOKED:
                self._revoke()
            case Fault.PATIENCE:
                more = dice.choice((b"", b"retry-after: 2\r\n", b"retry-after: 90\r\n", b"retry-after: soon\r\n"))
                client.write(_answer(429, b"{}", more))
                return True
            case Fault.TROUBLE_BEFORE:
                client.write(_trouble(dice))
                return True
            case Fault.EXPIRED:
                client.write(_answer(401, _EXPIRED))
                return True
            case Fault.PAGE_BEFORE:
                client.write(_page(dice))
                return True
            case Fault.LATE:
                with self._lock:
                    self._late.append(request)
                client.write(_answer(504, _PAGE, kind=b"text/html"))
                return True
        answer = _asked(upstream, request)
        match fault:
            case Fault.TWICE:
                answer = _asked(upstream, request)
            case Fault.DROP_AFTER:
                return False
            case Fault.RESET_AFTER:
                client.reset()
                return False
            case Fault.TROUBLE_AFTER:
                client.write(_trouble(dice))
                return True
            case Fault.PAGE_AFTER:
                client.write(_page(dice))
                return True
            case Fault.EMPTY_AFTER:
                client.write(_answer(200, b""))
                return True
            case Fault.CUT_HEAD:
                client.write(answer.head[: dice.randrange(1, len(answer.head) - 1)])
                return False
            case Fault.CUT_BODY if answer.body:
                client.write(answer.head + answer.body[: dice.randrange(len(answer.body))])
                return False
            case Fault.CUT_AND_COUNTED if answer.body:
                body = answer.body[: dice.randrange(len(answer.body))]
                client.write(_answer(int(answer.first[1]), body))
                return True
        client.write(answer.whole)
        return True


def _asked(upstream: Wire, request: Message) -> Message:
    upstream.write(request.whole)
    return upstream.read()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n")[1:]:
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def _answer(status: int, body: bytes, more: bytes = b"", kind: bytes = b"application/json") -> bytes:
    head = b"HTTP/1.1 %d Something\r\ncontent-type: %s\r\ncontent-length: %d\r\n%s\r\n" % (
        status,
        kind,
        len(body),
        more,
    )
    return head + body


def _trouble(dice: Random) -> bytes:
    status = dice.choice(_TROUBLE)
    more = b"retry-after: 1\r\n" if status == 503 and dice.random() < 0.5 else b""
    if dice.random() < 0.5:
        return _answer(status, _PAGE, more, b"text/html")
    return _answer(status, b'{"status_code": %d, "error": "try again"}' % status, more)


def _page(dice: Random) -> bytes:
    return _answer(dice.choice((200, 404)), _PAGE, kind=b"text/html")
