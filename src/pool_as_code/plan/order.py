"""The order of changes, derived from references.

    level  0 ..   creates, updates, adoptions: what is referred to comes first; a parent before its children
    above         deletes, the other way round: users, groups, pools, schemas, organizations, workspaces

Equal levels are independent of each other. Ties break by address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..core.address import Address
from ..core.values import as_list, as_map
from ..resources.registry import rank
from .model import Action, Change
from .world import World

_STEPS = 1000  # more than any nesting of groups or organizations


def in_order(changes: Iterable[Change], world: World) -> tuple[Change, ...]:
    """The changes in the order of execution, with their levels (0, 1, 2 ... without gaps)."""
    listed = list(changes)
    parents = _parents(world)
    depths: dict[Address, int] = {}
    early = _identifiers_freed(listed, world)
    ranks = rank()
    keyed: list[tuple[int, Address, Change]] = []
    for change in listed:
        word = change.address.kind
        depth = _depth(change.address, parents, depths) if word in ("group", "organization") else 0
        place = ranks[word] * _STEPS * 4
        if change.action is Action.DELETE:
            place = place - 2 if early and word == "user" else (2 * len(ranks) - ranks[word]) * _STEPS * 4 - depth
        elif word == "user" and change.action is not Action.CREATE:
            place += 0  # a user who gives an identifier up comes before one who gets it
        else:
            place += 1 + depth
        keyed.append((place, change.address, change))
    keyed.sort(key=lambda entry: (entry[0], entry[1]))
    levels: dict[int, int] = {}
    for place, _, _ in keyed:
        levels.setdefault(place, len(levels))
    return tuple(change if levels[place] == 0 else change.at(levels[place]) for place, _, change in keyed)


def _parents(world: World) -> Mapping[Address, Address]:
    """Child -> parent of groups and organizations, declared or live; those that are ours and go are among them."""
    found: dict[Address, Address] = {}
    ours = {(a.kind, record.remote_id): a for a, record in world.records.items() if a.kind in ("group", "organization")}
    names = {**ours, **world.matches.names} if ours else world.matches.names
    for word in ("group", "organization"):
        for live in world.observed.get(word, ()):
            address, parent = names.get((word, live.id)), names.get((word, str(live.metadata.get("parent"))))
            if address is not None and parent is not None:
                found[address] = parent
    for word in ("group", "organization"):
        for resource in world.desired.of(word):
            name = resource.metadata.get("parent")
            if name:
                container = resource.address.container
                found[resource.address] = Address(word, f"{container}/{name}" if container else str(name))
    return found


def _depth(address: Address, parents: Mapping[Address, Address], known: dict[Address, int]) -> int:
    trail: list[Address] = []
    here: Address | None = address
    while here is not None and here not in known and len(trail) < _STEPS:
        trail.append(here)
        here = parents.get(here)
    depth = known[here] if here is not None and here in known else -1
    for step in reversed(trail):
        depth += 1
        known[step] = depth
    return known[address]


def _identifiers_freed(changes: Iterable[Change], world: World) -> bool:
    """Whether a user that goes holds an identifier that another one gets: then deletes of users come first."""
    going: set[tuple[str, str]] = set()
    listed = list(changes)
    gone = {change.remote_id for change in listed if change.action is Action.DELETE and change.address.kind == "user"}
    if not gone:
        return False
    for user in world.observed.get("user", ()):
        if user.id in gone:
            going.update((user.pool_id, _value(member)) for member in as_list(user.spec.get("identifiers")))
    for change in listed:
        if change.address.kind != "user":
            continue
        if change.action is Action.CREATE and change.after is not None:
            for member in as_list(as_map(change.after["spec"]).get("identifiers")):
                if (change.pool_id, _value(member)) in going:
                    return True
        for field in change.fields:
            if (
                field.path[0] == "identifiers"
                and field.before is None
                and (change.pool_id, _value(field.after)) in going
            ):
                return True
    return False


def _value(member: object) -> str:
    return next((str(v).casefold() for k, v in as_map(member).items() if k != "metadata"), "")
