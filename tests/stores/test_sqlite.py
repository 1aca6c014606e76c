"""The store in a file keeps the contract, and does with its file what it says: nothing while planning, 0600, killed or not."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from pool_as_code.core.address import Address
from pool_as_code.core.errors import InvalidInput, Unavailable
from pool_as_code.core.secrets import Secret
from pool_as_code.directory.hashing import TEST_PARAMETERS
from pool_as_code.directory.sqlite import SqliteDatabase
from pool_as_code.stores.base import Body, OwnerRecord, Scope, Store
from pool_as_code.stores.sqlite import SqliteStore, path_of
from tests.stores.conformance import OURS, StoreConformance, a_group, a_pool, a_user
from tests.stores.conformance_ledger import Clock, a_run


def a_store(path: Path, *, read_only: bool = False) -> SqliteStore:
    return SqliteStore(path, read_only=read_only, hash_parameters=TEST_PARAMETERS)


class TestSqliteStore(StoreConformance):
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def store(self, tmp_path: Path, clock: Clock) -> Iterator[Store]:
        store = SqliteStore(tmp_path / "deep" / "directory.db", hash_parameters=TEST_PARAMETERS, clock=clock)
        yield store
        store.close()

    def test_a_second_connection_sees_what_the_first_has_written(self, store: Store, tmp_path: Path) -> None:
        a_pool(store)
        other = a_store(tmp_path / "deep" / "directory.db")
        assert other.fingerprint() == store.fingerprint()
        a_user(other, "ada")
        assert store.count("user") == 1
        other.close()


# -- the file


@pytest.mark.parametrize("read_only", [True, False])
def test_reading_makes_no_file_and_no_folder(tmp_path: Path, read_only: bool) -> None:
    store = a_store(tmp_path / "deep" / "directory.db", read_only=read_only)
    assert store.fingerprint() == "new"
    assert [one.id for one in store.read(Scope("schema"))] == ["default_payload", "default_metadata"]
    assert store.read(Scope("pool")) == []
    assert store.ledger.records(OURS) == {}
    assert store.ledger.lease() is None
    assert store.ledger.history() == []
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_no_directory_yet(tmp_path: Path) -> None:
    path = tmp_path / "directory.db"
    path.touch()
    store = a_store(path)
    assert store.fingerprint() == "new"
    a_pool(store)
    assert store.fingerprint() != "new"


def test_reading_a_directory_changes_no_byte_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "directory.db"
    store = a_store(path)
    a_pool(store)
    store.close()
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    for read_only in (True, False):
        reader = a_store(path, read_only=read_only)
        assert len(reader.read(Scope("pool"))) == 1
        assert [file.name for file in tmp_path.iterdir()] == ["directory.db"]
        reader.close()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_the_file_and_its_folder_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "directory.db"
    old = os.umask(0)
    try:
        a_pool(a_store(path))
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_store_opened_for_reading_refuses_to_write(tmp_path: Path) -> None:
    path = tmp_path / "directory.db"
    with pytest.raises(Unavailable):
        a_pool(a_store(path, read_only=True))
    assert not path.exists()
    a_pool(a_store(path))
    reader = a_store(path, read_only=True)
    assert reader.capabilities.read_only
    with pytest.raises(Unavailable):
        a_user(reader, "ada")


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (
            lambda path: path.write_bytes(b"not a database, but long enough to be taken for one" * 100),
            "not a pool-as-code",
        ),
        (lambda path: _another_program(path), "another program"),
        (lambda path: path.mkdir(), "can not be opened"),
    ],
    ids=["bytes", "another program", "a folder"],
)
def test_what_is_no_directory_is_named_and_left_alone(tmp_path: Path, make: object, word: str) -> None:
    path = tmp_path / "directory.db"
    make(path)  # type: ignore[operator]
    before = path.read_bytes() if path.is_file() else b""
    for use in (lambda s: s.read(Scope("pool")), lambda s: a_pool(s), lambda s: s.fingerprint()):
        store = a_store(path)
        with pytest.raises(Unavailable) as refused:
            use(store)
        assert word in refused.value.message
        assert refused.value.hint
        store.close()
    assert (path.read_bytes() if path.is_file() else b"") == before


def _another_program(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()


def test_a_writer_that_waits_too_long_says_who_it_waits_for(tmp_path: Path) -> None:
    path = tmp_path / "directory.db"
    first, second = a_store(path), a_store(path)
    a_pool(first)
    assert isinstance(second.directory.db, SqliteDatabase)
    second.directory.db._busy_seconds = 0.05
    with first.transaction():
        a_user(first, "ada")
        with pytest.raises(Unavailable) as refused:
            a_user(second, "bob")
        assert second.count("user") == 0, "a reader sees what was committed while a writer is at work"
    assert "locked" in refused.value.message
    a_user(second, "bob")
    assert first.count("user") == 2


def test_no_clear_secret_is_in_the_file_or_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "directory.db"
    store = a_store(path)
    a_pool(store)
    secrets = {"password.initial": Secret("Byte-for-Byte-9"), "totp.secret": Secret("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")}
    spec = {"identifiers": [{"email": "a@b.c"}], "password": {}, "totp": {}, "invitation": {"send": "onCreate"}}
    store.create(Body("user", "ada", "customers", {}, spec, secrets))  # type: ignore[arg-type]
    from pool_as_code.directory import messages

    (message,) = messages.waiting(store.directory)
    contents = messages.contents_of(store.directory, message)
    assert contents is not None
    store.close()
    everything = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"ada" in everything
    for secret in (b"Byte-for-Byte-9", b"JBSWY3DPEHPK3PXP", b"Hello!\xde\xad\xbe\xef", contents.long.encode()):
        assert secret not in everything
    assert b'"' + contents.short.encode() + b'"' not in everything


# -- killed


def test_a_lease_of_a_process_that_is_gone_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "directory.db"
    _in_a_process(path, "store.ledger.acquire_lease(run, 3600); store.ledger.start_run(run); os.kill(os.getpid(), 9)")
    store = a_store(path)
    held = store.ledger.lease()
    assert held is not None
    assert (held.id, held.state) == ("first", "interrupted")
    store.ledger.acquire_lease(a_run("second"), 60)
    first = store.ledger.run("first")
    assert first is not None
    assert first.state == "interrupted"


def test_a_lease_of_a_living_process_holds(tmp_path: Path) -> None:
    path = tmp_path / "directory.db"
    a_store(path).ledger.acquire_lease(a_run("ours"), 3600)
    said = _in_a_process(path, "store.ledger.acquire_lease(run, 60)", signalled=False)
    assert "Unavailable" in said
    assert "ours" in said


def test_a_killed_transaction_leaves_nothing_and_the_next_reader_repairs_the_file(tmp_path: Path) -> None:
    path = tmp_path / "directory.db"
    store = a_store(path)
    a_pool(store)
    store.close()
    _in_a_process(
        path,
        """
        store.directory.db.execute("PRAGMA cache_size = 5")  # so that pages reach the file before the commit
        with store.transaction():
            for number in range(3000):
                store.create(Body("user", f"u{number}", "customers", {}, {"administrative": {"text": "x" * 200}}))
            os.kill(os.getpid(), 9)
        """,
    )
    assert (tmp_path / "directory.db-journal").exists()
    reader = a_store(path, read_only=True)
    assert reader.count("user") == 0
    assert reader.count("pool") == 1
    reader.close()
    writer = a_store(path)
    a_user(writer, "ada")
    assert writer.directory.db.value("PRAGMA integrity_check") == "ok"


def _in_a_process(path: Path, code: str, *, signalled: bool = True) -> str:
    body = textwrap.dedent(code)
    program = f"""
import os
from pathlib import Path
from pool_as_code.stores.base import Body
from pool_as_code.stores.sqlite import SqliteStore
from tests.stores.conformance_ledger import a_run
store = SqliteStore(Path({str(path)!r}))
run = a_run("first")
{body}
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=Path.cwd())
    assert (done.returncode == -signal.SIGKILL) is signalled, done.stderr
    return done.stderr


# -- bulk


def test_reading_takes_as_many_queries_for_a_thousand_users_as_for_one(tmp_path: Path) -> None:
    counted = []
    for size in (1, 1000):
        store = a_store(tmp_path / f"{size}.db")
        a_pool(store)
        a_group(store, "g")
        users = [
            Body("user", f"u{n}", "customers", {}, {"identifiers": [{"uid": f"n{n}"}], "groups": ["g"]})
            for n in range(size)
        ]
        store.create_many(users)
        statements: list[str] = []
        store.directory.db.trace(statements)
        wanted = Scope("user", frozenset({"customers"}), OURS, ids=frozenset(f"u{n}" for n in range(size)))
        assert len(store.read(wanted)) == size
        assert len(store.read(Scope("user", everything=True))) == size
        assert store.members("customers")["total"] == size
        store.directory.db.trace(None)
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 6


def test_creating_many_looks_nothing_up_for_each(tmp_path: Path) -> None:
    counted = []
    for size in (1, 500):
        store = a_store(tmp_path / f"{size}.db")
        a_pool(store)
        a_group(store, "g")
        statements: list[str] = []
        store.directory.db.trace(statements)
        store.create_many(
            [Body("user", f"u{n}", "customers", {}, {"groups": ["g"]}) for n in range(1, size + 2)],
            lambda index, made: OwnerRecord(OURS, Address("user", f"customers/{index}"), made.id),
        )
        store.directory.db.trace(None)
        counted.append(sum(1 for statement in statements if statement.lstrip().startswith("SELECT")))
    assert counted[0] == counted[1]


# -- urls


def test_three_slashes_are_below_the_root_and_four_are_absolute(tmp_path: Path) -> None:
    assert path_of("sqlite:///a/b.db", tmp_path) == tmp_path / "a" / "b.db"
    assert path_of("sqlite:////a/b.db", tmp_path) == Path("/a/b.db")
    assert path_of("sqlite:///with%20space.db", tmp_path) == tmp_path / "with space.db"


@pytest.mark.parametrize("url", ["sqlite:x.db", "sqlite://x.db", "sqlite:///", "sqlite:///folder/", "sqlite:///a%00b"])
def test_a_url_that_names_no_file_is_refused_with_an_example(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        path_of(url, tmp_path)
    assert "sqlite:///" in refused.value.hint
