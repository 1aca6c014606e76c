"""Applying: a plan, fresh or from a file, carried out under a lease, with a run record that outlives a crash."""

from __future__ import annotations

import getpass
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..apply.execute import Execution
from ..apply.report import ChangeOutcome, Report, ReportFile, Status, count
from ..apply.secrets import Sources, resolve_all
from ..core.address import Address
from ..core.clock import format_time, now
from ..core.diagnostics import Diagnostic, Severity
from ..core.errors import InvalidInput, PoolAsCodeError, Refused
from ..core.secrets import Secret
from ..core.values import JsonMap, JsonValue, as_map
from ..manifest.load import Loaded
from ..plan.build import build_plan
from ..plan.model import Action, Change, Plan
from ..plan.names import Names, system_objects
from ..plan.stale import Remaining, remaining
from ..resources.live import Observed
from ..stores.base import RunRecord, Store
from .planning import read_world
from .reading import no_cyclic_collection, read_by_id
from .request import ApplyOptions, Request, Tell
from .session import Session, load_manifests, need_project, open_directory, open_session

LEASE_SECONDS = 120.0
RENEW_SECONDS = 30.0
Ask = Callable[[Plan], bool]


@dataclass
class _Run:
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


def apply(
    request: Request,
    options: ApplyOptions,
    *,
    plan: Plan | None = None,
    ask: Ask,
    tell: Tell,
    on_outcome: Callable[[ChangeOutcome], None] = lambda outcome: None,
) -> Report:
    """Make the store what the manifests (or a saved plan) say. `ask` sees the plan before the first write.

    Raises Refused for findings that block, an unexpected digest, a stale plan; InvalidInput for wrong manifests or
    secrets; in all of these cases nothing was written."""
    session = open_session(request)
    need_project(session, "destroy" if options.destroy else "apply")
    tell(session.headline)
    with no_cyclic_collection():
        loaded = load_manifests(session) if plan is None else None
        store = open_directory(session, read_only=False)
        try:
            if plan is None and loaded is not None:
                plan = build_plan(read_world(session, loaded, store, options))
            assert plan is not None
            _check_plan(session, store, plan, options)
            if plan.empty:
                return Report("", "nothing")
            if not ask(plan):
                raise PoolAsCodeError(
                    "not applied: it was not confirmed", hint="repeat with --yes to apply without asking"
                )
            return _run(_Run(session, store, plan, options, tell, uuid.uuid4().hex), loaded, on_outcome)
        finally:
            store.close()


def _check_plan(session: Session, store: Store, plan: Plan, options: ApplyOptions) -> None:
    problems: list[Diagnostic] = []
    owner = session.owner
    if (plan.target.project, plan.target.environment) != owner:
        problems.append(
            Diagnostic(
                "PAC341",
                "the plan was made for another project or environment",
                detail=f"plan: {plan.target.project_name} ({plan.target.project}), {plan.target.environment}; "
                f"here: {owner.project}, {owner.environment}",
                hint="apply it where it was made, or make a new plan",
            )
        )
    here = store.fingerprint()
    fresh = plan.target.fingerprint == "new" and (here == "new" or store.written_only_by(plan.digest))
    if plan.target.fingerprint != here and not fresh:
        problems.append(
            Diagnostic(
                "PAC342",
                "the plan was made for another store",
                detail=f"fingerprint in the plan: {plan.target.fingerprint}; of this store: {here}",
                hint="choose the store with --store, or make a new plan",
            )
        )
    if options.expect and options.expect != plan.digest:
        problems.append(
            Diagnostic(
                "PAC343",
                "the plan is not the one that was reviewed",
                detail=f"expected {options.expect}, got {plan.digest}",
                hint="review the new plan: pac plan",
            )
        )
    if problems:
        raise Refused("the plan does not belong here; nothing was written", problems)
    refuse_blocked(plan)


def refuse_blocked(plan: Plan) -> None:
    """Raise Refused with every finding that blocks."""
    if plan.blocked:
        raise Refused(
            "the plan is blocked; nothing was written",
            [
                Diagnostic(f.code, f.reason, Severity.BLOCK, f.detail, f.next_step, address=f.address)
                for f in plan.blocked
            ],
        )


def _run(run: _Run, loaded: Loaded | None, on_outcome: Callable[[ChangeOutcome], None]) -> Report:
    store, plan, options = run.store, run.plan, run.options
    left, _ = _still_to_do(run)
    secrets = _resolve(run, left.changes, loaded)
    transactional = options.transaction and store.capabilities.transactional
    record = RunRecord(
        run.id, run.session.owner, plan.digest, "running", format_time(now()), actor=options.actor or _actor()
    )
    run.tell(f"run {run.id}")
    with _report_file(options, run.id) as report:
        store.ledger.acquire_lease(record, LEASE_SECONDS)
        run.renewed = time.monotonic()
        store.ledger.start_run(record)
        state = "failed"
        outcomes: tuple[ChangeOutcome, ...] = ()
        try:
            left, live = _still_to_do(run)

            def ended(outcome: ChangeOutcome) -> None:
                if not transactional:
                    store.ledger.log_change(run.id, outcome.to_json())
                report.line(outcome.to_json())
                on_outcome(outcome)

            execution = Execution(
                plan,
                store,
                run.session.owner,
                secrets,
                transactional,
                live,
                ended,
                (lambda: None) if transactional else run.tick,
            )
            written = execution.run(left.changes)
            done = tuple(ChangeOutcome(a, Action.OWN, Status.DONE, "it was there already") for a in left.done)
            outcomes = (*done, *written)
            state = _state(written, transactional)
        except BaseException:
            store.ledger.finish_run(run.id, "interrupted" if not transactional else "failed", {})
            store.ledger.release_lease(run.id)
            raise
        summary: JsonMap = {**count(outcomes)}
        store.ledger.finish_run(run.id, state, summary)
        if transactional:
            for outcome in outcomes:
                store.ledger.log_change(run.id, outcome.to_json())
        store.ledger.release_lease(run.id)
        report.line({"state": state, "summary": summary, "finished_at": format_time(now())})
    return Report(run.id, state, outcomes, _affected_pools(outcomes), _next_step(state, plan), count(outcomes))


def _state(written: Iterable[ChangeOutcome], transactional: bool) -> str:
    statuses = {outcome.status for outcome in written}
    if statuses <= {Status.APPLIED, Status.DONE}:
        return "applied"
    return "partly" if Status.APPLIED in statuses or Status.UNKNOWN in statuses else "failed"


def _still_to_do(run: _Run) -> tuple[Remaining, Mapping[tuple[str, str], Observed]]:
    """The plan against the store as it is at this moment, and the live objects; raises Refused when something moved."""
    wanted: dict[str, set[str]] = {}
    pools: set[str] = set()
    for change in run.plan.changes:
        wanted.setdefault(change.address.kind, set()).add(change.remote_id)
        if change.pool_id:
            pools.add(change.pool_id)
    observed = read_by_id(run.store, wanted, pools)
    owner = run.session.owner
    records = run.store.ledger.records(owner)
    known = {(Address.parse(text).kind, id): Address.parse(text) for text, id in run.plan.references.items()}
    known.update({(c.address.kind, c.remote_id): c.address for c in run.plan.changes})
    for address, record in records.items():
        known.setdefault((address.kind, record.remote_id), address)
    names = Names(known, system_objects(observed))
    by_key = {(o.kind, o.id): o for several in observed.values() for o in several}
    left = remaining(run.plan, by_key, records, owner, names.named)
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


def _resolve(run: _Run, changes: tuple[Change, ...], loaded: Loaded | None) -> Mapping[Address, Mapping[str, Secret]]:
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

    return resolve_all(changes, sources, literal, _policies(run))


def _policies(run: _Run) -> Callable[[Address], JsonMap]:
    """`user address -> password policy of its pool` as it will be once this plan is applied."""
    from ..stores.base import Scope

    policies: dict[str, JsonMap] = {}
    for pool in run.store.read(Scope("pool")):
        policies[pool.id] = dict(as_map(pool.spec.get("passwordPolicy")))
    for change in run.plan.changes:
        if change.address.kind != "pool":
            continue
        if change.action is Action.CREATE:
            policies[change.remote_id] = as_map(as_map((change.after or {}).get("spec")).get("passwordPolicy"))
        for field in change.fields:
            if field.path[0] == "passwordPolicy" and len(field.path) == 2:
                policies.setdefault(change.remote_id, {})[field.path[1]] = field.after
    pool_of = {change.address: change.pool_id for change in run.plan.changes}
    return lambda address: policies.get(pool_of.get(address, ""), {})


def _affected_pools(outcomes: Iterable[ChangeOutcome]) -> tuple[str, ...]:
    bad = {Status.FAILED, Status.SKIPPED, Status.UNKNOWN}
    return tuple(
        sorted(
            {o.address.container or o.address.name for o in outcomes if o.status in bad and o.address.kind in _IN_POOLS}
        )
    )


_IN_POOLS = frozenset({"pool", "group", "user"})


def _next_step(state: str, plan: Plan) -> str:
    if state == "applied":
        return "pac plan" + (f" --env {plan.target.environment}" if plan.target.environment != "default" else "")
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
