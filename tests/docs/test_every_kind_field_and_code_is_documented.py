"""Every kind, every field and every code stands in the reference. What there is to document is asked of the JSON Schemas and of the
source, not of what writes the reference."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT, everything

REFERENCE = ROOT / "docs" / "reference"
KINDS_PAGE = (REFERENCE / "kinds.md").read_text("utf-8")
CODES_PAGE = (REFERENCE / "codes.md").read_text("utf-8")
SCHEMAS = sorted((ROOT / "schemas" / "kinds").glob("*.schema.json"))
OF_ALL = ("apiVersion", "kind", "metadata", "spec")


def kind_of(path: Path) -> str:
    return path.name.partition(".")[0]


def section(heading: str) -> str:
    """The part of the page below a heading of the first or second level."""
    found = re.search(rf"^##? {re.escape(heading)}$(.*?)(?=^##? |\Z)", KINDS_PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, f"{heading} has no section"
    return found[1]


def fields(schema: Any, above: str = "") -> Iterator[str]:
    """The paths of all fields that a JSON Schema names: `a.b`, `a[].b`, `a.NAME.b`."""
    if not isinstance(schema, dict):
        return
    for name, inner in schema.get("properties", {}).items():
        path = f"{above}.{name}" if above else name
        yield path
        yield from fields(inner, path)
    yield from fields(schema.get("items"), f"{above}[]")
    yield from fields(schema.get("additionalProperties"), f"{above}.NAME")
    for word in ("anyOf", "oneOf", "allOf"):
        for inner in schema.get(word, []):
            yield from fields(inner, above)


def rows(text: str) -> set[str]:
    """What the first cells of a table's rows name."""
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))


@pytest.mark.parametrize("path", SCHEMAS, ids=kind_of)
def test_every_field_of_a_kind_stands_in_its_section(path: Path) -> None:
    schema = json.loads(path.read_text("utf-8"))["properties"]
    documented = rows(section(kind_of(path)))
    wanted = {*fields(schema["spec"]), *fields(schema["metadata"])}
    of_ours = {name for name in wanted if not name.startswith("schema.")}  # what a JSON Schema may hold is no field
    named = documented | {name.removeprefix("metadata.") for name in documented}
    with_sections = {name[: part.start()] for name in named for part in re.finditer(r"[.\[]", name)}
    assert sorted(of_ours - named - with_sections) == []
    assert len(of_ours) > 1


def test_every_field_of_the_project_file_stands_in_its_section() -> None:
    schema = json.loads((ROOT / "schemas" / "project.schema.json").read_text("utf-8"))
    assert sorted({*fields(schema)} - {*OF_ALL} - rows(section("The project file"))) == []


def test_every_kind_is_named_on_the_page_about_manifests_or_layers() -> None:
    text = "".join((ROOT / "docs" / name).read_text("utf-8") for name in ("manifests.md", "layers.md"))
    assert [kind_of(path) for path in SCHEMAS if f"`{kind_of(path)}`" not in text] == []


def test_every_section_of_the_project_file_is_told_in_a_page_for_people() -> None:
    schema = json.loads((ROOT / "schemas" / "project.schema.json").read_text("utf-8"))
    of_environments = schema["properties"]["environments"]["additionalProperties"]["properties"]
    named = {*schema["properties"], *of_environments} - {"apiVersion", "kind"}
    assert sorted(name for name in named if not re.search(rf"\b{name}\b", everything())) == []


def test_every_code_that_the_source_names_stands_in_the_reference() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    named = set(re.findall(r"\bPAC\d{3}\b", sources))
    assert len(named) > 200
    assert sorted(named - rows(CODES_PAGE)) == []


def test_every_code_that_a_page_names_exists() -> None:
    assert sorted(set(re.findall(r"\bPAC\d{3}\b", everything())) - rows(CODES_PAGE)) == []


def test_every_finding_has_a_row_that_says_why_and_what_next() -> None:
    from pool_as_code.plan.findings.catalogue import CATALOGUE

    findings = CODES_PAGE.partition("## Findings")[2].partition("\n## ")[0]
    assert rows(findings) == {finding.code for finding in CATALOGUE}
    cells = [re.split(r"(?<!\\)\|", line) for line in findings.splitlines() if line.startswith("| `")]
    assert all(cell.strip() for line in cells for cell in line[1:-1])
