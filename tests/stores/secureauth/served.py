"""The store for the service over our own server, in this process."""

from __future__ import annotations

import httpx

from pool_as_code.core.secrets import Secret
from pool_as_code.stores.secureauth.connection import Connection
from pool_as_code.stores.secureauth.credentials import Client, Credentials
from pool_as_code.stores.secureauth.place import place_of
from pool_as_code.stores.secureauth.store import SecureAuthStore
from pool_as_code.stores.secureauth.transport import Surroundings, Transport
from tests.server.site import TENANT, Asked
from tests.stores.conformance_ledger import Clock

URL = f"secureauth+http://localhost/{TENANT}"


class Shared(httpx.BaseTransport):
    """The way into one application for many clients, none of which ends it."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._inner.handle_request(request)


def store_over(
    site: Asked,
    clock: Clock,
    *,
    read_only: bool = False,
    through: httpx.BaseTransport | None = None,
    surroundings: Surroundings | None = None,
) -> SecureAuthStore:
    """A store whose requests our server answers, as the client for everything. `through` stands between them."""
    inner = through or site.http._transport
    client = Client("everything", Secret(site.secret))
    connection = Connection({}, clear_text=True, make=lambda: Shared(inner))
    transport = Transport(
        place_of(URL),
        Credentials(client, client),
        connection,
        read_only=read_only,
        surroundings=surroundings,
    )
    return SecureAuthStore(transport, URL, clock=clock)
