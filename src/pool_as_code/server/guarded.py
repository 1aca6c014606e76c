"""Connections that may not wait or grow without end: uvicorn's protocol with limits for the head of a request and for the time it
takes to arrive. How large a body may be is said in `app.py`, where it is known who sends it."""

from __future__ import annotations

import asyncio
import hashlib

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

CONNECTIONS = 1000
"""So many at once; who comes later gets 503."""
CERTIFICATE = "certificate"
"""Under this name a request's state holds the SHA-256 of the certificate that its connection proved to have the key of."""
LARGEST_HEAD = 64 * 1024
MOST_HEADERS = 100
HEAD_SECONDS = 10.0
REQUEST_SECONDS = 120.0


class Guarded(HttpToolsProtocol):
    """One connection. A request whose head is too large is answered with 400; one that does not arrive in time is cut off."""

    largest_head = LARGEST_HEAD
    head_seconds = HEAD_SECONDS
    request_seconds = REQUEST_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody came, and has to say what for."""
        super().connection_made(transport)
        self._size = 0
        self._in_head = True
        self._patience: asyncio.TimerHandle | None = None
        tls = transport.get_extra_info("ssl_object")
        shown = tls.getpeercert(binary_form=True) if tls is not None else None
        self._certificate = hashlib.sha256(shown).hexdigest() if shown else ""
        self._wait(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._wait(0)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes more."""
        super().data_received(data)
        if self._in_head:
            self._size += len(data)
            if self._size > self.largest_head and not self.transport.is_closing():
                self.send_400_response("The request's head is too large.")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head, self._size = True, 0
        self._wait(self.head_seconds)
        super().on_message_begin()
        self.scope["state"][CERTIFICATE] = self._certificate

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or one behind the body."""
        if len(self.headers) >= MOST_HEADERS:
            raise ValueError("too many headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Its body follows."""
        self._in_head = False
        self._wait(self.request_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It is here. The next one has as much time as an idle connection is kept."""
        self._wait(0)
        super().on_message_complete()

    def _wait(self, seconds: float) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        if seconds:
            self._patience = self.loop.call_later(seconds, self._cut)

    def _cut(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()


__all__ = ["CERTIFICATE", "CONNECTIONS", "Guarded"]
