"""The house stands: imports go downward, modules stay small, every field is described, every code has its place."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from pool_as_code.core import codes
from pool_as_code.plan.findings.catalogue import CATALOGUE
from pool_as_code.resources.registry import KINDS

SOURCE = Path(__file__).parents[1] / "src" / "pool_as_code"
DOCS = Path(__file__).parents[1] / "docs"
LEVELS = {
    "core": 0,
    "resources": 1,
    "manifest": 2,
    "plan": 2,
    "stores": 2,
    "directory": 2,
    "lint": 2,
    "render": 3,
    "apply": 3,
    "impact": 3,
    "server": 3,
    "app": 4,
    "cli": 5,
}
ON_DIRECTORY = (
    "stores/sql",
    "stores/sqlite",
    "stores/memory",
    "stores/postgres",
)  # stores.sql and its parts stand on the directory
MODULES = sorted(SOURCE.rglob("*.py"))


def room_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).parts
    return parts[0] if len(parts) > 1 else ""


def imported(path: Path) -> Iterator[str]:
    """Dotted names inside the package that a module imports, wherever in it."""
    package = ["pool_as_code", *path.relative_to(SOURCE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith("pool_as_code"))
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            if module.startswith("pool_as_code"):
                yield from (f"{module}.{name.name}" for name in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_go_downward(path: Path) -> None:
    here = room_of(path)
    if not here:
        return
    for name in imported(path):
        there = name.split(".")[1] if "." in name else ""
        if there not in LEVELS or there == here:
            continue
        allowed = LEVELS[there] < LEVELS[here]
        relative = str(path.relative_to(SOURCE).with_suffix(""))
        if here == "stores" and there == "directory":
            allowed = relative.startswith(ON_DIRECTORY)
        if here == "app" and there == "cli":
            allowed = False
        assert allowed, f"{relative} (room {here}) imports {name} (room {there})"


def test_modules_can_be_read_in_one_sitting() -> None:
    sizes = {str(p.relative_to(SOURCE)): len(p.read_text("utf-8").splitlines()) for p in MODULES}
    long = {name: lines for name, lines in sizes.items() if lines > 420}
    assert not long
    assert statistics.median(sizes.values()) <= 160


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_every_module_says_what_lives_in_it(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
def test_every_field_is_described_and_has_a_default_or_is_chosen_by_the_store(kind: object) -> None:
    from pool_as_code.resources.kind import Kind

    assert isinstance(kind, Kind)
    for path, leaf in kind.shape.leaves():
        assert leaf.doc, f"{kind.name}: {path} has no description"
        known = leaf.has_default or leaf.server_chosen is not None or leaf.per_key or leaf.per_item or leaf.initial
        assert known, f"{kind.name}: {path} has neither a default nor a chooser"


def test_every_code_in_the_source_is_in_the_catalogue_and_the_other_way_round() -> None:
    sources = [path for path in MODULES if path.parent.name != "codes"]
    used = {code for path in sources for code in re.findall(r"PAC\d{3}", path.read_text("utf-8"))}
    known = set(codes.by_code())
    assert used - known == set()
    assert known - used == set()


def test_every_code_and_finding_is_documented() -> None:
    text = "".join(path.read_text("utf-8") for path in DOCS.glob("reference/*.md"))
    missing = [
        code for code in sorted(set(codes.by_code()) | {doc.code for doc in CATALOGUE}) if f"`{code}`" not in text
    ]
    assert not missing


def test_findings_have_one_code_each() -> None:
    listed = [doc.code for doc in CATALOGUE]
    assert len(listed) == len(set(listed))
