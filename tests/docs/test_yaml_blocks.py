"""The YAML in the pages is valid, or as wrong as it says."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from pool_as_code.api import load
from pool_as_code.core.diagnostics import Severity
from pool_as_code.manifest.project import read_project
from tests.docs.pages import PAGES, ROOT, Block, blocks

BLOCKS = [block for page in PAGES for block in blocks(page, "yaml")]
WRONG = re.compile(r"\A# wrong: (PAC\d{3})\n")


def identity(document: Any) -> tuple[str, str, str]:
    metadata = document.get("metadata", {})
    return str(document.get("kind")), str(metadata.get("pool", "")), str(metadata.get("name", ""))


def a_project_with(block: Block, folder: Path) -> Path:
    """The quickstart, with the block's documents in the place of those of the same name."""
    shutil.copytree(ROOT / "examples" / "quickstart", folder, ignore=shutil.ignore_patterns(".pool-as-code"))
    ours = {identity(document) for document in yaml.safe_load_all(block.text)}
    for file in (folder / "manifests").glob("*.yaml"):
        kept = [document for document in yaml.safe_load_all(file.read_text("utf-8")) if identity(document) not in ours]
        file.write_text("\n---\n".join(map(json.dumps, kept)) or "# empty\n", "utf-8")
    (folder / "manifests" / "of-the-page.yaml").write_text(block.text, "utf-8")
    return folder


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_yaml_in_a_page_is_valid_or_fails_as_it_says(block: Block, tmp_path: Path) -> None:
    if "kind: Project" in block.text:
        file = tmp_path / "pool-as-code.yaml"
        file.write_text(block.text, "utf-8")
        assert read_project(file).id
        return
    said = WRONG.match(block.text)
    found = load(cwd=a_project_with(block, tmp_path / "project"), environ={}).validate()
    errors = {item.code for item in found.diagnostics if item.severity is Severity.ERROR}
    assert errors == ({said[1]} if said else set()), [str(item) for item in found.diagnostics]


def test_the_pages_show_both_right_and_wrong_manifests() -> None:
    wrong = [block for block in BLOCKS if WRONG.match(block.text)]
    assert wrong
    assert len(wrong) < len(BLOCKS)
