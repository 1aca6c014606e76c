"""Formatting: the files of paths, or of the whole project with all its environments, into canonical form. A file that can not be
read stays as it is and hinders no other one; a file that is canonical already is not touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..core.diagnostics import Diagnostic, Location, has_errors, in_order
from ..core.errors import InvalidInput
from ..manifest.canonical import NotCanonical, canonical_text
from ..manifest.project import FILE_NAME, Environment, Project, find_project
from ..manifest.sources import STDIN, Finder, Found, SourceFile, shown_path
from .files import replace_file
from .reading import no_cyclic_collection
from .request import Request


@dataclass(frozen=True, slots=True)
class FormattedFile:
    """A file that could be read: its text (line feeds, whatever it has) and its canonical one."""

    name: str
    before: str
    after: str
    changed: bool


@dataclass(frozen=True)
class Formatting:
    """What was found. `changed` files have both texts; of the others (`unchanged`) there is only a number."""

    changed: tuple[FormattedFile, ...]
    unchanged: int
    diagnostics: tuple[Diagnostic, ...]

    @property
    def failed(self) -> bool:
        """Whether some file could not be formatted."""
        return has_errors(self.diagnostics)


def format_files(request: Request, *, write: bool) -> Formatting:
    """Bring the files into canonical form; without `write` only find those that are not. Raises InvalidInput where neither a
    path nor a project is there."""
    found = _named(request) if request.paths else _whole_project(request)
    told = list(found.diagnostics)
    changed: list[FormattedFile] = []
    unchanged = 0
    with no_cyclic_collection():
        for file in found.files:
            result = _format(file, told, write=write)
            if result is not None and result.changed:
                changed.append(result)
            elif result is not None:
                unchanged += 1
    return Formatting(tuple(changed), unchanged, tuple(in_order(told)))


def format_text(content: bytes) -> tuple[FormattedFile | None, tuple[Diagnostic, ...]]:
    """The canonical form of what stands on standard input, or why there is none."""
    told: list[Diagnostic] = []
    return _formatted(STDIN, content, told), tuple(told)


def _named(request: Request) -> Found:
    """The files of the paths, and the project files that stand in them; other projects below are left out."""
    found = Finder(request.cwd, None, Environment()).named(request.paths)
    known = set(found.real_paths)
    for source in request.paths:
        path = request.cwd / source / FILE_NAME
        if path.is_file() and path.resolve() not in known:
            known.add(path.resolve())
            found.files.insert(0, SourceFile(shown_path(path, request.cwd), source, path, path.resolve()))
    return found


def _whole_project(request: Request) -> Found:
    project = find_project(request.cwd)
    if project is None:
        summary = "there is no project here, and no path was named"
        hint = "name a folder or file with manifests, or go to a folder below a pool-as-code.yaml"
        raise InvalidInput(summary, [Diagnostic("PAC143", summary, hint=hint)])
    name = shown_path(project.path, request.cwd)
    found = Found([SourceFile(name, name, project.path, project.path.resolve())])
    for part in _environments(request, project):
        known = found.real_paths
        found.files += [file for file in part.files if file.real not in known]
        found.diagnostics += part.diagnostics
    return found


def _environments(request: Request, project: Project) -> Iterator[Found]:
    for environment in project.environments.values() or [Environment()]:
        yield Finder(request.cwd, project, environment).of_project()


def _format(file: SourceFile, told: list[Diagnostic], *, write: bool) -> FormattedFile | None:
    path = file.path
    assert path is not None
    try:
        if not path.is_file():
            raise OSError(0, "it is not a file")
        content = path.read_bytes()
    except OSError as error:
        told.append(_trouble("PAC142", f"{file.name} can not be read", file.name, error))
        return None
    result = _formatted(file.name, content, told)
    if result is not None and result.changed and write and not _replaced(path, result, told):
        return None
    return result


def _formatted(name: str, content: bytes, told: list[Diagnostic]) -> FormattedFile | None:
    try:
        after = canonical_text(name, content)
    except NotCanonical as refused:
        told += refused.diagnostics
        return None
    changed = after.encode() != content
    return FormattedFile(name, content.decode() if changed else "", after if changed or name == STDIN else "", changed)


def _replaced(path: Path, result: FormattedFile, told: list[Diagnostic]) -> bool:
    try:
        replace_file(path, result.after.encode())
    except OSError as error:
        told.append(_trouble("PAC452", f"{result.name} can not be rewritten", result.name, error))
        return False
    return True


def _trouble(code: str, summary: str, name: str, error: OSError) -> Diagnostic:
    reason = error.strerror or "an error of the system"
    return Diagnostic(code, f"{summary}: {reason}", location=Location(name))
