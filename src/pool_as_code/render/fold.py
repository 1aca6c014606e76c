"""Folding a plan's changes so that a large one stays readable: equal changes become one entry with samples, long runs of
similar ones a few entries and a count.

    equal rows (not for new objects)      one entry, all addresses or the first ones
    more than FOLD_BEYOND alike           SAMPLES entries in full, then one Rest
    more than LONGEST entries in all      the first ones, then one Rest for each sort
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ..core.fieldpath import Item
from ..core.values import as_map
from ..plan.model import Action, Change
from .parts import Entry, Rest
from .rows import changed_rows, created_rows
from .words import words_of

FOLD_BEYOND = 20
SAMPLES = 3
ADDRESSES = 20
LONGEST = 200

Sort = tuple[str, str, str, frozenset[str]]


def entries_of(changes: Iterable[Change], *, show_values: bool, full: bool) -> tuple[Entry | Rest, ...]:
    """The changes of one section in the order of the plan, folded unless `full`."""
    if full:
        return tuple(_entry(change, show_values) for change in changes)
    sorts: dict[Sort, list[Change]] = {}
    for change in changes:
        sorts.setdefault(_sort_of(change), []).append(change)
    entries: list[Entry | Rest] = []
    for alike in sorts.values():
        entries += _folded(alike, show_values)
    return _capped(entries)


def _sort_of(change: Change) -> Sort:
    """Changes of one sort may be folded together: same action, kind and place; when changed also the same fields."""
    fields = frozenset(field.path[0] if _in_list(field.path) else field.name for field in change.fields)
    kind, place = change.address.kind, change.address.container
    return change.action.value, kind, place, frozenset() if change.action is Action.CREATE else fields


def _in_list(path: Sequence[str]) -> bool:
    return any(isinstance(step, Item) for step in path)


def _folded(alike: list[Change], show_values: bool) -> list[Entry | Rest]:
    if alike[0].action is Action.CREATE:
        return _shortened([_entry(change, show_values) for change in _some(alike)], alike)
    equal: dict[str, Entry] = {}
    counts: Counter[str] = Counter()
    addresses: dict[str, list[str]] = {}
    for change in alike:
        entry = _entry(change, show_values)
        key = repr((entry.words, entry.rows))
        equal.setdefault(key, entry)
        counts[key] += 1
        named = addresses.setdefault(key, [])
        if len(named) < ADDRESSES:
            named += entry.addresses
    merged = [
        Entry(e.action, e.kind, e.container, tuple(addresses[key]), counts[key], e.words, e.rows)
        for key, e in equal.items()
    ]
    if len(merged) <= FOLD_BEYOND:
        return list(merged)
    merged.sort(key=lambda entry: -entry.count)
    shown = merged[:SAMPLES]
    left = sum(entry.count for entry in merged[SAMPLES:])
    return [*shown, Rest(alike[0].action, alike[0].address.kind, alike[0].address.container, left)]


def _some(alike: list[Change]) -> list[Change]:
    return alike if len(alike) <= FOLD_BEYOND else alike[:SAMPLES]


def _shortened(shown: list[Entry], alike: list[Change]) -> list[Entry | Rest]:
    if len(shown) == len(alike):
        return list(shown)
    rest = alike[len(shown) :]
    fields = Counter(key for change in rest for key in as_map((change.after or {}).get("spec")))
    first = alike[0]
    tally = tuple(fields.items())
    return [*shown, Rest(first.action, first.address.kind, first.address.container, len(rest), tally)]


def _capped(entries: list[Entry | Rest]) -> tuple[Entry | Rest, ...]:
    if len(entries) <= LONGEST:
        return tuple(entries)
    left: Counter[tuple[Action, str, str]] = Counter()
    for entry in entries[LONGEST:]:
        left[entry.action, entry.kind, entry.container] += entry.count
    rests = [Rest(action, kind, place, count) for (action, kind, place), count in left.items()]
    if len(rests) > FOLD_BEYOND:  # one line for each of 10,000 pools would be no fold
        totals: Counter[tuple[Action, str]] = Counter()
        for rest in rests:
            totals[rest.action, rest.kind] += rest.count
        rests = [Rest(action, kind, "", count) for (action, kind), count in totals.items()]
    return (*entries[:LONGEST], *rests)


def _entry(change: Change, show_values: bool) -> Entry:
    if change.action is Action.CREATE:
        rows = created_rows(change, show_values)
    else:
        rows = changed_rows(change.fields, show_values)
    address = change.address
    words = words_of(change, show_values)
    return Entry(change.action, address.kind, address.container, (str(address),), 1, words, rows)
