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
    store: Store, desired: State, owner: Owner, bindings: Mapping[Address, str] | None = None
) -> tuple[Matches, dict[str, list[Observed]], Mapping[Address, OwnerRecord]]:
    """What answers to the desired state and to the bindings of the environment, all live objects that were read by kind word,
    and our ownership records.

    One read a kind, two for users, however many objects and pools there are."""
    records = store.ledger.records(owner, (*CONTAINERS, "group")) if owner.project else {}
    matches, observed = Matches(owner, bindings or {}), dict[str, list[Observed]]()
    declared = desired.by_kind()
    for kind in KINDS:
        word = kind.word
        resources = declared.get(word, [])
        if word in CONTAINERS:
            observed[word] = store.read(Scope(word, ids=_named(word, resources, matches, records)))
        elif word == "group":
            pools = _pools(word, resources, matches, records)
            observed[word] = store.read(Scope(word, pools, owner)) if pools else []
        else:
            observed[word] = _read_users(store, resources, matches, records, owner)
        matches.match_kind(word, resources, observed[word], records)
    return matches, observed, records


def _named(
    word: str, resources: Iterable[Resource], matches: Matches, records: Mapping[Address, OwnerRecord]
) -> frozenset[str]:
    """The ids under which containers of a kind may live that somebody names: for stores that can not list them all."""
    ids = {str(r.metadata.get("id") or derived_id(word, r.address.name, "")) for r in resources}
    ids.update(id for address, id in matches.bindings.items() if address.kind == word)
    ids.update(record.remote_id for address, record in records.items() if address.kind == word)
    return frozenset(ids)


def _pools(
    word: str, resources: list[Resource], matches: Matches, records: Mapping[Address, OwnerRecord]
) -> frozenset[str]:
    """The live pools whose groups or users are of interest: with declared ones, or with owned ones that may be orphans."""
    pool_ids = {address.path: id for address, id in matches.ids.items() if address.kind == "pool"}
    pools = {pool_ids[r.address.container] for r in resources if r.address.container in pool_ids}
    orphaned = {a.container for a in records if a.kind == word}
    if pools or orphaned:
        pools.update(r.remote_id for a, r in records.items() if a.kind == "pool")
        pools.update(pool_ids[container] for container in orphaned if container in pool_ids)
    bound = {address.container for address in matches.bindings if address.kind == word}
    pools.update(pool_ids[container] for container in bound if container in pool_ids)
    return frozenset(pools)


def _read_users(
    store: Store,
    resources: list[Resource],
    matches: Matches,
    records: dict[Address, OwnerRecord],
    owner: Owner,
) -> list[Observed]:
    """First those that we own: they bring their records with them, so that the ledger is asked only when there are more of
    them than users (claims of a crash, users whom somebody deleted). Then whoever may be one of those that we do not."""
    pool_ids = {address.path: id for address, id in matches.ids.items() if address.kind == "pool"}
    everywhere = frozenset(pool_ids.values()) | {r.remote_id for a, r in records.items() if a.kind == "pool"}
    found: list[Observed] = []
    owned = store.ledger.count(owner, "user") if owner.project else 0
    if owned:
        found = store.read(Scope("user", everywhere, owner)) if everywhere else []
        ours = {o.owner.address: o.owner for o in found if o.owner is not None and o.owner.owner == owner}
        records.update(ours if len(ours) == owned else store.ledger.records(owner, ("user",)))
    ids, identifiers = _unknown_users(resources, pool_ids, records)
    for address, id in matches.bindings.items():
        if address.kind == "user":
            ids[id] = pool_ids.get(address.container, "")
    pools = _pools("user", resources, matches, records)
    if pools and (ids or identifiers):
        there = {user.id for user in found}
        homes = {id: pool_id for id, pool_id in ids.items() if pool_id}
        strangers = store.read(
            Scope("user", pools, ids=frozenset(ids), identifiers=frozenset(identifiers), homes=homes)
        )
        found += [user for user in strangers if user.id not in there]
    return found


def _unknown_users(
    resources: Iterable[Resource], pool_ids: Mapping[str, str], records: Mapping[Address, OwnerRecord]
) -> tuple[dict[str, str], set[IdentifierKey]]:
    """Ids, each with the pool it is expected in, and identifiers under which users that we have no record of may live."""
    ids: dict[str, str] = {}
    identifiers: set[IdentifierKey] = set()
    for resource in resources:
        pool_id = pool_ids.get(resource.address.container, "")
        chosen = resource.metadata.get("id")
        if chosen:
            ids[str(chosen)] = pool_id
        if resource.address in records:
            continue
        ids[derived_id("user", resource.address.name, pool_id)] = pool_id
        for member in as_list(resource.spec.get("identifiers")):
            value = identifier_key(member).partition(":")[2]
            if value:
                identifiers.add(IdentifierKey(pool_id, value))
    return ids, identifiers


def read_by_id(
    store: Store, wanted: Mapping[str, set[str]], pools: Iterable[str], homes: Mapping[str, str]
) -> dict[str, list[Observed]]:
    """Live objects by kind word: all containers, groups of these pools, users of these ids. `homes`: user id -> pool id."""
    found = {word: store.read(Scope(word, ids=frozenset(wanted.get(word, ())))) for word in CONTAINERS}
    everywhere = frozenset(pools)
    found["group"] = store.read(Scope("group", everywhere)) if wanted.get("group") else []
    users = wanted.get("user")
    found["user"] = store.read(Scope("user", everywhere, ids=frozenset(users), homes=homes)) if users else []
    return found
