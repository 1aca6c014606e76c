"""Plans in their JSON form, made by `plan.codec`, fit for a terminal: one plan as it is, several by environment."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from ..core.values import JsonMap
from ..plan.codec import dumps, to_json
from .environments import EnvironmentPlan, Failure
from .escape import escape_json
from .json import diagnostic_json
from .outputs import Look


def plans_json(environments: Sequence[EnvironmentPlan], look: Look) -> str:
    """The plan, or `{"environments": {NAME: plan, or {"error": ...}}}`; `schemas/plans.schema.json` describes it."""
    if not look.several and len(environments) == 1 and environments[0].plan is not None:
        return escape_json(dumps(environments[0].plan, indent=True).decode()) + "\n"
    value: JsonMap = {"environments": {one.name: _one(one) for one in environments}}
    return escape_json(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()) + "\n"


def _one(one: EnvironmentPlan) -> JsonMap:
    return to_json(one.plan) if one.plan is not None else {"error": _error(one.failure or Failure("there is no plan"))}


def _error(failure: Failure) -> JsonMap:
    return {
        "message": failure.message,
        "hint": failure.hint,
        "exit_code": failure.exit_code,
        "diagnostics": [diagnostic_json(item) for item in failure.diagnostics],
    }
