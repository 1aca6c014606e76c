"""Reading the live side: as much as the desired state and our ownership records call for, kind by kind."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from ..core.address import Address
from ..core.values import as_list
from ..plan.match import Matches
from ..resources.live import Observed, Owner, OwnerRecord
from ..resources.registry import KINDS
from ..resources.state import Resource, State, derived_id
from ..resources.user import identifier_key
from ..stores.base import IdentifierKey, Scope, Store

CONTAINERS = ("workspace", "organization", "schema", "pool")


@contextmanager
def no_cyclic_collection() -> Iterator[None]:
    """Large trees of plain values are built: the collector would walk them again and again and find nothing. What was built
    counts as old afterwards, so that the collector does not begin with a walk over all of it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if gc.get_freeze_count() == 0:
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def read_matching(
    store: Store, desired: State, owner: Owner
) -> tuple[Matches, dict[str, list[Observed]], Mapping[Address, OwnerRecord]]:
    """What answers to the desired state, all live objects that were read by kind word, and our ownership records.

    One read a kind, however many objects and pools there are."""
    records = store.ledger.records(owner) if owner.project else {}
    matches, observed = Matches(owner), dict[str, list[Observed]]()
    declared = desired.by_kind()
    for kind in KINDS:
        word = kind.word
        resources = declared.get(word, [])
        if word in CONTAINERS:
            observed[word] = store.read(Scope(word))
        else:
            scope = _scope(word, resources, matches, records, owner)
            observed[word] = store.read(scope) if scope is not None else []
        matches.match_kind(word, resources, observed[word], records)
    return matches, observed, records


def _scope(
    word: str,
    resources: list[Resource],
    matches: Matches,
    records: Mapping[Address, OwnerRecord],
    owner: Owner,
) -> Scope | None:
    """What to read of groups and users; None when there is nothing to ask for."""
    pool_ids = {address.path: id for address, id in matches.ids.items() if address.kind == "pool"}
    pools = {pool_ids[r.address.container] for r in resources if r.address.container in pool_ids}
    orphaned = {a for a in records if a.kind == word}
    if not pools and not orphaned:
        return None
    pools.update(r.remote_id for a, r in records.items() if a.kind == "pool")
    pools.update(id for id in (pool_ids.get(a.container) for a in orphaned) if id)
    if word == "group":
        return Scope(word, frozenset(pools), owner)
    ids, identifiers = _unknown_users(resources, pool_ids, records)
    return Scope(word, frozenset(pools), owner, frozenset(ids), frozenset(identifiers))


def _unknown_users(
    resources: Iterable[Resource], pool_ids: Mapping[str, str], records: Mapping[Address, OwnerRecord]
) -> tuple[set[str], set[IdentifierKey]]:
    """Ids and identifiers under which users that we have no record of may live already."""
    ids: set[str] = set()
    identifiers: set[IdentifierKey] = set()
    for resource in resources:
        chosen = resource.metadata.get("id")
        if chosen:
            ids.add(str(chosen))
        if resource.address in records:
            continue
        pool_id = pool_ids.get(resource.address.container, "")
        ids.add(derived_id("user", resource.address.name, pool_id))
        for member in as_list(resource.spec.get("identifiers")):
            value = identifier_key(member).partition(":")[2]
            if value:
                identifiers.add(IdentifierKey(pool_id, value))
    return ids, identifiers


def read_by_id(store: Store, wanted: Mapping[str, set[str]], pools: Iterable[str]) -> dict[str, list[Observed]]:
    """Live objects by kind word: all containers, groups of these pools, users of these ids."""
    found = {word: store.read(Scope(word)) for word in CONTAINERS}
    everywhere = frozenset(pools)
    found["group"] = store.read(Scope("group", everywhere)) if wanted.get("group") else []
    users = wanted.get("user")
    found["user"] = store.read(Scope("user", everywhere, ids=frozenset(users))) if users else []
    return found
