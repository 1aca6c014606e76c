"""Leases: one for each project and environment, since several share a tenant. Each stands in the metadata of the first of its
owner's pools; before there is one, it waits in memory and goes along with the first pool, or record, that the run writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from ...core.clock import format_time, parse_time
from ...core.errors import Conflict, Unavailable
from ...core.values import JsonMap
from ...resources.live import Owner
from ..base import RunRecord
from .audit import AuditFolder
from .homes import Home, Homes
from .kept import Kept, owner_of
from .runs import Runs
from .tenant import Tenant


class Leases(Runs):
    """The leases of one tenant, as one process sees them. `run_id` is its own run."""

    def __init__(self, tenant: Tenant, clock: Callable[[], datetime], audit: AuditFolder | None = None) -> None:
        super().__init__(clock, audit)
        self.run_id = ""
        self._tenant = tenant
        self._homes = Homes(tenant)
        self._lease: JsonMap = {}  # as long as there is no home for it
        self._held: tuple[str, float, datetime] | None = None  # run, seconds, since when
        self._asked_for: Home | None = None  # where we wrote it, whether an answer came or not

    def acquire_lease(self, run: RunRecord, seconds: float) -> None:
        """Take it, or raise Unavailable and say which run holds it. Its home is the first of the owner's pools; before there
        is one, the pool that this run makes."""
        for held in self._leases(run.owner):
            self._refuse_held(held, run.id)
            if held.get("run") != run.id:
                self.interrupt(str(held["run"]))
        self.remember(run)
        self.run_id = run.id
        wanted: JsonMap = {
            "run": run.id,
            "project": run.owner.project,
            "environment": run.owner.environment,
            "by": run.actor,
            "started": run.started_at,
            "until": self._until(seconds),
        }
        home = self._asked_for = self._home_of_lease(run.owner)
        written = home is not None and self._homes.write(home, lambda kept: self._take(kept, wanted))
        self._lease = {} if written else wanted
        self._held = run.id, seconds, self.clock()

    def keep_lease(self) -> None:
        """Hold it longer when a quarter of its time is over; for who waits for something long. Raises Conflict when it was
        lost."""
        if self._held is not None:
            run_id, seconds, since = self._held
            if self.clock() - since > timedelta(seconds=seconds / 4):
                self.renew_lease(run_id, seconds)

    def renew_lease(self, run_id: str, seconds: float) -> None:
        """Hold it longer; raises Conflict when it was lost."""
        self._held = run_id, seconds, self.clock()
        until = self._until(seconds)
        if self._lease.get("run") == run_id:
            self._lease = {**self._lease, "until": until}
            return
        held = self._homes_with_lease(run_id)

        def renew(kept: Kept) -> None:
            ours = {owner: {**held, "until": until} for owner, held in kept.leases.items() if held.get("run") == run_id}
            if not ours:
                raise Conflict("the lease was lost: another run has taken the directory over", hint="run again")
            kept.leases |= ours

        if not held or not self._homes.write(held[0], renew):
            raise Conflict("the lease was lost: another run has taken the directory over", hint="run again")

    def release_lease(self, run_id: str) -> None:
        """Give it back; harmless when it is not held."""
        if self._held is not None and self._held[0] == run_id:
            self._held = None
        if self._lease.get("run") == run_id:
            self._lease = {}

        def release(kept: Kept) -> None:
            kept.leases = {owner: held for owner, held in kept.leases.items() if held.get("run") != run_id}

        homes = self._homes_with_lease(run_id)
        if self._asked_for is not None and run_id == self.run_id and self._asked_for not in homes:
            homes.append(self._asked_for)
        for home in homes:
            self._homes.write(home, release)

    def lease(self, owner: Owner | None = None) -> RunRecord | None:
        """The run that holds the lease (of this owner), expired or not."""
        held = next(self._leases(owner), None)
        if held is None:
            return None
        known, by = self.run(str(held.get("run"))), str(held.get("by") or "")
        return known or RunRecord(
            str(held.get("run")), owner_of(held), "", "running", str(held.get("started")), actor=by
        )

    def break_lease(self, owner: Owner | None = None) -> RunRecord | None:
        """Take the lease away and mark its run interrupted."""
        held = self.lease(owner)
        if held is None:
            return None
        self.release_lease(held.id)
        self.interrupt(held.id)
        return self.run(held.id) or replace(held, state="interrupted")

    def running(self) -> str:
        """The run that is really on its way."""
        at = format_time(self.clock())
        return next((str(held["run"]) for held in self._leases() if str(held.get("until") or "") > at), "")

    def _leases(self, owner: Owner | None = None) -> Iterator[JsonMap]:
        """Those that are known (of this owner), our own first."""
        if self._lease and owner in (None, owner_of(self._lease)):
            yield self._lease
        for _, kept in self._homes.kept():
            yield from (held for whose, held in kept.leases.items() if owner in (None, whose))

    def _take(self, kept: Kept, wanted: JsonMap) -> None:
        owner = owner_of(wanted)
        self._refuse_held(kept.leases.get(owner, {}), str(wanted["run"]))
        kept.leases[owner] = wanted

    def _placed(self, kept: Kept) -> None:
        if any(held.get("run") == self._lease.get("run") for held in kept.leases.values()):
            self._lease = {}

    def _home_of_lease(self, owner: Owner, without: Home | None = None) -> Home | None:
        pools = [
            home
            for home, kept in self._homes.kept()
            if home[0] == "pool" and home != without
            if any(record.owner == owner for record in kept.records.values())
        ]
        return min(pools) if pools else None

    def _homes_with_lease(self, run_id: str) -> list[Home]:
        return [
            home for home, kept in self._homes.kept() if any(held.get("run") == run_id for held in kept.leases.values())
        ]

    def _refuse_held(self, held: JsonMap, run_id: str) -> None:
        until = str(held.get("until") or "")
        if not held or held.get("run") == run_id or not until or until <= format_time(self.clock()):
            return
        by = f" by {held['by']}" if held.get("by") else ""
        raise Unavailable(
            f"another run is writing to the directory: {held['run']}{by} since {held.get('started')};"
            f" its lease ends at {until}",
            hint="wait for it; if it is gone: pac unlock",
            retry_after=max((parse_time(until) - self.clock()).total_seconds(), 0.0),
        )

    def _until(self, seconds: float) -> str:
        return format_time(self.clock() + timedelta(seconds=seconds))

    def _kept_in(self, home: Home) -> Kept:
        return self._homes.kept_in(home)
