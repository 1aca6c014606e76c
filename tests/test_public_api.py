"""The names that Python programs may use, and that they cost nothing until they are used."""

import subprocess
import sys
from pathlib import Path

import pytest

import pool_as_code
from tests.cli.shop import GROUP, POOL, Shop

NAMES = {
    "ApplyOptions",
    "Change",
    "ChangeOutcome",
    "Diagnostic",
    "FieldChange",
    "Finding",
    "InvalidInput",
    "PartlyApplied",
    "Plan",
    "PlanOptions",
    "PoolAsCodeError",
    "Project",
    "Refused",
    "Report",
    "StoreError",
    "__version__",
    "load",
}


def test_the_exported_names_are_exactly_these() -> None:
    assert set(pool_as_code.__all__) == NAMES
    assert set(dir(pool_as_code)) >= NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_exported_name_is_there(name: str) -> None:
    assert getattr(pool_as_code, name) is not None


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = pool_as_code.nonsense


def test_importing_the_package_imports_nothing_of_it() -> None:
    code = "import pool_as_code, sys; print([m for m in sys.modules if m.startswith('pool_as_code.')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_loaded_project_is_planned_applied_and_pulled(tmp_path: Path) -> None:
    shop = Shop(tmp_path).write(POOL, GROUP)
    told: list[str] = []
    project = pool_as_code.load(cwd=shop.root, environ={}, tell=told.append)
    assert project.validate().diagnostics == ()
    assert [told.rule.name for told in project.lint().breaches] == ["password-guessable"]
    plan = project.plan()
    outcomes: list[pool_as_code.ChangeOutcome] = []
    assert project.apply(plan, on_outcome=outcomes.append).state == "applied"
    assert [str(outcome.address) for outcome in outcomes] == ["pool/customers", "group/customers/support"]
    assert project.plan().empty
    assert any("name: support" in text for text in project.pull("group/*").values())
    assert told[0].startswith("project shop, environment default")


def test_an_apply_that_is_not_confirmed_writes_nothing(tmp_path: Path) -> None:
    project = pool_as_code.load(cwd=Shop(tmp_path).write(POOL).root, environ={})
    with pytest.raises(pool_as_code.PoolAsCodeError):
        project.apply(ask=lambda plan: False)
    assert not project.plan().empty


def test_wrong_manifests_are_an_error_with_diagnostics(tmp_path: Path) -> None:
    project = pool_as_code.load(cwd=Shop(tmp_path).write(POOL.replace("minLength", "minLenght")).root, environ={})
    with pytest.raises(pool_as_code.InvalidInput) as refused:
        project.plan()
    assert [item.location.line for item in refused.value.diagnostics if item.location] == [6]
