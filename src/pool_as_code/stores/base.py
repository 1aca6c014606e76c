"""The contract of a store and of the ledger beside it, and the values that cross it.

    engine --Scope--> read --> [Observed]           Observed: one live object, with who owns it
    engine --Body---> create / update / delete      in the vocabulary of manifests, references already ids

A store must keep every field it does not know, must answer with the revision after each write and must raise only the
errors of `core.errors`. It may keep objects as it likes. It must not know manifests, plans or secret references.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, Protocol, runtime_checkable

from ..core.address import Address
from ..core.capabilities import Capabilities
from ..core.fieldpath import FieldPath
from ..core.rights import Right
from ..core.secrets import Secret
from ..core.values import JsonMap, JsonValue
from ..resources.live import Observed, Owner, OwnerRecord


class IdentifierKey(NamedTuple):
    """An identifier to look a user up by: `value` as declared; the store folds case as the pool says."""

    pool_id: str
    value: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Which objects of one kind to read.

    For workspaces, organizations, schemas and pools: all of them. For groups: all of `pools`. For users: those of `pools`
    that `owner` owns, whose id is in `ids`, or that hold one of `identifiers`; with `everything` all users of `pools`.
    `pools` None means every pool. An object is returned once.

    For a store that can not list everything, or can look into one pool at a time only: `ids` of containers are those that
    somebody names (it may leave others out of what it can not list), `homes` says in which pool an id of a user is expected
    (id -> pool id). Other stores need neither."""

    kind: str
    pools: frozenset[str] | None = None
    owner: Owner | None = None
    ids: frozenset[str] = frozenset()
    identifiers: frozenset[IdentifierKey] = frozenset()
    everything: bool = False
    homes: Mapping[str, str] = field(default_factory=dict)


class Body(NamedTuple):
    """One object to create. References are ids. `secrets` are what only creation may carry, by field path text:
    `password.initial`, `password.hash`, `totp.secret`; `spec` still holds the rest of those sections (`mustChange`)."""

    kind: str
    id: str
    pool_id: str
    metadata: JsonMap
    spec: JsonMap
    secrets: Mapping[str, Secret] = MappingProxyType({})


class Handle(NamedTuple):
    """Which live object, and at which revision it was read. An empty revision is not checked."""

    kind: str
    id: str
    pool_id: str
    revision: str


class FieldWrite(NamedTuple):
    """One field to write: its path in the document (`("spec", "passwordPolicy", "minLength")`) and its new value.
    None takes a key, a member of a list or a map out, so that the store's own default holds. References are ids."""

    path: FieldPath
    value: JsonValue


class Outcome(NamedTuple):
    """What a bulk create did with one body: the object, or the error that refused it."""

    observed: Observed | None = None
    error: Exception | None = None


Recorder = Callable[[int, Observed], OwnerRecord]
"""Gives the ownership record of an object that was just made: the place of its body, and the object."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of one body's secrets: the body to create in its place, or the error that will refuse it."""

    body: Body
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One apply. `state` is running, applied, partly, failed or interrupted. Times are RFC 3339."""

    id: str
    owner: Owner
    plan_digest: str
    state: str
    started_at: str
    finished_at: str = ""
    actor: str = ""
    summary: JsonMap = field(default_factory=dict)
    changes: tuple[JsonMap, ...] = ()


class Intent(NamedTuple):
    """A write that is to come. `verb` is create, update, delete, or own where only its record changes. `fields` are the top
    fields of the spec that are written, and path texts of secrets. `home` is the id of a new pool's workspace or
    organization."""

    address: Address
    verb: str
    id: str
    fields: frozenset[str] = frozenset()
    home: str = ""


class Overfull(NamedTuple):
    """An object whose metadata can not hold the ownership records that it would have to: how many, and how many bytes."""

    kind: str
    id: str
    records: int
    size: int
    largest: int


@runtime_checkable
class Foreseeing(Protocol):
    """What a store has as well, where something may stand in the way of writes that it can know beforehand. It only reads."""

    def rights(self, intents: Sequence[Intent]) -> tuple[Right, ...]:
        """What these writes need, and whether who asks has it."""

    def overfull(
        self, owner: Owner, steps: Sequence[OwnerRecord | Address], invited: Collection[tuple[str, str]]
    ) -> tuple[Overfull, ...]:
        """Where ownership records would find no room. `steps` in their order: a record that is put, or the address of one that
        goes. `invited` are pool id and user id of those who get a message."""


class Ledger(Protocol):
    """Ownership, the lease and the runs of a store. Claims are put before creates, drops follow deletes."""

    def records(self, owner: Owner, kinds: Collection[str] | None = None) -> dict[Address, OwnerRecord]:
        """What this owner owns (of these kinds)."""

    def count(self, owner: Owner, kind: str) -> int:
        """How many objects of a kind this owner owns, whether they are there or not."""

    def put(self, records: Iterable[OwnerRecord]) -> None:
        """Write these records; a record of the same owner and address is replaced. Raises Conflict when somebody else owns
        one of the objects."""

    def drop(self, owner: Owner, addresses: Iterable[Address]) -> None:
        """Forget these; unknown ones are ignored."""

    def move(self, owner: Owner, old: Address, new: Address) -> None:
        """The same object under a new address."""

    def foreign(self, kind: str, id: str) -> OwnerRecord | None:
        """Whoever owns this object, ourselves included."""

    def acquire_lease(self, run: RunRecord, seconds: float) -> None:
        """Take the store's lease, or raise Unavailable and say who holds it since when and until when. An expired lease is
        taken over; its run is marked interrupted. A store has one lease for all, or one for each owner."""

    def renew_lease(self, run_id: str, seconds: float) -> None:
        """Hold it longer; raises Conflict when it was lost."""

    def release_lease(self, run_id: str) -> None:
        """Give it back; harmless when it is not held."""

    def lease(self, owner: Owner | None = None) -> RunRecord | None:
        """Who holds the lease, expired or not; of several that of `owner`."""

    def break_lease(self, owner: Owner | None = None) -> RunRecord | None:
        """`unlock`: take the lease away and mark its run interrupted; returns that run."""

    def start_run(self, run: RunRecord) -> None:
        """Record a run before its first write, outside any transaction of the changes. Other runs of the same owner still
        `running` whose lease is gone become interrupted."""

    def log_change(self, run_id: str, entry: JsonMap) -> None:
        """Append one written change (address, action, status, at; never a value)."""

    def log_changes(self, run_id: str, entries: Iterable[JsonMap]) -> None:
        """Append many at once, in their order: what a transaction has written, after its end."""

    def finish_run(self, run_id: str, state: str, summary: JsonMap) -> None:
        """The run's end."""

    def history(self, limit: int = 20) -> list[RunRecord]:
        """The newest runs first, without their changes."""

    def run(self, run_id: str) -> RunRecord | None:
        """One run with its changes; a prefix of the id is enough when it is unique."""


class Store(Protocol):
    """A directory that the engine can plan against and apply to."""

    url: str

    @property
    def capabilities(self) -> Capabilities:
        """What it can do; what nobody may see there is known when it was read."""

    @property
    def ledger(self) -> Ledger:
        """Ownership, lease and runs."""

    def fingerprint(self) -> str:
        """The directory's own UUID, `new` for one that does not exist or is empty of everything."""

    def written_only_by(self, plan_digest: str) -> bool:
        """Whether the directory holds nothing but what runs of this plan wrote (true for an empty one)."""

    def read(self, scope: Scope) -> list[Observed]:
        """The objects of a scope, each with its owner record if it has one. Never writes, never creates a file."""

    def count(self, kind: str, pools: frozenset[str] | None = None) -> int:
        """How many objects of a kind live there (in these pools)."""

    def members(self, pool_id: str) -> JsonMap:
        """How many users a pool has: `{"total": n, "standard": n, "jit": n, "owned": n, "groups": n}`."""

    def prepare(self, bodies: Sequence[Body], pools: Mapping[str, JsonMap]) -> list[Prepared]:
        """Before the first write and outside of any transaction: do what takes long or may be refused about the secrets of
        these bodies, and answer, in order, with the bodies to create in their place. A store that keeps passwords judges
        them and puts `password.hash` where `password.initial` was; one that sends them on returns the bodies as they are.
        `pools` are the settings (`spec`, references as ids) that pools will have by then, where they are created or changed
        in the same run; all others are read."""

    def create(self, body: Body) -> Observed:
        """Make an object. Raises Conflict when its id, or a name that must be unique, is taken; Rejected for a rule."""

    def create_many(self, bodies: Sequence[Body], record: Recorder | None = None) -> list[Outcome]:
        """Make objects of one kind, fast; the outcome of each, in order. Those that can be made are made. A store that is lost
        meanwhile tries no others: they end with NotTried.

        With `record` it writes the ownership record of each object it makes as well, fast where no such record is there. A store
        with transactions does both in one block and refuses alone what somebody else owns; any other raises Conflict then."""

    def update(self, current: Handle, writes: Sequence[FieldWrite]) -> Observed:
        """Write these fields of a live object and leave all others. Raises NotFound, Conflict (moved), Rejected."""

    def delete(self, current: Handle) -> None:
        """Delete an object (a pool with its users and groups). Raises NotFound, Conflict (moved, still in use)."""

    def transaction(self) -> AbstractContextManager[None]:
        """All writes inside happen together or not at all; without the capability each write stands alone."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Inside a transaction: undo only what happened inside when an error leaves the block."""

    def close(self) -> None:
        """Let go of connections. Harmless twice."""


__all__ = [
    "Body",
    "FieldWrite",
    "Foreseeing",
    "Handle",
    "IdentifierKey",
    "Intent",
    "Ledger",
    "Observed",
    "Outcome",
    "Overfull",
    "Owner",
    "OwnerRecord",
    "Prepared",
    "Recorder",
    "RunRecord",
    "Scope",
    "Store",
]
