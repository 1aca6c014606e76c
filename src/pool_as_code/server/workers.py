"""Who works for the server: threads with a directory each (its database is for one thread), and for brief reads the thread of the
event loop itself. The way to a thread and back costs several times what such a read does.

    brief --the loop's directory, which waits for nobody--> answer
      '-- somebody writes, or no such directory --> thread
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from ..core.errors import Unavailable
from ..directory.directory import Directory

_Result = TypeVar("_Result")

CLOSING_SECONDS = 10.0


class Workers:
    """`count` threads with a directory each, opened when a thread first needs it. With one thread all work is in turn."""

    def __init__(self, open_directory: Callable[[], Directory], count: int) -> None:
        self._open = open_directory
        self._count = count
        self._local = threading.local()
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="directory")
        self._up_to_date = False  # a worker has opened it: it is there, with tables of ours

    async def run(self, work: Callable[[Directory], _Result], *, brief: bool = False) -> _Result:
        """Do this in one of the threads. `brief`: it reads a few rows and can be done twice; it is done here and now, unless it
        would have to wait."""
        if brief and self._up_to_date and (directory := self._at_hand()) is not None:
            try:
                with directory.db.as_one():
                    return work(directory)
            except Unavailable:
                pass  # a thread waits for whoever writes, and says so when that takes too long
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._with_directory, work)

    def run_now(self, work: Callable[[Directory], _Result]) -> _Result:
        """The same, waited for. Not from a worker."""
        return self._threads.submit(self._with_directory, work).result()

    def close(self) -> None:
        """Let every thread close its directory, and end. Harmless twice."""
        at_hand = getattr(self._local, "at_hand", None)
        if at_hand is not None:
            at_hand.close()
        everybody = threading.Barrier(self._count)
        try:
            wait([self._threads.submit(self._close_own, everybody) for _ in range(self._count)], CLOSING_SECONDS)
        except RuntimeError:  # was closed before
            return
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _with_directory(self, work: Callable[[Directory], _Result]) -> _Result:
        directory = getattr(self._local, "directory", None)
        if directory is None:
            directory = self._local.directory = opened(self._open)
            self._up_to_date = True
        return work(directory)

    def _at_hand(self) -> Directory | None:
        """This thread's directory that answers at once; None where there can be none. One in memory is of its worker alone."""
        if not hasattr(self._local, "at_hand"):
            self._local.at_hand = None
            if self._count > 1:
                directory = self._open()
                if directory.db.answer_at_once():
                    self._local.at_hand = directory
                else:
                    directory.close()
        found: Directory | None = self._local.at_hand
        return found

    def _close_own(self, everybody: threading.Barrier) -> None:
        directory = getattr(self._local, "directory", None)
        if directory is not None:
            directory.close()
        everybody.wait(CLOSING_SECONDS)


def opened(open_directory: Callable[[], Directory]) -> Directory:
    """A directory whose database is there and up to date: one that is only read would keep looking at what was not there, or
    at a copy of older tables."""
    directory = open_directory()
    with directory.db.atomic():
        pass
    return directory
