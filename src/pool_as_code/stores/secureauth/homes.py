"""Homes: the pools and organizations whose metadata hold records, and how a home is written: read, merged, sent under If-Match, and
begun again when somebody else was faster. What the records mean stands in `ledger.py`, their form in `kept.py`.

What homes keep is looked up by object, by address and by owner, so that one record costs the same among ten and among a hundred
thousand.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ...core.address import Address
from ...core.errors import Conflict, NotFound, Unauthorised, Unavailable
from ...core.values import JsonMap, JsonValue, as_map
from ...resources.live import Owner
from .answers import LostAnswer
from .kept import Kept, Key, credible, decoded, merged
from .place import Api, path_of
from .tenant import Raw, Tenant
from .wire import RESERVED_KEY, writable

_TRIES = 8
_Of = TypeVar("_Of")
_What = TypeVar("_What")
Home = tuple[str, str]
"""`pool` or `organization`, and its id."""


class Homes:
    """The homes of one tenant. One home is written by one at a time: many users of one pool are made at once. `copied` are those
    whose records are about another object, and count for nothing."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._lock = threading.RLock()  # over what follows, never held while something is sent
        self._kept: dict[Home, tuple[JsonValue, Kept]] = {}
        self._sent: dict[Home, tuple[JsonValue, Kept]] = {}  # what an answer will show: then it need not be decoded
        self._writing: dict[Home, threading.RLock] = defaultdict(threading.RLock)
        self._holding: dict[Key, set[Home]] = {}
        self._places: dict[tuple[Owner, Address], dict[Home, Key]] = {}
        self._pools_of: dict[Owner, set[str]] = {}
        self._at_once = 0
        self.copied: set[Home] = set()

    # -- what is kept

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """For many questions: what was seen of the tenant since is taken in once, before the first. Nothing is sent inside."""
        with self._lock:
            self._look()
            self._at_once += 1
            try:
                yield
            finally:
                self._at_once -= 1

    def kept(self) -> list[tuple[Home, Kept]]:
        """Every home with what it keeps."""
        with self._lock:
            self._look()
            return [(home, kept) for home, (_, kept) in self._kept.items()]

    def kept_in(self, home: Home) -> Kept:
        """What one home keeps."""
        with self._lock:
            self._look()
            return self._kept[home][1] if home in self._kept else Kept()

    def holding(self, key: Key) -> list[Home]:
        """The homes that have a record of this object: mostly one; a crash can leave that of a schema in two."""
        with self._lock:
            self._look()
            return sorted(self._holding.get(key, ()))

    def places(self, owner: Owner, address: Address) -> dict[Home, Key]:
        """The homes that have a record of this owner under this address, and of which object."""
        with self._lock:
            self._look()
            return dict(self._places.get((owner, address), {}))

    def pools_of(self, owner: Owner) -> list[str]:
        """The ids of pools that are this owner's, in order."""
        with self._lock:
            self._look()
            return sorted(self._pools_of.get(owner, ()))

    def _look(self) -> None:
        """Take in what was seen of the tenant since. Those that did not change are not decoded again."""
        if self._at_once:
            return
        pools, organizations = self._tenant.pools(), self._tenant.organizations()
        changed = self._tenant.changed()
        if changed is None:
            changed = {("pool", id) for id in list(pools)} | {("organization", id) for id in list(organizations)}
            changed |= self._kept.keys()
        for home in changed:
            word, id = home
            body = pools.get(id, {}) if word == "pool" else organizations.get(id, {})
            self._take_in(home, _free(word, body).get(RESERVED_KEY))

    def _take_in(self, home: Home, value: JsonValue) -> None:
        before = self._kept.get(home)
        if value is None:
            self.copied.discard(home)
            if before is not None:
                self._note(home, before[1], there=False)
                del self._kept[home]
            return
        if before is not None and (before[0] is value or before[0] == value):
            return
        kept = self._decode(home, value)
        if before is not None:
            self._note(home, before[1], there=False)
        self._kept[home] = value, kept
        self._note(home, kept, there=True)

    def _note(self, home: Home, kept: Kept, *, there: bool) -> None:
        for key, record in kept.records.items():
            place = record.owner, record.address
            if there:
                self._holding.setdefault(key, set()).add(home)
                self._places.setdefault(place, {})[home] = key
            else:
                _discard(self._holding, key, home)
                _discard(self._places, place, home)
            if key[0] == "pool" and home[0] == "pool":
                if there:
                    self._pools_of.setdefault(record.owner, set()).add(home[1])
                else:
                    _discard(self._pools_of, record.owner, home[1])

    def _decode(self, home: Home, value: JsonValue) -> Kept:
        """What a home keeps; as it was decoded, or encoded, before, where that is the same."""
        for known in (self._kept.get(home), self._sent.get(home)):
            if known is not None and (known[0] is value or known[0] == value):
                return known[1]
        kept = credible(_decoded_at(home, value), home)
        if kept is None:
            self.copied.add(home)
            return Kept()
        self.copied.discard(home)
        return kept

    # -- writing

    def write(self, home: Home, change: Callable[[Kept], None]) -> bool:
        """Read, change, write; again when somebody else wrote in between. False: there is no such object."""
        with self._lock:
            alone = self._writing[home]
        with alone:
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
            free = _free(word, raw.body)
            with self._lock:
                kept = self._decode(home, free.get(RESERVED_KEY)).copy()
            change(kept)
            changed = merged(free, RESERVED_KEY, kept)
            if changed == free:
                self._saw(home, raw.body)
                return True
            metadata: JsonMap = changed if word == "pool" else {**inner, "payload": changed}
            if (value := changed.get(RESERVED_KEY)) is not None:
                with self._lock:
                    self._sent[home] = value, kept
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
        body = {**writable(word, raw.body), "metadata": metadata}
        path, api = (
            (path_of("system", "pools", id), Api.IDENTITY)
            if word == "pool"
            else (path_of("organizations", id), Api.SYSTEM)
        )
        answer = self._tenant.transport.call(
            "PUT", path, body, api=api, etag=raw.etag, what=f"record who owns {word} {id}", shows=id
        )
        self._saw(home, as_map(answer.body))

    def _saw(self, home: Home, body: JsonMap) -> None:
        if home[0] == "pool":
            self._tenant.saw_pool(home[1], body)
        else:
            self._tenant.saw_organization(home[1], body)


def _free(word: str, body: JsonMap) -> JsonMap:
    """The map in an object's metadata that is its owner's to fill."""
    metadata = as_map(body.get("metadata"))
    return metadata if word == "pool" else as_map(metadata.get("payload"))


def _discard(index: dict[_Of, set[_What]] | dict[_Of, dict[_What, Key]], of: _Of, what: _What) -> None:
    inside = index.get(of)
    if isinstance(inside, set):
        inside.discard(what)
    elif inside is not None:
        inside.pop(what, None)
    if not inside:
        index.pop(of, None)


def _decoded_at(home: Home, value: JsonValue) -> Kept:
    word, id = home
    try:
        return decoded(value, id if word == "pool" else "")
    except Unavailable as error:
        raise Unavailable(f"{word} {id}: {error.message}", hint=error.hint) from None
