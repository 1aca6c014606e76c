"""How fast requests may follow each other, and how long to wait before one is repeated. No request is made here; the clock,
the sleep and the dice are given, so that tests never wait.

The service's limits are not published. So there is no limit until it answers 429: then everybody waits, the rate is halved,
and it grows again slowly.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ...core.diagnostics import Diagnostic
from ...core.errors import InvalidInput

RATE = "POOL_AS_CODE_REQUESTS_PER_SECOND"
ATTEMPTS = 6  # of one request, the first one included
AT_ONCE = 8
LONGEST_WAIT = 120.0  # seconds; whoever asks for more is told instead of waited for
REPLAY_WINDOW = 50.0  # seconds: the service replays answers of keyed requests for a minute
_FIRST, _MOST = 0.5, 30.0
_WINDOW = 64  # answers by which the present rate is measured
_SLOWEST = 0.2  # requests a second
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")

Clock = Callable[[], float]
Sleep = Callable[[float], None]
Dice = Callable[[], float]


def rate_of(environ: Mapping[str, str]) -> float:
    """The limit that somebody set, in requests a second; 0 is none. Raises InvalidInput for what is no number."""
    text = environ.get(RATE, "").strip() or "0"
    if not _NUMBER.fullmatch(text):
        problem = Diagnostic("PAC547", f"{RATE} is no number of requests: {text!r}", hint="write a number as 5 or 0.5")
        raise InvalidInput("how many requests may be sent is not known; nothing was sent", [problem])
    return float(text)


def backoff(attempt: int, dice: Dice) -> float:
    """Seconds before attempt number `attempt` + 1: doubling, and spread so that many do not come back together."""
    longest: float = min(_MOST, _FIRST * 2.0 ** (attempt - 1))
    return longest * (0.5 + dice() / 2)


def asked_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds of `Retry-After`, a number or a date (RFC 9110, 10.2.3); None where there is none that can be read. A date
    is one of the clock that the reply itself shows, which is not ours (`now`)."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    moment = moment_of(text)
    if moment is None:
        return None
    return max((moment - (moment_of(headers.get("date", "")) or now)).total_seconds(), 0.0)


def moment_of(text: str) -> datetime | None:
    """The moment that a date in a header is (RFC 9110, 5.6.7), None for none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


class Pace:
    """The budget that all threads of one store share. `per_second` 0: unlimited until the service complains."""

    def __init__(self, *, per_second: float = 0.0, clock: Clock = time.monotonic, sleep: Sleep = time.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._most = per_second
        self._rate = per_second
        self._next = 0.0
        self._lock = threading.Lock()
        self._answers: deque[float] = deque(maxlen=_WINDOW)

    @property
    def per_second(self) -> float:
        """The present limit; 0 is none."""
        return self._rate

    def wait(self) -> None:
        """Return when it is one's turn."""
        with self._lock:
            now = self._clock()
            turn = max(self._next, now)
            self._next = turn + (1 / self._rate if self._rate else 0.0)
        if turn > now:
            self._sleep(turn - now)

    def went_well(self) -> None:
        """An answer came: a limit that we set ourselves grows by a hundredth."""
        with self._lock:
            self._answers.append(self._clock())
            if self._rate and self._rate != self._most:
                self._rate = min(self._rate * 1.01, self._most or self._rate * 1.01)

    def complained(self, wait: float) -> None:
        """The service said 429: nobody sends for so long, and then at half the speed."""
        with self._lock:
            now = self._clock()
            first_of_many = self._next <= now + wait / 2  # threads hear the same complaint together
            self._next = max(self._next, now + wait)
            if first_of_many:
                self._rate = max(self._measured() / 2, _SLOWEST)

    def _measured(self) -> float:
        if self._rate:
            return self._rate
        if len(self._answers) < 2 or self._answers[-1] <= self._answers[0]:
            return 2.0
        return (len(self._answers) - 1) / (self._answers[-1] - self._answers[0])


dice: Dice = random.SystemRandom().random
