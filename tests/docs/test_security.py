"""The threat model is true: each promise names a part of the code and a test, and both are there."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
BOUNDARIES = re.findall(r"^### (\d)\. .+?\n(.*?)(?=^##)", TEXT, re.MULTILINE | re.DOTALL)
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for _, body in BOUNDARIES
    for line in body.splitlines()
    if line.startswith("|") and "---" not in line and not line.startswith("| promise")
]


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:50] for row in ROWS])
def test_every_promise_has_code_that_keeps_it_and_tests_that_show_it(row: list[str]) -> None:
    promise, by, shown = row
    files = re.findall(r"`([^`]+)`", by)
    tests = re.findall(r"`([^`:]+)::(test_\w+)`", shown)
    assert files
    assert tests
    for file in files:
        assert (ROOT / file).is_file(), promise
    for file, name in tests:
        assert re.search(rf"^def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE), f"{file}::{name}"
    assert re.sub(r"`[^`]+`|[,\s]", "", shown) == ""


def test_every_boundary_of_the_picture_has_a_section() -> None:
    (picture,) = re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL)
    drawn = set(re.findall(r"(?<!\w)([1-9])(?!\w)", picture))
    assert drawn == {number for number, _ in BOUNDARIES}
    assert all(len(re.findall(r"^\| (?!---|promise)", body, re.MULTILINE)) >= 2 for _, body in BOUNDARIES)


@pytest.mark.parametrize("page", ["docs/index.md", "README.md", "docs/safety.md", "docs/serve.md"])
def test_whoever_serves_or_runs_pipelines_finds_it(page: str) -> None:
    assert "security.md" in (ROOT / page).read_text("utf-8")
