"""What all requests share: settings, tokens, clients, counters of failures, kept answers, and where messages go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..core.values import JsonMap
from ..directory.directory import Directory
from .attempts import Attempts, Limits
from .clients import Client, Clients
from .replays import Replays
from .sign_ins import SignIns
from .signing import KeySource, fixed, new_key
from .tokens import Tokens

if TYPE_CHECKING:
    from .mail import MailPort
    from .operations import Operation

DEFAULT_TENANT = "default"
MESSAGES = 10
"""So many messages at most are asked for at one address in a minute."""
LARGEST_BODY = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server runs. `open_directory` is called once in each of the `threads` (one, for a directory in memory).

    `public_url` is how others reach it, `own_url` how this machine does: one of them, or the loopback name that was asked for,
    stands in issuers and links, never another name that a request brings. `clock` gives seconds of the epoch."""

    open_directory: Callable[[], Directory]
    tenant: str = DEFAULT_TENANT
    clients: tuple[Client, ...] = ()
    keys: KeySource | None = None
    public_url: str = ""
    own_url: str = "http://localhost"
    threads: int = 4
    token_lifetime: int = 3600
    limits: Limits = field(default_factory=Limits)
    largest_body: int = LARGEST_BODY
    mail: MailPort | None = None
    dev: bool = False
    clock: Callable[[], float] = time.time


class Once:
    """Names that may be used once, until a moment."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def first(self, name: str, until: float) -> bool:
        """Whether nobody has used the name before."""
        moment = self._clock()
        with self._lock:
            self._until = {known: end for known, end in self._until.items() if end > moment}
            if name in self._until:
                return False
            self._until[name] = until
            return True


class Site:
    """The shared state of one server."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tenant = settings.tenant
        self.clients = Clients(settings.clients)
        self.tokens = Tokens(
            settings.keys or fixed(new_key()), settings.tenant, settings.token_lifetime, settings.clock
        )
        self.sign_ins = SignIns(settings.clock, settings.token_lifetime)
        self.attempts = Attempts(settings.limits)
        self.sending = Attempts(Limits(MESSAGES if settings.limits.failures else 0))
        self.replays = Replays()
        self.assertions = Once(settings.clock)
        self.wake: Callable[[], None] = _nothing
        self.operations: tuple[Operation, ...] = ()
        self.described: JsonMap = {}

    def issuer(self, base_url: str, server: str) -> str:
        """The name of an authorization server as its tokens and clients know it."""
        return f"{base_url}/{quote(self.tenant, safe='')}/{quote(server, safe='')}"


def _nothing() -> None:
    """Nobody waits for messages."""
