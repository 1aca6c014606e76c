"""Whether the server runs, and whether it reaches its directory: where the service says so, for probes and for scripts that wait."""

from __future__ import annotations

from collections.abc import Iterator

from .call import Answer, Call
from .operations import Access, Operation


def operations() -> Iterator[Operation]:
    """Both without a token."""
    for path, name, about, run in (
        ("/alive", "isAlive", "Whether the server runs", alive),
        ("/health", "isHealthy", "Whether it reaches its directory", health),
    ):
        yield Operation("GET", path, name, about, run, Access.PUBLIC, response="Health", brief=True)


def alive(call: Call) -> Answer:
    """It does, or nobody would answer."""
    return Answer(200, {"status": "ok"})


def health(call: Call) -> Answer:
    """503 where the directory does not answer."""
    call.directory.db.value("SELECT value FROM meta WHERE name = 'fingerprint'")
    return Answer(200, {"status": "ok"})
