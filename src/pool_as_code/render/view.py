"""From a plan to its view: what every text-like renderer shows, in one order, masked and folded. Pure; no layout, no escaping,
no colour.

    header · what is the same elsewhere · blocking findings · warnings · weakens security · deletes · changes · taken over ·
    new · given up · ownership only · messages that will be sent · notes · what else is there · summary · digest · next command
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ..core.diagnostics import Severity
from ..core.rights import Grant
from ..plan.model import Action, Change, Finding, Plan
from .environments import Compared
from .fold import ADDRESSES, entries_of
from .masking import masked_sentence
from .parts import FindingNote, MessageNote, PlanView, Section
from .words import counted, counted_kinds, few

NEW_STORE = "new"

_SECTIONS: tuple[tuple[str, Action | None], ...] = (
    ("Weakens security", None),
    ("Delete", Action.DELETE),
    ("Change", Action.UPDATE),
    ("Take over", Action.ADOPT),
    ("Create", Action.CREATE),
    ("Give up", Action.RELEASE),
    ("Ownership only", Action.OWN),
)
_TO_TAKE_OVER = "to take over"
_GRANTS = {Grant.GRANTED: "granted", Grant.MISSING: "missing", Grant.UNKNOWN: "not known"}
_COUNTED: tuple[tuple[Action, str], ...] = (
    (Action.CREATE, "to create"),
    (Action.UPDATE, "to change"),
    (Action.DELETE, "to delete"),
    (Action.ADOPT, _TO_TAKE_OVER),
    (Action.RELEASE, "to give up"),
    (Action.OWN, "ownership only"),
)


def plan_view(
    plan: Plan,
    *,
    show_values: bool = False,
    full: bool = False,
    digest: str = "",
    next_step: str = "",
    beside: Compared | None = None,
) -> PlanView:
    """What a reader of this plan is shown. `full` folds nothing; `digest` is shown where one is given (it takes seconds for
    very large plans); `next_step` is the exact command that comes next; `beside` leaves out what another environment's
    plan, shown already, says as well."""
    findings = plan.findings if beside is None else beside.findings
    changes = plan.changes if beside is None else beside.changes
    notes = {severity: tuple(_findings(findings, severity, show_values)) for severity in Severity}
    return PlanView(
        header=tuple(_header(plan)),
        compared=beside.sentences if beside is not None and not (plan.empty and beside.equal) else (),
        verdict=beside.verdict if beside is not None else "",
        risks=tuple(_risks(plan)),
        blocking=notes[Severity.BLOCK],
        warnings=notes[Severity.WARN],
        sections=tuple(_sections(changes, show_values, full)),
        messages=tuple(_messages(plan)),
        notes=notes[Severity.INFO],
        asides=tuple(_asides(plan)),
        summary=_summary(plan),
        digest=digest if not plan.empty else "",
        next_step=next_step if not plan.empty else "",
        tally=_tally(plan),
    )


def _risks(plan: Plan) -> Iterator[str]:
    """What nobody may overlook, of the whole plan."""
    if plan.blocked:
        yield f"Blocked by {counted(len(plan.blocked), 'finding')}"
    if any(change.weakens and change.action is not Action.DELETE for change in plan.changes):
        yield "Weakens security"
    gone = sum(change.action is Action.DELETE for change in plan.changes)
    if gone:
        yield f"Deletes {counted(gone, 'object')}"


def _tally(plan: Plan) -> dict[str, Counter[Action]]:
    found: dict[str, Counter[Action]] = {}
    for change in plan.changes:
        found.setdefault(change.address.kind, Counter())[change.action] += 1
    return found


def _header(plan: Plan) -> Iterator[str]:
    target = plan.target
    name = target.project_name or target.project
    what = "Destroy what" if plan.destroy else "Plan for"
    project = f"project {name}" if name else "these manifests"
    yield f"{what} {project}{' created' if plan.destroy else ''}, environment {target.environment}"
    yield f"Store {target.store}" + (" (still empty)" if target.fingerprint == NEW_STORE else "")
    if not plan.whole_project:
        yield "Only a part of the project is looked at; the rest is left out of this plan"


def _sections(found: Iterable[Change], show_values: bool, full: bool) -> Iterator[Section]:
    groups: dict[Action | None, list[Change]] = {}
    for change in found:
        weak = change.weakens and change.action is not Action.DELETE
        groups.setdefault(None if weak else change.action, []).append(change)
    for title, action in _SECTIONS:
        changes = groups.get(action)
        if changes:
            entries = entries_of(changes, show_values=show_values, full=full)
            yield Section(title, entries, risk=action in (None, Action.DELETE))


def _findings(findings: Iterable[Finding], severity: Severity, show_values: bool) -> Iterator[FindingNote]:
    """Findings that read the same once, with their addresses."""
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        if finding.severity is severity:
            step = finding.next_step.replace(finding.address, "ADDRESS") if finding.address else finding.next_step
            alike.setdefault((finding.code, finding.reason, finding.detail, step), []).append(finding)
    for (code, reason, detail, step), found in alike.items():
        yield FindingNote(
            severity,
            code,
            tuple(f.address for f in found[:ADDRESSES] if f.address),
            len(found),
            reason if show_values else masked_sentence(reason),
            detail if show_values else masked_sentence(detail),
            found[0].next_step if len(found) == 1 else step,
        )


def _messages(plan: Plan) -> Iterator[MessageNote]:
    alike: dict[tuple[str, str], list[str]] = {}
    for effect in plan.effects:
        alike.setdefault((effect.kind, effect.text), []).append(effect.address)
    for (kind, text), addresses in alike.items():
        yield MessageNote(kind, text, tuple(addresses[:ADDRESSES]), len(addresses))


def _asides(plan: Plan) -> Iterator[str]:
    for right in plan.rights:
        names = few([str(address) for address in right.addresses], most=ADDRESSES)
        yield f"The {right.who} needs {right.name} ({_GRANTS[right.grant]}): {right.reason}" + (
            f": {names}" if names else ""
        )
    unmanaged = counted_kinds(plan.unmanaged)
    if unmanaged:
        yield f"Not managed here and left alone: {unmanaged}"
    if plan.orphaned:
        names = few([str(address) for address in plan.orphaned], most=ADDRESSES)
        yield f"Ours but no longer declared, kept without --prune: {names}"


def _summary(plan: Plan) -> str:
    unchanged = sum(plan.unchanged.values())
    if plan.empty:
        return f"Nothing to do. {counted(unchanged, 'object')} as declared." if unchanged else "Nothing to do."
    counts = plan.counts()
    parts = [f"{counts[action.value]:,} {words}" for action, words in _COUNTED if action.value in counts]
    if Action.ADOPT.value in counts:
        changed = sum(1 for change in plan.changes if change.action is Action.ADOPT and change.fields)
        nothing = "" if Action.UPDATE.value in counts else ", 0 to change"  # who takes over wants to read that
        at = next(index for index, part in enumerate(parts) if part.endswith(_TO_TAKE_OVER))
        parts[at] += f" ({changed:,} with changes)" if changed else nothing
    return f"{', '.join(parts)}; {unchanged:,} unchanged"
