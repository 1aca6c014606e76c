"""Resources and the state: what is desired and what is live have this one type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from typing import NamedTuple, Protocol

from ..core.address import Address
from ..core.values import JsonMap

USER_NAMESPACE = "6c3b5a86-54d9-5a3a-9d3a-5f1c2a7e4b10"  # fixed for ever: ids of groups and users follow from it
_NAMESPACE = bytes.fromhex(USER_NAMESPACE.replace("-", ""))


class Origin(NamedTuple):
    """The document a resource came from: file and number in it. Lines and columns are found when they are needed. What was
    made of several documents knows by `layers` where each of its values is written."""

    file: str
    document: int
    layers: Layers | None = None


class Source(NamedTuple):
    """Where a value is written: a document and the path in it, a note (the variables it is made of), and the row of a ForEach
    that it was made for."""

    origin: Origin
    path: tuple[str | int, ...]
    note: str = ""
    row: MadeFor | None = None


class MadeFor(Protocol):
    """A row that documents are made for. `words` calls it; `at` is where the list of rows is written, None for lines of a
    file without documents."""

    @property
    def words(self) -> str: ...


class Layers(Protocol):
    """How a document was made of others."""

    def source(self, path: Sequence[str | int]) -> Source:
        """Where the value at a path of the made document is written."""
        ...


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

    def by_kind(self) -> dict[str, list[Resource]]:
        """The resources of every kind that has any, by the kind's word: one pass for those who look at all of them."""
        found: dict[str, list[Resource]] = {}
        for resource in self.resources.values():
            found.setdefault(resource.address.kind, []).append(resource)
        return found

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
        return _uuid5(f"{pool_id}/{word}/{name}")
    return name


def _uuid5(name: str) -> str:
    """UUIDv5 in our namespace (RFC 9562, 5.5), without the objects of `uuid`: planning asks for one of every new user."""
    octets = bytearray(sha1(_NAMESPACE + name.encode(), usedforsecurity=False).digest()[:16])
    octets[6] = octets[6] & 0x0F | 0x50  # version
    octets[8] = octets[8] & 0x3F | 0x80  # variant
    digits = octets.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
