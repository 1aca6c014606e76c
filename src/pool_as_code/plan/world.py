"""What the planner is given: the desired state, what was found live, who owns what, and what the caller permits."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..core.address import Address
from ..core.capabilities import Capabilities
from ..core.values import JsonMap, as_map
from ..resources.kind import Kind
from ..resources.live import Observed, OwnerRecord
from ..resources.references import DEFAULT_REF, ID_REF, map_references
from ..resources.state import Resource, State
from .match import Matches
from .model import Target


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
    `command` is how the caller would repeat this command, for the next steps that messages name."""

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
    command: str = "pac apply"
    tool_version: str = ""

    @functools.cached_property
    def system(self) -> frozenset[tuple[str, str]]:
        """(kind word, id) of the directory's own objects."""
        return frozenset(
            (o.kind, o.id)
            for word in ("schema", "pool", "workspace")
            for o in self.observed.get(word, ())
            if o.metadata.get("system")
        )

    def ignores_case(self, pool: str) -> bool:
        """Whether a pool compares identifiers without case: as declared, else as live."""
        return self._case_rules.get(pool, False)

    @functools.cached_property
    def _case_rules(self) -> dict[str, bool]:
        rules: dict[str, bool] = {}
        for address, match in self.matches.live.items():
            if address.kind == "pool":
                rules[address.path] = bool(as_map(match.observed.spec.get("signIn")).get("identifiersIgnoreCase"))
        for resource in self.desired.of("pool"):
            sign_in = as_map(resource.spec.get("signIn"))
            if "identifiersIgnoreCase" in sign_in:
                rules[resource.address.path] = bool(sign_in["identifiersIgnoreCase"])
        return rules

    def reference_ids(self, kind: Kind, resource: Resource) -> list[str]:
        """The live ids (those to be, for objects not there yet) of all that a resource refers to, in order."""
        found = []
        for reference in kind.references(resource.metadata, resource.spec):
            if "|" in reference.kind:
                addresses = [Address(word, reference.name) for word in reference.kind.split("|")]
                found.append(next((self.matches.ids[a] for a in addresses if a in self.matches.ids), reference.name))
            else:
                found.append(self.matches.ids.get(Address(reference.kind, reference.name), reference.name))
        return found

    def named(self, kind: Kind, observed: Observed) -> tuple[JsonMap, JsonMap]:
        """A live object's metadata and spec with names in the place of ids: `$default` for the directory's own schemas,
        `$id:...` for objects that nobody declared."""
        return map_references(kind, observed.metadata, observed.spec, self._name)

    def _name(self, words: tuple[str, ...], id: str) -> str:
        for word in words:
            address = self.matches.names.get((word, id))
            if address is not None:
                return address.name
            if (word, id) in self.system:
                return DEFAULT_REF
        return ID_REF + id
