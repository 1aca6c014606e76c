"""What an apply did, as text: a line for each outcome while it runs, and at the end what is live now, whether sign-in of a pool
is affected, and the next command. The values are those of `apply.report`, known here by their form only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from ..core.address import Address
from ..plan.model import Action
from .escape import escape
from .layout import shortened, wrap
from .palette import PLAIN, Palette, Style
from .parts import SIGNS
from .words import few

_UNGUARDED = "the store can not tell whether somebody else wrote there right between the last read and the write"
SHOWN = 20  # outcomes of one sort that get a line of their own


class OutcomeLike(Protocol):
    """One change's end."""

    @property
    def address(self) -> Address: ...
    @property
    def action(self) -> Action: ...
    @property
    def status(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def hint(self) -> str: ...
    @property
    def unguarded(self) -> bool: ...


class ReportLike(Protocol):
    """An apply's end."""

    @property
    def run_id(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def outcomes(self) -> Sequence[OutcomeLike]: ...
    @property
    def affected_pools(self) -> Sequence[str]: ...
    @property
    def next_step(self) -> str: ...


_DONE: dict[Action, str] = {
    Action.CREATE: "created",
    Action.UPDATE: "changed",
    Action.DELETE: "deleted",
    Action.ADOPT: "taken over",
    Action.RELEASE: "given up",
    Action.OWN: "recorded as ours",
}
_STATUS: dict[str, str] = {
    "done": "done already",
    "failed": "failed",
    "skipped": "skipped",
    "undone": "undone: all or nothing",
    "unknown": "unknown: it was sent and no answer came",
}
_COUNTED: dict[str, str] = {
    "applied": "applied",
    "done": "done before",
    "failed": "failed",
    "skipped": "skipped",
    "undone": "undone",
    "unknown": "unknown (sent, no answer)",
}


def _words(action: Action, status: str, unguarded: bool) -> str:
    words = _DONE[action] if status == "applied" else _STATUS.get(status, status)
    return f"{words}, unguarded" if unguarded else words


class OutcomeLines:
    """Turns outcomes into lines as they come. Of one sort (action, kind, status, reason, guard) the first ones are shown, the others
    counted, so that 100,000 creates do not scroll everything else away."""

    def __init__(self, palette: Palette = PLAIN) -> None:
        self._palette = palette
        self._seen: Counter[tuple[str, str, str, str, bool]] = Counter()

    def lines(self, outcome: OutcomeLike) -> list[str]:
        """What to print for this outcome, nothing when it is only counted."""
        sort = (outcome.action.value, outcome.address.kind, str(outcome.status), outcome.reason, outcome.unguarded)
        self._seen[sort] += 1
        if self._seen[sort] > SHOWN:
            return []
        status = str(outcome.status)
        good = status in ("applied", "done")
        words = _words(outcome.action, status, outcome.unguarded)
        if outcome.reason and status != "done":
            words += f": {shortened(outcome.reason)}"
        style: Style = "add" if status == "applied" else "quiet" if good else "risk"
        sign = SIGNS[outcome.action] if good else "!"
        first, *more = wrap(f"{escape(str(outcome.address))}  {escape(words)}", f"  {sign} ", hanging=" " * 6)
        lines = [self._palette.paint(style, first), *more]
        if outcome.hint:
            lines.append(f"      hint: {escape(outcome.hint)}")
        return lines

    def rest(self) -> list[str]:
        """How many of each sort were only counted."""
        lines = []
        for (action, kind, status, reason, unguarded), number in self._seen.items():
            if number > SHOWN:
                words = _words(Action(action), status, unguarded)
                why = f": {shortened(reason)}" if reason else ""
                lines.append(f"  ... and {number - SHOWN:,} more {escape(kind)}s {escape(words + why)}")
        return lines


def report_text(report: ReportLike, *, next_step: str = "") -> str:
    """The last lines of an apply. `next_step` is used where the report names none."""
    lines = [""] if report.outcomes else []
    counts = Counter(str(outcome.status) for outcome in report.outcomes)
    if counts:
        found = ", ".join(f"{counts[status]:,} {words}" for status, words in _COUNTED.items() if counts[status])
        lines += wrap(f"Run {escape(report.run_id)}: {found}", hanging="  ")
    lines += wrap(_live_now(report, counts), hanging="  ")
    if unguarded := sum(1 for outcome in report.outcomes if outcome.unguarded):
        lines += wrap(f"Unguarded: {unguarded:,}; {_UNGUARDED}", hanging="  ")
    if report.affected_pools:
        pools = escape(few(list(report.affected_pools)))
        lines += wrap(f"Sign-in may be affected, because something did not get there: {pools}", hanging="  ")
    elif counts["failed"] or counts["unknown"] or counts["skipped"]:
        lines.append("Sign-in of no pool is affected.")
    step = report.next_step or next_step
    if step:
        lines.append(f"Next: {escape(step)}")
    return "\n".join(lines) + "\n"


def _live_now(report: ReportLike, counts: Counter[str]) -> str:
    there = counts["applied"] + counts["done"]
    match report.state:
        case "nothing":
            return "Nothing to do."
        case "applied":
            gone = {outcome.action for outcome in report.outcomes}
            if gone == {Action.DELETE}:
                return "Gone now: all that was to go."
            if gone == {Action.DELETE, Action.RELEASE}:
                return "Gone now: all that was to go; what was given up stays."
            return "Live now: all of it."
        case "partly":
            return f"Live now: {there:,} of {sum(counts.values()):,} changes; the others are not."
    return "Live now: what was live before; nothing of this plan was kept."
