"""The project file: found upwards, read strictly, environments chosen by name."""

from pathlib import Path

import pytest

from pool_as_code.core.edits import apply_edits
from pool_as_code.core.errors import InvalidInput
from pool_as_code.manifest.project import (
    Project,
    choose_environment,
    find_project,
    new_project_lines,
    read_project,
)

HEAD = "apiVersion: pool-as-code/v1\nkind: Project\n"
LINES = HEAD + "id: p-0123456789abcdef\nname: Shop\n"


def a_project(folder: Path, more: str = "", text: str = LINES) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pool-as-code.yaml"
    path.write_text(text + more)
    return path


def read(folder: Path, more: str = "") -> Project:
    return read_project(a_project(folder, more))


def refused(folder: Path, more: str = "", text: str = LINES) -> list[str]:
    path = a_project(folder, more, text)
    with pytest.raises(InvalidInput) as error:
        read_project(path)
    return [f"{d.location.line if d.location else 0} {d.code} {d.summary}" for d in error.value.diagnostics]


def test_a_project_knows_its_owner_id_and_folder(tmp_path: Path) -> None:
    project = read(tmp_path)
    assert (project.id, project.name, project.root) == ("p-0123456789abcdef", "Shop", tmp_path)


def test_manifests_lie_in_the_folder_of_that_name_if_there_is_one_else_beside_the_file(tmp_path: Path) -> None:
    assert read(tmp_path).manifests == (".",)
    (tmp_path / "manifests").mkdir()
    assert read(tmp_path).manifests == ("manifests",)
    assert read(tmp_path, "manifests: [base, extra.yaml]\n").manifests == ("base", "extra.yaml")


def test_a_project_is_found_from_a_folder_below_it(tmp_path: Path) -> None:
    a_project(tmp_path)
    below = tmp_path / "manifests" / "deep"
    below.mkdir(parents=True)
    found = find_project(below)
    assert found is not None
    assert found.root == tmp_path


def test_the_search_does_not_leave_a_git_repository(tmp_path: Path) -> None:
    a_project(tmp_path)
    inside = tmp_path / "repository" / "folder"
    inside.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    assert find_project(inside) is None
    a_project(tmp_path / "repository")
    found = find_project(inside)
    assert found is not None
    assert found.root == tmp_path / "repository"


def test_new_lines_are_a_valid_project_with_an_id_of_its_own(tmp_path: Path) -> None:
    first, second = new_project_lines("My shop: EU"), new_project_lines("My shop: EU")
    assert first != second
    project = read_project(a_project(tmp_path, text=first))
    assert project.name == "My shop: EU"
    assert len(project.id) == 18


def test_guards_and_environments_are_read(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        "maxDeletes: {user: 20}\ndefaultEnvironment: dev\n"
        "environments:\n  dev: {store: 'sqlite:///dev.db', manifests: [only/dev]}\n  prod: {}\n",
    )
    assert project.max_deletes == {"user": 20}
    assert project.environments["dev"].store == "sqlite:///dev.db"
    assert project.environments["dev"].manifests == ("only/dev",)
    assert choose_environment(project, None).name == "dev"
    assert choose_environment(project, "prod").name == "prod"


def test_every_problem_of_the_file_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    assert refused(tmp_path, "manifest: [a]\nmaxDeletes: {users: 3}\n") == [
        "5 PAC203 unknown key 'manifest' in the document"
    ]
    assert refused(tmp_path, "maxDeletes: {users: 3}\ndefaultEnvironment: dev\nenvironments: {'a b': {}}\n") == [
        "5 PAC132 maxDeletes has no such kind",
        "6 PAC134 there is no environment dev",
        "7 PAC133 an environment's name has letters, digits, - and _ only",
    ]


def test_unknown_keys_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "guards: {}\n") == ["5 PAC203 unknown key 'guards' in the document"]
    assert refused(tmp_path, "environments: {prod: {guards: true}}\n") == [
        "5 PAC203 unknown key 'guards' in environments.prod"
    ]


def test_names_of_variables_and_days_are_asked_for_in_words(tmp_path: Path) -> None:
    name = "a name of letters, digits and _ that begins with no digit, at most 64 characters"
    assert refused(tmp_path, "variables:\n  Bad Name: 3\n") == [f"6 PAC208 a key of variables needs {name}"]
    waiver = "{rule: second-factor-missing, reason: later, expires: soon}"
    assert refused(tmp_path, f"waivers:\n  - {waiver}\n") == [
        "6 PAC208 waivers[0].expires needs a day such as 2027-03-31"
    ]


def test_a_file_without_an_id_is_repaired_with_a_random_one(tmp_path: Path) -> None:
    path = a_project(tmp_path, text=HEAD + "name: Shop\n")
    with pytest.raises(InvalidInput) as error:
        read_project(path)
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "PAC204"
    path.write_text(apply_edits(path.read_text(), diagnostic.edits))
    assert read_project(path).id.startswith("p-")


@pytest.mark.parametrize(
    "text", ["", "- a\n", "kind: User\n", LINES + "---\n" + LINES, "apiVersion: pool-as-code/v1\nkind: IdentityPool\n"]
)
def test_something_else_under_the_name_of_the_project_file_is_refused(tmp_path: Path, text: str) -> None:
    assert [line.split()[1] for line in refused(tmp_path, text=text)] == ["PAC131"]


def test_broken_yaml_in_the_project_file_is_told_with_its_place(tmp_path: Path) -> None:
    assert refused(tmp_path, "name: Twice\n")[0].startswith("5 PAC110")


def test_a_project_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "pool-as-code.yaml").mkdir()
    with pytest.raises(InvalidInput, match="can not be read"):
        read_project(tmp_path / "pool-as-code.yaml")


def test_without_environments_there_is_the_default_one(tmp_path: Path) -> None:
    assert choose_environment(None, None).name == "default"
    assert choose_environment(read(tmp_path), None).name == "default"
    with pytest.raises(InvalidInput, match="no environments"):
        choose_environment(read(tmp_path), "prod")


def test_with_environments_one_must_be_chosen_and_a_slip_is_corrected(tmp_path: Path) -> None:
    project = read(tmp_path, "environments: {dev: {}, prod: {}}\n")
    with pytest.raises(InvalidInput) as none:
        choose_environment(project, None)
    assert "dev, prod" in none.value.hint
    with pytest.raises(InvalidInput) as slip:
        choose_environment(project, "prd")
    assert "--env prod" in slip.value.hint
    with pytest.raises(InvalidInput) as several:
        choose_environment(project, "dev,prod")
    assert several.value.hint == "choose one here; pac plan takes several"
    assert choose_environment(project, None, needed=False).name == "default"


def test_an_environment_without_anything_is_written_as_an_empty_map(tmp_path: Path) -> None:
    path = a_project(tmp_path, "environments:\n  dev:\n  prod:\n")
    with pytest.raises(InvalidInput) as error:
        read_project(path)
    assert [item.code for item in error.value.diagnostics] == ["PAC212", "PAC212"]
    path.write_text(apply_edits(path.read_text(), [edit for item in error.value.diagnostics for edit in item.edits]))
    assert list(read_project(path).environments) == ["dev", "prod"]


def test_a_folder_above_that_nobody_may_look_into_holds_no_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", forbidden)
    assert find_project(tmp_path) is None
