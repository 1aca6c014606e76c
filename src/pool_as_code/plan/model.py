"""The plan: one frozen value that says everything an apply will do. Every renderer and the executor read this and nothing
else; nobody differs again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from operator import attrgetter

from ..core.address import Address
from ..core.diagnostics import Severity
from ..core.fieldpath import FieldPath, format_path
from ..core.rights import Right
from ..core.values import JsonMap, JsonValue
from ..resources.state import Origin

FORMAT_VERSION = "1.0"
MISSING_RIGHT = "missing-right"
"""The one finding about who asks and not about what is to be done: whoever applies is judged anew."""


class Action(StrEnum):
    """What is done with an object."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ADOPT = "adopt"  # take over a live object; may change fields too
    RELEASE = "release"  # give up ownership, leave the object
    OWN = "own"  # only the ownership record changes


class Effect(StrEnum):
    """What a change of a field is to those who review it."""

    SET = "set"
    ADD = "add"
    REMOVE = "remove"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's change. `path` begins with `metadata` or `spec` only in writes; here it is the path people see
    (`passwordPolicy.minLength`, `parent`). `metadata` marks the latter. Secret values never stand here."""

    path: FieldPath
    before: JsonValue
    after: JsonValue
    effect: Effect = Effect.SET
    sensitive: bool = False
    personal: bool = False
    weakens: bool = False
    metadata: bool = False

    @property
    def name(self) -> str:
        """The path as text."""
        return format_path(self.path)


@dataclass(frozen=True, slots=True)
class Ownership:
    """What the ownership record becomes: digests by field path text, fields newly declared or dropped, protection."""

    fields: dict[str, str] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    protect: bool = False
    adopted: bool = False
    taken_from: str = ""  # PROJECT/ENVIRONMENT that owned it before
    settles: str = ""  # digest of the desired object, empty when something stays reported; see plan.settled


@dataclass(frozen=True, slots=True)
class Change:
    """One object's change.

    `before` and `after` hold declared fields only, as `{"metadata": ..., "spec": ...}` in the manifests' vocabulary with
    names as references; None where the object does not exist. `remote_id` is the id it has or gets; `pool_id` that of its
    pool. `requires` are addresses that must be there first (or gone first, for deletes). `secrets` name the fields that
    creation resolves: field path text -> reference text. `level` is its place in the order: equal levels are independent."""

    address: Address
    action: Action
    level: int = 0
    reason: str = ""
    fields: tuple[FieldChange, ...] = ()
    before: JsonMap | None = None
    after: JsonMap | None = None
    remote_id: str = ""
    pool_id: str = ""
    revision: str = ""
    requires: tuple[Address, ...] = ()
    previous_address: Address | None = None
    secrets: dict[str, str] = field(default_factory=dict)
    ownership: Ownership | None = None
    unguarded: bool = False
    origin: Origin | None = field(default=None, compare=False)

    @property
    def weakens(self) -> bool:
        """Whether any field's change weakens security."""
        return any(change.weakens for change in self.fields)

    def at(self, level: int) -> Change:
        """The same change on another level. (Twice as fast as `dataclasses.replace`: every new object passes here.)"""
        values = list(_every_value(self))
        values[_LEVEL] = level
        return Change(*values)


_FIELDS = [f.name for f in fields(Change)]
_LEVEL = _FIELDS.index("level")
_every_value = attrgetter(*_FIELDS)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a reviewer must know. `BLOCK` stops an apply until it is allowed by `--allow CODE[@ADDRESS]`."""

    code: str
    severity: Severity
    reason: str
    address: str = ""
    next_step: str = ""
    detail: str = ""

    @property
    def blocks(self) -> bool:
        """Whether it stops an apply."""
        return self.severity is Severity.BLOCK


@dataclass(frozen=True, slots=True)
class EffectNote:
    """Something an apply does in the world beside the directory: a message that is sent."""

    kind: str
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where a plan belongs: the store (without credentials), its fingerprint, the project and its environment."""

    store: str
    fingerprint: str
    project: str
    project_name: str
    environment: str


@dataclass(frozen=True)
class Plan:
    """All that an apply does. `changes` are in the order of execution. `rights` are what carrying them out needs of a client,
    where the store asks for any. `references` maps every address that a change refers to, and that it does not make, to its
    live id. `unmanaged` counts live objects by kind word that nobody declared and we do not own; `orphaned` are ours and no
    longer declared. `unchanged` counts by kind word."""

    target: Target
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    effects: tuple[EffectNote, ...] = ()
    rights: tuple[Right, ...] = ()
    references: dict[str, str] = field(default_factory=dict)
    orphaned: tuple[Address, ...] = ()
    unmanaged: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)
    owned: dict[str, int] = field(default_factory=dict)
    format_version: str = FORMAT_VERSION
    tool_version: str = ""
    whole_project: bool = True
    destroy: bool = False

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    @property
    def empty(self) -> bool:
        """Nothing to do."""
        return not self.changes

    @property
    def blocked(self) -> tuple[Finding, ...]:
        """The findings that stop an apply."""
        return tuple(finding for finding in self.findings if finding.blocks)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what a reviewer approves; see `plan.codec.digest_of`."""
        from .codec import digest_of

        return digest_of(self)

    def counts(self) -> dict[str, int]:
        """How many changes of each action, in the order of `Action`, zero ones left out."""
        found: dict[str, int] = {}
        for action in Action:
            number = sum(1 for change in self.changes if change.action is action)
            if number:
                found[action.value] = number
        return found
