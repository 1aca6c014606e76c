"""What of live objects a manifest can hold. A live directory may break our rules (an address of a wrong form, a schema
outside the subset, a method in both factors); a pulled file must load all the same. So whatever `validate` would refuse is
left out, as little of it as possible, and named without its value: it is not managed then, and stays as it is."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Set

from ..core.address import Address
from ..core.diagnostics import Diagnostic, Severity
from ..core.fieldpath import FieldPath, Item, format_path
from ..core.values import JsonMap, JsonValue, as_list, as_map
from ..resources.kind import API_VERSION, Kind
from ..resources.registry import by_word
from ..resources.shape import Field
from ..resources.state import Resource, State
from ..resources.user import IDENTIFIER_TYPES
from .check import Surroundings, check

Place = tuple[str | int, ...]

_IDENTITY = ("name", "pool", "id")  # without one of these it would be another object


def holdable(
    resources: Iterable[Resource], around: Mapping[Address, Resource], bound: Set[Address] = frozenset()
) -> tuple[State, list[Diagnostic]]:
    """The resources as a manifest can hold them. `around` are others that may be referred to and are not judged; `bound` are
    addresses that may be referred to as well."""
    state = State.made_of(resources)
    told: list[Diagnostic] = []
    for resource in list(state):
        _leave_out(state, resource, list(_federated(resource)), told)
        _fit_types(state, resource.address, told)
    while faults := _faults(state, Surroundings(around, bound=bound)):
        for address, places in faults.items():
            resource = state.resources[address]
            _leave_out(state, resource, places, told)
    return state, told


def document(resource: Resource) -> JsonMap:
    """The document that declares a resource."""
    found: JsonMap = {
        "apiVersion": API_VERSION,
        "kind": by_word()[resource.address.kind].name,
        "metadata": resource.metadata,
    }
    if resource.spec:
        found["spec"] = resource.spec
    return found


def _federated(resource: Resource) -> Iterator[tuple[Place, str]]:
    """Links to external providers are the directory's own business, and nothing to tell about."""
    if resource.address.kind == "user":
        for index, member in enumerate(as_list(resource.spec.get("identifiers"))):
            if "federated" in as_map(member):
                yield ("spec", "identifiers", index), ""


def _fit_types(state: State, address: Address, told: list[Diagnostic]) -> None:
    from pydantic import ValidationError

    kind = by_word()[address.kind]
    while resource := state.get(address):
        try:
            kind.adapter.validator.validate_python(document(resource))
            return
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False, include_input=False)
            reason = "of a form that manifests do not know"
            _leave_out(state, resource, [(fault["loc"], reason) for fault in faults], told)


def _faults(state: State, beside: Surroundings) -> dict[Address, list[tuple[Place, str]]]:
    found: dict[Address, list[tuple[Place, str]]] = {}
    for placed in check(state, beside):
        if placed.problem.severity == Severity.ERROR:
            address = Address.parse(placed.address)
            found.setdefault(address, []).append((placed.problem.path, placed.problem.summary))
    return found


def _leave_out(state: State, resource: Resource, faults: list[tuple[Place, str]], told: list[Diagnostic]) -> None:
    """Take the fields at fault out of a resource, or the resource out of the state where nothing smaller will do."""
    kind = by_word()[resource.address.kind]
    units: dict[Place, str] = {}
    for place, reason in faults:
        unit = _unit(kind, resource, place)
        units.setdefault(unit, reason)
    if not units:
        return
    if any(len(unit) < 2 for unit in units):
        del state.resources[resource.address]
        told.append(_told(resource, (), next(reason for unit, reason in units.items() if len(unit) < 2)))
        return
    changed = Resource(
        resource.address, copy.deepcopy(resource.metadata), copy.deepcopy(resource.spec), resource.origin
    )
    parts: JsonMap = {"metadata": changed.metadata, "spec": changed.spec}
    for unit in sorted(units, key=_last_first, reverse=True):
        _take_out(parts, unit)
        if units[unit]:
            told.append(_told(resource, unit, units[unit]))
    state.resources[resource.address] = changed


def _unit(kind: Kind, resource: Resource, place: Place) -> Place:
    """The smallest thing at or around a place that can be left out without saying something else: a list that is managed
    whole goes whole, of others one member goes. Empty where the resource must go."""
    if len(place) < 2 or place[0] not in ("metadata", "spec") or (place[1] in _IDENTITY and place[0] == "metadata"):
        return ()
    here = kind.metadata_shape if place[0] == "metadata" else kind.shape
    value: JsonValue = as_map(document(resource)).get(str(place[0]))
    unit: Place = place[:1]
    for number, step in enumerate(place[1:], 1):
        child = here.children.get(str(step))
        if child is None or not isinstance(value, dict) or step not in value:
            break
        unit, value, here = (*unit, step), value[str(step)], child
        if not child.is_struct:
            return _inside(child, value, unit, place[number + 1 :])
    return unit if len(unit) > 1 else ()


def _inside(field: Field, value: JsonValue, unit: Place, rest: Place) -> Place:
    if rest and field.per_key and isinstance(value, dict) and rest[0] in value:
        return (*unit, rest[0])
    if rest and field.per_item and isinstance(value, list) and isinstance(rest[0], int) and rest[0] < len(value):
        member = value[rest[0]]
        inner = rest[1] if len(rest) > 1 else None
        if isinstance(member, dict) and inner in member and inner in field.children and inner not in IDENTIFIER_TYPES:
            return (*unit, rest[0], str(inner))
        return (*unit, rest[0])
    return unit


def _last_first(unit: Place) -> tuple[tuple[int, str], ...]:
    """So that positions in lists stay right while members go."""
    return tuple((step, "") if isinstance(step, int) else (0, step) for step in unit)


def _take_out(parts: JsonMap, unit: Place) -> None:
    here: JsonValue = parts
    for step in unit[:-1]:
        here = here[step] if isinstance(here, list) and isinstance(step, int) else as_map(here)[str(step)]
    if isinstance(here, list) and isinstance(unit[-1], int):
        del here[unit[-1]]
    elif isinstance(here, dict):
        here.pop(str(unit[-1]), None)


def _told(resource: Resource, unit: Place, reason: str) -> Diagnostic:
    path: FieldPath = tuple(Item(step) if isinstance(step, int) else step for step in unit[1:])
    what = format_path(path) if path else "the whole object"
    summary = f"{what} is left out: {reason or 'a manifest can not hold it'}"
    hint = "it stays as it is; correct it where it lives to manage it"
    return Diagnostic("PAC510", summary, Severity.WARN, hint=hint, address=str(resource.address))
