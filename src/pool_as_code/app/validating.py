"""Validating: all that can be known offline. Without `--env` every environment of the project is checked."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.diagnostics import Diagnostic, in_order
from ..manifest.load import load
from ..manifest.project import DEFAULT_ENVIRONMENT, Environment, choose_environment, find_project
from .request import Request
from .session import start_of


@dataclass(frozen=True)
class Validation:
    """`documents` counts by kind name, in the environment that has most; `environments` were checked."""

    diagnostics: tuple[Diagnostic, ...]
    documents: dict[str, int]
    files: int
    environments: tuple[str, ...]


def validate(request: Request) -> Validation:
    """Read and check the manifests; nothing is raised for what is wrong in them."""
    project = find_project(start_of(request))
    environments: list[Environment]
    if project is None:
        environments = [Environment(request.env or DEFAULT_ENVIRONMENT)]
    elif request.env or not project.environments:
        environments = [choose_environment(project, request.env)]
    else:
        environments = list(project.environments.values())
    found: list[Diagnostic] = []
    documents: dict[str, int] = {}
    files: set[str] = set()
    stdin: list[bytes] = []

    def read_once() -> bytes:
        if not stdin:
            stdin.append(request.read_stdin())
        return stdin[0]

    for environment in environments:
        loaded = load(
            request.paths,
            project=project,
            environment=environment,
            read_stdin=read_once,
            cwd=request.cwd,
            environ=request.environ,
            variables=request.variables,
        )
        found += loaded.diagnostics
        files.update(loaded.files)
        for kind, number in loaded.documents.items():
            documents[kind] = max(number, documents.get(kind, 0))
    return Validation(tuple(in_order(found)), documents, len(files), tuple(e.name for e in environments))
