"""Findings about values: fields that can not change, live changes that would be lost, objects that look renamed."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.diagnostics import Severity
from ..model import Action, Finding
from .context import Judged, finding


def immutable(judged: Judged) -> Iterator[Finding]:
    """Never delete and recreate in silence: say it, and let people choose."""
    for address, names in sorted(judged.noted.immutable.items()):
        yield finding(
            "immutable-field",
            Severity.BLOCK,
            f"{', '.join(names)} can not change after creation",
            address,
            next_step="declare the live value, or make a new object under another name",
        )


def reverted(judged: Judged) -> Iterator[Finding]:
    """Values that somebody changed live since we last applied and that this plan overwrites."""
    for change in judged.changes:
        moved = judged.noted.moved.get(change.address, set())
        lost = [field for field in change.fields if field.name in moved]
        if not lost:
            continue
        stricter = [field.name for field in lost if field.weakens]
        names = ", ".join(field.name for field in lost)
        yield finding(
            "reverts-live-change",
            Severity.BLOCK if stricter else Severity.WARN,
            f"changed live since it was last applied, and overwritten: {names}"
            + (f"; the live value is stricter: {', '.join(stricter)}" if stricter else ""),
            change.address,
            next_step=f"put the live value into the manifest, or --allow reverts-live-change@{change.address}",
        )


def left_out(judged: Judged) -> Iterator[Finding]:
    """A part of the project that can not stand without the rest."""
    world = judged.world
    known = {change.address for change in judged.changes if change.action is Action.CREATE}
    for change in judged.changes:
        missing = [a for a in change.requires if a not in known and world.matches.observed(a) is None]
        missing = [a for a in missing if a.kind not in world.capabilities.preconditions or not world.in_target(a)]
        if missing:
            named = ", ".join(map(str, missing))
            yield finding(
                "left-out",
                Severity.BLOCK,
                f"it needs {named}, not there yet and not in this plan",
                change.address,
                next_step=f"{world.command} --target {change.address} --target {missing[0]}, or plan the whole project",
            )


def look_like_renames(judged: Judged) -> Iterator[Finding]:
    """A new object with the same declared fields as an orphan of ours in the same place."""
    world = judged.world
    if not judged.orphans:
        return
    shapes: dict[tuple[str, str, str], str] = {}
    for address in judged.orphans:
        fields = _shape(world.records[address].fields)
        if fields:
            shapes[(address.kind, address.container, fields)] = address.name
    for change in judged.changes:
        if change.action is not Action.CREATE or change.ownership is None:
            continue
        key = (change.address.kind, change.address.container, _shape(change.ownership.fields))
        old = shapes.get(key)
        if old is not None:
            yield finding(
                "looks-like-rename",
                Severity.WARN,
                f"it has every field of {key[0]} {old!r}, which is no longer declared",
                change.address,
                next_step=f"if it is the same one: metadata.previousNames: [{old}]",
            )


def _shape(fields: object) -> str:
    from ...core.values import canonical

    return canonical(fields).decode() if fields else ""


def not_ours(judged: Judged) -> Iterator[Finding]:
    """`state: absent` and `released` touch only what we own."""
    for address in sorted(judged.noted.not_ours):
        yield finding(
            "not-ours",
            Severity.INFO,
            "it is declared absent or released, but this project does not own it; nothing happens",
            address,
            next_step="remove the document",
        )
