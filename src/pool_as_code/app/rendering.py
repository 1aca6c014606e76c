"""The effective documents of an environment: what is compared with a store, each value with the place where it is written; and
what a branch changes in them. No store is met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..core.address import Address
from ..core.diagnostics import Diagnostic, Location, has_errors
from ..core.errors import InvalidInput
from ..core.fieldpath import FieldPath, Item
from ..core.values import JsonMap, JsonValue, as_map, canonical
from ..manifest.annotations import Spot, spot
from ..manifest.holdable import document
from ..manifest.load import Loaded
from ..manifest.order import in_order
from ..manifest.project import Environment
from ..resources.registry import by_word, rank
from ..resources.state import Origin, Resource, Source
from ..resources.suggest import nearest
from .base import Base, loaded_at_base, open_base
from .request import Request
from .session import Session, load_manifests, open_session
from .targeting import answers, selectors_of

Path = tuple[str | int, ...]
SECRET = "(secret)"
PERSONAL = "(personal)"
_REFERENCES = ("fromEnv", "fromFile", "fromCommand")


@dataclass(frozen=True, slots=True)
class Written:
    """Where a value is written: its place, the row of a ForEach and the variables that it is made of."""

    location: Location
    row: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class EffectiveDocument:
    """A document as it is meant, keys in order, secrets hidden. `written` has the place of every leaf; `bound` is the live id
    that the environment binds it to."""

    address: Address
    document: JsonMap
    written: Mapping[Path, Written] = field(default_factory=dict)
    bound: str = ""


@dataclass(frozen=True, slots=True)
class EffectiveField:
    """A field that a branch changes. A side without the field has `there` false."""

    path: FieldPath
    before: JsonValue
    after: JsonValue
    was_there: bool
    is_there: bool
    written: Written | None = None


@dataclass(frozen=True, slots=True)
class EffectiveChange:
    """A document that a branch adds (`added`), removes (`removed`) or changes (`changed`)."""

    address: Address
    sort: str
    fields: tuple[EffectiveField, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendering:
    """Effective documents in the order of addresses, and the warnings of the manifests."""

    documents: tuple[EffectiveDocument, ...]
    diagnostics: tuple[Diagnostic, ...]


def effective(
    request: Request, globs: tuple[str, ...] = (), selector: tuple[str, ...] = (), *, origins: bool = True
) -> Rendering:
    """The documents that answer to one of the globs (or all) and to the selector. Raises InvalidInput where none does, or
    where manifests are wrong."""
    session = open_session(request)
    loaded = load_manifests(session)
    chosen = _chosen(loaded.state.resources, globs, selector)
    written = _written(loaded, chosen) if origins else {}
    bindings = session.environment.bindings
    return Rendering(
        tuple(
            EffectiveDocument(r.address, _shown(r), written.get(r.address, {}), bindings.get(r.address, ""))
            for r in chosen
        ),
        loaded.diagnostics,
    )


def changed(
    request: Request, globs: tuple[str, ...] = (), selector: tuple[str, ...] = (), *, show_values: bool = False
) -> tuple[EffectiveChange, ...]:
    """What the working tree changes in the effective documents against the commit `request.base`.

    Raises InvalidInput where there is no such commit, no project, or one of the sides has errors."""
    session = open_session(request)
    if session.project is None:
        summary = "--base needs a project file"
        hint = "go to a folder below pool-as-code.yaml"
        raise InvalidInput(summary, [Diagnostic("PAC359", summary, hint=hint)])
    loaded = load_manifests(session)
    with open_base(session.project.root, request.base, request.environ, id=session.project.id) as base:
        before = _resources_of_base(base, session)
        now = loaded.state.resources
        wanted = {r.address for side in (before, now) for r in _chosen(side, globs, selector, strict=side is now)}
        found = list(_changes(before, now, wanted, show_values))
    return tuple(_with_places(loaded, found))


# -- which ones


def _chosen(
    resources: Mapping[Address, Resource], globs: tuple[str, ...], selector: tuple[str, ...], *, strict: bool = True
) -> list[Resource]:
    selectors = selectors_of(selector)
    found = [
        resource
        for resource in resources.values()
        if (not globs or answers(resource.address, globs))
        and all(one.matches(as_map(resource.metadata.get("labels"))) for one in selectors)
    ]
    if not found and strict and (globs or selectors):
        asked = " ".join([*globs, *(f"--selector {text}" for text in selector)])
        near = nearest(globs[0], [str(address) for address in resources]) if globs else None
        hint = f"did you mean {near}?" if near else "pac render without an address shows all"
        summary = f"{asked} matches no document"
        raise InvalidInput(summary, [Diagnostic("PAC330", summary, hint=hint)])
    ranks = rank()
    return sorted(found, key=lambda r: (ranks[r.address.kind], r.address.path))


def _resources_of_base(base: Base, session: Session) -> Mapping[Address, Resource]:
    """The effective documents at the commit; none where the project or the environment was not there."""
    project = base.project
    if project is None:
        if base.problems:
            raise InvalidInput(f"the project file of {base.ref} has errors", base.problems)
        return {}
    name = session.environment.name
    environment = project.environments.get(name)
    if environment is None:
        if project.environments:
            return {}
        environment = Environment()
    loaded = loaded_at_base(project, environment, session.request)
    if has_errors(loaded.diagnostics):
        raise InvalidInput(f"the manifests of {base.ref} have errors", loaded.diagnostics)
    return loaded.state.resources


# -- what is seen


def _shown(resource: Resource) -> JsonMap:
    """The document, keys in order, without literal secrets (hashes)."""
    found = as_map(in_order(document(resource)))
    if resource.address.kind != "user":  # nobody else has secrets
        return found
    kind = spot(by_word()["user"].document)
    return as_map(_without_secrets(found, kind))


def _without_secrets(value: JsonValue, here: Spot | None) -> JsonValue:
    if isinstance(value, dict):
        return {
            key: inner
            if key in _REFERENCES or isinstance(inner, bool)
            else _without_secrets(inner, here.step(key) if here is not None else None)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_without_secrets(inner, here.step(i) if here is not None else None) for i, inner in enumerate(value)]
    return SECRET if here is not None and here.secret else value


def leaves(value: JsonValue, at: Path = ()) -> Iterator[tuple[Path, JsonValue]]:
    """The leaves of a document with their places: scalars, empty maps, lists without maps in them."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*at, key))
    elif isinstance(value, list) and any(isinstance(member, dict) for member in value):
        for position, inner in enumerate(value):
            yield from leaves(inner, (*at, position))
    else:
        yield at, value


# -- where it is written


def _source(resource: Resource, path: Path) -> Source:
    origin = resource.origin or Origin("", 0)
    return origin.layers.source(path) if origin.layers is not None else Source(origin, path)


def _written(loaded: Loaded, resources: Iterable[Resource]) -> dict[Address, dict[Path, Written]]:
    """The place of every leaf. Documents of rows share their template's places, so that each is looked up once."""
    sources = {
        (resource.address, path): _source(resource, path)
        for resource in resources
        for path, _ in leaves(document(resource))
        if path not in (("apiVersion",), ("kind",))
    }
    places = dict.fromkeys((source.origin, source.path) for source in sources.values())
    located = dict(zip(places, loaded.locations(list(places)), strict=True))
    found: dict[Address, dict[Path, Written]] = {}
    for (address, path), source in sources.items():
        found.setdefault(address, {})[path] = _written_at(source, located)
    return found


def _written_at(source: Source, located: Mapping[tuple[Origin, Path], Location]) -> Written:
    row = source.row.words if source.row is not None else ""
    return Written(located[source.origin, source.path], row, source.note)


# -- what a branch changes


def _changes(
    before: Mapping[Address, Resource], after: Mapping[Address, Resource], wanted: set[Address], show_values: bool
) -> Iterator[EffectiveChange]:
    ranks = rank()
    for address in sorted(wanted, key=lambda a: (ranks[a.kind], a.path)):
        old, new = before.get(address), after.get(address)
        if old is None or new is None:
            yield EffectiveChange(address, "added" if old is None else "removed")
            continue
        if canonical(document(old)) != canonical(document(new)):
            fields = tuple(_fields(old, new, show_values))
            if fields:
                yield EffectiveChange(address, "changed", fields)


def _fields(old: Resource, new: Resource, show_values: bool) -> Iterator[EffectiveField]:
    """What differs. Literal secrets are compared and not shown."""
    was, now = dict(leaves(in_order(document(old)))), dict(leaves(in_order(document(new))))
    seen_before, seen_now = dict(leaves(_shown(old))), dict(leaves(_shown(new)))
    root = spot(by_word()[new.address.kind].document)
    for path in dict.fromkeys((*was, *now)):
        if path in was and path in now and canonical(was[path]) == canonical(now[path]):
            continue
        hide = root.hides(path) and not show_values
        before, after = (PERSONAL if hide and path in side else side.get(path) for side in (seen_before, seen_now))
        yield EffectiveField(_field_path(path), before, after, path in was, path in now)


def _field_path(path: Path) -> FieldPath:
    steps = path[1:] if path[0] == "spec" else path
    return tuple(Item(str(step)) if isinstance(step, int) else step for step in steps)


def _with_places(loaded: Loaded, changes: Iterable[EffectiveChange]) -> Iterator[EffectiveChange]:
    """Where the new values are written."""
    found = list(changes)
    wanted: dict[tuple[Address, FieldPath], Source] = {}
    for change in found:
        resource = loaded.state.resources.get(change.address)
        if resource is None or change.sort != "changed":
            continue
        by_field = {_field_path(path): path for path, _ in leaves(document(resource))}
        for one in change.fields:
            if one.is_there and one.path in by_field:
                wanted[change.address, one.path] = _source(resource, by_field[one.path])
    places = dict.fromkeys((source.origin, source.path) for source in wanted.values())
    located = dict(zip(places, loaded.locations(list(places)), strict=True))
    for change in found:
        sources = [wanted.get((change.address, one.path)) for one in change.fields]
        fields = (
            replace(one, written=_written_at(source, located) if source is not None else None)
            for one, source in zip(change.fields, sources, strict=True)
        )
        yield replace(change, fields=tuple(fields))
