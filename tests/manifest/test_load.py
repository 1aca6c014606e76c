"""Loading: which files are read, what is said of paths, and that whatever is wrong becomes a diagnostic with its file."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pool_as_code.core.address import Address
from pool_as_code.core.diagnostics import Location
from pool_as_code.manifest.load import Loaded, load
from pool_as_code.manifest.project import Environment, Project, find_project
from pool_as_code.resources.state import Origin

HEAD = "apiVersion: pool-as-code/v1\nkind: "
PROJECT = HEAD + "Project\nid: p-0123456789abcdef\nname: Shop\n"


def pool(name: str = "customers", more: str = "") -> str:
    return f"{HEAD}IdentityPool\nmetadata: {{name: {name}}}\n{more}"


def group(name: str, pool_name: str = "customers") -> str:
    return f"{HEAD}Group\nmetadata: {{name: {name}, pool: {pool_name}}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder beside which nothing lies."""
    below = tmp_path / "folder"
    below.mkdir()
    return below


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def project_in(folder: Path, more: str = "") -> Project:
    write(folder, {"pool-as-code.yaml": PROJECT + more})
    project = find_project(folder)
    assert project is not None
    return project


def messages(loaded: Loaded) -> list[str]:
    return [f"{item.location}: {item.code} {item.summary}" for item in loaded.diagnostics]


def names(loaded: Loaded) -> list[str]:
    return [str(resource.address) for resource in loaded.state]


def test_a_folder_is_read_with_everything_below_it_sorted(folder: Path) -> None:
    write(
        folder,
        {
            "b.yml": pool("b"),
            "a.yaml": pool("a"),
            "deep/er/c.json": '{"apiVersion": "pool-as-code/v1", "kind": "IdentityPool", "metadata": {"name": "c"}}',
        },
    )
    loaded = load(["."], cwd=folder)
    assert messages(loaded) == []
    assert loaded.files == ("a.yaml", "b.yml", "deep/er/c.json")
    assert names(loaded) == ["pool/a", "pool/b", "pool/c"]
    assert loaded.documents == {"IdentityPool": 3}


def test_hidden_files_other_files_and_the_project_file_are_passed_by(folder: Path) -> None:
    write(
        folder,
        {
            "a.yaml": pool("a"),
            ".b.yaml": "broken: [",
            ".pool-as-code/c.yaml": "broken: [",
            "README.md": "# a",
            "d.txt": "x",
        },
    )
    project_in(folder)
    assert load(["."], cwd=folder).files == ("a.yaml",)


def test_a_hidden_file_that_is_named_is_read(folder: Path) -> None:
    write(folder, {".b.yaml": pool("b")})
    assert names(load([".b.yaml"], cwd=folder)) == ["pool/b"]


def test_a_nested_project_keeps_its_manifests_to_itself(folder: Path) -> None:
    write(
        folder, {"a.yaml": pool("a"), "examples/other/pool-as-code.yaml": PROJECT, "examples/other/b.yaml": pool("b")}
    )
    assert names(load(project=project_in(folder), cwd=folder)) == ["pool/a"]


def test_a_symbolic_link_in_a_circle_ends(folder: Path) -> None:
    write(folder, {"sub/a.yaml": pool("a")})
    (folder / "sub" / "back").symlink_to(folder, target_is_directory=True)
    (folder / "again").symlink_to(folder / "sub", target_is_directory=True)
    assert names(load(["."], cwd=folder)) == ["pool/a"]


def test_a_file_named_twice_is_read_once(folder: Path) -> None:
    write(folder, {"a.yaml": pool("a")})
    loaded = load(["a.yaml", ".", "./a.yaml"], cwd=folder)
    assert messages(loaded) == []
    assert loaded.files == ("a.yaml",)


def test_standard_input_is_a_source(folder: Path) -> None:
    loaded = load(["-", "-"], cwd=folder, read_stdin=lambda: pool("a").encode())
    assert names(loaded) == ["pool/a"]
    assert loaded.files == ("<stdin>",)
    broken = load(["-"], cwd=folder, read_stdin=lambda: pool("a", "spec: {displayNam: A}\n").encode())
    assert messages(broken) == ["<stdin>:4:8: PAC203 unknown key 'displayNam' in spec"]


def test_a_pipe_is_read_once_and_still_located(folder: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, pool("a", "spec: {displayNam: A}\n").encode())
    os.close(writing)
    try:
        loaded = load([f"/dev/fd/{reading}"], cwd=folder)
    finally:
        os.close(reading)
    assert [item.location and item.location.line for item in loaded.diagnostics] == [4]


@pytest.mark.parametrize(
    ("files", "source", "message"),
    [
        ({}, "gone", "gone: PAC140 there is no file or folder gone"),
        ({"a.yaml": "x"}, "a.yaml/b", "a.yaml/b: PAC140 there is no file or folder a.yaml/b"),
        ({}, "\0", "\0: PAC142 \0 can not be read: not a path"),
        ({"sub/.hidden.yaml": "x"}, "sub", "sub: PAC141 no manifests in sub"),
        ({"a.yaml": "# nothing yet\n"}, "a.yaml", "a.yaml: PAC141 no manifests in a.yaml"),
        ({"sub/a.yaml": "", "sub/b.yaml": "---\n"}, "sub", "sub: PAC141 no manifests in sub"),
    ],
)
def test_a_path_without_manifests_is_told(folder: Path, files: dict[str, str], source: str, message: str) -> None:
    write(folder, files)
    assert messages(load([source], cwd=folder)) == [message]


def test_empty_standard_input_is_told(folder: Path) -> None:
    assert messages(load(["-"], cwd=folder)) == ["<stdin>: PAC141 no manifests in standard input"]


def test_neither_path_nor_project_is_told(folder: Path) -> None:
    (found,) = load(cwd=folder).diagnostics
    assert found.code == "PAC143"


def test_a_file_that_vanishes_or_refuses_is_told_and_the_others_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, {"a.yaml": pool("a"), "b.yaml": pool("b")})
    genuine = Path.open

    def refusing(path: Path, *args: object, **kwargs: object) -> object:
        if path.name == "a.yaml":
            raise PermissionError(13, "Permission denied")
        return genuine(path, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refusing)
    loaded = load(["."], cwd=folder)
    assert messages(loaded) == ["a.yaml: PAC142 a.yaml can not be read: Permission denied"]
    assert names(loaded) == ["pool/b"]


def test_a_broken_link_and_a_pipe_in_a_folder_are_told(folder: Path) -> None:
    write(folder, {"a.yaml": pool("a")})
    (folder / "b.yaml").symlink_to(folder / "gone")
    os.mkfifo(folder / "c.yaml")
    assert messages(load(["."], cwd=folder)) == [
        "b.yaml: PAC142 b.yaml can not be read: it is not a file",
        "c.yaml: PAC142 c.yaml can not be read: it is not a file",
    ]


def test_standard_input_that_can_not_be_read_is_told(folder: Path) -> None:
    def closed() -> bytes:
        raise OSError(9, "Bad file descriptor")

    assert messages(load(["-"], cwd=folder, read_stdin=closed)) == [
        "<stdin>: PAC142 <stdin> can not be read: Bad file descriptor"
    ]


def test_bytes_that_are_no_text_are_told_with_their_place(folder: Path) -> None:
    (folder / "a.yaml").write_bytes(b"apiVersion: pool-as-code/v1\nkind: \xff\n")
    assert [str(item.location) for item in load(["."], cwd=folder).diagnostics] == ["a.yaml:2:7"]


def test_all_errors_of_all_files_are_told_at_once_in_order(folder: Path) -> None:
    write(folder, {"b.yaml": pool("b", "spec: {displayNam: B}\n"), "a.yaml": "- [\n", "c.yaml": pool("b")})
    assert [message.partition(":")[0] for message in messages(load(["."], cwd=folder))] == ["a.yaml", "b.yaml"]


def test_broken_documents_are_counted_and_not_part_of_the_state(folder: Path) -> None:
    write(folder, {"a.yaml": f"{pool('a')}---\n{pool('b', 'spec: {x: 1}')}\n---\n{group('g', 'b')}"})
    loaded = load(["."], cwd=folder)
    assert loaded.documents == {"IdentityPool": 2, "Group": 1}
    assert names(loaded) == ["pool/a", "group/b/g"]
    assert [item.code for item in loaded.diagnostics] == ["PAC203"], "the group's pool is broken, not missing"


def test_names_in_a_file_that_can_not_be_read_are_not_called_missing(folder: Path) -> None:
    write(folder, {"a.yaml": "{", "b.yaml": group("g")})
    assert {message.split()[1] for message in messages(load(["."], cwd=folder))} <= {"PAC101", "PAC105"}


def test_one_object_declared_twice_is_told_with_both_places(folder: Path) -> None:
    write(folder, {"a.yaml": pool("a"), "b.yaml": f"{pool('b')}---\n{pool('a')}"})
    (found,) = load(["."], cwd=folder).diagnostics
    assert str(found.location) == "b.yaml:7:18"
    assert "a.yaml:3:18" in found.detail


# -- projects


def test_without_paths_the_whole_project_is_read(folder: Path) -> None:
    write(folder, {"manifests/a.yaml": pool("a"), "other/b.yaml": pool("b")})
    loaded = load(project=project_in(folder), cwd=folder / "manifests")
    assert loaded.whole_project
    assert loaded.files == ("a.yaml",)


def test_files_are_named_from_the_current_folder(folder: Path) -> None:
    write(folder, {"manifests/a.yaml": pool("a"), "here/x.txt": ""})
    assert load(project=project_in(folder), cwd=folder / "here").files == ("../manifests/a.yaml",)


def test_a_part_of_a_project_is_not_the_whole_but_knows_its_names(folder: Path) -> None:
    write(folder, {"manifests/pools.yaml": pool(), "manifests/groups.yaml": group("staff")})
    project = project_in(folder)
    part = load(["manifests/groups.yaml"], project=project, cwd=folder)
    assert messages(part) == []
    assert names(part) == ["group/customers/staff"]
    assert not part.whole_project
    assert load(["manifests"], project=project, cwd=folder).whole_project


def test_errors_outside_of_the_part_are_not_told(folder: Path) -> None:
    write(folder, {"manifests/pools.yaml": pool(more="spec: {x: 1}\n"), "manifests/groups.yaml": group("staff")})
    assert messages(load(["manifests/groups.yaml"], project=project_in(folder), cwd=folder)) == []


def test_standard_input_may_repeat_what_the_project_declares(folder: Path) -> None:
    write(folder, {"manifests/pools.yaml": pool(), "manifests/groups.yaml": group("staff")})
    loaded = load(["-"], project=project_in(folder), cwd=folder, read_stdin=group("staff").encode)
    assert messages(loaded) == []
    assert not loaded.whole_project


def test_a_folder_that_the_project_names_and_that_does_not_exist_is_told_where_it_is_named(folder: Path) -> None:
    project = project_in(folder, "manifests: [base, extra]\n")
    write(folder, {"base/a.yaml": pool("a")})
    assert messages(load(project=project, cwd=folder)) == [
        "pool-as-code.yaml:5:19: PAC140 there is no file or folder extra"
    ]


ENVIRONMENTS = "environments:\n  dev: {manifests: [only/dev]}\n  prod: {manifests: [manifests/prod]}\n"


@pytest.fixture
def two(folder: Path) -> tuple[Path, Project]:
    """A project with manifests of all environments, of dev beside them, and of prod inside them."""
    write(folder, {"manifests/a.yaml": pool("a"), "only/dev/b.yaml": pool("b"), "manifests/prod/c.yaml": pool("c")})
    return folder, project_in(folder, ENVIRONMENTS)


def test_an_environment_has_its_own_manifests_and_not_those_of_others(two: tuple[Path, Project]) -> None:
    folder, project = two
    for name, expected in {"dev": ["pool/a", "pool/b"], "prod": ["pool/a", "pool/c"]}.items():
        loaded = load(project=project, environment=project.environments[name], cwd=folder)
        assert messages(loaded) == []
        assert names(loaded) == expected
        assert loaded.whole_project


def test_without_an_environment_only_the_common_manifests_are_read(two: tuple[Path, Project]) -> None:
    folder, project = two
    assert names(load(project=project, environment=Environment(), cwd=folder)) == ["pool/a"]


def test_naming_a_folder_of_another_environment_is_told(two: tuple[Path, Project]) -> None:
    folder, project = two
    (found,) = load(
        ["manifests/prod"], project=project, environment=project.environments["dev"], cwd=folder
    ).diagnostics
    assert found.code == "PAC141"
    assert "environment prod" in found.detail


# -- what callers rely on


def test_places_of_fields_are_found_afterwards(folder: Path) -> None:
    write(folder, {"a.yaml": pool("a") + "---\n" + pool("b", "spec:\n  displayName: B\n")})
    loaded = load(["."], cwd=folder)
    origin = loaded.state.resources[Address("pool", "b")].origin
    assert origin == Origin("a.yaml", 1)
    assert loaded.locations([(origin, ("spec", "displayName")), (origin, ())]) == [
        Location("a.yaml", 9, 16),
        Location("a.yaml", 5, 1),
    ]
    (folder / "a.yaml").unlink()
    assert loaded.locations([(origin, ("spec", "displayName"))]) == [Location("a.yaml")]


@pytest.fixture
def collector() -> Iterator[None]:
    """The garbage collector as it was before."""
    enabled = gc.isenabled()
    yield
    (gc.enable if enabled else gc.disable)()


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.usefixtures("collector")
def test_the_garbage_collector_is_left_as_it_was(folder: Path, enabled: bool) -> None:
    write(folder, {"a.yaml": pool("a")})
    (gc.enable if enabled else gc.disable)()
    load(["."], cwd=folder)
    assert gc.isenabled() is enabled


def test_only_declared_fields_stand_in_a_resource(folder: Path) -> None:
    write(folder, {"a.yaml": pool("a", "spec: {signIn: {totpIssuer: null}, codes: {activation: {ttl: 24h0m}}}\n")})
    (resource,) = load(["."], cwd=folder).state
    assert resource.metadata == {"name": "a"}
    assert resource.spec == {"signIn": {"totpIssuer": None}, "codes": {"activation": {"ttl": "1d"}}}


EXAMPLES = sorted(
    path.parent for path in (Path(__file__).parent.parent.parent / "examples").glob("*/pool-as-code.yaml")
)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_a_project_without_a_message(example: Path) -> None:
    project = find_project(example)
    assert project is not None
    for environment in project.environments.values() or [Environment()]:
        loaded = load(project=project, environment=environment, cwd=example)
        assert messages(loaded) == []
        assert loaded.whole_project
        assert len(loaded.state)


@pytest.mark.parametrize("named", ["only/dev/b.yaml", "only/dev/deep/d.yaml", "only/dev/deep", "only"])
def test_no_path_leads_into_the_folder_of_another_environment(two: tuple[Path, Project], named: str) -> None:
    folder, project = two
    write(folder, {"only/dev/deep/d.yaml": pool("d")})
    (found,) = load([named], project=project, environment=project.environments["prod"], cwd=folder).diagnostics
    assert (found.code, found.detail) == ("PAC141", "its manifests belong to environment dev only")
    assert found.hint.startswith("add --env dev")


def test_folders_of_two_environments_may_stand_in_each_other(folder: Path) -> None:
    write(folder, {"only/a.yaml": pool("a"), "only/prod/b.yaml": pool("b"), "only/prod/all/c.yaml": pool("c")})
    lines = "manifests: [only/prod/all]\nenvironments:\n  dev: {manifests: [only]}\n  prod: {manifests: [only/prod]}\n"
    project = project_in(folder, lines)
    found = {
        name: names(load(project=project, environment=environment, cwd=folder))
        for name, environment in project.environments.items()
    }
    assert found == {"dev": ["pool/c", "pool/a"], "prod": ["pool/c", "pool/b"]}


@pytest.mark.parametrize("target", [".env", ".netrc", ".git/config.yaml", ".hidden.yaml", "key.pem"])
def test_a_link_to_what_is_no_manifest_is_refused_and_nothing_of_it_is_said(folder: Path, target: str) -> None:
    write(folder, {"manifests/a.yaml": pool("a"), target: "machine a login b password hunter2\n"})
    (folder / "manifests" / "b.yaml").symlink_to(folder / target)
    loaded = load(project=project_in(folder), cwd=folder)
    assert messages(loaded) == [
        "manifests/b.yaml: PAC142 manifests/b.yaml can not be read: it leads to a file that is no manifest and may hold secrets"
    ]
    assert names(loaded) == ["pool/a"]


def test_a_link_to_another_manifest_is_followed(folder: Path) -> None:
    write(folder, {"manifests/a.yaml": pool("a"), "common/b.yaml": pool("b")})
    (folder / "manifests" / "b.yaml").symlink_to(folder / "common" / "b.yaml")
    assert names(load(project=project_in(folder), cwd=folder)) == ["pool/a", "pool/b"]
