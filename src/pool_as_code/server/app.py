"""The ASGI application: reads a request, lets it in or not, has it done by a worker, and sends the answer.

    path -> tenant -> token -> size -> idempotency key -> operation -> answer with X-Correlation-Id -> what it left for later

Whatever goes wrong inside is answered in the service's form; the log names the operation and the place, never a value.
"""

from __future__ import annotations

import logging
import random
import re
import traceback
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

import orjson
from starlette.applications import Starlette

from ..core.errors import PoolAsCodeError
from ..core.hosts import Host
from ..directory.directory import Directory
from . import problems
from .call import Answer, Call, Caller
from .catalogue import catalogue
from .clients import ADMIN, SYSTEM
from .cross_origin import CrossOrigin
from .delivery import Delivery
from .operations import Access, Operation, Operations
from .problems import Problem
from .scim.answers import in_scim, is_scim
from .site import Settings, Site
from .stored import is_active
from .tenants import Tenants
from .workers import Workers

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

LOG = logging.getLogger("pool_as_code.server")
_HOST = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\Z")
_CORRELATION = re.compile(r"[!-~]{1,255}\Z")
_OF_NOBODY = 64 * 1024
"""Bytes of a body that comes without a token: forms, codes, passwords."""
_ALWAYS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_JSON = "application/json"
_SERVERS = {Access.SYSTEM: SYSTEM, Access.ADMIN: ADMIN}


def create_app(settings: Settings, *more: Settings) -> Starlette:
    """The application for one tenant's directory, or for several of other names. Its lifespan closes their connections."""
    servers = {one.tenant: Server(one) for one in (settings, *more)}
    first = servers[settings.tenant]

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        with ExitStack() as stack:
            for server in servers.values():
                stack.callback(server.close)
                server.start()
            yield

    fronts = {name: CrossOrigin(server, name, server.site.clients.origins) for name, server in servers.items()}
    endpoint = fronts[settings.tenant] if len(servers) == 1 else Tenants(fronts)
    app = _Application(endpoint, lifespan)
    app.state.server, app.state.servers = first, servers
    return app


class _Application(Starlette):
    """Requests go straight to their server, which routes them and answers errors by itself; the rest is Starlette's."""

    def __init__(self, endpoint: ASGIApp, lifespan: Lifespan[Starlette]) -> None:
        super().__init__(lifespan=lifespan)
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class Server:
    """The endpoint of every path."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.site = Site(settings)
        self.operations = Operations(catalogue(dev=settings.dev))
        self.site.operations = self.operations.all
        self.workers = Workers(settings.open_directory, settings.threads)
        self.delivery: Delivery | None = None

    def start(self) -> None:
        """Begin what runs beside the requests: the delivery of messages, where there is a way to send them."""
        settings = self.settings
        if settings.mail is not None:
            url = settings.public_url or settings.own_url
            self.delivery = Delivery(settings.open_directory, settings.mail, url, settings.tenant)
            self.delivery.start()
            self.site.wake = self.delivery.wake

    def close(self) -> None:
        """End it, and let go of the directory."""
        if self.delivery is not None:
            self.delivery.close()
        self.workers.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        asked = headers.get("x-correlation-id", "")
        correlation = asked if _CORRELATION.match(asked) else str(uuid.UUID(int=random.getrandbits(128), version=4))
        operation: Operation | None = None
        try:
            found = self.operations.find(scope["method"], _parts(scope))
            operation = found.operation
            if operation is None:
                raise _nothing_there(found.allowed)
            call = self._call(scope, headers, found.params)
            largest = self.settings.largest_body
            if operation.access is Access.PUBLIC:
                largest = min(largest, _OF_NOBODY)
            else:
                call.caller = self._let_in(operation, call)
            call.content = await _content(receive, headers, largest)
            brief = operation.brief and "x-idempotency-key" not in headers  # one that runs already is waited for
            answer = await self.workers.run(lambda directory: self._do(operation, call, directory), brief=brief)
        except Problem as problem:
            answer = _answered(problem)
        except PoolAsCodeError as error:
            answer = self._failed(problems.of(error), error, operation)
        except Exception as error:
            answer = self._failed(problems.of_status(500), error, operation)
        if is_scim(scope["path"]):
            answer = in_scim(answer)
        await _send(answer, correlation, send)
        if answer.later is not None:
            await self._afterwards(answer.later, operation)

    async def _afterwards(self, later: Callable[[Directory], None], operation: Operation | None) -> None:
        """What an answer left to be done: nobody waits for it any more, and nobody sees how long it takes."""
        try:
            await self.workers.run(later)
        except Exception as error:
            said = problems.of(error) if isinstance(error, PoolAsCodeError) else problems.of_status(500)
            self._failed(said, error, operation)
        finally:
            self.site.wake()

    def _call(self, scope: Scope, headers: dict[str, str], params: dict[str, str]) -> Call:
        query = _query(scope["query_string"])
        texts = (*params.values(), *query.values())
        if any("\0" in text or "\ufffd" in text for text in texts):
            raise Problem(400, "the address holds bytes that are no text")
        if params.get("tid", self.site.tenant) != self.site.tenant:
            raise Problem(404, "there is no such tenant")
        client = scope.get("client")
        return Call(
            method=scope["method"],
            path=scope["path"],
            params=params,
            query=query,
            headers=headers,
            content=b"",
            remote=client[0] if client else "",
            certificate=str(scope.get("state", {}).get("certificate", "")),
            base_url=self.settings.public_url or _base_url(scope, headers) or self.settings.own_url,
            directory=None,  # type: ignore[arg-type]  # each worker hands in its own
            site=self.site,
        )

    def _let_in(self, operation: Operation, call: Call) -> Caller:
        """Who asks. Raises Problem 401 without a token for this, 403 when it may not do this."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        caller = self.site.tokens.caller(token.strip()) if scheme.lower() == "bearer" and token else None
        if caller is None:
            raise problems.no_token()
        if operation.access is Access.SELF:
            if not caller.user_id or caller.server != call.params.get("aid"):
                raise problems.no_token("the access token is not one of a user who signed in here")
        elif caller.server != _SERVERS[operation.access] or (caller.user_id and operation.access is not Access.ADMIN):
            raise problems.no_token(f"the access token is not one of the {operation.access.value} server")
        if operation.scopes and not caller.scopes.intersection(operation.scopes):
            raise Problem(403, f"the token lacks the scope {' or '.join(operation.scopes)}", code="insufficient_scope")
        if caller.read_only and operation.writes and not operation.name.endswith("ByKey"):
            raise Problem(403, "the client may only read")
        return caller

    def _do(self, operation: Operation, call: Call, directory: Directory) -> Answer:
        call.directory = directory
        if operation.access is Access.ADMIN and call.caller.user_id:
            self._check_is_in(call)
        try:
            return self.site.replays.once(call, lambda it: _run(operation, it))
        finally:
            if operation.writes and not operation.brief:
                self.site.wake()

    def _check_is_in(self, call: Call) -> None:
        """Raises Problem 401 for an administrator who may not sign in any more, or is none: a token lasts longer than that."""
        caller, client = call.caller, self.site.clients.find(call.caller.client_id)
        named = client is not None and f"{caller.pool_id}/{caller.user_id}" in client.administrators
        if not named or not is_active(call.directory, caller.pool_id, caller.user_id):
            raise problems.no_token()

    def _failed(self, problem: Problem, error: Exception, operation: Operation | None) -> Answer:
        if problem.status >= 500:
            frames = traceback.extract_tb(error.__traceback__)
            place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "nowhere"
            said = error.message if isinstance(error, PoolAsCodeError) else ""
            LOG.error("%s: %s at %s %s", operation.name if operation else "-", type(error).__name__, place, said)
        return _answered(problem)


def _run(operation: Operation, call: Call) -> Answer:
    """Do it; what the directory refuses is an answer, too, and is kept for the same key."""
    try:
        return operation.run(call)
    except Problem as problem:
        return _answered(problem)
    except RecursionError:
        return _answered(Problem(400, "the body is nested too deeply"))
    except PoolAsCodeError as error:
        said = problems.of(error)
        if said.status >= 500:
            raise
        return _answered(said)


def _answered(problem: Problem) -> Answer:
    return Answer(problem.status, problem.body(), problem.headers)


async def _send(answer: Answer, correlation: str, send: Send) -> None:
    given = {**_ALWAYS, "x-correlation-id": correlation}
    given.update({name.lower(): text for name, text in answer.headers.items()})
    kind = given.pop("content-type", _JSON)
    content = b""
    if answer.body is not None:
        plain = isinstance(answer.body, str) and "json" not in kind
        content = answer.body.encode() if plain and isinstance(answer.body, str) else orjson.dumps(answer.body)
        given["content-type"] = (
            f"{kind}; charset=utf-8" if kind.startswith("text/") and "charset=" not in kind else kind
        )
    if content or answer.status not in (204, 304):
        given["content-length"] = str(len(content))
    headers = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in given.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _nothing_there(allowed: tuple[str, ...]) -> Problem:
    if allowed:
        return Problem(405, "the path does not have this method", headers={"allow": ", ".join(allowed)})
    return Problem(404, "there is nothing at this path")


async def _content(receive: Receive, headers: dict[str, str], largest: int) -> bytes:
    """The body. Raises Problem 413 as soon as it is too large."""
    said = headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said) > largest:
        raise Problem(413, f"a body has at most {largest} bytes")
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem(400, "the request ended early")
        part = message.get("body", b"")
        size += len(part)
        if size > largest:
            raise Problem(413, f"a body has at most {largest} bytes")
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _query(raw: bytes) -> dict[str, str]:
    if not raw:
        return {}
    try:
        return dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True, max_num_fields=200))
    except ValueError:
        raise Problem(400, "the query can not be read") from None


def _parts(scope: Scope) -> list[str]:
    """The steps of the path. A slash that is written `%2F` is part of a step: a proxy in front of us reads it so, too."""
    raw = scope.get("raw_path") or b""
    if b"%2f" in raw.lower():
        return [unquote(part) for part in raw.decode("latin-1").strip("/").split("/")]
    path: str = scope["path"]
    return path.strip("/").split("/")


def _base_url(scope: Scope, headers: dict[str, str]) -> str:
    """How a caller on this machine reaches us; empty for any other name: who asks chooses it, and what it chose would stand in
    issuers, and admit assertions that were made for somebody else."""
    host = headers.get("host", "")
    match = _HOST.match(host)
    if match is None or not Host(match[1].strip("[]").lower(), 0).is_loopback:
        return ""
    return f"{scope.get('scheme', 'http')}://{host}"


__all__ = ["Server", "Settings", "create_app"]
