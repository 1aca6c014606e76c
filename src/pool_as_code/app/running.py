"""One run: what is left of a plan, carried out under a lease, with a record that outlives a crash."""

from __future__ import annotations

import getpass
import os
import shlex
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ..apply.execute import Execution
from ..apply.report import ChangeOutcome, Report, ReportFile, Status, count
from ..apply.secrets import Sources, resolve_all
from ..core.address import Address
from ..core.clock import format_time, now
from ..core.diagnostics import Diagnostic, Severity
from ..core.errors import InvalidInput, PoolAsCodeError, Refused, StoreError
from ..core.secrets import Secret
from ..core.urls import shown_url
from ..core.values import JsonMap, JsonValue, as_map
from ..manifest.load import Loaded
from ..plan.model import Action, Change, Plan
from ..plan.names import Names, system_objects
from ..plan.stale import Remaining, remaining
from ..resources.live import Observed
from ..resources.patch import apply_writes, document_shape
from ..resources.registry import by_word
from ..stores.base import FieldWrite, RunRecord, Scope, Store
from .reading import CONTAINERS, read_by_id
from .request import ApplyOptions, Request, Tell
from .session import Session, load_manifests

LEASE_SECONDS = 120.0
RENEW_SECONDS = 30.0


@dataclass
class Run:
    """One apply on its way."""

    session: Session
    store: Store
    plan: Plan
    options: ApplyOptions
    tell: Tell
    id: str
    renewed: float = 0.0

    def tick(self) -> None:
        """Keep the lease while writing outside a transaction."""
        if time.monotonic() - self.renewed > RENEW_SECONDS:
            self.store.ledger.renew_lease(self.id, LEASE_SECONDS)
            self.renewed = time.monotonic()


def carry_out(
    run: Run,
    loaded: Loaded | None,
    on_outcome: Callable[[ChangeOutcome], None],
    on_stop: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Run what is left of the plan. `loaded` are the manifests, where they have been read already. `on_stop` gets the report of a
    run that somebody stopped, or that can not go on; then the error is raised."""
    store, plan, options = run.store, run.plan, run.options
    left, live = _still_to_do(run)
    transactional = options.transaction and store.capabilities.transactional
    execution = Execution(plan, store, run.session.owner, _resolve(run, left.changes, loaded), transactional, live)
    execution.careful = run.session.environment.protected and not transactional
    _refuse_secrets(execution.prepare(left.changes, _pools_to_be(run)))
    record = RunRecord(
        run.id, run.session.owner, plan.digest, "running", format_time(now()), actor=options.actor or _actor()
    )
    run.tell(f"run {run.id}")
    with _report_file(options, run.id) as report:

        def ended(outcomes: Sequence[ChangeOutcome]) -> None:
            with suppress(StoreError):  # a store that is lost is told by the outcomes themselves
                store.ledger.log_changes(run.id, [outcome.to_json() for outcome in outcomes])
            for outcome in outcomes:
                report.line(outcome.to_json())
                on_outcome(outcome)

        execution.on_outcomes = ended
        execution.tick = (lambda: None) if transactional else run.tick
        store.ledger.acquire_lease(record, LEASE_SECONDS)
        run.renewed = time.monotonic()
        store.ledger.start_run(record)
        begun = False
        try:
            left, execution.live = _still_to_do(run)
            begun = True
            written = execution.run(left.changes)
        except BaseException as error:
            failed = transactional and isinstance(error, Exception)  # else somebody stopped it, or it stands half-way
            state = "failed" if failed else "interrupted"
            if begun and not transactional:
                on_stop(_stopped(run, left, execution, report, state))
            with suppress(StoreError):
                store.ledger.finish_run(run.id, state, {**count(tuple(execution.outcomes))})
            with suppress(StoreError):
                store.ledger.release_lease(run.id)
            raise
        outcomes, state = (*_done(left), *written), _state(written)
        summary: JsonMap = {**count(outcomes)}
        with suppress(StoreError):  # the run counts as interrupted then, which it was
            store.ledger.finish_run(run.id, state, summary)
        with suppress(StoreError):
            store.ledger.release_lease(run.id)
        report.line({"state": state, "summary": summary, "finished_at": format_time(now())})
    affected = () if transactional else _affected_pools(outcomes)  # what was rolled back affects nobody
    return Report(run.id, state, outcomes, affected, _next_step(state, run.session.request, plan), count(outcomes))


def _done(left: Remaining) -> tuple[ChangeOutcome, ...]:
    return tuple(ChangeOutcome(a, Action.OWN, Status.DONE, "it was there already") for a in left.done)


def _stopped(run: Run, left: Remaining, execution: Execution, report: ReportFile | _NoReport, state: str) -> Report:
    """What stands after a run that did not come to its end; the report file says so, too."""
    outcomes = (*_done(left), *execution.outcomes)
    report.line({"state": state, "summary": {**count(outcomes)}, "finished_at": format_time(now())})
    kept = _state(execution.outcomes)
    affected = _affected_pools(outcomes)
    return Report(
        run.id, kept, outcomes, affected, _next_step("partly", run.session.request, run.plan), count(outcomes)
    )


def _refuse_secrets(refused: Iterable[tuple[Change, Exception]]) -> None:
    """Raise InvalidInput with every secret that its store or its pool's policy refuses."""
    problems = [
        Diagnostic(
            "PAC321",
            f"a secret of {change.address} is refused",
            detail=error.message if isinstance(error, PoolAsCodeError) else "it can not be used",
            hint=(error.hint if isinstance(error, PoolAsCodeError) else "") or "choose another one",
            address=str(change.address),
        )
        for change, error in refused
    ]
    if problems:
        raise InvalidInput("secrets do not fit; nothing was written", problems)


def _state(written: Iterable[ChangeOutcome]) -> str:
    statuses = {outcome.status for outcome in written}
    if statuses <= {Status.APPLIED, Status.DONE}:
        return "applied"
    return "partly" if Status.APPLIED in statuses or Status.UNKNOWN in statuses else "failed"


def _still_to_do(run: Run) -> tuple[Remaining, Mapping[tuple[str, str], Observed]]:
    """The plan against the store as it is at this moment, and the live objects; raises Refused when something moved."""
    wanted: dict[str, set[str]] = {}
    pools: set[str] = set()
    homes: dict[str, str] = {}
    for text, id in run.plan.references.items():
        if (kind := Address.parse(text).kind) in CONTAINERS:
            wanted.setdefault(kind, set()).add(id)
    for change in run.plan.changes:
        wanted.setdefault(change.address.kind, set()).add(change.remote_id)
        if change.pool_id:
            pools.add(change.pool_id)
            homes[change.remote_id] = change.pool_id
    observed = read_by_id(run.store, wanted, pools, homes)
    owner = run.session.owner
    records = run.store.ledger.records(owner)
    known = {(Address.parse(text).kind, id): Address.parse(text) for text, id in run.plan.references.items()}
    known.update({(c.address.kind, c.remote_id): c.address for c in run.plan.changes})
    for address, record in records.items():
        known.setdefault((address.kind, record.remote_id), address)
    names = Names(known, system_objects(observed))
    by_key = {(o.kind, o.id): o for several in observed.values() for o in several}
    left = remaining(run.plan, by_key, records, owner, names.named, run.store.capabilities.ownerless)
    if left.moved:
        raise Refused(
            "the plan is stale; nothing was written",
            [
                Diagnostic(
                    "PAC340", m.why, Severity.BLOCK, hint="make and review a new plan: pac plan", address=str(m.address)
                )
                for m in left.moved
            ],
        )
    return left, by_key


def _resolve(run: Run, changes: tuple[Change, ...], loaded: Loaded | None) -> Mapping[Address, Mapping[str, Secret]]:
    if not any(change.secrets and change.action is Action.CREATE for change in changes):
        return {}
    session = run.session
    sources = Sources(
        session.request.environ,
        session.root,
        session.request.secrets_dir,
        session.request.environ.get("POOL_AS_CODE_ALLOW_COMMANDS") == "1",
    )
    manifests: list[Loaded] = [loaded] if loaded is not None else []

    def literal(address: Address, name: str) -> JsonValue:
        if not manifests:
            manifests.append(load_manifests(session))
        resource = manifests[0].state.get(address)
        section, _, key = name.partition(".")
        return as_map(resource.spec.get(section)).get(key) if resource is not None else None

    return resolve_all(changes, sources, literal)


def _pools_to_be(run: Run) -> dict[str, JsonMap]:
    """Pool id -> settings as they will be once this plan is applied, of every pool that it creates or changes."""
    changed = [
        c for c in run.plan.changes if c.address.kind == "pool" and c.action not in (Action.DELETE, Action.RELEASE)
    ]
    live = {pool.id: pool.body for pool in run.store.read(Scope("pool"))} if changed else {}
    found: dict[str, JsonMap] = {}
    for change in changed:
        if change.action is Action.CREATE:
            found[change.remote_id] = as_map((change.after or {}).get("spec"))
        elif change.remote_id in live:
            writes = [FieldWrite(("spec", *f.path), f.after) for f in change.fields if not f.metadata]
            body = apply_writes(document_shape(by_word()["pool"]), live[change.remote_id], writes)
            found[change.remote_id] = as_map(body.get("spec"))
    return found


def _affected_pools(outcomes: Iterable[ChangeOutcome]) -> tuple[str, ...]:
    bad = {Status.FAILED, Status.SKIPPED, Status.UNKNOWN}
    return tuple(
        sorted(
            {o.address.container or o.address.name for o in outcomes if o.status in bad and o.address.kind in _IN_POOLS}
        )
    )


_IN_POOLS = frozenset({"pool", "group", "user"})


def _next_step(state: str, request: Request, plan: Plan) -> str:
    if state == "applied":
        words = ["pac", "plan"]
        words += ["--env", plan.target.environment] if plan.target.environment != "default" else []
        words += ["--store", shown_url(request.store)] if request.store else []
        return shlex.join(words)
    return "mend what failed, then run the same command again: what is done stays done"


def _actor() -> str:
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):
        return f"uid {os.getuid()}"


class _NoReport:
    """Stands in where no report file was asked for."""

    def line(self, entry: JsonMap) -> None:
        """Nothing is kept."""

    def __enter__(self) -> _NoReport:
        return self

    def __exit__(self, *error: object) -> None:
        return None


def _report_file(options: ApplyOptions, run_id: str) -> ReportFile | _NoReport:
    if options.report is None:
        return _NoReport()
    try:
        return ReportFile(options.report, run_id)
    except OSError as error:
        raise InvalidInput(
            f"the report file {options.report} can not be written",
            [Diagnostic("PAC344", f"the report file {options.report} can not be written", detail=str(error.strerror))],
        ) from None
