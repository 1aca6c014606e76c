"""A directory in one SQLite file: opening, transactions, savepoints, and SQLite's errors in our words. It knows no pools and
no users.

The file is kept with a rollback journal, not a write-ahead log: a reader then needs no side files, so planning leaves
no trace beside the database, an idle directory is one file that can be copied, and a killed writer leaves a journal that
the next opener rolls back. The price, that readers wait while a writer commits, is paid with a busy timeout.

    not there     reads see a blank directory in memory      the first write makes the file
    older tables  reads see a migrated copy in memory        the first write migrates the file
    ours          reads use a connection that can not write  the first write opens another that can
    newer tables  refused
"""

from __future__ import annotations

import errno
import os
import shlex
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..core.errors import Unavailable
from . import migrations
from .database import BUSY_SECONDS, ConstraintBroken, Database, Dialect, Found, Parameter

_READ_CACHE_KIB = 64 * 1024
_WRITE_CACHE_KIB = 256 * 1024  # most of what a large apply changes: random keys would be read again and again


class Sqlite(Dialect):
    """What SQLite spells its own way."""

    among = "(SELECT value FROM json_each(?))"
    among_pairs = (
        "(SELECT json_extract(value, '$[0]') AS first, json_extract(value, '$[1]') AS second FROM json_each(?))"
    )

    def inside(self, column: str, *keys: str) -> str:
        return f"json_extract({column}, '$.{'.'.join(keys)}')"


class SqliteDatabase(Database):
    """A directory in a file; `path` None keeps it in memory."""

    dialect = Sqlite()

    def __init__(self, path: Path | None, *, read_only: bool = False, busy_seconds: float = BUSY_SECONDS) -> None:
        super().__init__(read_only=read_only)
        self.path = path
        self._busy_seconds = busy_seconds
        self._connection: sqlite3.Connection | None = None
        self._stands_in: tuple[int, int] | None = (
            None  # the state of the file that a connection in memory stands in for
        )
        self._writable = False

    @property
    def lasting(self) -> bool:
        return self.path is not None

    @property
    def key_file(self) -> Path | None:
        return self.path.with_name(self.path.name + ".key") if self.path is not None else None

    @property
    def exists(self) -> bool:  # an empty file is none yet
        if self.path is None or self._writable:
            return True
        try:
            found = self.path.stat()
            if stat.S_ISDIR(found.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            return found.st_size > 0
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._unreachable(error) from error

    def rows(self, sql: str, *parameters: Parameter) -> list[Found]:
        with self._translated():
            return self._readable().execute(sql, parameters).fetchall()

    def each(self, sql: str, *parameters: Parameter) -> Iterator[Found]:
        with self._translated():
            yield from self._readable().execute(sql, parameters)

    def execute(self, sql: str, *parameters: Parameter) -> int:
        connection = self._written_to()
        with self._translated():
            return connection.execute(sql, parameters).rowcount

    def execute_many(self, sql: str, rows: Iterable[Sequence[Parameter]]) -> None:
        connection = self._written_to()
        with self._translated():
            connection.executemany(sql, rows)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        connection = self._written_to()
        name = f"level_{self._depth}"
        marked = self._marked
        with self._translated():
            connection.execute(f"SAVEPOINT {name}" if self._depth else "BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
            with self._translated():
                connection.execute(f"RELEASE {name}" if self._depth > 1 else "COMMIT")
        except BaseException:
            self._marked = marked
            if connection.in_transaction:  # a full disk ends the transaction by itself
                with self._translated():
                    if self._depth > 1:
                        connection.execute(f"ROLLBACK TO {name}")
                        connection.execute(f"RELEASE {name}")
                    else:
                        connection.execute("ROLLBACK")
            raise
        finally:
            self._depth -= 1

    @contextmanager
    def as_one(self) -> Iterator[None]:
        connection = self._readable()
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN")  # takes no lock; the first question does, once for all
        try:
            yield
        finally:
            connection.execute("ROLLBACK")

    def answer_at_once(self) -> bool:
        self._busy_seconds = 0.0
        self.close()  # the next connection waits for nobody
        return True

    def trace(self, statements: list[str] | None) -> None:
        self._readable().set_trace_callback(statements.append if statements is not None else None)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._writable = None, False

    def _readable(self) -> sqlite3.Connection:
        if self._stands_in is not None and self._stands_in != self._state():
            self._connection = None  # somebody has made the file meanwhile; answers that are being read keep theirs
        if self._connection is None:
            with self._translated():
                self._connection = self._open_to_read()
        return self._connection

    def _written_to(self) -> sqlite3.Connection:
        if self._writable and self._connection is not None:
            return self._connection
        if self.read_only:
            raise Unavailable("the directory was opened for reading only", hint="this is a fault of the program")
        if self.path is None:
            return self._readable()
        self.close()
        self._make_file(self.path)
        with self._translated():
            connection = self._connect(f"{self.path.absolute().as_uri()}?mode=rw", _WRITE_CACHE_KIB)
            try:
                connection.execute("BEGIN IMMEDIATE")
                migrations.bring_up(connection)
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
        self._connection, self._writable, self._stands_in = connection, True, None
        return connection

    def _state(self) -> tuple[int, int]:
        """What changes when the file is written; zeros while there is none."""
        try:
            found = (self.path or Path()).stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_size

    def _open_to_read(self) -> sqlite3.Connection:
        self._stands_in = None if self.path is None else self._state()
        if self.path is None or not self.exists:
            blank = self._connect(":memory:")
            migrations.bring_up(blank)
            self._writable = self.path is None
            return blank
        uri = self.path.absolute().as_uri()
        try:
            connection, version = self._with_version(f"{uri}?mode=ro")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_READONLY_ROLLBACK":
                raise
            # A writer was killed. Undoing what it left takes write access, and changes nothing that was committed.
            self._with_version(f"{uri}?mode=rw")[0].close()
            connection, version = self._with_version(f"{uri}?mode=ro")
        if version == migrations.VERSION:
            self._stands_in = None
            return connection
        copy = self._connect(":memory:")
        connection.backup(copy)
        connection.close()
        migrations.bring_up(copy)
        return copy

    def _with_version(self, where: str) -> tuple[sqlite3.Connection, int]:
        connection = self._connect(where)
        try:
            return connection, migrations.version_of(connection)
        except BaseException:
            connection.close()
            raise

    def _connect(self, where: str, cache_kib: int = _READ_CACHE_KIB) -> sqlite3.Connection:
        connection = sqlite3.connect(where, uri=True, timeout=self._busy_seconds, isolation_level=None)
        try:
            for pragma in ("foreign_keys = ON", f"cache_size = -{cache_kib}", "temp_store = MEMORY"):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _make_file(self, path: Path) -> None:
        """An empty file for its owner alone, if there is none. SQLite gives the journal the same mode."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: OSError) -> Unavailable:
        return Unavailable(
            f"the directory {self.path} can not be opened: {error.strerror or error}",
            hint="check the path and its permissions",
        )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """SQLite's errors as ours; those of a wrong program pass."""
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise ConstraintBroken(str(error)) from error
        except sqlite3.DatabaseError as error:
            name = getattr(error, "sqlite_errorname", "")
            for prefix, said, hint in _FAULTS:
                if name.startswith(prefix):
                    where = shlex.quote(str(self.path)) if self.path else "in memory"
                    raise Unavailable(f"the directory {where} {said}", hint=hint) from error
            raise


_FAULTS = (
    ("SQLITE_BUSY", "is locked by another process", "wait until the other run has ended, then run again"),
    ("SQLITE_LOCKED", "is locked by another process", "wait until the other run has ended, then run again"),
    ("SQLITE_FULL", "can not grow: the disk is full", "make room and run again; nothing was half-written"),
    ("SQLITE_READONLY", "can not be written", "check the permissions of the file and its folder"),
    ("SQLITE_CANTOPEN", "can not be opened", "check the path and its permissions"),
    ("SQLITE_PERM", "can not be opened", "check the path and its permissions"),
    ("SQLITE_IOERR", "can not be read or written", "check the disk; nothing was half-written"),
    ("SQLITE_NOTADB", "is not a pool-as-code directory", "name another file, or move this one away"),
    ("SQLITE_CORRUPT", "is damaged", "restore it from a copy"),
)
