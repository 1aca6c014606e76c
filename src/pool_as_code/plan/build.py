"""From a world to a plan: one change for each object that has something to do, in the order in which they are done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ..core.address import Address
from ..core.fieldpath import Item
from ..core.secrets import SecretRef
from ..core.values import JsonMap, JsonValue, as_map
from ..resources.kind import Kind
from ..resources.live import Observed, OwnerRecord
from ..resources.normal import without_null
from ..resources.references import kind_words
from ..resources.registry import KINDS, by_word
from ..resources.state import Resource
from .diff import Difference, difference, digests_of, managed_metadata, reference_form
from .expressible import expressible, has_no_place
from .findings import find_all
from .findings.context import Noted
from .match import How, Match
from .model import Action, Change, EffectNote, FieldChange, Ownership, Plan
from .order import in_order
from .world import World


def build_plan(world: World) -> Plan:
    """Compare everything, order the changes, judge them. Pure: reads nothing, writes nothing."""
    noted = Noted()
    changes: list[Change] = []
    unchanged: dict[str, int] = {}
    if not world.destroy:
        desired = world.desired.by_kind()
        for kind in KINDS:
            still = 0
            for resource in desired.get(kind.word, ()):
                if not world.in_target(resource.address):
                    continue
                change = _change_of(world, kind, resource, noted)
                if change is None:
                    still += 1
                else:
                    changes.append(change)
            if still:
                unchanged[kind.word] = still
    orphans = _orphans(world)
    changes.extend(_removals(world, orphans))
    ordered = in_order(changes, world)
    return Plan(
        target=world.target,
        changes=ordered,
        findings=find_all(world, ordered, noted, tuple(orphans)),
        effects=tuple(_effects(ordered)),
        references=_outside_references(world, ordered),
        orphaned=tuple(sorted(a for a in orphans if not (world.prune or world.destroy))),
        unmanaged=_unmanaged(world),
        unchanged=unchanged,
        owned=_owned(world),
        tool_version=world.tool_version,
        whole_project=world.whole_project,
        destroy=world.destroy,
    )


def _change_of(world: World, kind: Kind, resource: Resource, noted: Noted) -> Change | None:
    """The change of one declared object, None when nothing is to be done."""
    if kind.word in world.capabilities.preconditions or kind.word in world.capabilities.unread:
        return None  # findings say what is missing, and what nobody could look at
    match = world.matches.live.get(resource.address)
    state = resource.metadata.get("state", "present")
    if state == "present":
        if match is None:
            return _create(world, kind, resource)
        return _compare(world, kind, resource, match, noted)
    record = world.records.get(resource.address) or (match.record if match else None)
    if match is None:
        return _forget(resource.address, record, "it is gone already") if record else None
    if record is None:
        noted.not_ours.append(resource.address)
        return None
    if state == "released":
        return _forget(resource.address, record, "declared released", match.observed)
    return _delete(world, resource.address, record, match.observed, "declared absent")


def _create(world: World, kind: Kind, resource: Resource) -> Change:
    address = resource.address
    desired = world.desired_digest(kind, resource)
    resource = world.by_name(kind, resource)
    after: JsonMap = {
        "metadata": without_null(kind.metadata_shape, managed_metadata(resource.metadata)),
        "spec": _body(kind, resource),
    }
    secrets = _secrets(resource)
    return Change(
        address,
        Action.CREATE,
        reason="it is not there yet",
        fields=_hidden_fields(world, resource),
        after=after,
        remote_id=world.matches.ids[address],
        pool_id=_pool_id(world, address),
        requires=world.required(kind, resource),
        secrets=secrets,
        ownership=Ownership(
            digests_of(kind, resource.metadata, resource.spec),
            protect=bool(resource.metadata.get("protect")),
            settles=desired.decode(),
        ),
        unguarded=not world.capabilities.unguarded.get(kind.word, frozenset()).isdisjoint(secrets),
        origin=resource.origin,
    )


def _hidden_fields(world: World, resource: Resource) -> tuple[FieldChange, ...]:
    """Of a new user: the attributes whose values a schema hides, so that nobody shows them."""
    return tuple(
        FieldChange((role, name), None, as_map(resource.spec[role])[name], sensitive=True, personal=True)
        for role, name in sorted(world.hidden(resource))
        if as_map(resource.spec[role]).get(name) is not None
    )


def _compare(world: World, kind: Kind, resource: Resource, match: Match, noted: Noted) -> Change | None:
    record, observed = match.record, match.observed
    resource = expressible(world.capabilities, resource, observed)
    desired = world.desired_digest(kind, resource)
    if world.settled(desired, resource, match):
        return None
    resource = world.by_name(kind, resource)
    live_metadata, live_spec = world.names.named(kind, observed)
    found = difference(
        kind,
        resource.metadata,
        resource.spec,
        live_metadata,
        live_spec,
        record.fields if record else {},
        ignore_case=kind.word == "user" and world.ignores_case(resource.address.container),
    )
    if record is not None:  # what the store has no field for stays in the record: a pulled manifest can not hold it
        for name, held in record.fields.items():
            if has_no_place(world.capabilities, kind.word, name, observed.spec):
                found.digests.setdefault(name, held)
    hidden = world.hidden(resource)
    if hidden:
        found.changes = [replace(c, sensitive=c.sensitive or c.path[:2] in hidden) for c in found.changes]
    noted.take(resource.address, found, match)
    return _update(world, kind, resource, match, found, desired)


def _update(
    world: World, kind: Kind, resource: Resource, match: Match, found: Difference, desired: bytes
) -> Change | None:
    address, record, observed = resource.address, match.record, match.observed
    protect = bool(resource.metadata.get("protect"))
    old = record.fields if record else {}
    moved = record is not None and record.address != address
    adopted = record is None
    owns_anew = (
        adopted or moved or record is None or record.claimed or record.protect != protect or old != found.digests
    )
    if not found.changes and not owns_anew:
        return None
    if adopted and not found.changes and _has_no_home(world, kind, observed):
        return None
    action = Action.ADOPT if adopted else Action.UPDATE if found.changes else Action.OWN
    before, after = _both_sides(found.changes)
    return Change(
        address,
        action,
        reason=_why(action, match, moved),
        fields=tuple(found.changes),
        before=before,
        after=after,
        remote_id=observed.id,
        pool_id=observed.pool_id,
        revision=observed.revision,
        requires=world.required(kind, resource),
        previous_address=record.address if moved and record else None,
        ownership=Ownership(
            found.digests,
            added=tuple(sorted(found.digests.keys() - old.keys())) if record else (),
            dropped=tuple(sorted(old.keys() - found.digests.keys() - {c.name for c in found.changes})),
            protect=protect,
            adopted=adopted or (record is not None and record.adopted),
            taken_from="/".join(observed.owner.owner) if adopted and observed.owner else "",
            settles="" if found.reported or found.secrets_moved or found.immutable else desired.decode(),
        ),
        unguarded=bool(found.changes)
        and not world.capabilities.guards(kind.word, (str(change.path[0]) for change in found.changes)),
        origin=resource.origin,
    )


def _has_no_home(world: World, kind: Kind, observed: Observed) -> bool:
    """Whether an ownership record of an object that nobody owns could not be kept: no pool is ours, nor will be."""
    if kind.word not in world.capabilities.ownerless or observed.owner is not None:
        return False
    to_be = (
        pool
        for pool in world.desired.of("pool")
        if world.in_target(pool.address) and pool.metadata.get("state", "present") == "present"
    )
    return not any(address.kind == "pool" for address in world.records) and not any(to_be)


def _why(action: Action, match: Match, moved: bool) -> str:
    if moved:
        return "renamed"
    if action is Action.ADOPT and match.observed.owner is not None:
        return f"it is there and belongs to project {match.observed.owner.owner.project} so far"
    if action is Action.ADOPT:
        return f"it is there and owned by nobody here (found by {_FOUND_BY[match.how]})"
    return "it differs" if action is Action.UPDATE else "only its ownership record differs"


_FOUND_BY = {
    How.BOUND: "its binding",
    How.ID: "metadata.id",
    How.OWNED: "its record",
    How.RENAMED: "its former name",
    How.DERIVED: "its name",
    How.BUILT_IN: "being the only one there",
    How.IDENTIFIER: "an identifier",
}


def _both_sides(changes: Iterable[FieldChange]) -> tuple[JsonMap, JsonMap]:
    """The changed fields before and after, nested the way documents are; members of lists under their path's text."""
    before: JsonMap = {"metadata": {}, "spec": {}}
    after: JsonMap = {"metadata": {}, "spec": {}}
    for change in changes:
        part = "metadata" if change.metadata else "spec"
        _place(as_map(before[part]), change, change.before)
        _place(as_map(after[part]), change, change.after)
    return before, after


def _place(into: JsonMap, change: FieldChange, value: JsonValue) -> None:
    here = into
    for step, following in zip(change.path, (*change.path[1:], ""), strict=True):
        last = step is change.path[-1] or following == ""
        if last:
            if not (isinstance(step, Item) and value is None):
                here[str(step)] = value
            return
        inner = here.setdefault(str(step), {})
        if not isinstance(inner, dict):
            return
        here = inner


def _orphans(world: World) -> dict[Address, tuple[OwnerRecord, Observed | None]]:
    """Ours and no longer declared, with the live object if it is still there. Empty unless the whole project is loaded."""
    if not world.whole_project:
        return {}
    used = (
        {m.record.address for m in world.matches.live.values() if m.record is not None} if not world.destroy else set()
    )
    live: dict[tuple[str, str], Observed] | None = None
    found: dict[Address, tuple[OwnerRecord, Observed | None]] = {}
    declared = world.desired.resources if not world.destroy else {}
    for address, record in world.records.items():
        if address in declared or address in used:
            continue
        if live is None:
            live = {(o.kind, o.id): o for several in world.observed.values() for o in several}
        found[address] = (record, live.get((address.kind, record.remote_id)))
    return found


def _removals(world: World, orphans: Mapping[Address, tuple[OwnerRecord, Observed | None]]) -> Iterator[Change]:
    for address, (record, observed) in orphans.items():
        if not world.in_target(address):
            continue
        why = "this destroys the project" if world.destroy else "no manifest declares it"
        if observed is None:
            yield _forget(address, record, "it is gone already")
        elif record.adopted and (world.prune or world.destroy):
            yield _forget(address, record, f"{why}; it was adopted, so it stays", observed)
        elif address in world.matches.bound and world.prune:
            yield _forget(address, record, f"{why}; the environment binds it, so it stays", observed)
        elif world.prune or world.destroy:
            yield _delete(world, address, record, observed, why)


def _delete(world: World, address: Address, record: OwnerRecord, observed: Observed, reason: str) -> Change:
    return Change(
        address,
        Action.DELETE,
        reason=reason,
        before={"metadata": {"id": observed.id}, "spec": _headline(observed)},
        remote_id=observed.id,
        pool_id=observed.pool_id,
        revision=observed.revision,
        ownership=Ownership(protect=record.protect, adopted=record.adopted),
        unguarded=not world.capabilities.guards(address.kind),
    )


def _headline(observed: Observed) -> JsonMap:
    """What tells people which object goes, without the whole of it."""
    return {key: value for key, value in observed.spec.items() if key in ("displayName", "description", "status")}


def _forget(address: Address, record: OwnerRecord, reason: str, observed: Observed | None = None) -> Change:
    return Change(
        address,
        Action.RELEASE,
        reason=reason,
        remote_id=record.remote_id,
        pool_id=observed.pool_id if observed else "",
        ownership=Ownership(protect=record.protect, adopted=record.adopted),
    )


def _pool_id(world: World, address: Address) -> str:
    return world.matches.ids.get(Address("pool", address.container), "") if address.container else ""


def _body(kind: Kind, resource: Resource) -> JsonMap:
    """The spec to create: what is declared, with references to secrets, without `null`s, and a display name."""
    body = without_null(kind.shape, resource.spec)
    for key in ("password", "totp"):
        if key in body:
            body[key] = reference_form(body[key])
    if "displayName" in kind.shape.children:
        body.setdefault("displayName", resource.address.name)
    return body


def _secrets(resource: Resource) -> dict[str, str]:
    """Field path text -> reference text of what creation resolves; a literal hash is read from the manifest again."""
    if "password" not in resource.spec and "totp" not in resource.spec:
        return {}
    found: dict[str, str] = {}
    for section, key in (("password", "initial"), ("password", "hash"), ("totp", "secret")):
        declared = as_map(resource.spec.get(section))
        if key in declared:
            reference = SecretRef.from_json(declared[key])
            found[f"{section}.{key}"] = str(reference) if reference else "manifest"
    return found


def _effects(changes: Iterable[Change]) -> Iterator[EffectNote]:
    for change in changes:
        if change.action is Action.CREATE and change.address.kind == "user" and change.after:
            invitation = as_map(as_map(change.after["spec"]).get("invitation"))
            if invitation.get("send") == "onCreate":
                by = invitation.get("via", "link")
                yield EffectNote(
                    "activation-message", str(change.address), f"an activation message with a {by} is sent"
                )


def _outside_references(world: World, changes: Iterable[Change]) -> dict[str, str]:
    """Address text -> live id of what changes refer to (or stop referring to) and do not make themselves."""
    listed = list(changes)
    made = {change.address for change in listed if change.action is Action.CREATE}
    needed = {address for change in listed for address in change.requires}
    for change in listed:
        for field in change.fields:
            needed.update(_named_in(by_word()[change.address.kind], change.address, field))
    known = {**world.matches.orphans, **world.matches.ids}
    return {str(a): known[a] for a in sorted(needed - made) if a in known}


def _named_in(kind: Kind, address: Address, field: FieldChange) -> Iterator[Address]:
    """The objects that a changed field names, before or after."""
    shape = (kind.metadata_shape if field.metadata else kind.shape).at(field.path)
    if shape is None or not shape.ref:
        return
    names: list[JsonValue] = [str(field.path[-1])] if isinstance(field.path[-1], Item) else []
    for value in (field.before, field.after):
        names += value if isinstance(value, list) else [value]
    for word in kind_words(kind.word, field.path, shape.ref):
        for name in names:
            if name:
                yield Address(word, f"{address.container}/{name}" if word == "group" else str(name))


def _owned(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    for address in world.records:
        found[address.kind] = found.get(address.kind, 0) + 1
    return dict(sorted(found.items()))


def _unmanaged(world: World) -> dict[str, int]:
    """Live objects that nobody declared here and that are not ours, by kind word; the directory's own are not counted."""
    ours: dict[str, set[str]] = {}
    for address, record in world.records.items():
        ours.setdefault(address.kind, set()).add(record.remote_id)
    for address, match in world.matches.live.items():
        ours.setdefault(address.kind, set()).add(match.observed.id)
    found: dict[str, int] = {}
    for word in by_word():
        system = sum(1 for kind, _ in world.system if kind == word)
        rest = world.counts.get(word, 0) - len(ours.get(word, ())) - system
        if rest > 0:
            found[word] = rest
    return found
