"""The project as it was at a commit: read out of Git without checking anything out, running anything, or leaving anything."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pool_as_code.app import base as module
from pool_as_code.app.base import Base, open_base
from pool_as_code.core.errors import InvalidInput
from tests.cli.shop import POOL, PROJECT
from tests.repository import ENVIRON, Repository

FILES = {"pool-as-code.yaml": PROJECT, "manifests/all.yaml": POOL}


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files that is empty again after every test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository.new(tmp_path / "repository")
    made.commit(FILES)
    return made


def files_of(base: Base) -> set[str]:
    return {path.relative_to(base.root).as_posix() for path in base.root.rglob("*") if not path.is_dir()}


def refused(repository: Repository | Path, ref: str, environ: dict[str, str] | None = None) -> InvalidInput:
    root = repository.root if isinstance(repository, Repository) else repository
    with pytest.raises(InvalidInput) as error, open_base(root, ref, environ if environ is not None else ENVIRON):
        raise AssertionError("it was opened")
    return error.value


def code(error: InvalidInput) -> str:
    return error.diagnostics[0].code


def test_the_project_of_a_commit_is_read_whatever_the_work_tree_says(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.commit({"manifests/all.yaml": POOL.replace("12", "8")})
    repository.write({"manifests/all.yaml": "not YAML: ["})
    for ref in (first, first[:12], "HEAD~1", "main~1", "main^"):
        with open_base(repository.root, ref, ENVIRON) as base:
            assert base.commit == first
            assert base.project is not None
            assert base.project.id == "p-0123456789abcdef"
            assert base.project.shown == f"{ref}:pool-as-code.yaml"
            assert (base.root / "manifests" / "all.yaml").read_text() == POOL
    assert (repository.root / "manifests" / "all.yaml").read_text() == "not YAML: ["


def test_only_its_owner_may_look_into_the_folder(repository: Repository, temporary: Path) -> None:
    with open_base(repository.root, "main", ENVIRON) as base:
        (folder,) = temporary.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((base.root / "pool-as-code.yaml").stat().st_mode) == 0o600


def test_the_folder_goes_when_somebody_fails_in_it(repository: Repository) -> None:
    with pytest.raises(RuntimeError), open_base(repository.root, "main", ENVIRON):
        raise RuntimeError


def test_a_project_in_a_folder_of_the_repository_is_found_with_what_lies_beside_it(tmp_path: Path) -> None:
    repository = Repository.new(tmp_path / "repository")
    repository.commit({"infra/identity/pool-as-code.yaml": PROJECT, "infra/shared/all.yaml": POOL, "README.md": "x"})
    with open_base(repository.root / "infra" / "identity", "main", ENVIRON) as base:
        assert base.project is not None
        assert (base.root / "../shared/all.yaml").read_text() == POOL
        assert not (base.root / "../../README.md").exists()


def test_a_project_that_was_moved_is_found_by_its_id(repository: Repository) -> None:
    (repository.root / "new").mkdir()
    for name in FILES:
        (repository.root / "new" / name).parent.mkdir(exist_ok=True)
        (repository.root / name).rename(repository.root / "new" / name)
    with open_base(repository.root / "new", "main", ENVIRON, id="p-0123456789abcdef") as base:
        assert base.project is not None
        assert base.moved_from == "."
    with open_base(repository.root / "new", "main", ENVIRON, id="p-of-another-project") as base:
        assert base.project is None
        assert base.problems == ()


def test_a_project_file_with_errors_is_no_project_and_says_why(repository: Repository) -> None:
    repository.commit({"pool-as-code.yaml": "kind: Project\n"})
    with open_base(repository.root, "main", ENVIRON) as base:
        assert base.project is None
        assert base.problems


@pytest.mark.parametrize(
    "ref",
    [
        "",
        "-",
        "--help",
        "--output=pwned",
        "-n1",
        "nowhere",
        "main:manifests",
        "main..main",
        "main\nmain",
        "\x1b[31m",
        "@{-1}x",
    ],
)
def test_what_names_no_commit_is_refused_and_is_no_option(ref: str, repository: Repository) -> None:
    error = refused(repository, ref)
    assert code(error) == "PAC357"
    assert error.diagnostics[0].hint
    assert not list(repository.root.glob("pwned*"))


@pytest.mark.parametrize("place", ["refs/heads/origin/main", "refs/tags/origin/main"])
@pytest.mark.parametrize("suffix", ["", "~0", "^0"])
def test_a_branch_or_tag_that_is_called_like_the_base_is_not_taken_for_it(
    place: str, suffix: str, repository: Repository
) -> None:
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    with open_base(repository.root, f"origin/main{suffix}", ENVIRON) as base:
        good = base.commit
    evil = repository.commit({"pool-as-code.yaml": PROJECT + "maxDeletes: {user: 9999}\n"})
    repository.git("update-ref", place, evil)
    assert repository.git("rev-parse", "origin/main") == evil  # what Git makes of it
    error = refused(repository, f"origin/main{suffix}")
    assert code(error) == "PAC361"
    full = error.diagnostics[0].hint.partition("--base ")[2]
    assert full == f"refs/remotes/origin/main{suffix}"
    with open_base(repository.root, full, ENVIRON) as base:
        assert base.commit == good


def test_a_name_in_full_means_that_ref_and_no_branch_of_that_name(repository: Repository) -> None:
    repository.git("update-ref", "refs/heads/refs/remotes/origin/main", "HEAD")
    assert code(refused(repository, "refs/remotes/origin/main")) == "PAC357"
    first = repository.git("rev-parse", "HEAD")
    repository.commit({"a.yaml": "a: 1"})
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    with open_base(repository.root, "refs/remotes/origin/main~1", ENVIRON) as base:
        assert base.commit == first


def test_two_names_of_one_commit_are_one(repository: Repository) -> None:
    repository.git("tag", "main")
    repository.git("tag", "-a", "-m", "annotated", "v1")
    repository.git("update-ref", "refs/remotes/v1", "HEAD")
    for ref in ("main", "v1"):
        with open_base(repository.root, ref, ENVIRON) as base:
            assert base.commit == repository.git("rev-parse", "HEAD")


def test_a_branch_of_the_remote_is_suggested(repository: Repository) -> None:
    repository.git("update-ref", "refs/remotes/origin/release", "HEAD")
    assert refused(repository, "release").diagnostics[0].hint == "did you mean --base origin/release?"
    with open_base(repository.root, "origin/release", ENVIRON) as base:
        assert base.project is not None


def test_a_shallow_clone_says_how_to_fetch_the_branch(repository: Repository, tmp_path: Path) -> None:
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit({"more.yaml": "a: 1"})
    clone = tmp_path / "clone"
    repository.git("clone", "-q", "--depth=1", "--branch=topic", f"file://{repository.root}", str(clone))
    found = refused(clone, "main").diagnostics[0]
    assert (found.code, found.detail) == ("PAC357", "this clone holds the last commits only")
    assert "git fetch --depth=1 origin main:refs/remotes/origin/main" in found.hint
    Repository(clone).git("fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main")
    with open_base(clone, "origin/main", ENVIRON) as base:
        assert base.project is not None


def test_a_partial_clone_fetches_nothing_and_says_what_is_missing(repository: Repository, tmp_path: Path) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    repository.git("clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{repository.root}", str(clone))
    assert code(refused(clone, "main")) == "PAC358"


def test_without_git_or_a_repository_it_says_so(repository: Repository, tmp_path: Path) -> None:
    assert code(refused(repository, "main", {"PATH": str(tmp_path / "nothing")})) == "PAC355"
    alone = tmp_path / "alone"
    alone.mkdir()
    error = refused(alone, "main", {**ENVIRON, "GIT_CEILING_DIRECTORIES": str(tmp_path)})
    assert code(error) == "PAC356"
    assert "not a git repository" in error.diagnostics[0].detail


def test_variables_do_not_lead_git_elsewhere(repository: Repository, tmp_path: Path) -> None:
    other = Repository.new(tmp_path / "other")
    other.commit({"pool-as-code.yaml": PROJECT.replace("0123456789abcdef", "other-project")})
    environ = {**ENVIRON, "GIT_DIR": str(other.root / ".git"), "GIT_WORK_TREE": str(other.root), "git_dir": "x"}
    with open_base(repository.root, "main", environ) as base:
        assert base.project is not None
        assert base.project.id == "p-0123456789abcdef"


def test_nothing_of_the_repository_runs(repository: Repository, tmp_path: Path) -> None:
    """No hook, no filter, no file system monitor, no pager, no diff or text conversion, whatever configuration and attributes say."""
    ran = tmp_path / "ran"
    program = f"touch {ran}; cat"
    for hook in ("post-checkout", "pre-commit", "reference-transaction", "post-index-change"):
        path = repository.root / ".git" / "hooks" / hook
        path.write_text(f"#!/bin/sh\n{program}\n")
        path.chmod(0o755)
    repository.write({".gitattributes": "*.yaml filter=evil diff=evil export-subst\n", "x.yaml": "id: $Format:%H$\n"})
    repository.git("add", "-A")
    repository.git("commit", "-q", "--no-verify", "-m", "x")
    for name, value in {
        "core.fsmonitor": program,
        "core.pager": program,
        "filter.evil.smudge": program,
        "filter.evil.clean": program,
        "diff.evil.textconv": program,
        "alias.ls-tree": f"!{program}",
        "core.hooksPath": str(repository.root / ".git" / "hooks"),
    }.items():
        repository.git("config", name, value)
    ran.unlink(missing_ok=True)
    with open_base(repository.root, "main", ENVIRON) as base:
        assert (base.root / "x.yaml").read_text() == "id: $Format:%H$\n"
    assert not ran.exists()


def test_replaced_objects_do_not_count(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    second = repository.commit({"pool-as-code.yaml": PROJECT + "maxDeletes: {user: 9999}\n"})
    repository.git("replace", first, second)
    with open_base(repository.root, first, ENVIRON) as base:
        assert base.project is not None
        assert base.project.max_deletes == {}


def test_links_that_stay_inside_are_kept_and_others_are_not_followed(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text("stolen: true\n")
    links = {
        "inside.yaml": "manifests/all.yaml",
        "folder": "manifests",
        "out.yaml": "../outside.yaml",
        "far.yaml": str(tmp_path / "outside.yaml"),
        "root": "/",
        "up": "..",
        "through.yaml": "up/outside.yaml",
        "ring": "ring",
    }
    for name, target in links.items():
        (repository.root / name).symlink_to(target)
    repository.commit()
    with open_base(repository.root, "main", ENVIRON) as base:
        assert (base.root / "inside.yaml").read_text() == POOL
        assert (base.root / "folder" / "all.yaml").read_text() == POOL
        for name in set(links) - {"inside.yaml", "folder"}:
            assert not os.path.lexists(base.root / name), name


def test_submodules_and_large_files_elsewhere_are_left_out(repository: Repository) -> None:
    other = "1" * 40
    commit = repository.commit_tree(
        [
            ("100644", "pool-as-code.yaml", PROJECT),
            ("100755", "a.yaml", POOL),
            ("160000", "module.yaml", other),
            ("100644", "binary.dat", "x"),
            ("100644", "rows.csv", "version https://git-lfs.github.com/spec/v1\n"),
        ]
    )
    with open_base(repository.root, commit, ENVIRON) as base:
        assert files_of(base) == {"pool-as-code.yaml", "a.yaml", "rows.csv"}


def test_a_tree_made_by_hand_leads_nowhere_else(repository: Repository, tmp_path: Path, temporary: Path) -> None:
    evil = repository.git("hash-object", "-w", "--stdin", input=b"stolen: true\n")
    tree = repository.git("mktree", "-z", input=f"100644 blob {evil}\tevil.yaml\0".encode())
    project = repository.git("hash-object", "-w", "--stdin", input=PROJECT.encode())
    link = repository.git("hash-object", "-w", "--stdin", input=str(tmp_path).encode())
    raw = b"".join(
        mode + b" " + name + b"\0" + bytes.fromhex(id)
        for mode, name, id in sorted(
            [
                (b"40000", b"..", tree),
                (b"120000", b"a", link),
                (b"40000", b"a", tree),
                (b"100644", b"pool-as-code.yaml", project),
            ],
            key=lambda entry: entry[1],
        )
    )
    top = repository.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", input=raw)
    commit = repository.git("commit-tree", top, "-m", "by hand")
    with open_base(repository.root, commit, ENVIRON) as base:
        assert "pool-as-code.yaml" in files_of(base)
        (folder,) = temporary.iterdir()
        assert not (base.root / "a").is_symlink()
        assert folder.is_dir()
    assert not (tmp_path / "evil.yaml").exists()
    assert not (temporary / "evil.yaml").exists()


def test_names_of_every_sort_are_written(repository: Repository) -> None:
    names = {"größe.yaml", "with space.yaml", 'quote".yaml', "line\nbreak.yaml", "deep/er/and/deeper.yaml"}
    repository.commit(dict.fromkeys(names, "a: 1\n"))
    with open_base(repository.root, "main", ENVIRON) as base:
        assert names <= files_of(base)


def test_a_repository_that_is_too_large_is_refused(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 1)
    assert code(refused(repository, "main")) == "PAC358"
    monkeypatch.undo()
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    error = refused(repository, "main")
    assert "more than 10 bytes" in error.diagnostics[0].detail


def test_a_work_tree_beside_its_repository_is_one(repository: Repository, tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    repository.git("worktree", "add", "-q", "-b", "topic", str(beside))
    shutil.rmtree(beside / "manifests")
    with open_base(beside, "main", ENVIRON) as base:
        assert (base.root / "manifests" / "all.yaml").read_text() == POOL
