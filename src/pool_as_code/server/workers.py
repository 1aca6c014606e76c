"""The threads that work for the server. A directory's database is for one thread: each worker opens its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

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

    async def run(self, work: Callable[[Directory], _Result]) -> _Result:
        """Do this in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._with_directory, work)

    def run_now(self, work: Callable[[Directory], _Result]) -> _Result:
        """The same, waited for. Not from a worker."""
        return self._threads.submit(self._with_directory, work).result()

    def close(self) -> None:
        """Let every thread close its directory, and end. Harmless twice."""
        everybody = threading.Barrier(self._count)
        try:
            wait([self._threads.submit(self._close_own, everybody) for _ in range(self._count)], CLOSING_SECONDS)
        except RuntimeError:  # was closed before
            return
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _with_directory(self, work: Callable[[Directory], _Result]) -> _Result:
        directory = getattr(self._local, "directory", None)
        if directory is None:
            directory = self._local.directory = self._open()
        return work(directory)

    def _close_own(self, everybody: threading.Barrier) -> None:
        directory = getattr(self._local, "directory", None)
        if directory is not None:
            directory.close()
        everybody.wait(CLOSING_SECONDS)
