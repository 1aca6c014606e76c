"""The example of a takeover: its files are what the steps of its README make, and the apply of its first plan alters no byte
but those of ownership. That the README happens as written is tested with the other pages."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.app.loading import load_dump
from pool_as_code.app.pulling import PullOptions, pull_with
from pool_as_code.app.validating import validate
from pool_as_code.plan.model import Action
from tests.docs.pages import blocks, steps
from tests.docs.shell import Shell, pattern
from tests.house import House, summary

EXAMPLE = Path(__file__).parents[2] / "examples" / "takeover"
OF_OWNERSHIP = ("ownership", "runs", "run_changes", "lease")


@pytest.fixture
def house(tmp_path: Path, cheap_hashing: None) -> House:
    """The finished example in a copy of the tenant."""
    shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns(".pool-as-code"))
    house = House(tmp_path / "example", environ={})
    load_dump(house.request, "tenant.yaml", house.told.append)
    return house


def rows(database: Path) -> dict[str, list[Any]]:
    """Every row of every table but those of ownership."""
    connection = sqlite3.connect(database)
    try:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert set(OF_OWNERSHIP) < set(names)
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)
            for name in names
            if name not in OF_OWNERSHIP
        }
    finally:
        connection.close()


def test_the_finished_files_are_what_the_second_step_makes(tmp_path: Path) -> None:
    page = EXAMPLE / "README.md"
    first, _, second = blocks(page, "console")[:3]
    with Shell(tmp_path) as shell:
        for block in (first, second):
            for step in steps(block):
                shell.run(step.command)
    made = tmp_path / "examples" / "takeover" / "before"
    for path in sorted((EXAMPLE / "manifests").rglob("*.yaml")):
        assert (made / path.relative_to(EXAMPLE)).read_text() == path.read_text()
    assert _without_comments(made / "pool-as-code.yaml") == _without_comments(EXAMPLE / "pool-as-code.yaml")


def _without_comments(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if not line.startswith("#")]


def test_it_validates_without_a_word() -> None:
    from pool_as_code.app.request import Request

    found = validate(Request(cwd=EXAMPLE))
    assert found.diagnostics == ()
    assert (found.documents, found.environments) == ({"IdentityPool": 3}, ("prod",))


def test_the_first_plan_reads_as_in_the_example(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.run("cd examples/takeover")
        shell.run("pac load tenant.yaml")
        printed, _ = shell.run("pac plan 2>/dev/null")
    assert [pattern(line) for line in printed] == [
        pattern(line) for line in (EXAMPLE / "expected-plan.txt").read_text().splitlines()
    ]


def test_three_are_adopted_nothing_is_changed_and_no_other_byte_of_the_store_differs(house: House) -> None:
    plan = house.plan()
    assert plan.counts() == {"adopt": 3}
    assert [change.fields for change in plan.changes] == [(), (), ()]
    assert {change.action for change in plan.changes} == {Action.ADOPT}
    before = rows(house.database)
    assert sum(map(len, before.values())) > 60
    assert house.apply().state == "applied"
    assert rows(house.database) == before
    assert summary(house.plan()) == {}


def test_the_export_itself_gives_the_same_files_as_the_copy_of_the_tenant(house: House) -> None:
    asked = PullOptions(("pool/customers-??", "pool/loyalty-club"), ("passwordPolicy",))
    told: list[str] = []
    from_export = pull_with(replace(house.request, store="dump:tenant.yaml"), asked, told.append)
    assert from_export == pull_with(house.request, asked, told.append)
    assert from_export.files == {
        path.relative_to(EXAMPLE / "manifests").as_posix(): path.read_text()
        for path in sorted((EXAMPLE / "manifests").rglob("*.yaml"))
    }


def test_one_changed_field_changes_one_document_of_one_pool(house: House) -> None:
    house.apply()
    before = rows(house.database)
    path = house.root / "manifests" / "pools" / "loyalty-club.yaml"
    path.write_text(path.read_text().replace("minLength: 6", "minLength: 10"))
    assert summary(house.plan()) == {"pool/loyalty-club": "update"}
    assert house.apply().state == "applied"
    after = rows(house.database)
    assert [name for name in before if before[name] != after[name]] == ["pools"]
    (changed,) = [(old, new) for old, new in zip(before["pools"], after["pools"], strict=True) if old != new]
    differ = [index for index, (old, new) in enumerate(zip(*changed, strict=True)) if old != new]
    assert [type(changed[0][index]) for index in differ] == [str, int, str]  # document, revision, time
    assert changed[0][differ[0]].replace('"minLength":6', '"minLength":10') == changed[1][differ[0]]
