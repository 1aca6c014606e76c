"""CONTRIBUTING.md is true: what it names is there."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PATHS = sorted(set(re.findall(r"`((?:src|tests|docs|\.ci)/[\w./-]+)`", TEXT)))


@pytest.mark.parametrize("path", PATHS)
def test_every_path_it_names_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_it_names_every_target_of_make_and_no_other() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", TEXT)) == targets - {"help", "clean"}


def test_ci_runs_what_it_says() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    (sentence,) = re.findall(r"`\.ci/run` is what continuous integration runs: ([^.]+)\.", TEXT)
    assert re.findall(r"^make (\w+)$", script, re.MULTILINE) == re.findall(r"`make (\w+)`", sentence)
    assert "run: .ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")


def test_its_rooms_are_those_that_the_architecture_test_enforces() -> None:
    from tests.test_architecture import LEVELS, SOURCE

    rooms = {path.name for path in SOURCE.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    drawn = {
        room: int(level)
        for level, names in re.findall(r"^ (\d)  ((?:[a-z]+  ?)+) ", TEXT, re.MULTILINE)
        for room in names.split()
    }
    assert drawn == {room: LEVELS[room] for room in rooms}
