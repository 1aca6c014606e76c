"""Serving: the embedded directory behind a store's URL over HTTP, until somebody stops it."""

from __future__ import annotations

import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from ..core.clock import parse_duration
from ..core.errors import InvalidInput
from ..core.hosts import Host, hosts_of
from ..stores.registry import scheme_of
from .request import Request, Tell
from .session import Session, open_directory, open_session

if TYPE_CHECKING:
    import uvicorn

    from ..directory.directory import Directory
    from ..server.clients import Client
    from ..server.mail import MailPort
    from ..server.signing import KeySource

MAIL_VARIABLE = "POOL_AS_CODE_SMTP"
DEFAULT_PORT = 8080
SIGNING_KEY_AGE = "90d"
LEAST_AGE = 3600.0
_NO_TENANTS = frozenset({"api", "dev"})
_SECURITY = {"smtp": "starttls", "smtps": "tls", "smtp+plain": "none"}


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How to serve. Port 0 is any free one. `tenants` are names, or NAME=STORE for several. `clients` is a file, `client` are
    options that name one each; `dev` makes a client for everything and shows messages, and another for web applications, which
    sends people back to one of `redirect_uris`; `workspaces` are made where they are not there yet."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    tenants: tuple[str, ...] = ("default",)
    clients: Path | None = None
    client: tuple[str, ...] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None
    public_url: str = ""
    threads: int = 4
    dev: bool = False
    workspaces: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    signing_key_age: str | None = None


@dataclass(frozen=True, slots=True)
class Serving:
    """What a server says when it begins: its address, and in `lines` what a developer pastes."""

    url: str
    lines: tuple[str, ...]


def serve(request: Request, options: ServeOptions, begun: Callable[[Serving], None], tell: Tell) -> None:
    """Serve until SIGINT or SIGTERM; `begun` hears the address once it can be asked.

    Raises InvalidInput for a store that is no embedded directory, for options that do not fit, and without the packages."""
    if any(find_spec(name) is None for name in ("starlette", "uvicorn", "httptools", "jwt")):
        raise InvalidInput("pac serve needs more packages", hint="pip install 'pool-as-code[server]'")
    _check(options)
    with ExitStack() as stack:
        sessions = {name: stack.enter_context(_session(request, store)) for name, store in _tenants(request, options)}
        for name, session in sessions.items():
            tell(session.headline if len(sessions) == 1 else f"tenant {name}: {session.headline}")
        _check_apart(sessions)
        listener = stack.enter_context(_listening(options))
        for session in sessions.values():
            _make_workspaces(session, options.workspaces)
        _run(sessions, options, listener, begun, tell)


def _tenants(request: Request, options: ServeOptions) -> list[tuple[str, str | None]]:
    """Names and stores; None: the store of the command or the environment. Raises InvalidInput."""
    found: dict[str, str | None] = {}
    for text in options.tenants or ("default",):
        name, equals, store = text.partition("=")
        if not name or not all(letter.isalnum() or letter in "-_" for letter in name) or name in _NO_TENANTS:
            raise InvalidInput("--tenant is a name of letters, digits, - and _", hint="or NAME=STORE, for several")
        if name in found:
            raise InvalidInput(f"--tenant names {name} twice")
        found[name] = store if equals else None
    if len(found) > 1 and not all(found.values()):
        raise InvalidInput("each of several tenants has a directory of its own", hint="--tenant NAME=STORE for each")
    if "" in found.values():
        raise InvalidInput("--tenant NAME= is followed by a store", hint="--tenant shop=sqlite:///shop.db")
    if request.store and any(found.values()):
        raise InvalidInput("--store and --tenant NAME=STORE say the same thing twice", hint="leave --store out")
    return list(found.items())


def _make_workspaces(session: Session, ids: Sequence[str]) -> None:
    """What the service's console makes. Those that are there stay as they are."""
    from ..directory import containers, rows
    from ..server.workers import opened

    if not ids:
        return
    directory = opened(partial(_directory, session))
    try:
        for id in ids:
            if rows.find(directory.db, "workspace", id) is None:
                containers.create(directory, "workspace", id, {}, {})
    finally:
        directory.close()


def _check_apart(sessions: Mapping[str, Session]) -> None:
    """Raises InvalidInput where two tenants have one directory, however its store is spelled: what is apart by name would be
    the same records."""
    from ..server.workers import opened

    found: dict[str, str] = {}
    for name, session in sessions.items() if len(sessions) > 1 else ():
        directory = opened(partial(_directory, session))
        try:
            mark = str(directory.db.value("SELECT value FROM meta WHERE name = 'fingerprint'"))
        finally:
            directory.close()
        other = found.setdefault(mark, name)
        if other != name:
            raise InvalidInput(f"the tenants {other} and {name} have the same directory", hint="give each its own")


def _run(
    sessions: Mapping[str, Session],
    options: ServeOptions,
    listener: socket.socket,
    begun: Callable[[Serving], None],
    tell: Tell,
) -> None:
    import uvicorn

    from ..server.app import create_app
    from ..server.guarded import CONNECTIONS, Guarded
    from ..server.mail import Told
    from ..server.site import Settings

    environ = next(iter(sessions.values())).request.environ
    url = _own_url(options, listener)
    clients, lines = _clients(list(sessions), options, environ, url)
    mail = mail_port(environ.get(MAIL_VARIABLE, "")) or (Told(tell) if options.dev else None)
    settings = [
        Settings(
            partial(_directory, session),
            tenant=tenant,
            clients=clients[tenant],
            keys=_keys(session, options, tell),
            public_url=options.public_url.rstrip("/"),
            own_url=url,
            threads=options.threads,
            mail=mail,
            dev=options.dev,
        )
        for tenant, session in sessions.items()
    ]
    config = uvicorn.Config(
        create_app(*settings),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http=Guarded,
        ws="none",
        limit_concurrency=CONNECTIONS,
        ssl_certfile=options.tls_cert,
        ssl_keyfile=options.tls_key,
        timeout_graceful_shutdown=10,
    )
    _ask_for_certificates(config, [client.certificate for one in settings for client in one.clients])
    begun(Serving(url, lines))
    uvicorn.Server(config).run(sockets=[listener])


def _clients(
    tenants: Sequence[str], options: ServeOptions, environ: Mapping[str, str], url: str
) -> tuple[dict[str, tuple[Client, ...]], tuple[str, ...]]:
    """The clients of each tenant, and what a developer pastes. Raises InvalidInput."""
    from ..server.clients import made_client, made_web_client, named_client, read_clients

    given = read_clients(options.clients, environ) if options.clients else []
    given += [named_client(text, environ) for text in options.client]
    found: dict[str, dict[str, Client]] = {tenant: {} for tenant in tenants}
    for client in given:
        tenant = client.tenant or (tenants[0] if len(tenants) == 1 else "")
        if tenant not in found:
            known = ", ".join(tenants)
            raise InvalidInput(
                f"client {client.id} belongs to no tenant that is served", hint=f"tenant: one of {known}"
            )
        if client.id in found[tenant]:
            raise InvalidInput(f"client {client.id} is registered twice")
        found[tenant][client.id] = client
    if any(client.certificate for client in given) and options.tls_cert is None:
        raise InvalidInput(
            "a client shows its certificate to the server itself, which has no TLS", hint="--tls-cert and --tls-key"
        )
    lines: list[str] = []
    for tenant in tenants if options.dev else ():
        (client, secret), web = made_client(), made_web_client(options.redirect_uris)
        found[tenant][client.id] = client
        found[tenant].setdefault(web.id, web)
        lines += [
            f"export POOL_AS_CODE_STORE=secureauth+{url}/{tenant}",
            f"export POOL_AS_CODE_CLIENT_ID={client.id}",
            f"export POOL_AS_CODE_CLIENT_SECRET={secret}",
            f"export POOL_AS_CODE_ADMIN_CLIENT_ID={client.id}",
            f"export POOL_AS_CODE_ADMIN_CLIENT_SECRET={secret}",
            f"# web applications: client {web.id}, {', '.join(web.redirect_uris)}",
        ]
    for tenant, clients in found.items():
        if not clients:
            of = f" of tenant {tenant}" if len(tenants) > 1 else ""
            raise InvalidInput(
                f"nobody could ask: no client{of} is registered", hint="--clients FILE, or --dev on your own machine"
            )
    return {tenant: tuple(clients.values()) for tenant, clients in found.items()}, tuple(lines)


def _ask_for_certificates(config: uvicorn.Config, certificates: Sequence[bytes]) -> None:
    """Let connections show a certificate that a client is registered with. Each of them is trusted for itself, whoever signed
    it; one that nobody is registered with ends the connection."""
    known = [certificate for certificate in certificates if certificate]
    if not known:
        return
    config.load()
    if config.ssl is None:
        return
    config.ssl.verify_mode = ssl.CERT_OPTIONAL
    config.ssl.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    for certificate in known:
        config.ssl.load_verify_locations(cadata=certificate)


def mail_port(url: str) -> MailPort | None:
    """The mail server of `smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS` (STARTTLS), `smtps:` (TLS), or `smtp+plain:` for
    loopback; None for nothing. Raises InvalidInput; the text is not shown."""
    from ..server.mail import Smtp

    if not url:
        return None
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
        sender = parse_qs(parts.query).get("from", [""])[0]
    except ValueError:
        raise InvalidInput(f"{MAIL_VARIABLE} is no URL of a mail server") from None
    security = _SECURITY.get(parts.scheme)
    if security is None or not host or "@" not in sender:
        raise InvalidInput(
            f"{MAIL_VARIABLE} is no URL of a mail server", hint="smtp://USER:PASSWORD@HOST:587?from=ADDRESS"
        )
    if security == "none" and not Host(host, 0).is_loopback:
        raise InvalidInput(f"{MAIL_VARIABLE}: smtp+plain is for loopback only", hint="smtp: uses STARTTLS, smtps: TLS")
    usual = 465 if security == "tls" else 587
    return Smtp(host, port or usual, sender, security, unquote(parts.username or ""), unquote(parts.password or ""))


def _check(options: ServeOptions) -> None:
    loopback = Host(options.host.strip("[]"), 0).is_loopback
    if (options.tls_cert is None) != (options.tls_key is None):
        raise InvalidInput("--tls-cert and --tls-key belong together")
    if options.public_url:
        _check_public_url(options.public_url)
    if not loopback and options.tls_cert is None and not options.public_url.startswith("https://"):
        raise InvalidInput(
            f"tokens and passwords would cross the network to {options.host} readable by everybody",
            hint="--tls-cert and --tls-key, or --public-url https://... behind a proxy that has TLS",
        )
    if not loopback and not options.public_url:
        raise InvalidInput(
            f"{options.host} is not the name that others reach it by, which tokens and links have to hold",
            hint="--public-url https://...",
        )
    if {"system", "admin"}.intersection(options.workspaces):
        raise InvalidInput("--workspace names a server that every tenant has by itself", hint="another id")
    if options.redirect_uris and not options.dev:
        raise InvalidInput("--redirect-uri is for the client of --dev", hint="redirectUris in --clients FILE")
    if options.dev and not loopback:
        raise InvalidInput("--dev is for this machine only", hint="leave --host out, or use --clients FILE")


def _check_public_url(url: str) -> None:
    try:
        (host,) = hosts_of(f"{url.rstrip('/')}/")
    except ValueError as error:
        raise InvalidInput(f"--public-url is no URL: {error}") from None
    parts = urlsplit(url)
    if "@" in parts.netloc or parts.query:
        raise InvalidInput("--public-url holds no names and no query", hint="https://HOST, and a path if need be")
    if parts.scheme != "https" and not (parts.scheme == "http" and host.is_loopback):
        raise InvalidInput("--public-url begins with https://")


@contextmanager
def _session(request: Request, store: str | None) -> Iterator[Session]:
    """The session; a directory in memory becomes a file that is gone afterwards, since every thread opens it."""
    session = open_session(replace(request, store=store) if store else request)
    if scheme_of(session.store_url) != "memory":
        yield session
        return
    with tempfile.TemporaryDirectory(prefix="pool-as-code-") as folder:
        yield replace(session, store_url=f"sqlite:///{folder}/directory.db", root=Path("/"))


@contextmanager
def _listening(options: ServeOptions) -> Iterator[socket.socket]:
    host = options.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, options.port), family=family, backlog=2048)
    except OSError as error:
        raise InvalidInput(
            f"can not listen on {options.host}:{options.port}: {error.strerror or 'no such address'}",
            hint="--port 0 takes a free one",
        ) from error
    with listener:
        yield listener


def _own_url(options: ServeOptions, listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if options.tls_cert else 'http'}://{shown}:{port}"


def _directory(session: Session) -> Directory:
    from ..stores.sql import SqlStore

    store = open_directory(session, read_only=False)
    if isinstance(store, SqlStore):
        return store.directory
    store.close()
    raise InvalidInput("only a directory of one's own can be served", hint="--store sqlite:///directory.db")


def _keys(session: Session, options: ServeOptions, tell: Tell) -> KeySource:
    """From the environment, else from the file beside the database."""
    from ..server.key_file import KeyFile
    from ..server.signing import KEY_VARIABLE, fixed, new_key, parse_keys

    given = session.request.environ.get(KEY_VARIABLE)
    if given and options.signing_key_age is not None:
        raise InvalidInput(
            f"{KEY_VARIABLE} holds the signing keys, which nobody replaces there",
            hint="put a new private key in front, and the public half of the old one behind it",
        )
    if given:
        keys = parse_keys(given.encode(), KEY_VARIABLE)
        return lambda: keys
    directory = _directory(session)
    try:
        path: Path | None = getattr(directory.db, "path", None)
    finally:
        directory.close()
    if path is not None:
        age = SIGNING_KEY_AGE if options.signing_key_age is None else options.signing_key_age
        return KeyFile(path.with_name(f"{path.name}.signing-key"), age=_seconds(age))
    tell(f"Tokens end with this process: {KEY_VARIABLE} keeps their key, and shares it among several")
    return fixed(new_key())


def _seconds(age: str) -> float:
    try:
        seconds = parse_duration(age) / 1000
    except ValueError as error:
        raise InvalidInput(f"--signing-key-age is {error}", hint="90d, or 0 for never") from None
    if 0 < seconds < LEAST_AGE:
        raise InvalidInput("--signing-key-age is at least 1h", hint="a token lasts an hour; 0 is for never")
    return seconds
