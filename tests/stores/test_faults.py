"""Stores that are the embedded directory keep the contract when something goes wrong: which faults each can have, and how they are
brought about."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.directory.hashing import TEST_PARAMETERS
from pool_as_code.directory.postgres import PostgresDatabase, _lock
from pool_as_code.directory.sqlite import SqliteDatabase
from pool_as_code.stores.base import Store
from pool_as_code.stores.memory import MemoryStore
from pool_as_code.stores.postgres import PostgresStore
from pool_as_code.stores.sqlite import SqliteStore
from tests.postgres import connected
from tests.stores.conformance_faults import Count, FaultConformance, Faults, Met, Sort
from tests.stores.test_postgres import KEY, a_store, end_connections

SHORT, LONG = 0.05, 5.0


# -- a database of SQLite


class Full:
    """A connection whose disk is full from some write on."""

    def __init__(self, connection: sqlite3.Connection, count: Count) -> None:
        self._connection, self._count = connection, count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *given: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE", "COMMIT")) and self._count.due:
            raise self._full()
        return self._connection.execute(sql, *given)

    def executemany(self, sql: str, rows: Any) -> Any:
        if self._count.due:
            raise self._full()
        return self._connection.executemany(sql, rows)

    def _full(self) -> sqlite3.OperationalError:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname = "SQLITE_FULL"
        return error


class SqliteFaults:
    """Of a file, or of memory."""

    _HERE = "a call into the same process: there is no connection that could break"
    _ALONE = "nobody else reaches it, and one thread uses it: it is never busy"

    def __init__(self, store: SqliteStore | MemoryStore) -> None:
        database = store.directory.db
        assert isinstance(database, SqliteDatabase)
        self.db = database
        self.without: Mapping[Sort, str] = {Sort.CUT: self._HERE}
        if database.path is None:
            self.without = {Sort.CUT: self._HERE, Sort.BUSY: self._ALONE, Sort.MOVED: self._ALONE}

    @contextmanager
    def lasting(self, sort: Sort, number: int) -> Iterator[Met]:
        met = Met()
        if sort is Sort.BUSY:
            with self._locked(SHORT) if number == 1 else _unmet():
                met.yes = number == 1
                yield met
            return
        whole = self.db._written_to()
        self.db._connection = Full(whole, Count(number, met))  # type: ignore[assignment]
        try:
            yield met
        finally:
            self.db._connection = whole

    @contextmanager
    def passing(self, sort: Sort) -> Iterator[Met]:
        met = Met()
        met.yes = True
        with self._locked(LONG, for_a_moment=True):
            yield met

    @contextmanager
    def elsewhere(self) -> Iterator[Store]:
        assert self.db.path is not None
        other = SqliteStore(self.db.path, hash_parameters=TEST_PARAMETERS)
        try:
            yield other
        finally:
            other.close()

    @contextmanager
    def _locked(self, patience: float, *, for_a_moment: bool = False) -> Iterator[None]:
        ours = self.db._written_to()
        ours.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")
        theirs = sqlite3.connect(str(self.db.path), isolation_level=None, check_same_thread=False)
        theirs.execute("BEGIN IMMEDIATE")
        free = threading.Timer(0.2, theirs.execute, ["ROLLBACK"])
        if for_a_moment:
            free.start()
        try:
            yield
        finally:
            if for_a_moment:
                free.join()
            theirs.close()


@contextmanager
def _unmet() -> Iterator[None]:
    yield


# -- PostgreSQL


class PostgresFaults:
    """Of a schema of a real server, which raises its own errors."""

    def __init__(self, store: PostgresStore, url: str) -> None:
        database = store.directory.db
        assert isinstance(database, PostgresDatabase)
        self.db, self.url = database, url
        self.without: Mapping[Sort, str] = {}

    @contextmanager
    def lasting(self, sort: Sort, number: int) -> Iterator[Met]:
        met = Met()
        if sort is Sort.BUSY:
            with self._locked(SHORT) if number == 1 else _unmet():
                met.yes = number == 1
                yield met
            return
        count = Count(number, met)

        def spoil() -> None:
            if not count.due:
                return
            if sort is Sort.CUT:
                end_connections(self.url)
                return
            with self.db._translated():
                self.db._connected().execute("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$")

        with pytest.MonkeyPatch.context() as patch:
            for name in ("execute", "execute_many", "_end"):
                whole = getattr(self.db, name)

                def spoilt(*given: Any, whole: Any = whole) -> Any:
                    spoil()
                    return whole(*given)

                patch.setattr(self.db, name, spoilt)
            yield met

    @contextmanager
    def passing(self, sort: Sort) -> Iterator[Met]:
        met = Met()
        met.yes = True
        if sort is Sort.CUT:
            end_connections(self.url)
            yield met
            return
        with self._locked(LONG, for_a_moment=True):
            yield met

    @contextmanager
    def elsewhere(self) -> Iterator[Store]:
        other = a_store(self.url)
        try:
            yield other
        finally:
            other.close()

    @contextmanager
    def _locked(self, patience: float, *, for_a_moment: bool = False) -> Iterator[None]:
        self.db._busy_seconds = patience
        key = _lock(self.db.schema, "writer")
        with connected(self.url) as link:
            link.execute("SELECT pg_advisory_lock(%s)", (key,))
            free = threading.Timer(0.2, link.execute, ["SELECT pg_advisory_unlock(%s)", (key,)])
            if for_a_moment:
                free.start()
            yield
            if for_a_moment:
                free.join()


# -- the stores


class TestFaultsInMemory(FaultConformance):
    @pytest.fixture
    def store(self) -> Iterator[Store]:
        store = MemoryStore(hash_parameters=TEST_PARAMETERS)
        yield store
        store.close()

    @pytest.fixture
    def faults(self, store: MemoryStore) -> Faults:
        return SqliteFaults(store)


class TestFaultsOfAFile(FaultConformance):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = SqliteStore(tmp_path / "directory.db", hash_parameters=TEST_PARAMETERS)
        yield store
        store.close()

    @pytest.fixture
    def faults(self, store: SqliteStore) -> Faults:
        return SqliteFaults(store)


class TestFaultsOfPostgres(FaultConformance):
    @pytest.fixture
    def store(self, postgres_url: str) -> Iterator[Store]:
        store = PostgresStore(postgres_url, hash_parameters=TEST_PARAMETERS, environ=KEY)
        yield store
        store.close()

    @pytest.fixture
    def faults(self, store: PostgresStore, postgres_url: str) -> Faults:
        return PostgresFaults(store, postgres_url)
