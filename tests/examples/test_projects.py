"""What every example that is a whole project promises: it validates without a word, is in canonical form, plans as is written
beside it, is applied once, survives being pulled, and names no real domain."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pool_as_code.app.request import Request
from pool_as_code.app.validating import validate
from tests.examples.projects import ALL, EXAMPLES, NAMED, Example
from tests.golden import Golden

pytestmark = pytest.mark.usefixtures("cheap_hashing")
each = pytest.mark.parametrize("example", ALL, ids=lambda example: example.name)


def test_every_example_is_in_the_list() -> None:
    assert {path.parent.name for path in EXAMPLES.glob("*/README.md")} == {*NAMED, "takeover"}


@each
def test_it_validates_without_a_word(example: Example) -> None:
    found = validate(Request(cwd=EXAMPLES / example.name))
    assert found.diagnostics == ()
    assert found.documents == example.kinds


@each
def test_it_is_in_canonical_form_and_breaks_no_rule_that_is_an_error(example: Example, tmp_path: Path) -> None:
    shop = example.copy(tmp_path)
    form = shop.pac("fmt", "--check", "--diff")
    assert form.exit_code == 0, form.output
    judged = shop.pac("lint")
    assert judged.exit_code == 0, judged.output


@pytest.mark.parametrize("name", ["consumer-shop", "b2b-saas", "invite-only"])
def test_an_example_of_a_job_breaks_no_rule_at_all(name: str, tmp_path: Path) -> None:
    judged = NAMED[name].copy(tmp_path).pac("lint", "--strict", "--output", "json")
    assert json.loads(judged.stdout)["diagnostics"] == []


@each
def test_its_plan_reads_as_expected(example: Example, tmp_path: Path, golden: Golden) -> None:
    planned = example.copy(tmp_path).pac("plan", *example.planned)
    assert planned.exit_code == 0, planned.output
    golden(EXAMPLES / example.name / "expected-plan.txt", planned.stdout)


@each
def test_it_is_applied_once_and_then_there_is_nothing_to_do_also_after_a_pull(example: Example, tmp_path: Path) -> None:
    shop = example.copy(tmp_path)
    applied = shop.pac("apply", "--yes", *example.environment)
    assert applied.exit_code == 0, applied.output
    again = shop.pac("plan", "--detailed-exitcode", *example.environment)
    assert again.exit_code == 0, again.output
    assert shop.pac("pull", "--into", "pulled", *example.environment).exit_code == 0
    pulled = shop.pac("plan", "pulled", "--detailed-exitcode", *example.environment)
    assert pulled.exit_code == 0, pulled.output
    total = f"{sum(example.kinds.values()):,} objects as declared."
    assert total in again.stdout
    assert total in pulled.stdout


@each
def test_it_names_no_real_domain_and_holds_no_secret(example: Example) -> None:
    for path in (EXAMPLES / example.name).rglob("*"):
        if not path.is_file() or ".pool-as-code" in path.parts:
            continue
        text = path.read_text("utf-8")
        hosts = re.findall(r"(?:https?://|@)([a-z0-9.-]+\.[a-z]{2,})\b", text)
        assert [host for host in hosts if not re.search(r"(\.|^)example(\.com|\.org)?$", host)] == [], path
        if path.suffix == ".yaml":
            assert not re.search(r"(?i)\b(initial|secret|hash): *['\"]?[^{\s]", text), path
