"""The service's clock, as its replies show it. Runs on two machines compare the times of leases, and a client signs when it asks: both
go by this clock and not by that of the machine that they run on."""

from __future__ import annotations

from collections.abc import Callable

from .connection import Reply
from .pace import Clock, moment_of

_SAME, _NONE = 3.0, 86_400.0  # seconds: closer is as good as the same, farther is no clock
_LOOK_AGAIN = 60.0


class ServiceClock:
    """`now` is this machine's time in seconds since 1970, `clock` never goes back."""

    def __init__(self, now: Callable[[], float], clock: Clock) -> None:
        self._now, self._clock = now, clock
        self._next_look = 0.0
        self.ahead = 0.0
        """By how many seconds it is ahead of ours; 0 where nobody knows."""

    def time(self) -> float:
        """Seconds since 1970."""
        return self._now() + self.ahead

    def look(self, reply: Reply) -> None:
        """Read it off a reply, once a minute. A reply that somebody kept shows an old time."""
        if self._clock() < self._next_look or "age" in reply.headers:
            return
        told = moment_of(reply.headers.get("date", ""))
        if told is not None:
            ahead = told.timestamp() - self._now()
            self.ahead = ahead if _SAME < abs(ahead) < _NONE else 0.0
            self._next_look = self._clock() + _LOOK_AGAIN
