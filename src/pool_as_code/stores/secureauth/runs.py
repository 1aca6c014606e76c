"""Runs as one process knows them, and as the folder of `audit.py` keeps them where one is named: the service has no place for
their history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from ...core.clock import format_time
from ...core.errors import NotFound
from ...core.values import JsonMap
from ..base import RunRecord
from .audit import AuditFolder


class Runs:
    """Runs by id, in the order in which they began. Those of other processes are known where there is a folder of them."""

    def __init__(self, clock: Callable[[], datetime], audit: AuditFolder | None = None) -> None:
        self.clock = clock
        self.audit = audit
        self._runs: dict[str, RunRecord] = {}

    def running(self) -> str:
        """The id of the run that is on its way, empty for none."""
        return ""

    def remember(self, run: RunRecord) -> None:
        """Know a run, and write its beginning down. Raises InvalidInput where its folder takes nothing."""
        if run.id not in self._runs:
            if self.audit is not None:
                self.audit.begin(run)
            self._runs[run.id] = run

    def interrupt(self, run_id: str) -> None:
        """A run that still counts as running did not end by itself."""
        run = self._known().get(run_id)
        if run is not None and run.state == "running":
            self._end(replace(run, state="interrupted", finished_at=format_time(self.clock())))

    def start_run(self, run: RunRecord) -> None:
        """Record a run; others of the same owner that hold no lease were interrupted."""
        held = self.running()
        for other in list(self._known().values()):
            if other.owner == run.owner and other.id not in (run.id, held):
                self.interrupt(other.id)
        self.remember(run)

    def log_change(self, run_id: str, entry: JsonMap) -> None:
        """Append one written change."""
        self.log_changes(run_id, [entry])

    def log_changes(self, run_id: str, entries: Iterable[JsonMap]) -> None:
        """Append written changes, in their order."""
        run, added = self._runs.get(run_id), tuple(entries)
        if run is not None:
            self._runs[run_id] = replace(run, changes=(*run.changes, *added))
            if self.audit is not None:
                self.audit.changes(run_id, added)

    def finish_run(self, run_id: str, state: str, summary: JsonMap) -> None:
        """The run's end."""
        run = self._runs.get(run_id)
        if run is not None:
            self._end(replace(run, state=state, finished_at=format_time(self.clock()), summary=summary))

    def history(self, limit: int = 20) -> list[RunRecord]:
        """The newest runs first, without their changes."""
        newest = sorted(self._known().values(), key=lambda run: (run.started_at, run.id), reverse=True)[:limit]
        return [replace(self._as_it_is(run), changes=()) for run in newest]

    def run(self, run_id: str) -> RunRecord | None:
        """One run with its changes; a prefix of the id is enough when it is unique."""
        if run_id in self._runs:
            return self._as_it_is(self._runs[run_id])
        found = [run for id, run in self._known().items() if id.startswith(run_id)]
        if len(found) > 1 and run_id:
            raise NotFound(f"{len(found)} runs begin with {run_id!r}", hint="write more of the id")
        return self._as_it_is(found[0]) if len(found) == 1 else None

    def _known(self) -> dict[str, RunRecord]:
        kept = {} if self.audit is None else {run.id: run for run in self.audit.runs()}
        return {**kept, **self._runs}

    def _end(self, run: RunRecord) -> None:
        if run.id in self._runs:
            self._runs[run.id] = run
        if self.audit is not None:
            self.audit.end(run.id, run.state, run.finished_at, run.summary)

    def _as_it_is(self, run: RunRecord) -> RunRecord:
        if run.state == "running" and run.id != self.running():
            return replace(run, state="interrupted")
        return run
