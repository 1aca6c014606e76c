"""The programs that may ask: their ids, the servers they may get tokens of, their scopes, and what proves that it is they.
Secrets are kept as hashes; public keys need no hiding."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..core.errors import InvalidInput
from ..core.values import JsonMap, as_map, as_texts
from ..resources.stored_hash import StoredHash
from .redirect_uris import checked, origin_of

SYSTEM, ADMIN = "system", "admin"
LOGINS = "manage_logins"
SCIM = "scim_v2"
INTROSPECTION = "introspect_tokens"
SYSTEM_SCOPES = (
    *("identity", "identity_self_registration", "manage_configuration", "read_configuration"),
    *(LOGINS, SCIM, INTROSPECTION),
)
SELF_SCOPES = ("view_ss_profile", "manage_ss_profile")
OPENID_SCOPES = ("openid", "profile", "email")
WORKSPACE_SCOPES = (*SELF_SCOPES, *OPENID_SCOPES, INTROSPECTION)
"""What a workspace offers: its users' own profiles, the scopes of OpenID Connect by name, and questions about its tokens."""
CODE_GRANT = "authorization_code"
GRANTS = ("client_credentials", "password", CODE_GRANT)
DEV_URI = "http://localhost:3000/"
ANY_WORKSPACE = "*"
"""In `servers` of a developer's own client, which is made before it is known what workspaces there will be."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KEYS = frozenset(
    {
        *("id", "tenant", "servers", "scopes", "secret", "publicKey", "certificate", "grants", "readOnly"),
        *("public", "redirectUris", "loginPage", "administrators"),
    }
)
_FORM = "[TENANT/]ID:VARIABLE[:SERVER,...]"


@dataclass(frozen=True, slots=True)
class Client:
    """One program. `servers` are `system`, `admin` or ids of workspaces; without scopes it may have all of a server.

    `secret_hash` is a hash in any notation that a directory reads; `secret_digest` the SHA-256 of a secret made at random;
    `certificate` the one it shows (DER). `tenant` is empty where there is only one.

    `public`: it runs in a browser and has no secret. People who sign in for it are sent back to one of `redirect_uris`;
    `login_page` asks them instead of ours. `administrators` (`POOL/USER`) may have tokens of `admin` through it."""

    id: str
    servers: frozenset[str]
    scopes: frozenset[str] = frozenset()
    grants: frozenset[str] = frozenset({"client_credentials"})
    read_only: bool = False
    secret_hash: StoredHash | None = field(default=None, repr=False)
    secret_digest: bytes = field(default=b"", repr=False)
    public_key: str = field(default="", repr=False)
    certificate: bytes = field(default=b"", repr=False)
    tenant: str = ""
    public: bool = False
    redirect_uris: tuple[str, ...] = ()
    login_page: str = ""
    administrators: frozenset[str] = frozenset()

    def opens(self, server: str) -> bool:
        """Whether it may have tokens of a server."""
        return server in self.servers or (ANY_WORKSPACE in self.servers and server not in (SYSTEM, ADMIN))

    def granted(self, server: str, asked: Iterable[str]) -> frozenset[str]:
        """The scopes it gets at a server: those it asks for and may have, or all of them when it asks for none."""
        offered = SYSTEM_SCOPES if server == SYSTEM else () if server == ADMIN else WORKSPACE_SCOPES
        may = frozenset(offered) & self.scopes if self.scopes else frozenset(offered)
        wanted = frozenset(asked)
        return may & wanted if wanted else may

    def granted_to_user(self, server: str, asked: Iterable[str]) -> frozenset[str]:
        """The same for somebody who signs in through it: questions about tokens are for programs alone."""
        offered = frozenset(OPENID_SCOPES if server == ADMIN else WORKSPACE_SCOPES) - {INTROSPECTION}
        may = offered & self.scopes if self.scopes else offered
        wanted = frozenset(asked)
        return may & wanted if wanted else may


class Clients:
    """All clients by id. A secret that was right once is recognised quickly; a wrong one takes as long as the first time."""

    def __init__(self, clients: Iterable[Client] = ()) -> None:
        self._by_id = {client.id: client for client in clients}
        hashes = [client.secret_hash for client in self._by_id.values() if client.secret_hash is not None]
        self._slow = hashes[0] if hashes else None
        self._key = secrets.token_bytes(32)
        self._right: dict[str, bytes] = {}
        self._lock = threading.Lock()

    @property
    def all(self) -> tuple[Client, ...]:
        """Everyone, as they were registered."""
        return tuple(self._by_id.values())

    def origins(self, server: str) -> frozenset[str]:
        """Where the web applications of a server run: pages of these may ask it from a browser."""
        return frozenset(
            origin_of(uri) for client in self._by_id.values() if client.opens(server) for uri in client.redirect_uris
        )

    def find(self, id: str) -> Client | None:
        """The client, or None."""
        return self._by_id.get(id)

    def with_certificate(self, id: str, shown: str) -> Client | None:
        """The client when the certificate with this SHA-256 is its own. That the key is there, the connection has proved."""
        client = self._by_id.get(id)
        own = hashlib.sha256(client.certificate).hexdigest() if client is not None and client.certificate else ""
        return client if own and hmac.compare_digest(own, shown) else None

    def with_secret(self, id: str, secret: str) -> Client | None:
        """The client when this is its secret; None otherwise, whatever is wrong. Takes as long for an unknown one."""
        from ..directory.hashing import verify_password

        client = self._by_id.get(id)
        given = secret.encode("utf-8", "replace")
        if client is None or client.secret_hash is None:
            expected = client.secret_digest if client is not None and client.secret_digest else self._key
            right = hmac.compare_digest(hashlib.sha256(given).digest(), expected)
            if client is not None and right:
                return client
            if self._slow is not None:  # as long as for a client whose secret is kept as a slow hash
                verify_password(secret, self._slow)
            return None
        mark = hmac.digest(self._key, id.encode() + b"\0" + given, "sha256")
        with self._lock:
            known = self._right.get(id, b"")
        if hmac.compare_digest(known, mark):
            return client
        if not verify_password(secret, client.secret_hash):
            return None
        with self._lock:
            self._right[id] = mark
        return client


def made_client(id: str = "dev") -> tuple[Client, str]:
    """A client for everything with a fresh secret, workspaces that are not there yet included, and the secret."""
    secret = secrets.token_urlsafe(32)
    digest = hashlib.sha256(secret.encode()).digest()
    grants = frozenset(GRANTS) - {CODE_GRANT}
    return Client(id, frozenset({SYSTEM, ADMIN, ANY_WORKSPACE}), grants=grants, secret_digest=digest), secret


def made_web_client(redirect_uris: Iterable[str], id: str = "dev-web") -> Client:
    """A public client of every workspace, for a web application under development. Raises InvalidInput."""
    uris = tuple(checked(uri, "--redirect-uri") for uri in redirect_uris)
    return Client(
        id, frozenset({ANY_WORKSPACE}), grants=frozenset({CODE_GRANT}), public=True, redirect_uris=uris or (DEV_URI,)
    )


def read_clients(path: Path, environ: Mapping[str, str] = os.environ) -> list[Client]:
    """The clients of a file (YAML or JSON): `clients: [{id, servers, scopes, secret, publicKey, certificate, grants, readOnly}]`,
    with `tenant` where several are served, and `public, redirectUris, loginPage, administrators` for web applications.

    A secret is `{hash: ...}`, `{fromEnv: NAME}` or `{fromFile: NAME}` beside the file. Raises InvalidInput."""
    from ..core.yaml import YamlError, parse

    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"the clients file {path} can not be read: {error.strerror}") from error
    try:
        documents = parse(content)
    except YamlError as error:
        raise InvalidInput(f"the clients file {path} is not YAML", hint="correct it; its text is not shown") from error
    listed = as_map(documents[0].value).get("clients") if documents else None
    if not isinstance(listed, list):
        raise InvalidInput(
            f"the clients file {path} has no list `clients`", hint="clients: [{id: ..., servers: [system]}]"
        )
    found = [_client(as_map(member), path, index, environ) for index, member in enumerate(listed)]
    ids = [(client.tenant, client.id) for client in found]
    if len(set(ids)) != len(ids):
        raise InvalidInput(f"the clients file {path} names a client twice")
    return found


def named_client(text: str, environ: Mapping[str, str] = os.environ) -> Client:
    """The client of an option: `[TENANT/]ID:VARIABLE[:SERVER,...]`. The variable holds its secret, which the line of a command
    must not: other users of the machine see it. Without servers it is one of `system` and `admin`. Raises InvalidInput."""
    named, _, rest = text.partition(":")
    variable, _, servers = rest.partition(":")
    tenant, slash, id = named.rpartition("/")
    listed = [server for server in servers.split(",") if server] if servers else [SYSTEM, ADMIN]
    if not id or not id.isprintable() or (slash and not tenant) or not _VARIABLE.match(variable) or not listed:
        raise InvalidInput(f"--client needs {_FORM}", hint="VARIABLE names the variable that holds the secret")
    return Client(
        id, frozenset(listed), secret_digest=_digest(environ.get(variable, ""), f"--client {id}"), tenant=tenant
    )


def _client(member: JsonMap, path: Path, index: int, environ: Mapping[str, str]) -> Client:
    where = f"{path}: clients[{index}]"
    id = member.get("id")
    if not isinstance(id, str) or not id or not id.isprintable() or ":" in id:
        raise InvalidInput(f"{where} has no id", hint="a text without colons")
    unknown = sorted(set(member) - _KEYS)
    if unknown:
        raise InvalidInput(f"{where} has unknown keys: {', '.join(unknown)}", hint=f"known: {', '.join(sorted(_KEYS))}")
    servers = [server for server in as_texts(member.get("servers")) if server != ANY_WORKSPACE]
    if not servers:
        raise InvalidInput(f"{where} names no servers", hint="servers: [system, admin] or ids of workspaces")
    public, uris, login_page, administrators = _web(member, servers, where)
    grants = as_texts(member.get("grants")) or ["client_credentials"]
    grants = [CODE_GRANT] if public else [*grants, *([CODE_GRANT] if uris else [])]
    if not set(grants) <= set(GRANTS):
        raise InvalidInput(f"{where}: grants are {', '.join(GRANTS)}")
    scopes = as_texts(member.get("scopes"))
    if not set(scopes) <= {*SYSTEM_SCOPES, *WORKSPACE_SCOPES}:
        raise InvalidInput(f"{where}: scopes are {', '.join((*SYSTEM_SCOPES, *WORKSPACE_SCOPES))}")
    public_key = _public_key(member.get("publicKey"), path, where)
    stored, digest = _secret(as_map(member.get("secret")), path, where, environ)
    certificate = _certificate(member.get("certificate"), path, where)
    if public and (public_key or stored is not None or digest or certificate):
        raise InvalidInput(f"{where} is public and has a secret", hint="what runs in a browser keeps none")
    if not public and not public_key and stored is None and not digest and not certificate:
        raise InvalidInput(f"{where} has neither a secret nor a publicKey or certificate", hint="secret: {hash: ...}")
    tenant = member.get("tenant", "")
    if not isinstance(tenant, str):
        raise InvalidInput(f"{where}: tenant is a name")
    return Client(
        id,
        frozenset(servers),
        frozenset(scopes),
        frozenset(grants),
        member.get("readOnly") is True,
        stored,
        digest,
        public_key,
        certificate,
        tenant,
        public,
        uris,
        login_page,
        administrators,
    )


def _web(member: JsonMap, servers: list[str], where: str) -> tuple[bool, tuple[str, ...], str, frozenset[str]]:
    """What a web application says: whether it is public, where people are sent back to, its own page, its administrators."""
    public = member.get("public") is True
    uris = tuple(checked(uri, f"{where}: redirectUris") for uri in as_texts(member.get("redirectUris")))
    login_page = member.get("loginPage", "")
    administrators = as_texts(member.get("administrators"))
    if (public or login_page or administrators or member.get("redirectUris")) and not uris:
        raise InvalidInput(f"{where} signs people in and names no redirectUris", hint="redirectUris: [https://...]")
    if public and (SYSTEM in servers or member.get("grants")):
        raise InvalidInput(f"{where} is public: it signs people in at workspaces, and nothing else", hint="no grants")
    if (ADMIN in servers and public) != bool(administrators):
        raise InvalidInput(
            f"{where}: administrators are for a public client of admin, which has some",
            hint="administrators: [POOL/USER]",
        )
    if any(not all(one.partition("/")[::2]) for one in administrators):
        raise InvalidInput(f"{where}: administrators are POOL/USER", hint="ids; of users, not their names")
    if login_page != "":
        login_page = checked(str(login_page), f"{where}: loginPage")
    return public, uris, login_page, frozenset(administrators)


def _secret(source: JsonMap, path: Path, where: str, environ: Mapping[str, str]) -> tuple[StoredHash | None, bytes]:
    from ..resources.foreign_hashes import read_hash

    if not source:
        return None, b""
    if len(source) != 1:
        raise InvalidInput(f"{where}: a secret has one source", hint="hash, fromEnv or fromFile")
    ((word, value),) = source.items()
    if word == "hash":
        return read_hash(value), b""
    if word == "fromEnv" and isinstance(value, str):
        text = environ.get(value, "")
    elif word == "fromFile" and isinstance(value, str):
        try:
            text = (path.parent / value).read_text("utf-8").removesuffix("\n")
        except (OSError, ValueError) as error:
            raise InvalidInput(f"{where}: the file of the secret can not be read") from error
    else:
        raise InvalidInput(f"{where}: a secret comes from hash, fromEnv or fromFile", hint="never in clear text")
    return None, _digest(text, where)


def _digest(text: str, where: str) -> bytes:
    if len(text) < 16:
        raise InvalidInput(f"{where}: the secret is missing or has fewer than 16 characters")
    return hashlib.sha256(text.encode()).digest()


def _public_key(value: object, path: Path, where: str) -> str:
    if value is None:
        return ""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        pem = (path.parent / str(value)).read_text("utf-8")
        load_pem_public_key(pem.encode())
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{where}: publicKey names no file with a public key in PEM") from error
    return pem


def _certificate(value: object, path: Path, where: str) -> bytes:
    if value is None:
        return b""
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_pem_x509_certificate

    try:
        return load_pem_x509_certificate((path.parent / str(value)).read_bytes()).public_bytes(Encoding.DER)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{where}: certificate names no file with a certificate in PEM") from error


__all__ = [
    "ADMIN",
    "CODE_GRANT",
    "INTROSPECTION",
    "LOGINS",
    "OPENID_SCOPES",
    "SYSTEM",
    "SYSTEM_SCOPES",
    "WORKSPACE_SCOPES",
    "Client",
    "Clients",
    "made_client",
    "made_web_client",
    "named_client",
    "read_clients",
]
