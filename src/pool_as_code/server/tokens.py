"""Access tokens: signed JSON Web Tokens, made with the key that signs and read with the one that they name, by one pinned algorithm."""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..core.values import JsonMap, JsonValue, as_list, as_map
from .call import Caller
from .signing import ALGORITHM, KeySource, SigningKey

if TYPE_CHECKING:
    from jwt.types import Options

CACHED = 4096
TYPE = "at+jwt"
"""RFC 9068: an ID token, signed with the same key, is no access token."""
_REQUIRED = ("exp", "iat", "sub", "jti")


class Tokens:
    """Makes tokens of one tenant and says whose they are. What was verified once is remembered until it expires."""

    def __init__(self, keys: KeySource, tenant: str, lifetime: int, clock: Callable[[], float] = time.time) -> None:
        self.keys = keys
        self.tenant = tenant
        self.lifetime = lifetime
        self.clock = clock
        self._known: dict[bytes, tuple[float, str, Caller]] = {}
        self._known_with = keys()
        self._revoked: dict[str, float] = {}
        self._lock = threading.Lock()

    @property
    def key(self) -> SigningKey:
        """The key that signs."""
        return self.keys().signing

    def published(self) -> list[JsonValue]:
        """All keys that tokens in force may name."""
        return self.keys().published(self.clock())

    def issue(self, issuer: str, caller: Caller, *, id: str = "") -> str:
        """A token for this caller, good for `lifetime` seconds. `id` is for who wants to take it back."""
        import jwt

        moment = int(self.clock())
        claims: dict[str, object] = {
            "iss": issuer,
            "sub": caller.user_id or caller.client_id,
            "aud": [caller.client_id],
            "client_id": caller.client_id,
            "tid": self.tenant,
            "aid": caller.server,
            "scp": sorted(caller.scopes),
            "iat": moment,
            "nbf": moment,
            "exp": moment + self.lifetime,
            "jti": id or str(uuid.uuid4()),
        }
        if caller.user_id:
            claims.update(idp_pool=caller.pool_id, auth_time=caller.signed_in)
        if caller.read_only:
            claims["read_only"] = True
        key = self.key
        return jwt.encode(claims, key.private, algorithm=ALGORITHM, headers={"kid": key.id, "typ": TYPE})

    def caller(self, token: str) -> Caller | None:
        """Who a token was made for; None for one that is expired, altered, or of another tenant or key."""
        name = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        if self.keys() is not self._known_with:
            with self._lock:
                self._known_with, self._known = self.keys(), {}  # one of them may have been taken away
        known = self._known.get(name)
        if known is not None and known[0] > self.clock() and known[1] not in self._revoked:
            return known[2]
        claims = self.claims(token)
        if claims is None:
            return None
        caller = Caller(
            str(claims.get("client_id") or ""),
            str(claims.get("aid") or ""),
            frozenset(map(str, as_list(claims.get("scp")))),
            claims.get("read_only") is True,
            str(claims["sub"]) if claims.get("idp_pool") else "",
            str(claims.get("idp_pool") or ""),
            _seconds(claims.get("auth_time")),
        )
        with self._lock:
            if len(self._known) >= CACHED:
                self._known.clear()
            self._known[name] = (_seconds(claims["exp"]), str(claims["jti"]), caller)
        return caller

    def id_token(self, issuer: str, client_id: str, access_token: str, claims: JsonMap) -> str:
        """An ID token (OpenID Connect Core, section 2): it tells an application who signed in, and opens nothing here."""
        import jwt

        moment = int(self.clock())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        body: dict[str, object] = {
            **claims,
            "iss": issuer,
            "aud": client_id,
            "iat": moment,
            "exp": moment + self.lifetime,
            "at_hash": urlsafe_b64encode(half).decode().rstrip("="),
        }
        key = self.key
        return jwt.encode(body, key.private, algorithm=ALGORITHM, headers={"kid": key.id})

    def hinted(self, issuer: str, id_token: str) -> JsonMap | None:
        """What an ID token of ours says, in force or not; None for anything else."""
        decoded = self._verified(id_token)
        claims = as_map(decoded.get("payload")) if decoded is not None else {}
        is_own = decoded is not None and as_map(decoded.get("header")).get("typ") != TYPE
        return claims if is_own and claims.get("iss") == issuer else None

    def revoke(self, id: str) -> None:
        """The access token of this id is good for nothing any more. Kept in this process until the token has expired anyway."""
        moment = self.clock()
        with self._lock:
            self._revoked = {known: end for known, end in self._revoked.items() if end > moment}
            self._revoked[id] = moment + self.lifetime

    def claims(self, token: str) -> JsonMap | None:
        """What a token says; None unless it is one of ours and in force."""
        decoded = self._verified(token)
        if decoded is None:
            return None
        claims = as_map(decoded.get("payload"))
        if as_map(decoded.get("header")).get("typ") != TYPE or claims.get("jti") in self._revoked:
            return None
        if any(claims.get(name) is None for name in _REQUIRED):
            return None
        now = self.clock()
        if _seconds(claims.get("exp")) <= now or _seconds(claims.get("nbf")) > now + 60:
            return None
        return claims if claims.get("tid") == self.tenant else None

    def _verified(self, token: str) -> JsonMap | None:
        """Header and payload of what a key of ours signed, whatever it says; None for anything else."""
        import jwt

        try:
            public = self.keys().find(str(jwt.get_unverified_header(token).get("kid")), self.clock())
            if public is None:
                return None
            # times are held against the clock of the server, the rest against who asks
            alone: Options = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
            return as_map(jwt.decode_complete(token, public, algorithms=[ALGORITHM], options=alone))
        except (jwt.PyJWTError, ValueError):
            return None


def _seconds(value: object) -> int:
    return value if isinstance(value, int) else 0
