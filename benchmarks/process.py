"""One process from start to end: wall time, processor time, peak memory, and what it printed. Nothing here knows what is run."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TAIL = 600  # characters of the output that a message shows


@dataclass(frozen=True, slots=True)
class Measured:
    """`seconds` is wall time, `processor` user and system time of the process and those it waited for. `peak_mb` is the largest
    resident size in 10^6 bytes; it is never less than that of this program, which the process was forked from, so this
    program keeps small. `code` is None when the time limit ended it. `output` is both streams."""

    seconds: float
    processor: float
    peak_mb: float
    code: int | None
    output: str
    output_bytes: int

    @property
    def tail(self) -> str:
        """The end of the output, for messages."""
        return self.output[-_TAIL:].strip()


def measure(command: Sequence[str], cwd: Path, environ: Mapping[str, str], limit: float) -> Measured:
    """Run a command to its end, or until `limit` seconds are over; then it and its children are killed."""
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own, so that the limit ends all of it and nothing else
        )
        over = threading.Event()

        def end() -> None:
            over.set()
            os.killpg(process.pid, signal.SIGKILL)

        alarm = threading.Timer(limit, end)
        alarm.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        finally:
            alarm.cancel()
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        size = output.tell()
        output.seek(max(0, size - 100_000))
        text = output.read().decode("utf-8", "replace")
    code = None if over.is_set() else process.returncode
    return Measured(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6, code, text, size)


def processor_of(pid: int) -> float:
    """Seconds of processor time that another process has used, to a hundredth; zero where the system does not tell."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
