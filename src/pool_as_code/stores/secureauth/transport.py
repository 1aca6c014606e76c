"""Requests to the service as the store asks for them: with a token, at a pace, repeated where that does no harm.

    request  --Pace, at most 8-->  Connection  --Reply-->  Answer | error of core.errors
       ^                                          |
       '--- waits, then again: see `_may_repeat` -'

    not sent, 408, 429                            again: it was not carried out
    lost, 5xx, no JSON where some has to be, or   again for reads, deletes, If-Match and whole objects that are the same
    another object's, a 404 that is not the       twice; for posts within the time that their key is replayed
    service's own
    401                                           again with a new token, unless that one is refused as well
    409, 412 where it was asked before            `ConflictAfterLoss`: the store reads and compares
    another refusal after a loss                  `LostAnswer`: it tells nothing of the attempt that was lost
    a lost answer that can not be asked for again `LostAnswer`: nobody knows

A transport that only reads refuses everything but GET and the look-up of a user by key. One with a client of the Admin
workspace alone reads through the Admin API.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode
from uuid import uuid4

from ...core.errors import Rejected, Unauthorised, Unavailable
from ...core.hosts import AllowedHosts
from ...core.values import JsonValue, as_map, canonical, parse_json
from . import pace
from .answers import (
    Answer,
    LostAnswer,
    Mistaken,
    answer_of,
    error_of,
    is_expired_token,
    is_json,
    is_object,
    is_passing,
    is_the_services,
    texts_of,
)
from .connection import UNTRUSTED, Connection, Lost, NotSent, Reply, TooLarge
from .credentials import ADMIN_ID, ID, Credentials, credentials_of
from .pace import Pace
from .place import Api, Place, place_of
from .service_clock import ServiceClock
from .tokens import Token, TokenSource

_PATIENCE = frozenset({408, 429})  # it was not carried out
_MOVED = (409, 412)
_LOOK_UP = re.compile(r"/system/pools/[^/]+/users/by_key")


class Sends(Protocol):
    """What a transport needs of a connection."""

    def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None) -> Reply:
        """One request. Raises NotSent, Lost, TooLarge."""

    def close(self) -> None:
        """Let go of it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a test puts in place of the world. `now` is in seconds since 1970, `clock` never goes back. Without a `sleep`,
    sleeping ends when the transport is stopped."""

    clock: pace.Clock = time.monotonic
    sleep: pace.Sleep | None = None
    dice: pace.Dice = pace.dice
    now: Callable[[], float] = time.time


class Transport:
    """Requests of one store, from any thread."""

    def __init__(
        self,
        place: Place,
        credentials: Credentials,
        connection: Sends,
        *,
        read_only: bool = False,
        allowed: AllowedHosts | None = None,
        surroundings: Surroundings | None = None,
        per_second: float = 0.0,
    ) -> None:
        self.place = place
        self.read_only = read_only
        self.run_id = ""
        self._around = around = surroundings or Surroundings()
        self._connection = connection
        self._stopped = threading.Event()
        self._sleep: pace.Sleep = around.sleep or self._doze
        self._pace = Pace(per_second=per_second, clock=around.clock, sleep=self._sleep)
        self._turns = threading.BoundedSemaphore(pace.AT_ONCE)
        self._own_id = str(uuid4())
        self._counted = threading.Lock()
        self.requests = 0
        self.service_clock = ServiceClock(around.now, around.clock)
        given = allowed or AllowedHosts()
        self._sources = {
            word: TokenSource(
                place.issuer(word),
                client,
                self._send_form,
                clock=around.clock,
                now=self.service_clock.time,
                host=place.host,
                allowed=given,
            )
            for word, client in (("system", credentials.system), ("admin", credentials.admin))
            if client is not None
        }

    @property
    def has_admin(self) -> bool:
        """Whether there is a client for what only the Admin API can do."""
        return "admin" in self._sources

    @property
    def has_system(self) -> bool:
        """Whether there is a client of the System workspace; without one only the Admin API is read."""
        return "system" in self._sources

    @property
    def scopes(self) -> frozenset[str]:
        """What the System client was granted; empty where the service does not say."""
        return self._sources["system"].token().scopes

    def get(
        self,
        path: str,
        *,
        api: Api = Api.IDENTITY,
        query: Mapping[str, str] | None = None,
        what: str = "",
        etag: str = "",
        shows: str | None = None,
    ) -> Answer:
        """Read; with `etag` what has that one, or Conflict. Raises the errors of a store."""
        return self.call("GET", path, api=api, query=query, what=what or "read", etag=etag, shows=shows)

    def call(
        self,
        method: str,
        path: str,
        body: JsonValue = None,
        *,
        what: str,
        api: Api = Api.IDENTITY,
        query: Mapping[str, str] | None = None,
        etag: str = "",
        key: str = "",
        same_twice: bool = False,
        bare: bool = False,
        once: bool = False,
        shows: str | None = None,
    ) -> Answer:
        """One request that is carried out at most once, whatever the network does.

        `what` says in a message what was asked ("change pool customers"). `key`: a post that the service replays, 32 to 255
        characters. `same_twice`: doing it again changes nothing, and nobody else writes there. `once`: it is not asked again after
        a loss, although it has a key. `bare`: an answer without a body will do. `shows`: the id of the object that the answer has
        to be, empty for one of any id. Raises the errors of a store."""
        look_up = method == "POST" and _LOOK_UP.fullmatch(path) is not None and not query
        if self.read_only and method != "GET" and not look_up:
            raise Rejected(f"the store was opened for reading; nothing was sent ({what})", hint="use apply to write")
        url = self.place.url(api, path) + (f"?{urlencode(query)}" if query else "")
        headers = {"accept": "application/json", "x-correlation-id": self.run_id or self._own_id}
        if etag:
            headers["if-match"] = etag
        if key:
            headers["x-idempotency-key"] = key
        content = None
        if body is not None:
            headers["content-type"] = "application/json"
            content = canonical(body)
        harmless = method in ("GET", "DELETE") or look_up or same_twice or (method == "PUT" and bool(etag))
        writes = method != "GET" and not look_up
        bare = bare or method == "DELETE"
        begun = self._around.clock()
        request = _Request(
            method, url, headers, content, what, api, harmless, bool(key) and not once, begun, writes, bare, shows
        )
        return self._carried_out(request, body)

    def describes_itself(self, workspace: str) -> bool:
        """Whether there is a workspace of this id: its discovery document answers. No credentials are sent."""
        url = f"{self.place.issuer(workspace)}/.well-known/openid-configuration"
        reply = self._send_form("GET", url, {"accept": "application/json"}, None)
        what = f"look for workspace {workspace}"
        if reply.status not in (200, 404):
            raise error_of(reply, what, Api.SYSTEM, (), after_loss=False)
        if reply.status == 200 and "issuer" not in as_map(parse_json(reply.body)):
            raise Unavailable(f"{what}: {url} is answered in a form that is not the service's", hint="run again later")
        return reply.status == 200

    def stop(self) -> None:
        """Somebody wants to leave: nothing is repeated any more, nobody waits for a turn, and a reply has to come soon."""
        self._stopped.set()
        if isinstance(self._connection, Connection):
            self._connection.hurry()

    def hang_up(self) -> None:
        """Wait for no reply that other threads are still waiting for."""
        if isinstance(self._connection, Connection):
            self._connection.hang_up()

    def _doze(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def close(self) -> None:
        """Let go of the connections. Harmless twice."""
        self._connection.close()

    # -- one request, as often as it takes

    def _carried_out(self, request: _Request, body: JsonValue) -> Answer:
        source = self._source(request.api)
        attempt, renewed, lost = 0, False, ""
        while True:
            attempt += 1
            token = source.token()
            headers = {**request.headers, "authorization": f"Bearer {token.text.reveal()}"}
            try:
                reply = self._once(request.method, request.url, headers, request.content)
            except NotSent as fault:
                self._wait_or_give_up(request, attempt, str(fault), lost, final=fault.final)
                continue
            except Lost as fault:
                lost = str(fault)
                self._wait_or_give_up(request, attempt, lost, lost)
                continue
            except TooLarge as fault:
                if request.writes:
                    raise LostAnswer(f"{request.what}: {fault}; nobody knows whether it was done") from None
                raise Rejected(f"{request.what}: {fault}", hint="ask for less at once: --target") from None
            if is_expired_token(reply) and not renewed:
                source.refused(token)
                renewed = True
                continue
            if reply.status in _PATIENCE:
                self._patience(request, attempt, reply, lost)
                continue
            try:
                if reply.status == 404 and request.method == "DELETE" and lost and is_the_services(reply):
                    return Answer(204, None)  # the attempt whose answer was lost deleted it
                if 200 <= reply.status < 300:
                    answer = answer_of(reply, bare=request.bare)
                    if request.shows is not None and not is_object(answer.body, request.shows):
                        raise Mistaken("the reply is not that object")
                    return answer
                if is_passing(reply):
                    raise Mistaken(f"status {reply.status}")
            except Mistaken as fault:
                lost = str(fault)
                self._wait_or_give_up(request, attempt, lost, lost, self._asked(reply))
                continue
            error = error_of(
                reply, request.what, request.api, self._hidden(body, token), after_loss=bool(lost) or attempt > 1
            )
            if (
                lost
                and request.writes
                and (reply.status in (401, 403) or not (request.harmless or reply.status in _MOVED))
            ):
                raise LostAnswer(f"{error.message}; an attempt before was lost ({lost}), and may have been carried out")
            raise error

    def _once(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        self._pace.wait()
        with self._turns:
            with self._counted:
                self.requests += 1
            try:
                reply = self._connection.send(method, url, headers, content)
            except KeyboardInterrupt:
                self.stop()
                raise
        if reply.status not in _PATIENCE:
            self._pace.went_well()
        self.service_clock.look(reply)
        return reply

    def _may_repeat(self, request: _Request, lost: str) -> bool:
        if not lost or request.harmless:
            return True
        return request.keyed and self._around.clock() - request.begun < pace.REPLAY_WINDOW

    def _wait_or_give_up(
        self, request: _Request, attempt: int, reason: str, lost: str, wait: float | None = None, *, final: bool = False
    ) -> None:
        pause = pace.backoff(attempt, self._around.dice)
        pause = max(pause, wait or 0.0)
        again = self._may_repeat(request, lost)
        if lost and request.keyed and not request.harmless:
            again = again and self._around.clock() + pause - request.begun < pace.REPLAY_WINDOW
        final = final or self._stopped.is_set()
        if not final and again and attempt < pace.ATTEMPTS and pause <= pace.LONGEST_WAIT:
            self._sleep(pause)
            return
        where = self.place.host
        if lost and not request.harmless:
            raise LostAnswer(
                f"{request.what}: no answer came from {where} ({reason}); nobody knows whether it was done",
                hint="run again: it is looked up first",
            )
        hint = "check the address, the network and the proxy" if not lost else "run again later"
        if reason == UNTRUSTED:
            hint = "check that it is the right host; if its authority is your own, name its file in SSL_CERT_FILE"
        raise Unavailable(
            f"{request.what}: {where} can not be reached ({reason})",
            hint=hint,
            retry_after=wait,
        )

    def _patience(self, request: _Request, attempt: int, reply: Reply, lost: str) -> None:
        wait = self._asked(reply)
        pause = max(wait or 0.0, pace.backoff(attempt, self._around.dice))
        if lost and not self._may_repeat(request, lost):
            self._wait_or_give_up(request, pace.ATTEMPTS, f"status {reply.status}", lost, wait)
        if attempt >= pace.ATTEMPTS or pause > pace.LONGEST_WAIT or self._stopped.is_set():
            raise Unavailable(
                f"{request.what}: {self.place.host} takes no more requests (status {reply.status})",
                hint=f"run again in {round(pause)} seconds; {pace.RATE} sets a limit from the start",
                retry_after=pause,
            )
        self._pace.complained(pause)

    def _asked(self, reply: Reply) -> float | None:
        return pace.asked_to_wait(reply.headers, datetime.fromtimestamp(self._around.now(), UTC))

    # -- tokens

    def _source(self, api: Api) -> TokenSource:
        source = self._sources.get("admin" if api.is_admin else "system")
        if source is None:
            word, name = ("Admin", ADMIN_ID) if api.is_admin else ("System", ID)
            raise Unauthorised(
                f"this needs a client of the {word} workspace", hint=f"set {name} and its secret", scope=word.lower()
            )
        return source

    def _send_form(self, method: str, url: str, headers: dict[str, str], content: bytes | None) -> Reply:
        """Asking for a token, or how to: done twice it does no harm."""
        request = _Request(
            method, url, headers, content, "ask for a token", Api.SYSTEM, True, False, self._around.clock()
        )
        attempt = 0
        while True:
            attempt += 1
            try:
                reply = self._once(method, url, headers, content)
            except (NotSent, Lost, TooLarge) as fault:
                final = isinstance(fault, TooLarge) or (isinstance(fault, NotSent) and fault.final)
                self._wait_or_give_up(request, attempt, str(fault), "", final=final)
                continue
            if reply.status in _PATIENCE:
                self._patience(request, attempt, reply, "")
            elif reply.status >= 500 or (reply.status == 200 and not is_json(reply)):
                said = f"status {reply.status}" + (", and no JSON" if reply.status == 200 else "")
                self._wait_or_give_up(request, attempt, said, "", self._asked(reply))
            elif 300 <= reply.status < 400:
                raise error_of(reply, request.what, request.api, (), after_loss=False)
            else:
                return reply

    def _hidden(self, body: JsonValue, token: Token) -> Iterable[str]:
        found = texts_of(body)
        found.add(token.text.reveal())
        for source in self._sources.values():
            found |= {secret.reveal() for secret in (source.client.secret, source.client.key) if secret is not None}
        return found


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    what: str
    api: Api
    harmless: bool  # asked twice, it does no harm
    keyed: bool
    begun: float
    writes: bool = False
    bare: bool = False
    shows: str | None = None


def open_transport(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> Transport:
    """The transport behind a store's URL. Nothing is sent before the first request. Raises InvalidInput."""
    place = place_of(url)
    credentials = credentials_of(environ, root, read_only=read_only)
    per_second = pace.rate_of(environ)
    allowed = AllowedHosts()
    with suppress(ValueError):  # who asks whether the host is allowed has said so already
        allowed = AllowedHosts.parse(environ.get("POOL_AS_CODE_ALLOWED_HOSTS", ""))
    connection = Connection(environ, clear_text=place.clear_text, certificate=credentials.certificate)
    return Transport(place, credentials, connection, read_only=read_only, allowed=allowed, per_second=per_second)
