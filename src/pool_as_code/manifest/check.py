"""What must hold across documents: references, rings, names and ids that clash. Users are judged in `users.py`.

One pass over all resources; nothing is located here, and nothing of a good user is kept but its identifiers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field

from ..core.address import Address
from ..core.values import as_list, as_map
from ..resources.kind import Kind, Problem, Reference
from ..resources.registry import by_word
from ..resources.state import Origin, Resource, State
from ..resources.suggest import Names
from .place import Placed
from .users import UserChecks

NOWHERE = Origin("", 0)
_EITHER = "workspace|organization"  # what may stand above an organization


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside the resources that are checked. `around`: the project's other resources. `claimed`: addresses of
    broken documents. `unread`: there are documents whose names nobody knows. `commands`: `fromCommand` is switched on.
    `bound`: addresses that the environment binds to live objects, so that they can be referred to. `abstract`: those of bases
    that are never created."""

    around: Mapping[Address, Resource] = field(default_factory=dict)
    claimed: Set[Address] = frozenset()
    unread: bool = False
    commands: bool = False
    bound: Set[Address] = frozenset()
    abstract: Set[Address] = frozenset()


def check(state: State, surroundings: Surroundings | None = None) -> Iterator[Placed]:
    """Every problem of these resources, within one and across all."""
    beside = surroundings or Surroundings()
    world = {**beside.around, **state.resources} if beside.around else state.resources
    references = _References(world, beside)
    users = UserChecks(world, commands=beside.commands)
    for resource in beside.around.values():
        if resource.address not in state.resources and resource.address.kind == "user":
            users.remember(resource)
    kinds, good = by_word(), references.good
    for resource in state:
        kind = kinds[resource.address.kind]
        for problem in kind.checks(resource.metadata, resource.spec):
            yield _placed(resource, problem)
        for reference in kind.references(resource.metadata, resource.spec):
            if reference.name not in good[reference.kind]:
                yield from references.problems(resource, reference)
        if kind.word == "user":
            yield from users.check(resource)
    yield from _rings(state, world)
    yield from _names(state, world)
    yield from _methods(state, world)
    yield from _schemas(state, users)


def _placed(
    resource: Resource, problem: Problem, other: tuple[str, Resource, tuple[str | int, ...]] | None = None
) -> Placed:
    second = (other[0], other[1].origin or NOWHERE, other[2]) if other is not None else None
    return Placed(resource.origin or NOWHERE, problem, str(resource.address), second)


class _References:
    """Names that are declared, by what they may be referred to as."""

    def __init__(self, world: Mapping[Address, Resource], beside: Surroundings) -> None:
        self._absent = {a for a, resource in world.items() if resource.metadata.get("state") == "absent"}
        self._unread = beside.unread
        self._abstract = beside.abstract
        self._by_container: dict[tuple[str, ...], dict[str, list[str]]] = {}
        self._names: dict[tuple[tuple[str, ...], str], tuple[list[str], Names]] = {}
        self.good: dict[str, set[str]] = {word: set() for word in (*by_word(), _EITHER)}
        self.good["schema"].add("$default")
        for address in (*world, *beside.claimed, *beside.bound):
            if address.kind != "user" and address not in self._absent:
                self.good[address.kind].add(address.path)
                if address.kind in _EITHER.split("|"):
                    self.good[_EITHER].add(address.path)

    def problems(self, resource: Resource, reference: Reference) -> Iterator[Placed]:
        """What is wrong with a reference to a name that is not declared."""
        kind, name, path = reference
        if name.startswith("$id:") or resource.metadata.get("state") == "absent":
            return
        words = kind.split("|")
        if name == "$default":
            summary = f"$default is no {' or '.join(words)}"
            yield _placed(resource, Problem(path, "PAC225", summary, hint="write a name, or remove it", remove=True))
            return
        if any(Address(word, name) in self._absent for word in words):
            yield _placed(resource, self._gone(words, name, path))
        elif any(Address(word, name) in self._abstract for word in words):
            summary = f"{' or '.join(words)} {name} is abstract: it is never created"
            hint = "refer to a document that extends it, or remove abstract there"
            yield _placed(resource, Problem(path, "PAC225", summary, hint=hint))
        elif not self._unread:
            yield _placed(resource, self._dangling(words, name, path))

    def _known(self, words: tuple[str, ...], container: str) -> tuple[list[str], Names]:
        """The names that are declared there, in order, and the same for suggestions. Looked up once."""
        if (words, container) not in self._names:
            for word in words if words not in self._by_container else ():
                for declared in self.good[word]:
                    there, _, own = declared.rpartition("/")
                    if declared != "$default":
                        self._by_container.setdefault(words, {}).setdefault(there, []).append(own)
            known = sorted(self._by_container.get(words, {}).get(container, ()))
            self._names[words, container] = known, Names(known)
        return self._names[words, container]

    def _gone(self, words: list[str], name: str, path: tuple[str | int, ...]) -> Problem:
        container, _, own = name.rpartition("/")
        summary = f"{' or '.join(words)} {own}{f' in pool {container}' if container else ''} is declared absent"
        return Problem(path, "PAC226", summary, "apply would delete it", "refer to another one, or keep it")

    def _dangling(self, words: list[str], name: str, path: tuple[str | int, ...]) -> Problem:
        container, _, own = name.rpartition("/")
        known, names = self._known(tuple(words), container)
        near = names.nearest(own)
        where = f" in pool {container}" if container else ""
        title = " or ".join(words)
        shown = (
            f"declared: {', '.join(known[:8])}{', ...' if len(known) > 8 else ''}"
            if known
            else f"no {title} is declared{where}"
        )
        kinds = " or ".join(by_word()[word].name for word in words)
        hint = f"did you mean {near}?" if near else f"correct the name, or add a document of kind {kinds}"
        return Problem(path, "PAC225", f"there is no {title} {own}{where}", shown, hint, replace=near)


def _rings(state: State, world: Mapping[Address, Resource]) -> Iterator[Placed]:
    """Groups and organizations that stand in themselves by way of others. Each ring is told once, at its first member."""
    told: set[Address] = set()
    for resource in state:
        if resource.address.kind not in ("group", "organization") or resource.address in told:
            continue
        walked: dict[Address, Resource] = {}
        here: Resource | None = resource
        while here is not None and here.address not in walked:
            walked[here.address] = here
            here = world.get(_parent(here))
        if here is None:
            continue
        chain = list(walked)
        ring = chain[chain.index(here.address) :]
        if len(ring) > 1 and not told.intersection(ring):
            names = " > ".join(address.name for address in [*ring, ring[0]])
            problem = Problem(
                ("metadata", "parent"),
                "PAC227",
                f"{ring[0]} stands in itself: {names}",
                hint="remove parent from one of them",
                remove=True,
            )
            yield _placed(here, problem)
        told.update(walked)


def _parent(resource: Resource) -> Address:
    parent = resource.metadata.get("parent")
    kind = resource.address.kind
    return Address(kind, f"{resource.metadata['pool']}/{parent}" if kind == "group" else str(parent))


def _names(state: State, world: Mapping[Address, Resource]) -> Iterator[Placed]:
    """Former names that are in use, and ids that two objects claim."""
    claims: dict[Address, Resource] = {}
    ids: dict[tuple[str, str, str], Resource] = {}
    kinds = by_word()
    for resource in world.values():
        metadata = resource.metadata
        if "previousNames" not in metadata and "id" not in metadata and resource.address.kind in ("user", "group"):
            continue  # their derived ids follow from the name alone and can not clash
        mine = state.get(resource.address) is resource
        for problem in _former_names(resource, world, claims):
            if mine:
                yield problem
        key = (resource.address.kind, resource.address.container, _id_of(resource, kinds[resource.address.kind]))
        first = ids.setdefault(key, resource)
        if first is not resource:
            told, other = (resource, first) if mine else (first, resource)
            if state.get(told.address) is told:
                yield _same_id(told, other)


def _id_of(resource: Resource, kind: Kind) -> str:
    declared = resource.metadata.get("id")
    return (
        str(declared) if declared is not None else f"{'' if not kind.uuid_ids else 'derived:'}{resource.address.name}"
    )


def _same_id(resource: Resource, first: Resource) -> Placed:
    path = ("metadata", "id" if "id" in resource.metadata else "name")
    derived = "id" not in resource.metadata or "id" not in first.metadata
    detail = "an object without metadata.id gets its name as id" if derived else ""
    problem = Problem(
        path,
        "PAC237",
        f"{resource.address} and {first.address} have the same id",
        detail,
        "correct or remove metadata.id",
        remove="id" in resource.metadata,
    )
    return _placed(resource, problem, ("the other one stands at", first, ("metadata", "name")))


def _former_names(
    resource: Resource, world: Mapping[Address, Resource], claims: dict[Address, Resource]
) -> Iterator[Placed]:
    address = resource.address
    for index, name in enumerate(as_list(resource.metadata.get("previousNames"))):
        former = Address(address.kind, f"{address.container}/{name}" if address.container else str(name))
        path = ("metadata", "previousNames", index)
        other = world.get(former)
        if other is not None:
            same = other is resource
            summary = f"{former} is its present name" if same else f"the former name {former} is in use"
            problem = Problem(
                path, "PAC236", summary, "a former name tells which object was renamed", "remove it", remove=True
            )
            yield _placed(
                resource,
                problem,
                None if same else ("the document of that name stands at", other, ("metadata", "name")),
            )
            continue
        first = claims.setdefault(former, resource)
        if first is not resource:
            summary = f"{first.address} has the former name {former} too"
            problem = Problem(
                path, "PAC236", summary, "only one of them can be the renamed object", "remove it", remove=True
            )
            yield _placed(resource, problem, ("that one stands at", first, ("metadata", "previousNames")))


def _methods(state: State, world: Mapping[Address, Resource]) -> Iterator[Placed]:
    """Sign-in methods of a pool that its workspace or organization does not allow: they are declared and do not work."""
    for pool in state.of("pool"):
        holder = _allowing(pool, world)
        if holder is None:
            continue
        allowed = as_list(holder.spec["allowedMethods"])
        for word in ("firstFactor", "secondFactor"):
            factor = as_map(as_map(pool.spec.get("signIn")).get(word))
            for index, method in enumerate(as_list(factor.get("methods"))):
                if method not in allowed:
                    problem = Problem(
                        ("spec", "signIn", word, "methods", index),
                        "PAC238",
                        f"{holder.address} does not allow {method}",
                        f"allowed: {', '.join(map(str, allowed)) or 'none'}",
                        f"remove it, or add it to allowedMethods of {holder.address}",
                        remove=True,
                        severity="warn",
                    )
                    yield _placed(pool, problem)


def _allowing(pool: Resource, world: Mapping[Address, Resource]) -> Resource | None:
    """Who says which methods a pool may use: its workspace, or its organization or the first above it that says so."""
    if "workspace" in pool.metadata:
        workspace = world.get(Address("workspace", str(pool.metadata["workspace"])))
        return workspace if workspace is not None and "allowedMethods" in workspace.spec else None
    seen: set[Address] = set()
    here = world.get(Address("organization", str(pool.metadata.get("organization"))))
    while here is not None and here.address not in seen:
        if "allowedMethods" in here.spec:
            return here
        seen.add(here.address)
        parent = str(here.metadata.get("parent"))
        here = world.get(Address("organization", parent)) or world.get(Address("workspace", parent))
    return None


def _schemas(state: State, users: UserChecks) -> Iterator[Placed]:
    """Schemas that keep to the subset and still can not be used to check anything."""
    for schema in state.of("schema"):
        if "schema" in schema.spec and users.check_of(schema) is None and not list(_own_problems(schema)):
            problem = Problem(
                ("spec", "schema"),
                "PAC253",
                "the schema can not be used to check attributes",
                "the library that checks attributes refuses it; mostly a pattern is the reason",
                "simplify its patterns",
            )
            yield _placed(schema, problem)


def _own_problems(schema: Resource) -> Iterator[Problem]:
    yield from by_word()["schema"].checks(schema.metadata, schema.spec)
