"""A connection that plays a script instead of using the network, and a world in which waiting costs nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pool_as_code.core.hosts import AllowedHosts
from pool_as_code.core.secrets import Secret
from pool_as_code.stores.secureauth.connection import Reply
from pool_as_code.stores.secureauth.credentials import Client, Credentials
from pool_as_code.stores.secureauth.place import place_of
from pool_as_code.stores.secureauth.transport import Sends, Surroundings, Transport

URL = "secureauth+https://id.example.com/shop"
CLIENT_SECRET = "client-s3cret/+:&"
ADMIN_SECRET = "admin-s3cret"


@dataclass
class Sent:
    """One request as it went out."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl((self.content or b"").decode()))

    @property
    def body(self) -> Any:
        return json.loads(self.content or b"null")

    @property
    def is_for_tokens(self) -> bool:
        return self.path.endswith(("/oauth2/token", "/.well-known/openid-configuration"))


def reply(status: int = 200, body: Any = None, **headers: str) -> Reply:
    """A reply in JSON; underscores in names of headers are dashes. Refusals have a body, as the service's have."""
    if body is None and 400 <= status < 500:
        body = {}
    found = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, found, b"" if body is None else json.dumps(body).encode())


Step = Reply | Exception | Callable[[Sent], Reply]


@dataclass
class Script:
    """Answers requests of the APIs with its steps, in order; tokens it gives out by itself, `t1`, `t2`, ... ."""

    steps: list[Step] = field(default_factory=list)
    token_steps: list[Step] = field(default_factory=list)
    discovery: dict[str, Any] = field(default_factory=dict)
    expires_in: float = 3600
    sent: list[Sent] = field(default_factory=list)
    tokens: list[Sent] = field(default_factory=list)
    closed: int = 0

    def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None) -> Reply:
        request = Sent(method, url, dict(headers), content)
        if request.path.endswith("/.well-known/openid-configuration"):
            self.tokens.append(request)
            issuer = url.removesuffix("/.well-known/openid-configuration")
            return reply(200, {"issuer": issuer, "token_endpoint": f"{issuer}/oauth2/token", **self.discovery})
        if request.path.endswith("/oauth2/token"):
            self.tokens.append(request)
            if self.token_steps:
                return self._play(self.token_steps.pop(0), request)
            number = sum(1 for one in self.tokens if one.method == "POST")
            return reply(200, {"access_token": f"t{number}", "token_type": "bearer", "expires_in": self.expires_in})
        self.sent.append(request)
        assert self.steps, f"nothing is expected any more: {method} {url}"
        return self._play(self.steps.pop(0), request)

    def close(self) -> None:
        self.closed += 1

    def _play(self, step: Step, request: Sent) -> Reply:
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, Reply) else step(request)


@dataclass
class World:
    """Clock, sleep and dice. Sleeping moves the clock."""

    time: float = 1_000_000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    @property
    def surroundings(self) -> Surroundings:
        return Surroundings(clock=lambda: self.time, sleep=self.sleep, dice=lambda: 1.0, now=lambda: self.time)


def a_transport(
    script: Sends,
    world: World,
    *,
    url: str = URL,
    client: Client | None = None,
    admin: bool = False,
    system: bool = True,
    read_only: bool = False,
    allowed: str = "",
    per_second: float = 0.0,
) -> Transport:
    """A transport over a script."""
    robot = (client or Client("robot", Secret(CLIENT_SECRET))) if system else None
    credentials = Credentials(robot, Client("boss", Secret(ADMIN_SECRET)) if admin else None)
    return Transport(
        place_of(url),
        credentials,
        script,
        read_only=read_only,
        allowed=AllowedHosts.parse(allowed),
        surroundings=world.surroundings,
        per_second=per_second,
    )
