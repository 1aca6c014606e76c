"""What rules judge: the effective desired state of one environment, with what surrounds it, and values as they will be live.

Absent means left alone: what a manifest does not declare is unknown, unless the object is made by us and its documented default
is certain. Nothing here judges.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ..core.address import Address
from ..core.fieldpath import FieldPath
from ..core.values import JsonValue, as_map, as_texts
from ..resources.registry import by_word
from ..resources.state import Resource, State

ALL = "*"


@dataclass(frozen=True)
class Desired:
    """`state` is judged; `around` are the project's other resources, where only a part was asked for. `bound` addresses stand
    for live objects that are there already. `now` is the moment of judging, in UTC."""

    state: State
    now: datetime
    around: State = field(default_factory=State)
    protected: bool = False
    bound: frozenset[Address] = frozenset()

    @functools.cached_property
    def _judged(self) -> dict[str, list[Resource]]:
        return {word: [r for r in found if _stays(r)] for word, found in self.state.by_kind().items()}

    @functools.cached_property
    def _known(self) -> dict[str, list[Resource]]:
        if not self.around.resources:
            return self._judged
        own = self.state.resources
        others = State.made_of(r for r in self.around if r.address not in own and _stays(r)).by_kind()
        return {word: self._judged.get(word, []) + others.get(word, []) for word in {*self._judged, *others}}

    def of(self, word: str) -> list[Resource]:
        """The resources of a kind that are judged; of all kinds for `*`. Those that are to go are left out."""
        if word == ALL:
            return [resource for found in self._judged.values() for resource in found]
        return self._judged.get(word, [])

    def known(self, word: str) -> list[Resource]:
        """Those, and those of the rest of the project."""
        return self._known.get(word, [])

    def get(self, address: Address) -> Resource | None:
        """A resource by its address, wherever in the project."""
        return self.state.get(address) or self.around.get(address)

    @functools.cached_property
    def referred(self) -> frozenset[Address]:
        """Every address that a document of the project refers to."""
        found: set[Address] = set()
        for word, kind in by_word().items():
            for resource in self.known(word):
                for reference in kind.references(resource.metadata, resource.spec):
                    found.update(Address(named, reference.name) for named in reference.kind.split("|"))
        return frozenset(found)

    @functools.cached_property
    def users_of(self) -> dict[str, list[Resource]]:
        """Pool name -> its declared users, those of the whole project."""
        found: dict[str, list[Resource]] = {}
        for user in self.known("user"):
            found.setdefault(user.address.container, []).append(user)
        return found

    def made_by_us(self, resource: Resource) -> bool:
        """Whether nothing live was there before, so that what is not declared has its documented default."""
        metadata = resource.metadata
        return not metadata.get("adopt") and "id" not in metadata and resource.address not in self.bound

    def value(self, resource: Resource, *path: str) -> JsonValue:
        """What a field of the spec will be: as declared; its documented default for `null`, and where it is not declared and
        the object is made by us. None where nobody can know."""
        here: JsonValue = resource.spec
        for step in path:
            if not isinstance(here, dict) or step not in here:
                return _default(resource.address.kind, path) if self.made_by_us(resource) else None
            here = here[step]
        return _default(resource.address.kind, path) if here is None else here

    def methods(self, pool: Resource, factor: str = "firstFactor") -> list[str] | None:
        """The sign-in methods of a factor, None where nobody can know. A pool that says nothing about signing in is left
        alone."""
        if "signIn" not in pool.spec:
            return None
        found = self.value(pool, "signIn", factor, "methods")
        return as_texts(found) if isinstance(found, list) else None

    def people_sign_in(self, pool: Resource) -> bool:
        """Whether the pool is known to admit anybody; one that holds records does not."""
        return bool(self.methods(pool))

    def takes_passwords(self, pool: Resource) -> bool:
        """Whether users of the pool are known to have passwords: it is a method, or there is a policy and no word of methods."""
        if "signIn" in pool.spec and self.methods(pool) is not None:
            return "password" in [*(self.methods(pool) or ()), *(self.methods(pool, "secondFactor") or ())]
        return "passwordPolicy" in pool.spec and "firstFactor" not in as_map(pool.spec.get("signIn"))


def declared(resource: Resource, *path: str) -> JsonValue:
    """What stands at a path of the spec, None where nothing does."""
    here: JsonValue = resource.spec
    for step in path:
        here = here.get(step) if isinstance(here, dict) else None
    return here


def each(desired: Desired, word: str, *path: str) -> Iterator[tuple[Resource, JsonValue]]:
    """The resources of a kind, each with what a field will be, where that is known."""
    for resource in desired.of(word):
        value = desired.value(resource, *path)
        if value is not None:
            yield resource, value


def _stays(resource: Resource) -> bool:
    return resource.metadata.get("state", "present") == "present"


@functools.cache
def _default(word: str, path: FieldPath) -> JsonValue:
    field = by_word()[word].shape.at(path)
    return field.default if field is not None and field.has_default else None
