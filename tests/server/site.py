"""A server for tests: the whole application over a directory in memory (or in a file), asked in process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from pool_as_code.directory.directory import Directory
from pool_as_code.directory.hashing import TEST_PARAMETERS
from pool_as_code.directory.tables import TABLES
from pool_as_code.server.app import Server, Settings, create_app
from pool_as_code.server.clients import Client, made_client
from pool_as_code.server.operations import Operations
from tests.stores.conformance_ledger import Clock

TENANT = "default"
Observer = Callable[[Operations, httpx.Response], None]
EVERYWHERE: list[Observer] = []
"""What looks at every answer of every site."""


class InProcess(httpx.BaseTransport):
    """Asks an ASGI application that runs in a thread of its own; several threads may ask at once."""

    def __init__(self, app: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 4711))
        self._lifespan = app.router.lifespan_context(app)
        self._wait(self._lifespan.__aenter__())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request, answered whole."""
        return self._wait(self._handled(request))  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the application and the thread."""
        self._wait(self._lifespan.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _handled(self, request: httpx.Request) -> httpx.Response:
        content = request.read()
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=content)
        answer = await self._transport.handle_async_request(asked)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

    def _wait(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)


@dataclass
class Asked(AbstractContextManager["Asked"]):
    """A running site. `get`, `post` and so on ask the System API's paths as the client for everything."""

    database: Path | None = None
    clock: Clock = field(default_factory=Clock)
    settings: Mapping[str, Any] = field(default_factory=dict)
    clients: tuple[Client, ...] = ()
    observers: list[Observer] = field(default_factory=lambda: list(EVERYWHERE))

    def __enter__(self) -> Asked:
        client, self.secret = made_client("everything")
        threads = 4 if self.database else 1
        given: dict[str, Any] = {
            "clients": (client, *self.clients),
            "threads": threads,
            "own_url": "http://testserver",
            **self.settings,
        }
        self.app = create_app(Settings(self.directory, **given))
        self.server: Server = self.app.state.server
        self.http = httpx.Client(transport=InProcess(self.app), base_url="http://testserver")
        self.http.event_hooks = {"response": [self.observe]}
        self.tokens: dict[str, str] = {}
        return self

    def observe(self, answer: httpx.Response) -> None:
        """Let the observers see an answer."""
        for look in self.observers:
            look(self.server.operations, answer)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def directory(self) -> Directory:
        """A connection to the directory, as a worker opens it."""
        return Directory(self.database, environ={}, hash_parameters=TEST_PARAMETERS, clock=self.clock)

    def inside(self, work: Any) -> Any:
        """Do something with a worker's directory."""
        return self.server.workers.run_now(work)

    def empty(self) -> None:
        """Make the directory one in which nothing is, so that the next test may use this site, too."""
        self.inside(_empty)

    def token(self, server: str = "system", **form: str) -> str:
        """A token of a server for the client for everything."""
        if form or server not in self.tokens:
            answer = self.http.post(
                f"/{TENANT}/{server}/oauth2/token",
                data={"grant_type": "client_credentials", **form},
                auth=("everything", self.secret),
            )
            assert answer.status_code == 200, answer.text
            if form:
                return str(answer.json()["access_token"])
            self.tokens[server] = str(answer.json()["access_token"])
        return self.tokens[server]

    def ask(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, **query: Any
    ) -> httpx.Response:
        """One request, a second after the last. Paths without a base are those of the System API; `/admin/...` those of the
        Admin API."""
        self.clock.forward(seconds=1)
        server = "admin" if path.startswith(("/admin/", "/api/admin/")) else "system"
        base = "" if path.startswith("/api/") else f"/api/identity/{TENANT}"
        full = path if base == "" or path.startswith(("/admin/", "/system/", "/configuration")) else f"/system{path}"
        given = {"authorization": f"Bearer {self.token(server)}", **(headers or {})}
        content = {} if body is None else {"json": body}
        return self.http.request(method, base + full, headers=given, params=query or None, **content)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a GET that succeeds."""
        answer = self.ask("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, status: int = 201, **query: Any) -> Any:
        """The JSON of a POST that ends with this status; None for no content."""
        answer = self.ask("POST", path, body, **query)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def put(self, path: str, body: Any, status: int = 200, **query: Any) -> Any:
        """The same for a PUT."""
        answer = self.ask("PUT", path, body, **query)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


def _empty(directory: Directory) -> None:
    own = f"{directory.db.dialect.inside('document', 'metadata', 'system')} IS NULL"
    gone = {"meta": "name NOT IN ('fingerprint', 'schema_version')", "schemas": own}
    with directory.db.atomic():
        for table in reversed(TABLES):
            directory.db.execute(f"DELETE FROM {table.name} WHERE {gone.get(table.name, 'TRUE')}")
