"""The same call for many things, a few at once. The transport keeps the pace; here is only the pool of threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from .pace import AT_ONCE

_In = TypeVar("_In")
_Out = TypeVar("_Out")
_SECONDS = 1.0  # between two looks at what else has to be done
_PARTING_SECONDS = 3.0


def _nothing() -> None:
    """Nobody has to be told."""


class Threads:
    """At most eight at once. Threads are made when there is more than one thing to do, and kept: each has its connection. On
    Ctrl-C `stop` is called at once, and `hang_up` when some still wait a moment later."""

    def __init__(self, stop: Callable[[], None] = _nothing, hang_up: Callable[[], None] = _nothing) -> None:
        self._stop, self._hang_up = stop, hang_up
        self._pool: ThreadPoolExecutor | None = None
        self._inside = threading.local()

    def each(
        self, call: Callable[[_In], _Out], things: Iterable[_In], *, meanwhile: Callable[[], None] = lambda: None
    ) -> list[_Out]:
        """The results in order. The first error, or Ctrl-C, lets no further call begin and is raised when those that have
        begun are through. `meanwhile` is called every second or so, by who waits. Inside of such a call it is one after the
        other: threads that wait for threads could wait for ever."""
        wanted = list(things)
        if len(wanted) <= 1 or getattr(self._inside, "works", False):
            return [call(thing) for thing in wanted]
        if self._pool is None:
            self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="secureauth")
        turns = iter(
            enumerate(wanted)
        )  # whoever is free takes the next one: a task for each would cost as much as its call
        results: dict[int, _Out] = {}
        stopped = False

        def work() -> None:
            nonlocal stopped
            self._inside.works = True
            for index, thing in turns:
                if stopped:
                    return
                try:
                    results[index] = call(thing)
                except BaseException:
                    stopped = True
                    raise

        working = [self._pool.submit(work) for _ in range(min(AT_ONCE, len(wanted)))]
        try:
            while (left := wait(working, _SECONDS)).not_done:
                meanwhile()
            for worker in left.done:
                worker.result()
            return [results[index] for index in range(len(wanted))]
        except Exception:
            stopped = True
            wait(working)
            raise
        except BaseException:  # Ctrl-C: what was sent gets a moment for its answer
            stopped = True
            self._stop()
            if wait(working, _PARTING_SECONDS).not_done:
                self._hang_up()
                wait(working)
            raise

    def close(self) -> None:
        """Let the threads end. Harmless twice."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)
