"""The store in PostgreSQL keeps the contract, and does with its server what it says: nothing while planning, one writer at a
time, readers that never wait, no password in any message."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from pool_as_code.core.errors import Conflict, InvalidInput, PoolAsCodeError, Rejected, Unauthorised, Unavailable
from pool_as_code.core.secrets import Secret
from pool_as_code.core.values import JsonMap
from pool_as_code.directory import migrations, postgres_schema
from pool_as_code.directory.hashing import TEST_PARAMETERS
from pool_as_code.directory.postgres import PostgresDatabase
from pool_as_code.directory.tables import TABLES
from pool_as_code.directory.vault import KEY_VARIABLE
from pool_as_code.stores.base import Body, Scope, Store
from pool_as_code.stores.postgres import PostgresStore, parameters_of
from tests.postgres import a_schema, connected
from tests.stores.conformance import OURS, StoreConformance, a_group, a_pool, a_user, handle, ids, write
from tests.stores.conformance_ledger import Clock, a_run

KEY = {KEY_VARIABLE: b64encode(bytes(32)).decode()}


def a_store(url: str, *, read_only: bool = False, environ: Mapping[str, str] = KEY) -> PostgresStore:
    return PostgresStore(url, read_only=read_only, hash_parameters=TEST_PARAMETERS, environ=environ)


def database_of(store: PostgresStore) -> PostgresDatabase:
    assert isinstance(store.directory.db, PostgresDatabase)
    return store.directory.db


def schema_of(url: str) -> str:
    return url.rpartition("schema=")[2]


class TestPostgresStore(StoreConformance):
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def store(self, postgres_url: str, clock: Clock) -> Iterator[Store]:
        store = PostgresStore(postgres_url, hash_parameters=TEST_PARAMETERS, clock=clock, environ=KEY)
        yield store
        store.close()

    def test_a_second_connection_sees_what_the_first_has_written(self, store: Store, postgres_url: str) -> None:
        a_pool(store)
        other = a_store(postgres_url)
        assert other.fingerprint() == store.fingerprint()
        a_user(other, "ada")
        assert store.count("user") == 1
        other.close()


@pytest.fixture
def store(postgres_url: str) -> Iterator[PostgresStore]:
    with_pool = a_store(postgres_url)
    a_pool(with_pool)
    yield with_pool
    with_pool.close()


@pytest.fixture
def other(postgres_url: str) -> Iterator[PostgresStore]:
    """A second connection to the directory of `store`."""
    second = a_store(postgres_url)
    yield second
    second.close()


# -- the schema


def everything_there(server: str) -> list[object]:
    """What the server's catalogues hold of objects and their sizes."""
    with connected(server) as link:
        sql = "SELECT oid, relname, relfilenode, relpages, reltuples FROM pg_class ORDER BY oid"
        schemas = "SELECT oid, nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' ORDER BY oid"
        return [*link.execute(sql).fetchall(), *link.execute(schemas).fetchall()]


@pytest.mark.parametrize("read_only", [True, False])
def test_reading_makes_nothing(postgres_url: str, read_only: bool) -> None:
    with connected(postgres_url) as link:
        link.execute("CHECKPOINT")
    before = everything_there(postgres_url)
    blank = a_store(postgres_url, read_only=read_only)
    assert blank.fingerprint() == "new"
    assert ids(blank.read(Scope("schema"))) == ["default_metadata", "default_payload"]
    assert blank.read(Scope("user", ids=frozenset({"u"}), owner=OURS)) == []
    assert blank.members("nowhere")["total"] == 0
    assert blank.ledger.lease() is None
    blank.close()
    assert everything_there(postgres_url) == before


def test_reading_needs_no_right_to_write(store: PostgresStore, postgres_url: str, postgres_server: str) -> None:
    schema = schema_of(postgres_url)
    with connected(postgres_server) as link:
        link.execute(f"CREATE ROLE reader_{schema} LOGIN".encode())
        link.execute(f"GRANT USAGE ON SCHEMA {schema} TO reader_{schema}".encode())
        link.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO reader_{schema}".encode())
    reader = a_store(postgres_url.replace("postgres:@", f"reader_{schema}@"))
    assert ids(reader.read(Scope("pool"))) == ["customers"]
    with pytest.raises(Unauthorised) as refused:
        a_user(reader, "ada")
    assert "GRANT" in refused.value.hint
    reader.close()


def test_a_store_opened_for_reading_refuses_to_write_here_and_at_the_server(
    store: PostgresStore, postgres_url: str
) -> None:
    reader = a_store(postgres_url, read_only=True)
    assert reader.capabilities.read_only
    with pytest.raises(Unavailable):
        a_user(reader, "ada")
    with pytest.raises(Unavailable) as refused:
        reader.directory.db.rows("DELETE FROM pools RETURNING id")
    assert "only reads" in refused.value.message
    reader.close()


def test_another_programs_tables_are_left_alone(postgres_url: str) -> None:
    schema = schema_of(postgres_url)
    with connected(postgres_url) as link:
        link.execute(f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.bookmarks (url text)".encode())
        for use in (lambda s: s.read(Scope("pool")), a_pool, lambda s: s.fingerprint()):
            foreign = a_store(postgres_url)
            with pytest.raises(Unavailable) as refused:
                use(foreign)
            assert "another program" in refused.value.message
            assert "schema=" in refused.value.hint
            foreign.close()
        found = link.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)).fetchall()
    assert found == [("bookmarks",)]


def test_a_schema_that_somebody_made_beforehand_is_used(postgres_url: str) -> None:
    with connected(postgres_url) as link:
        link.execute(f"CREATE SCHEMA {schema_of(postgres_url)}".encode())
    made = a_store(postgres_url)
    assert made.fingerprint() == "new"
    a_pool(made)
    assert made.count("pool") == 1
    made.close()


def test_a_newer_directory_is_refused_with_the_next_step(store: PostgresStore, other: PostgresStore) -> None:
    store.directory.db.execute("UPDATE meta SET value = '99' WHERE name = 'schema_version'")
    with pytest.raises(Unavailable) as refused:
        other.read(Scope("pool"))
    assert "newer pool-as-code" in refused.value.message
    assert "upgrade" in refused.value.hint


def test_an_older_directory_is_brought_up_in_one_transaction_where_writing_is_meant(
    store: PostgresStore, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_way(link: postgres_schema.Link) -> None:
        link.execute("ALTER TABLE pools ADD COLUMN colour TEXT")
        if len(monkeypatch_steps) == 1:
            raise ZeroDivisionError

    monkeypatch_steps = [1]
    monkeypatch.setattr(migrations, "VERSION", 3)
    monkeypatch.setitem(postgres_schema.STEPS, 2, half_way)
    reader, writer = a_store(postgres_url, read_only=True), a_store(postgres_url)
    with pytest.raises(Unavailable) as refused:
        reader.read(Scope("pool"))
    assert "older" in refused.value.message
    with pytest.raises(ZeroDivisionError):
        writer.read(Scope("pool"))
    monkeypatch_steps.append(2)
    assert ids(writer.read(Scope("pool"))) == ["customers"]
    assert ids(reader.read(Scope("pool"))) == ["customers"]
    assert writer.directory.db.value("SELECT colour FROM pools") is None
    for one in (reader, writer):
        one.close()


def test_every_version_since_the_first_has_a_step_to_the_next() -> None:
    assert sorted(postgres_schema.STEPS) == list(range(postgres_schema.FIRST_VERSION, migrations.VERSION))


def test_the_tables_are_those_of_a_file(store: PostgresStore) -> None:
    found = store.directory.db.rows(
        "SELECT table_name, column_name, data_type, is_nullable, collation_name FROM information_schema.columns"
        " WHERE table_schema = ?",
        database_of(store).schema,
    )
    types = {"text": ("text", "C"), "integer": ("bigint", None)}
    assert sorted(found) == sorted(
        (table.name, column.name, types[column.type][0], "YES" if column.null else "NO", types[column.type][1])
        for table in TABLES
        for column in table.columns
    )


# -- several at once


def test_one_writes_at_a_time_and_readers_never_wait(store: PostgresStore, other: PostgresStore) -> None:
    database_of(other)._busy_seconds = 0.05
    with store.transaction():
        a_user(store, "ada")
        with pytest.raises(Unavailable) as refused:
            a_user(other, "bob")
        assert other.count("user") == 0, "a reader sees what was committed while a writer is at work"
        assert list(other.directory.db.each("SELECT id FROM users")) == []
    assert "locked" in refused.value.message
    assert refused.value.retry_after
    a_user(other, "bob")
    assert store.count("user") == 2


def test_writers_of_different_schemas_do_not_meet(store: PostgresStore, postgres_server: str) -> None:
    elsewhere = a_store(a_schema(postgres_server))
    database_of(elsewhere)._busy_seconds = 0.05
    with store.transaction():
        a_user(store, "ada")
        a_pool(elsewhere)
    assert elsewhere.count("user") == 0
    elsewhere.close()


def test_many_threads_that_make_the_directory_and_write_at_once_lose_nothing(postgres_url: str) -> None:
    failed: list[BaseException] = []

    def write(number: int) -> None:
        mine = a_store(postgres_url)
        try:
            a_pool(mine, f"pool{number}")
            for n in range(5):
                a_user(mine, f"u{number}-{n}", {"identifiers": [{"uid": f"n{n}"}]}, f"pool{number}")
        except BaseException as error:
            failed.append(error)
        finally:
            mine.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    reader = a_store(postgres_url)
    assert (reader.count("pool"), reader.count("user")) == (4, 20)
    reader.close()


def test_of_two_who_create_the_same_user_at_once_one_is_told(store: PostgresStore, postgres_url: str) -> None:
    told: list[str] = []

    def create() -> None:
        mine = a_store(postgres_url)
        try:
            a_user(mine, "ada", {"identifiers": [{"uid": "ada"}]})
            told.append("made")
        except Conflict:
            told.append("taken")
        finally:
            mine.close()

    threads = [threading.Thread(target=create) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["made", "taken", "taken"]


def test_a_moved_revision_is_seen_across_connections(store: PostgresStore, other: PostgresStore) -> None:
    (pool,) = store.read(Scope("pool"))
    other.update(handle(pool), [write(("spec", "description"), "theirs")])
    with pytest.raises(Conflict):
        store.update(handle(pool), [write(("spec", "description"), "ours")])


def test_a_lease_of_a_process_that_is_gone_is_taken_over_at_once(store: PostgresStore, postgres_url: str) -> None:
    said = in_a_process(
        postgres_url, "store.ledger.acquire_lease(run, 3600); store.ledger.start_run(run); os.kill(os.getpid(), 9)"
    )
    assert said == ""
    held = store.ledger.lease()
    assert held is not None
    store.directory.db.execute("UPDATE lease SET host = 'another host'")
    wait_until_gone(store, "first")
    store.ledger.acquire_lease(a_run("second"), 60)
    first = store.ledger.run("first")
    assert first is not None
    assert first.state == "interrupted"


def test_a_lease_of_a_living_process_holds_wherever_it_runs(store: PostgresStore, other: PostgresStore) -> None:
    store.ledger.acquire_lease(a_run("ours"), 3600)
    store.directory.db.execute("UPDATE lease SET host = 'another host', pid = 1")
    with pytest.raises(Unavailable) as refused:
        other.ledger.acquire_lease(a_run("theirs"), 60)
    assert "ours" in refused.value.message
    store.ledger.release_lease("ours")
    other.ledger.acquire_lease(a_run("theirs"), 60)
    other.ledger.release_lease("theirs")


def wait_until_gone(store: PostgresStore, run_id: str) -> None:
    """A server notices within moments that a client was killed."""
    pause = threading.Event()
    for _ in range(200):
        if not store.directory.db.lease_is_held(run_id):
            return
        pause.wait(0.05)
    raise AssertionError("the lock of a killed process is still held")


def in_a_process(url: str, code: str) -> str:
    program = f"""
import os
from pool_as_code.stores.base import Body
from pool_as_code.stores.postgres import PostgresStore
from tests.stores.conformance_ledger import a_run
store = PostgresStore({url!r})
run = a_run("first")
{textwrap.dedent(code)}
"""
    root = Path(__file__).parents[2]
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=root).stderr


# -- what goes wrong


def test_an_error_inside_spoils_its_own_block_only(store: PostgresStore) -> None:
    with store.transaction():
        a_group(store, "g")
        with pytest.raises(Conflict):
            a_group(store, "g")
        a_user(store, "ada", {"groups": ["g"]})
    assert (store.count("group"), store.count("user")) == (1, 1)


def test_an_error_that_was_swallowed_is_no_commit(store: PostgresStore) -> None:
    db = store.directory.db

    def swallow() -> None:
        with db.atomic():
            db.execute("INSERT INTO meta (name, value) VALUES ('a', '')")
            with suppress(Conflict):
                db.execute("INSERT INTO meta (name, value) VALUES ('a', '')")

    with pytest.raises(Unavailable):
        swallow()
    assert db.value("SELECT count(*) FROM meta WHERE name = 'a'") == 0


def end_connections(url: str) -> None:
    with connected(url) as link:
        sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s AND pid <> pg_backend_pid()"
        link.execute(sql, ("pool-as-code",))


def test_a_connection_lost_inside_says_that_nothing_stands_and_the_next_block_has_a_new_one(
    store: PostgresStore, postgres_url: str
) -> None:
    def lose() -> None:
        with store.transaction():
            a_user(store, "ada")
            end_connections(postgres_url)
            a_user(store, "bob")

    with pytest.raises(Unavailable) as lost:
        lose()
    assert lost.value.exit_code == 3
    a_user(store, "bob")
    assert ids(store.read(Scope("user", everything=True))) == ["bob"]


def test_a_connection_lost_at_the_commit_says_that_nobody_knows(store: PostgresStore, postgres_url: str) -> None:
    def lose() -> None:
        with store.transaction():
            a_user(store, "ada")
            end_connections(postgres_url)

    with pytest.raises(Unavailable):
        lose()
    assert store.count("user") == 0


def test_a_nul_is_kept_inside_of_settings_and_refused_where_it_can_not_be(store: PostgresStore) -> None:
    made = a_user(store, "ada", {"profile": {"first_name": "a\0b"}, "administrative": {"x": "\\u0000"}})
    assert made.spec["profile"] == {"first_name": "a\0b"}
    assert store.members("customers")["total"] == 1
    with pytest.raises(Rejected) as refused:
        store.create(Body("group", "g", "customers", {}, {"displayName": "a\0b"}))
    assert "NUL" in refused.value.message
    assert store.verify_password("customers", "x", identifier="a\0b").result == "user_not_found"
    assert store.read(Scope("user", ids=frozenset({"a\0b"}))) == []
    assert not store.exists("user", "a\0b")
    with pytest.raises(Rejected):
        store.create(
            Body("group", "g", "customers", {}, {"displayName": "".join(chr(0x4E00 + n) for n in range(9000))})
        )


def test_only_what_needs_the_key_asks_for_it_and_says_how_to_make_one(postgres_url: str) -> None:
    without = a_store(postgres_url, environ={})
    a_pool(without)
    spec = {"status": "active", "identifiers": [{"uid": "ada"}], "password": {}}
    without.create(Body("user", "ada", "customers", {}, spec, {"password.initial": Secret("Long-Enough-1")}))  # type: ignore[arg-type]
    assert without.verify_password("customers", "Long-Enough-1", identifier="ada").passed
    body = Body("user", "bob", "customers", {}, {"totp": {}}, {"totp.secret": Secret("JBSWY3DPEHPK3PXP")})
    with pytest.raises(Unavailable) as refused:
        without.prepare([body], {})
    assert KEY_VARIABLE in refused.value.message
    assert f"export {KEY_VARIABLE}=$(python -c " in refused.value.hint
    without.close()


@pytest.mark.parametrize(
    ("url", "error", "word"),
    [
        ("postgresql://ada:hunter2@127.0.0.1:1/pac", Unavailable, "can not be reached"),
        ("postgresql://ada:hunter2@localhost/pac?host=/nowhere", Unavailable, "can not be reached"),
    ],
)
def test_a_server_that_is_not_there_is_told_without_the_password(
    url: str, error: type[PoolAsCodeError], word: str
) -> None:
    missing = a_store(url)
    with pytest.raises(error) as refused:
        missing.fingerprint()
    said = f"{refused.value.message} {refused.value.hint} {refused.value.__cause__}"
    assert word in refused.value.message
    assert refused.value.exit_code == 3
    assert "hunter2" not in said


def test_an_unknown_database_and_an_unknown_role_are_told(postgres_server: str) -> None:
    nowhere = a_store(postgres_server.replace("/postgres?", "/nowhere?"))
    with pytest.raises(Unavailable) as missing:
        nowhere.fingerprint()
    assert "no such database" in missing.value.message
    nobody = a_store(postgres_server.replace("postgres:@", "nobody:hunter2@"))
    with pytest.raises(Unauthorised) as refused:
        nobody.fingerprint()
    assert "hunter2" not in f"{refused.value.message} {refused.value.__cause__}"


# -- bulk


def test_reading_takes_as_many_statements_for_a_thousand_users_as_for_one(store: PostgresStore) -> None:
    counted = []
    for size in (1, 1000):
        statements: list[str] = []
        store.create_many([Body("user", f"{size}-{n}", "customers", {}, {}) for n in range(size)])
        store.directory.db.trace(statements)
        wanted = Scope("user", frozenset({"customers"}), OURS, ids=frozenset(f"{size}-{n}" for n in range(size)))
        assert len(store.read(wanted)) == size
        assert store.members("customers")["total"] == (1 if size == 1 else 1001)
        store.directory.db.trace(None)
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 10


def test_rows_can_be_asked_for_while_others_are_read_and_a_reader_may_stop(store: PostgresStore) -> None:
    db = store.directory.db
    store.create_many([Body("user", f"u{n:04d}", "customers", {}, {}) for n in range(4500)])
    seen = 0
    for (id,) in db.each("SELECT id FROM users ORDER BY id"):
        seen += db.value("SELECT count(*) FROM users WHERE id = ?", id) if seen % 500 == 0 else 1
    assert seen == 4500
    for inside in (False, True):
        reading = db.each("SELECT id FROM users ORDER BY id")
        if inside:
            with db.atomic():
                assert next(reading) == ("u0000",)
        else:
            assert next(reading) == ("u0000",)
            reading.close()  # type: ignore[attr-defined]
    del reading
    assert db.value("SELECT count(*) FROM pg_cursors WHERE is_holdable") == 0
    assert store.count("user") == 4500


def test_many_rows_are_copied_and_one_that_is_taken_among_them_is_found(store: PostgresStore) -> None:
    a_user(store, "old", {"identifiers": [{"uid": "n777"}]})
    statements: list[str] = []
    store.directory.db.trace(statements)
    bodies = [Body("user", f"u{n}", "customers", {}, {"identifiers": [{"uid": f"n{n}"}]}) for n in range(1000)]
    outcomes = store.create_many(bodies)
    store.directory.db.trace(None)
    assert [n for n, outcome in enumerate(outcomes) if outcome.error] == [777]
    assert isinstance(outcomes[777].error, Conflict)
    assert store.count("user") == 1000
    assert len(statements) < 600, "far from one for each"


def test_who_is_checked_while_others_are_written_is_not_blamed_for_them(store: PostgresStore) -> None:
    store.create(Body("schema", "own", "", {}, {}))
    a_user(store, "old", {"identifiers": [{"uid": "n3"}]})

    def body(number: int) -> Body:
        spec: JsonMap = {"identifiers": [{"uid": f"n{number}"}], "schemas": {"profile": "own"}}  # looked up for each
        return Body("user", f"u{number}", "customers", {}, spec)

    outcomes = store.create_many([body(number) for number in range(1300)])
    assert [n for n, outcome in enumerate(outcomes) if outcome.error] == [3]
    assert store.count("user") == 1300


# -- urls


def test_the_url_names_the_schema_and_libpq_does_not_see_it() -> None:
    schema, parameters = parameters_of("postgresql://ada@db.example:5433/shop?schema=shop_dev&connect_timeout=3", {})
    assert schema == "shop_dev"
    assert parameters == {
        "user": "ada",
        "host": "db.example",
        "port": "5433",
        "dbname": "shop",
        "connect_timeout": "3",
        "application_name": "pool-as-code",
        "sslmode": "require",
        "client_encoding": "UTF8",
    }
    assert parameters_of("postgres://localhost/shop", {})[0] == "pool_as_code"


@pytest.mark.parametrize(
    ("url", "environ", "sslmode"),
    [
        ("postgresql://db.example/pac", {}, "require"),
        ("postgresql://db.example/pac?sslmode=verify-full", {}, "verify-full"),
        ("postgresql://db.example/pac", {"PGSSLMODE": "verify-ca"}, None),
        ("postgresql://127.0.0.1/pac", {}, None),
        ("postgresql:///pac?host=/run/postgresql", {}, None),
    ],
)
def test_a_connection_over_the_network_is_encrypted_unless_somebody_says_otherwise(
    url: str, environ: dict[str, str], sslmode: str | None
) -> None:
    assert parameters_of(url, environ)[1].get("sslmode") == sslmode


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("postgresql://ada:hunter2@db.example/pac?schema=Robert');DROP", "schema=shop_dev"),
        ("postgresql://db.example/pac?schema=A", "schema=shop_dev"),
        ("postgresql://db.example/pac?schema=pg_catalog", "schema=shop_dev"),
        ("postgresql://db.example/pac?schema=a&schema=b", "schema=shop_dev"),
        ("postgresql://db.example/pac?options=-csearch_path%3Dx", "leave it out"),
        ("postgresql://db.example/pac?passfile=/etc/passwd", "leave it out"),
        ("postgresql://db.example/pac?service=other", "postgresql://HOST"),
        ("postgresql://db.example/pac?shema=a", "did you mean schema"),
        ("postgresql://db.example/pac?application_name", "postgresql://HOST"),
        ("postgresql://ev%69l.example/pac", "postgresql://HOST"),
    ],
)
def test_a_url_that_says_what_it_must_not_is_refused_without_its_password(url: str, word: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parameters_of(url, {})
    assert word in refused.value.hint
    assert "hunter2" not in refused.value.message + refused.value.hint


def test_without_the_driver_the_next_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InvalidInput) as refused:
        parameters_of("postgresql://localhost/pac", {})
    assert "pip install 'pool-as-code[postgres]'" in refused.value.hint
