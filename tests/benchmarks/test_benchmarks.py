"""The benchmarks run from end to end on few users, and judge what they measured. No time is asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.contest import Phase, Result
from benchmarks.contestants.pac import clean_environ
from benchmarks.goals import judge
from benchmarks.process import Measured
from benchmarks.report import BEGIN, END, put_between_markers

ROOT = Path(__file__).parents[2]


def a_result(tool: str, phase: str, size: int, seconds: float, code: int | None = 0) -> Result:
    return Result(tool, phase, size, [Measured(seconds, seconds, 50.0, code, "", 0)], "" if code == 0 else "ended")


def test_a_small_run_measures_every_phase_and_writes_its_results(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--sizes", "50", "--rivals", "none", "--repeat", "1"]
    done = subprocess.run(
        [*command, "--into", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )

    assert done.returncode == 0, done.stderr
    written = json.loads((tmp_path / "latest.json").read_text("utf-8"))
    measured = {(r["tool"], r["phase"]): r for r in written["results"] if r["users"] == 50}
    assert {phase for tool, phase in measured if tool == "pac"} == {str(phase) for phase in Phase}
    assert ("floor", "plan no change") in measured
    assert all(r["seconds"] > 0 and r["peak_mb"] > 0 and not r["problem"] for r in written["results"])
    assert {r["phase"] for r in written["results"] if not r["users"]} >= {"pac --help", "quickstart, plan no change"}
    assert "plan no change" in done.stdout


def test_what_is_measured_is_the_installed_product_whatever_the_caller_has_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/another/source")
    monkeypatch.setenv("POOL_AS_CODE_STORE", "memory:")
    monkeypatch.setenv("HOME", "/home/ada")

    kept = clean_environ()

    assert kept["HOME"] == "/home/ada"
    assert not {"PYTHONPATH", "POOL_AS_CODE_STORE"} & kept.keys()


def test_a_ratio_is_judged_by_what_both_sides_took() -> None:
    ours = a_result("pac", Phase.PLAN_SAME, 10_000, 1.0)

    (good, *_) = judge([ours, a_result("octodns", Phase.PLAN_SAME, 10_000, 10.5)])
    (bad, *_) = judge([ours, a_result("octodns", Phase.PLAN_SAME, 10_000, 9.5)])

    assert (good.met, good.measured) == (True, "10.5 times")
    assert (bad.met, bad.measured) == (False, "9.5 times")


def test_a_rival_that_ran_into_the_limit_is_a_lower_bound() -> None:
    ours = a_result("pac", Phase.PLAN_SAME, 10_000, 1.0)

    (judged,) = judge([ours, a_result("terraform", Phase.PLAN_SAME, 10_000, 300.0, code=None)])

    assert judged.met
    assert judged.bound


def test_a_rival_that_failed_is_not_judged() -> None:
    ours = a_result("pac", Phase.PLAN_SAME, 10_000, 1.0)

    assert judge([ours, a_result("terraform", Phase.PLAN_SAME, 10_000, 300.0, code=1)]) == []


def test_figures_replace_what_stands_between_the_markers_and_nothing_else(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")

    put_between_markers(readme, "| new |\n")
    put_between_markers(readme, "| newer |\n")

    assert readme.read_text("utf-8") == f"before\n{BEGIN}\n\n| newer |\n\n{END}\nafter\n"
    readme.write_text("no markers", "utf-8")
    with pytest.raises(ValueError, match="markers"):
        put_between_markers(readme, "")


def test_customers_of_rows_are_measured_beside_the_same_objects_written_out(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.customers",
        "--sizes",
        "5,10",
        "--repeat",
        "1",
        "--into",
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)

    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "customers.json").read_text("utf-8"))["results"]
    assert {(r["contestant"], r["phase"], r["customers"]) for r in results} == {
        (contestant, phase, size)
        for contestant in ("rows", "written out")
        for phase in ("validate", "plan, no change")
        for size in (5, 10)
    }
    assert all(r["seconds"] > 0 and r["peak_mb"] > 0 for r in results)
    assert "| 10 | 61 | plan, no change |" in done.stdout
