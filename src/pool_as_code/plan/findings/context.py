"""What findings look at: the world, the ordered changes, and what the differ noted on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...core.address import Address
from ...core.diagnostics import Severity
from ...resources.live import Observed, OwnerRecord
from ..diff import Difference
from ..match import Match
from ..model import Change, Finding
from ..world import World


@dataclass(slots=True)
class Noted:
    """Side results of the comparison that only findings need: what differs and is not written."""

    reported: dict[Address, list[str]] = field(default_factory=dict)
    secrets: dict[Address, list[str]] = field(default_factory=dict)
    immutable: dict[Address, list[str]] = field(default_factory=dict)
    moved: dict[Address, set[str]] = field(default_factory=dict)
    not_ours: list[Address] = field(default_factory=list)

    def take(self, address: Address, found: Difference, match: Match) -> None:
        """Keep what a difference says beside its changes."""
        if found.reported:
            self.reported[address] = [change.name for change in found.reported]
        if found.secrets_moved:
            self.secrets[address] = list(found.secrets_moved)
        if found.immutable:
            self.immutable[address] = [change.name for change in found.immutable]
        if found.live_moved and match.record is not None:
            self.moved[address] = set(found.live_moved)


@dataclass(frozen=True)
class Judged:
    """What a finding function is given."""

    world: World
    changes: tuple[Change, ...]
    noted: Noted
    orphans: tuple[Address, ...]

    def observed(self, change: Change) -> Observed | None:
        """The live object of a change."""
        match = self.world.matches.live.get(change.address)
        return match.observed if match else None

    def record(self, change: Change) -> OwnerRecord | None:
        """Our ownership record of a change's object."""
        return self.world.records.get(change.previous_address or change.address)


def finding(
    code: str, severity: Severity, reason: str, address: Address | str = "", *, next_step: str = "", detail: str = ""
) -> Finding:
    """A finding; the address may be one."""
    return Finding(code, severity, reason, str(address), next_step, detail)
