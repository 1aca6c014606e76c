"""What an apply says while it runs and at its end."""

from dataclasses import dataclass, field

import pytest

from pool_as_code.apply.report import ChangeOutcome, Report, Status
from pool_as_code.core.address import Address
from pool_as_code.plan.model import Action
from pool_as_code.render.json import json_text, report_json
from pool_as_code.render.report import SHOWN, OutcomeLines, report_text
from tests.golden import Golden


def an_outcome(
    address: str,
    status: Status,
    action: Action = Action.CREATE,
    reason: str = "",
    hint: str = "",
    unguarded: bool = False,
) -> ChangeOutcome:
    return ChangeOutcome(Address.parse(address), action, status, reason, hint, unguarded)


OUTCOMES = (
    an_outcome("schema/profile", Status.DONE, Action.OWN, "it was there already"),
    an_outcome("pool/customers", Status.APPLIED),
    an_outcome("pool/old", Status.APPLIED, Action.DELETE),
    an_outcome("pool/hand-made", Status.APPLIED, Action.ADOPT),
    an_outcome("group/customers/legacy", Status.APPLIED, Action.RELEASE),
    an_outcome("group/customers/staff", Status.APPLIED, Action.UPDATE, unguarded=True),
    an_outcome("user/customers/cleo", Status.APPLIED, Action.OWN),
    an_outcome("user/customers/ada", Status.FAILED, reason="the identifier is taken", hint="remove it there first"),
    an_outcome("user/customers/bob", Status.SKIPPED, reason="user/customers/ada did not get there"),
    an_outcome("user/customers/dan", Status.UNKNOWN, reason="no answer"),
    an_outcome("user/customers/eve", Status.UNDONE),
)


def printed(report: Report) -> str:
    lines = OutcomeLines()
    body = [line for outcome in report.outcomes for line in lines.lines(outcome)]
    return "\n".join([*body, *lines.rest()]) + "\n" + report_text(report)


def test_an_apply_in_part_reads_as_its_golden_text(golden: Golden) -> None:
    report = Report("3f9c2a", "partly", OUTCOMES, ("customers",), "mend what failed, then run the same command again")
    golden("golden/report-partly.txt", printed(report))
    golden("golden/report-partly.json", json_text(report_json(report)))


def test_a_whole_apply_reads_as_its_golden_text(golden: Golden) -> None:
    many = tuple(an_outcome(f"user/customers/u{n}", Status.APPLIED) for n in range(1000))
    golden("golden/report-applied.txt", printed(Report("3f9c2a", "applied", many, (), "pac plan")))


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("nothing", "Nothing to do."),
        ("failed", "Live now: what was live before; nothing of this plan was kept."),
    ],
)
def test_the_end_says_what_is_live_now(state: str, sentence: str) -> None:
    assert sentence in report_text(Report("", state))


def test_the_end_of_a_destroy_says_that_all_is_gone() -> None:
    gone = an_outcome("pool/old", Status.APPLIED, Action.DELETE)
    given_up = an_outcome("pool/hand-made", Status.APPLIED, Action.RELEASE)
    assert "Gone now: all that was to go.\n" in report_text(Report("r", "applied", (gone, gone)))
    assert "Gone now: all that was to go; what was given up stays.\n" in report_text(
        Report("r", "applied", (gone, given_up))
    )
    assert "Live now: all of it.\n" in report_text(Report("r", "applied", (given_up,)))


def test_failures_beside_pools_leave_sign_in_alone() -> None:
    report = Report("r", "partly", (an_outcome("schema/s", Status.FAILED, reason="refused"),))
    assert "Sign-in of no pool is affected." in report_text(report)


def test_outcomes_of_one_sort_are_shown_to_a_limit_and_then_counted() -> None:
    lines = OutcomeLines()
    shown = [lines.lines(an_outcome(f"user/p/u{n}", Status.APPLIED)) for n in range(SHOWN + 5)]
    assert [len(s) for s in shown] == [1] * SHOWN + [0] * 5
    assert lines.rest() == ["  ... and 5 more users created"]


def test_each_reason_of_failure_is_shown_even_after_many_others() -> None:
    lines = OutcomeLines()
    for n in range(100):
        lines.lines(an_outcome(f"user/p/u{n}", Status.FAILED, reason="taken"))
    assert "another reason" in lines.lines(an_outcome("user/p/z", Status.FAILED, reason="another reason"))[0]


@dataclass
class _Hostile:
    address: Address
    action: Action = Action.CREATE
    status: str = "failed"
    reason: str = "\x1b[2Jgone\n- all done"
    hint: str = "\u202ehint\x07"
    unguarded: bool = False


@dataclass
class _HostileReport:
    run_id: str = "\x1brun"
    state: str = "partly"
    outcomes: tuple[_Hostile, ...] = field(default=(_Hostile(Address("user", "p/\x1b[31m")),))
    affected_pools: tuple[str, ...] = ("\x1bpool",)
    next_step: str = "\x1b]0;x\x07"


def test_what_a_store_says_is_made_harmless() -> None:
    report = _HostileReport()
    text = "\n".join(OutcomeLines().lines(report.outcomes[0])) + report_text(report) + json_text(report_json(report))
    assert not [c for c in text if c != "\n" and not c.isprintable()]
    assert "\n- all done" not in text
