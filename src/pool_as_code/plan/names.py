"""Names in the place of ids: how live objects are read in the manifests' words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..core.address import Address
from ..core.values import JsonMap
from ..resources.kind import Kind
from ..resources.live import Observed
from ..resources.references import DEFAULT_REF, ID_REF, Words, map_references

Key = tuple[str, str]  # (kind word, live id)


@dataclass(frozen=True)
class Names:
    """`known` are declared objects by kind word and live id; `system` are the directory's own."""

    known: Mapping[Key, Address]
    system: frozenset[Key]

    def named(self, kind: Kind, observed: Observed) -> tuple[JsonMap, JsonMap]:
        """A live object's metadata and spec with names in the place of ids: `$default` for the directory's own schemas,
        `$id:...` for objects that nobody declared."""
        return map_references(kind, observed.metadata, observed.spec, self._name)

    def _name(self, words: Words, id: str) -> str:
        for word in words:
            address = self.known.get((word, id))
            if address is not None:
                return address.name
            if (word, id) in self.system:
                return DEFAULT_REF
        return ID_REF + id


def system_objects(observed: Mapping[str, list[Observed]]) -> frozenset[Key]:
    """(kind word, id) of the objects that belong to the directory itself."""
    return frozenset(
        (o.kind, o.id)
        for word in ("schema", "pool", "workspace")
        for o in observed.get(word, ())
        if o.metadata.get("system")
    )
