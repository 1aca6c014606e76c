"""Words for people: counts with the right plural, what an adoption, a release, a rename or a change of ownership alone means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..plan.extent import extent
from ..plan.model import Action, Change
from .escape import escape
from .masking import masked_name
from .parts import Entry, Rest

FEW = 8


def counted(number: int, kind: str) -> str:
    """`1 user`, `2,000 users`, `3 pools`."""
    return f"{number:,} {kind if number == 1 else kind + 's'}"


def counted_kinds(counts: Mapping[str, int]) -> str:
    """`2 pools, 40 users`; kinds without any are left out."""
    return ", ".join(counted(number, kind) for kind, number in counts.items() if number)


def few(names: Sequence[str], count: int | None = None, most: int = FEW) -> str:
    """The first names and how many more there are."""
    total = len(names) if count is None else count
    shown = list(names[:most])
    return ", ".join(shown) + (f" and {total - len(shown):,} more" if total > len(shown) else "")


def many(entry: Entry | Rest, more: str = "") -> str:
    """`400 users in pool/customers`, harmless."""
    place = f" in pool/{entry.container}" if entry.container else ""
    return escape(f"{entry.count:,} {more}{entry.kind if entry.count == 1 else entry.kind + 's'}{place}")


_UNGUARDED = "unguarded: this store can not tell whether it moved since it was read"
_UNGUARDED_NEW = (
    "unguarded: this store does not refuse what somebody else makes in its place meanwhile, and overwrites it"
)


def words_of(change: Change, show_values: bool = False) -> tuple[str, ...]:
    """Sentences about a change beside its rows."""
    said = list(_action_words(change))
    if change.previous_address is not None:
        said.insert(0, f"renamed, was {change.previous_address}")
    if change.action in (Action.OWN, Action.UPDATE) and change.ownership is not None:
        owned = change.ownership
        for text, names in (("managed from now on", owned.added), ("no longer managed, left as it is", owned.dropped)):
            if names:
                said.append(f"{text}: {few(list(names) if show_values else _masked(change, names))}")
    found = extent(change)
    if found is not None and found.partial and _extent_matters(change):
        said.append(str(found))
    if change.unguarded:
        said.append(_UNGUARDED_NEW if change.action is Action.CREATE else _UNGUARDED)
    return tuple(said)


def _extent_matters(change: Change) -> bool:
    """Where an object comes under management, or more or less of it does. All others would say it all the time: hardly anybody
    declares every field."""
    owned = change.ownership
    if change.action in (Action.OWN, Action.UPDATE):
        return owned is not None and any("[" not in name for name in (*owned.added, *owned.dropped))
    return change.action is Action.ADOPT


def _action_words(change: Change) -> Iterable[str]:
    """What signs and rows do not say. The reasons of creates and updates ("it differs") are said by the rows."""
    match change.action:
        case Action.DELETE:
            yield change.reason
        case Action.ADOPT:
            yield f"taken over{' and changed' if change.fields else ' as it is'}: {change.reason}"
        case Action.RELEASE:
            yield f"no longer managed here: {change.reason}"
        case Action.OWN:
            yield "no live value changes, only what is recorded as ours"


def _masked(change: Change, names: Sequence[str]) -> list[str]:
    if not any("[" in name for name in names):
        return list(names)
    from ..resources.registry import by_word

    kind = by_word().get(change.address.kind)
    return [masked_name(kind.shape if kind else None, name) for name in names]
