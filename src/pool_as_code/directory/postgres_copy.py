"""COPY for many rows, in a thread of its own: while the server writes some rows, the program makes the next.

One connection is one queue: whoever uses it for anything else finishes the copies first, and an error of theirs appears there.
psycopg writes the rows (measured against lines made by hand: a third of their time).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from .database import Parameter

if TYPE_CHECKING:
    from .postgres_schema import Link

_AHEAD = 16  # copies that may wait, so that memory stays small


def copy_rows(link: Link, statement: str, rows: Sequence[Sequence[Parameter]]) -> None:
    """Write rows with a COPY ... FROM STDIN.

    They are sent in large blocks: after each the interpreter's lock is asked for again, and who computes keeps it for a while.
    """
    with link.cursor().copy(statement.encode()) as copy:
        lines = copy.formatter.write_row  # bytes now and then, when enough rows have come together
        block = b"".join([piece for row in rows if (piece := lines(row))])
        if block:
            copy.write(block)


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
        """Begin one when those before have ended. The rows must stay as they are."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "copies")
        while len(self._waiting) >= _AHEAD:
            self._first()
        self._waiting.append(self._thread.submit(copy_rows, link, statement, rows))

    def finish(self) -> None:
        """Wait for all. Raises the first error; what came after it has failed with it."""
        while self._waiting:
            self._first()

    def forget(self) -> None:
        """Wait for all, whatever became of them."""
        while self._waiting:
            self._waiting.popleft().exception()

    def close(self) -> None:
        """End the thread. Harmless twice."""
        self.forget()
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    def _first(self) -> None:
        try:
            self._waiting.popleft().result()
        except Exception:
            self.forget()
            raise
