"""Applying: a plan, fresh or from a file, checked against the guards and handed over to a run."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from ..apply.report import ChangeOutcome, Report
from ..core.diagnostics import Diagnostic, Severity
from ..core.errors import PoolAsCodeError, Refused
from ..plan.model import Plan
from ..render.diagnostics import diagnostic_text
from ..stores.base import Store
from .planning import planned, read_world
from .reading import no_cyclic_collection
from .request import ApplyOptions, Request, Tell
from .running import Run, carry_out
from .session import Session, load_manifests, need_project, open_directory, open_session

Ask = Callable[[Plan], bool]


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
                for diagnostic in loaded.diagnostics:
                    tell(diagnostic_text(diagnostic))
                plan = planned(read_world(session, loaded, store, options), store)
            assert plan is not None
            _check_plan(session, store, plan, options)
            if plan.empty:
                return Report("", "nothing")
            if not ask(plan):
                raise PoolAsCodeError(
                    "not applied: it was not confirmed", hint="repeat with --yes to apply without asking"
                )
            return carry_out(Run(session, store, plan, options, tell, uuid.uuid4().hex), loaded, on_outcome)
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
