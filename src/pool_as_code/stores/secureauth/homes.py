"""Homes: the pools and organizations whose metadata hold records, and how a home is written: read, merged, sent under If-Match, and
begun again when somebody else was faster. What the records mean stands in `ledger.py`, their form in `kept.py`."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ...core.errors import Conflict, NotFound, Unauthorised, Unavailable
from ...core.values import JsonMap, JsonValue, as_map
from .answers import LostAnswer
from .kept import Kept, decoded, merged
from .place import Api, path_of
from .tenant import Raw, Tenant
from .wire import RESERVED_KEY

_TRIES = 8
Home = tuple[str, str]
"""`pool` or `organization`, and its id."""


class Homes:
    """The homes of one tenant. Writes happen one at a time: many users of one pool are made at once."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._decoded: dict[Home, tuple[JsonValue, Kept]] = {}
        self._lock = threading.RLock()

    def kept(self) -> list[tuple[Home, Kept]]:
        """Every home with what it keeps; those that did not change are not decoded again."""
        found: dict[Home, JsonValue] = {
            ("pool", id): as_map(body.get("metadata")).get(RESERVED_KEY) for id, body in self._tenant.pools().items()
        }
        for id, body in self._tenant.organizations().items():
            found["organization", id] = as_map(as_map(body.get("metadata")).get("payload")).get(RESERVED_KEY)
        with self._lock:
            self._decoded = {
                home: (value, self._decode(home, value)) for home, value in found.items() if value is not None
            }
            return [(home, kept) for home, (_, kept) in self._decoded.items()]

    def _decode(self, home: Home, value: JsonValue) -> Kept:
        """What a home keeps; as it was decoded, or encoded, before, where that is the same."""
        known = self._decoded.get(home)
        if known is not None and (known[0] is value or known[0] == value):
            return known[1]
        return _decoded_at(home, value)

    def write(self, home: Home, change: Callable[[Kept], None]) -> bool:
        """Read, change, write; again when somebody else wrote in between. False: there is no such object."""
        with self._lock:
            try:
                return self._written(home, change)
            except Unauthorised as error:
                if error.scope:
                    raise
                # the object may be there by now: that no token is taken refuses nothing
                raise Unavailable(error.message, hint=error.hint) from None

    def _written(self, home: Home, change: Callable[[Kept], None]) -> bool:
        word, id = home
        for _ in range(_TRIES):
            try:
                raw = self._tenant.pool(id) if word == "pool" else self._tenant.organization(id)
            except NotFound:
                return False
            inner = as_map(raw.body.get("metadata"))
            free = inner if word == "pool" else as_map(inner.get("payload"))
            kept = self._decode(home, free.get(RESERVED_KEY)).copy()
            change(kept)
            changed = merged(free, RESERVED_KEY, kept)
            if changed == free:
                self._saw(home, raw.body)
                return True
            metadata: JsonMap = changed if word == "pool" else {**inner, "payload": changed}
            if (value := changed.get(RESERVED_KEY)) is not None:
                self._decoded[home] = value, kept  # what the answer will show: then it need not be decoded
            try:
                self._send(home, raw, metadata)
            except (Conflict, LostAnswer):
                continue  # read again: it may be ours already
            except NotFound:
                return False
            return True
        raise Conflict(f"{word} {id} is changed by others all the time: its ownership records can not be written")

    def _send(self, home: Home, raw: Raw, metadata: JsonMap) -> None:
        word, id = home
        body = {**writable(raw.body), "metadata": metadata}
        path, api = (
            (path_of("system", "pools", id), Api.IDENTITY)
            if word == "pool"
            else (path_of("organizations", id), Api.SYSTEM)
        )
        answer = self._tenant.transport.call(
            "PUT", path, body, api=api, etag=raw.etag, what=f"record who owns {word} {id}"
        )
        self._saw(home, as_map(answer.body) or body)

    def _saw(self, home: Home, body: JsonMap) -> None:
        if home[0] == "pool":
            self._tenant.saw_pool(home[1], body)
        else:
            self._tenant.saw_organization(home[1], body)


def writable(body: JsonMap) -> JsonMap:
    """An object as it is sent back: without the counters and what else answers alone have."""
    return {key: value for key, value in body.items() if not key.startswith("number_of_")}


def _decoded_at(home: Home, value: JsonValue) -> Kept:
    word, id = home
    try:
        return decoded(value, id if word == "pool" else "")
    except Unavailable as error:
        raise Unavailable(f"{word} {id}: {error.message}", hint=error.hint) from None
