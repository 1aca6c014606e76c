"""The store in a file: the embedded directory, the default of every command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ..core.clock import now
from ..core.errors import InvalidInput
from ..directory.directory import Directory
from .sql import SqlStore

if TYPE_CHECKING:
    from ..directory.hashing import HashParameters

_PREFIX = "sqlite:///"


class SqliteStore(SqlStore):
    """The directory in one file. A file that is not there reads as an empty directory and is made by the first write.

    `hash_parameters` and `clock` are for tests to replace."""

    def __init__(
        self,
        path: Path,
        *,
        url: str = "",
        read_only: bool = False,
        environ: Mapping[str, str] | None = None,
        hash_parameters: HashParameters | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        directory = Directory(
            path, read_only=read_only, environ=environ or {}, hash_parameters=hash_parameters, clock=clock
        )
        super().__init__(directory, url or f"{_PREFIX}{path}")


def path_of(url: str, root: Path) -> Path:
    """`sqlite:///a/b.db` is below `root`, `sqlite:////a/b.db` is absolute. Raises InvalidInput for other forms."""
    if not url.startswith(_PREFIX) or len(url) == len(_PREFIX):
        raise InvalidInput(
            f"{url!r} does not name a file",
            hint="sqlite:///relative/path.db, or sqlite:////absolute/path.db",
        )
    named = unquote(url[len(_PREFIX) :])
    if "\0" in named or named.endswith("/"):
        raise InvalidInput(f"{url!r} does not name a file", hint="name a file, for example sqlite:///directory.db")
    return root / named


def open_sqlite(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> SqliteStore:
    """The store for a `sqlite:` URL. Nothing is opened before it is asked for something."""
    return SqliteStore(path_of(url, root), url=url, read_only=read_only, environ=environ)
