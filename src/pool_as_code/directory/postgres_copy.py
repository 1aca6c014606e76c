"""COPY for many rows, in a thread of its own: while the server writes some rows, the program makes the next.

One connection is one queue: whoever uses it for anything else finishes the copies first, and an error of theirs appears there.
psycopg writes the rows (measured against lines made by hand: a third of their time).
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from .database import Parameter

if TYPE_CHECKING:
    from .postgres_schema import Link

_AHEAD = 16  # copies that may wait, so that memory stays small
_PATIENCE = 0.0001  # seconds


def rows_as_sent(link: Link, rows: Sequence[Sequence[Parameter]]) -> bytes:
    """Rows as COPY ... FROM STDIN reads them."""
    from psycopg import Copy

    formatter = Copy(link.cursor()).formatter
    line = formatter.write_row  # bytes now and then, when enough rows have come together
    pieces = [piece for row in rows if (piece := line(row))]
    return b"".join([*pieces, formatter.end()])


def copy_rows(link: Link, statement: str, block: bytes) -> None:
    """Write rows with a COPY ... FROM STDIN.

    They are sent as one block: after each the interpreter's lock is asked for again, and who computes keeps it for a while.
    """
    with link.cursor().copy(statement.encode()) as copy:
        if block:
            copy.write(block)


class _Quick:
    """While anybody copies, who computes gives the interpreter's lock away fifty times as soon: after every block, answer and COPY
    the thread asks for it again, and the server waits meanwhile. One setting for the process, put back at the end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._usual = 0.0

    def begin(self) -> None:
        """One more who copies."""
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(min(_PATIENCE, self._usual))

    def end(self) -> None:
        """One less."""
        with self._lock:
            self._users -= 1
            if self._users == 0:
                sys.setswitchinterval(self._usual)


_quick = _Quick()


class Copies:
    """Copies of one connection, one after the other, beside the program."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._waiting: deque[Future[None]] = deque()

    @property
    def under_way(self) -> bool:
        """Whether the connection is in use, or an error waits to be told."""
        return bool(self._waiting)

    def start(self, link: Link, statement: str, rows: Sequence[Sequence[Parameter]]) -> None:
        """Begin one when those before have ended. The rows are read now: two threads that compute stand in each other's way."""
        block = rows_as_sent(link, rows)
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "copies")
        while len(self._waiting) >= _AHEAD:
            self._first()
        if not self._waiting:
            _quick.begin()
        self._waiting.append(self._thread.submit(copy_rows, link, statement, block))

    def finish(self) -> None:
        """Wait for all. Raises the first error; what came after it has failed with it."""
        while self._waiting:
            self._first()

    def forget(self) -> None:
        """Wait for all, whatever became of them."""
        while self._waiting:
            self._next().exception()

    def close(self) -> None:
        """End the thread. Harmless twice."""
        self.forget()
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    def _first(self) -> None:
        try:
            self._next().result()
        except Exception:
            self.forget()
            raise

    def _next(self) -> Future[None]:
        """The first that waits, when it is through."""
        wait([self._waiting[0]])
        copied = self._waiting.popleft()
        if not self._waiting:
            _quick.end()
        return copied
