"""Versions of the directory's tables, and the numbered steps from each to the next.

`tables.py` says what the newest version looks like. A step is written once and never changed: it turns a file of its
version into one of the next, inside one transaction. The steps of PostgreSQL are in `postgres_schema.py`.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable

from ..core.errors import Unavailable
from .system import system_schema_rows
from .tables import TABLES, sqlite_ddl

VERSION = 2


def version_of(connection: sqlite3.Connection) -> int:
    """The version of a file's tables; 0 when it has none yet. Raises Unavailable for another program's or a newer file."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return 0
    row = None
    if "meta" in tables:
        row = connection.execute("SELECT value FROM meta WHERE name = 'schema_version'").fetchone()
    if row is None:
        raise Unavailable(
            "the file is a database of another program, not a pool-as-code directory",
            hint="name another file, or move this one away",
        )
    return known_version(row[0])


def known_version(written: str) -> int:
    """The version of tables that say this of themselves. Raises Unavailable for newer ones."""
    version = int(written)
    if version > VERSION:
        raise Unavailable(
            f"the directory was written by a newer pool-as-code (its tables are of version {version}, ours of {VERSION})",
            hint="pip install --upgrade pool-as-code",
        )
    return version


def first_meta_rows() -> list[tuple[str, str]]:
    """What a new directory says of itself: the version of its tables, and the UUID that tells it from all others."""
    return [("schema_version", str(VERSION)), ("fingerprint", str(uuid.uuid4()))]


def bring_up(connection: sqlite3.Connection) -> None:
    """Make the tables where there are none, or take the steps that are missing. The caller holds the transaction."""
    version = version_of(connection)
    if version == 0:
        _create(connection)
        return
    while version < VERSION:
        STEPS[version](connection)
        version += 1
        connection.execute("UPDATE meta SET value = ? WHERE name = 'schema_version'", (str(version),))


def _create(connection: sqlite3.Connection) -> None:
    for table in TABLES:
        for statement in sqlite_ddl(table):
            connection.execute(statement)
    connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", first_meta_rows())
    connection.executemany(
        "INSERT INTO schemas (id, document, revision, created_at, updated_at) VALUES (?, ?, 1, ?, ?)",
        system_schema_rows(),
    )


def _to_2(connection: sqlite3.Connection) -> None:
    """Credentials, codes and messages; who wrote; the fast-growing index tables lose what slowed their growth."""
    for name, columns, key in (
        ("user_identifiers", ("pool_id", "key", "user_id"), "pool_id, key"),
        ("verified_addresses", ("pool_id", "key", "user_id"), "pool_id, key"),
        ("group_members", ("group_id", "user_id"), "group_id, user_id"),
    ):
        listed = ", ".join(columns)
        typed = ", ".join(f"{column} TEXT NOT NULL" for column in columns)
        foreign = ", FOREIGN KEY (group_id) REFERENCES user_groups (id)" if name == "group_members" else ""
        connection.execute(f"ALTER TABLE {name} RENAME TO old_{name}")
        connection.execute(f"CREATE TABLE {name} ({typed}, PRIMARY KEY ({key}){foreign}) WITHOUT ROWID")
        connection.execute(f"INSERT INTO {name} ({listed}) SELECT {listed} FROM old_{name}")
        connection.execute(f"DROP TABLE old_{name}")
    connection.execute("ALTER TABLE runs ADD COLUMN wrote INTEGER NOT NULL DEFAULT 1")
    for statement in _NEW_IN_2:
        connection.execute(statement)


_NEW_IN_2 = (
    "CREATE TABLE credentials (user_id TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL,"
    " state TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, expires_at TEXT, change_until TEXT,"
    " PRIMARY KEY (user_id, type, id), FOREIGN KEY (user_id) REFERENCES users (id)) WITHOUT ROWID",
    "CREATE TABLE password_history (user_id TEXT NOT NULL, number INTEGER NOT NULL, payload TEXT NOT NULL,"
    " PRIMARY KEY (user_id, number), FOREIGN KEY (user_id) REFERENCES users (id)) WITHOUT ROWID",
    "CREATE TABLE codes (long_digest TEXT NOT NULL, short_digest TEXT NOT NULL, user_id TEXT NOT NULL,"
    " purpose TEXT NOT NULL, address TEXT NOT NULL, expires_at TEXT NOT NULL, PRIMARY KEY (long_digest),"
    " FOREIGN KEY (user_id) REFERENCES users (id)) WITHOUT ROWID",
    "CREATE INDEX codes_by_user_id ON codes (user_id)",
    "CREATE TABLE messages (id TEXT NOT NULL, pool_id TEXT NOT NULL, user_id TEXT NOT NULL, kind TEXT NOT NULL,"
    " address TEXT NOT NULL, via TEXT NOT NULL, workspace TEXT NOT NULL, return_to TEXT NOT NULL,"
    " created_at TEXT NOT NULL, sealed TEXT, once TEXT UNIQUE, sent_at TEXT, PRIMARY KEY (id),"
    " FOREIGN KEY (user_id) REFERENCES users (id))",
    "CREATE INDEX messages_by_user_id ON messages (user_id)",
)

STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _to_2}
"""Version -> the step from it to the next one."""
