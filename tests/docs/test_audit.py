"""The dependency audit: what it says, and where it runs. It is asked with reports only; the database is a network away."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from scripts.audit import LIST, WAIVED, verdict, wanted
from tests.docs.pages import ROOT

NAMES = {"good", "other-one"}
CLEAN: dict[str, Any] = {"name": "good", "version": "1", "vulns": []}
OTHER: dict[str, Any] = {"name": "Other_One", "version": "2", "vulns": []}
BAD: dict[str, Any] = {
    **OTHER,
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3"], "description": ""}],
}


def report(*found: dict[str, Any]) -> str:
    return json.dumps({"dependencies": found, "fixes": []})


@pytest.mark.parametrize(
    ("said", "code", "word"),
    [
        (report(CLEAN, OTHER), 0, "nothing is known about any of 2"),
        (report(CLEAN, BAD), 1, "Other_One 2: PYSEC-1, mended in 3"),
        (report(CLEAN), 2, "1 of 2 packages were not judged: other-one"),
        (report(CLEAN, {"name": "other-one", "skip_reason": "not found"}), 2, "not judged"),
        (report(BAD), 1, "not judged"),
        (report(), 2, "2 of 2"),
        ("", 2, "nobody could be asked"),
        ("null", 2, "nobody could be asked"),
        ("Traceback", 2, "nobody could be asked"),
    ],
)
def test_what_was_not_judged_is_not_called_safe(said: str, code: int, word: str) -> None:
    found = verdict(NAMES, said)
    assert found.code == code
    assert word in "\n".join(found.lines)


def test_a_waived_advisory_is_known_by_each_of_its_names() -> None:
    for name in ("PYSEC-1", "CVE-1"):
        assert verdict(NAMES, report(CLEAN, BAD), [name]).code == 0
    assert all(WAIVED.values())


def test_every_package_that_is_installed_is_asked_about() -> None:
    names = wanted(LIST.read_text("utf-8"))
    assert {"uvicorn", "starlette", "pyjwt", "cryptography", "httpx", "jsonschema-rs", "psycopg"} <= names
    assert len(names) > 80


def workflow() -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    return found


def test_ci_audits_every_change_and_every_week() -> None:
    assert {"run": "make audit"} in workflow()["jobs"]["audit"]["steps"]
    assert {"push", "pull_request", "schedule"} <= set(workflow()[True])  # YAML 1.1 reads `on` so


def test_workflows_may_only_read_and_keep_no_token() -> None:
    assert workflow()["permissions"] == {"contents": "read"}
    for job in workflow()["jobs"].values():
        assert "permissions" not in job
        for step in job["steps"]:
            assert re.fullmatch(r"[\w./-]+@v[0-9]+(\.[0-9]+)*", step.get("uses", "a/b@v1")), step
            if "checkout" in step.get("uses", ""):
                assert step["with"] == {"persist-credentials": False}


def test_updates_are_proposed_for_every_list_of_versions() -> None:
    found = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text("utf-8"))["updates"]
    places = {(one["package-ecosystem"], one["directory"]) for one in found}
    assert places == {("pip", "/"), ("github-actions", "/"), ("npm", "/tests/editor")}
    assert (ROOT / "tests" / "editor" / "package-lock.json").exists()
