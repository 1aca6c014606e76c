"""`pac init`: a starter project that works as it is, in an empty folder and in a Git repository."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from pool_as_code.app.starter import start_project
from pool_as_code.core.errors import InvalidInput
from tests.cli.shop import Shop

MODELINE = re.compile(r"\A# yaml-language-server: \$schema=(?P<path>\S+)$", re.MULTILINE)


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("cheap_hashing")
def test_a_starter_project_is_valid_formatted_clean_and_applied_without_any_variable(tmp_path: Path) -> None:
    here = Shop(tmp_path)
    here.environ["ADA_PASSWORD"] = None
    made = here.pac("init", "my shop")
    assert made.exit_code == 0
    assert made.stdout.splitlines()[0] == "my shop/pool-as-code.yaml"
    assert made.stderr == "next: cd 'my shop' && pac validate && pac plan && pac apply\n"
    there = Shop(tmp_path / "my shop", here.environ)
    assert there.pac("fmt", "--check").exit_code == 0
    assert there.pac("validate").exit_code == 0
    linted = there.pac("lint", "--strict")
    assert linted.exit_code == 0, linted.stdout
    assert "5 to create; 0 unchanged" in there.pac("plan").stdout
    assert "Warnings" not in there.pac("plan").stdout
    assert there.pac("apply", "--yes").exit_code == 0
    again = there.pac("plan", "--detailed-exitcode")
    assert (again.exit_code, "Nothing to do. 5 objects as declared." in again.stdout) == (0, True)


def test_ids_are_random_and_names_are_those_of_the_folder(tmp_path: Path) -> None:
    ids = set()
    for name in ("a", "yes", "x: #y"):
        start_project(tmp_path / name)
        text = (tmp_path / name / "pool-as-code.yaml").read_text("utf-8")
        ids.add(re.search(r"^id: (p-[0-9a-f]{16})$", text, re.MULTILINE)[1])  # type: ignore[index]
        assert Shop(tmp_path / name).pac("validate").exit_code == 0
        assert Shop(tmp_path / name).pac("fmt", "--check").exit_code == 0
    assert len(ids) == 3
    assert '\nname: "x: #y"\n' in text


def test_the_lines_for_editors_lead_to_schemas_that_take_the_manifests(tmp_path: Path) -> None:
    import jsonschema_rs
    import yaml

    start_project(tmp_path)
    files = list(tmp_path.rglob("*.yaml"))
    assert len(files) == 5
    for path in files:
        line = MODELINE.match(path.read_text("utf-8"))
        assert line, path
        schema = json.loads((path.parent / line["path"]).read_text("utf-8"))
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            jsonschema_rs.validate(schema, document)


def test_what_the_comments_offer_is_valid_too(tmp_path: Path) -> None:
    start_project(tmp_path)
    users, project = tmp_path / "manifests/users.yaml", tmp_path / "pool-as-code.yaml"
    users.write_text(users.read_text().replace("  # password: ", "  password: "))
    head, _, offered = project.read_text().partition("#\n# default")
    project.write_text(head + "default" + offered.replace("\n# ", "\n"))
    shop = Shop(tmp_path)
    assert shop.pac("validate").exit_code == 0
    assert "sqlite:////var/lib" in project.read_text()
    assert "dev, prod" in shop.pac("validate").stdout


def test_nothing_is_overwritten_and_all_that_is_in_the_way_is_listed(tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/users.yaml").write_text("mine")
    (tmp_path / ".schemas").write_text("a file")
    (tmp_path / "pool-as-code.yaml").symlink_to("nowhere")
    before = tree(tmp_path)
    result = Shop(tmp_path).pac("init")
    assert result.exit_code == 1
    assert [line for line in result.stderr.splitlines() if "PAC455" in line] == [
        ".schemas: error PAC455: it is there already",
        "manifests/users.yaml: error PAC455: it is there already",
        "pool-as-code.yaml: error PAC455: it is there already",
    ]
    assert tree(tmp_path) == before
    assert Shop(tmp_path).pac("init", "manifests/users.yaml").exit_code != 0


def test_a_repository_keeps_its_own_ignored_files(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("*.pyc\n")
    result = Shop(tmp_path).pac("init", ".")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "add this line to .gitignore: /.pool-as-code/",
        "next: pac validate && pac plan && pac apply",
    ]
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n"
    other = tmp_path / "other"
    other.mkdir()
    (other / ".gitignore").write_text(".pool-as-code\n")
    assert start_project(other).ignore == ""


def test_a_folder_that_can_not_be_written_whole_is_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.open

    def full(self: Path, *arguments: object, **named: object) -> object:
        if self.name == "users.yaml":
            raise OSError(28, os.strerror(28))
        return whole(self, *arguments, **named)  # type: ignore[call-overload]

    (tmp_path / "kept").mkdir()
    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(InvalidInput, match="No space left on device"):
        start_project(tmp_path / "kept" / "new")
    assert list((tmp_path / "kept").iterdir()) == []
