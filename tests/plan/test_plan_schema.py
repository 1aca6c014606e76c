"""The published schema of plans is what plans are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "plan.schema.json").read_text())
PLANS = sorted(ROOT.glob("tests/scenarios/*/plan.json"))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.parent.name)
def test_every_story_has_a_plan_of_this_form(path: Path) -> None:
    plan = json.loads(path.read_text())
    plan["digest"] = "0" * 64  # the stories' plans hide it
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(plan)] == []


def test_a_plan_with_a_field_too_few_or_of_another_type_is_refused() -> None:
    plan = json.loads(PLANS[0].read_text())
    plan["digest"] = "0" * 64
    validator = Draft202012Validator(SCHEMA)
    assert validator.is_valid(plan)
    for key in list(plan):
        assert not validator.is_valid({k: v for k, v in plan.items() if k != key})
    assert not validator.is_valid({**plan, "resource_changes": [{}]})
