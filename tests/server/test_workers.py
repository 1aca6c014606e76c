"""Brief reads are done by the event loop itself, and never keep it waiting."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from pool_as_code.core.errors import Unavailable
from pool_as_code.directory import pools
from pool_as_code.directory.directory import Directory
from pool_as_code.server.workers import Workers
from tests.server.site import Asked


def where(directory: Directory) -> tuple[str, bool]:
    """In which thread a read is done, and that it can be done."""
    return threading.current_thread().name, directory.db.value("SELECT count(*) FROM pools") is not None


def ask(workers: Workers, *brief: bool) -> list[str]:
    async def all_of_them() -> list[str]:
        try:
            return [(await workers.run(where, brief=one))[0] for one in brief]
        finally:
            workers.close()

    return asyncio.run(all_of_them())


def test_a_brief_read_is_done_here_and_now_once_the_directory_is_known(tmp_path: Path) -> None:
    here = threading.current_thread().name
    first, second, third = ask(Workers(lambda: Directory(tmp_path / "d.db"), 2), True, True, False)
    assert first.startswith("directory_")  # it might have made the file
    assert second == here
    assert third.startswith("directory_")


def test_a_directory_in_memory_is_of_its_worker_alone() -> None:
    assert all(name.startswith("directory_") for name in ask(Workers(Directory, 1), True, True))


def test_what_would_wait_for_a_writer_is_done_by_a_thread_and_the_loop_goes_on(tmp_path: Path) -> None:
    database = tmp_path / "d.db"
    with Asked(database=database) as site:
        site.inside(lambda d: pools.create(d, "customers", {}, {"displayName": "Customers"}))
        assert site.ask("GET", "/pools/customers").status_code == 200
        writer = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        writer.execute("BEGIN EXCLUSIVE")
        statuses: list[int] = []
        waiting = threading.Thread(target=lambda: statuses.append(site.ask("GET", "/pools/customers").status_code))
        waiting.start()
        for _ in range(5):  # the loop answers others meanwhile
            assert site.http.get("/nothing").status_code == 404
        assert statuses == []
        writer.execute("ROLLBACK")
        writer.close()
        waiting.join(30)
        assert statuses == [200]


def test_a_brief_read_sees_what_was_just_written(tmp_path: Path) -> None:
    with Asked(database=tmp_path / "d.db") as site:
        for number in range(5):
            assert site.ask("POST", "/pools", {"id": f"p{number}", "name": "P"}).status_code == 201
            assert site.ask("GET", f"/pools/p{number}").status_code == 200
            assert site.ask("PUT", f"/pools/p{number}", {"name": f"N{number}"}).status_code == 200
            assert site.ask("GET", f"/pools/p{number}").json()["name"] == f"N{number}"
            assert site.ask("DELETE", f"/pools/p{number}").status_code == 204
            assert site.ask("GET", f"/pools/p{number}").status_code == 404


def test_a_database_that_answers_at_once_raises_where_it_would_wait(tmp_path: Path) -> None:
    directory = Directory(tmp_path / "d.db")
    with directory.db.atomic():
        pass
    assert directory.db.answer_at_once()
    writer = sqlite3.connect(tmp_path / "d.db", isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unavailable), directory.db.as_one():
        directory.db.value("SELECT count(*) FROM pools")
    writer.execute("ROLLBACK")
    writer.close()
    with directory.db.as_one(), directory.db.as_one():
        assert directory.db.value("SELECT count(*) FROM pools") == 0
    directory.close()
