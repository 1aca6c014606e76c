"""Findings: what a reviewer must know about a plan. One function a file's topic, one code each, in an explicit registry.

To add one: a function `(Judged) -> Iterable[Finding]` here, its name in `JUDGES`, its code in `catalogue.py`, and a positive
and a negative example in the tests.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from ...core.address import Address
from ...core.diagnostics import Severity
from ...core.rights import Right
from ..model import Change, Finding, Plan
from ..world import World
from .adoption import adoption, foreign_owners, second_directories
from .catalogue import CATALOGUE, FindingDoc
from .context import Judged, Noted
from .deletion import delete_limits, pools_with_users, protected
from .directories import admitted_nowhere
from .expressing import missing_preconditions, not_expressible, not_read
from .protection import test_objects
from .security import gated_methods, weakened
from .users import changed_by_people, identifiers_taken, passwords_set_once, reactivated
from .values import immutable, left_out, look_like_renames, not_ours, reverted

JUDGES = (
    foreign_owners,
    adoption,
    second_directories,
    missing_preconditions,
    not_expressible,
    not_read,
    test_objects,
    protected,
    delete_limits,
    pools_with_users,
    immutable,
    left_out,
    identifiers_taken,
    reactivated,
    reverted,
    weakened,
    admitted_nowhere,
    gated_methods,
    look_like_renames,
    not_ours,
    passwords_set_once,
    changed_by_people,
)

_ORDER = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.INFO: 2}


def find_all(
    world: World, changes: tuple[Change, ...], noted: Noted, orphans: tuple[Address, ...]
) -> tuple[Finding, ...]:
    """Every finding, the severest first; those that the caller allowed are warnings."""
    judged = Judged(world, changes, noted, orphans)
    judgements = (item for judge in JUDGES for item in judge(judged))
    found = [lifted(item, world.permissions.allowed) for item in (*world.beforehand, *judgements)]
    unknown = {item.code for item in found} - {doc.code for doc in CATALOGUE}
    if unknown:
        raise LookupError(f"findings without a place in the catalogue: {', '.join(sorted(unknown))}")
    return tuple(sorted(found, key=_place))


def with_more(plan: Plan, more: Iterable[Finding], rights: tuple[Right, ...], allowed: Collection[str]) -> Plan:
    """The plan with its rights, and with findings that could only be made when its changes were known."""
    found = [*plan.findings, *(lifted(item, allowed) for item in more)]
    return replace(plan, findings=tuple(sorted(found, key=_place)), rights=rights)


def _place(item: Finding) -> tuple[object, ...]:
    """What a branch loosens stands before everything else, in the order of its risk."""
    rank = _ORDER.get(item.severity, 3)
    return (0, rank) if item.code == "guard-loosened" else (1, rank, item.code, item.address)


def lifted(item: Finding, allowed: Collection[str]) -> Finding:
    """The finding as it counts where these are allowed (`CODE` or `CODE@ADDRESS`)."""
    if not item.blocks or not CATALOGUE_BY_CODE[item.code].allowable:
        return item
    if item.code in allowed or f"{item.code}@{item.address}" in allowed:
        return replace(item, severity=Severity.WARN, detail=f"{item.detail} (allowed)".strip(), next_step="")
    return item


CATALOGUE_BY_CODE: dict[str, FindingDoc] = {doc.code: doc for doc in CATALOGUE}
