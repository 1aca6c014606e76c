"""The read-only store over a dump: it answers every question of the contract and refuses every write."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import NoReturn

from ...core.address import Address
from ...core.capabilities import Capabilities
from ...core.diagnostics import Diagnostic
from ...core.errors import Conflict, Rejected
from ...core.values import JsonMap, as_list, as_map
from ...resources.registry import by_word
from ...resources.rules import fold
from ...resources.user import identifier_key
from ..base import Body, FieldWrite, Handle, Observed, Outcome, Owner, OwnerRecord, Prepared, Recorder, RunRecord, Scope
from ..secureauth.wire import StoredCredential
from .observing import Live

_HINT = "load it into a directory of your own first: pac load DUMP --store sqlite:///FILE"


def _refuse() -> NoReturn:
    raise Rejected("a dump is read-only", hint=_HINT)


class EmptyLedger:
    """Nobody owns anything in a dump, and nothing ever runs against it."""

    def records(self, owner: Owner, kinds: Collection[str] | None = None) -> dict[Address, OwnerRecord]:
        """None."""
        return {}

    def count(self, owner: Owner, kind: str) -> int:
        """None."""
        return 0

    def foreign(self, kind: str, id: str) -> OwnerRecord | None:
        """Nobody."""
        return None

    def lease(self, owner: Owner | None = None) -> RunRecord | None:
        """Nobody holds one."""
        return None

    def break_lease(self, owner: Owner | None = None) -> RunRecord | None:
        """There is none to break."""
        return None

    def history(self, limit: int = 20) -> list[RunRecord]:
        """No runs."""
        return []

    def run(self, run_id: str) -> RunRecord | None:
        """No such run."""
        return None

    def put(self, records: Iterable[OwnerRecord]) -> None:
        """Refused."""
        _refuse()

    def drop(self, owner: Owner, addresses: Iterable[Address]) -> None:
        """Refused."""
        _refuse()

    def move(self, owner: Owner, old: Address, new: Address) -> None:
        """Refused."""
        _refuse()

    def acquire_lease(self, run: RunRecord, seconds: float) -> None:
        """Refused."""
        _refuse()

    def renew_lease(self, run_id: str, seconds: float) -> None:
        """There is no lease to hold longer."""
        raise Conflict("a dump has no lease")

    def release_lease(self, run_id: str) -> None:
        """Harmless, as it is everywhere."""

    def start_run(self, run: RunRecord) -> None:
        """Refused."""
        _refuse()

    def log_change(self, run_id: str, entry: JsonMap) -> None:
        """Refused."""
        _refuse()

    def log_changes(self, run_id: str, entries: Iterable[JsonMap]) -> None:
        """Refused."""
        _refuse()

    def finish_run(self, run_id: str, state: str, summary: JsonMap) -> None:
        """Refused."""
        _refuse()


class DumpStore:
    """A dump as a store. `diagnostics` are warnings about what the dump holds and this store does not show."""

    def __init__(self, url: str, live: Live, fingerprint: str) -> None:
        self.url = url
        self.capabilities = Capabilities(kinds=frozenset(by_word()), read_only=True)
        self.ledger = EmptyLedger()
        self.diagnostics: tuple[Diagnostic, ...] = tuple(live.diagnostics)
        self._live = live
        self._fingerprint = fingerprint

    # -- reading

    def fingerprint(self) -> str:
        """A UUID that follows from the content."""
        return self._fingerprint

    def written_only_by(self, plan_digest: str) -> bool:
        """Never: somebody else wrote the dump."""
        return False

    def read(self, scope: Scope) -> list[Observed]:
        """The objects of a scope."""
        found = self._live.objects.get(scope.kind, [])
        if scope.kind in ("group", "user") and scope.pools is not None:
            found = [one for one in found if one.pool_id in scope.pools]
        if scope.kind != "user" or scope.everything:
            return list(found)
        keys = self._keys_of(scope)
        return [one for one in found if one.id in scope.ids or not keys.isdisjoint(self._identifiers(one))]

    def count(self, kind: str, pools: frozenset[str] | None = None) -> int:
        """How many objects of a kind there are."""
        found = self._live.objects.get(kind, [])
        if pools is not None and kind in ("group", "user"):
            return sum(1 for one in found if one.pool_id in pools)
        return len(found)

    def members(self, pool_id: str) -> JsonMap:
        """How many users a pool has, by sort."""
        users = [one for one in self._live.objects["user"] if one.pool_id == pool_id]
        jit = sum(1 for one in users if one.spec.get("userType") == "jit")
        groups = self.count("group", frozenset({pool_id}))
        return {"total": len(users), "standard": len(users) - jit, "jit": jit, "owned": 0, "groups": groups}

    def credentials_of(self, user_id: str) -> Sequence[StoredCredential]:
        """What a user signs in with, for a directory that takes the dump as it is. Never part of what `read` gives."""
        return self._live.credentials.get(user_id, [])

    def _keys_of(self, scope: Scope) -> set[tuple[str, str]]:
        return {(key.pool_id, fold(key.value, ignore_case=key.pool_id in self._folding)) for key in scope.identifiers}

    def _identifiers(self, user: Observed) -> Iterator[tuple[str, str]]:
        for member in as_list(user.spec.get("identifiers")):
            value = identifier_key(member).partition(":")[2]
            yield user.pool_id, fold(value, ignore_case=user.pool_id in self._folding)

    @functools.cached_property
    def _folding(self) -> frozenset[str]:
        """The pools that ignore the case of identifiers."""
        pools = self._live.objects["pool"]
        return frozenset(o.id for o in pools if as_map(o.spec.get("signIn")).get("identifiersIgnoreCase") is True)

    # -- what a dump does not do

    def prepare(self, bodies: Sequence[Body], pools: Mapping[str, JsonMap]) -> list[Prepared]:
        """Refused, with what would follow."""
        _refuse()

    def create(self, body: Body) -> Observed:
        """Refused."""
        _refuse()

    def create_many(self, bodies: Sequence[Body], record: Recorder | None = None) -> list[Outcome]:
        """Refused."""
        _refuse()

    def update(self, current: Handle, writes: Sequence[FieldWrite]) -> Observed:
        """Refused."""
        _refuse()

    def delete(self, current: Handle) -> None:
        """Refused."""
        _refuse()

    def transaction(self) -> AbstractContextManager[None]:
        """Holds nothing together: every write inside is refused."""
        return nullcontext()

    def savepoint(self) -> AbstractContextManager[None]:
        """Holds nothing together: every write inside is refused."""
        return nullcontext()

    def close(self) -> None:
        """There is nothing to let go of."""
