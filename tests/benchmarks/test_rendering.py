"""The benchmark of showing plans runs on a few changes, as processes that succeed. No time is asserted."""

from __future__ import annotations

import pytest

from benchmarks.rendering import main, plans
from pool_as_code.plan.codec import dumps, loads
from pool_as_code.render.outputs import RENDERERS


def test_every_form_is_measured_for_every_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--changes", "3"]) == 0
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    assert len(rows) == 3 * (2 * len(RENDERERS) - 1)
    assert all(int(row[-1].rstrip(" |").replace(",", "")) > 100 for row in rows)


def test_the_plans_have_as_many_changes_as_asked_for_and_are_plans() -> None:
    for _, plan in plans(7):
        assert len(loads(dumps(plan)).changes) == 7
