"""Waivers: what they cover, until when, and what is told of them."""

from __future__ import annotations

from datetime import date

import pytest

from pool_as_code.lint.waivers import Waivers, added
from pool_as_code.manifest.project import Waiver

TODAY = date(2026, 6, 1)


def a_waiver(rule: str = "open-profile", address: str = "", expires: str = "2026-12-31", at: int = 0) -> Waiver:
    return Waiver(rule, address, "the old shop needs it", expires, ("waivers", at))


def told(waivers: Waivers, *, everything: bool = True) -> list[tuple[str, str]]:
    return [(problem.code, problem.severity) for problem in waivers.problems(everything=everything)]


@pytest.mark.parametrize("rule", ["open-profile", "PAC431"])
@pytest.mark.parametrize("address", ["", "pool/shop", "pool/*", "*/sh?p"])
def test_a_waiver_covers_its_rule_at_its_addresses(rule: str, address: str) -> None:
    waiver = a_waiver(rule, address)
    waivers = Waivers([waiver], TODAY)
    assert waivers.covers("PAC431", "pool/shop") is waiver
    assert told(waivers) == []


@pytest.mark.parametrize(
    ("rule", "address"), [("open-profile", "pool/other"), ("open-profile", "pool"), ("PAC410", "")]
)
def test_a_waiver_covers_nothing_else(rule: str, address: str) -> None:
    waivers = Waivers([a_waiver(rule, address)], TODAY)
    assert waivers.covers("PAC431", "pool/shop") is None
    assert told(waivers) == [("PAC405", "warn")]
    assert told(waivers, everything=False) == []


def test_a_waiver_holds_until_the_end_of_its_last_day() -> None:
    assert Waivers([a_waiver(expires="2026-06-01")], TODAY).covers("PAC431", "pool/shop") is not None
    assert Waivers([a_waiver(expires="2026-05-31")], TODAY).covers("PAC431", "pool/shop") is None


def test_an_expired_waiver_is_an_error_that_names_what_it_covered_and_why() -> None:
    waivers = Waivers([a_waiver(expires="2026-05-31")], TODAY)
    for number in range(7):
        waivers.covers("PAC431", f"pool/p{number}")
    (problem,) = waivers.problems(everything=True)
    assert (problem.code, problem.severity, problem.path) == ("PAC404", "error", ("waivers", 0, "expires"))
    assert "pool/p0, pool/p1, pool/p2, pool/p3, pool/p4 and 2 more" in problem.detail
    assert "the old shop needs it" in problem.detail


def test_an_expired_waiver_that_nothing_needs_is_only_to_be_removed() -> None:
    assert told(Waivers([a_waiver(expires="2026-05-31")], TODAY)) == [("PAC405", "warn")]


@pytest.mark.parametrize(
    ("expires", "words"),
    [("2026-06-01", "ends today"), ("2026-06-02", "ends in 1 day"), ("2026-06-15", "ends in 14 days")],
)
def test_a_waiver_that_ends_within_two_weeks_is_told(expires: str, words: str) -> None:
    waivers = Waivers([a_waiver(expires=expires)], TODAY)
    waivers.covers("PAC431", "pool/shop")
    (problem,) = waivers.problems(everything=True)
    assert (problem.code, problem.severity) == ("PAC406", "info")
    assert problem.summary.endswith(words)


def test_a_waiver_that_ends_later_is_not_told() -> None:
    waivers = Waivers([a_waiver(expires="2026-06-16")], TODAY)
    waivers.covers("PAC431", "pool/shop")
    assert told(waivers) == []


def test_of_two_waivers_the_one_that_lasts_longest_covers() -> None:
    short, long = a_waiver(expires="2026-06-30"), a_waiver(address="pool/*", expires="2026-12-31", at=1)
    assert Waivers([short, long], TODAY).covers("PAC431", "pool/shop") is long


def test_a_word_that_is_no_rule_covers_nothing_and_is_left_to_others_to_tell() -> None:
    waivers = Waivers([a_waiver("open-profil")], TODAY)
    assert waivers.covers("PAC431", "pool/shop") is None
    assert told(waivers) == []


def test_waivers_that_a_branch_adds_or_lengthens_are_those_that_loosen_the_rules() -> None:
    before = [a_waiver("PAC431", "pool/a"), a_waiver("open-profile", "pool/b")]
    shorter = a_waiver("open-profile", "pool/b", "2026-07-01")
    longer = a_waiver("open-profile", "pool/a", "2027-01-01")
    new = a_waiver("PAC410", "pool/a")
    assert added(before, [a_waiver("open-profile", "pool/a"), shorter]) == []
    assert added(before, [longer, new]) == [longer, new]
