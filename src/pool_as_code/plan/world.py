"""What the planner is given: the desired state, what was found live, who owns what, and what the caller permits."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..core.address import Address
from ..core.capabilities import Capabilities
from ..core.values import JsonMap, as_map
from ..resources.kind import Kind, Reference
from ..resources.live import Observed, OwnerRecord
from ..resources.references import ID_REF, Words, map_references
from ..resources.state import Resource, State
from .match import Match, Matches
from .model import Finding, Target
from .names import Names, system_objects
from .settled import desired_digest, settled_token


@dataclass(frozen=True)
class Permissions:
    """What the caller allows: deletes by kind word beyond the guards, pools whose users may go, findings to lift."""

    max_deletes: Mapping[str, int] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()


@dataclass
class World:
    """Everything `build_plan` looks at. `records` are all ours; `observed` are live objects by kind word.

    `in_target` says which addresses this plan is about. `members(pool_id)` counts the users of a live pool by sort.
    `command` is how the caller would repeat this command, for the next steps that messages name. `protected`: the environment
    is; `beforehand` are findings about the manifests themselves, told before all others."""

    desired: State
    matches: Matches
    records: Mapping[Address, OwnerRecord]
    observed: Mapping[str, list[Observed]]
    target: Target
    capabilities: Capabilities
    counts: Mapping[str, int]
    members: Callable[[str], JsonMap]
    permissions: Permissions = field(default_factory=Permissions)
    in_target: Callable[[Address], bool] = lambda address: True
    whole_project: bool = True
    prune: bool = False
    destroy: bool = False
    protected: bool = False
    beforehand: tuple[Finding, ...] = ()
    command: str = "pac apply"
    tool_version: str = ""
    _hidden: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    @functools.cached_property
    def system(self) -> frozenset[tuple[str, str]]:
        """(kind word, id) of the directory's own objects."""
        return system_objects(self.observed)

    def ignores_case(self, pool: str) -> bool:
        """Whether a pool compares identifiers without case: as declared, else as live."""
        return self._case_rules.get(pool, False)

    @functools.cached_property
    def _case_rules(self) -> dict[str, bool]:
        rules: dict[str, bool] = {}
        for address in (*self.matches.live, *self.matches.bound):
            pool = self.matches.observed(address) if address.kind == "pool" else None
            if pool is not None:
                rules[address.path] = bool(as_map(pool.spec.get("signIn")).get("identifiersIgnoreCase"))
        for resource in self.desired.of("pool"):
            sign_in = as_map(resource.spec.get("signIn"))
            if "identifiersIgnoreCase" in sign_in:
                rules[resource.address.path] = bool(sign_in["identifiersIgnoreCase"])
        return rules

    def reference_ids(self, kind: Kind, resource: Resource) -> list[str]:
        """The live ids (those to be, for objects not there yet) of all that a resource refers to, in order."""
        return [self._meant(r)[1] for r in kind.references(resource.metadata, resource.spec)]

    def required(self, kind: Kind, resource: Resource) -> tuple[Address, ...]:
        """The declared objects that a resource refers to, each once, in order."""
        found = [self._meant(r)[0] for r in kind.references(resource.metadata, resource.spec)]
        return tuple(dict.fromkeys(address for address in found if address is not None))

    def _meant(self, reference: Reference) -> tuple[Address | None, str]:
        """The declared object that a reference means, and its id; for any other, its name alone. Thousands of users mean the
        same few objects, so each is looked up once."""
        known = self._meanings.get((reference.kind, reference.name))
        if known is None:
            addresses = [Address(word, reference.name) for word in reference.kind.split("|")]
            address = next((a for a in addresses if a in self.matches.ids), None)
            known = address, self.matches.ids[address] if address is not None else reference.name
            self._meanings[reference.kind, reference.name] = known
        return known

    @functools.cached_property
    def _meanings(self) -> dict[tuple[str, str], tuple[Address | None, str]]:
        return {}

    def by_name(self, kind: Kind, resource: Resource) -> Resource:
        """The same resource with names in the place of `$id:` references to objects that have one here: a manifest may have
        been written before somebody declared or bound them."""
        if not any(
            reference.name.startswith(ID_REF) for reference in kind.references(resource.metadata, resource.spec)
        ):
            return resource

        def named(words: Words, name: str) -> str:
            id = name.removeprefix(ID_REF)
            known = next((self.matches.names[word, id] for word in words if (word, id) in self.matches.names), None)
            return known.name if known is not None and id != name else name

        metadata, spec = map_references(kind, resource.metadata, resource.spec, named)
        return Resource(resource.address, metadata, spec, resource.origin)

    @functools.cached_property
    def names(self) -> Names:
        """The names of live objects."""
        return Names(self.matches.names, self.system)

    def desired_digest(self, kind: Kind, resource: Resource) -> bytes:
        """The desired half of the token of a settled object."""
        salt = b""
        if kind.word == "user":
            salt = b"1" if self.ignores_case(resource.address.container) else b"0"
        return desired_digest(resource.metadata, resource.spec, self.reference_ids(kind, resource), salt)

    def settled(self, desired: bytes, resource: Resource, match: Match) -> bool:
        """Whether neither side changed since the object was left with nothing to do."""
        record = match.record
        return (
            record is not None
            and bool(record.settled)
            and not record.claimed
            and record.address == resource.address
            and record.settled == settled_token(desired, match.observed.raw)
        )

    def hidden(self, resource: Resource) -> frozenset[tuple[str, str]]:
        """(role, attribute) of a user's attributes that a schema marks `hidden`: their values are never shown."""
        if resource.address.kind != "user":
            return frozenset()
        of_pool = self._schemas_of_pool(resource.address.container)
        own = as_map(resource.spec.get("schemas"))
        return frozenset(
            (role, name)
            for role in ("profile", "administrative", "delegated")
            if role in resource.spec
            for name in self._hidden_of(str(own.get(role) or of_pool.get(role) or ""))
        )

    def _schemas_of_pool(self, pool: str) -> JsonMap:
        declared = self.desired.get(Address("pool", pool))
        observed = self.matches.observed(Address("pool", pool))
        live = as_map(observed.spec.get("schemas")) if observed else {}
        return {**live, **(as_map(declared.spec.get("schemas")) if declared else {})}

    def _hidden_of(self, schema: str) -> tuple[str, ...]:
        if schema not in self._hidden:
            declared = self.desired.get(Address("schema", schema))
            live = next((o for o in self.observed.get("schema", ()) if o.id == schema), None)
            known = self.matches.observed(Address("schema", schema)) or live
            source = declared.spec if declared and "schema" in declared.spec else None
            source = source or (known.spec if known else {})
            properties = as_map(as_map(source.get("schema")).get("properties"))
            self._hidden[schema] = tuple(
                name for name, rule in properties.items() if as_map(rule).get("hidden") is True
            )
        return self._hidden[schema]
