"""Judging: every rule that is switched on over one desired state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .config import Effective
from .desired import Desired
from .rule import Breach, Level, Rule


class Found(NamedTuple):
    """A breach with the rule it breaks and how much that matters here."""

    rule: Rule
    severity: Level
    breach: Breach


def judge(desired: Desired, rules: Effective) -> Iterator[Found]:
    """Every breach, rule by rule. Takes time in proportion to the resources, for each rule that is on."""
    for rule, severity, options in rules.values():
        if severity != "ignore":
            for breach in rule.check(desired, options):
                yield Found(rule, severity, breach)
