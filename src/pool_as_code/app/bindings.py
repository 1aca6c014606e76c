"""The bindings of an environment: where they stand in the project file, and how new ones come into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.address import Address
from ..core.diagnostics import Diagnostic, Location
from ..core.errors import InvalidInput
from .files import replace_file
from .session import Session, need_project

_ABOUT_BINDINGS = ("PAC303", "PAC304")


def at_their_bindings(problems: Iterable[Diagnostic], session: Session) -> list[Diagnostic]:
    """The problems of matching, those about bindings with the place of the binding in the project file."""
    from ..core.yaml import locate

    found = list(problems)
    project = session.project
    if project is None or not any(problem.code in _ABOUT_BINDINGS for problem in found):
        return found
    try:
        content = project.path.read_bytes()
    except OSError:
        return found
    placed: list[Diagnostic] = []
    for problem in found:
        if problem.code in _ABOUT_BINDINGS:
            span = locate(content, 0, ("environments", session.environment.name, "bindings", problem.address))
            problem = replace(problem, location=Location(project.shown, span.line, span.column))
        placed.append(problem)
    return placed


@dataclass(frozen=True)
class BoundFile:
    """A project file as it is, and as it will be with new bindings."""

    path: Path
    shown: str
    before: bytes
    after: bytes

    def write(self) -> None:
        """Put it in place at once. Raises InvalidInput when somebody changed it since it was read, or it can not be written."""
        try:
            if self.path.read_bytes() == self.before:
                replace_file(self.path, self.after)
                return
            why = "it was changed in the meantime"
        except OSError as error:
            why = str(error.strerror)
        raise InvalidInput(
            f"the bindings are not written: {why}",
            [Diagnostic("PAC520", f"{self.shown} can not be changed: {why}", hint="repeat the command")],
        )


def need_environment(session: Session) -> None:
    """Raises InvalidInput where there is no place for bindings: they belong to an environment of the project file."""
    project = need_project(session, "pull --bind")
    if project.environments:
        return
    store = session.request.store or "sqlite:///.pool-as-code/directory.db"
    lines = f'environments:\n  default:\n    store: "{store}"\ndefaultEnvironment: default\n'
    raise InvalidInput(
        "bindings need an environment",
        [
            Diagnostic(
                "PAC518",
                f"{project.shown} has no environments",
                detail="ids of one tenant mean nothing in another, so each environment has bindings of its own",
                hint=f"name one; what is applied already belongs to the one called default:\n\n{lines}",
                location=Location(project.shown),
            )
        ],
    )


def bound_file(session: Session, new: Mapping[Address, str]) -> BoundFile:
    """The project file with these bindings of the session's environment. Raises InvalidInput when they do not go in."""
    from ..manifest.bindings import NotEditable, lines_to_paste, with_bindings

    project, environment = need_project(session, "pull --bind"), session.environment.name
    before = project.path.read_bytes()
    try:
        after = with_bindings(before, environment, new)
    except NotEditable as error:
        lines = lines_to_paste(environment, new)
        problem = Diagnostic(
            "PAC520",
            f"the bindings can not be put into {project.shown}: {error}",
            hint=f"add these lines by hand, and repeat the command:\n\n{lines}",
            location=Location(project.shown),
        )
    except ValueError as error:
        hint = "correct the binding; nothing was written"
        problem = Diagnostic("PAC521", str(error), hint=hint, location=Location(project.shown))
    else:
        return BoundFile(project.path, project.shown, before, after)
    raise InvalidInput("the bindings are not written", [problem])
