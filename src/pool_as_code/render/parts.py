"""The parts a view of a plan is made of: what every text-like renderer shows, masked and folded already, not yet escaped and
not laid out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..core.diagnostics import Severity
from ..core.values import JsonValue
from ..plan.model import Action

if TYPE_CHECKING:
    from .fold import Entries


class Words(str):
    """Words in the place of a value: `(secret)`, `(personal)`, `(default)`. Shown as they are, never quoted."""

    __slots__ = ()


SECRET = Words("(secret)")
PERSONAL = Words("(personal)")
DEFAULT = Words("(default)")
STORE_DEFAULT = Words("(store default)")

SIGNS: dict[Action, str] = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.DELETE: "-",
    Action.ADOPT: ">",
    Action.RELEASE: "<",
    Action.OWN: "=",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One field. `sign` is `+` (only `after` counts), `-` (only `before`) or `~` (both, or `inside`).

    `inside` are members that come and go, or paths inside a value that is written whole; a member has no name."""

    sign: str
    name: str
    before: JsonValue = None
    after: JsonValue = None
    inside: tuple[Row, ...] = ()
    weakens: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One change, or `count` changes that read the same: `addresses` are all of them or the first ones. `words` say what
    signs and rows do not."""

    action: Action
    kind: str
    container: str
    addresses: tuple[str, ...]
    count: int = 1
    words: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def weakens(self) -> bool:
        """Whether any row weakens security."""
        return any(row.weakens for row in self.rows)


@dataclass(frozen=True, slots=True)
class Rest:
    """`count` further changes like the entries before, not shown one by one. `fields`: declared field -> on how many."""

    action: Action
    kind: str
    container: str
    count: int
    fields: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under a title, riskier sections first."""

    title: str
    entries: Entries
    risk: bool = False


@dataclass(frozen=True, slots=True)
class FindingNote:
    """One finding, or `count` that read the same."""

    severity: Severity
    code: str
    addresses: tuple[str, ...]
    count: int
    reason: str
    detail: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class MessageNote:
    """Messages of one sort that an apply sends."""

    kind: str
    text: str
    addresses: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class PlanView:
    """What a reader of a plan is shown, in this order. `compared` says what is the same in another environment and not
    repeated, `verdict` the same in a few words. `risks` and `tally` are about all changes, repeated or not: kind word ->
    action -> number, kinds in the order of the plan."""

    header: tuple[str, ...]
    compared: tuple[str, ...] = ()
    blocking: tuple[FindingNote, ...] = ()
    warnings: tuple[FindingNote, ...] = ()
    sections: tuple[Section, ...] = ()
    messages: tuple[MessageNote, ...] = ()
    notes: tuple[FindingNote, ...] = ()
    asides: tuple[str, ...] = ()
    summary: str = ""
    digest: str = ""
    next_step: str = ""
    tally: Mapping[str, Mapping[Action, int]] = field(default_factory=dict)
    verdict: str = ""
    risks: tuple[str, ...] = ()
