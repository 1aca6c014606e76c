"""What the project declares already, before pulled manifests come beside it: no object gets a second document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ..core.diagnostics import Diagnostic
from ..core.errors import InvalidInput
from ..manifest.load import load
from ..resources.state import Resource
from .session import Session


def refuse_second_documents(
    session: Session, into: Path, resources: Iterable[Resource], files: Mapping[str, str], only: tuple[str, ...]
) -> None:
    """Raises InvalidInput where a pulled object is declared in a file of the project other than the one it would be written
    to. A folder that the project does not read may hold what it likes."""
    if not _is_read(session, into):
        return
    loaded = load((), project=session.project, environment=session.environment, cwd=session.request.cwd)
    declared = loaded.state.resources
    replaced = {(into / path).resolve() for path in files}
    twice = [
        declared[resource.address]
        for resource in resources
        if resource.address in declared
        and (origin := declared[resource.address].origin) is not None
        and (session.request.cwd / origin.file).resolve() not in replaced
    ]
    if not twice:
        return
    places = loaded.locations([(r.origin, ("metadata", "name")) for r in twice if r.origin is not None])
    wanted = f"the fields of {', '.join(only)}" if only else "what it lacks"
    raise InvalidInput(
        "some of these objects are declared already; nothing was written",
        [
            Diagnostic(
                "PAC519",
                f"{resource.address} is declared here already",
                detail="one object has one document",
                hint=f"pull it without --into and add {wanted} to this document, or leave its address out",
                location=place,
            )
            for resource, place in zip(twice, places, strict=True)
        ],
    )


def _is_read(session: Session, into: Path) -> bool:
    """Whether manifests in this folder belong to the project in this environment."""
    project = session.project
    if project is None:
        return False
    here = (session.request.cwd / into).resolve()
    folders = [(project.root / folder).resolve() for folder in (*project.manifests, *session.environment.manifests)]
    return any(here == folder or folder in here.parents for folder in folders)
