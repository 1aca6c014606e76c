"""What a shell may offer in a project: names of environments, addresses of documents. Asked between two strokes of a key, so
nothing is validated, layers are not laid, large trees offer nothing, and whatever can not be read offers nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import PoolAsCodeError

if TYPE_CHECKING:
    from ..manifest.project import Project

LARGEST = 2_000_000  # bytes of manifests that are read


def environments(cwd: Path) -> list[str]:
    """The environments of the project around a folder, in the order of its file."""
    project = _project(cwd)
    return list(project.environments) if project is not None else []


def addresses(cwd: Path) -> list[str]:
    """The addresses of the project's documents as they stand in its files, sorted."""
    project = _project(cwd)
    return sorted(set(_addresses(project))) if project is not None else []


def _project(cwd: Path) -> Project | None:
    from ..manifest.project import find_project

    try:
        return find_project(cwd)
    except (PoolAsCodeError, OSError):
        return None


def _addresses(project: Project) -> Iterator[str]:
    from ..core.yaml import parse_collect
    from ..manifest.parse import claimed_address
    from ..manifest.project import Environment
    from ..manifest.sources import Finder

    left = LARGEST
    for file in Finder(project.root, project, Environment()).of_project().files:
        try:
            content = file.path.read_bytes() if file.path is not None else b""
        except OSError:
            continue
        left -= len(content)
        if left < 0:
            return
        documents, _ = parse_collect(content)
        found = (claimed_address(document.value) for document in documents)
        yield from (str(address) for address in found if address is not None and "${" not in str(address))
