"""Traits: what a field's annotation says beside its type. One line per setting; the engine reads these and nothing else.

minLength: Annotated[Count | None, Doc("Fewest characters of a new password."), Default(0), Weakens("lower")]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from ..core.clock import canonical_duration, canonical_time
from ..core.values import JsonValue

STRICT = ConfigDict(strict=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Doc:
    """One or two sentences for documentation, `explain` and the JSON Schema; `wire` is the service's own word."""

    text: str
    wire: str = ""


@dataclass(frozen=True, slots=True)
class Default:
    """The documented constant default: `null` resets to it, and a live object without the field has it."""

    value: JsonValue


@dataclass(frozen=True, slots=True)
class ServerChosen:
    """The store chooses when the field is not declared, so `null` is an error; `how` says what is chosen, if known."""

    how: str = ""


@dataclass(frozen=True, slots=True)
class Unordered:
    """A list whose order means nothing: compared as a set."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """A list of maps that is a map in truth: `key` gives a member's key."""

    key: Callable[[JsonValue], str]


@dataclass(frozen=True, slots=True)
class PerItem:
    """Managed member by member: what is declared is there, what we wrote and is no longer declared goes, the rest stays."""


@dataclass(frozen=True, slots=True)
class Atomic:
    """A value that is compared and written whole, whatever its shape."""


@dataclass(frozen=True, slots=True)
class PerKey:
    """A map whose keys belong to users: managed key by key, each value whole."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret reference or hash: never shown, never read back, never compared with a live value."""


@dataclass(frozen=True, slots=True)
class Initial:
    """Written when the object is created; afterwards people own it and differences are only reported.
    With `enforceable` the object's `metadata.manage: always` makes it an ordinary managed field."""

    enforceable: bool = False


@dataclass(frozen=True, slots=True)
class Immutable:
    """Can not change after creation; a different value is refused when planning."""


@dataclass(frozen=True, slots=True)
class Personal:
    """May hold personal data: masked in text output unless values are asked for."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Holds the name (or a list of names) of an object of this kind, in the same pool for groups."""

    kind: str


@dataclass(frozen=True, slots=True)
class Weakens:
    """Security is weakened when the value moves this way: `lower` or `higher` numbers and durations, `true`, `false`,
    `longer` or `shorter` lists, `removed` values, or `any` change."""

    when: Literal["lower", "higher", "true", "false", "longer", "shorter", "removed", "any"]


@dataclass(frozen=True, slots=True)
class Known:
    """Texts that this version knows; others may be right, too. Offered by editors and `explain`."""

    values: tuple[str, ...]


Trait = (
    Doc
    | Default
    | ServerChosen
    | Unordered
    | Keyed
    | PerItem
    | PerKey
    | Atomic
    | Secret
    | Initial
    | Immutable
    | Personal
    | Ref
    | Weakens
    | Known
)

NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
LONG_NAME = r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$"
ID = r"^[A-Za-z0-9_-]{1,64}$"
REF = r"^(\$default|\$id:[A-Za-z0-9_-]{1,64}|[A-Za-z0-9][A-Za-z0-9_-]{0,63})$"

Name = Annotated[str, StringConstraints(pattern=NAME)]
LongName = Annotated[str, StringConstraints(pattern=LONG_NAME)]
OwnName = Annotated[Name, Doc("The name that references use; the id of what we create.")]
OwnLongName = Annotated[LongName, Doc("The name that references use, unique in its pool.")]
Id = Annotated[str, StringConstraints(pattern=ID)]
Reference = Annotated[str, StringConstraints(pattern=REF)]
Text = Annotated[str, StringConstraints(max_length=4096)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Duration = Annotated[str, AfterValidator(canonical_duration)]
Time = Annotated[str, AfterValidator(canonical_time)]
DisplayName = Annotated[
    str,
    Field(min_length=1, max_length=256),
    Doc("The name people see.", "name"),
    ServerChosen("the object's name"),
]
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]
Json = Any  # a JSON value; what the YAML reader lets through is one
JsonObject = dict[str, Any]
FreeMap = dict[str, JsonObject | list[Any] | str | bool | int | float | None]
"""A map that users own: any value under any key; `null` takes a key out."""
