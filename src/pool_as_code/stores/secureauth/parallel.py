"""The same call for many things, a few at once. The transport keeps the pace; here is only the pool of threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from .pace import AT_ONCE

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Threads:
    """At most eight at once. Threads are made when there is more than one thing to do, and kept: each has its connection."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    def each(self, call: Callable[[_In], _Out], things: Iterable[_In]) -> list[_Out]:
        """The results in order. The first error, or Ctrl-C, lets no further call begin and is raised when those that have
        begun are through."""
        wanted = list(things)
        if len(wanted) <= 1:
            return [call(thing) for thing in wanted]
        if self._pool is None:
            self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="secureauth")
        futures = [self._pool.submit(call, thing) for thing in wanted]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            for future in futures:
                if not future.cancelled():
                    future.exception()
            raise

    def close(self) -> None:
        """Let the threads end. Harmless twice."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)
