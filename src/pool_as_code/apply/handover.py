"""What one user gives up and another gets in the same plan: an identifier, an address. Each may belong to one user only, so
it has to be free before it is given, whatever the order of the names, and even when two users swap. No writes happen here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..core.address import Address
from ..core.fieldpath import Item
from ..plan.model import Action, Change, FieldChange

_UNIQUE = ("identifiers", "addresses")
_Value = tuple[str, str]


def given_up(changes: Sequence[Change]) -> Mapping[Address, tuple[FieldChange, ...]]:
    """The fields to write first: per user, the members taken out that another one of these changes puts in."""
    gained = {value for change in changes for value, field in _members(change) if field.before is None}
    if not gained:
        return {}
    found = {
        change.address: tuple(f for value, f in _members(change) if f.after is None and value in gained)
        for change in changes
        if change.action is Action.UPDATE
    }
    return {address: fields for address, fields in found.items() if fields}


def _members(change: Change) -> Iterator[tuple[_Value, FieldChange]]:
    """The members that come or go, with their pool and value: case is ignored, as some pools do."""
    if change.address.kind != "user":
        return
    for field in change.fields:
        if len(field.path) == 2 and field.path[0] in _UNIQUE and isinstance(field.path[1], Item) and not field.metadata:
            yield (change.address.container, field.path[1].partition(":")[2].casefold()), field
