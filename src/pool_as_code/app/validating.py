"""Validating: all that can be known offline. Without `--env` every environment of the project is checked."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.diagnostics import Diagnostic, in_order
from ..manifest.load import Loaded, load
from ..manifest.project import DEFAULT_ENVIRONMENT, Environment, Project, choose_environment, find_project
from .request import Request
from .session import start_of

if TYPE_CHECKING:
    from ..plan.model import Finding


@dataclass(frozen=True)
class Validation:
    """`documents` counts by kind name, in the environment that has most; `environments` were checked. `guards` are what the
    branch loosens against its base, where one was named."""

    diagnostics: tuple[Diagnostic, ...]
    documents: dict[str, int]
    files: int
    environments: tuple[str, ...]
    guards: tuple[Finding, ...] = ()


def validate(request: Request, allowed: Collection[str] = ()) -> Validation:
    """Read and check the manifests; nothing is raised for what is wrong in them. `allowed` findings about guards block
    nothing."""
    project = find_project(start_of(request))
    found: list[Diagnostic] = []
    documents: dict[str, int] = {}
    files: set[str] = set()
    environments: list[str] = []
    sides: list[tuple[Environment, Loaded]] = []
    if project is not None and (project.rules or project.waivers):
        from .linting import configuration_problems

        found += configuration_problems(project)
    for environment, loaded in each_environment(request, project):
        environments.append(environment.name)
        found += loaded.diagnostics
        sides += [(environment, loaded)] if request.base else []
        files.update(loaded.files)
        for kind, number in loaded.documents.items():
            documents[kind] = max(number, documents.get(kind, 0))
    guards: tuple[Finding, ...] = ()
    if request.base:
        from .guarding import found_against_base

        guards = found_against_base(request, project, sides, allowed)
    return Validation(tuple(in_order(found)), documents, len(files), tuple(environments), guards)


def environments_of(request: Request, project: Project | None) -> list[Environment]:
    """The environment that was asked for, or all of them. Raises InvalidInput for one that does not exist."""
    if project is None:
        return [Environment(request.env or DEFAULT_ENVIRONMENT)]
    if request.env or not project.environments:
        return [choose_environment(project, request.env)]
    return list(project.environments.values())


def each_environment(request: Request, project: Project | None) -> Iterator[tuple[Environment, Loaded]]:
    """The manifests as each environment has them; with paths, only environments that have something of them. Standard input
    is read once."""
    read_once = functools.cache(request.read_stdin)
    environments = environments_of(request, project)
    for environment in environments:
        loaded = load(
            request.paths,
            project=project,
            environment=environment,
            read_stdin=read_once,
            cwd=request.cwd,
            environ=request.environ,
            variables=request.variables,
            others=len(environments) > 1,
        )
        if not request.paths or loaded.files or loaded.diagnostics:
            yield environment, loaded
