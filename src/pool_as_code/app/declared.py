"""What the project declares already, before pulled manifests come beside it: no object gets a second document."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from pathlib import Path

from ..core.address import Address
from ..core.diagnostics import Diagnostic
from ..core.errors import InvalidInput
from ..manifest.load import load
from ..resources.state import Origin, State
from .session import Session


def refuse_second_documents(
    session: Session,
    into: Path,
    pulled: State,
    live: Container[Address],
    files: Mapping[str, str],
    only: tuple[str, ...],
) -> None:
    """Raises InvalidInput where a pulled object is declared in a file of the project other than the one it would be written
    to, and where that file declares other `live` objects, whose documents would be lost. A folder that the project does not
    read may hold what it likes."""
    if not _is_read(session, into):
        return
    cwd = session.request.cwd
    loaded = load((), project=session.project, environment=session.environment, cwd=cwd)
    replaced = {(cwd / into / path).resolve() for path in files}
    wanted = f"the fields of {', '.join(only)}" if only else "what it lacks"
    wrong: list[tuple[Origin, Diagnostic]] = []
    for resource in loaded.state:
        address, origin = resource.address, resource.origin
        if origin is None:
            continue
        in_place = (cwd / origin.file).resolve() in replaced
        if address in pulled.resources and not in_place:
            hint = f"pull it without --into and add {wanted} to this document, or leave its address out"
            summary = f"{address} is declared here already"
            wrong.append((origin, Diagnostic("PAC519", summary, detail="one object has one document", hint=hint)))
        elif in_place and address not in pulled.resources and address in live:
            hint = f"pull {address} together with the others, or move its document into another file"
            summary, detail = f"{address} is declared here and was not pulled", "the file would be written without it"
            wrong.append((origin, Diagnostic("PAC524", summary, detail=detail, hint=hint)))
    if wrong:
        places = loaded.locations([(origin, ("metadata", "name")) for origin, _ in wrong])
        told = [replace(problem, location=place) for (_, problem), place in zip(wrong, places, strict=True)]
        raise InvalidInput("documents of the project are in the way; nothing was written", told)


def _is_read(session: Session, into: Path) -> bool:
    """Whether manifests in this folder belong to the project in this environment."""
    project = session.project
    if project is None:
        return False
    here = (session.request.cwd / into).resolve()
    folders = [(project.root / folder).resolve() for folder in (*project.manifests, *session.environment.manifests)]
    return any(here == folder or folder in here.parents for folder in folders)
