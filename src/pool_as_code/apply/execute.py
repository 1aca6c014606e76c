"""Carrying out a plan. Each change is three writes, so that a crash never leaves an object without an owner:

    claim the address  ->  write the object  ->  settle the ownership record        (creates, adoptions, updates)
    delete the object  ->  drop the record                                          (deletes)

Inside a transaction the claims are left out: there all happens, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from itertools import groupby

from ..core.address import Address
from ..core.errors import Conflict, NotFound, NotTried, PoolAsCodeError, StoreError, Unavailable
from ..core.progress import tell
from ..core.secrets import Secret
from ..core.values import JsonMap
from ..plan.model import Action, Change, Plan
from ..resources.live import Observed, Owner
from ..stores.base import Body, Handle, Outcome, Store
from .bodies import Bodies
from .handover import given_up
from .live_ids import LiveIds
from .records import Records
from .report import ChangeOutcome, Status

Secrets = Mapping[Address, Mapping[str, Secret]]
OnOutcomes = Callable[[Sequence[ChangeOutcome]], None]
Tick = Callable[[], None]


STOPPED = "stopped at the first error, since the environment is protected"


class RolledBack(PoolAsCodeError):
    """When a change failed inside a transaction: all of them were tried, none of them stands."""


@dataclass
class Execution:
    """One run over one store. `live` holds the objects of the plan as they were read under the lease, `tick` is called
    between writes (it keeps the lease), `outcomes` fill up in order. `careful`: after the first failure nothing more is
    tried, and nothing is written in batches."""

    plan: Plan
    store: Store
    owner: Owner
    secrets: Secrets
    transactional: bool
    live: Mapping[tuple[str, str], Observed] = field(default_factory=dict)
    on_outcomes: OnOutcomes = lambda outcomes: None
    tick: Tick = lambda: None
    careful: bool = False
    outcomes: list[ChangeOutcome] = field(default_factory=list)
    _failed: set[Address] = field(default_factory=set)
    _lost: str = ""
    _in_hand: Sequence[Change] = ()
    _made: Address | None = None  # the last one that stands; without its record it keeps its claim
    _owning: dict[str, bool] = field(default_factory=dict)
    _total: int = 0

    def __post_init__(self) -> None:
        self._live = LiveIds(self.plan)
        self._records = Records(self.owner, self._live)

    def prepare(self, changes: Sequence[Change], pools: Mapping[str, JsonMap]) -> list[tuple[Change, Exception]]:
        """Before the first write: let the store judge and hash what users start with. Gives what it refuses. `pools` are
        settings by pool id as this plan leaves them."""
        asked = [c for c in changes if c.action is Action.CREATE and c.address in self.secrets]
        if not asked:
            return []
        prepared = self.store.prepare([self._body(change) for change in asked], pools)
        self.secrets = {**self.secrets, **{c.address: p.body.secrets for c, p in zip(asked, prepared, strict=True)}}
        return [(c, p.error) for c, p in zip(asked, prepared, strict=True) if p.error is not None]

    def run(self, changes: Sequence[Change]) -> tuple[ChangeOutcome, ...]:
        """Carry these changes out, in their order. In a transaction a failure undoes everything, after the rest was tried."""
        self._total = len(changes)
        if not self.transactional:
            try:
                self._all(changes)
            except BaseException as error:
                self._stop(changes, error)
                raise
            return tuple(self.outcomes)
        try:
            with self.store.transaction():
                self._all(changes)
                if any(o.status is not Status.APPLIED for o in self.outcomes):
                    raise RolledBack("rolled back")
        except RolledBack:
            self.outcomes = [_undone(outcome) for outcome in self.outcomes]
        self.on_outcomes(self.outcomes)
        return tuple(self.outcomes)

    def _stop(self, changes: Sequence[Change], error: BaseException) -> None:
        """Somebody stopped the run, or it can not go on: nobody knows what became of what was in hand, and the rest was not
        begun."""
        why = "the run was interrupted" if not isinstance(error, Exception) else "the run ended early"
        ended, in_hand = {outcome.address for outcome in self.outcomes}, {change.address for change in self._in_hand}
        told = len(self.outcomes)
        for change in changes:
            if change.address not in ended:
                unknown = change.address in in_hand
                reason = f"{why} while it was written" if unknown else f"{why} before"
                self._end(change, Status.UNKNOWN if unknown else Status.SKIPPED, reason)
        self._tell(told)

    def _all(self, changes: Sequence[Change]) -> None:
        for _, group in groupby(changes, key=lambda c: (c.level, c.address.kind, c.action is Action.CREATE)):
            batch = list(group)
            told = len(self.outcomes)
            several = len(batch) > 1 and self.store.capabilities.batch > 1 and not self.careful
            if batch[0].action is Action.CREATE and several:
                for start in range(0, len(batch), self.store.capabilities.batch):
                    self._create_many(batch[start : start + self.store.capabilities.batch])
                    told = self._tell(told)
            else:
                for change in self._handed_over(batch):
                    self._one(change)
                    told = self._tell(told)

    def _handed_over(self, batch: Sequence[Change]) -> Sequence[Change]:
        """The same changes, after what users give up for others in the batch is free. One that can not give it up yet says
        why when its turn comes."""
        first = given_up(batch)
        ready = list(batch)
        for index, change in enumerate(batch):
            if change.address not in first or self._blocker(change) is not None or self._stopped:
                continue
            if not self._holds():
                break
            try:
                with self.store.savepoint() if self.transactional else nullcontext():
                    freed = self.store.update(_handle(change), list(self._live.writes(change, first[change.address])))
            except StoreError as error:
                if self.transactional and isinstance(error, Unavailable):
                    raise
            else:
                ready[index] = replace(change, revision=freed.revision)
        return ready

    def _tell(self, told: int) -> int:
        """Outside of a transaction what is done is said at once; inside, nothing is done before the end."""
        if not self.transactional:
            self.on_outcomes(self.outcomes[told:])
        return len(self.outcomes)

    def _holds(self) -> bool:
        """Keep the lease. Who can not is not alone with the store any more: then nothing more is tried."""
        try:
            self.tick()
        except StoreError as error:
            self._lost = f"the lease was not kept: {error.message}"
            return False
        return True

    def _one(self, change: Change) -> None:
        if self._skipped(change) or (not self._holds() and self._skipped(change)):
            return
        self._in_hand = (change,)
        try:
            with self.store.savepoint() if self.transactional else nullcontext():
                self._carry_out(change)
        except Unavailable as error:
            if self.transactional:
                raise
            self._lose([change], error)
        except StoreError as error:
            if change.action is Action.CREATE and not self.transactional and self._made != change.address:
                self._unclaim([change])
            self._end(change, Status.FAILED, error.message, error.hint)
        else:
            self._end(change, Status.APPLIED)

    def _unclaim(self, refused: Sequence[Change]) -> None:
        """They were refused for certain: nothing is there to own. A claim that stays all the same does no harm."""
        with suppress(StoreError):
            self.store.ledger.drop(self.owner, [change.address for change in refused])

    def _carry_out(self, change: Change) -> None:
        match change.action:
            case Action.CREATE:
                if not self.transactional:
                    self.store.ledger.put([self._records.claim(change)])
                observed = self.store.create(self._body(change))
                self._made = change.address
                self._settle(change, observed)
            case Action.UPDATE | Action.ADOPT | Action.OWN:
                self._update(change)
            case Action.DELETE:
                self._delete(change)
            case Action.RELEASE:
                self.store.ledger.drop(self.owner, [change.address])

    def _update(self, change: Change) -> None:
        ledger = self.store.ledger
        if change.ownership is not None and change.ownership.taken_from:
            self._take_over(change, change.ownership.taken_from)
        if change.previous_address is not None:
            ledger.move(self.owner, change.previous_address, change.address)
        if change.action is Action.ADOPT and change.fields and not self.transactional:
            ledger.put([self._records.claim(change)])
        if change.fields:
            observed: Observed | None = self.store.update(
                _handle(change), list(self._live.writes(change, change.fields))
            )
        else:
            observed = self.live.get((change.address.kind, change.remote_id))
        self._settle(change, observed)

    def _take_over(self, change: Change, previous: str) -> None:
        held = self.store.ledger.foreign(change.address.kind, change.remote_id)
        if held is None or held.owner == self.owner:
            return
        if "/".join(held.owner) != previous:
            raise Conflict(f"it belongs to project {held.owner.project} now", hint="make a new plan")
        self.store.ledger.drop(held.owner, [held.address])

    def _delete(self, change: Change) -> None:
        with suppress(NotFound):  # it went with its pool, or somebody was faster: what was wanted is there
            self.store.delete(_handle(change))
        self.store.ledger.drop(self.owner, [change.address])

    def _skipped(self, change: Change) -> bool:
        """Whether it is no use to try: something it needs did not get there, or the store is gone."""
        blocker = self._blocker(change)
        if blocker is None and not self._lost and not self._stopped:
            return False
        self._end(change, Status.SKIPPED, f"{blocker} did not get there" if blocker else self._lost or STOPPED)
        return True

    @property
    def _stopped(self) -> bool:
        return self.careful and bool(self._failed)

    def _lose(self, changes: Sequence[Change], error: StoreError) -> None:
        """The store gave no answer: nobody knows what became of these, and nothing more is tried."""
        for change in changes:
            self._end(change, Status.UNKNOWN, error.message, error.hint)
        self._lost = _lost(error)

    def _create_many(self, changes: Sequence[Change]) -> None:
        ready = [change for change in changes if not self._skipped(change)]
        if ready and not self._holds():
            ready = [change for change in ready if not self._skipped(change)]
        if not ready:
            return
        self._in_hand = ready
        if self.transactional:
            self._create_batch(ready)
            return
        try:
            self._claim_all(ready)
        except Unavailable as error:  # nothing of these was sent
            self._lose([], error)
            self._create_many(ready)
        except StoreError:  # one of them is somebody else's: each says for itself
            for change in ready:
                self._one(change)
        else:
            try:
                self._create_batch(ready)
            except NotTried as error:
                self._lose([], error)
                self._create_many(ready)
            except Unavailable as error:
                self._lose(ready, error)

    def _create_batch(self, ready: Sequence[Change]) -> None:
        """Create and settle, in a transaction both at once. Where the store is lost in the middle, what is known of each is
        said of each."""
        bodies = Bodies(self._body, ready)
        if self.transactional:
            self._forget(ready)
            outcomes = self.store.create_many(bodies, lambda index, made: self._records.settled(ready[index], made))
        else:
            outcomes = self.store.create_many(bodies)
        ends = list(zip(ready, outcomes, strict=True))
        gone: StoreError | None = next(
            (outcome.error for _, outcome in ends if isinstance(outcome.error, Unavailable)), None
        )
        if gone is not None and self.transactional:
            raise gone
        if not self.transactional:
            gone = self._settle_claims(ends, gone)
        for change, outcome in ends:
            if outcome.observed is not None:
                self._end(change, Status.APPLIED)
            elif isinstance(outcome.error, NotTried):
                self._end(change, Status.SKIPPED, _lost(outcome.error))
            elif isinstance(outcome.error, Unavailable):
                self._end(change, Status.UNKNOWN, *_words(outcome))
            else:
                self._end(change, Status.FAILED, *_words(outcome))
        if gone is not None:
            self._lose([], gone)

    def _settle_claims(self, ends: Sequence[tuple[Change, Outcome]], gone: StoreError | None) -> StoreError | None:
        """The records of what was made, in the place of its claims, and no claims of what was refused; gives why the store is lost."""
        refused = [c for c, o in ends if o.observed is None and not isinstance(o.error, Unavailable)]
        made = [(change, outcome.observed) for change, outcome in ends if outcome.observed is not None]
        try:
            if gone is None:
                self.store.ledger.put(self._records.settled(change, observed) for change, observed in made)
            if refused:
                self._unclaim(refused)
        except StoreError as error:
            return error  # they stand under their claims; the next run completes their records
        return gone

    def _forget(self, ready: Sequence[Change]) -> None:
        """Records of what was made before and is gone: they would only be in the way of many new ones. Whether this owner has
        any of the kind is asked once."""
        kind = ready[0].address.kind
        if kind not in self._owning:
            self._owning[kind] = self.store.ledger.count(self.owner, kind) > 0
        if self._owning[kind]:
            self.store.ledger.drop(self.owner, [change.address for change in ready])

    def _claim_all(self, changes: Sequence[Change]) -> None:
        self.store.ledger.put([self._records.claim(change) for change in changes])

    def _settle(self, change: Change, observed: Observed | None) -> None:
        self.store.ledger.put([self._records.settled(change, observed)])

    def _body(self, change: Change) -> Body:
        return self._live.body(change, self.secrets.get(change.address, {}))

    def _blocker(self, change: Change) -> Address | None:
        if not self._failed:
            return None
        if change.action is Action.DELETE:
            return next((a for a in self._failed if a.container == change.address.path), None)
        return next((address for address in change.requires if address in self._failed), None)

    def _end(self, change: Change, status: Status, reason: str = "", hint: str = "") -> None:
        written = status in (Status.APPLIED, Status.UNKNOWN)
        outcome = ChangeOutcome(
            change.address, change.action, status, reason, hint, unguarded=written and self._unguarded(change)
        )
        if status is not Status.APPLIED:
            self._failed.add(change.address)
        self.outcomes.append(outcome)
        tell("applying", len(self.outcomes), self._total, change.address)

    def _unguarded(self, change: Change) -> bool:
        """Whether no revision stood in its way: as planned, or since the store has shown none where the plan expected one."""
        if change.unguarded or change.action is Action.CREATE or not (change.fields or change.action is Action.DELETE):
            return change.unguarded
        return not self.store.capabilities.guards(change.address.kind)


def _handle(change: Change) -> Handle:
    return Handle(change.address.kind, change.remote_id, change.pool_id, change.revision)


def _undone(outcome: ChangeOutcome) -> ChangeOutcome:
    if outcome.status is not Status.APPLIED:
        return outcome
    return outcome._replace(status=Status.UNDONE, reason="undone, because another change failed")


def _lost(error: StoreError) -> str:
    return f"the store was lost before: {error.message}"


def _words(outcome: Outcome) -> tuple[str, str]:
    error = outcome.error
    if isinstance(error, PoolAsCodeError):
        return error.message, error.hint
    return "the store gave no reason", ""
