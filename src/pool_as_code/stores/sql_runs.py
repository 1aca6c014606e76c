"""The lease and the records of runs in a directory's own database.

One process applies at a time. A lease whose holder is gone counts as expired at once where the database knows its sessions;
else the holder is known by host and process, and one of another host is waited for until its time is over.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from datetime import timedelta

from ..core.clock import format_time
from ..core.errors import Conflict, NotFound, Unavailable
from ..core.values import JsonMap, as_map, canonical, parse_json
from ..directory.database import Database, Found
from ..directory.directory import Directory
from ..resources.live import Owner
from .base import RunRecord

_RUN = "id, project, environment, plan_digest, state, started_at, finished_at, actor, summary"


class SqlRuns:
    """The lease and the runs of one directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    @property
    def _db(self) -> Database:
        return self._directory.db

    def acquire_lease(self, run: RunRecord, seconds: float) -> None:
        """Take the one lease, or raise Unavailable and say who holds it."""
        with self._db.atomic():
            held = self._db.row("SELECT run_id, host, pid, expires_at FROM lease")
            if held is not None and held[0] != run.id:
                if self._alive(held):
                    raise self._busy(held)
                self._interrupt(held[0])
            self._record(run)
            self._db.hold_lease(run.id)
            self._db.execute("DELETE FROM lease")
            self._db.execute(
                "INSERT INTO lease (number, run_id, host, pid, expires_at) VALUES (1, ?, ?, ?, ?)",
                *(run.id, this_host(), os.getpid(), self._until(seconds)),
            )

    def renew_lease(self, run_id: str, seconds: float) -> None:
        """Hold it longer; raises Conflict when it was lost."""
        with self._db.atomic():
            if not self._db.execute(
                "UPDATE lease SET expires_at = ? WHERE run_id = ?", *(self._until(seconds), run_id)
            ):
                raise Conflict("the lease was lost: another run has taken the directory over", hint="run again")

    def release_lease(self, run_id: str) -> None:
        """Give it back; harmless when it is not held."""
        with self._db.atomic():
            self._db.execute("DELETE FROM lease WHERE run_id = ?", run_id)
        self._db.drop_lease(run_id)

    def lease(self, owner: Owner | None = None) -> RunRecord | None:
        """The run that holds the one lease, expired or not."""
        held = self._db.value("SELECT run_id FROM lease")
        return None if held is None else self._find(held)

    def break_lease(self, owner: Owner | None = None) -> RunRecord | None:
        """Take the lease away and mark its run interrupted."""
        held = self.lease()
        if held is None:
            return None
        with self._db.atomic():
            self._interrupt(held.id)
            self._db.execute("DELETE FROM lease WHERE run_id = ?", held.id)
        return self._find(held.id)

    def start_run(self, run: RunRecord) -> None:
        """Record a run. Others of the same owner that still count as running, and hold no lease, were interrupted."""
        with self._db.atomic():
            left = self._db.rows(
                "SELECT id FROM runs WHERE state = 'running' AND project = ? AND environment = ? AND id <> ?"
                " AND id NOT IN (SELECT run_id FROM lease)",
                *(*run.owner, run.id),
            )
            for (id,) in left:
                self._interrupt(id)
            self._record(run)
        self._db.run_id = run.id

    def log_change(self, run_id: str, entry: JsonMap) -> None:
        """Append one written change."""
        self.log_changes(run_id, [entry])

    def log_changes(self, run_id: str, entries: Iterable[JsonMap]) -> None:
        """Append written changes, in their order."""
        with self._db.atomic():
            last = self._db.value("SELECT max(number) FROM run_changes WHERE run_id = ?", run_id) or 0
            self._db.execute_many(
                "INSERT INTO run_changes (run_id, number, entry) VALUES (?, ?, ?)",
                ((run_id, number, canonical(entry).decode()) for number, entry in enumerate(entries, last + 1)),
            )

    def finish_run(self, run_id: str, state: str, summary: JsonMap) -> None:
        """The run's end."""
        with self._db.atomic():
            self._db.execute(
                "UPDATE runs SET state = ?, finished_at = ?, summary = ? WHERE id = ?",
                *(state, self._directory.moment(), canonical(summary).decode(), run_id),
            )
        self._db.run_id = ""

    def history(self, limit: int = 20) -> list[RunRecord]:
        """The newest runs first, without their changes."""
        found = self._db.rows(f"SELECT {_RUN} FROM runs ORDER BY started_at DESC, id DESC LIMIT ?", limit)
        running = self._running()
        return [_run(row, running=running) for row in found]

    def run(self, run_id: str) -> RunRecord | None:
        """One run with its changes; a prefix of the id is enough when it is unique."""
        exact = self._db.rows("SELECT id FROM runs WHERE id = ?", run_id)
        found = exact or self._db.rows("SELECT id FROM runs WHERE substr(id, 1, ?) = ?", *(len(run_id), run_id))
        if len(found) > 1 and run_id:
            raise NotFound(f"{len(found)} runs begin with {run_id!r}", hint="write more of the id")
        return self._find(found[0][0]) if len(found) == 1 else None

    def _record(self, run: RunRecord) -> None:
        self._db.execute(
            f"INSERT INTO runs ({_RUN}, wrote) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (id) DO NOTHING",
            *(run.id, *run.owner, run.plan_digest, run.state, run.started_at, run.finished_at, run.actor),
            canonical(run.summary).decode(),
        )

    def _find(self, id: str) -> RunRecord | None:
        found = self._db.row(f"SELECT {_RUN} FROM runs WHERE id = ?", id)
        if found is None:
            return None
        entries = self._db.rows("SELECT entry FROM run_changes WHERE run_id = ? ORDER BY number", id)
        return _run(found, tuple(as_map(parse_json(entry)) for (entry,) in entries), running=self._running())

    def _running(self) -> str:
        """The run that is really on its way; any other that still counts as running was killed."""
        held = self._db.row("SELECT run_id, host, pid, expires_at FROM lease")
        return str(held[0]) if held is not None and self._alive(held) else ""

    def _interrupt(self, run_id: str) -> None:
        self._db.execute(
            "UPDATE runs SET state = 'interrupted', finished_at = ? WHERE id = ? AND state = 'running'",
            *(self._directory.moment(), run_id),
        )

    def _until(self, seconds: float) -> int:
        return int((self._directory.clock() + timedelta(seconds=seconds)).timestamp() * 1000)

    def _alive(self, held: Found) -> bool:
        run_id, host, pid, expires_at = held
        if expires_at <= self._until(0):
            return False
        known = self._db.lease_is_held(run_id)
        if known is not None:
            return known
        return host != this_host() or _process_lives(pid)

    def _busy(self, held: Found) -> Unavailable:
        run_id, host, pid, expires_at = held
        run = self._find(run_id)
        seconds = max((expires_at - self._until(0)) / 1000, 0.0)
        until = format_time(self._directory.clock() + timedelta(seconds=round(seconds)))
        since = f" since {run.started_at}" if run is not None else ""
        by = f" by {run.actor}" if run is not None and run.actor else ""
        return Unavailable(
            f"another run is writing to the directory: {run_id}{by} (process {pid} on {host.partition('/')[0]}){since};"
            f" its lease ends at {until}",
            hint="wait for it; if it is gone: pac unlock",
            retry_after=seconds,
        )


def this_host() -> str:
    """The host and its process numbers' name space: containers may share a host's name and not its processes."""
    try:
        return f"{socket.gethostname()}/{os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115 - it is no path
    except OSError:
        return socket.gethostname()


def _process_lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _run(found: Found, changes: tuple[JsonMap, ...] = (), *, running: str) -> RunRecord:
    """A row of runs. One that is recorded as running and is not the one on its way was killed, whether or not a later run has
    noted that."""
    id, project, environment, plan_digest, state, started_at, finished_at, actor, summary = found
    return RunRecord(
        id,
        Owner(project, environment),
        plan_digest,
        "interrupted" if state == "running" and id != running else state,
        started_at,
        finished_at,
        actor,
        as_map(parse_json(summary)),
        changes,
    )
