"""The store in a PostgreSQL database: the same directory as in a file, for several hosts and processes at once.

The URL is libpq's (PostgreSQL manual, 34.1.1.2), with `schema=NAME` beside its own parameters. Credentials may also come
from where libpq looks for them itself: PGUSER, PGPASSWORD, the password file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from ..core.clock import now
from ..core.errors import InvalidInput
from ..core.hosts import Host, hosts_of
from ..core.urls import shown_url
from ..directory.directory import Directory
from ..resources.suggest import nearest
from .sql import SqlStore

if TYPE_CHECKING:
    from ..directory.hashing import HashParameters

SCHEMA = "schema"
_SCHEMA = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}\Z")
PARAMETERS = frozenset(
    {
        *("application_name", "channel_binding", "connect_timeout", "dbname", "gssencmode", "host", "hostaddr"),
        *("keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "krbsrvname", "password", "port"),
        *("require_auth", "ssl_max_protocol_version", "ssl_min_protocol_version", "sslcert", "sslcrl", "sslkey"),
        *("sslmode", "sslpassword", "sslrootcert", "sslsni", "target_session_attrs", "tcp_user_timeout", "user"),
    }
)
"""What a URL may say to libpq. Left out is what leads to other hosts, other files of credentials or other settings."""

_DEFAULTS = {
    "application_name": ("PGAPPNAME", "pool-as-code"),
    "connect_timeout": ("PGCONNECT_TIMEOUT", "10"),
}
_ENCRYPTED = ("PGSSLMODE", "require")


class PostgresStore(SqlStore):
    """The directory in one schema of a database. A schema that is not there reads as an empty directory and is made by the
    first write. `hash_parameters` and `clock` are for tests to replace."""

    def __init__(
        self,
        url: str,
        *,
        read_only: bool = False,
        environ: Mapping[str, str] | None = None,
        hash_parameters: HashParameters | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        from ..directory.postgres import PostgresDatabase

        schema, parameters = parameters_of(url, os.environ)
        db = PostgresDatabase(parameters, shown_url(url), schema=schema, read_only=read_only)
        directory = Directory(db=db, environ=environ or {}, hash_parameters=hash_parameters, clock=clock)
        super().__init__(directory, url)


def parameters_of(url: str, environ: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The schema and libpq's parameters of a URL. Raises InvalidInput, without showing credentials, for a URL that libpq does
    not understand or that says what a URL must not say.

    Where neither the URL nor the environment says otherwise, a connection over the network is encrypted."""
    driver = _driver()
    bare, schema = _without_schema(url)
    try:
        hosts = hosts_of(url)
        _check_words(url, bare)
        found = {key: str(value) for key, value in driver.conninfo_to_dict(bare).items()}
    except (ValueError, driver.ProgrammingError) as error:
        why = str(error) if isinstance(error, ValueError) else "libpq does not understand it"
        raise _wrong(url, why, "postgresql://HOST/DATABASE, user and password in PGUSER and PGPASSWORD") from None
    _check_hosts(url, found, hosts)
    for key, (variable, value) in _DEFAULTS.items():
        if key not in found and not environ.get(variable):
            found[key] = value
    if "sslmode" not in found and not environ.get(_ENCRYPTED[0]) and any(not host.is_loopback for host in hosts):
        found["sslmode"] = _ENCRYPTED[1]
    return schema, {**found, "client_encoding": "UTF8"}


def open_postgres(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> PostgresStore:
    """The store for a `postgresql:` URL. Nothing is connected to before it is asked for something."""
    return PostgresStore(url, read_only=read_only, environ=environ)


def _check_words(url: str, bare: str) -> None:
    for key, _ in parse_qsl(bare.partition("?")[2], keep_blank_values=True):
        if key not in PARAMETERS:
            near = nearest(key, [*PARAMETERS, SCHEMA])
            hint = (
                f"did you mean {near}?" if near else "leave it out, or set it in the environment where libpq knows it"
            )
            raise _wrong(url, f"{key!r} can not be said in a store's URL", hint)


def _check_hosts(url: str, found: Mapping[str, str], judged: tuple[Host, ...]) -> None:
    """What libpq would connect to is what `hosts_of` has read, and nothing else."""
    names = {host.name for host in judged}
    for key in ("host", "hostaddr"):
        for part in found.get(key, "").split(","):
            if part and not part.startswith(("/", "@")) and part.lower().removesuffix(".") not in names:
                raise _wrong(url, "nobody can say which host it leads to", "write the host as it is")


def _without_schema(url: str) -> tuple[str, str]:
    """The URL as libpq knows it, and the schema."""
    from ..directory.postgres import DEFAULT_SCHEMA

    bare, mark, query = url.partition("?")
    named = [part.partition("=") for part in query.split("&")] if mark else []
    kept = ["".join(part) for part in named if unquote(part[0]) != SCHEMA]
    schemas = [unquote(part[2]) for part in named if unquote(part[0]) == SCHEMA]
    if len(schemas) > 1 or (schemas and not _SCHEMA.match(schemas[0])):
        raise _wrong(
            url, f"{SCHEMA} is no name for a schema", "small letters, digits and _, for example ?schema=shop_dev"
        )
    return bare + ("?" + "&".join(kept) if kept else ""), schemas[0] if schemas else DEFAULT_SCHEMA


def _wrong(url: str, why: str, hint: str) -> InvalidInput:
    return InvalidInput(f"{shown_url(url)} is no URL of a PostgreSQL database: {why}", hint=hint)


class _Driver:
    """psycopg's reading of URLs."""

    def __init__(self) -> None:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict

        self.ProgrammingError = ProgrammingError
        self.conninfo_to_dict = conninfo_to_dict


def _driver() -> _Driver:
    try:
        return _Driver()
    except ImportError as error:
        raise InvalidInput(
            "postgresql: needs the driver psycopg, which is not installed",
            hint="pip install 'pool-as-code[postgres]'",
        ) from error
