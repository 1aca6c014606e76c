"""A directory in a schema of a PostgreSQL database: connecting, transactions, COPY, and who may write. It knows no pools and
no users.

One process writes at a time, as in a file: every outermost block takes an advisory lock of the transaction. Readers never
wait. An apply holds another advisory lock as long as it runs, so that everybody sees whether it lives; both vanish with the
connection.

    no schema, or an empty one   reads see a blank directory in memory   the first write makes the tables
    older tables                 refused where only reading is meant      brought up when opened for writing
    ours                         read as they are
    newer tables                 refused
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from re import compile as pattern
from typing import TYPE_CHECKING, Any

from ..core.errors import Unavailable
from . import migrations, postgres_schema
from .database import BUSY_SECONDS, Database, Dialect, Found, Parameter
from .postgres_copy import Copies, copy_rows, rows_as_sent
from .postgres_faults import ConnectionLost, translated
from .sqlite import SqliteDatabase

if TYPE_CHECKING:
    from psycopg import Cursor

    from .postgres_schema import Link

DEFAULT_SCHEMA = "pool_as_code"
_FETCH = 2000
_PLAIN_INSERT = pattern(r"INSERT INTO (\w+) \(([\w, ]+)\) VALUES \(\?(?:, \?)*\)")
_COPY_FROM = 20
"""Rows from which on COPY is faster than INSERT."""


class Postgres(Dialect):
    """What PostgreSQL spells its own way. Texts with NUL are in no row, so that none is asked for."""

    among = "(SELECT value FROM json_array_elements_text(?::json) AS listed (value))"
    among_pairs = (
        "(SELECT value ->> 0 AS first, value ->> 1 AS second FROM json_array_elements(?::json) AS listed (value))"
    )

    def inside(self, column: str, *keys: str) -> str:
        # PostgreSQL refuses any document with the escape \u0000 in it, wherever it looks
        return f"(replace({column}, 'u0000', 'uFFFF')::json #>> '{{{','.join(keys)}}}')"

    def texts(self, values: Iterable[str]) -> str:
        return super().texts(value for value in values if "\0" not in value)

    def pairs(self, values: Iterable[tuple[str, str]]) -> str:
        return super().pairs(pair for pair in values if "\0" not in pair[0] and "\0" not in pair[1])


class PostgresDatabase(Database):
    """A directory in `schema` of the database that libpq's `parameters` lead to. `shown` names it without credentials.
    Nothing is connected to before it is asked for something; a lost connection is made anew, but never inside of a block."""

    batch = 50_000

    def __init__(
        self,
        parameters: Mapping[str, str],
        shown: str,
        *,
        schema: str = DEFAULT_SCHEMA,
        read_only: bool = False,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        super().__init__(read_only=read_only)
        self.schema = schema
        self._parameters = dict(parameters)
        self._shown = shown
        self._busy_seconds = busy_seconds
        self._link: Link | None = None
        self._there = False
        self._blank: SqliteDatabase | None = None
        self._traced: list[str] | None = None
        self._held: set[str] = set()
        self._cursors = 0
        self._copies = Copies()

    @property
    def dialect(self) -> Dialect:
        blank = self._blank_one()
        return blank.dialect if blank is not None else _DIALECT

    @property
    def lasting(self) -> bool:
        return True

    @property
    def key_file(self) -> Path | None:
        return None  # the database is not of one machine

    @property
    def exists(self) -> bool:
        return self._find()

    def rows(self, sql: str, *parameters: Parameter) -> list[Found]:
        blank = self._blank_one()
        if blank is not None:
            return blank.rows(sql, *parameters)
        with self._translated():
            return self._run(_translate(sql), _as_read(parameters), sql).fetchall()

    def each(self, sql: str, *parameters: Parameter) -> Iterator[Found]:
        blank = self._blank_one()
        if blank is not None:
            yield from blank.each(sql, *parameters)
            return
        # a cursor of the server: all rows are never here at once, and others may be asked for meanwhile
        self._cursors += 1
        name, inside = f"rows_{self._cursors}", self.in_transaction
        link = self._connected()
        with self._translated():
            hold = "" if inside else "WITH HOLD "
            self._run(f"DECLARE {name} NO SCROLL CURSOR {hold}FOR {_translate(sql)}", _as_read(parameters), sql)
        try:
            while True:
                with self._translated():
                    found = self._run(f"FETCH {_FETCH} FROM {name}").fetchall()
                yield from found
                if len(found) < _FETCH:
                    break
        except BaseException:
            if inside or self.in_transaction or link.closed:
                raise  # it ends with its transaction, which may be a failed one
            self._close_cursor(name)
            raise
        if inside == self.in_transaction and not link.closed:
            self._close_cursor(name)

    def execute(self, sql: str, *parameters: Parameter) -> int:
        self._written_to()
        with self._translated():
            return max(self._run(_translate(sql), parameters, sql).rowcount, 0)

    def execute_many(self, sql: str, rows: Iterable[Sequence[Parameter]]) -> None:
        link = self._written_to()
        listed = rows if isinstance(rows, list) else list(rows)
        if not listed:
            return
        self._note(sql)
        copied = _copy_of(sql) if len(listed) >= _COPY_FROM else None
        if copied is None:
            self._settle()
            with self._translated():
                link.cursor().executemany(_translate(sql), listed)
        elif self.in_transaction:
            with self._translated():
                self._copies.start(link, copied, listed)
        else:
            with self._translated():
                copy_rows(link, copied, rows_as_sent(link, listed))

    @contextmanager
    def atomic(self) -> Iterator[None]:
        link = self._written_to()
        name = f"level_{self._depth}"
        marked = self._marked
        self._begin(name)
        self._depth += 1
        try:
            yield
            self._end(link, name)
        except BaseException:
            self._marked = marked
            self._undo(link, name)
            raise
        finally:
            self._depth -= 1

    def hold_lease(self, run_id: str) -> None:
        self.execute("SELECT pg_advisory_lock(?)", _lock(self.schema, "run", run_id))
        self._held.add(run_id)

    def drop_lease(self, run_id: str) -> None:
        if run_id in self._held:
            self._held.discard(run_id)
            self.execute("SELECT pg_advisory_unlock(?)", _lock(self.schema, "run", run_id))

    def lease_is_held(self, run_id: str) -> bool | None:
        key = _lock(self.schema, "run", run_id)
        return bool(
            self.value(
                "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
                " AND classid::bigint = ? AND objid::bigint = ?"
                " AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))",
                *(key >> 32 & 0xFFFFFFFF, key & 0xFFFFFFFF),
            )
        )

    def trace(self, statements: list[str] | None) -> None:
        self._traced = statements

    def close(self) -> None:
        self._copies.close()
        if self._link is not None:
            self._link.close()
        if self._blank is not None:
            self._blank.close()
        self._link, self._blank, self._there = None, None, False
        self._held.clear()

    # -- blocks

    def _begin(self, name: str) -> None:
        """One round trip. Writers of this directory take turns from here to the end of the outermost block."""
        if self._depth:
            with self._translated():
                self._run(f"SAVEPOINT {name}")
            return
        try:
            with self._translated():
                self._run(
                    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
                    f" SET LOCAL lock_timeout = {round(self._busy_seconds * 1000)};"
                    f" SELECT pg_advisory_xact_lock({_lock(self.schema, 'writer')})",
                    at_once=True,
                )
        except BaseException:
            if self._link is not None:
                self._undo(self._link, name)  # it has begun, and waited in vain
            raise

    def _end(self, link: Link, name: str) -> None:
        from psycopg.pq import TransactionStatus

        self._settle()
        if link.info.transaction_status != TransactionStatus.INTRANS and not link.closed:
            raise Unavailable("a block was left as if nothing had failed in it", hint="this is a fault of the program")
        with self._translated():
            if self._depth > 1:
                self._run(f"RELEASE {name}")
                return
        try:
            with self._translated():
                self._run("COMMIT")
        except ConnectionLost as lost:
            raise ConnectionLost(
                f"the connection to the directory {self._shown} was lost at the commit: it stands as a whole or not at all",
                hint="run the same command again: what stands is found",
            ) from lost

    def _undo(self, link: Link, name: str) -> None:
        from psycopg.pq import TransactionStatus

        self._copies.forget()
        if link.closed or link.info.transaction_status == TransactionStatus.IDLE:
            return  # with the connection, its transaction is gone
        with self._translated():
            self._run(f"ROLLBACK TO {name}; RELEASE {name}" if self._depth > 1 else "ROLLBACK", at_once=True)

    # -- the connection

    def _run(
        self, sql: str, parameters: Sequence[Parameter] | None = None, shown: str = "", *, at_once: bool = False
    ) -> Cursor[Found]:
        """Run a statement; `at_once`: several of them, which is no use to remember."""
        self._settle()
        self._note(shown or sql)
        cursor = self._connected().cursor()
        return cursor.execute(sql.encode(), parameters, prepare=False if at_once else None)

    def _settle(self) -> None:
        """Wait for the copies that are under way; raises what one of them raised."""
        if self._copies.under_way:
            with self._translated():
                self._copies.finish()

    def _note(self, sql: str) -> None:
        if self._traced is not None:
            self._traced.append(sql)

    def _close_cursor(self, name: str) -> None:
        with self._translated():
            self._run(f"CLOSE {name}")

    def _connected(self) -> Link:
        if self._link is not None and self._link.closed and not self._depth:
            self._link = None  # lost: what it held is free
            self._held.clear()
        if self._link is None:
            self._link = self._connect()
        return self._link

    def _connect(self) -> Link:
        import psycopg

        with translated(self._shown, connecting=True):
            link: Link = psycopg.connect(**self._parameters, autocommit=True)  # type: ignore[arg-type]
        try:
            postgres_schema.check_server(link)
            with self._translated():
                link.execute(
                    f'SET search_path = "{self.schema}"; SET cursor_tuple_fraction = 1; SET jit = off;'
                    f" SET standard_conforming_strings = on; SET default_transaction_read_only = {'on' if self.read_only else 'off'}",
                    prepare=False,
                )
        except BaseException:
            link.close()
            raise
        return link

    def _find(self) -> bool:
        """Whether there are tables of a directory; older ones are brought up where writing is meant."""
        if not self._there:
            link = self._connected()
            with self._translated():
                version = postgres_schema.version_of(link, self.schema)
            if version and version < migrations.VERSION:
                if self.read_only:
                    raise Unavailable(
                        f"the directory {self._shown} was written by an older pool-as-code (its tables are of version"
                        f" {version}, ours of {migrations.VERSION})",
                        hint="the next `pac apply` brings them up; until then, read it with that version",
                    )
                self._bring_up()
            self._there = version > 0
        return self._there

    def _blank_one(self) -> SqliteDatabase | None:
        """What answers as long as there is no directory, from the first question to the first write."""
        if self._blank is None and not self._there and not self._find():
            self._blank = SqliteDatabase(None)
        return self._blank

    def _written_to(self) -> Link:
        if self.read_only:
            raise Unavailable("the directory was opened for reading only", hint="this is a fault of the program")
        if not self._find():
            self._bring_up()
        if self._blank is not None:
            self._blank.close()
            self._blank = None
        return self._connected()

    def _bring_up(self) -> None:
        link = self._connected()
        self._begin("")
        self._depth += 1
        try:
            with self._translated():
                postgres_schema.bring_up(link, self.schema)
            self._end(link, "")
        except BaseException:
            self._undo(link, "")
            raise
        finally:
            self._depth -= 1
        self._there = True

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """PostgreSQL's errors as ours; a lost connection says that the block it was lost in does not stand."""
        try:
            with translated(self._shown):
                yield
        except ConnectionLost as lost:
            if not self._depth:
                raise
            raise ConnectionLost(
                f"{lost.message} before the commit: nothing of the transaction stands", hint=lost.hint
            ) from lost


_DIALECT = Postgres()


@lru_cache(maxsize=1000)
def _translate(sql: str) -> str:
    """The statement with psycopg's marks for parameters."""
    return sql.replace("%", "%%").replace("?", "%s")


@lru_cache(maxsize=200)
def _copy_of(sql: str) -> str | None:
    """The COPY that does the same as an INSERT for many rows; None for statements that do more."""
    match = _PLAIN_INSERT.fullmatch(sql)
    return f"COPY {match[1]} ({match[2]}) FROM STDIN" if match is not None else None


def _as_read(parameters: Sequence[Parameter]) -> list[Parameter]:
    """A text with NUL is in no row, and the server does not even take the question: null is equal to nothing, too."""
    return [None if isinstance(value, str) and "\0" in value else value for value in parameters]


@lru_cache(maxsize=100)
def _lock(*words: Any) -> int:
    """The number of an advisory lock. Those of another database of the server do not meet it."""
    digest = hashlib.sha256("\0".join(("pool-as-code", *words)).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
