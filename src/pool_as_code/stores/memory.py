"""The store in memory: the embedded directory, with all its rules, in a database that ends with the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.clock import now
from ..core.errors import InvalidInput
from ..directory.directory import Directory
from .sql import SqlStore

if TYPE_CHECKING:
    from ..directory.hashing import HashParameters

URL = "memory:"


class MemoryStore(SqlStore):
    """An empty directory of its own. `hash_parameters` and `clock` are for tests to replace."""

    def __init__(
        self,
        *,
        hash_parameters: HashParameters | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        super().__init__(Directory(None, environ={}, hash_parameters=hash_parameters, clock=clock), URL)


def open_memory(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> SqlStore:
    """A new store for `memory:`. It is empty, so that reading only is no other thing."""
    if url != URL:
        raise InvalidInput(f"nothing may follow {URL!r} in a store URL", hint=f"write {URL}")
    return MemoryStore()
