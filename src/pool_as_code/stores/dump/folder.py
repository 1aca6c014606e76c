"""The folders that the vendor's command line tool writes: one object a file, its id inside."""

from __future__ import annotations

import re
from pathlib import Path

from ...core.diagnostics import Diagnostic, Location
from .contents import Contents, link, no_dump, take, take_server
from .reading import Part, Unreadable, read_bytes, read_part

_TEMPLATE = re.compile(rb"\{\{")


def take_folder(contents: Contents, folder: Path, shown: str) -> list[bytes]:
    """Everything of a folder; returns the bytes that were read, in order. Raises Unreadable when it is no such folder."""
    read: list[bytes] = []
    if (folder / "server.yaml").is_file():
        _take_workspace(contents, folder, shown, read)
        return read
    if not any((folder / name).is_dir() for name in ("pools", "schemas", "workspaces")):
        names = ", ".join(sorted(path.name for path in folder.iterdir())[:6])
        raise Unreadable(no_dump(shown, f"found a folder with {names or 'nothing in it'}"))
    for table in ("pools", "schemas"):
        for part in _parts(contents, folder / table, f"{shown}/{table}", read):
            take(contents, table, part, (), part.value)
    for workspace in sorted(path for path in (folder / "workspaces").glob("*") if path.is_dir()):
        _take_workspace(contents, workspace, f"{shown}/workspaces/{workspace.name}", read)
    return read


def _take_workspace(contents: Contents, folder: Path, shown: str, read: list[bytes]) -> None:
    id = folder.name
    server = _part(contents, folder / "server.yaml", f"{shown}/server.yaml", read)
    if server is not None:
        id = str(server.value.get("id") or folder.name)
        take_server(contents, server, id, ())
    for part in _parts(contents, folder / "pools", f"{shown}/pools", read):
        take(contents, "pools", part, (), part.value, server=id)
    for path in sorted((folder / "idps").glob("*.y*ml")):
        if b"identity_pool_id" in path.read_bytes():  # others may hold templates with secrets, and are none of ours
            provider = _part(contents, path, f"{shown}/idps/{path.name}", read)
            link(contents, provider.value if provider else {}, id)


def _parts(contents: Contents, folder: Path, shown: str, read: list[bytes]) -> list[Part]:
    found = [_part(contents, path, f"{shown}/{path.name}", read) for path in sorted(folder.glob("*.y*ml"))]
    return [part for part in found if part is not None]


def _part(contents: Contents, path: Path, shown: str, read: list[bytes]) -> Part | None:
    if not path.exists():
        return None
    try:
        content = read_bytes(path, shown)
        read += [shown.encode(), content]
        _refuse_templates(content, shown)
        part, warnings = read_part(content, shown)
    except Unreadable as error:
        contents.diagnostics += error.diagnostics
        return None
    contents.diagnostics += warnings
    return part


def _refuse_templates(content: bytes, shown: str) -> None:
    match = _TEMPLATE.search(content)
    if match is not None:
        line = content.count(b"\n", 0, match.start()) + 1
        column = match.start() - content.rfind(b"\n", 0, match.start())
        raise Unreadable(
            Diagnostic(
                "PAC503",
                "the file holds a Go template ({{ ... }}), which is not run here",
                detail="it may read files and environment variables",
                hint="pull the folder again, or write the value in its place",
                location=Location(shown, line, column),
            )
        )
