"""Kills an apply of 200 mixed changes with SIGKILL before its n-th write, runs it again, and compares the end with that of
an apply nobody disturbed. A program of its own, so that it can fork: `python -m tests.apply.kills MODE RESUME [EVERY]`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

from pool_as_code.app.planning import read_plan, save_plan
from pool_as_code.directory.sqlite import SqliteDatabase
from pool_as_code.stores.registry import BUILT_IN
from pool_as_code.stores.sqlite import SqliteStore
from tests.house import House, document

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


def prepared(root: Path) -> House:
    BUILT_IN["sqlite"] = "tests.house:open_cheap"
    house = House(root).write(before())
    assert house.apply().state == "applied"
    with sqlite3.connect(house.database) as database:  # a group somebody made by hand
        spec = {"metadata": {}, "spec": {"displayName": "By hand"}}
        database.execute(
            "INSERT INTO user_groups SELECT 'made-by-hand', pool_id, NULL, 'By hand', ?, revision, created_at, updated_at"
            " FROM user_groups LIMIT 1",
            (json.dumps(spec, separators=(",", ":")),),
        )
    return house.write(after())


def content(database: Path) -> dict[str, Any]:
    """Everything that matters: objects, index tables, owners, that credentials and messages exist. Not times, revisions,
    runs, random salts."""
    with sqlite3.connect(database) as connection:

        def rows(sql: str) -> list[Any]:
            return sorted(connection.execute(sql).fetchall(), key=repr)

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

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def __enter__(self) -> Killer:
        self._execute, self._many = SqliteDatabase.execute, SqliteDatabase.execute_many
        killer = self

        def execute(database: SqliteDatabase, *arguments: Any) -> int:
            killer.tick()
            return killer._execute(database, *arguments)

        def execute_many(database: SqliteDatabase, *arguments: Any) -> int:
            killer.tick()
            return killer._many(database, *arguments)

        SqliteDatabase.execute, SqliteDatabase.execute_many = execute, execute_many  # type: ignore[method-assign, assignment]
        return self

    def tick(self) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def __exit__(self, *error: object) -> None:
        SqliteDatabase.execute, SqliteDatabase.execute_many = self._execute, self._many  # type: ignore[method-assign]


def main(mode: str, resume: str, every: int) -> int:
    options = {**OPTIONS, "transaction": mode == "transaction"}
    memory = Path("/dev/shm")  # no disk: a killed process loses nothing that the kernel has
    base = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    house = prepared(base / "base")
    plan_file = base / "plan.json"
    plan = house.plan(**OPTIONS)
    save_plan(plan, plan_file)
    size = len(plan.changes)

    undisturbed = copied(base, "undisturbed")
    with Killer(0) as killer:
        assert undisturbed.apply(**options).state == "applied"
    wanted, writes = content(undisturbed.database), killer.count
    for number in range(1, writes + 1, every):
        here = copied(base, "killed")
        child = os.fork()
        if child == 0:
            with Killer(number):
                here.apply(**options)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"write {number} of {writes}: not killed"
        assert os.WTERMSIG(status) == signal.SIGKILL
        with_plan = read_plan(plan_file) if resume == "plan" else None
        report = here.apply(with_plan, **options)
        assert report.state in ("applied", "nothing"), (number, report.outcomes)
        found = content(here.database)
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
    shutil.rmtree(base)
    return 0


def copied(base: Path, name: str) -> House:
    shutil.rmtree(base / name, ignore_errors=True)
    shutil.copytree(base / "base", base / name)
    return House(base / name)


def history(house: House) -> list[Any]:
    store = SqliteStore(house.database, read_only=True)
    try:
        return store.ledger.history(10)
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1))
