"""Access tokens: discovery, OAuth 2.0 client credentials (RFC 6749, 4.4), a cache. A token is renewed before it expires and when
the service no longer takes it. Which request it is for is not known here."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote_plus, urlencode, urlsplit
from uuid import uuid4

from ...core.errors import Unauthorised, Unavailable
from ...core.hosts import AllowedHosts, Host, hosts_of
from ...core.secrets import Secret
from ...core.values import JsonMap, as_map, as_texts, parse_json
from .connection import Reply
from .credentials import Client
from .pace import Clock

DEFAULT_LIFE = 300.0  # seconds, where the service does not say
_MARGIN = 30.0
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523
_WORD = re.compile(r"[a-z_]{1,40}")

SendForm = Callable[[str, str, dict[str, str], bytes | None], Reply]
"""`send(method, url, headers, content)`: repeats what may be repeated; raises Unavailable."""


class Token(NamedTuple):
    """`good_until` in seconds of the clock; `scopes` empty where the service does not say what it granted."""

    text: Secret
    good_until: float
    scopes: frozenset[str]


class TokenSource:
    """Tokens of one client at one issuer, for any thread."""

    def __init__(
        self,
        issuer: str,
        client: Client,
        send: SendForm,
        *,
        clock: Clock,
        now: Callable[[], float],
        host: Host,
        allowed: AllowedHosts,
    ) -> None:
        self.issuer = issuer
        self.client = client
        self._send = send
        self._clock = clock
        self._now = now
        self._host = host
        self._allowed = allowed
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._discovered: JsonMap | None = None

    def token(self) -> Token:
        """One that is good for the next request. Raises Unauthorised, Unavailable."""
        with self._lock:
            if self._token is None or self._clock() >= self._token.good_until:
                self._token = self._fetch()
            return self._token

    def refused(self, token: Token) -> None:
        """The service no longer takes it: the next request gets another one."""
        with self._lock:
            if self._token is token:
                self._token = None

    def _fetch(self) -> Token:
        discovered = self._discover()
        method = self._method(discovered)
        endpoint = self._endpoint(discovered, method)
        form = {"grant_type": "client_credentials"}
        if self.client.scopes:
            form["scope"] = self.client.scopes
        headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
        self._prove(method, endpoint, form, headers)
        asked_at = self._clock()
        reply = self._send("POST", endpoint, headers, urlencode(form).encode())
        body = _json(reply)
        text = body.get("access_token")
        if reply.status != 200 or not isinstance(text, str) or not text or not text.isascii() or "\n" in text:
            raise self._refusal(reply, body)
        life = body.get("expires_in")
        seconds = float(life) if isinstance(life, int | float) and life > 0 else DEFAULT_LIFE
        scopes = frozenset(str(body.get("scope") or "").split())
        return Token(Secret(text), asked_at + seconds - min(_MARGIN, seconds / 10), scopes)

    def _discover(self) -> JsonMap:
        if self._discovered is None:
            reply = self._send(
                "GET", f"{self.issuer}/.well-known/openid-configuration", {"accept": "application/json"}, None
            )
            if reply.status == 404:
                raise Unauthorised(
                    f"there is no workspace at {self.issuer}",
                    hint="check host and tenant of the store's URL; the System workspace has to be enabled for the tenant",
                )
            body = _json(reply)
            if reply.status != 200 or not body:
                raise Unavailable(f"{self.issuer} does not describe itself (status {reply.status})")
            self._discovered = body
        return self._discovered

    def _method(self, discovered: JsonMap) -> str:
        if self.client.key is not None:
            return "private_key_jwt"
        if self.client.secret is None:
            return "tls_client_auth"
        known = as_texts(discovered.get("token_endpoint_auth_methods_supported"))
        only_post = "client_secret_post" in known and "client_secret_basic" not in known
        return "client_secret_post" if only_post else "client_secret_basic"

    def _endpoint(self, discovered: JsonMap, method: str) -> str:
        """Where tokens are given out: at the service's own host, or at one that is allowed by name. Another port of this machine
        is another program, maybe of somebody else."""
        named = discovered.get("token_endpoint")
        if method == "tls_client_auth":
            named = as_map(discovered.get("mtls_endpoint_aliases")).get("token_endpoint") or named
        endpoint = named if isinstance(named, str) and named else f"{self.issuer}/oauth2/token"
        try:
            (host,) = hosts_of(endpoint)
            secure = urlsplit(endpoint).scheme == "https"
        except ValueError:
            raise Unauthorised(f"{self.issuer} names a token endpoint that is no URL") from None
        here = self._host
        same = host == here or (host.is_loopback and here.is_loopback and host.port == here.port)
        if not (same and (secure or self.issuer.startswith("http:"))) and not self._allowed.names(
            host, clear_text=not secure
        ):
            raise Unauthorised(
                f"{self.issuer} gives out its tokens at {host}, and nobody allowed that host",
                hint=f"if it belongs to the service, add {host} to POOL_AS_CODE_ALLOWED_HOSTS",
            )
        return endpoint

    def _prove(self, method: str, endpoint: str, form: dict[str, str], headers: dict[str, str]) -> None:
        client = self.client
        if method == "private_key_jwt":
            form |= {"client_id": client.id, "client_assertion_type": _ASSERTION}
            form["client_assertion"] = self._assertion(endpoint)
        elif method == "tls_client_auth" or client.secret is None:
            form["client_id"] = client.id
        elif method == "client_secret_post":
            form |= {"client_id": client.id, "client_secret": client.secret.reveal()}
        else:
            pair = f"{quote_plus(client.id)}:{quote_plus(client.secret.reveal())}"  # RFC 6749, 2.3.1
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"

    def _assertion(self, endpoint: str) -> str:
        import jwt
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        if self.client.key is None:
            raise ValueError("a client without a key signs nothing")
        try:
            key = load_pem_private_key(self.client.key.reveal().encode(), None)
        except (ValueError, TypeError):
            raise Unauthorised(
                "the client's private key can not be read: a key in PEM form without a password is needed"
            ) from None
        algorithms = {256: "ES256", 384: "ES384", 521: "ES512"}
        if isinstance(key, rsa.RSAPrivateKey):
            algorithm = "RS256"
        elif isinstance(key, ec.EllipticCurvePrivateKey):
            algorithm = algorithms.get(key.curve.key_size, "ES256")
        elif isinstance(key, ed25519.Ed25519PrivateKey):
            algorithm = "EdDSA"
        else:
            raise Unauthorised(
                "the client's private key is of a sort that signs no assertions: RSA, EC or Ed25519 is needed"
            )
        moment = int(self._now())
        claims = {"iss": self.client.id, "sub": self.client.id, "aud": endpoint, "jti": str(uuid4())}
        headers = {"kid": self.client.key_id} if self.client.key_id else None
        return jwt.encode({**claims, "iat": moment, "nbf": moment, "exp": moment + 60}, key, algorithm, headers)

    def _refusal(self, reply: Reply, body: JsonMap) -> Unauthorised | Unavailable:
        """Only the word of RFC 6749, 5.2 is shown: descriptions may repeat what was sent."""
        word = body.get("error")
        said = f" ({word})" if isinstance(word, str) and _WORD.fullmatch(word) else ""
        if reply.status in (400, 401, 403):
            hint = "check client id and secret, and that the client may use the grant client_credentials"
            return Unauthorised(f"{self.issuer} gives no token to client {self.client.id!r}{said}", hint=hint)
        return Unavailable(f"{self.issuer} gives no token (status {reply.status}){said}")


def _json(reply: Reply) -> JsonMap:
    try:
        return as_map(parse_json(reply.body))
    except ValueError:
        return {}
