"""The contest: who takes part in which phase, how often, in which order. All contestants of a phase run one after the other,
again and again, so that a noisy machine is noisy to all of them, and ratios hold."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from .process import Measured, measure


class Phase(StrEnum):
    """What is done with all users of a size. The order is that of the contest: each phase finds what the one before left."""

    VALIDATE = "validate"
    PLAN_NEW = "plan all new"
    APPLY_NEW = "apply all new"
    PLAN_SAME = "plan no change"
    PLAN_CHANGED = "plan 1 % changed"


@dataclass(frozen=True, slots=True)
class Job:
    """One command to measure. A run counts when the command ends with `code` and its output holds `says`."""

    command: Sequence[str]
    cwd: Path
    environ: Mapping[str, str]
    code: int = 0
    says: str = ""


class Contestant(Protocol):
    """Somebody who is measured on one number of users."""

    name: str

    def ready(self, phase: Phase) -> Job | None:
        """Put in place what one run of a phase finds, outside of the measured time; None when it takes no part."""


@dataclass(slots=True)
class Result:
    """All runs of one contestant in one phase at one size. `problem` says why there are no more of them."""

    tool: str
    phase: str
    size: int
    runs: list[Measured] = field(default_factory=list)
    problem: str = ""

    @property
    def seconds(self) -> float:
        """The median of wall time; where the time limit ended the only run, that limit: a lower bound."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def processor(self) -> float:
        """The median of processor time."""
        return statistics.median(run.processor for run in self.runs)

    @property
    def peak_mb(self) -> float:
        """The largest peak."""
        return max(run.peak_mb for run in self.runs)

    @property
    def cut_off(self) -> bool:
        """Whether the time limit ended it."""
        return any(run.code is None for run in self.runs)


@dataclass(frozen=True, slots=True)
class Rules:
    """`repeat`: runs of each phase. A contestant that has used up `budget` seconds in a phase is not started again in it, one
    that runs into `limit` seconds is out of the contest at this size."""

    repeat: int
    budget: float
    limit: float


def hold(size: int, contestants: Sequence[Contestant], rules: Rules, tell: Callable[[str], None]) -> list[Result]:
    """Every phase with everybody who takes part in it."""
    results: list[Result] = []
    out: set[str] = set()
    for phase in Phase:
        running = {c.name: Result(c.name, phase, size) for c in contestants if c.name not in out}
        for _ in range(rules.repeat):
            for contestant in contestants:
                result = running.get(contestant.name)
                if result is None or contestant.name in out or sum(r.seconds for r in result.runs) > rules.budget:
                    continue
                job = contestant.ready(phase)
                if job is None:
                    continue
                run_once(job, result, rules.limit)
                if result.problem:
                    out.add(contestant.name)
        for result in running.values():
            if result.runs:
                results.append(result)
                tell(_line(result))
    return results


def run_once(job: Job, result: Result, limit: float) -> None:
    """One more run for a result; what went wrong becomes its problem."""
    run = measure(job.command, job.cwd, job.environ, limit)
    result.runs.append(run)
    if run.code is None:
        result.problem = f"ended after {limit:.0f} s"
    elif run.code != job.code or job.says not in run.output:
        result.problem = f"exit code {run.code} (expected {job.code}), or without the words {job.says!r}: {run.tail}"


def _line(result: Result) -> str:
    bound = "> " if result.cut_off else ""
    problem = f"  {result.problem}" if result.problem else ""
    return (
        f"{result.size:>9,}  {result.phase:<17} {result.tool:<10} {bound}{result.seconds:8.3f} s"
        f"  {result.processor:8.3f} s cpu  {result.peak_mb:6.0f} MB  ({len(result.runs)} runs){problem}"
    )
