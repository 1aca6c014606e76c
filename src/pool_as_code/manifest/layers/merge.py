"""Laying one map over another: maps are merged key by key, everything else is replaced, `null` is a value, and `$unset` takes
fields out of what lies below.

    base      {minLength: 8, digits: 1}
    over      {minLength: 12, $unset: [digits]}
    result    {minLength: 12}

Nothing that is given is changed; the result shares what nobody touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...core.fieldpath import Item, parse_path
from ...core.values import JsonMap, JsonValue, as_list

UNSET = "$unset"
Path = tuple[str | int, ...]
Complain = Callable[[Path], None]  # told the place, below the map that lies over, of an `$unset` that takes out nothing


class Removed(str):
    """A path of an `$unset` that a patch has carried out already; what is inherited later goes as well, if it is there."""

    __slots__ = ()


def overlay(base: JsonMap, over: JsonMap, complain: Complain, at: Path = ()) -> JsonMap:
    """`over` on `base`. `$unset` lists are carried out and gone afterwards."""
    result = dict(base)
    for position, text in enumerate(as_list(over.get(UNSET))):
        if not _take_out(result, str(text)) and not isinstance(text, Removed):
            complain((*at, UNSET, position))
    for key, value in over.items():
        if key == UNSET:
            continue
        if isinstance(value, dict):
            below = result.get(key)
            result[key] = overlay(below if isinstance(below, dict) else {}, value, complain, (*at, key))
        else:
            result[key] = value
    return result


def patched(document: JsonMap, merge: JsonMap, complain: Complain, at: Path = (), *, heir: bool = False) -> JsonMap:
    """A merge on a document that may still inherit (`heir`): its `$unset` lists stay for what comes then."""
    result = dict(document)
    unset = as_list(merge.get(UNSET))
    if unset:
        kept = list(as_list(result.get(UNSET)))
        for position, text in enumerate(unset):
            found = _take_out(result, str(text))
            if heir:
                kept.append(Removed(text) if found else text)
            elif not found:
                complain((*at, UNSET, position))
        if kept:
            result[UNSET] = kept
    for key, value in merge.items():
        if key == UNSET:
            continue
        if isinstance(value, dict):
            below = result.get(key)
            result[key] = patched(below if isinstance(below, dict) else {}, value, complain, (*at, key), heir=heir)
        else:
            result[key] = value
    return result


def wrong_unsets(value: JsonValue, at: Path = ()) -> Iterator[Path]:
    """The places of `$unset` lists that are none, or that hold no field paths."""
    if isinstance(value, list):
        for position, member in enumerate(value):
            yield from wrong_unsets(member, (*at, position))
    if not isinstance(value, dict):
        return
    for key, below in value.items():
        if key != UNSET:
            yield from wrong_unsets(below, (*at, key))
        elif not isinstance(below, list) or not below:
            yield (*at, key)
        else:
            yield from ((*at, key, position) for position, text in enumerate(below) if not _is_path(text))


def has_unset(value: JsonValue) -> bool:
    """Whether there is an `$unset` anywhere below."""
    if isinstance(value, list):
        return any(map(has_unset, value))
    return isinstance(value, dict) and (UNSET in value or any(map(has_unset, value.values())))


def _is_path(text: JsonValue) -> bool:
    try:
        return isinstance(text, str) and not any(isinstance(step, Item) for step in parse_path(text))
    except ValueError:
        return False


def _take_out(holder: JsonMap, text: str) -> bool:
    """Takes the field out of `holder`, whose maps on the way are copied first. False where there is no such field."""
    *above, last = parse_path(text)
    here, copies = holder, []
    for step in above:
        below = here.get(step)
        if not isinstance(below, dict):
            return False
        copies.append((here, step, below))
        here = below
    if last not in here:
        return False
    target = holder
    for _, step, below in copies:
        target[step] = copied = dict(below)
        target = copied
    del target[last]
    return True
