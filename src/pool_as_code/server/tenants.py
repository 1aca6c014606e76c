"""Several tenants behind one address. Each has a server of its own, with its own directory, keys, clients, counters, kept answers
and outbox; nothing stands here but which of them a path means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_OF_ALL = frozenset({"openapi.json", "alive", "health"})


class Tenants:
    """The endpoint of every path. A tenant that is not there is answered by the first one, which says so."""

    def __init__(self, servers: Mapping[str, ASGIApp]) -> None:
        self._servers = dict(servers)
        self._first = next(iter(self._servers.values()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        await self._servers.get(tenant_of(scope), self._first)(scope, receive, send)


def tenant_of(scope: Scope) -> str:
    """The tenant that a request names: `/TENANT/...`, `/api/WORD/TENANT/...` (`/.well-known/...`, too), and `?tenant=` where a
    path is for all."""
    path, query = str(scope["path"]), bytes(scope["query_string"])
    steps = path.strip("/").split("/")
    if steps[0] == "dev" or (steps[0] in _OF_ALL and len(steps) == 1):
        return parse_qs(query.decode("latin-1")).get("tenant", [""])[0]
    if steps[0] in ("api", ".well-known"):
        return steps[2] if len(steps) > 2 else ""
    return steps[0]
