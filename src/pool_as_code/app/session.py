"""What every use-case begins with: the project, the environment, the manifests, the store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.diagnostics import Diagnostic, has_errors
from ..core.errors import InvalidInput
from ..core.urls import shown_url, tenant_of
from ..manifest.load import Loaded, load
from ..manifest.project import DEFAULT_ENVIRONMENT, Environment, Project, choose_environment, find_project
from ..manifest.project import new_project_lines as lines_to_paste
from ..resources.live import Owner
from .request import Request, Tell

if TYPE_CHECKING:
    from ..stores.base import Store

DEFAULT_STORE = "sqlite:///.pool-as-code/directory.db"


@dataclass(frozen=True)
class Session:
    """One use-case's surroundings. `root` is where relative things start: the project's folder, else the current one."""

    request: Request
    project: Project | None
    environment: Environment
    root: Path
    store_url: str

    @property
    def owner(self) -> Owner:
        """Who we are to the store; the empty project owns nothing."""
        return Owner(self.project.id if self.project else "", self.environment.name)

    @property
    def headline(self) -> str:
        """The first line people see where a store is met."""
        project = f"project {self.project.name}, " if self.project else ""
        tenant = tenant_of(self.store_url)
        where = f"store {shown_url(self.store_url)}" + (f", tenant {tenant}" if tenant else "")
        return f"{project}environment {self.environment.name}, {where}"


def open_session(request: Request) -> Session:
    """Find the project, choose the environment and the store. Nothing is opened yet."""
    start = start_of(request)
    project = find_project(start)
    environment = (
        choose_environment(project, request.env) if project else Environment(request.env or DEFAULT_ENVIRONMENT)
    )
    root = project.root if project else request.cwd
    url = request.store or environment.store or request.environ.get("POOL_AS_CODE_STORE") or DEFAULT_STORE
    return Session(request, project, environment, root, url)


def start_of(request: Request) -> Path:
    """The folder from which the project is looked for: that of the first path, else the current one."""
    for path in request.paths:
        if path != "-":
            there = request.cwd / path
            return there if there.is_dir() else there.parent
    return request.cwd


def need_project(session: Session, what: str) -> Project:
    """The project, or the refusal with the lines to paste and a random id."""
    if session.project is not None:
        return session.project
    lines = lines_to_paste(session.root.resolve().name or "directory")
    raise InvalidInput(
        f"{what} needs a project file, so that what it writes has an owner",
        [
            Diagnostic(
                "PAC144",
                "no pool-as-code.yaml here or above",
                detail=f"{what} marks every object with its owner: the project's id",
                hint=f"put these lines into {session.root / 'pool-as-code.yaml'}:\n\n{lines}",
            )
        ],
    )


def load_manifests(session: Session) -> Loaded:
    """The desired state; raises InvalidInput with every problem of every file. Paths inside the project select a part of
    it, but the whole project is read, so that references are known."""
    return without_errors(read_manifests(session))


def without_errors(loaded: Loaded) -> Loaded:
    """The same; raises InvalidInput with every problem where there is an error."""
    if has_errors(loaded.diagnostics):
        raise InvalidInput("the manifests have errors", loaded.diagnostics)
    return loaded


def read_manifests(session: Session) -> Loaded:
    """What the manifests say, right or wrong."""
    request = session.request
    return load(
        request.paths,
        project=session.project,
        environment=session.environment,
        read_stdin=request.read_stdin,
        cwd=request.cwd,
        environ=request.environ,
        variables=request.variables,
    )


def open_directory(session: Session, *, read_only: bool) -> Store:
    """The session's store. Raises Refused, before anything of it is opened, where its host is not allowed."""
    from ..stores.registry import open_store
    from .allowed_hosts import refuse_strange_hosts

    refuse_strange_hosts(session.store_url, session.request.environ)
    return open_store(session.store_url, read_only=read_only, root=session.root, environ=session.request.environ)


__all__ = [
    "Session",
    "Tell",
    "load_manifests",
    "need_project",
    "open_directory",
    "open_session",
    "read_manifests",
    "without_errors",
]
