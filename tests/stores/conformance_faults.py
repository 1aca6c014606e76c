"""What every store must do when something goes wrong in the middle. A store's test inherits `FaultConformance` and gives `store` and
`faults`; a sort of fault that its store can not have is named in `without`, with the reason.

    FAILS   the n-th write is refused, and so are all after it: a full disk, a service that fails
    BUSY    it is told to come back later: somebody else's lock, a 429
    CUT     the n-th write is carried out or not, the connection is gone, and nobody hears the answer
    MOVED   somebody else changes the same object between our reading and our writing

After a fault the store says `Unavailable` (nobody knows) or nothing at all (it was waited for). What is written in one
transaction stands whole or not at all; elsewhere a later write may be missing, and doing it again ends where an undisturbed one ends.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from enum import Enum
from typing import NamedTuple, Protocol

import pytest

from pool_as_code.core.address import Address
from pool_as_code.core.errors import Conflict, NotFound, NotTried, PoolAsCodeError, StoreError, Unavailable
from pool_as_code.core.fieldpath import Item
from pool_as_code.core.secrets import Secret
from pool_as_code.core.values import JsonMap, JsonValue, as_list, as_map
from pool_as_code.resources.live import Observed, OwnerRecord
from pool_as_code.stores.base import Body, FieldWrite, Outcome, Scope, Store
from tests.stores.conformance import OURS, a_group, a_pool, a_user, handle, ids, write

PASSWORD = "S3cret-Byte-of-the-tests"
MOST = 60
"""Writes that nothing here reaches: a fault that is met for ever is no fault of one write."""


class Sort(Enum):
    FAILS = "fails"
    BUSY = "busy"
    CUT = "cut"
    MOVED = "moved"


LASTING = (Sort.FAILS, Sort.BUSY, Sort.CUT)


class Met:
    """Whether a fault was met."""

    def __init__(self) -> None:
        self.yes = False


class Count:
    """Calls `meet` before the `number`-th write and all after it."""

    def __init__(self, number: int, met: Met) -> None:
        self.number, self.met, self.seen = number, met, 0

    @property
    def due(self) -> bool:
        self.seen += 1
        if self.seen >= self.number:
            self.met.yes = True
        return self.seen >= self.number


class Faults(Protocol):
    """How a store meets faults. `without`: the sorts that it can not have -> why."""

    without: Mapping[Sort, str]

    def lasting(self, sort: Sort, number: int) -> AbstractContextManager[Met]:
        """Inside, the `number`-th write and everything after it meet the fault."""

    def passing(self, sort: Sort) -> AbstractContextManager[Met]:
        """Inside, the first write meets the fault, which is over in a moment."""

    def elsewhere(self) -> AbstractContextManager[Store]:
        """Another program's way into the same directory."""


class Story(NamedTuple):
    """A write and its surroundings; `key` names objects of its own. `again` is what the next run does."""

    before: Callable[[Store, str], object]
    act: Callable[[Store, str], object]
    look: Callable[[Store, str], object]
    again: Callable[[Store, str], object]


def found(store: Store, kind: str, key: str) -> Observed | None:
    if kind == "user":
        scope = Scope("user", frozenset({"customers"}), ids=frozenset({key}), homes={key: "customers"})
    else:
        scope = Scope(kind, ids=frozenset({key}) if kind == "pool" else frozenset())
    return next((one for one in store.read(scope) if one.id == key), None)


def spec_of(kind: str) -> Callable[[Store, str], object]:
    """What stands there, with its name taken out."""

    def look(store: Store, key: str) -> object:
        there = found(store, kind, key)
        return None if there is None else json.loads(there.raw.decode().replace(key, "KEY"))

    return look


def rich_user(key: str, *groups: JsonValue) -> Body:
    spec: JsonMap = {
        "status": "active",
        "identifiers": [{"uid": key}, {"email": f"{key}@example.com"}],
        "addresses": [{"email": f"{key}@example.com", "verified": True}],
        "administrative": {"tier": "gold"},
        "groups": list(groups) or ["g1", "g2"],
        "password": {},
    }
    return Body("user", key, "customers", {}, spec, {"password.initial": Secret(PASSWORD)})


def create_user(store: Store, key: str, *groups: JsonValue) -> Observed:
    (prepared,) = store.prepare([rich_user(key, *groups)], {})
    assert prepared.error is None
    return store.create(prepared.body)


def complete_user(store: Store, key: str, *groups: JsonValue) -> None:
    """As a plan does: what is not there is created, what is there gets what it lacks."""
    there = found(store, "user", key)
    if there is None:
        create_user(store, key, *groups)
        return
    missing = set(map(str, groups or ("g1", "g2"))) - set(map(str, as_list(there.spec.get("groups"))))
    if missing:
        store.update(handle(there), [write(("spec", "groups", Item(id)), id) for id in sorted(missing)])


USER_WRITES = [
    write(("spec", "administrative", "tier"), "silver"),
    write(("spec", "addresses", Item("email:x@example.com")), {"email": "x@example.com"}),
    write(("spec", "groups", Item("g1")), None),
    write(("spec", "groups", Item("g2")), "g2"),
]


def user_writes(key: str) -> list[FieldWrite]:
    named = write(("spec", "identifiers", Item(f"uid:{key}")), {"uid": key})
    return [*USER_WRITES, named, write(("spec", "identifiers", Item(f"external:old-{key}")), None)]


def old_user(store: Store, key: str) -> None:
    a_user(
        store, key, {"administrative": {"tier": "gold"}, "identifiers": [{"external": f"old-{key}"}], "groups": ["g1"]}
    )


def update_user(store: Store, key: str) -> object:
    there = found(store, "user", key)
    assert there is not None
    return store.update(handle(there), user_writes(key))


POOL_SPEC: JsonMap = {"description": "made", "passwordPolicy": {"minLength": 9}, "signIn": {"totpIssuer": "Us"}}
POOL_WRITES = [write(("spec", "description"), "changed"), write(("spec", "passwordPolicy", "minLength"), 11)]


def create_pool(store: Store, key: str) -> Observed:
    return a_pool(store, key, POOL_SPEC)


def update_pool(store: Store, key: str) -> object:
    there = found(store, "pool", key)
    assert there is not None
    return store.update(handle(there), POOL_WRITES)


def delete(kind: str) -> Callable[[Store, str], None]:
    def gone(store: Store, key: str) -> None:
        there = found(store, kind, key)
        if there is not None:
            with suppress(NotFound):
                store.delete(handle(there))

    return gone


def unless_there(kind: str, make: Callable[[Store, str], object]) -> Callable[[Store, str], object]:
    return lambda store, key: None if found(store, kind, key) is not None else make(store, key)


def nothing(store: Store, key: str) -> None:
    """No surroundings."""


def peopled_pool(store: Store, key: str) -> None:
    a_pool(store, key)
    a_group(store, f"{key}-g", key)
    a_user(store, f"{key}-u", {"groups": [f"{key}-g"]}, key)


def create_group(store: Store, key: str) -> Observed:
    return a_group(store, key, parent="g1")


def own(store: Store, key: str) -> None:
    store.ledger.put(
        [
            OwnerRecord(OURS, Address("pool", key), key, fields={"description": "d"}),
            OwnerRecord(OURS, Address("user", f"customers/{key}"), f"u-{key}", pool_id="customers"),
        ]
    )


def owned(store: Store, key: str) -> object:
    records = store.ledger.records(OURS)
    wanted = (Address("pool", key), Address("user", f"customers/{key}"))
    return [sorted(records[one].fields.items()) for one in wanted if one in records]


STORIES = {
    "create a pool": Story(nothing, create_pool, spec_of("pool"), unless_there("pool", create_pool)),
    "create a group": Story(nothing, create_group, spec_of("group"), unless_there("group", create_group)),
    "create a user": Story(nothing, create_user, spec_of("user"), complete_user),
    "change a pool": Story(create_pool, update_pool, spec_of("pool"), update_pool),
    "change a user": Story(old_user, update_user, spec_of("user"), update_user),
    "delete a user": Story(old_user, delete("user"), spec_of("user"), delete("user")),
    "delete a pool": Story(peopled_pool, delete("pool"), spec_of("pool"), delete("pool")),
    "own two objects": Story(a_pool, own, owned, own),
}


class FaultConformance:
    """The contract with faults. A class gives `store` and `faults`."""

    @pytest.fixture
    def there(self, store: Store) -> Store:
        """The store with a pool and two groups in it."""
        a_pool(store)
        a_group(store, "g1")
        a_group(store, "g2")
        return store

    @pytest.mark.parametrize("sort", LASTING)
    @pytest.mark.parametrize("story", STORIES)
    def test_a_fault_at_any_write_is_told_leaves_nothing_half_written_and_the_next_run_gets_there(
        self, there: Store, faults: Faults, story: str, sort: Sort
    ) -> None:
        if self.declared(faults, sort):
            return
        told = STORIES[story]
        told.before(there, "k0")
        start = told.look(there, "k0")
        told.act(there, "k0")
        wanted = told.look(there, "k0")
        assert start != wanted
        for number in range(1, MOST):
            key = f"k{number}"
            told.before(there, key)
            error: PoolAsCodeError | None = None
            with faults.lasting(sort, number) as met:
                try:
                    told.act(there, key)
                except Unavailable as raised:
                    error = raised
            if error is not None:
                self.is_well_said(error)
            left = told.look(there, key)
            if error is None:
                assert left == wanted, f"write {number} met nothing, and it is not there"
            elif there.capabilities.transactional:
                assert left in (start, wanted), f"write {number}: half-written"
            told.again(there, key)
            assert told.look(there, key) == wanted, f"write {number}: the next run did not get there"
            if not met.yes:
                assert number > 1, "the fault was never met"
                return
        raise AssertionError("every write meets the fault: it is counted wrongly")

    @pytest.mark.parametrize("sort", LASTING)
    def test_of_many_it_is_known_which_were_made(self, there: Store, faults: Faults, sort: Sort) -> None:
        if self.declared(faults, sort):
            return
        create_user(there, "whole", "g1")
        wanted = spec_of("user")(there, "whole")
        for number in range(1, MOST):
            keys = [f"k{number}n{index}" for index in range(3)]
            prepared = [one.body for one in there.prepare([rich_user(key, "g1") for key in keys], {})]
            outcomes: list[Outcome] = []
            with faults.lasting(sort, number) as met, suppress(Unavailable):
                outcomes = there.create_many(prepared)
            standing = {key for key in keys if found(there, "user", key) is not None}
            if not outcomes:
                assert standing == set(), "the whole batch was refused, and something of it stands"
            for key, outcome in zip(keys, outcomes, strict=bool(outcomes)):
                if outcome.observed is not None:
                    assert key in standing
                elif isinstance(outcome.error, NotTried) or not isinstance(outcome.error, Unavailable):
                    assert isinstance(outcome.error, StoreError)
                    assert key not in standing
                else:
                    self.is_well_said(outcome.error)
            for key in keys:
                complete_user(there, key, "g1")
            assert [spec_of("user")(there, key) for key in keys] == [wanted] * 3
            if not met.yes:
                return
        raise AssertionError("every write meets the fault: it is counted wrongly")

    @pytest.mark.parametrize("sort", [Sort.BUSY, Sort.CUT])
    def test_what_is_over_in_a_moment_is_waited_for_or_told(self, there: Store, faults: Faults, sort: Sort) -> None:
        if self.declared(faults, sort):
            return
        error: Unavailable | None = None
        with faults.passing(sort) as met:
            try:
                create_pool(there, "late")
            except Unavailable as raised:
                error = raised
        assert met.yes
        assert error is None or sort is Sort.CUT, "a busy store is waited for"
        if error is not None:
            self.is_well_said(error)
            assert "late" not in ids(there.read(Scope("pool")))
            create_pool(there, "late")
        assert ids(there.read(Scope("pool"))) == ["customers", "late"]

    @pytest.mark.parametrize("kind", ["schema", "pool", "user"])
    def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten(
        self, there: Store, faults: Faults, kind: str
    ) -> None:
        if self.declared(faults, Sort.MOVED):
            return
        assert kind in there.capabilities.revisions
        pool_id = "customers" if kind == "user" else ""
        made = there.create(Body(kind, "both", pool_id, {}, {}))
        path = ("spec", "administrative", "by") if kind == "user" else ("spec", "description")
        with faults.elsewhere() as other:
            (theirs,) = [one for one in self.all_of(other, kind) if one.id == "both"]
            other.update(handle(theirs), [write(path, "them")])
        with pytest.raises(Conflict) as moved:
            there.update(handle(made), [write(path, "us")])
        assert moved.value.message
        with pytest.raises(Conflict):
            there.delete(handle(made))
        (now,) = [one for one in self.all_of(there, kind) if one.id == "both"]
        inner = as_map(now.spec.get("administrative")) if kind == "user" else now.spec
        assert inner[path[-1]] == "them"
        assert there.update(handle(now), [write(path, "us")]).revision != now.revision

    def test_a_reader_that_meets_a_cut_connection_reads_again(self, there: Store, faults: Faults) -> None:
        if self.declared(faults, Sort.CUT):
            return
        with faults.lasting(Sort.CUT, 1), suppress(Unavailable):
            create_pool(there, "cut")
        assert "customers" in ids(there.read(Scope("pool")))
        assert ids(there.read(Scope("group", frozenset({"customers"})))) == ["g1", "g2"]

    def all_of(self, store: Store, kind: str) -> list[Observed]:
        return store.read(Scope(kind, everything=True))

    def declared(self, faults: Faults, sort: Sort) -> bool:
        """Whether the store says that it can not have this fault, and why."""
        reason = faults.without.get(sort)
        assert reason is None or len(reason) > 20
        return reason is not None

    def is_well_said(self, error: Exception) -> None:
        """The right class, a next step, and no secret."""
        assert isinstance(error, Unavailable)
        assert error.exit_code == 3
        assert error.message
        assert error.hint
        for word in (PASSWORD, "S3cret"):
            assert word not in f"{error.message} {error.hint}"
