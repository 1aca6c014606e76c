"""Guards of deletion: protection, limits per kind, pools with people in them. Each names the exact way on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...core.diagnostics import Severity
from ...core.values import JsonMap
from ...resources.registry import by_word
from ..model import Action, Change, Finding
from .context import Judged, finding

FREE = {"group": 10, "user": 10}  # deletes of a kind without permission; of all other kinds none
SHARE = 30  # and at most this many per cent of the owned objects of a kind


def protected(judged: Judged) -> Iterator[Finding]:
    """`protect: true` lives with the ownership record, so it outlives its manifest."""
    for change in _deletes(judged):
        record = judged.record(change)
        if record is not None and record.protect:
            yield finding(
                "protected",
                Severity.BLOCK,
                "it is protected from deletion",
                change.address,
                next_step="declare it with metadata.protect: false, apply, and delete it after that",
            )


def delete_limits(judged: Judged) -> Iterator[Finding]:
    """Absolute and relative limits for each kind; a number that the caller permits replaces both."""
    world = judged.world
    for word in by_word():
        count = sum(1 for change in _deletes(judged) if change.address.kind == word)
        if not count:
            continue
        permitted = world.permissions.max_deletes.get(word)
        owned = sum(1 for address in world.records if address.kind == word)
        free = FREE.get(word, 0)
        share = owned * SHARE // 100
        limit = permitted if permitted is not None else min(free, share)
        if count <= limit:
            continue
        if permitted is not None:
            why = f"{permitted} permitted"
        elif free == 0:
            why = "none without permission"
        else:
            why = f"at most {free}, and at most {SHARE} % of the {owned} owned ones ({share}), without permission"
        yield finding(
            "delete-limit",
            Severity.BLOCK,
            f"{count} delete{'' if count == 1 else 's'} of kind {word}; {why}",
            next_step=f"{_without(world.command, word)} --max-deletes {word}={count}",
        )


def pools_with_users(judged: Judged) -> Iterator[Finding]:
    """A pool that goes takes its users with it: how many of each sort, and a typed confirmation."""
    world = judged.world
    for change in _deletes(judged):
        if change.address.kind != "pool":
            continue
        members = world.members(change.remote_id)
        total = _number(members, "total")
        if not total or str(change.address) in world.permissions.confirmed:
            continue
        yield finding(
            "pool-with-users",
            Severity.BLOCK,
            f"{total} user{'' if total == 1 else 's'} would go with it: {_number(members, 'owned')} declared here, "
            f"{_number(members, 'jit')} from other providers, "
            f"{max(total - _number(members, 'owned') - _number(members, 'jit'), 0)} others",
            change.address,
            next_step=f"{world.command} --confirm {change.address}",
        )


def _without(command: str, word: str) -> str:
    """The command without the number it gave for this kind: the new one takes its place."""
    return re.sub(rf" --max-deletes {word}=\d+", "", command)


def _deletes(judged: Judged) -> Iterator[Change]:
    return (change for change in judged.changes if change.action is Action.DELETE)


def _number(members: JsonMap, key: str) -> int:
    value = members.get(key, 0)
    return value if isinstance(value, int) else 0
