"""A directory as the rooms see it: its database, its clock, and what passwords cost in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ..core.clock import format_time, now
from .database import Database
from .hashing import DEFAULT_PARAMETERS, HashParameters


class Directory:
    """One embedded directory. `path` None keeps it in memory. `hash_parameters` and `clock` are for tests to replace."""

    def __init__(
        self,
        path: Path | None,
        *,
        read_only: bool = False,
        environ: Mapping[str, str] = os.environ,
        hash_parameters: HashParameters = DEFAULT_PARAMETERS,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.db = Database(path, read_only=read_only)
        self.environ = environ
        self.hash_parameters = hash_parameters
        self.clock = clock

    def moment(self) -> str:
        """The present moment as it is stored."""
        return format_time(self.clock())

    @contextmanager
    def change(self) -> Iterator[str]:
        """A change of objects: all of it or nothing. Gives the moment it happens at."""
        with self.db.change():
            yield self.moment()

    def close(self) -> None:
        """Let go of the database. Harmless twice."""
        self.db.close()
