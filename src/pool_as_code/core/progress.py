"""How far long work is: whoever does it says so here, whoever is watched by a person listens. Without a listener nothing
happens. No clock, no terminal and no words for people here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, TypeVar

Work = Literal["reading", "hashing", "applying"]
Listener = Callable[[Work, int, int, str], None]
"""Called with the work, how many of its things are done, how many there are, and the one at hand (may be empty)."""

Item = TypeVar("Item")
_listener: ContextVar[Listener | None] = ContextVar("progress", default=None)


def tell(work: Work, done: int, total: int, at: object = "") -> None:
    """Say how far it is. What it is `at` becomes a text where somebody listens."""
    listener = _listener.get()
    if listener is not None:
        listener(work, done, total, str(at))


def told(
    work: Work, items: Iterable[Item], total: int, name: Callable[[Item], str] = lambda item: ""
) -> Iterator[Item]:
    """The items one by one; each is told when its turn comes."""
    for done, item in enumerate(items):
        tell(work, done, total, name(item))
        yield item


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """While this lasts, the listener hears of all work of this thread."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
