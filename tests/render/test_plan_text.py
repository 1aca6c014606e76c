"""The plan as text: everything is there, the riskiest first, and nothing that must not be seen."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from pool_as_code.core.address import Address
from pool_as_code.core.diagnostics import Severity
from pool_as_code.core.fieldpath import Item
from pool_as_code.plan.model import Change, Effect, EffectNote, FieldChange, Finding
from pool_as_code.render import fold
from pool_as_code.render.layout import WIDTH, columns
from pool_as_code.render.palette import Palette
from pool_as_code.render.rows import created_rows
from pool_as_code.render.text import plan_text
from tests.golden import Golden
from tests.render.hostile import HOSTILE, TEXTS, assert_harmless, hostile_plan
from tests.render.plans import (
    PERSONAL_TEXTS,
    TARGET,
    a_plan,
    ada,
    created,
    deleted,
    personal,
    rich_plan,
    updated,
)


def test_a_rich_plan_reads_as_its_golden_text(golden: Golden) -> None:
    golden("golden/rich.txt", plan_text(rich_plan(), digest="5e1f" * 16, next_step="pac apply --env dev"))


def test_a_rich_plan_with_values_reads_as_its_golden_text(golden: Golden) -> None:
    golden(
        "golden/rich-values.txt",
        plan_text(rich_plan(), show_values=True, digest="5e1f" * 16, next_step="pac apply --env dev"),
    )


def test_a_rich_plan_in_colour_reads_as_its_golden_text(golden: Golden) -> None:
    golden(
        "golden/rich-colour.txt",
        plan_text(rich_plan(), palette=Palette(True), digest="5e1f" * 16, next_step="pac apply --env dev"),
    )


def test_colour_adds_nothing_but_colour() -> None:
    coloured = plan_text(rich_plan(), palette=Palette(True))
    assert re.sub(r"\x1b\[[0-9;]+m", "", coloured) == plan_text(rich_plan())


def test_a_folded_plan_reads_as_its_golden_text(golden: Golden) -> None:
    many = [
        *(created(f"group/customers/g{n}", {"displayName": f"Group {n}"}) for n in range(40)),
        *(
            created(f"user/customers/u{n}", {"status": "new", **({"groups": ["a"]} if n > 30 else {})})
            for n in range(50)
        ),
        *(updated(f"user/customers/v{n}", FieldChange(("status",), "new", "active")) for n in range(1000)),
        *(updated(f"user/partners/w{n}", personal(("profile", "n"), n, n + 1)) for n in range(30)),
        *(updated(f"group/customers/h{n}", FieldChange(("displayName",), f"H{n}", f"h{n}")) for n in range(30)),
        *(deleted(f"user/customers/x{n}") for n in range(400)),
        deleted("user/customers/y", "declared absent"),
    ]
    effects = tuple(EffectNote("activation-message", str(c.address), "a message is sent") for c in many[40:90])
    findings = tuple(
        Finding(
            "reactivates-user",
            Severity.BLOCK,
            "it would be active",
            f"user/customers/v{n}",
            f"--allow it@user/customers/v{n}",
        )
        for n in range(100)
    )
    golden("golden/folded.txt", plan_text(a_plan(*many, effects=effects, findings=findings)))


def test_an_empty_plan_says_nothing_to_do_and_what_else_is_there(golden: Golden) -> None:
    plan = a_plan(
        unchanged={"pool": 2, "user": 10}, unmanaged={"user": 3}, orphaned=(Address("group", "customers/old"),)
    )
    golden("golden/empty.txt", plan_text(plan, next_step="pac apply"))


def test_a_destroy_and_a_part_of_a_project_are_called_by_name() -> None:
    text = plan_text(a_plan(deleted("pool/p"), destroy=True, whole_project=False))
    assert text.startswith("Destroy what project shop created, environment dev\n")
    assert "Only a part of the project" in text


def test_a_new_store_is_called_empty() -> None:
    assert "(still empty)" in plan_text(a_plan(target=replace(TARGET, fingerprint="new")))


def test_every_line_of_a_rich_plan_fits_the_terminal() -> None:
    text = plan_text(rich_plan(), show_values=True, next_step="pac apply --env dev")
    assert [line for line in text.splitlines() if columns(line) > WIDTH] == []


def test_only_what_can_not_be_broken_is_wider_than_the_terminal() -> None:
    finding = Finding(
        "long-code-of-a-finding", Severity.WARN, "reason " * 30, f"group/customers/{'x' * 50}", "do it " * 30
    )
    plan = a_plan(updated("pool/p", FieldChange(("description",), "before " * 40, "after " * 40)), findings=(finding,))
    assert [line for line in plan_text(plan).splitlines() if columns(line) > WIDTH] == []
    command = f"pac apply --allow {'x' * 100}"
    wide = [line for line in plan_text(plan, next_step=command).splitlines() if columns(line) > WIDTH]
    assert wide == [f"Next: {command}"]


def test_the_last_lines_say_the_risk_and_count_the_changes_in_the_colours_of_their_signs() -> None:
    lines = plan_text(rich_plan(), palette=Palette(True), next_step="pac apply").splitlines()
    at = next(at for at, line in enumerate(lines) if "Blocked by" in line)
    assert lines[at] == "\x1b[1;31m! Blocked by 1 finding. Weakens security. Deletes 2 objects.\x1b[0m"
    assert "\x1b[32m3 to create\x1b[0m, \x1b[33m4 to change\x1b[0m, \x1b[31m2 to delete\x1b[0m" in lines[at + 1]
    assert lines[-1] == "Next: pac apply"


def test_risk_comes_first() -> None:
    text = plan_text(rich_plan(), next_step="pac apply")
    order = ["Blocks an apply", "Warnings", "Weakens security", "Delete", "Change", "Take over", "Create", "Next:"]
    places = [text.index(f"\n{title}") for title in order]
    assert places == sorted(places)


def test_no_personal_value_is_shown_without_being_asked_for() -> None:
    text = plan_text(rich_plan(), full=True)
    assert [value for value in PERSONAL_TEXTS if value in text] == []


def test_every_personal_value_is_shown_when_asked_for() -> None:
    text = plan_text(rich_plan(), show_values=True)
    assert [value for value in PERSONAL_TEXTS if value not in text] == []


SECRET = "correct-horse-battery"


@pytest.mark.parametrize("show_values", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        ada(password={"initial": SECRET}),
        ada(password={"hash": SECRET}),
        ada(password={"hash": {"value": SECRET, "config": {"salt": SECRET}}}),
        ada(totp={"secret": SECRET}),
        ada(totp=SECRET),
        ada(unknownField=SECRET),
        updated("user/customers/ada", FieldChange(("password",), SECRET, {"hash": SECRET}, sensitive=True)),
        updated("user/customers/ada", FieldChange(("profile", "pin"), None, SECRET, sensitive=True, personal=True)),
        updated("user/customers/ada", FieldChange(("profile", "pin"), SECRET, None, Effect.RESET, sensitive=True)),
        updated(
            "user/customers/ada", FieldChange(("keys", Item("k")), None, {"k": SECRET}, Effect.ADD, sensitive=True)
        ),
        replace(ada(profile={"pin": SECRET}), fields=(FieldChange(("profile", "pin"), None, SECRET, sensitive=True),)),
        replace(ada(), fields=(FieldChange(("profile",), None, {"pin": SECRET}, sensitive=True),)),
    ],
)
def test_a_secret_is_never_shown(change: Change, show_values: bool) -> None:
    text = plan_text(a_plan(change), show_values=show_values, full=True)
    assert SECRET not in text
    assert "(secret" in text


def test_references_to_secrets_are_shown() -> None:
    text = plan_text(a_plan(ada()))
    assert "password.initial: (secret, fromEnv:ADA_PASSWORD)" in text
    assert "totp.secret: (secret, fromFile:secrets/ada.totp)" in text
    assert "password.mustChange: true" in text


@pytest.mark.parametrize("show_values", [False, True])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_reach_no_terminal(text: str, show_values: bool) -> None:
    assert_harmless(plan_text(hostile_plan(text), show_values=show_values, next_step=f"pac apply {text}"))


@given(TEXTS)
def test_no_value_whatsoever_reaches_a_terminal_raw(text: str) -> None:
    assert_harmless(plan_text(hostile_plan(text), show_values=True, next_step=text))


def test_a_value_of_a_megabyte_is_cut() -> None:
    plan = a_plan(updated("pool/p", FieldChange(("description",), "a" * 1_000_000, "b" * 1_000_000)))
    assert len(plan_text(plan)) < 2000


def test_two_schemas_too_large_to_compare_are_still_told_apart() -> None:
    def schema(last: str) -> Any:
        return {"properties": {f"p{n}": {"type": "string"} for n in range(10_000)}, "title": last}

    text = plan_text(a_plan(updated("schema/s", FieldChange(("schema",), schema("old"), schema("new")))))
    assert "old" in text
    assert "new" in text
    assert len(text) < 3000


def test_a_changed_schema_shows_what_changed_in_it_and_nothing_else() -> None:
    text = plan_text(rich_plan())
    assert "~ properties.first_name.minLength: 1 -> 2" in text
    assert "+ properties.last_name: {type: string}" in text


def test_a_hundred_thousand_creates_fold_into_a_page_and_only_the_samples_are_laid_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laid_out: list[Change] = []

    def counting(change: Change, show_values: bool) -> Any:
        laid_out.append(change)
        return created_rows(change, show_values)

    monkeypatch.setattr(fold, "created_rows", counting)
    spec = {"status": "active", "identifiers": [{"email": "u@example.com"}], "profile": {"first_name": "U"}}
    text = plan_text(a_plan(*(created(f"user/customers/u{n}", spec) for n in range(100_000))))
    assert len(text.splitlines()) < 40
    assert "... and 99,997 more users in pool/customers" in text
    assert len(laid_out) == fold.SAMPLES


def test_groups_of_many_pools_fold_as_if_they_stood_in_one() -> None:
    pools = range(fold.FOLD_BEYOND + 1)
    made = [created(f"group/p{n}/{name}", {"displayName": name}) for n in pools for name in ("admins", "billing")]
    text = plan_text(a_plan(*made))
    assert text.count("  + group/") == fold.SAMPLES
    assert f"... and {2 * len(pools) - fold.SAMPLES} more groups (--full lists all)" in text
    changed = [updated(f"group/p{n}/admins", FieldChange(("displayName",), "Admins", "Owners")) for n in pools]
    text = plan_text(a_plan(*changed))
    assert f"~ the same change on {len(pools)} groups\n      p0/admins, p1/admins" in text
    few = plan_text(a_plan(*changed[:2]))
    assert "~ group/p0/admins" in few
    assert "~ group/p1/admins" in few


def test_everything_is_listed_when_asked_for() -> None:
    text = plan_text(a_plan(*(created(f"group/p/g{n}", {}) for n in range(500))), full=True)
    assert text.count("+ group/p/") == 500


def test_many_different_sorts_of_changes_stay_a_few_pages() -> None:
    changes = [updated(f"pool/p{n}", FieldChange((f"extra{n}",), n, n + 1)) for n in range(5000)]
    assert len(plan_text(a_plan(*changes)).splitlines()) < 500


def test_changes_of_one_fold_are_counted_whole() -> None:
    changes = [updated(f"pool/p{n}", FieldChange(("extra",), n, n + 1)) for n in range(1234)]
    assert "... and 1,231 more pools" in plan_text(a_plan(*changes))


def test_golden_texts_hold_no_personal_value() -> None:
    folder = Path(__file__).parent / "golden"
    for name in ("rich.txt", "rich-colour.txt", "folded.txt"):
        text = (folder / name).read_text("utf-8")
        assert [value for value in PERSONAL_TEXTS if value in text] == []
