"""The YAML in the pages is valid, or as wrong as it says, with the message that is shown."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import yaml

from pool_as_code.api import load
from pool_as_code.core.diagnostics import Severity
from pool_as_code.manifest.project import read_project
from tests.cli.shop import Shop
from tests.docs.pages import PAGES, ROOT, Block, all_blocks

EVERY_PAGE = tuple(dict.fromkeys([*PAGES, *sorted((ROOT / "docs").rglob("*.md"))]))
BLOCKS = [block for page in EVERY_PAGE for block in all_blocks(page) if block.language == "yaml" and not block.file]
WRONG = re.compile(r"\A# wrong: (PAC\d{3})\n")
PLACE = re.compile(r"\A(?P<file>[^\s:]+\.yaml):\d+:\d+: error ")


def identity(document: Any) -> tuple[str, str, str]:
    metadata = document.get("metadata", {})
    return str(document.get("kind")), str(metadata.get("pool", "")), str(metadata.get("name", ""))


def example_of(page: Path) -> Path:
    """The project that a page's blocks belong to: that of the example, elsewhere the quickstart."""
    examples = ROOT / "examples"
    return page.parent if examples in page.parents else examples / "quickstart"


def a_project_with(block: Block, folder: Path, file: str = "of-the-page.yaml") -> Path:
    """The page's project, with the block's documents in the place of those of the same name."""
    shutil.copytree(example_of(block.page), folder, ignore=shutil.ignore_patterns(".pool-as-code"))
    ours = {identity(document) for document in yaml.safe_load_all(block.text)}
    for path in (folder / "manifests").rglob("*.yaml"):
        kept = [document for document in yaml.safe_load_all(path.read_text("utf-8")) if identity(document) not in ours]
        path.write_text("\n---\n".join(map(json.dumps, kept)) or "# empty\n", "utf-8")
    (folder / "manifests" / file).write_text(block.text, "utf-8")
    return folder


def errors_of(project: Path) -> dict[str, list[str]]:
    """Code -> what is said, for every environment."""
    found: dict[str, list[str]] = {}
    for item in load(cwd=project, environ={}).validate().diagnostics:
        if item.severity is Severity.ERROR:
            found.setdefault(item.code, []).append(str(item))
    return found


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_yaml_in_a_page_is_valid_or_fails_as_it_says(block: Block, tmp_path: Path) -> None:
    if "kind: Project" in block.text:
        file = tmp_path / "pool-as-code.yaml"
        file.write_text(block.text, "utf-8")
        assert read_project(file).id
        return
    said = WRONG.match(block.text)
    found = errors_of(a_project_with(block, tmp_path / "project"))
    assert set(found) == ({said[1]} if said else set()), found


@pytest.mark.parametrize("block", [block for block in BLOCKS if WRONG.match(block.text)], ids=lambda block: block.name)
def test_yaml_that_is_wrong_is_followed_by_its_message(block: Block, tmp_path: Path) -> None:
    page = all_blocks(block.page)
    below = next(iter(page[page.index(block) + 1 :]), None)
    assert below is not None, block.name
    assert below.language == "text", f"{block.name}: show its message below, as ```text"
    place = PLACE.match(below.text)
    assert place is not None, below.name
    project = a_project_with(block, tmp_path / "project", place["file"].removeprefix("manifests/"))
    assert Shop(project).pac("validate").stdout.splitlines() == below.text.splitlines()


def steps_of_files() -> Iterator[tuple[str, list[Block]]]:
    """The files that a reader has when a page comes to its next console: where that is, and all blocks saved so far."""
    for page in EVERY_PAGE:
        saved: list[Block] = []
        for to_save, together in groupby(all_blocks(page), key=lambda block: bool(block.file)):
            if to_save:
                saved += together
                yield saved[-1].name, list(saved)


STEPS = dict(steps_of_files())


@pytest.mark.parametrize("step", STEPS)
def test_files_that_the_reader_saves_make_a_valid_project_in_canonical_form_at_every_step(
    step: str, tmp_path: Path
) -> None:
    for block in STEPS[step]:
        file = tmp_path / block.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, "utf-8")
    assert errors_of(tmp_path) == {}
    form = Shop(tmp_path).pac("fmt", "--check", "--diff")
    assert form.exit_code == 0, form.output


def test_the_pages_show_both_right_and_wrong_manifests() -> None:
    wrong = [block for block in BLOCKS if WRONG.match(block.text)]
    assert wrong
    assert len(wrong) < len(BLOCKS)


def test_yaml_of_others_is_yaml_and_none_of_ours() -> None:
    for block in (block for page in EVERY_PAGE for block in all_blocks(page) if block.language == "yml"):
        assert yaml.safe_load(block.text), block.name
        assert "pool-as-code/v1" not in block.text, f"{block.name}: manifests are ```yaml"


def test_every_fence_is_of_the_convention() -> None:
    known = {"console", "yaml", "yml", "sh", "text", "python", "json", "lua"}
    odd = [block.name for page in EVERY_PAGE for block in all_blocks(page) if block.language not in known]
    hidden = [
        f"{page.relative_to(ROOT)}: {line}"
        for page in EVERY_PAGE
        for line in page.read_text("utf-8").splitlines()
        if re.match(r"\s*(~~~|\s```|```[a-z]*[A-Z])", line)
    ]
    assert odd + hidden == []
