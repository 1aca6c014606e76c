"""Findings about what a store can not express, and about what has to be there before it."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.diagnostics import Severity
from ...resources.registry import by_word
from ...resources.state import Resource
from ..expressible import inexpressible
from ..model import Finding
from .context import Judged, finding


def not_expressible(judged: Judged) -> Iterator[Finding]:
    """Declared fields that the store has no place for: kept in the manifest, not sent, and told with what follows."""
    world = judged.world
    for word in world.capabilities.unsupported:
        if word in world.capabilities.preconditions:
            continue
        for resource in _declared(judged, word):
            match = world.matches.live.get(resource.address)
            for path, consequence in inexpressible(
                world.capabilities, resource, match.observed if match is not None else None
            ):
                yield finding(
                    "not-expressible",
                    Severity.INFO,
                    f"{path} is kept in the manifest, not sent: {consequence}",
                    resource.address,
                )


def missing_preconditions(judged: Judged) -> Iterator[Finding]:
    """What a store does not make has to be there."""
    world = judged.world
    for word, how in world.capabilities.preconditions.items():
        for resource in _declared(judged, word):
            if resource.address not in world.matches.live:
                yield finding(
                    "missing-precondition",
                    Severity.BLOCK,
                    f"there is no {word} {world.matches.ids[resource.address]} in the store",
                    resource.address,
                    next_step=how,
                )


def not_read(judged: Judged) -> Iterator[Finding]:
    """What could not be looked at is neither there as declared nor absent: that is told, object by object."""
    world = judged.world
    for word, why in world.capabilities.unread.items():
        for resource in _declared(judged, word):
            there = resource.address in world.matches.live
            yield finding(
                "not-read" if there else "missing-precondition",
                Severity.WARN if there else Severity.BLOCK,
                f"it is there, and nobody compared it with its manifest: {why}"
                if there
                else f"there is no {word} {world.matches.ids[resource.address]} in the store, and who may not see it does not "
                f"make it: {why}",
                resource.address,
                next_step="plan and apply with a client that may see it",
            )


def _declared(judged: Judged, word: str) -> Iterator[Resource]:
    world = judged.world
    if world.destroy:
        return
    for resource in world.desired.by_kind().get(by_word()[word].word, ()):
        if world.in_target(resource.address) and resource.metadata.get("state", "present") == "present":
            yield resource
