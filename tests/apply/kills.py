"""Kills an apply of 200 mixed changes with SIGKILL before its n-th write, runs it again, and compares the end with that of
an apply nobody disturbed. A program of its own, so that it can fork: `python -m tests.apply.kills MODE RESUME [EVERY] [DATABASE]`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from pool_as_code.app.planning import read_plan, save_plan
from pool_as_code.app.session import DEFAULT_STORE
from pool_as_code.directory.database import Database
from pool_as_code.directory.postgres import PostgresDatabase
from pool_as_code.directory.sqlite import SqliteDatabase
from pool_as_code.stores.registry import BUILT_IN, open_store
from pool_as_code.stores.sql import SqlStore
from tests.house import House, document
from tests.postgres import a_database, a_server

API = "pool-as-code/v1"
OPTIONS: dict[str, Any] = {"prune": True, "max_deletes": {"user": 60, "group": 5, "schema": 1}}


def user(number: int, **spec: Any) -> dict[str, Any]:
    identifiers = [{"email": f"user{number}@example.com"}, {"uid": f"user{number}"}]
    return document("User", {"name": f"u{number}", "pool": "customers"}, **{"identifiers": identifiers, **spec})


def before() -> list[dict[str, Any]]:
    found = [
        document("Schema", {"name": "old"}, schema={"type": "object"}),
        document("Schema", {"name": "profile"}, schema={"type": "object"}),
        document(
            "IdentityPool", {"name": "customers"}, passwordPolicy={"minLength": 8}, schemas={"profile": "profile"}
        ),
    ]
    found += [document("Group", {"name": f"g{n}", "pool": "customers"}, displayName=f"Group {n}") for n in range(12)]
    found += [user(n, status="active", groups=[f"g{n % 10}"], administrative={"n": n}) for n in range(100)]
    return found


def after() -> list[dict[str, Any]]:
    found = [
        document("Schema", {"name": "profile"}, schema={"type": "object", "properties": {"name": {"type": "string"}}}),
        document("Schema", {"name": "fresh"}, schema={"type": "object"}),
        document(
            "IdentityPool",
            {"name": "customers"},
            passwordPolicy={"minLength": 12},
            schemas={"profile": "profile", "delegated": "fresh"},
            signIn={"identifiersIgnoreCase": True},
        ),
        document("Group", {"name": "renamed", "pool": "customers", "previousNames": ["g1"]}, displayName="Renamed"),
        document("Group", {"name": "new", "pool": "customers", "parent": "g0"}, displayName="New"),
        document(
            "Group", {"name": "adopted", "pool": "customers", "adopt": True, "id": "made-by-hand"}, description="Ours"
        ),
    ]
    found += [
        document("Group", {"name": f"g{n}", "pool": "customers"}, displayName=f"Group {n}")
        for n in range(10)
        if n not in (1, 3)
    ]
    found += [document("Group", {"name": "g3", "pool": "customers", "state": "released"})]
    for n in range(60):
        if n < 45:
            group = "renamed" if n % 10 == 1 else "new" if n % 10 == 3 else f"g{n % 10}"
            found.append(
                user(n, status="inactive" if n % 7 == 0 else "active", groups=[group], administrative={"n": n + 1})
            )
        else:
            found.append(user(n, groups=[]))
    for n in range(200, 290):
        extra: dict[str, Any] = {"groups": ["new"], "status": "active"}
        if n % 10 == 0:
            extra["password"] = {"initial": {"fromEnv": "TEST_PASSWORD"}}
        if n % 10 == 1:
            extra = {
                "addresses": [{"email": f"user{n}@example.com"}],
                "invitation": {"send": "onCreate", "via": "code"},
            }
        found.append(user(n, **extra))
    return found


def prepared(house: House) -> House:
    BUILT_IN["sqlite"] = "tests.house:open_cheap"
    BUILT_IN["postgresql"] = "tests.house:open_cheap_postgres"
    house.write(before())
    assert house.apply().state == "applied"
    with closing(opened(house, read_only=False)) as store:  # a group somebody made by hand
        spec = {"metadata": {}, "spec": {"displayName": "By hand"}}
        store.directory.db.execute(
            "INSERT INTO user_groups SELECT 'made-by-hand', pool_id, NULL, 'By hand', ?, revision, created_at, updated_at"
            " FROM user_groups LIMIT 1",
            json.dumps(spec, separators=(",", ":")),
        )
    return house.write(after())


def opened(house: House, *, read_only: bool = True) -> SqlStore:
    store = open_store(house.store or DEFAULT_STORE, read_only=read_only, root=house.root, environ={})
    assert isinstance(store, SqlStore)
    return store


def content(house: House) -> dict[str, Any]:
    """Everything that matters: objects, index tables, owners, that credentials and messages exist. Not times, revisions,
    runs, random salts."""
    with closing(opened(house)) as store:

        def rows(sql: str) -> list[Any]:
            return sorted(store.directory.db.rows(sql), key=repr)

        return {
            "schemas": rows("SELECT id, document FROM schemas"),
            "pools": rows("SELECT id, document FROM pools"),
            "groups": rows("SELECT id, pool_id, document FROM user_groups"),
            "users": rows("SELECT id, pool_id, document FROM users"),
            "identifiers": rows("SELECT pool_id, key, user_id FROM user_identifiers"),
            "members": rows("SELECT group_id, user_id FROM group_members"),
            "credentials": rows("SELECT user_id, type, state FROM credentials"),
            "messages": rows("SELECT user_id, kind FROM messages"),
            "owners": rows(
                "SELECT kind, remote_id, project, environment, path, protect, adopted, claimed, settled, fields FROM ownership"
            ),
        }


class Killer:
    """Counts writes and kills this very process before the one it is told."""

    def __init__(self, at: int, database: type[Database]) -> None:
        self.at, self.count, self.database = at, 0, database

    def __enter__(self) -> Killer:
        self._execute, self._many = self.database.execute, self.database.execute_many
        killer = self

        def execute(database: Database, *arguments: Any) -> int:
            killer.tick()
            return killer._execute(database, *arguments)

        def execute_many(database: Database, *arguments: Any) -> None:
            killer.tick()
            killer._many(database, *arguments)

        self.database.execute, self.database.execute_many = execute, execute_many  # type: ignore[method-assign, assignment]
        return self

    def tick(self) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def __exit__(self, *error: object) -> None:
        self.database.execute, self.database.execute_many = self._execute, self._many  # type: ignore[method-assign]


def main(mode: str, resume: str, every: int, database: str = "sqlite") -> int:
    with on_postgres() if database == "postgres" else on_sqlite() as (house, copied):
        return kill_all(mode, resume, every, house, copied)


Copied = Callable[[str], House]


@contextmanager
def on_sqlite() -> Iterator[tuple[House, Copied]]:
    """A project with its file, and what copies both as they are then."""
    memory = Path("/dev/shm")  # no disk: a killed process loses nothing that the kernel has
    base = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))

    def copied(name: str) -> House:
        shutil.rmtree(base / name, ignore_errors=True)
        shutil.copytree(base / "base", base / name)
        return House(base / name)

    yield House(base / "base"), copied
    shutil.rmtree(base)


@contextmanager
def on_postgres() -> Iterator[tuple[House, Copied]]:
    """The same on a server of its own: one database is the template of all others."""
    with a_server() as server, tempfile.TemporaryDirectory() as folder:

        def copied(name: str) -> House:
            return House(Path(folder), store=a_database(server, name, template="base"))

        yield House(Path(folder), store=a_database(server, "base")), copied


def kill_all(mode: str, resume: str, every: int, house: House, copied: Copied) -> int:
    """Kill, run again and compare, at every so many writes."""
    kind: type[Database] = PostgresDatabase if house.store else SqliteDatabase
    options = {**OPTIONS, "transaction": mode == "transaction"}
    prepared(house)
    plan_file = house.root.parent / f"{house.root.name}.plan.json"
    plan = house.plan(**OPTIONS)
    save_plan(plan, plan_file)
    size = len(plan.changes)

    undisturbed = copied("undisturbed")
    with Killer(0, kind) as killer:
        assert undisturbed.apply(**options).state == "applied"
    wanted, writes = content(undisturbed), killer.count
    for number in range(1, writes + 1, every):
        here = copied("killed")
        child = os.fork()
        if child == 0:
            with Killer(number, kind):
                here.apply(**options)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"write {number} of {writes}: not killed"
        assert os.WTERMSIG(status) == signal.SIGKILL
        with_plan = read_plan(plan_file) if resume == "plan" else None
        report = here.apply(with_plan, **options)
        assert report.state in ("applied", "nothing"), (number, report.outcomes)
        found = content(here)
        for table, content_wanted in wanted.items():
            missing, extra = [
                [row for row in a if row not in b]
                for a, b in ((content_wanted, found[table]), (found[table], content_wanted))
            ]
            different = f"killed before write {number} of {writes}: {table}: {missing[:3]} != {extra[:3]}"
            assert (missing, extra) == ([], []), different
        assert here.plan(**OPTIONS).empty, f"killed before write {number}: something is left to do"
        states = [run.state for run in history(here)]
        assert "running" not in states, states
        assert states.count("interrupted") <= 1
    sys.stdout.write(json.dumps({"changes": size, "writes": writes, "kills": len(range(1, writes + 1, every))}))
    plan_file.unlink()
    return 0


def history(house: House) -> list[Any]:
    with closing(opened(house)) as store:
        return store.ledger.history(10)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1, *sys.argv[4:]))
