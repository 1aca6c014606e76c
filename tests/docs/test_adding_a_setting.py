"""docs/adding-a-setting.md, performed: its one line, inserted into a copy of the source, is a whole setting."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "adding-a-setting.md"
FIELD, WIRE = "passwordPolicy.distinct", "min_distinct"
PROJECT = {"apiVersion": "pool-as-code/v1", "kind": "Project", "id": "p-0123456789abcdef", "name": "shop"}
LIVE_CHANGE = """
from pathlib import Path
from pool_as_code.directory import pools
from pool_as_code.directory.directory import Directory
live = Directory(Path(".pool-as-code/directory.db"))
pools.update(live, "customers", [(("spec", "passwordPolicy", "distinct"), 9)])
"""
REFERENCE = """
from pool_as_code.render.reference import pages
print(dict(pages())["kinds.md"])
"""


@dataclass(frozen=True)
class Fork:
    """A copy of the source with the line in it, and a project beside it."""

    source: Path
    project: Path

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A Python that imports the copy."""
        environ = {"PYTHONPATH": str(self.source), "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=self.project, env=environ, capture_output=True, text=True, check=False)

    def pac(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The copy's command line."""
        return self.python("-m", "pool_as_code.cli", *arguments)

    def declare(self, **policy: object) -> None:
        """The project's one pool gets this password policy."""
        metadata, spec = {"name": "customers"}, {"passwordPolicy": policy}
        manifest = {"apiVersion": "pool-as-code/v1", "kind": "IdentityPool", "metadata": metadata, "spec": spec}
        (self.project / "manifests" / "pool.json").write_text(json.dumps(manifest))

    def applied(self, **policy: object) -> None:
        """Declared and applied."""
        self.declare(**policy)
        done = self.pac("apply", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr


def the_line() -> tuple[Path, str, str]:
    """What the page says: the file, the field that the line goes below, the line."""
    text = PAGE.read_text("utf-8")
    (block,) = blocks(PAGE, "python")
    place = re.search(r"Put this into\s+`src/([^`]+)`, below `(\w+)`", text)
    assert place is not None
    assert block.text.count("\n") == 1
    assert len(block.text) <= 121, "the formatter would make several lines of it"
    return Path(place[1]), place[2], block.text


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of `src/` with the page's line where the page says."""
    copy = tmp_path_factory.mktemp("fork") / "src"
    shutil.copytree(ROOT / "src", copy, ignore=shutil.ignore_patterns("__pycache__"))
    path, neighbour, line = the_line()
    file = copy / path
    lines = file.read_text("utf-8").splitlines(keepends=True)
    (above,) = [number for number, text in enumerate(lines) if text.startswith(f"    {neighbour}: ")]
    assert lines[above].count("[") == lines[above].count("]"), "the neighbour must be one line, too"
    lines.insert(above + 1, line)
    file.write_text("".join(lines), "utf-8")
    return copy


@pytest.fixture
def fork(source: Path, tmp_path: Path) -> Fork:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "pool-as-code.yaml").write_text(json.dumps(PROJECT))
    return Fork(source, tmp_path)


def test_without_the_line_the_setting_is_unknown(fork: Fork) -> None:
    fork.declare(distinct=5)

    refused = Fork(ROOT / "src", fork.project).pac("validate")

    assert refused.returncode == 1
    assert "unknown key 'distinct'" in refused.stdout


def test_validate_accepts_the_setting_and_refuses_a_wrong_type_and_a_wrong_number(fork: Fork) -> None:
    fork.declare(distinct=5)
    assert fork.pac("validate").returncode == 0

    fork.declare(distinct="5")
    assert "PAC205" in fork.pac("validate").stdout

    fork.declare(distinct=-1)
    assert "PAC207" in fork.pac("validate").stdout


def test_a_misspelling_and_the_service_s_word_lead_to_the_setting(fork: Fork) -> None:
    fork.declare(distnct=5)
    assert "did you mean distinct?" in fork.pac("validate").stdout

    fork.declare(**{WIRE: 5})
    refused = fork.pac("validate").stdout
    assert "PAC214" in refused
    assert "distinct" in refused


def test_plan_shows_it_apply_writes_it_and_the_second_plan_is_empty(fork: Fork) -> None:
    fork.declare(distinct=5)
    assert f"{FIELD}: 5" in fork.pac("plan").stdout

    fork.applied(distinct=5)

    again = fork.pac("plan", "--detailed-exitcode")
    assert again.returncode == 0, again.stdout
    assert "Nothing to do" in again.stdout
    assert "distinct: 5" in fork.pac("pull").stdout


def test_null_resets_it_to_its_default_and_stays_reset(fork: Fork) -> None:
    fork.applied(distinct=5)
    fork.declare(distinct=None)
    assert f"{FIELD}: 5 -> 0" in fork.pac("plan").stdout

    fork.applied(distinct=None)

    assert "Nothing to do" in fork.pac("plan").stdout


def test_a_lower_value_is_marked_as_weaker(fork: Fork) -> None:
    fork.applied(distinct=5)
    fork.declare(distinct=4)

    planned = fork.pac("plan").stdout

    assert f"{FIELD}: 5 -> 4  ! weaker" in planned
    assert "weakens-security" in planned


def test_drift_sees_a_live_change_and_who_moved(fork: Fork) -> None:
    fork.applied(distinct=5)
    assert fork.python("-c", LIVE_CHANGE).returncode == 0

    found = fork.pac("drift")

    assert found.returncode == 2
    assert f"{FIELD}: declared 5, live 9" in found.stdout
    assert "changed live" in found.stdout


def test_a_dump_is_read_by_the_service_s_name(fork: Fork) -> None:
    pool = {"id": "customers", "tenant_id": "t", "name": "Customers", "password_policy": {WIRE: 7}}
    (fork.project / "dump.json").write_text(json.dumps({"pools": [pool]}))

    pulled = fork.pac("pull", "--store", "dump:dump.json").stdout

    assert "passwordPolicy: {distinct: 7}" in pulled
    assert "extra" not in pulled


def test_the_regenerated_reference_gains_one_line_and_nothing_else(fork: Fork) -> None:
    before = (ROOT / "docs" / "reference" / "kinds.md").read_text("utf-8").splitlines()

    made = fork.python("-c", REFERENCE)

    after = made.stdout.splitlines()[: len(before) + 1]
    (added,) = [line for line in after if line not in before]
    assert [line for line in after if line != added] == before
    assert added.startswith(f"| `{FIELD}` | whole number | Fewest different characters. | `0` | `{WIRE}` |")
