"""What happens to a request on its way: one fault for each, from a seed. Which one follows from the seed, the request, and how often
it was asked before, so that threads do not change the outcome by being faster."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random


class Fault(StrEnum):
    """`before`: the server never sees the request. `after`: it does, and its answer does not come back as it was."""

    DROP_BEFORE = "dropped before"
    DROP_AFTER = "dropped after"
    RESET_BEFORE = "reset before"
    RESET_AFTER = "reset after"
    LATE = "carried out late, behind a 504"
    DELAY = "delayed"
    TWICE = "sent twice"
    PATIENCE = "429 before"
    TROUBLE_BEFORE = "5xx before"
    TROUBLE_AFTER = "5xx after"
    PAGE_BEFORE = "a page of a gateway before"
    PAGE_AFTER = "a page of a gateway after"
    EMPTY_AFTER = "an empty body after"
    CUT_BODY = "body cut"
    CUT_AND_COUNTED = "body cut, its length told so"
    CUT_HEAD = "cut in the middle of the headers"
    EXPIRED = "401 before"
    REVOKED = "tokens revoked"


_WEIGHTS = {
    Fault.DELAY: 1,
    Fault.TWICE: 2,
    Fault.PATIENCE: 2,
    Fault.TROUBLE_BEFORE: 2,
    Fault.TROUBLE_AFTER: 2,
    Fault.DROP_AFTER: 2,
    Fault.LATE: 2,
}


@dataclass
class Plan:
    """A seed's faults. `rate` is how many requests have one; some paths are cursed, so that trying again does not help there."""

    seed: int
    rate: float = 0.0
    curses: float = 0.0
    quiet: bool = False
    injected: Counter[Fault] = field(default_factory=Counter)
    _seen: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        dice = Random(self.seed)
        self.rate = dice.choice((0.03, 0.08, 0.2, 0.35))
        self.curses = dice.choice((0.0, 0.03, 0.08))

    def next(self, method: str, path: str) -> tuple[Fault | None, Random]:
        """What happens to this request, and dice for how."""
        with self._lock:
            name = f"{method} {path}"
            number = self._seen[name]
            self._seen[name] += 1
        dice = Random(f"{self.seed} {name} {number}")
        if self.quiet:
            return None, dice
        rate = self.rate
        if Random(f"{self.seed} {name}").random() < self.curses and number < 9:
            rate = 0.95
        if dice.random() >= rate:
            return None, dice
        faults = [fault for fault in Fault if _fits(fault, method, path)]
        fault = dice.choices(faults, [_WEIGHTS.get(one, 1) for one in faults])[0]
        with self._lock:
            self.injected[fault] += 1
        return fault, dice


def _fits(fault: Fault, method: str, path: str) -> bool:
    """What no network does: a gateway sends a message twice only where it may, and tokens are asked for without one."""
    is_api = path.startswith("/api/")
    if fault in (Fault.EXPIRED, Fault.REVOKED):
        return is_api
    if fault is Fault.TWICE:
        return not path.endswith("/activation/send")
    return True
