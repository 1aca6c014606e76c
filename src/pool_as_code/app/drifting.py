"""Drift: where the live side differs from the manifests in what we manage, and which side moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ..core.address import Address
from ..core.values import JsonValue, digest
from ..plan.diff import difference
from ..plan.expressible import expressible
from ..plan.model import FieldChange
from ..plan.world import World
from ..render.words import few
from ..resources.registry import by_word
from ..resources.state import Resource
from .planning import read_world
from .reading import no_cyclic_collection
from .request import PlanOptions, Request, Tell
from .session import load_manifests, need_project, open_directory, open_session


class Direction(StrEnum):
    """Which side is not what was last applied."""

    LIVE = "live-changed"
    MANIFEST = "manifest-changed"
    BOTH = "both-changed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DriftEntry:
    """One field that differs. `initial` ones belong to people and are no drift, only told."""

    address: Address
    field: str
    declared: JsonValue
    live: JsonValue
    direction: Direction
    initial: bool = False
    sensitive: bool = False
    personal: bool = False


@dataclass(frozen=True)
class Drift:
    """`gone` are objects that we own and that are not there any more."""

    entries: tuple[DriftEntry, ...]
    gone: tuple[Address, ...]

    @property
    def drifted(self) -> bool:
        """Whether anything we manage differs."""
        return bool(self.gone) or any(not entry.initial for entry in self.entries)


def find_drift(request: Request, tell: Tell) -> Drift:
    """Compare what we own with what is live. Reads only."""
    session = open_session(request)
    need_project(session, "drift")
    tell(session.headline)
    with no_cyclic_collection():
        loaded = load_manifests(session)
        store = open_directory(session, read_only=True)
        try:
            world = read_world(session, loaded, store, PlanOptions(), verb="drift")
            if not world.records:
                tell(
                    "nothing there is owned by this project: nothing was applied yet, or it was applied to another store"
                )
            _tell_unread(world, tell)
            entries = tuple(entry for resource in world.desired for entry in _entries(world, resource))
            return Drift(entries, tuple(_gone(world)))
        finally:
            store.close()


def _tell_unread(world: World, tell: Tell) -> None:
    """What could not be looked at is not called equal."""
    for word, why in world.capabilities.unread.items():
        declared = [str(r.address) for r in world.desired.of(word) if world.in_target(r.address)]
        if declared:
            tell(f"not compared: {few(declared)}: {why}")


def _gone(world: World) -> Iterator[Address]:
    live = {(o.kind, o.id) for several in world.observed.values() for o in several}
    for address, record in sorted(world.records.items()):
        if world.in_target(address) and (address.kind, record.remote_id) not in live:
            yield address


def _entries(world: World, resource: Resource) -> Iterator[DriftEntry]:
    match = world.matches.live.get(resource.address)
    if match is None or match.record is None or resource.metadata.get("state", "present") != "present":
        return
    if not world.in_target(resource.address):
        return
    kind = by_word()[resource.address.kind]
    resource = expressible(world.capabilities, resource, match.observed)
    if world.settled(world.desired_digest(kind, resource), resource, match):
        return
    resource = world.by_name(kind, resource)
    metadata, spec = world.names.named(kind, match.observed)
    applied = match.record.fields
    found = difference(
        kind,
        resource.metadata,
        resource.spec,
        metadata,
        spec,
        applied,
        ignore_case=kind.word == "user" and world.ignores_case(resource.address.container),
    )
    for several, initial in ((found.changes, False), (found.immutable, False), (found.reported, True)):
        for change in several:
            direction = _direction(change, applied.get(change.name), found.digests.get(change.name))
            yield DriftEntry(
                resource.address,
                change.name,
                change.after,
                change.before,
                direction,
                initial,
                change.sensitive,
                change.personal,
            )


def _direction(change: FieldChange, last: str | None, declared: str | None) -> Direction:
    if last is None:
        return Direction.UNKNOWN if change.after is not None else Direction.LIVE
    live_moved = digest(change.before) != last
    manifest_moved = declared != last
    if live_moved and manifest_moved:
        return Direction.BOTH
    if live_moved:
        return Direction.LIVE
    return Direction.MANIFEST if manifest_moved else Direction.UNKNOWN
