"""Findings about objects that are there already: unowned ones, those of others, and directories made by the service."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.address import Address
from ...core.diagnostics import Severity
from ...core.values import as_map
from ...resources.live import OwnerRecord
from ..match import How, container_of
from ..model import Action, Finding
from .context import Judged, finding


def foreign_owners(judged: Judged) -> Iterator[Finding]:
    """An object of another project, or of another environment, is refused without `adopt: {from: PROJECT}`."""
    for address, record, _ in _adoptions(judged):
        if record is None:
            continue
        consent = _consent(judged, address)
        named = (record.owner.project, f"{record.owner.project}/{record.owner.environment}")
        if isinstance(consent, dict) and consent.get("from") in named:
            continue
        yield finding(
            "foreign-owner",
            Severity.BLOCK,
            f"it belongs to project {record.owner.project}, environment {record.owner.environment} as {record.address}",
            address,
            next_step=f"choose another name or id, or set metadata.adopt: {{from: {record.owner.project}}}",
        )


def adoption(judged: Judged) -> Iterator[Finding]:
    """An unowned object is taken over only with consent; one found by an identifier alone is somebody's account."""
    for address, record, how in _adoptions(judged):
        if record is not None or _is_what_we_say(judged, address):
            continue
        consent = _consent(judged, address)
        live = judged.world.matches.live[address].observed
        if how in (How.BOUND, How.ID) or consent is True or (how is How.BUILT_IN and consent == "builtIn"):
            if how is How.IDENTIFIER:
                yield finding(
                    "adopts-credentials",
                    Severity.WARN,
                    f"live user {live.id} was found by an identifier alone; its credentials are not of this project",
                    address,
                    next_step="make sure whose account it is",
                )
            continue
        found = "an identifier of it belongs to" if how is How.IDENTIFIER else "there is already"
        yield finding(
            "needs-adoption",
            Severity.BLOCK,
            f"{found} a live {address.kind} {live.id} that nobody owns",
            address,
            next_step="set metadata.adopt: true to take it over, or choose another name",
        )


def _adoptions(judged: Judged) -> Iterator[tuple[Address, OwnerRecord | None, How]]:
    """Declared objects whose live one is not ours, with its owner's record if it has one."""
    for change in judged.changes:
        if change.action is not Action.ADOPT:
            continue
        match = judged.world.matches.live[change.address]
        yield change.address, match.observed.owner, match.how


def _is_what_we_say(judged: Judged, address: Address) -> bool:
    """Whether a store that may have lost our record of an object shows it just as it is declared: then nothing is taken from
    anybody."""
    if address.kind not in judged.world.capabilities.ownerless:
        return False
    return not any(change.fields for change in judged.changes if change.address == address)


def _consent(judged: Judged, address: Address) -> object:
    resource = judged.world.desired.get(address)
    return resource.metadata.get("adopt") if resource is not None else None


def second_directories(judged: Judged) -> Iterator[Finding]:
    """A workspace or organization made by the service may have a directory of its own already."""
    world = judged.world
    for change in judged.changes:
        if change.action is not Action.CREATE or change.address.kind != "pool":
            continue
        resource = world.desired.get(change.address)
        here = container_of(resource.metadata, world.matches.ids) if resource is not None else None
        if here is None:
            continue
        others = [
            pool
            for pool in world.observed.get("pool", ())
            if container_of(pool.metadata, {}) == here
            and pool.owner is None
            and not as_map(pool.metadata).get("system")
            and ("pool", pool.id) not in world.matches.taken
        ]
        if others:
            ids = ", ".join(sorted(pool.id for pool in others))
            yield finding(
                "second-directory",
                Severity.BLOCK,
                f"{here[0]} {here[1]} already has a directory ({ids}); this would be a second one",
                change.address,
                next_step="metadata.adopt: builtIn takes the one that is there; "
                f"--allow second-directory@{change.address} makes another",
            )
