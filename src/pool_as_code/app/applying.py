"""Applying: a plan, fresh or from a file, checked against the guards and handed over to a run."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable

from ..apply.report import ChangeOutcome, Report
from ..core.diagnostics import Diagnostic
from ..core.errors import InvalidInput, PoolAsCodeError, Refused
from ..manifest.load import Loaded
from ..plan.model import Plan
from ..render.diagnostics import diagnostic_text
from ..stores.base import Store
from .foreseeing import foreseen_again
from .guarding import as_diagnostics, found_against_base, told_first
from .planning import planned, read_world
from .protecting import again_as, refuse_parts, refuse_unreviewed
from .reading import no_cyclic_collection
from .request import ApplyOptions, Request, Tell
from .running import Run, carry_out
from .session import Session, need_project, open_directory, open_session, read_manifests, without_errors

Ask = Callable[[Plan], bool]


def apply(
    request: Request,
    options: ApplyOptions,
    *,
    plan: Plan | None = None,
    ask: Ask,
    tell: Tell,
    show: Callable[[Plan], None] = lambda plan: None,
    on_outcome: Callable[[ChangeOutcome], None] = lambda outcome: None,
    on_stop: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Make the store what the manifests (or a saved plan) say. `ask` sees the plan before the first write, `show` one that is
    refused because nobody has reviewed it. `on_stop` gets the report of a run that somebody stopped: the error follows.

    Raises Refused for findings that block, an unexpected digest, a stale plan; InvalidInput for wrong manifests or
    secrets; in all of these cases nothing was written."""
    session = open_session(request)
    need_project(session, "destroy" if options.destroy else "apply")
    tell(session.headline)
    if plan is not None and request.base:
        summary = "a saved plan was compared with its base when it was made"
        raise InvalidInput(summary, hint="leave out --base, or make a new plan with it")
    if plan is not None:
        refuse_parts(session, options, whole=plan.whole_project, saved=True)
    with no_cyclic_collection():
        if plan is not None:
            loaded, store = None, open_directory(session, read_only=False)
        else:
            loaded, plan, store = _fresh(session, options, tell)
        try:
            plan = _checked(session, store, plan, options, saved=loaded is None)
            if plan.empty:
                return Report("", "nothing")
            if loaded is not None and session.environment.protected and not options.expect:
                show(plan)
                refuse_unreviewed(session, options, plan)
            if not ask(plan):
                raise PoolAsCodeError(
                    "not applied: it was not confirmed", hint="repeat with --yes to apply without asking"
                )
            report = carry_out(Run(session, store, plan, options, tell, uuid.uuid4().hex), loaded, on_outcome, on_stop)
            _tell_all(getattr(store, "diagnostics", ()), tell)
            return report
        finally:
            store.close()


def _tell_all(diagnostics: Iterable[Diagnostic], tell: Tell) -> None:
    for diagnostic in diagnostics:
        for line in diagnostic_text(diagnostic).splitlines():
            tell(line)


def _fresh(session: Session, options: ApplyOptions, tell: Tell) -> tuple[Loaded, Plan, Store]:
    """The manifests, the plan that they make, and its store, which is open."""
    loaded = read_manifests(session)
    beforehand = found_against_base(session.request, session.project, [(session.environment, loaded)], options.allow)
    with told_first(beforehand):
        without_errors(loaded)
        refuse_parts(session, options, whole=loaded.whole_project, saved=False)
        store = open_directory(session, read_only=False)
        try:
            _tell_all(loaded.diagnostics, tell)
            plan = planned(read_world(session, loaded, store, options, beforehand=beforehand), store)
        except BaseException:
            store.close()
            raise
    return loaded, plan, store


def _checked(session: Session, store: Store, plan: Plan, options: ApplyOptions, *, saved: bool) -> Plan:
    """The plan, a saved one with the rights of the client that applies it. Raises Refused."""
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
                hint=f"review the new plan: {again_as(session, 'destroy' if options.destroy else 'plan', options)}",
            )
        )
    if problems:
        raise Refused("the plan does not belong here; nothing was written", problems)
    judged = foreseen_again(plan, store, owner, options.allow) if saved else plan
    refuse_blocked(judged)
    return judged


def refuse_blocked(plan: Plan) -> None:
    """Raise Refused with every finding that blocks."""
    if plan.blocked:
        error = Refused("the plan is blocked; nothing was written")
        error.diagnostics = tuple(as_diagnostics(plan.blocked))  # in the order of the plan: the riskiest first
        raise error
