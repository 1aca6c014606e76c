"""`pac plan --env A,B,C`: one result, each environment with its own store, and a failing one hides nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pool_as_code.app.request import PlanOptions, Request
from pool_as_code.app.several import make_plans
from pool_as_code.cli.several import worst
from pool_as_code.plan.codec import loads
from tests.cli.shop import ADA, GROUP, POOL, PROJECT, Shop

ENVIRONMENTS = """\
environments:
  dev: {store: "sqlite:///dev.db"}
  stage: {store: "sqlite:///stage.db"}
  prod: {store: "sqlite:///prod.db"}
  gone: {store: "dump:nowhere.yaml"}
  odd: {store: "nobody-knows:it"}
"""


@pytest.fixture
def chain(tmp_path: Path) -> Shop:
    """A project with environments; prod is applied with another policy."""
    shop = Shop(tmp_path).write(POOL.replace("12", "10"), GROUP, project=PROJECT + ENVIRONMENTS)
    applied = shop.pac("apply", "--env", "prod", "--yes")
    assert applied.exit_code == 0, applied.output
    return shop.write(POOL, GROUP, project=PROJECT + ENVIRONMENTS)


def test_each_environment_is_compared_with_its_own_store_and_named_first_on_standard_error(chain: Shop) -> None:
    result = chain.pac("plan", "--env", "dev,stage,prod")
    assert result.exit_code == 0
    assert [line.rpartition("/")[2] for line in result.stderr.splitlines()] == ["dev.db", "stage.db", "prod.db"]
    assert "Same as dev: 2 changes, not shown again" in result.stdout
    assert "Differs from dev: 1 change is other or only here" in result.stdout
    assert "passwordPolicy.minLength: 10 -> 12" in result.stdout
    assert result.stdout.count("displayName: Support") == 1
    assert result.stdout.count("Next: pac apply --env ") == 3
    assert result.stdout.splitlines()[-3].startswith("dev ")


def test_the_comment_is_one_for_all(chain: Shop) -> None:
    result = chain.pac("plan", "--env", "dev,prod", "--output", "markdown")
    assert result.stdout.startswith("<!-- pool-as-code:plan p-0123456789abcdef dev prod -->\n")
    assert result.stdout.count("### Environment") == 2


def test_the_json_form_is_by_environment(chain: Shop) -> None:
    result = chain.pac("plan", "--env", "dev,prod", "--output", "json")
    assert {
        name: len(plan["resource_changes"]) for name, plan in json.loads(result.stdout)["environments"].items()
    } == {
        "dev": 2,
        "prod": 1,
    }


def test_changes_are_told_by_the_exit_code_when_that_is_asked_for(chain: Shop) -> None:
    assert chain.pac("plan", "--env", "dev,prod", "--detailed-exitcode").exit_code == 2
    chain.pac("apply", "--env", "prod", "--yes")
    chain.pac("apply", "--env", "dev", "--yes")
    assert chain.pac("plan", "--env", "dev,prod", "--detailed-exitcode").exit_code == 0


def test_an_environment_that_fails_does_not_hide_the_others(chain: Shop) -> None:
    result = chain.pac("plan", "--env", "odd,dev,gone", "--output", "json", "--detailed-exitcode")
    found = json.loads(result.stdout)["environments"]
    assert found["odd"]["error"]["exit_code"] == 1
    assert "error" in found["gone"]
    assert len(found["dev"]["resource_changes"]) == 2
    assert result.exit_code == 1
    assert "nobody-knows" in result.stderr
    text = chain.pac("plan", "--env", "odd,dev").stdout
    assert "No plan of environment odd: " in text
    assert "Plan for project shop, environment dev" in text


def test_a_comment_about_failures_alone_takes_the_place_of_the_one_before(chain: Shop) -> None:
    before = chain.pac("plan", "--env", "dev,prod", "--output", "markdown").stdout
    (chain.root / "manifests" / "all.yaml").write_text("a: [1")
    failed = chain.pac("plan", "--env", "dev,prod", "--output", "markdown")
    assert failed.exit_code == 1
    assert failed.stdout.count("**There is no plan:**") == 2
    assert failed.stdout.split("\n", 1)[0] == before.split("\n", 1)[0]


@pytest.mark.parametrize(
    ("codes", "code"),
    [([], 0), ([0, 0], 0), ([0, 2], 2), ([2, 3], 3), ([3, 4, 2], 4), ([3, 1, 4], 1), ([0, 1], 1)],
)
def test_the_worst_exit_code_counts(codes: list[int], code: int) -> None:
    assert worst(codes) == code


def test_a_plan_file_for_each_environment_lands_in_the_folder_and_is_named_as_the_next_step(chain: Shop) -> None:
    result = chain.pac("plan", "--env", "dev,prod", "--out", "plans")
    files = sorted((chain.root / "plans").iterdir())
    assert [file.name for file in files] == ["dev.plan", "prod.plan"]
    assert [loads(file.read_bytes()).target.environment for file in files] == ["dev", "prod"]
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    assert "Next: pac apply plans/prod.plan --env prod\n" in result.stdout
    assert chain.pac("apply", "plans/prod.plan", "--env", "prod", "--yes").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--env", "dev,prod", "--out", "pool-as-code.yaml"), "several environments need a folder"),
        (("--env", "dev,,prod"), "a name is missing"),
        (("--env", "dev,dev"), "a name is repeated"),
        (("--env", "dev,prod", "--store", "memory:"), "--store does not go with several environments"),
        (("--env", "dev", "--out", "manifests"), "is a folder"),
    ],
)
def test_what_does_not_go_together_is_refused(chain: Shop, arguments: tuple[str, ...], message: str) -> None:
    result = chain.pac("plan", *arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""


def test_standard_input_is_read_once_for_all(chain: Shop) -> None:
    asked: list[bytes] = []

    def read() -> bytes:
        asked.append(POOL.encode())
        return asked[-1]

    request = Request(("-",), cwd=chain.root, read_stdin=read)
    plans = dict(make_plans(request, ("dev", "stage"), PlanOptions(), lambda line: None))
    assert not any(isinstance(planned, Exception) for planned in plans.values())
    assert len(asked) == 1


def test_unmanaged_objects_are_listed_with_their_environment(chain: Shop) -> None:
    chain.pac("load", write_dump(chain.root), "--env", "prod")
    result = chain.pac("plan", "--env", "dev,prod", "--unmanaged")
    assert "  prod: pool/hand-made\n" in result.stdout
    assert "  dev: " not in result.stdout


def write_dump(folder: Path) -> str:
    (folder / "live.json").write_text('{"pools": [{"id": "hand-made", "name": "Hand made"}]}')
    return "live.json"


def test_a_dump_is_not_followed_by_an_apply(tmp_path: Path) -> None:
    shop = Shop(tmp_path).write(POOL, GROUP, ADA)
    result = shop.pac("plan", "--store", f"dump:{write_dump(tmp_path)}")
    assert "pac apply" not in result.stdout
    assert result.stdout.endswith("pac load live.json --store sqlite:///copy.db\n"), result.output
