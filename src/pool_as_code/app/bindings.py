"""The bindings of an environment, where they stand in the project file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..core.diagnostics import Diagnostic, Location
from .session import Session

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
