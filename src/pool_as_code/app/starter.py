"""Starting: a starter project into a folder that may be there already, in a Git repository or not. Nothing that is there is
touched; what can not be written whole is not written at all."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..core.diagnostics import Diagnostic, Location
from ..core.errors import InvalidInput
from ..manifest.project import new_id
from ..manifest.starter import IGNORED, starter_files

_GIT_IGNORE = ".gitignore"


@dataclass(frozen=True)
class Started:
    """The files that were written, relative to the folder. `ignore`: the line that a .gitignore of the user's own lacks."""

    written: tuple[str, ...]
    ignore: str = ""


def start_project(folder: Path) -> Started:
    """Write a starter project. Raises InvalidInput, with all that is in the way, before anything is written."""
    name = Path(os.path.normpath(folder.absolute())).name or "pool-as-code"
    files = starter_files(name[:256], new_id())
    ignore = ""
    if (folder / _GIT_IGNORE).is_file():
        del files[_GIT_IGNORE]
        ignore = "" if _ignores(folder / _GIT_IGNORE) else IGNORED
    in_the_way = dict.fromkeys(found for path in files if (found := _in_the_way(folder, path)) is not None)
    if in_the_way:
        hint = "choose another folder: pac init DIR"
        raise InvalidInput(
            "a starter project would overwrite what is there; nothing was written",
            [
                Diagnostic("PAC455", "it is there already", hint=hint, location=Location(str(path)))
                for path in in_the_way
            ],
        )
    _write(folder, files)
    return Started(tuple(files), ignore)


def _ignores(path: Path) -> bool:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    return any(line.strip().strip("/") == IGNORED.strip("/") for line in lines)


def _in_the_way(folder: Path, path: str) -> Path | None:
    """What a file would overwrite: itself, or something that is no folder where one must be."""
    target = folder / path
    for above in (folder, *(folder / parent for parent in reversed(Path(path).parents))):
        if os.path.lexists(above) and not above.is_dir():
            return above
    return target if os.path.lexists(target) else None


def _write(folder: Path, files: dict[str, str]) -> None:
    """All files, or none of them. Raises InvalidInput with the system's words."""
    written: list[Path] = []
    made: list[Path] = []
    path = folder
    try:
        for name, text in files.items():
            path = folder / name
            made += _make(path.parent)
            with path.open("x", encoding="utf-8", newline="\n") as stream:
                written.append(path)
                stream.write(text)
    except OSError as error:
        for file in written:
            file.unlink(missing_ok=True)
        for empty in reversed(made):
            empty.rmdir()
        summary = f"{path} can not be written: {error.strerror or 'an error of the system'}"
        raise InvalidInput(summary, [Diagnostic("PAC452", summary, location=Location(str(path)))]) from error


def _make(folder: Path) -> list[Path]:
    """Make a folder with those above it; returns the new ones, outer ones first."""
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]
