"""Sign-ins that are under way, and the codes that they end with. Both live for minutes and in this process.

    authorize -> SignIn (what the application wants) -> Known (who it is, and how that was shown) -> code -> Grant -> tokens

A sign-in belongs to the browser that it began in: who has only its id, or only its form, can not go on with it. A code is good
once; what it gave is taken back when it comes a second time.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

SECONDS = 600.0
CODE_SECONDS = 60.0
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an application asked for, all of it checked: the code is bound to these."""

    client_id: str
    server: str
    redirect_uri: str
    scopes: frozenset[str]
    challenge: str
    issuer: str
    state: str = ""
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Who it is: `methods` are the sign-in methods that showed it, in order; `at` in seconds of the epoch."""

    pool_id: str
    user_id: str
    methods: tuple[str, ...] = ()
    at: int = 0


class Sent(NamedTuple):
    """A one-time code that is waited for. Empty ids: nobody has the name that was typed, and nothing was sent."""

    method: str
    pool_id: str = ""
    user_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in. `browser` is the digest of a secret in the browser's cookie, `proof` one of the custom sign-in page's."""

    id: str
    wanted: Wanted
    browser: bytes = field(repr=False)
    until: float
    hint: str = ""
    known: Known | None = None
    sent: Sent | None = None
    must_change: bool = False
    proof: bytes = field(default=b"", repr=False)
    refused: str = ""

    @property
    def cookie(self) -> str:
        """The name of its cookie: each sign-in has its own, so that two tabs do not disturb each other."""
        return f"sign-in-{digest(self.id).hex()[:12]}"

    def is_of(self, secret: str) -> bool:
        """Whether this secret is the one in the browser that it began in."""
        return hmac.compare_digest(digest(secret), self.browser)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for."""

    wanted: Wanted
    known: Known


@dataclass(slots=True)
class _Code:
    grant: Grant
    until: float
    token: str = ""


class SignIns:
    """The sign-ins and codes of one tenant. Anybody may begin a sign-in: their number is bounded, the oldest goes first."""

    def __init__(self, clock: Callable[[], float], lifetime: float, kept: int = KEPT) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._kept = kept
        self._open: dict[str, SignIn] = {}
        self._codes: dict[bytes, _Code] = {}
        self._lock = threading.Lock()

    def begin(self, wanted: Wanted, hint: str = "") -> tuple[SignIn, str]:
        """A new sign-in, and the secret for the browser's cookie."""
        secret = secrets.token_urlsafe(32)
        sign_in = SignIn(secrets.token_urlsafe(24), wanted, digest(secret), self._clock() + SECONDS, hint)
        with self._lock:
            while len(self._open) >= self._kept:
                del self._open[next(iter(self._open))]
            self._open[sign_in.id] = sign_in
        return sign_in, secret

    def find(self, id: str) -> SignIn | None:
        """The sign-in, unless it is over."""
        found = self._open.get(id)
        return found if found is not None and found.until > self._clock() else None

    def keep(self, sign_in: SignIn) -> SignIn:
        """How it stands now. One that ended meanwhile does not come back."""
        with self._lock:
            if sign_in.id in self._open:
                self._open[sign_in.id] = sign_in
        return sign_in

    def end(self, sign_in: SignIn) -> bool:
        """Whether it was still under way; of two who end it at the same time one."""
        with self._lock:
            return self._open.pop(sign_in.id, None) is not None

    def code(self, grant: Grant) -> str:
        """A code for what was granted."""
        text, moment = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            gone = [key for key, one in self._codes.items() if one.until + self._lifetime <= moment]
            for key in gone:
                del self._codes[key]
            self._codes[digest(text)] = _Code(grant, moment + CODE_SECONDS)
        return text

    def redeem(self, code: str, token: str) -> tuple[Grant | None, str]:
        """What a code stands for; `token` is the id of the token that it will give. A second time: None, and the id of the token
        that it gave. Whoever asks uses it up, also when what it stands for is not theirs: a code is not for trying things."""
        with self._lock:
            found = self._codes.get(digest(code))
            if found is None:
                return None, ""
            if found.token:
                return None, found.token
            found.token = token
        return (found.grant, "") if found.until > self._clock() else (None, "")


def digest(text: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
