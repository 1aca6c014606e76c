"""The database under the rooms: blocks that hold together, faults in our words, who wrote."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from pool_as_code.core.errors import Conflict, Unavailable
from pool_as_code.directory import pools, users
from pool_as_code.directory.database import ConstraintBroken, Database
from pool_as_code.directory.directory import Directory
from pool_as_code.directory.sqlite import SqliteDatabase
from pool_as_code.directory.starting import NewUser
from tests.directory.people import a_pool, a_user


def names(db: Database) -> list[str]:
    return [name for (name,) in db.rows("SELECT name FROM meta WHERE name LIKE 't%' ORDER BY name")]


def note(db: Database, name: str) -> None:
    db.execute("INSERT INTO meta (name, value) VALUES (?, '')", name)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_blocks_nest_and_an_error_undoes_its_own_block_only(directory: Directory, error: type[BaseException]) -> None:
    db = directory.db
    with db.atomic():
        note(db, "t1")
        with suppress(error), db.atomic():
            note(db, "t2")
            with db.atomic():
                note(db, "t3")
            raise error
        with db.atomic():
            note(db, "t4")
    assert names(db) == ["t1", "t4"]
    assert not db.in_transaction
    with suppress(error), db.atomic():
        note(db, "t5")
        raise error
    assert names(db) == ["t1", "t4"]


def test_a_broken_constraint_is_a_conflict_and_the_block_around_goes_on(directory: Directory) -> None:
    db = directory.db
    with db.atomic():
        note(db, "t1")
        with pytest.raises(ConstraintBroken) as refused, db.atomic():
            note(db, "t1")
        assert isinstance(refused.value, Conflict)
        note(db, "t2")
    assert names(db) == ["t1", "t2"]


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    directory = Directory(tmp_path / "directory.db", environ={})
    a_pool(directory)
    pages = directory.db.value("PRAGMA page_count")
    directory.db.execute(f"PRAGMA max_page_count = {pages + 4}")
    many = [NewUser(f"u{n}", "customers", {"administrative": {"text": "x" * 500}}) for n in range(100)]
    with pytest.raises(Unavailable) as refused:
        users.create_many(directory, many)
    assert "full" in refused.value.message
    assert directory.db.value("SELECT count(*) FROM users") == 0
    assert not directory.db.in_transaction
    directory.db.execute("PRAGMA max_page_count = 1000000")
    assert a_user(directory).id == "ada"


def test_two_connections_take_turns(tmp_path: Path) -> None:
    first, second = (Directory(tmp_path / "directory.db", environ={}) for _ in range(2))
    a_pool(first)
    for number in range(20):
        a_user((first, second)[number % 2], f"u{number}", identifiers=[{"uid": f"n{number}"}])
    assert first.db.value("SELECT count(*) FROM users") == second.db.value("SELECT count(*) FROM users") == 20
    with pytest.raises(Conflict):
        a_user(second, "x", identifiers=[{"uid": "n0"}])
    pools.delete(second, "customers")
    assert first.db.value("SELECT count(*) FROM users") == 0


def test_two_processes_that_make_the_file_at_once_make_one_directory(tmp_path: Path) -> None:
    path = tmp_path / "directory.db"
    first, second = (Directory(path, environ={}) for _ in range(2))
    assert first.db.rows("SELECT id FROM pools") == second.db.rows("SELECT id FROM pools") == []
    a_pool(first, "one")
    a_pool(second, "two")
    prints = {d.db.value("SELECT value FROM meta WHERE name = 'fingerprint'") for d in (first, second)}
    assert len(prints) == 1
    assert pools.visible_to(first, None) == ["one", "two"]


def test_what_is_written_in_a_run_marks_the_run_and_else_the_directory(tmp_path: Path) -> None:
    db = SqliteDatabase(tmp_path / "directory.db")
    touched = "SELECT count(*) FROM meta WHERE name = 'touched'"
    db.run_id = "a run"
    with db.change():
        pass
    assert db.value(touched) == 0
    db.run_id = ""
    with suppress(ZeroDivisionError), db.change():
        raise ZeroDivisionError
    assert db.value(touched) == 0
    with db.change():
        pass
    assert db.value(touched) == 1


def test_who_read_before_there_was_a_file_sees_it_once_somebody_has_made_it(tmp_path: Path) -> None:
    path = tmp_path / "directory.db"
    reader, writer = SqliteDatabase(path), SqliteDatabase(path)
    assert names(reader) == []
    with writer.atomic():
        note(writer, "t1")
    assert names(reader) == ["t1"]
    with writer.atomic():
        note(writer, "t2")
    assert names(reader) == ["t1", "t2"]
    reader.close()
    writer.close()
