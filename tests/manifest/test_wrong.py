"""Wrong manifests, one folder each in `tests/wrong`: the message people get, and that carrying out its hint by machine works."""

import json
import shutil
from pathlib import Path

import pytest

from pool_as_code.core.diagnostics import Diagnostic, has_errors
from pool_as_code.core.edits import apply_edits
from pool_as_code.manifest.load import Loaded, load
from pool_as_code.render.diagnostics import diagnostics_text
from tests.golden import Golden

WRONG = Path(__file__).parent.parent / "wrong"
FOLDERS = sorted(path for path in WRONG.iterdir() if path.is_dir())
ROUNDS = 6
HIDDEN = ("hunter2", "90817263", "JBSWY3DPEHPK3PXP", "R9h/cIPz0gi", "ada at example", "123 456 789")


def manifest_of(folder: Path) -> Path:
    (manifest,) = folder.glob("manifest.*")
    return manifest


def loaded(folder: Path) -> Loaded:
    return load([manifest_of(folder).name], cwd=folder)


def errors(diagnostics: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    return [item for item in diagnostics if has_errors([item])]


def repaired(folder: Path, copy: Path) -> Loaded | None:
    """The manifest after all edits, round by round; None where not every error has some."""
    file = copy / manifest_of(folder).name
    shutil.copy(manifest_of(folder), file)
    for _ in range(ROUNDS):
        found = load([file.name], cwd=copy)
        wrong = errors(found.diagnostics)
        if not wrong:
            return found
        edits = [edit for item in wrong for edit in item.edits]
        if not edits:
            return None
        with file.open(newline="") as stream:
            text = stream.read()
        file.write_text(apply_edits(text, edits), newline="")
    raise AssertionError(
        f"still wrong after {ROUNDS} rounds:\n{diagnostics_text(found.diagnostics)}\n{file.read_text()}"
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_wrong_manifest_gets_its_message(folder: Path, golden: Golden) -> None:
    found = loaded(folder).diagnostics
    assert found
    assert folder.name[:6] in {item.code for item in found}
    for item in found:
        assert item.location is not None
        assert item.location.file == manifest_of(folder).name
        assert item.location.line
        assert item.location.column
        assert item.hint
    golden(folder / "message.txt", diagnostics_text(found))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_edits_lead_to_a_manifest_without_errors(folder: Path, tmp_path: Path) -> None:
    promised = any(item.edits for item in errors(loaded(folder).diagnostics))
    found = repaired(folder, tmp_path)
    if promised:
        assert found is not None
        assert len(found.state)


def test_most_wrong_manifests_can_be_repaired_by_machine(tmp_path: Path) -> None:
    broken = [folder for folder in FOLDERS if errors(loaded(folder).diagnostics)]
    able = [folder for folder in broken if repaired(folder, tmp_path) is not None]
    assert len(FOLDERS) >= 55
    assert len(able) >= 45


def test_no_message_repeats_a_secret_or_a_personal_value() -> None:
    for folder in FOLDERS:
        text = diagnostics_text(loaded(folder).diagnostics)
        assert not [word for word in HIDDEN if word in text], folder.name


def test_a_repaired_json_file_is_still_json(tmp_path: Path) -> None:
    folder = WRONG / "PAC205-a-quoted-number-in-json"
    assert repaired(folder, tmp_path) is not None
    assert json.loads((tmp_path / "manifest.json").read_text())["spec"]["passwordPolicy"] == {
        "minLength": 12,
        "digits": 1,
    }
