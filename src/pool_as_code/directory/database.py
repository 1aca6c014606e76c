"""A database as the directory's rooms use it, whichever it is: queries, writes, blocks that hold together, who wrote.

Rooms write SQL once, in what SQLite and PostgreSQL both understand, with `?` for parameters; what each database spells its
own way is asked of its `dialect`. Files and connections are in `sqlite.py` and `postgres.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, ClassVar

from ..core.errors import Conflict
from ..core.values import canonical

Parameter = str | int | None
Found = tuple[Any, ...]

BUSY_SECONDS = 15.0
"""How long a writer waits for another one."""


class ConstraintBroken(Conflict):
    """When the database's own constraints refuse a row. Rooms that know what it means say it better. The block that it
    happened in has to be left: not every database can go on inside."""


class Dialect(ABC):
    """What every database spells its own way."""

    among: ClassVar[str]
    """In SQL: the rows `value` of the texts that are handed in by `texts`."""

    among_pairs: ClassVar[str]
    """In SQL: the rows `first`, `second` of the pairs that are handed in by `pairs`."""

    @abstractmethod
    def inside(self, column: str, *keys: str) -> str:
        """In SQL: the text at these keys of a JSON document, null where there is none."""

    def texts(self, values: Iterable[str]) -> str:
        """The parameter of `among`."""
        return canonical(list(values)).decode()

    def pairs(self, values: Iterable[tuple[str, str]]) -> str:
        """The parameter of `among_pairs`."""
        return canonical([list(pair) for pair in values]).decode()


class Database(ABC):
    """A directory's database. For one thread.

    `run_id` is the run in whose name objects are changed now: the run is marked as one that wrote, in the same transaction;
    without a run the directory is marked as touched by others.
    """

    batch: ClassVar[int] = 1000
    """Of how many objects at once writing is cheap, and losing a refused one not yet dear."""

    def __init__(self, *, read_only: bool = False) -> None:
        self.read_only = read_only
        self.run_id = ""
        self._marked: str | None = None
        self._depth = 0

    @property
    @abstractmethod
    def dialect(self) -> Dialect:
        """How the database that answers now spells things."""

    @property
    @abstractmethod
    def lasting(self) -> bool:
        """Whether it outlives the process."""

    @property
    @abstractmethod
    def key_file(self) -> Path | None:
        """Where the key that seals secrets is kept; None where no place is for this directory alone."""

    @property
    @abstractmethod
    def exists(self) -> bool:
        """Whether there is a directory to read."""

    @property
    def in_transaction(self) -> bool:
        """Whether writes are waiting for a commit."""
        return self._depth > 0

    @abstractmethod
    def rows(self, sql: str, *parameters: Parameter) -> list[Found]:
        """All rows of a query."""

    @abstractmethod
    def each(self, sql: str, *parameters: Parameter) -> Iterator[Found]:
        """The rows of a query, one after the other; for large answers that are read to their end."""

    def row(self, sql: str, *parameters: Parameter) -> Found | None:
        """The first row of a query, or None."""
        found = self.rows(sql, *parameters)
        return found[0] if found else None

    def value(self, sql: str, *parameters: Parameter) -> Any:
        """The first column of the first row, or None."""
        found = self.row(sql, *parameters)
        return found[0] if found else None

    @abstractmethod
    def execute(self, sql: str, *parameters: Parameter) -> int:
        """A write; the number of rows it met. Raises ConstraintBroken."""

    @abstractmethod
    def execute_many(self, sql: str, rows: Iterable[Sequence[Parameter]]) -> None:
        """The same write for many rows. Raises ConstraintBroken: here, or where the block is left or the next thing is asked
        for."""

    @abstractmethod
    def atomic(self) -> AbstractContextManager[None]:
        """What is written inside happens together or, when an error leaves the block, not at all. Blocks nest."""

    @contextmanager
    def change(self) -> Iterator[None]:
        """`atomic` for changes of objects: it also marks who changes them."""
        with self.atomic():
            if self._marked != self.run_id:
                if self.run_id:
                    self.execute("UPDATE runs SET wrote = 1 WHERE id = ?", self.run_id)
                else:
                    self.execute("INSERT INTO meta (name, value) VALUES ('touched', '1') ON CONFLICT (name) DO NOTHING")
                self._marked = self.run_id
            yield

    @contextmanager
    def as_one(self) -> Iterator[None]:
        """What is read inside is of one moment, where the database can say so at no cost. Nothing is written inside."""
        yield

    def answer_at_once(self) -> bool:
        """From now on raise Unavailable where a question would have to wait for a writer. False where that can not be had: every
        question waits for another process, or for a network."""
        return False

    def hold_lease(self, run_id: str) -> None:  # noqa: B027 - a file knows no sessions
        """Let other processes see that this one, which has just taken the lease, lives."""

    def drop_lease(self, run_id: str) -> None:  # noqa: B027 - a file knows no sessions
        """The run has ended; harmless when it was not held."""

    def lease_is_held(self, run_id: str) -> bool | None:
        """Whether the process of a run that took the lease lives; None where the database can not tell."""
        return None

    @abstractmethod
    def trace(self, statements: list[str] | None) -> None:
        """Append every statement from now on to a list (None: no more), to count them."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it. Harmless twice."""
