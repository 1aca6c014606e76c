"""Plans of several environments beside each other: what of a plan is the same as in the first one, and what is not. Nothing is
compared with a store here, and nothing is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.address import Address
from ..core.diagnostics import Diagnostic
from ..plan.model import Change, Finding, Plan
from .same import essence_of
from .words import counted, few


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no plan of an environment. `exit_code` is what a command for it alone would end with."""

    message: str
    hint: str = ""
    exit_code: int = 1
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class EnvironmentPlan:
    """The plan of one environment, or why there is none. `next_step` and `whole` are commands: what comes next, and what
    shows everything. `project` is the project's id where there is no plan to say it."""

    name: str
    plan: Plan | None = None
    failure: Failure | None = None
    next_step: str = ""
    whole: str = ""
    digest: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A plan beside that of the environment `base`: the changes and findings that are other or only here, how many are the
    same, which addresses change there only. Findings that block are always among those that are shown."""

    base: str
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    same: int
    same_findings: int
    missing: tuple[Address, ...]

    @property
    def equal(self) -> bool:
        """Whether an apply does the same in both."""
        return not self.changes and not self.missing

    @property
    def verdict(self) -> str:
        """In a few words."""
        return f"{'same as' if self.equal else 'differs from'} {self.base}"

    @property
    def sentences(self) -> tuple[str, ...]:
        """In words: what is the same and not shown again, what differs."""
        said = []
        if self.equal:
            said.append(f"Same as {self.base}: {counted(self.same, 'change')}, not shown again")
        elif not self.changes and not self.same:
            said.append(f"Differs from {self.base}: nothing is to do here")
        else:
            number = len(self.changes)
            other = f"{counted(number, 'change')} {'is' if number == 1 else 'are'} other or only here, shown below"
            said.append(f"Differs from {self.base}: {other if number else 'nothing is other'}; {self.same:,} the same")
        if self.missing:
            names = few([str(address) for address in self.missing[:_NAMED]], len(self.missing), _NAMED)
            said.append(f"Only in {self.base}: {names}")
        if self.same_findings:
            said.append(f"{counted(self.same_findings, 'finding')} as in {self.base}, not shown again")
        return tuple(said)


_NAMED = 20


def compared(plan: Plan, base: Plan, base_name: str) -> Compared:
    """What of `plan` is other than in `base`; linear in both."""
    known = {change.address: essence_of(change) for change in base.changes}
    other = tuple(change for change in plan.changes if known.get(change.address) != essence_of(change))
    here = {change.address for change in plan.changes}
    found = set(map(_read, base.findings))
    findings = [finding for finding in plan.findings if finding.blocks or _read(finding) not in found]
    return Compared(
        base_name,
        other,
        tuple(findings),
        len(plan.changes) - len(other),
        len(plan.findings) - len(findings),
        tuple(address for address in known if address not in here),
    )


def _read(finding: Finding) -> tuple[str, ...]:
    return finding.code, finding.severity, finding.address, finding.reason, finding.detail


def all_compared(environments: Sequence[EnvironmentPlan]) -> list[Compared | None]:
    """For each environment what it is compared with: nothing for the first one that has a plan, and for those that have
    none."""
    base: EnvironmentPlan | None = None
    found: list[Compared | None] = []
    for one in environments:
        if base is None or base.plan is None or one.plan is None:
            found.append(None)
            base = base or (one if one.plan is not None else None)
        else:
            found.append(compared(one.plan, base.plan, base.name))
    return found
