"""One line on a terminal that says how far long work is: it is drawn over itself and erased before anything else is written."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable

from ..core.progress import Work
from ..render.escape import escape

PATIENCE = 0.5  # seconds of work before the line comes
PAUSE = 0.1  # seconds between two drawings
_ERASE = "\r\x1b[K"


class ProgressLine:
    """Called with how far a work is. `write` writes to the terminal, `clock` counts seconds."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._work: Work | None = None
        self._began = self._drawn = 0.0
        self._visible = False

    def __call__(self, work: Work, done: int, total: int, at: str) -> None:
        """Draw the line, unless it was drawn just now or the work is young."""
        now = self._clock()
        if work != self._work:
            self._work, self._began, self._drawn = work, now, 0.0
        if now - self._began < PATIENCE or now - self._drawn < PAUSE:
            return
        self._drawn = now
        width = shutil.get_terminal_size().columns - 1  # in the last column some terminals begin a new line
        self._write(f"{_ERASE}{progress_text(work, done, total, at, now - self._began, width)}")
        self._visible = True

    def erase(self) -> None:
        """Leave no trace; the next call draws again."""
        if self._visible:
            self._visible = False
            self._write(_ERASE)


def progress_text(work: Work, done: int, total: int, at: str, seconds: float, width: int) -> str:
    """`applying 1,200 of 5,000  0:12, 100/s  user/customers/ada`, harmless, at most `width` columns: the end of a long name
    stays."""
    from ..render.layout import columns  # what draws nothing needs no layout

    rate = done / seconds if seconds else 0.0
    speed = f", {rate:,.0f}/s" if rate >= 1 else f", {rate * 60:,.0f}/min" if done else ""
    head = f"{work} {done:,} of {total:,}  {int(seconds) // 60}:{int(seconds) % 60:02}{speed}"
    room = width - columns(head) - 2
    name = escape(at)
    if columns(name) > room:
        while name and columns(name) > room - 3:
            name = name[1:]
        name = f"...{name}" if name else ""
    text = f"{head}  {name}".rstrip()
    return text if columns(text) <= width else head[: max(width, 0)]
