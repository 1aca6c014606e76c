"""The signal by which pipelines and service managers end a command: it is taken like Ctrl-C, so that a report is written and a
lease given back. `kill -9` can not be taken; then the next run finds what there is."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(KeyboardInterrupt):
    """When somebody ends this process by SIGTERM."""


@contextmanager
def ending_well() -> Iterator[None]:
    """While this lasts, SIGTERM raises Terminated in the main thread; who has said otherwise before is left alone."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated
