"""Answers that are given again: a POST that is repeated with its `X-Idempotency-Key` within a minute is not done twice.

Kept in this process. A second request that comes while the first one runs waits for its answer.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable

from .call import Answer, Call
from .problems import Problem

SECONDS = 60.0
KEPT = 10_000
WAIT_SECONDS = 30.0
SHORTEST, LONGEST = 32, 255


class _Entry:
    """One request: what it was, until when it counts, and its answer once there is one."""

    __slots__ = ("answer", "done", "request", "until")

    def __init__(self, request: bytes, until: float) -> None:
        self.request = request
        self.until = until
        self.answer: Answer | None = None
        self.done = threading.Event()


class Replays:
    """The answers of the last minute by caller and key."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, kept: int = KEPT) -> None:
        self.clock = clock
        self.kept = kept
        self._entries: dict[bytes, _Entry] = {}
        self._lock = threading.Lock()

    def once(self, call: Call, run: Callable[[Call], Answer]) -> Answer:
        """The answer of this request, or of the one before it with the same key. Raises Problem 400 for a key of the wrong
        length, 422 when another request had it. What failed on our side, or was refused for being too much, is not kept."""
        key = call.headers.get("x-idempotency-key", "")
        caller = call.caller
        if (
            not key or call.method != "POST" or not caller.client_id
        ):  # of nobody no answer is kept: it would be anybody's
            return run(call)
        if not SHORTEST <= len(key) <= LONGEST:
            raise Problem(400, f"X-Idempotency-Key has {SHORTEST} to {LONGEST} characters")
        name, request = _digest(caller.client_id, caller.server, caller.user_id, key), _request(call)
        entry, first = self._enter(name, request)
        if entry.request != request:
            raise Problem(422, "another request had this X-Idempotency-Key")
        if first:
            return self._run(name, entry, call, run)
        entry.done.wait(WAIT_SECONDS)
        if entry.answer is None:
            raise Problem(409, "the request with this X-Idempotency-Key has not been answered", hint="send it again")
        return entry.answer._replace(headers={**entry.answer.headers, "x-idempotent-replayed": "true"}, later=None)

    def _enter(self, name: bytes, request: bytes) -> tuple[_Entry, bool]:
        moment = self.clock()
        with self._lock:
            entry = self._entries.get(name)
            if entry is not None and (entry.until > moment or not entry.done.is_set()):
                return entry, False
            if len(self._entries) >= self.kept:
                self._make_room(moment)
            entry = self._entries[name] = _Entry(request, moment + SECONDS)
            return entry, True

    def _make_room(self, moment: float) -> None:
        """Forget what is over and, where that is not enough, the older half of what has been answered: a repeated request is
        then done twice, as it is a minute later."""
        self._entries = {key: one for key, one in self._entries.items() if one.until > moment or not one.done.is_set()}
        answered = [key for key, one in self._entries.items() if one.done.is_set()]
        for key in answered[: max(len(self._entries) - self.kept // 2, 0)]:
            del self._entries[key]

    def _run(self, name: bytes, entry: _Entry, call: Call, run: Callable[[Call], Answer]) -> Answer:
        try:
            answer = run(call)
            if answer.status < 500 and answer.status not in (401, 403, 429):
                entry.answer = answer
                entry.until = self.clock() + SECONDS
            return answer
        finally:
            if entry.answer is None:
                with self._lock:
                    self._entries.pop(name, None)
            entry.done.set()


def _request(call: Call) -> bytes:
    query = "&".join(f"{key}={value}" for key, value in sorted(call.query.items()))
    return _digest(call.path, query, call.content.decode("utf-8", "replace"))


def _digest(*parts: str) -> bytes:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=24).digest()
