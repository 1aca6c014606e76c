"""Protected environments take what was reviewed, whole; every refusal prints the command that goes on, and that one works."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from pool_as_code.apply.execute import STOPPED
from pool_as_code.core.errors import Rejected
from pool_as_code.stores.base import Body, Observed, Outcome, Recorder
from pool_as_code.stores.registry import BUILT_IN
from pool_as_code.stores.sql import SqlStore
from tests.cli.shop import ADA, GROUP, POOL, PROJECT, Shop

PROD = (
    PROJECT
    + "environments:\n  prod: {store: 'sqlite:///prod.db', protected: true}\n  dev: {store: 'sqlite:///dev.db'}\n"
)
SECOND = GROUP.replace("support", "sales").replace("Support", "Sales")


@pytest.fixture
def prod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A project with a protected environment and another one; nothing is applied."""
    monkeypatch.setitem(BUILT_IN, "sqlite", "tests.house:open_cheap")
    return Shop(tmp_path).write(POOL, GROUP, project=PROD)


def digest_in(text: str) -> str:
    (line,) = (line for line in text.splitlines() if line.startswith("Digest "))
    return line.removeprefix("Digest ")


def command_in(line: str, before: str) -> list[str]:
    """The arguments of the command that a line ends with."""
    assert before in line, line
    return line.partition(f"{before}pac ")[2].split()


def test_apply_shows_the_plan_and_refuses_until_its_digest_is_named(prod: Shop) -> None:
    refused = prod.pac("apply", "--env", "prod", "--yes")
    assert refused.exit_code == 4
    assert "+ pool/customers" in refused.output
    assert "PAC365" in refused.output
    assert not (prod.root / "prod.db").exists()
    again = command_in(refused.output.splitlines()[-1], "once it is reviewed: ")
    assert again == ["apply", "--env", "prod", "--expect", digest_in(refused.output)]
    assert prod.pac(*again, "--yes").exit_code == 0
    assert prod.pac("apply", "--env", "prod", "--yes").exit_code == 0  # nothing to do


def test_another_digest_is_refused(prod: Shop) -> None:
    assert prod.pac("apply", "--env", "prod", "--yes", "--expect", "0" * 64).exit_code == 4
    assert not (prod.root / "prod.db").exists()


def test_a_saved_plan_is_applied(prod: Shop) -> None:
    assert prod.pac("plan", "--env", "prod", "--out", "prod.plan").exit_code == 0
    assert prod.pac("apply", "prod.plan", "--env", "prod", "--yes").exit_code == 0


def test_other_environments_take_what_they_are_given(prod: Shop) -> None:
    assert prod.pac("apply", "--env", "dev", "--yes", "--target", "pool/*").exit_code == 0


def test_a_plan_names_the_command_that_its_environment_takes(prod: Shop) -> None:
    shown = prod.pac("plan", "--env", "prod").stdout
    last = shown.splitlines()[-1]
    assert last.endswith(f" --expect {digest_in(shown)}")
    arguments = command_in(last, "Next: save it with --out prod.plan and apply that file, or once it is reviewed: ")
    assert prod.pac(*arguments, "--yes").exit_code == 0


@pytest.mark.parametrize(
    "part",
    [
        ["manifests/all.yaml"],
        ["-"],
        ["--target", "pool/*"],
        ["--target", "*"],
        ["--selector", "tier=gold"],
    ],
    ids=str,
)
def test_a_part_is_refused_with_and_without_its_digest(part: list[str], prod: Shop) -> None:
    text = POOL.replace("{name: customers}", "{name: customers, labels: {tier: gold}}")
    prod.write(text, GROUP, project=PROD)
    (prod.root / "other").mkdir()
    (prod.root / "manifests" / "more.yaml").write_text(SECOND)
    for more in ([], ["--expect", "0" * 64]):
        refused = prod.pac("apply", *part, "--env", "prod", "--yes", *more, input=POOL)
        assert refused.exit_code == 4
        assert "PAC366" in refused.output
        assert "pac plan --env prod --out prod.plan, and then pac apply prod.plan --env prod" in refused.output
    assert not (prod.root / "prod.db").exists()
    assert prod.pac("plan", "--env", "prod", "--out", "prod.plan").exit_code == 0
    assert prod.pac("apply", "prod.plan", "--env", "prod", "--yes").exit_code == 0


def test_the_whole_project_may_be_named_by_its_path(prod: Shop) -> None:
    outside = Shop(prod.root.parent, prod.environ)
    refused = outside.pac("apply", str(prod.root), "--env", "prod", "--yes")
    assert (refused.exit_code, "PAC365" in refused.output) == (4, True)
    again = command_in(refused.output.splitlines()[-1], "once it is reviewed: ")
    assert outside.pac(*again, "--yes").exit_code == 0
    (prod.root / "manifests" / "more.yaml").write_text(SECOND)
    part = outside.pac("apply", str(prod.root / "manifests" / "more.yaml"), "--env", "prod", "--yes")
    assert (part.exit_code, "in the project folder: pac plan" in part.output) == (4, True)


def test_a_saved_plan_of_a_part_is_refused_and_says_so_when_it_is_made(prod: Shop) -> None:
    saved = prod.pac("plan", "--env", "prod", "--target", "pool/*", "--out", "part.plan")
    assert saved.exit_code == 0
    refused = prod.pac("apply", "part.plan", "--env", "prod", "--yes")
    assert refused.exit_code == 4
    assert "the saved plan looks at a part" in refused.output
    shown = prod.pac("plan", "--env", "prod", "--target", "pool/*").stdout
    assert shown.splitlines()[-1] == (
        "Next: environment prod is protected, and this is a part only: pac plan --env prod --out prod.plan"
    )


def test_objects_for_tests_have_no_place_there(prod: Shop) -> None:
    prod.write(POOL, GROUP.replace("pool: customers}", "pool: customers, labels: {purpose: test}}"), project=PROD)
    refused = prod.pac("apply", "--env", "prod", "--yes")
    assert refused.exit_code == 4
    assert "group/customers/support: blocked test-in-protected" in refused.output
    assert prod.pac("plan", "--env", "prod", "--out", "prod.plan").exit_code == 0
    assert prod.pac("apply", "prod.plan", "--env", "prod", "--yes").exit_code == 4
    assert prod.pac("apply", "--env", "prod", "--yes", "--allow", "test-in-protected").exit_code == 1
    assert prod.pac("apply", "--env", "dev", "--yes").exit_code == 0


def test_destroy_shows_what_goes_and_wants_its_digest(prod: Shop) -> None:
    prod.write(GROUP.replace("support", "a"), POOL, project=PROD)
    assert prod.pac("plan", "--env", "prod", "--out", "prod.plan").exit_code == 0
    assert prod.pac("apply", "prod.plan", "--env", "prod", "--yes").exit_code == 0
    guards = ["--max-deletes", "pool=1", "--max-deletes", "group=1"]
    refused = prod.pac("destroy", "--env", "prod", "--yes", *guards)
    assert refused.exit_code == 4
    assert "- pool/customers" in refused.output
    again = command_in(refused.output.splitlines()[-1], "once it is reviewed: ")
    assert again[0] == "destroy"
    assert again[-2:] == ["--expect", digest_in(refused.output)]
    assert prod.pac(*again, "--yes").exit_code == 0
    assert prod.pac("ids", "--env", "prod").stdout == ""


def test_nothing_is_loaded_there(prod: Shop) -> None:
    refused = prod.pac("load", "dump.yaml", "--env", "prod")
    assert refused.exit_code == 4
    assert "PAC367" in refused.output


def a_user(name: str) -> str:
    return ADA.replace("name: ada", f"name: {name}").replace("ada@", f"{name}@").replace("[support]", "[]")


@pytest.mark.parametrize(("env", "last"), [("dev", "applied"), ("prod", "skipped")])
def test_the_first_error_stops_an_apply_without_a_transaction(
    env: str, last: str, prod: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    prod.write(POOL, *map(a_user, "abcd"), project=PROD)
    refuse_the_user_c(monkeypatch)
    assert prod.pac("plan", "--env", env, "--out", "the.plan").exit_code == 0
    done = prod.pac("apply", "the.plan", "--env", env, "--yes", "--no-transaction", "--report", "report.json")
    assert done.exit_code == 5, done.output
    lines = map(json.loads, (prod.root / "report.json").read_text().splitlines())
    states = {line["address"][-1]: line["status"] for line in lines if line.get("address", "").startswith("user/")}
    assert states == {"a": "applied", "b": "applied", "c": "failed", "d": last}
    assert (STOPPED in done.output.replace("\n      ", " ")) is (env == "prod")


def refuse_the_user_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make stores refuse one user, alone or in a batch."""
    create, many = SqlStore.create, SqlStore.create_many

    def is_c(body: Body) -> bool:
        return body.spec.get("identifiers") == [{"email": "c@example.com"}]

    def one(self: SqlStore, body: Body) -> Observed:
        if is_c(body):
            raise Rejected("no")
        return create(self, body)

    def several(self: SqlStore, bodies: Sequence[Body], record: Recorder | None = None) -> list[Outcome]:
        assert record is None, "only a transaction writes records along"
        made = iter(many(self, [body for body in bodies if not is_c(body)]))
        return [Outcome(error=Rejected("no")) if is_c(body) else next(made) for body in bodies]

    monkeypatch.setattr(SqlStore, "create", one)
    monkeypatch.setattr(SqlStore, "create_many", several)


def test_the_limits_of_an_environment_come_before_those_of_the_project(prod: Shop) -> None:
    text = PROJECT + "maxDeletes: {group: 0}\nenvironments: {dev: {maxDeletes: {group: 1}}, stage: {}}\n"
    for env, code in (("dev", 0), ("stage", 4)):
        prod.write(POOL, GROUP, SECOND, project=text)
        assert prod.pac("apply", "--env", env, "--yes", "--store", f"sqlite:///{env}2.db").exit_code == 0
        prod.write(POOL, GROUP, project=text)
        done = prod.pac("apply", "--env", env, "--yes", "--prune", "--store", f"sqlite:///{env}2.db")
        assert done.exit_code == code, done.output


COMMANDS = (
    ("plan",),
    ("apply", "--yes"),
    ("drift",),
    ("pull",),
    ("load", "dump.yaml"),
    ("destroy", "--yes"),
    ("ids",),
    ("history",),
    ("history", "abc"),
    ("unlock", "--yes"),
    ("users", "verify", "customers/ada"),
)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_where_a_store_is_met_the_environment_is_named_or_asked_for_once(
    arguments: tuple[str, ...], prod: Shop
) -> None:
    asked = prod.pac(*arguments, input="x")
    assert asked.exit_code == 1
    assert asked.output.splitlines() == [
        "error PAC135: this project has environments and none is chosen",
        "  hint: add --env with one of prod, dev",
    ]
    wrong = prod.pac(*arguments, "--env", "prd", input="x")
    assert wrong.output.splitlines() == [
        "error PAC134: there is no environment prd",
        "  hint: did you mean --env prod?",
    ]
    there = prod.pac(*arguments, "--env", "dev", input="x")
    assert there.stderr.splitlines()[0] == "project shop, environment dev, store sqlite:///dev.db"


def test_another_digest_is_told_with_the_plan_to_read(prod: Shop) -> None:
    refused = prod.pac("apply", "--env", "prod", "--yes", "--expect", "0" * 64)
    assert refused.exit_code == 4
    assert "  hint: review the new plan: pac plan --env prod\n" in refused.stderr


def test_the_comment_of_a_plan_has_a_command_that_a_shell_takes(prod: Shop) -> None:
    shown = prod.pac("plan", "--env", "prod", "--output", "markdown").stdout
    *_, command = shown.partition("```sh\n")
    arguments = command_in(command.splitlines()[0], "")
    assert prod.pac(*arguments, "--yes").exit_code == 0
