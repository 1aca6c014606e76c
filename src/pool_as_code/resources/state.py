"""Resources and the state: what is desired and what is live have this one type."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ..core.address import Address
from ..core.values import JsonMap

USER_NAMESPACE = uuid.UUID(
    "6c3b5a86-54d9-5a3a-9d3a-5f1c2a7e4b10"
)  # fixed for ever: ids of groups and users follow from it


class Origin(NamedTuple):
    """The document a resource came from: file and number in it. Lines and columns are found when they are needed."""

    file: str
    document: int


@dataclass(slots=True)
class Resource:
    """One object in the manifests' vocabulary. `metadata` and `spec` hold only what was declared (or what is live),
    and nobody changes them after they were made."""

    address: Address
    metadata: JsonMap
    spec: JsonMap
    origin: Origin | None = None


@dataclass(slots=True)
class State:
    """Address -> Resource. Desired and live states are the same type."""

    resources: dict[Address, Resource] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources.values())

    def __len__(self) -> int:
        return len(self.resources)

    def of(self, word: str) -> Iterator[Resource]:
        """The resources of one kind."""
        return (r for r in self.resources.values() if r.address.kind == word)

    def get(self, address: Address) -> Resource | None:
        """The resource at an address."""
        return self.resources.get(address)

    @classmethod
    def made_of(cls, resources: Iterable[Resource]) -> State:
        """A state of these; a later one with the same address replaces an earlier one."""
        return cls({resource.address: resource for resource in resources})


def derived_id(word: str, name: str, pool_id: str) -> str:
    """The id an object gets when we create it: its name, or UUIDv5 of pool id, kind and name for groups and users."""
    if word in ("group", "user"):
        return str(uuid.uuid5(USER_NAMESPACE, f"{pool_id}/{word}/{name}"))
    return name
