"""What an apply did, change by change, and the file that grows with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from ..core.address import Address
from ..core.clock import format_time, now
from ..core.values import JsonMap, canonical
from ..plan.model import Action


class Status(StrEnum):
    """What became of one change."""

    APPLIED = "applied"
    DONE = "done"  # the store was there already
    FAILED = "failed"
    SKIPPED = "skipped"  # because of another one
    UNDONE = "undone"  # applied, then rolled back with the transaction
    UNKNOWN = "unknown"  # sent, and no answer came


class ChangeOutcome(NamedTuple):
    """One change's end. `reason` says why it failed or was skipped, without values; `hint` what to do. `unguarded`: it was
    written, or may have been, and no revision kept it from undoing what somebody else wrote since it was read."""

    address: Address
    action: Action
    status: Status
    reason: str = ""
    hint: str = ""
    unguarded: bool = False

    def to_json(self) -> JsonMap:
        """For the report file and the run record."""
        return {
            "address": str(self.address),
            "action": self.action.value,
            "status": self.status.value,
            "reason": self.reason,
            "hint": self.hint,
            "unguarded": self.unguarded,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """An apply. `state` is nothing, applied, partly or failed. `weakened_pools` are pools whose sign-in is affected because
    something that belongs to them did not get there."""

    run_id: str
    state: str
    outcomes: tuple[ChangeOutcome, ...] = ()
    affected_pools: tuple[str, ...] = ()
    next_step: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 done or nothing to do, 1 nothing applied because of failures, 5 applied in part."""
        return {"nothing": 0, "applied": 0, "failed": 1, "partly": 5}[self.state]


def count(outcomes: tuple[ChangeOutcome, ...]) -> dict[str, int]:
    """How many changes ended each way."""
    found: dict[str, int] = {}
    for status in Status:
        number = sum(1 for outcome in outcomes if outcome.status is status)
        if number:
            found[status.value] = number
    return found


class ReportFile:
    """NDJSON that grows after each write: first the run, then an outcome a line, then the end. Mode 0600."""

    def __init__(self, path: Path, run_id: str) -> None:
        import os

        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self.line({"run": run_id, "started_at": format_time(now())})

    def line(self, entry: JsonMap) -> None:
        """Append one line and hand it to the operating system."""
        self._file.write(canonical(entry) + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> ReportFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
