"""Which pages of other origins may ask from a browser (Fetch, section 3.2): those of registered web applications, at the endpoints
that browsers need, with tokens in a header. Never with cookies, never everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OPEN = re.compile(
    r"(/\.well-known/(?:openid-configuration|oauth-authorization-server))?/(?P<tid>[^/]+)/(?P<aid>[^/]+)"
    r"(?(1)|/(?:oauth2/(?:token|revoke)|userinfo|identity/(?:v2/)?self(?:/.*)?"
    r"|\.well-known/(?:openid-configuration|oauth-authorization-server|jwks\.json)))\Z"
)
_METHODS = b"GET, POST, PUT, DELETE"
_HEADERS = b"authorization, content-type, accept, if-match, x-correlation-id, x-idempotency-key"
_SHOWN = b"etag, retry-after, www-authenticate, x-correlation-id, x-idempotent-replayed"


class CrossOrigin:
    """In front of one tenant's server. `origins` are those of one of its authorization servers."""

    def __init__(self, server: ASGIApp, tenant: str, origins: Callable[[str], frozenset[str]]) -> None:
        self._server = server
        self._tenant = tenant
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. What does not come from a browser's page is not touched."""
        origin = next((value for name, value in scope["headers"] if name == b"origin"), b"")
        match = _OPEN.match(scope["path"]) if origin else None
        if match is None or match["tid"] != self._tenant:
            await self._server(scope, receive, send)
            return
        known = origin.decode("latin-1") in self._origins(match["aid"])
        allowed = [(b"access-control-allow-origin", origin)] if known else []
        asked = any(name == b"access-control-request-method" for name, _ in scope["headers"])
        if scope["method"] == "OPTIONS" and asked and known:
            may = [(b"access-control-allow-methods", _METHODS), (b"access-control-allow-headers", _HEADERS)]
            beside = [(b"vary", b"origin"), (b"cache-control", b"no-store"), (b"access-control-max-age", b"600")]
            await send({"type": "http.response.start", "status": 204, "headers": [*allowed, *may, *beside]})
            await send({"type": "http.response.body", "body": b""})
            return
        shown = [*allowed, (b"vary", b"origin"), *([(b"access-control-expose-headers", _SHOWN)] if known else [])]

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *shown]
            await send(message)

        await self._server(scope, receive, sent)
