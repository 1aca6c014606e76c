"""A saved plan against the store as it is now: what is still to do, what is done, and what has moved.

    pending   as it was when the plan was made            -> run it
    done      the store is already where the plan leads   -> skip it (a crash, or somebody else did the same)
    stale     the store is somewhere else                 -> refuse the whole plan, before the first write

Only fields in the plan count; unrelated traffic does not make it stale.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from ..core.address import Address
from ..core.fieldpath import Item
from ..core.values import JsonMap, JsonValue, as_map
from ..resources.kind import Kind
from ..resources.live import Observed, Owner, OwnerRecord
from ..resources.normal import members, normal, or_default
from ..resources.registry import by_word
from .diff import difference
from .model import Action, Change, FieldChange, Plan


@dataclass(frozen=True, slots=True)
class Moved:
    """A change that no longer fits the store."""

    address: Address
    why: str


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of a plan: `changes` to run, `done` ones, and what has `moved` (then nothing may run)."""

    changes: tuple[Change, ...]
    done: tuple[Address, ...]
    moved: tuple[Moved, ...]


def remaining(
    plan: Plan,
    observed: Mapping[tuple[str, str], Observed],
    records: Mapping[Address, OwnerRecord],
    owner: Owner,
    named: Callable[[Kind, Observed], tuple[JsonMap, JsonMap]],
    ownerless: Collection[str] = (),
) -> Remaining:
    """Judge every change. `observed` holds the live objects of the plan's ids, `records` what the owner owns. Of kinds that are
    `ownerless` a record may have been lost with the run that wrote it: what is there as it was to be made is done."""
    changes: list[Change] = []
    done: list[Address] = []
    moved: list[Moved] = []
    for change in plan.changes:
        live = observed.get((change.address.kind, change.remote_id))
        record = records.get(change.address) or (
            records.get(change.previous_address) if change.previous_address else None
        )
        verdict: Change | Moved | _Done | None = _judge(change, live, record, owner, named)
        if isinstance(verdict, Moved) and record is None and change.address.kind in ownerless and live is not None:
            verdict = _made_before(change, live, named) or verdict
        if isinstance(verdict, Moved):
            moved.append(verdict)
        elif verdict is None or isinstance(verdict, _Done):
            done.append(change.address)
        else:
            changes.append(verdict)
    return Remaining(tuple(changes), tuple(done), tuple(moved))


class _Done:
    """What is there already, whoever made it."""


def _made_before(
    change: Change, live: Observed, named: Callable[[Kind, Observed], tuple[JsonMap, JsonMap]]
) -> _Done | None:
    if change.action is not Action.CREATE or live.owner is not None:
        return None
    kind, after = by_word()[change.address.kind], change.after or {}
    metadata, spec = named(kind, live)
    found = difference(kind, as_map(after.get("metadata")), as_map(after.get("spec")), metadata, spec, {})
    return None if found.changes else _Done()


def _judge(
    change: Change,
    live: Observed | None,
    record: OwnerRecord | None,
    owner: Owner,
    named: Callable[[Kind, Observed], tuple[JsonMap, JsonMap]],
) -> Change | Moved | None:
    match change.action:
        case Action.CREATE:
            return _judge_create(change, live, record, named)
        case Action.DELETE:
            if live is None:
                return replace(change, action=Action.RELEASE, reason="it is gone already") if record else None
            if record is None or record.remote_id != live.id:
                return Moved(change.address, "it is no longer owned by this project")
            return replace(change, revision=live.revision)
        case Action.RELEASE:
            return change if record is not None else None
    if live is None:
        return Moved(change.address, "the live object is gone")
    holder = live.owner.owner if live.owner is not None else owner
    expected = change.ownership.taken_from if change.ownership else ""
    if holder != owner and "/".join(holder) != expected:
        return Moved(change.address, f"it belongs to project {holder.project} now")
    return _judge_update(change, live, record, named)


def _judge_create(
    change: Change,
    live: Observed | None,
    record: OwnerRecord | None,
    named: Callable[[Kind, Observed], tuple[JsonMap, JsonMap]],
) -> Change | Moved | None:
    if live is None:
        return change
    if record is None or record.remote_id != live.id:
        return Moved(change.address, "an object with its id exists that this project has not claimed")
    kind = by_word()[change.address.kind]
    after = change.after or {}
    metadata, spec = named(kind, live)
    found = difference(kind, as_map(after.get("metadata")), as_map(after.get("spec")), metadata, spec, {})
    return _left(change, tuple(found.changes), live, record)


def _judge_update(
    change: Change,
    live: Observed,
    record: OwnerRecord | None,
    named: Callable[[Kind, Observed], tuple[JsonMap, JsonMap]],
) -> Change | Moved | None:
    kind = by_word()[change.address.kind]
    metadata, spec = named(kind, live)
    left: list[FieldChange] = []
    for field in change.fields:
        now = _value(kind, field, metadata, spec)
        if _same(kind, field, now, field.after):
            continue
        if not _same(kind, field, now, field.before):
            return Moved(change.address, f"{field.name} was changed in the store since the plan was made")
        left.append(field)
    return _left(change, tuple(left), live, record)


def _left(change: Change, fields: tuple[FieldChange, ...], live: Observed, record: OwnerRecord | None) -> Change | None:
    wanted = change.ownership
    settled = (
        record is not None
        and wanted is not None
        and not record.claimed
        and record.address == change.address
        and record.fields == wanted.fields
        and record.protect == wanted.protect
    )
    if not fields and settled:
        return None
    action = change.action
    if action is Action.CREATE:
        action = Action.UPDATE if fields else Action.OWN
    elif not fields and action is Action.UPDATE:
        action = Action.OWN
    return replace(change, action=action, fields=fields, revision=live.revision)


def _value(kind: Kind, field: FieldChange, metadata: JsonMap, spec: JsonMap) -> JsonValue:
    """The live value at a change's path, with names as references; None when there is none."""
    here: JsonValue = metadata if field.metadata else spec
    shape = kind.metadata_shape if field.metadata else kind.shape
    at = shape
    for step in field.path:
        if isinstance(step, Item):
            found = members(at, here, ignore_case=False)
            if step not in found:
                return None
            written, member = found[step]
            here = member or written
            continue
        here = as_map(here).get(step)
        at = at.children.get(step, at)
    return here


def _same(kind: Kind, field: FieldChange, one: JsonValue, other: JsonValue) -> bool:
    shape = (kind.metadata_shape if field.metadata else kind.shape).at(field.path)
    if shape is None or isinstance(field.path[-1], Item):
        return (one is None) == (other is None)
    return normal(shape, or_default(shape, one)) == normal(shape, or_default(shape, other))
