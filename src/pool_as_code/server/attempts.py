"""Brute-force protection: so many failures about one subject, then nobody tries again for a while. Kept in this process."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from .problems import Problem

KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Limits:
    """`failures` within `seconds` block a subject for `seconds`; 0 failures switch the protection off."""

    failures: int = 5
    seconds: float = 60.0


class Attempts:
    """Failures by subject. Subjects are kept as digests: a table of names would say who has been asked for."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic, kept: int = KEPT) -> None:
        self.limits = limits
        self.kept = kept
        self.clock = clock
        self._failures: dict[bytes, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def check(self, *subject: str) -> None:
        """Raises Problem 429 when a subject is blocked, whether it exists or not."""
        count, until = self._failures.get(_name(subject), (0, 0.0))
        left = until - self.clock()
        if self.limits.failures and count >= self.limits.failures and left > 0:
            headers = {"retry-after": str(int(left) + 1)}
            raise Problem(429, "too many failed attempts", hint="try again later", headers=headers)

    def failed(self, *subject: str) -> None:
        """One more failure."""
        name, moment = _name(subject), self.clock()
        with self._lock:
            count, until = self._failures.get(name, (0, 0.0))
            if until <= moment:
                count = 0
            if len(self._failures) >= self.kept:
                self._make_room(moment)
            self._failures.pop(name, None)  # the last that failed stands last
            self._failures[name] = (count + 1, moment + self.limits.seconds)

    def succeeded(self, *subject: str) -> None:
        """The failures before are forgotten."""
        with self._lock:
            self._failures.pop(_name(subject), None)

    def _make_room(self, moment: float) -> None:
        """Forget what is over; where that is not enough, half of the rest, those first who are not blocked and failed long
        ago. Names are free to make up: the table must not grow with them, nor be walked for each of them."""
        known = {key: value for key, value in self._failures.items() if value[1] > moment}
        if len(known) > self.kept // 2:
            by_worth = sorted(known.items(), key=lambda item: (item[1][0] >= self.limits.failures, item[1][1]))
            kept = {key for key, _ in by_worth[len(known) - self.kept // 2 :]}
            known = {key: value for key, value in known.items() if key in kept}
        self._failures = known


def _name(subject: tuple[str, ...]) -> bytes:
    return hashlib.blake2b("\0".join(subject).encode("utf-8", "replace"), digest_size=16).digest()
