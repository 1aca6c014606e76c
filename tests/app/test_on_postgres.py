"""Projects on PostgreSQL end as they do in a file: applied once, planned again empty, pulled the same; two applies at once lose
nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.app.pulling import pull
from pool_as_code.core.errors import Refused, Unavailable
from pool_as_code.directory.postgres import PostgresDatabase
from pool_as_code.directory.vault import KEY_VARIABLE
from tests.documents import ENVIRON
from tests.house import House, document, open_cheap_postgres, summary
from tests.postgres import a_schema, connected

pytestmark = pytest.mark.usefixtures("cheap_hashing")

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("example", ["quickstart", "open-banking-consents"])
def test_an_example_ends_on_postgresql_as_in_a_file(example: str, tmp_path: Path, postgres_url: str) -> None:
    shutil.copytree(ROOT / "examples" / example, tmp_path / "x", ignore=shutil.ignore_patterns(".pool-as-code"))
    pulled = []
    for store in (None, postgres_url):
        house = House(tmp_path / "x", store=store, environ=_for_examples())
        assert house.apply().state == "applied"
        assert summary(house.plan()) == {}
        assert not house.drift().drifted
        pulled.append(pull(house.request, (), house.told.append))
    assert pulled[0] == pulled[1]


def _for_examples() -> dict[str, str]:
    return {**ENVIRON, "ADA_PASSWORD": "Correct-Horse-9-Battery"}


def documents(length: int, users: int = 20) -> list[dict[str, Any]]:
    return [
        document("IdentityPool", {"name": "customers"}, passwordPolicy={"minLength": length}),
        document("Group", {"name": "staff", "pool": "customers"}),
        *(
            document("User", {"name": f"u{n}", "pool": "customers"}, identifiers=[{"uid": f"u{n}"}], groups=["staff"])
            for n in range(users)
        ),
    ]


def test_of_two_applies_at_once_one_wins_or_waits_and_nothing_is_lost(tmp_path: Path, postgres_url: str) -> None:
    house = House(tmp_path, store=postgres_url).write(documents(8, users=300))
    command = [sys.executable, "-m", "pool_as_code.cli", "apply", "--yes", "--no-transaction", "--store", postgres_url]
    both = [
        subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[1] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes[0] == 0, said
    assert codes[1] in (0, 3, 4), said
    if codes[1] == 3:
        assert any("another run is writing to the directory" in text for text in said)
    assert summary(house.plan()) == {}
    runs = [json.loads(text) for text in _runs(house)]
    assert [run["state"] for run in runs if run["wrote"]] == ["applied"]


def _runs(house: House) -> list[str]:
    assert house.store is not None
    store = open_cheap_postgres(house.store, read_only=True, root=house.root, environ={})
    found = store.directory.db.rows("SELECT state, wrote FROM runs")
    store.close()
    return [json.dumps({"state": state, "wrote": wrote}) for state, wrote in found]


def test_a_change_of_another_between_plan_and_apply_is_not_overwritten(tmp_path: Path, postgres_url: str) -> None:
    house = House(tmp_path, store=postgres_url).write(documents(8))
    house.apply()
    plan = house.write(documents(12)).plan()
    assert house.write(documents(10)).apply().state == "applied"
    house.write(documents(12))
    with pytest.raises(Refused) as refused:
        house.apply(plan)
    assert "stale" in refused.value.message


def test_wherever_the_connection_is_lost_the_next_apply_finishes(tmp_path: Path, postgres_server: str) -> None:
    states = set()
    for lost_at in (3, 14, 20, 26):
        house = House(tmp_path, store=a_schema(postgres_server)).write(documents(8, users=3))
        with pytest.MonkeyPatch.context() as patch:
            execute, count = PostgresDatabase.execute, 0

            def losing(database: PostgresDatabase, *given: Any, execute: Any = execute, lost_at: int = lost_at) -> Any:
                nonlocal count
                count += 1
                if count == lost_at:
                    with connected(postgres_server) as link:
                        link.execute(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pool-as-code'"
                        )
                return execute(database, *given)

            patch.setattr(PostgresDatabase, "execute", losing)
            try:
                states.add(house.apply(transaction=False).state)
            except Unavailable:
                states.add("lost before the first change")
        assert house.apply(transaction=False).state in ("applied", "nothing")
        assert summary(house.plan()) == {}
    assert "partly" in states


def test_the_key_of_the_directory_comes_from_the_environment(tmp_path: Path, postgres_url: str) -> None:
    key = {KEY_VARIABLE: b64encode(bytes(range(32))).decode()}
    house = House(tmp_path, store=postgres_url, environ={**ENVIRON, **key}).write(
        [
            document("IdentityPool", {"name": "customers"}),
            document(
                "User",
                {"name": "ada", "pool": "customers"},
                addresses=[{"email": "ada@example.com"}],
                invitation={"send": "onCreate"},
            ),
        ]
    )
    assert house.apply().state == "applied"
    assert summary(house.plan()) == {}
    assert [path.name for path in tmp_path.rglob("*.key")] == []
