"""Folding a plan's changes so that a large one stays readable: equal changes become one entry with samples, long runs of
similar ones a few entries and a count.

    equal rows (not for new objects)      one entry, all addresses or the first ones
    more than FOLD_BEYOND alike           SAMPLES entries in full, then one Rest
    alike in more than FOLD_BEYOND pools  as if they stood in one: 400 customers' groups are not 400 sorts of groups
    more than LONGEST entries in all      the first ones, then one Rest for each sort
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import overload

from ..core.fieldpath import Item
from ..core.values import as_map
from ..plan.model import Action, Change
from .parts import Entry, Rest
from .rows import changed_rows, created_rows
from .same import look_of
from .words import words_of

FOLD_BEYOND = 20
SAMPLES = 3
ADDRESSES = 20
LONGEST = 200

Sort = tuple[str, str, str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Group:
    """Changes that become one entry: `changes` read the same, or there is only one."""

    changes: Sequence[Change]

    @property
    def count(self) -> int:
        """How many changes."""
        return len(self.changes)


class Entries(Sequence["Entry | Rest"]):
    """The entries of a section. Each is made when it is looked at, so that whoever shows the first ones makes no others."""

    def __init__(self, groups: Sequence[Group | Rest], show_values: bool) -> None:
        self._groups = groups
        self._show_values = show_values

    def __len__(self) -> int:
        return len(self._groups)

    @overload
    def __getitem__(self, index: int) -> Entry | Rest: ...
    @overload
    def __getitem__(self, index: slice) -> Entries: ...
    def __getitem__(self, index: int | slice) -> Entry | Rest | Entries:
        if isinstance(index, slice):
            return Entries(self._groups[index], self._show_values)
        group = self._groups[index]
        return group if isinstance(group, Rest) else _entry(group.changes, self._show_values)

    def count_at(self, index: int) -> int:
        """How many changes the entry at this place stands for; makes nothing."""
        return self._groups[index].count

    def addresses_at(self, index: int, most: int) -> list[str]:
        """The first addresses of the entry at this place; makes nothing."""
        group = self._groups[index]
        return [] if isinstance(group, Rest) else [str(change.address) for change in group.changes[:most]]

    def kind_at(self, index: int) -> str:
        """The kind word of the entry at this place; makes nothing."""
        group = self._groups[index]
        return group.kind if isinstance(group, Rest) else group.changes[0].address.kind


def entries_of(changes: Iterable[Change], *, show_values: bool, full: bool) -> Entries:
    """The changes of one section in the order of the plan, folded unless `full`."""
    if full:
        return Entries([Group((change,)) for change in changes], show_values)
    sorts: dict[Sort, list[Change]] = {}
    for change in changes:
        sorts.setdefault(_sort_of(change), []).append(change)
    groups: list[Group | Rest] = []
    for (_, _, place, _), alike in _across(sorts).items():
        groups += _folded(alike, place, show_values)
    return Entries(_capped(groups), show_values)


def _sort_of(change: Change) -> Sort:
    """Changes of one sort may be folded together: same action, kind and place; when changed also the same fields."""
    fields = frozenset(field.path[0] if _in_list(field.path) else field.name for field in change.fields)
    kind, place = change.address.kind, change.address.container
    return change.action.value, kind, place, frozenset() if change.action is Action.CREATE else fields


def _across(sorts: dict[Sort, list[Change]]) -> dict[Sort, list[Change]]:
    """The sorts, those that stand in many places joined to one without a place, where the first of them stood."""
    places = Counter((action, kind, fields) for action, kind, _, fields in sorts)
    joined: dict[Sort, list[Change]] = {}
    for (action, kind, place, fields), changes in sorts.items():
        here = "" if places[action, kind, fields] > FOLD_BEYOND else place
        joined.setdefault((action, kind, here, fields), []).extend(changes)
    return joined


def _in_list(path: Sequence[str]) -> bool:
    return any(isinstance(step, Item) for step in path)


def _folded(alike: list[Change], place: str, show_values: bool) -> list[Group | Rest]:
    if alike[0].action is Action.CREATE:
        shown = alike if len(alike) <= FOLD_BEYOND else alike[:SAMPLES]
        return _with_rest([Group((change,)) for change in shown], alike[len(shown) :], place)
    equal: dict[str, list[Change]] = {}
    for change in alike:
        equal.setdefault(look_of(change, show_values), []).append(change)
    groups = [Group(changes) for changes in equal.values()]
    if len(groups) <= FOLD_BEYOND:
        return [*groups]
    groups.sort(key=lambda group: -group.count)
    left = sum(group.count for group in groups[SAMPLES:])
    return [*groups[:SAMPLES], Rest(alike[0].action, alike[0].address.kind, place, left)]


def _with_rest(shown: list[Group | Rest], rest: list[Change], place: str) -> list[Group | Rest]:
    if not rest:
        return shown
    fields = Counter(key for change in rest for key in as_map((change.after or {}).get("spec")))
    first = rest[0]
    tally = tuple(fields.items())
    return [*shown, Rest(first.action, first.address.kind, place, len(rest), tally)]


def _capped(groups: list[Group | Rest]) -> list[Group | Rest]:
    if len(groups) <= LONGEST:
        return groups
    left: Counter[tuple[Action, str, str]] = Counter()
    for group in groups[LONGEST:]:
        if isinstance(group, Rest):
            left[group.action, group.kind, group.container] += group.count
        else:
            address = group.changes[0].address
            left[group.changes[0].action, address.kind, address.container] += group.count
    rests = [Rest(action, kind, place, count) for (action, kind, place), count in left.items()]
    if len(rests) > FOLD_BEYOND:  # one line for each of 10,000 pools would be no fold
        totals: Counter[tuple[Action, str]] = Counter()
        for rest in rests:
            totals[rest.action, rest.kind] += rest.count
        rests = [Rest(action, kind, "", count) for (action, kind), count in totals.items()]
    return [*groups[:LONGEST], *rests]


def _entry(changes: Sequence[Change], show_values: bool) -> Entry:
    first = changes[0]
    new = first.action is Action.CREATE
    rows = created_rows(first, show_values) if new else changed_rows(first.fields, show_values)
    named = tuple(str(change.address) for change in changes[:ADDRESSES])
    address = first.address
    place = address.container if all(change.address.container == address.container for change in changes) else ""
    return Entry(first.action, address.kind, place, named, len(changes), words_of(first, show_values), rows)
