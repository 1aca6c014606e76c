"""What a kind is: its name, its documents' type, what it refers to and what must hold within one object."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Required

from pydantic import StringConstraints
from typing_extensions import TypedDict

from ..core.values import JsonMap, JsonValue
from .traits import STRICT, Atomic, Doc, Id, LongName, Name, OwnLongName

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from .shape import Field

API_VERSION = "pool-as-code/v1"
ApiVersion = Literal["pool-as-code/v1"]
Base = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z0-9][A-Za-z0-9_-]{0,63}/)?[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$")
]
LabelValue = Annotated[str, StringConstraints(max_length=256)]


_From = Annotated[str, Doc("The id of the project that owns it now.")]
AdoptFrom = TypedDict("AdoptFrom", {"from": Required[_From]}, total=False)  # `from` is a reserved word
AdoptFrom.__pydantic_config__ = STRICT  # type: ignore[attr-defined]


class Metadata(TypedDict, total=False):
    """What every object has beside its settings."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    name: Required[OwnLongName]
    id: Annotated[Id, Doc("The live object's id, where it is not the one that follows from the name.")]
    adopt: Annotated[
        bool | Literal["builtIn"] | AdoptFrom,
        Doc("Consent to take over a live object that this project does not own."),
        Atomic(),
    ]
    protect: Annotated[bool, Doc("Refuses deletion. Kept in the store, so it outlives its manifest.")]
    previousNames: Annotated[list[LongName], Doc("Names it had before: a rename instead of a new object.")]
    state: Annotated[
        Literal["present", "absent", "released"],
        Doc("`absent` deletes what is ours, `released` gives up ownership and leaves the object."),
    ]
    extends: Annotated[
        Base, Doc("The document of the same kind that this one is laid over. Maps are merged, lists are replaced.")
    ]
    abstract: Annotated[bool, Doc("Only a base for others: nothing is created for it.")]
    labels: Annotated[dict[str, LabelValue], Doc("Words to select objects by. They say nothing to the store.")]


class Reference(NamedTuple):
    """A use of another object's name: `kind` is its word, `path` where the name stands in the document."""

    kind: str
    name: str
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong inside one document; becomes a diagnostic once its place is known.

    `replace` is the value that would be right at `path`, `rename` the right key, `remove` says to take it out."""

    path: tuple[str | int, ...]
    code: str
    summary: str
    detail: str = ""
    hint: str = ""
    replace: JsonValue = None
    rename: str | None = None
    remove: bool = False
    at_key: bool = False
    severity: str = "error"


@dataclass(frozen=True)
class Kind:
    """All that the engine needs to know of one kind. `container` is `pool` for what lives in a pool."""

    name: str
    word: str
    title: str
    document: Any
    spec: Any
    metadata: Any
    references: Callable[[JsonMap, JsonMap], Iterable[Reference]]
    checks: Callable[[JsonMap, JsonMap], Iterable[Problem]] = lambda metadata, spec: ()
    container: str = ""
    uuid_ids: bool = field(default=False)
    met: Callable[[tuple[str, ...], JsonValue, JsonValue], bool] | None = None  # a difference that counts as none

    @functools.cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Validates a whole document; the result holds only what was declared."""
        from pydantic import TypeAdapter

        return TypeAdapter(self.document)

    @functools.cached_property
    def shape(self) -> Field:
        """The tree of the spec's fields with their traits."""
        from .shape import compile_struct

        return compile_struct("", self.spec)

    @functools.cached_property
    def metadata_shape(self) -> Field:
        """The tree of the metadata's fields."""
        from .shape import compile_struct

        return compile_struct("", self.metadata)


__all__ = ["API_VERSION", "ApiVersion", "Kind", "Metadata", "Name", "Problem", "Reference"]
