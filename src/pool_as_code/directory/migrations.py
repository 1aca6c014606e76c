"""Versions of the directory's tables, and the numbered steps from each to the next.

`tables.py` says what the newest version looks like. A step is written once and never changed: it turns a file of its
version into one of the next, inside one transaction.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable

from ..core.errors import Unavailable
from .system import system_schema_rows
from .tables import TABLES, sqlite_ddl

VERSION = 1

STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {}
"""Version -> the step from it to the next one."""


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
    version = int(row[0])
    if version > VERSION:
        raise Unavailable(
            f"the directory was written by a newer pool-as-code (its tables are of version {version}, ours of {VERSION})",
            hint="pip install --upgrade pool-as-code",
        )
    return version


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
    connection.executemany(
        "INSERT INTO meta (name, value) VALUES (?, ?)",
        [("schema_version", str(VERSION)), ("fingerprint", str(uuid.uuid4()))],
    )
    connection.executemany(
        "INSERT INTO schemas (id, document, revision, created_at, updated_at) VALUES (?, ?, 1, ?, ?)",
        system_schema_rows(),
    )
