"""Formatting files: which ones, and how they are replaced."""

import os
import stat
from pathlib import Path

import pytest

from pool_as_code.app import formatting as module
from pool_as_code.app.formatting import Formatting, format_files
from pool_as_code.app.request import Request
from pool_as_code.core.errors import InvalidInput

UGLY = "kind:   Group # c\n"
GOOD = "kind: Group # c\n"
PROJECT = "kind: Project\napiVersion: pool-as-code/v1\nname: shop\nid: p-0123456789abcdef\nmanifests:   [manifests]\n"


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_yaml", ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def fmt(root: Path, *paths: str, write: bool = True) -> Formatting:
    return format_files(Request(paths=paths, cwd=root), write=write)


def names(found: Formatting) -> list[str]:
    return [file.name for file in found.changed]


def test_the_whole_project_is_formatted_with_all_its_environments_and_the_project_file(tmp_path: Path) -> None:
    environments = "environments: {dev: {manifests: [only/dev]}, prod: {manifests: [only/prod]}}\n"
    write(tmp_path, manifests__a_yaml=UGLY, only__dev__b_yaml=UGLY, only__prod__c_yaml=UGLY, elsewhere__d_yaml=UGLY)
    (tmp_path / "pool-as-code.yaml").write_text(PROJECT + environments)
    assert names(fmt(tmp_path)) == ["pool-as-code.yaml", "manifests/a.yaml", "only/dev/b.yaml", "only/prod/c.yaml"]
    assert (tmp_path / "only/prod/c.yaml").read_text() == GOOD
    assert (tmp_path / "elsewhere/d.yaml").read_text() == UGLY
    assert (
        (tmp_path / "pool-as-code.yaml").read_text().startswith("apiVersion: pool-as-code/v1\nkind: Project\nid: p-01")
    )
    again = fmt(tmp_path / "manifests")
    assert (names(again), again.unchanged, again.diagnostics) == ([], 4, ())


def test_a_folder_is_formatted_with_the_project_file_in_it(tmp_path: Path) -> None:
    write(tmp_path, manifests__a_yaml=UGLY, other__b_yaml=UGLY)
    (tmp_path / "pool-as-code.yaml").write_text(PROJECT)
    assert names(fmt(tmp_path, ".")) == ["pool-as-code.yaml", "manifests/a.yaml", "other/b.yaml"]
    assert names(fmt(tmp_path, "pool-as-code.yaml", ".")) == []


def test_without_write_nothing_is_touched(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=UGLY)
    found = fmt(tmp_path, "a.yaml", write=False)
    assert [(file.before, file.after) for file in found.changed] == [(UGLY, GOOD)]
    assert (tmp_path / "a.yaml").read_text() == UGLY


def test_unchanged_files_are_not_touched_and_changed_ones_keep_their_mode(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=GOOD, b_yaml=UGLY)
    (tmp_path / "a.yaml").chmod(0o400)
    (tmp_path / "b.yaml").chmod(0o640)
    before = (tmp_path / "a.yaml").stat()
    assert names(fmt(tmp_path, "a.yaml", "b.yaml")) == ["b.yaml"]
    after = (tmp_path / "a.yaml").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert stat.S_IMODE((tmp_path / "b.yaml").stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.yaml", "b.yaml"]


def test_links_are_followed_and_stay_links(tmp_path: Path) -> None:
    write(tmp_path, real__a_yaml=UGLY)
    (tmp_path / "link.yaml").symlink_to("real/a.yaml")
    assert names(fmt(tmp_path, "link.yaml", "real")) == ["link.yaml"]
    assert (tmp_path / "link.yaml").is_symlink()
    assert (tmp_path / "real/a.yaml").read_text() == GOOD


def test_a_file_with_errors_is_told_and_hinders_no_other(tmp_path: Path) -> None:
    wrong = "a:  1\na: 2\n"
    write(tmp_path, m__a_yaml=wrong, m__b_yaml=UGLY)
    (tmp_path / "m/c.json").write_text("# no JSON")
    found = fmt(tmp_path, "m", "nowhere")
    assert names(found) == ["m/b.yaml"]
    assert found.failed
    assert sorted(item.code for item in found.diagnostics) == ["PAC110", "PAC140", "PAC451"]
    assert (tmp_path / "m/a.yaml").read_text() == wrong


def test_marks_and_ends_of_lines_count_as_a_change(tmp_path: Path) -> None:
    for content in (b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace("\n", "\r\n").encode(), GOOD.strip().encode()):
        (tmp_path / "a.yaml").write_bytes(content)
        assert names(fmt(tmp_path, "a.yaml")) == ["a.yaml"]
        assert (tmp_path / "a.yaml").read_bytes() == GOOD.encode()


def test_a_file_that_can_not_be_replaced_is_told_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    write(tmp_path, a_yaml=UGLY)
    monkeypatch.setattr(module, "replace_file", full)
    found = fmt(tmp_path, "a.yaml")
    assert [(item.code, item.summary) for item in found.diagnostics] == [
        ("PAC452", "a.yaml can not be rewritten: No space left on device")
    ]
    assert not found.changed
    assert (tmp_path / "a.yaml").read_text() == UGLY


def test_a_pipe_is_no_file_to_format(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    found = fmt(tmp_path, "pipe.yaml")
    assert [item.code for item in found.diagnostics] == ["PAC142"]


def test_without_a_path_there_must_be_a_project(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(InvalidInput) as refused:
        fmt(tmp_path)
    assert [item.code for item in refused.value.diagnostics] == ["PAC143"]
