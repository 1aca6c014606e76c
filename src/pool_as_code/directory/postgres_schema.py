"""The schema of a PostgreSQL database that one directory lives in: finding it, making it, and the steps between its versions.

Version 2 was the first that PostgreSQL has seen. The rules are those of files (`migrations.py`): another program's tables
and newer ones are refused, and nothing is made before the first write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..core.errors import Unavailable
from . import migrations
from .system import system_schema_rows
from .tables import TABLES, postgres_ddl

if TYPE_CHECKING:
    from psycopg import Connection

    Link = Connection[tuple[Any, ...]]

FIRST_VERSION = 2
OLDEST_SERVER = 120000  # PostgreSQL 12, as libpq counts


def check_server(link: Link) -> None:
    """Raises Unavailable for a server that can not hold a directory."""
    if link.info.server_version < OLDEST_SERVER:
        raise Unavailable(
            f"the server is PostgreSQL {link.info.server_version // 10000}, and a directory needs 12 or newer",
            hint="use a newer server",
        )
    encoding = link.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise Unavailable(
            f"the database's encoding is {encoding}, and a directory needs UTF8",
            hint="make one for it: CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0",
        )


def version_of(link: Link, schema: str) -> int:
    """The version of a schema's tables; 0 when it has none yet, or is not there. Raises Unavailable for another program's
    or newer ones."""
    found = link.execute(
        "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
        (schema,),
    )
    tables = {name for (name,) in found}
    if not tables:
        return 0
    row = None
    if {table.name for table in TABLES if table.name in ("meta", "ownership")} <= tables:
        row = link.execute("SELECT value FROM meta WHERE name = 'schema_version'").fetchone()
    if row is None:
        raise Unavailable(
            f"the schema {schema} holds tables of another program, and is not a pool-as-code directory",
            hint="name another one: ?schema=NAME at the end of the URL",
        )
    return migrations.known_version(row[0])


def bring_up(link: Link, schema: str) -> None:
    """Make schema and tables where there are none, or take the steps that are missing. The caller holds the transaction and
    the lock of writers."""
    version = version_of(link, schema)
    if version == 0:
        _create(link, schema)
        return
    while version < migrations.VERSION:
        STEPS[version](link)
        version += 1
        link.execute("UPDATE meta SET value = %s WHERE name = 'schema_version'", (str(version),))


def _create(link: Link, schema: str) -> None:
    there = link.execute("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s", (schema,)).fetchone()
    statements = [statement for table in TABLES for statement in postgres_ddl(table)]
    if there is None:  # else somebody made it for us, who may make schemas where we may not
        statements.insert(0, f'CREATE SCHEMA "{schema}"')
    link.execute(";\n".join(statements).encode(), prepare=False)
    cursor = link.cursor()
    cursor.executemany("INSERT INTO meta (name, value) VALUES (%s, %s)", migrations.first_meta_rows())
    cursor.executemany(
        "INSERT INTO schemas (id, document, revision, created_at, updated_at) VALUES (%s, %s, 1, %s, %s)",
        system_schema_rows(),
    )


STEPS: dict[int, Callable[[Link], None]] = {}
"""Version -> the step from it to the next one."""
