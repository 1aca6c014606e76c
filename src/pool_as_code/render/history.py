"""The store's runs as text: a table of them, or one with all it changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..core.values import JsonMap
from ..stores.base import RunRecord
from .escape import escape
from .layout import flow, wrap
from .table import table_text

SHORT_ID = 12  # a beginning that is enough to ask for the run


def history_text(runs: Sequence[RunRecord]) -> str:
    """The runs, newest first."""
    if not runs:
        return "No apply was recorded here yet.\n"
    head = ("RUN", "STARTED", "STATE", "ENVIRONMENT", "BY", "CHANGES")
    return table_text(
        head,
        (
            (
                run.id[:SHORT_ID],
                _to_the_second(run.started_at),
                run.state,
                run.owner.environment,
                run.actor,
                _summary(run.summary),
            )
            for run in runs
        ),
    )


def run_text(run: RunRecord) -> str:
    """One run with all it changed."""
    facts = [
        ("run", run.id),
        ("project", f"{run.owner.project}, environment {run.owner.environment}"),
        ("plan", run.plan_digest),
        ("state", run.state),
        ("started", run.started_at),
        ("finished", run.finished_at or "(not finished)"),
        ("by", run.actor or "(unknown)"),
        ("changes", _summary(run.summary)),
    ]
    lines = [f"{name:<9}{escape(value)}".rstrip() for name, value in facts]
    return "\n".join([*lines, *_changes(run.changes)]) + "\n"


def _to_the_second(time: str) -> str:
    return re.sub(r"\.\d+", "", time)


def _changes(changes: Iterable[JsonMap]) -> list[str]:
    lines = []
    for change in changes:
        address, action, status = (str(change.get(key, "")) for key in ("address", "action", "status"))
        reason = str(change.get("reason") or "")
        words = f"{address}  {action}  {status}" + (f": {reason}" if reason else "")
        lines += wrap(escape(words), "  ", hanging="      ")
    return lines


def _summary(summary: JsonMap) -> str:
    return ", ".join(f"{key} {flow(value)}" for key, value in summary.items())
