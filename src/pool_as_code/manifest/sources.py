"""Which files hold the manifests: folders walked, files and standard input named, an environment's own folders. Reads nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..core.diagnostics import Diagnostic, Location
from ..core.secrets import is_closed
from ..resources.kind import Problem
from ..resources.state import Origin
from .place import Placed, diagnosed
from .project import FILE_NAME, Environment, Project

ENDINGS = (".yaml", ".yml", ".json")
STDIN = "<stdin>"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read. `name` is how messages call it, `source` the path it was found under, `real` tells whether two are the
    same; no `path` is standard input."""

    name: str
    source: str
    path: Path | None = None
    real: Path | None = None


@dataclass(slots=True)
class Found:
    """The files of some paths, each once, sorted within a folder, and what is wrong with the paths themselves."""

    files: list[SourceFile] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def real_paths(self) -> frozenset[Path | None]:
        """What was found, to compare."""
        return frozenset(file.real for file in self.files)


class Finder:
    """Finds files for one environment of a project (or for none). Folders of the other environments are passed by; a path
    that holds nothing else is a problem, unless `others` are known to be among the paths."""

    def __init__(self, cwd: Path, project: Project | None, environment: Environment, *, others: bool = False) -> None:
        self._cwd = cwd.absolute()
        self._project = project
        self._environment = environment
        self._others = dict(self._other_folders())
        self._others_named = others
        self._owners: dict[Path, str] = {folder: "" for folder in self._own_folders() if folder not in self._others}
        self._seen: set[Path] = set()
        self._found = Found()

    def named(self, sources: Sequence[str]) -> Found:
        """The files of the paths that a command was given."""
        for source in sources:
            if source == "-":
                if all(file.path for file in self._found.files):
                    self._found.files.append(SourceFile(STDIN, "-"))
                continue
            self._add(self._cwd / source, source, Location(source))
        return self._found

    def of_project(self) -> Found:
        """The files of the whole project, those of the environment included."""
        project = self._project
        assert project is not None
        for position, folder in enumerate(project.manifests):
            self._add(project.root / folder, folder, self._in_project_file("manifests", position))
        for position, folder in enumerate(self._environment.manifests):
            place = ("environments", self._environment.name, "manifests", position)
            self._add(project.root / folder, folder, self._in_project_file(*place))
        return self._found

    def _in_project_file(self, *path: str | int) -> Location:
        assert self._project is not None
        name = shown_path(self._project.path, self._cwd)
        problem = Placed(Origin(name, 0), Problem(path, "PAC140", ""))
        location = diagnosed([problem], lambda _: self._project.path.read_bytes() if self._project else b"")[0].location
        return location or Location(name)

    def _own_folders(self) -> Iterator[Path]:
        if self._project is not None:
            for folder in (*self._project.manifests, *self._environment.manifests):
                yield _real(self._project.root / folder)

    def _owner(self, real: Path) -> str:
        """The other environment whose folder a path is in, however deep; empty for what is read here."""
        found = self._owners.get(real)
        if found is None:
            found = self._others.get(real) or (self._owner(real.parent) if real.parent != real else "")
            self._owners[real] = found
        return found

    def _other_folders(self) -> Iterator[tuple[Path, str]]:
        if self._project is None:
            return
        own = {_real(self._project.root / folder) for folder in self._environment.manifests}
        for environment in self._project.environments.values():
            for folder in environment.manifests:
                path = _real(self._project.root / folder)
                if environment.name != self._environment.name and path not in own:
                    yield path, environment.name

    def _add(self, path: Path, source: str, place: Location) -> None:
        before = len(self._found.files)
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            self._complain(error, source, place)
            return
        if not stat.S_ISDIR(mode):
            if owner := self._owner(_real(path)):
                self._nothing_there(source, place, [owner])
            else:
                self._take(path, source)
            return
        passed_by: list[str] = []
        repeated = self._walk(path, source, (), passed_by)
        if len(self._found.files) == before and not repeated:
            self._nothing_there(source, place, passed_by)

    def _nothing_there(self, source: str, place: Location, passed_by: list[str]) -> None:
        if passed_by and self._others_named:
            return
        why = f"its manifests belong to environment {passed_by[0]} only" if passed_by else ""
        known = f"looked for {', '.join('*' + ending for ending in ENDINGS)}, hidden files left out"
        hint = (
            f"add --env {passed_by[0]}, or name a folder with manifests"
            if passed_by
            else "name a folder with manifests"
        )
        self._say("PAC141", f"no manifests in {source}", place, why or known, hint)

    def _complain(self, error: OSError | ValueError, source: str, place: Location) -> None:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            self._say("PAC140", f"there is no file or folder {source}", place, "", "correct the path")
        else:
            reason = (error.strerror if isinstance(error, OSError) else None) or "not a path"
            self._say("PAC142", f"{source} can not be read: {reason}", place)

    def _say(self, code: str, summary: str, place: Location, detail: str = "", hint: str = "") -> None:
        self._found.diagnostics.append(Diagnostic(code, summary, detail=detail, hint=hint, location=place))

    def _walk(self, folder: Path, source: str, above: tuple[Path, ...], passed_by: list[str]) -> int:
        """Takes the files of a folder and of those below; returns how many had been taken before."""
        real = _real(folder)
        if real in above:  # a symbolic link back up
            return 0
        if owner := self._owner(real):
            passed_by.append(owner)
            return 0
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            name = shown_path(folder, self._cwd)
            self._say("PAC142", f"the folder {name} can not be read: {error.strerror}", Location(name))
            return 1
        if above and any(entry.name == FILE_NAME for entry in entries):  # a project of its own
            return 0
        repeated = 0
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if _is_folder(entry):
                repeated += self._walk(Path(entry.path), source, (*above, real), passed_by)
            elif entry.name.endswith(ENDINGS) and entry.name != FILE_NAME:
                repeated += self._take_found(entry, source)
        return repeated

    def _take_found(self, entry: os.DirEntry[str], source: str) -> int:
        if not _is_file(entry):  # a broken link, a pipe that nobody writes
            name = shown_path(Path(entry.path), self._cwd)
            self._say("PAC142", f"{name} can not be read: it is not a file", Location(name))
            return 1
        if entry.is_symlink() and not _may_be_manifest(_real(Path(entry.path))):
            name = shown_path(Path(entry.path), self._cwd)
            summary = f"{name} can not be read: it leads to a file that is no manifest and may hold secrets"
            self._say("PAC142", summary, Location(name), "", "remove the link")
            return 1
        return int(not self._take(Path(entry.path), source))

    def _take(self, path: Path, source: str) -> bool:
        real = _real(path)
        if real in self._seen:
            return False
        if self._owner(real):
            return False
        self._seen.add(real)
        self._found.files.append(SourceFile(shown_path(path, self._cwd), source, path, real))
        return True


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _may_be_manifest(real: Path) -> bool:
    """Whether a link may be followed: messages show lines of manifests, and no branch shall make them show `.env` or `.netrc`."""
    return real.name.endswith(ENDINGS) and not real.name.startswith(".") and not is_closed(real.parts)


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()


def shown_path(path: Path, cwd: Path) -> str:
    """A path as messages show it: from the current folder where that is shorter."""
    text = os.path.normpath(path)
    try:
        near = os.path.relpath(text, cwd)
    except ValueError:  # another drive
        return text
    return near if len(near) < len(text) else text
