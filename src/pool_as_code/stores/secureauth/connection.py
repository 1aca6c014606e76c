"""The only place that knows the HTTP library: one request out, one reply in, or one of two faults that say whether the request
may have been carried out. No retries, no tokens, no meaning of a status.

One connection for each thread, all with one TLS context: a single pool of connections gets slower with every thread that shares
it, and making a context takes longer than a request. Requests go to the library's transports: its client adds redirects, cookies
and authentication, which are not wanted here, and half as much time again.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.request import getproxies

from ...core.diagnostics import Diagnostic
from ...core.errors import InvalidInput

if TYPE_CHECKING:
    import httpx

LARGEST = 64 * 1024 * 1024  # bytes of one reply
UNTRUSTED = "its certificate is not trusted here"
_CONNECT, _READ = 10.0, 60.0  # seconds
_WHOLE = 300.0  # seconds for the body of a reply, however steadily it drips
_KEEP = 4.0  # seconds an idle connection is kept: servers close theirs later
_TIMEOUT = {"connect": _CONNECT, "read": _READ, "write": _READ, "pool": _CONNECT}
_HURRIED = dict.fromkeys(_TIMEOUT, 5.0)
_CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete")
_ALWAYS = {"accept-encoding": "gzip, deflate", "user-agent": "pool-as-code"}


class Reply(NamedTuple):
    """What came back. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotSent(Exception):
    """When a request certainly did not reach the service. `final`: trying again is no use."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class Lost(Exception):
    """When a request was sent and no whole reply came: it may have been carried out."""


class TooLarge(Exception):
    """When a reply is larger than any of the service's: what was asked may have been carried out."""


class ClientCertificate(NamedTuple):
    """Files in PEM form. `key` empty: it stands in the first one."""

    file: str
    key: str = ""


class Connection:
    """Requests from any thread. `clear_text`: no proxy is used, for it would read along."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        clear_text: bool = False,
        certificate: ClientCertificate | None = None,
        largest: int = LARGEST,
        make: Callable[[], httpx.BaseTransport] | None = None,
    ) -> None:
        self._environ = environ
        self._clear_text = clear_text
        self._certificate = certificate
        self._largest = largest
        self._make = make
        self._local = threading.local()
        self._lock = threading.Lock()
        self._ways: list[httpx.BaseTransport] = []
        self._context: ssl.SSLContext | None = None
        self._sockets: dict[int, socket.socket] = {}  # of the threads that have one
        self.hurried = False

    def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None) -> Reply:
        """One request, never a second one: redirects are replies as others are. Raises NotSent, Lost or TooLarge."""
        import httpx

        try:
            extensions = {"timeout": _HURRIED if self.hurried else _TIMEOUT, "trace": self._trace}
            request = httpx.Request(method, url, headers={**_ALWAYS, **headers}, content=content, extensions=extensions)
            with closing(self._way(request.url.scheme == "https").handle_request(request)) as response:
                body = self._read(response)
                found = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status_code, found, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            text = str(error)
            if "CERTIFICATE_VERIFY_FAILED" in text:
                raise NotSent(UNTRUSTED, final=True) from None
            raise NotSent(_reason(error)) from None
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL, UnicodeError) as error:
            raise NotSent(f"the request can not be written ({type(error).__name__})", final=True) from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise Lost(_reason(error)) from None

    def hurry(self) -> None:
        """From now on nobody waits long for a reply: somebody wants to leave."""
        self.hurried = True

    def hang_up(self) -> None:
        """End the requests of all other threads that still wait for their reply: it counts as lost."""
        own = threading.get_ident()
        with self._lock:
            others = [link for thread, link in self._sockets.items() if thread != own]
        for link in others:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def _trace(self, event: str, facts: Mapping[str, Any]) -> None:
        """What the library tells of a request: here whose connection is which."""
        if event in _CONNECTED:
            link = facts["return_value"].get_extra_info("socket")
            if link is not None:
                with self._lock:
                    self._sockets[threading.get_ident()] = link

    def close(self) -> None:
        """Let go of all connections. Harmless twice."""
        with self._lock:
            ways, self._ways = self._ways, []
            self._sockets.clear()
            self._local = threading.local()
        for way in ways:
            way.close()

    def _read(self, response: httpx.Response) -> bytes:
        parts, size, end = [], 0, time.monotonic() + _WHOLE
        for part in response.iter_bytes():
            size += len(part)
            if size > self._largest:
                raise TooLarge(f"the reply is larger than {self._largest:,} bytes")
            if time.monotonic() > end:
                raise Lost(f"the reply was not whole within {_WHOLE:.0f} seconds")
            parts.append(part)
        return b"".join(parts)

    def _way(self, secure: bool) -> httpx.BaseTransport:
        """This thread's own, for one of the two schemes."""
        name = "secure" if secure else "clear"
        way: httpx.BaseTransport | None = getattr(self._local, name, None)
        if way is None:
            way = self._new_way(secure)
            setattr(self._local, name, way)
            with self._lock:
                self._ways.append(way)
        return way

    def _new_way(self, secure: bool) -> httpx.BaseTransport:
        import httpx

        if self._make is not None:
            return self._make()
        if not secure:  # reading the authorities takes longer than many requests; this context trusts nobody
            nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEEP)
            return httpx.HTTPTransport(verify=nobody, trust_env=False, limits=limits)
        with self._lock:
            if self._context is None:
                self._context = trusted(self._environ, self._certificate)
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEEP)
        if self._clear_text or not getproxies():
            return httpx.HTTPTransport(verify=self._context, trust_env=False, limits=limits)
        return _through_proxies(self._context, limits)


def _through_proxies(context: ssl.SSLContext, limits: httpx.Limits) -> httpx.BaseTransport:
    """The library's client as a way: it knows which hosts the environment's proxies are for."""
    import httpx

    client = httpx.Client(verify=context, follow_redirects=False, limits=limits)

    class Proxied(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return client.send(request, stream=True)

        def close(self) -> None:
            client.close()

    return Proxied()


def trusted(environ: Mapping[str, str], certificate: ClientCertificate | None) -> ssl.SSLContext:
    """Whom to believe: the authorities of `SSL_CERT_FILE`, `SSL_CERT_DIR`, `REQUESTS_CA_BUNDLE` or `CURL_CA_BUNDLE`, else the
    usual ones. Raises InvalidInput for files that can not be read."""
    import httpx

    file = next((environ[n] for n in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") if environ.get(n)), None)
    folder = environ.get("SSL_CERT_DIR") or None
    try:
        if file or folder:
            context = ssl.create_default_context(cafile=file, capath=folder)
        else:
            context = httpx.create_ssl_context(trust_env=False)
    except (OSError, ssl.SSLError) as error:
        raise _unusable(f"the certificate authorities in {file or folder}", error) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate is not None:
        try:
            context.load_cert_chain(certificate.file, certificate.key or None, password=_no_password)
        except (OSError, ssl.SSLError, ValueError) as error:
            raise _unusable(f"the client certificate {certificate.file}", error) from None
    return context


def _no_password() -> str:
    """Nobody is asked for one in the middle of a request."""
    return ""


def _unusable(what: str, error: Exception) -> InvalidInput:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    problem = Diagnostic(
        "PAC542", f"{what} can not be used", detail=str(reason), hint="name a file in PEM form that you may read"
    )
    return InvalidInput("the connection can not be made", [problem])


def _reason(error: Exception) -> str:
    import httpx

    words: dict[type[Exception], str] = {
        httpx.ConnectTimeout: "no connection within 10 seconds",
        httpx.ReadTimeout: "no reply within 60 seconds",
        httpx.WriteTimeout: "the request was not taken within 60 seconds",
        httpx.ProxyError: "the proxy refused",
        httpx.RemoteProtocolError: "the reply broke off",
        httpx.DecodingError: "the reply can not be decoded",
    }
    return words.get(type(error)) or f"{type(error).__name__}: {str(error)[:200]}".rstrip(": ")
