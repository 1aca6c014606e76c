"""From a change, whose references are names, to what a store is given, whose references are live ids. Nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ..core.address import Address
from ..core.errors import NotFound
from ..core.fieldpath import FieldPath, Item
from ..core.secrets import Secret
from ..core.values import JsonValue, as_map
from ..plan.model import Change, FieldChange, Plan
from ..resources.kind import Kind
from ..resources.references import DEFAULT_REF, ID_REF, Words, kind_words, map_references
from ..resources.registry import by_word
from ..stores.base import Body, FieldWrite


class LiveIds:
    """The ids of a plan's objects. One that the store chose itself is put into `ids` when it is known."""

    def __init__(self, plan: Plan) -> None:
        self.ids: dict[tuple[str, str], str] = {Address.parse(text): id for text, id in plan.references.items()}
        self.ids.update({change.address: change.remote_id for change in plan.changes if change.remote_id})

    def body(self, change: Change, secrets: Mapping[str, Secret]) -> Body:
        """The object to create. Raises NotFound for a reference to what the plan does not know."""
        after = change.after or {}
        kind = by_word()[change.address.kind]
        metadata, spec = map_references(
            kind, as_map(after.get("metadata")), as_map(after.get("spec")), self._translator(change.address)
        )
        schemas = spec.get("schemas")
        if isinstance(schemas, dict):  # the directory's own are left out: then the store chooses them
            spec["schemas"] = {role: id for role, id in schemas.items() if id != DEFAULT_REF}
        return Body(change.address.kind, change.remote_id, self.pool_id(change), metadata, spec, secrets)

    def pool_id(self, change: Change) -> str:
        """The live id of the pool that the object is in, empty for a container."""
        container = change.address.container
        return self.ids.get(("pool", container), change.pool_id) if container else ""

    def writes(self, change: Change, fields: Sequence[FieldChange]) -> Iterator[FieldWrite]:
        """These fields of a change, as they are written."""
        kind = by_word()[change.address.kind]
        for wanted in fields:
            part = "metadata" if wanted.metadata else "spec"
            path, value = self._translated(kind, change.address, wanted)
            yield FieldWrite((part, *path), value)

    def _translated(self, kind: Kind, address: Address, wanted: FieldChange) -> tuple[FieldPath, JsonValue]:
        shape = (kind.metadata_shape if wanted.metadata else kind.shape).at(wanted.path)
        if shape is None or not shape.ref:
            return wanted.path, wanted.after
        words, translate = kind_words(kind.word, wanted.path, shape.ref), self._translator(address)
        last = wanted.path[-1]
        if isinstance(last, Item):
            id = translate(words, last)
            return (*wanted.path[:-1], Item(id)), id if wanted.after is not None else None
        if isinstance(wanted.after, list):
            return wanted.path, [translate(words, str(name)) for name in wanted.after]
        value = translate(words, str(wanted.after)) if wanted.after else wanted.after
        return wanted.path, None if value == DEFAULT_REF else value

    def _translator(self, address: Address) -> Callable[[Words, str], str]:
        ids, container = self.ids, address.container

        def translate(words: Words, name: str) -> str:
            for word in words:
                id = ids.get((word, f"{container}/{name}" if word == "group" else name))
                if id is not None:
                    return id
            if name == DEFAULT_REF:
                return name
            if name.startswith(ID_REF):
                return name[len(ID_REF) :]
            raise NotFound(f"the plan does not say which live {words[0]} {name!r} is", hint="make a new plan: pac plan")

        return translate
