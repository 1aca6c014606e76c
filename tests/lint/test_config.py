"""The rules as a project configures them, what is wrong with a configuration, and what makes it looser."""

from __future__ import annotations

from typing import Any

import pytest

from pool_as_code.lint.config import effective, loosened, problems_of
from pool_as_code.lint.registry import RULES
from pool_as_code.manifest.project import Rule as Said


def said(severity: str = "", **options: Any) -> Said:
    return Said(severity, options)


def test_without_a_word_every_rule_has_its_own_severity_and_options() -> None:
    found = effective({})
    assert list(found) == RULES.names
    assert all(applied.severity == applied.rule.severity for applied in found.values())
    assert found["password-too-short"].options.number("min") == 12


@pytest.mark.parametrize("word", ["password-too-short", "PAC418"])
def test_a_rule_is_configured_by_its_name_or_its_code(word: str) -> None:
    found = effective({word: said("error", min=15)})["password-too-short"]
    assert (found.severity, found.options.number("min")) == ("error", 15)


def test_options_alone_leave_the_severity_as_it_is() -> None:
    assert effective({"password-too-short": said(min=15)})["password-too-short"].severity == "warn"


def test_what_is_wrong_counts_as_not_said() -> None:
    found = effective({"password-too-short": said("error", min="many", max=3), "pasword": said("ignore")})
    assert found["password-too-short"].options.values == {"min": 12}
    assert found["password-too-short"].severity == "error"


WRONG = [
    ({"password-to-short": said("warn")}, "PAC400", ("rules", "password-to-short"), "did you mean password-too-short?"),
    ({"PAC499": said("warn")}, "PAC400", ("rules", "PAC499"), None),
    ({"pac-418": said("warn")}, "PAC400", ("rules", "pac-418"), "did you mean PAC418?"),
    ({"unheard of": said("warn")}, "PAC400", ("rules", "unheard of"), "pac lint --rules lists them"),
    ({"open-profile": said(min=3)}, "PAC401", ("rules", "open-profile", "options", "min"), "remove it"),
    ({"code-too-short": said(mim=3)}, "PAC401", ("rules", "code-too-short", "options", "mim"), "did you mean min?"),
    ({"code-too-short": said(min="6")}, "PAC402", ("rules", "code-too-short", "options", "min"), None),
    ({"code-too-short": said(min=True)}, "PAC402", ("rules", "code-too-short", "options", "min"), None),
    ({"code-too-short": said(min=-1)}, "PAC402", ("rules", "code-too-short", "options", "min"), None),
    ({"password-expires": said(least=90)}, "PAC402", ("rules", "password-expires", "options", "least"), None),
    ({"password-expires": said(least="90 days")}, "PAC402", ("rules", "password-expires", "options", "least"), None),
    ({"password-guessable": said(least="good")}, "PAC402", ("rules", "password-guessable", "options", "least"), None),
    ({"name-convention": said(pattern="(")}, "PAC402", ("rules", "name-convention", "options", "pattern"), None),
    ({"name-convention": said(kinds=["pools"])}, "PAC402", ("rules", "name-convention", "options", "kinds"), None),
    ({"label-missing": said(labels="owner")}, "PAC402", ("rules", "label-missing", "options", "labels"), None),
    ({"label-missing": said(labels=[1])}, "PAC402", ("rules", "label-missing", "options", "labels"), None),
    (
        {"administrator-password-stays": said(labels=["a"])},
        "PAC402",
        ("rules", "administrator-password-stays", "options", "labels"),
        None,
    ),
]


@pytest.mark.parametrize(("rules", "code", "path", "hint"), WRONG)
def test_what_is_wrong_is_told_with_its_place(
    rules: dict[str, Said], code: str, path: tuple[str, ...], hint: str | None
) -> None:
    (problem,) = problems_of(rules)
    assert (problem.code, problem.path) == (code, path)
    assert problem.hint
    assert hint is None or problem.hint == hint


def test_a_rule_that_is_configured_by_name_and_by_code_is_told() -> None:
    (problem,) = problems_of({"PAC418": said("warn"), "password-too-short": said("info")})
    assert (problem.code, problem.path) == ("PAC403", ("rules", "password-too-short"))


LOOSER = [
    ({}, {"open-profile": said("ignore")}, ["rule open-profile: ignore instead of info"]),
    ({"open-profile": said("error")}, {"PAC431": said("warn")}, ["rule open-profile: warn instead of error"]),
    ({}, {"code-too-short": said(min=4)}, ["rule code-too-short: option min is 4 instead of 6"]),
    ({}, {"password-guessable": said(least="weak")}, ["rule password-guessable: option least is weak instead of fair"]),
    (
        {},
        {"device-remembered-too-long": said(max="31d")},
        ["rule device-remembered-too-long: option max is 31d instead of 30d"],
    ),
    (
        {},
        {"password-hashing-weak": said(methods=["argon2", "sha"])},
        ["rule password-hashing-weak: option methods is [argon2, sha] instead of [argon2]"],
    ),
    (
        {"label-missing": said(labels=["owner"])},
        {},
        ["rule label-missing: option labels is [] instead of [owner]"],
    ),
    (
        {"name-convention": said(pattern="^a")},
        {"name-convention": said(pattern="^b")},
        ["rule name-convention: option pattern is ^b instead of ^a"],
    ),
]
STRICTER = [
    ({}, {}),
    ({}, {"open-profile": said("error"), "code-too-short": said(min=8)}),
    ({}, {"password-guessable": said(least="strong"), "device-remembered-too-long": said(max="7d")}),
    ({"password-hashing-weak": said(methods=["argon2", "sha"])}, {}),
    ({"label-missing": said(labels=["a"])}, {"label-missing": said(labels=["a", "b"])}),
]


@pytest.mark.parametrize(("before", "after", "sentences"), LOOSER)
def test_what_is_looser_than_before_is_told(
    before: dict[str, Said], after: dict[str, Said], sentences: list[str]
) -> None:
    assert list(loosened(effective(before), effective(after))) == sentences


@pytest.mark.parametrize(("before", "after"), STRICTER)
def test_what_is_equal_or_stricter_is_not_told(before: dict[str, Said], after: dict[str, Said]) -> None:
    assert list(loosened(effective(before), effective(after))) == []


def test_options_of_a_rule_that_was_off_and_stays_off_loosen_nothing() -> None:
    off = {"code-too-short": said("ignore")}
    assert list(loosened(effective(off), effective({"code-too-short": said("ignore", min=1)}))) == []
