"""An apply of 200 mixed changes that is killed and run again ends like one that nobody disturbed.

Some dozens of its 1,400 writes here, other ones in each way; `make kills` kills before each of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("mode", "resume", "every"),
    [
        ("single", "manifests", 53),
        ("single", "plan", 59),
        ("transaction", "manifests", 97),
        ("transaction", "plan", 101),
    ],
)
def test_a_killed_apply_is_finished_by_the_next_one(mode: str, resume: str, every: int) -> None:
    kill(mode, resume, every, "sqlite", least=12)


@pytest.mark.parametrize(("mode", "resume", "every"), [("single", "plan", 331), ("transaction", "manifests", 397)])
def test_a_killed_apply_on_postgresql_is_finished_by_the_next_one(mode: str, resume: str, every: int) -> None:
    kill(mode, resume, every, "postgres", least=3)


def kill(mode: str, resume: str, every: int, database: str, *, least: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.apply.kills", mode, resume, str(every), database],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["changes"] >= 200
    assert summary["kills"] >= least
