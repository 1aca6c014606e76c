"""Files of earlier versions are read as they are and brought up by the first write; newer ones are refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from pool_as_code.core.errors import Unavailable
from pool_as_code.directory import migrations
from pool_as_code.directory.tables import OF_A_USER, TABLES, sqlite_ddl
from pool_as_code.resources.live import Owner
from pool_as_code.stores.base import Body, IdentifierKey, Scope
from pool_as_code.stores.sqlite import SqliteStore

VERSION_1 = Path(__file__).with_name("version_1.sql").read_text("utf-8")
THEN = "2026-01-01T00:00:00Z"
USER = (
    '{"metadata":{},"spec":{"addresses":[{"email":"ada@example.com","verified":true}],"groups":["g"],'
    '"identifiers":[{"uid":"ada"}],"status":"active","userType":"standard"}}'
)


def a_file_of_version_1(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_1)
    for sql, row in (
        ("INSERT INTO meta VALUES (?, ?)", ("schema_version", "1")),
        ("INSERT INTO meta VALUES (?, ?)", ("fingerprint", "f-1")),
        ("INSERT INTO pools VALUES (?, NULL, ?, 3, ?, ?)", ("customers", '{"metadata":{},"spec":{}}', THEN, THEN)),
        ("INSERT INTO user_groups VALUES (?, ?, NULL, ?, ?, 1, ?, ?)", ("g", "customers", "g", "{}", THEN, THEN)),
        ("INSERT INTO users VALUES (?, ?, ?, 7, ?, ?)", ("u", "customers", USER, THEN, THEN)),
        ("INSERT INTO user_identifiers VALUES (?, ?, ?)", ("customers", "ada", "u")),
        ("INSERT INTO verified_addresses VALUES (?, ?, ?)", ("customers", "ada@example.com", "u")),
        ("INSERT INTO group_members VALUES (?, ?)", ("g", "u")),
        (
            "INSERT INTO ownership VALUES (?, ?, ?, ?, ?, 1, 0, 0, ?, ?)",
            ("user", "u", "p", "default", "customers/ada", "settled", '{"status":"d"}'),
        ),
        (
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ("r", "p", "default", "digest-1", "applied", THEN, THEN, "", "{}"),
        ),
    ):
        connection.execute(sql, row)
    connection.commit()
    connection.close()


def as_seen(store: SqliteStore) -> tuple[object, ...]:
    (user,) = store.read(Scope("user", identifiers=frozenset({IdentifierKey("customers", "ada")})))
    assert user.owner is not None
    return (
        store.fingerprint(),
        user.raw,
        user.revision,
        user.owner.address,
        user.owner.fields,
        user.owner.protect,
        set(store.ledger.records(Owner("p", "default"))),
        [run.id for run in store.ledger.history()],
        store.written_only_by("digest-1"),
        store.written_only_by("digest-2"),
    )


def test_planning_against_an_old_file_leaves_it_as_it_is_and_applying_brings_it_up(tmp_path: Path) -> None:
    path = tmp_path / "directory.db"
    a_file_of_version_1(path)
    before = path.read_bytes()
    reader = SqliteStore(path, read_only=True)
    seen = as_seen(reader)
    assert seen[:3] == ("f-1", USER.encode(), "7")
    assert seen[-2:] == (True, False)
    reader.close()
    assert path.read_bytes() == before

    writer = SqliteStore(path)
    assert as_seen(writer) == seen
    writer.create(Body("group", "h", "customers", {}, {}))
    assert writer.directory.db.value("SELECT value FROM meta WHERE name = 'schema_version'") == str(migrations.VERSION)
    assert as_seen(writer)[:8] == seen[:8]
    assert writer.directory.db.rows("PRAGMA foreign_key_check") == []
    assert writer.directory.db.rows("SELECT * FROM group_members") == [("g", "u")]


def test_a_file_that_was_brought_up_has_the_tables_of_a_new_one() -> None:
    new, old = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
    migrations.bring_up(new)
    old.executescript(VERSION_1)
    old.execute("INSERT INTO meta VALUES ('schema_version', '1')")
    migrations.bring_up(old)
    assert layout(old) == layout(new)


def layout(connection: sqlite3.Connection) -> dict[str, object]:
    """Every table's columns, indexes and references; not the order of columns, nor the default of a late one."""
    found: dict[str, object] = {}
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        columns = {
            (name, type, null, key) for _, name, type, null, _, key in connection.execute(f"PRAGMA table_info({table})")
        }
        indexes = {
            (unique, origin, tuple(row[2] for row in connection.execute(f"PRAGMA index_info({index})")))
            for _, index, unique, origin, _ in connection.execute(f"PRAGMA index_list({table})")
        }
        foreign = {row[2:5] for row in connection.execute(f"PRAGMA foreign_key_list({table})")}
        found[table] = (columns, indexes, foreign)
    return found


def test_every_version_has_a_step_to_the_next() -> None:
    assert sorted(migrations.STEPS) == list(range(1, migrations.VERSION))


def test_a_newer_file_is_refused_with_the_next_step_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "directory.db"
    store = SqliteStore(path)
    store.create(Body("pool", "customers", "", {}, {}))
    store.directory.db.execute("UPDATE meta SET value = '99' WHERE name = 'schema_version'")
    store.close()
    before = path.read_bytes()
    for read_only in (True, False):
        newer = SqliteStore(path, read_only=read_only)
        with pytest.raises(Unavailable) as refused:
            newer.read(Scope("pool"))
        assert "newer pool-as-code" in refused.value.message
        assert "upgrade" in refused.value.hint
    with pytest.raises(Unavailable):
        SqliteStore(path).create(Body("pool", "x", "", {}, {}))
    assert path.read_bytes() == before


def test_a_migration_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "directory.db"
    a_file_of_version_1(path)

    def half_way(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE group_members")
        raise ZeroDivisionError

    monkeypatch.setitem(migrations.STEPS, 1, half_way)
    with pytest.raises(ZeroDivisionError):
        SqliteStore(path).create(Body("group", "h", "customers", {}, {}))
    monkeypatch.undo()
    assert as_seen(SqliteStore(path))[0] == "f-1"


def test_tables_name_columns_that_are_there_and_refer_to_tables_that_are_there() -> None:
    names = [table.name for table in TABLES]
    assert len(names) == len(set(names))
    for place, table in enumerate(TABLES):
        columns = {column.name for column in table.columns}
        assert {*table.key, *(c for group in (*table.unique, *table.indexes) for c in group)} <= columns
        for column in table.columns:
            assert not column.references or column.references in names[: place + 1], "referred to before it is made"
        assert sqlite_ddl(table)[0].startswith(f"CREATE TABLE {table.name} (")
    assert {"credentials", "password_history", "codes", "messages", "user_schemas"} == set(OF_A_USER)
