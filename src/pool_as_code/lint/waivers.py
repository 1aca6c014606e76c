"""Waivers: breaches that a project accepts for a while, with a reason. Which breach each covers, and which of them are over."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Protocol

from ..resources.kind import Problem
from .registry import RULES
from .rule import Table

SOON = 14  # days before its end from which a waiver is told


class Waiver(Protocol):
    """What a project file says. `expires` is the last day on which it holds, YYYY-MM-DD in UTC; `address` an address or a glob
    over addresses, empty for all; `place` its path in the file."""

    @property
    def rule(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def reason(self) -> str: ...

    @property
    def expires(self) -> str: ...

    @property
    def place(self) -> tuple[str | int, ...]: ...


class Waivers:
    """The waivers of a project on one day."""

    def __init__(self, waivers: Sequence[Waiver], today: date, table: Table = RULES) -> None:
        self._today = today
        self._table = table
        self._by_rule: dict[str, list[Waiver]] = {}
        self._covered: dict[tuple[str | int, ...], set[tuple[str, str]]] = {w.place: set() for w in waivers}
        self._all = tuple(waivers)
        for waiver in waivers:
            rule = table.find(waiver.rule)
            if rule is not None:
                self._by_rule.setdefault(rule.code, []).append(waiver)

    def covers(self, code: str, address: str) -> Waiver | None:
        """The waiver that accepts a breach today, None where it stands. Of several the one that lasts longest."""
        found = [w for w in self._by_rule.get(code, ()) if not w.address or fnmatch.fnmatchcase(address, w.address)]
        for waiver in found:
            self._covered[waiver.place].add((code, address))
        holding = [waiver for waiver in found if not self._is_over(waiver)]
        return max(holding, key=lambda waiver: waiver.expires, default=None)

    def _is_over(self, waiver: Waiver) -> bool:
        return date.fromisoformat(waiver.expires) < self._today

    def problems(self, *, everything: bool) -> Iterator[Problem]:
        """What is to be said of the waivers once every breach was shown to `covers`. `everything`: the whole project was
        judged, in all environments, so that a waiver without a breach has none. Words that are no rules are not told here."""
        for waiver in self._all:
            if self._table.find(waiver.rule) is None:
                continue
            covered = self._covered[waiver.place]
            if not covered:
                if everything:
                    yield self._needless(waiver)
            elif self._is_over(waiver):
                yield self._expired(waiver, sorted(covered))
            elif (date.fromisoformat(waiver.expires) - self._today).days <= SOON:
                yield self._ending(waiver, len(covered))

    def _needless(self, waiver: Waiver) -> Problem:
        summary = f"nothing breaks {waiver.rule}{f' at {waiver.address}' if waiver.address else ''} any more"
        return Problem(waiver.place, "PAC405", summary, "", "remove the waiver", remove=True, severity="warn")

    def _expired(self, waiver: Waiver, covered: Sequence[tuple[str, str]]) -> Problem:
        return Problem(
            (*waiver.place, "expires"),
            "PAC404",
            f"the waiver of {waiver.rule} has expired on {waiver.expires}",
            f"it covered {_listed([address for _, address in covered])}; its reason was: {waiver.reason}",
            "repair what it covered, or decide again and write a later day",
        )

    def _ending(self, waiver: Waiver, covered: int) -> Problem:
        days = (date.fromisoformat(waiver.expires) - self._today).days
        left = "today" if not days else f"in {days} day{'' if days == 1 else 's'}"
        summary = f"the waiver of {waiver.rule} ends {left}"
        detail = f"it covers {covered:,} breach{'' if covered == 1 else 'es'}; its reason: {waiver.reason}"
        path = (*waiver.place, "expires")
        return Problem(path, "PAC406", summary, detail, "repair what it covers, or decide again", severity="info")


def added(before: Iterable[Waiver], after: Iterable[Waiver]) -> list[Waiver]:
    """Waivers of `after` that accept what none of `before` accepts, or accept it for longer. For those who compare a branch
    with its base: each of them loosens the rules."""
    longest: dict[tuple[str, str], str] = {}
    for waiver in before:
        key = (_code(waiver.rule), waiver.address)
        longest[key] = max(waiver.expires, longest.get(key, ""))
    return [w for w in after if w.expires > longest.get((_code(w.rule), w.address), "")]


def _code(word: str) -> str:
    rule = RULES.find(word)
    return rule.code if rule is not None else word


def _listed(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:5])
    return f"{shown} and {len(texts) - 5:,} more" if len(texts) > 5 else shown
