"""Findings about what would stop a plan on its way: rights that a client has not, records that have no room. The store says it;
how it is told stands here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...core.diagnostics import Severity
from ...core.rights import Grant, Right
from ..model import MISSING_RIGHT, Finding
from .context import finding


def missing_rights(rights: Iterable[Right]) -> Iterator[Finding]:
    """One for each object that calls for a right which is missing; a right that everything needs has no address."""
    for right in rights:
        if right.grant is Grant.MISSING:
            for address in right.addresses or ("",):
                yield finding(
                    MISSING_RIGHT,
                    Severity.BLOCK,
                    f"{right.reason}: the {right.who} needs {right.name}; {right.has}",
                    address,
                    next_step=right.next_step,
                )


def ownership_full(address: str, records: int, size: int, largest: int) -> Finding:
    """That an object's metadata can not hold the records of what is in it."""
    return finding(
        "ownership-full",
        Severity.BLOCK,
        f"the ownership records of {records:,} objects would need {size:,} bytes of its metadata, which holds {largest:,}",
        address,
        next_step="declare fewer users of it one by one, or spread them over several pools",
    )
