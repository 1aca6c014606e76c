"""Plans as Markdown: everything is there, the riskiest first, within the limit, and foreign text is inert."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from pool_as_code.core.diagnostics import Diagnostic, Location, Severity
from pool_as_code.plan.model import EffectNote, FieldChange, Finding, Plan
from pool_as_code.render import fold
from pool_as_code.render.environments import EnvironmentPlan, Failure
from pool_as_code.render.markdown import LIMIT, plans_markdown
from pool_as_code.render.outputs import Look, render
from pool_as_code.render.rows import changed_rows
from pool_as_code.render.text import plan_text
from tests.golden import Golden
from tests.render.hostile import HOSTILE, TEXTS, assert_harmless, hostile_plan
from tests.render.markup_reading import assert_inert
from tests.render.plans import PERSONAL_TEXTS, TARGET, a_plan, ada, created, deleted, rich_plan, updated

SHOWN = Look(show_values=True)


def one(plan: Plan, name: str = "dev", **given: Any) -> EnvironmentPlan:
    commands = {"next_step": "pac apply --env dev", "whole": "pac plan --env dev --full", "digest": "5e1f" * 16}
    return EnvironmentPlan(name, plan, **{**commands, **given})


def markdown(plan: Plan, look: Look = Look(), **given: Any) -> str:  # noqa: B008
    return plans_markdown([one(plan)], look, **given)


def test_a_rich_plan_reads_as_its_golden_markdown(golden: Golden) -> None:
    golden("golden/rich.md", markdown(rich_plan()))


def test_an_empty_plan_is_two_lines_of_news(golden: Golden) -> None:
    golden("golden/empty.md", markdown(a_plan(unchanged={"pool": 2, "user": 10}, unmanaged={"user": 3})))


def test_risk_comes_first() -> None:
    text = markdown(rich_plan())
    titles = ["**Blocked by", "Blocks an apply", "Weakens security", "Delete", "Warnings", "Change", "Create", "Digest"]
    places = [text.index(f"#### {title}") if title[0] not in "*D" else text.index(title) for title in titles]
    assert places[0] == text.index("**Blocked by 1 finding. Weakens security. Deletes 2 objects.**")
    assert places[1:3] == sorted(places[1:3])
    order = [text.index(f"\n#### {title}\n") for title in titles[1:-1]]
    assert order == sorted(order)
    assert order[-1] < text.index("\nDigest ") < text.index("\nNext:")


def test_the_first_line_finds_the_comment_again() -> None:
    first, other = rich_plan(), a_plan(deleted("pool/p"))
    line = markdown(first).partition("\n")[0]
    assert line == "<!-- pool-as-code:plan p-7f3a dev -->"
    assert markdown(other).startswith(f"{line}\n")
    assert not plans_markdown([one(first), one(first, "prod")], Look()).startswith(line)
    renamed = replace(first, target=replace(TARGET, project_name="another name"))
    assert markdown(renamed).startswith(f"{line}\n")


@pytest.mark.parametrize("look", [Look(), SHOWN, Look(full=True)], ids=["masked", "shown", "full"])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_are_inert(text: str, look: Look) -> None:
    assert_inert(plans_markdown([one(hostile_plan(text), next_step=text, whole=text)], look), limit=LIMIT)


@given(TEXTS)
def test_no_value_whatsoever_becomes_markup(text: str) -> None:
    plan = hostile_plan(text)
    environments = [
        EnvironmentPlan(text, plan, next_step=f"pac apply {text}", whole=text, digest=text),
        EnvironmentPlan(f"{text}2", rich_plan(), next_step=f"{text}: pac apply {text}", whole=text),
        EnvironmentPlan(
            f"{text}3",
            failure=Failure(text, text, 1, (Diagnostic(text, text, location=Location(text)), Diagnostic(text, text))),
        ),
    ]
    for shown in (environments, environments[:1], environments[2:]):
        assert_inert(plans_markdown(shown, SHOWN), limit=LIMIT)
        assert_harmless(render("text", shown, replace(SHOWN, several=True)))
        if text == text.encode(errors="ignore").decode():  # half a character has no JSON, and no manifest can hold it
            assert_harmless(render("json", shown, replace(SHOWN, several=True)))


@given(TEXTS)
def test_what_is_hostile_in_markdown_is_harmless_in_text(text: str) -> None:
    assert_harmless(plan_text(hostile_plan(text), show_values=True, next_step=text))


def test_a_hostile_value_is_shown_and_not_swallowed() -> None:
    reading = assert_inert(
        markdown(a_plan(updated("pool/p", FieldChange(("description",), "a", "<b>@x</b> | `y`")))), limit=LIMIT
    )
    assert '"<b>@x</b> | `y`"' in "".join(reading.literal)


def test_no_personal_value_is_shown_without_being_asked_for() -> None:
    assert [value for value in PERSONAL_TEXTS if value in markdown(rich_plan(), Look(full=True))] == []


def test_every_personal_value_is_shown_when_asked_for() -> None:
    assert [value for value in PERSONAL_TEXTS if value not in markdown(rich_plan(), SHOWN)] == []


@pytest.mark.parametrize("look", [Look(), SHOWN])
def test_a_secret_is_never_shown(look: Look) -> None:
    secret = "correct-horse-battery"
    changes = [
        ada(password={"initial": secret}, totp={"secret": secret}),
        updated("user/customers/bob", FieldChange(("password",), secret, {"hash": secret}, sensitive=True)),
    ]
    text = markdown(a_plan(*changes), look)
    assert secret not in text
    assert "(secret" in text


def different(number: int) -> list[Any]:
    return [
        updated(f"pool/p{n}", FieldChange(("description",), f"before {n} " + "x" * 100, f"after {n}"))
        for n in range(number)
    ]


def test_five_thousand_changes_that_all_differ_stay_below_the_limit_and_say_what_is_cut() -> None:
    text = markdown(a_plan(*different(5000)), Look(full=True))
    assert_inert(text, limit=LIMIT)
    assert len(text) > LIMIT * 0.9
    assert "**Cut to fit 60,000 characters:** 4," in text
    assert "of 5,000 changes not shown here. All of it: `pac plan --env dev --full`" in text
    assert "**5,000 to change; 0 unchanged**" in text


def test_only_what_fits_is_laid_out_and_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[str] = []

    def counting(fields: Any, show_values: bool) -> Any:
        laid_out.append(str(fields[0].before))
        return changed_rows(fields, show_values)

    monkeypatch.setattr(fold, "changed_rows", counting)
    text = markdown(a_plan(*different(5000)), Look(full=True))
    assert len(laid_out) == len(set(laid_out))
    assert len(laid_out) <= text.count('description: "before') + 1


def test_five_thousand_equal_changes_are_one_entry_and_nothing_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = [updated(f"user/customers/u{n}", FieldChange(("status",), "new", "active")) for n in range(5000)]
    text = markdown(a_plan(*changes))
    assert "the same change on 5,000 users in pool/customers" in text
    assert "Cut to fit" not in text
    assert len(text) < 2500


def test_what_is_risky_keeps_its_place_when_everything_else_is_cut() -> None:
    weak = updated("pool/weak", FieldChange(("passwordPolicy", "minLength"), 12, 8, weakens=True))
    gone = [deleted(f"pool/gone-{n}", f"reason {n}") for n in range(30)]
    findings = tuple(Finding("protected", Severity.BLOCK, f"reason {n}", f"pool/gone-{n}", "") for n in range(30))
    noise = tuple(Finding("noise", Severity.WARN, f"warning {n} " + "w" * 200, f"pool/p{n}") for n in range(2000))
    text = markdown(a_plan(*different(3000), *gone, weak, findings=(*noise, *findings)), Look(full=True))
    assert_inert(text, limit=LIMIT)
    assert "minLength: 8" in text
    assert all(f"pool/gone-{n}\n" in text for n in range(30))
    assert all(f"reason {n}" in text for n in range(30))
    assert "warning 0" in text
    assert "before 0" in text
    assert "of 2,030 findings" in text


@pytest.mark.parametrize("limit", [3_500, 5_000, 10_000, 60_000])
def test_any_limit_is_kept(limit: int) -> None:
    effects = tuple(EffectNote("message", f"user/p/{n}", f"text {n}") for n in range(500))
    plan = a_plan(*different(300), *rich_plan().changes, effects=effects, findings=rich_plan().findings)
    for shown in ([one(plan)], [one(plan), one(rich_plan(), "prod"), one(plan, "test")]):
        text = plans_markdown(shown, Look(full=True), limit=limit)
        assert_inert(text, limit=limit)


def test_more_environments_than_fit_are_counted() -> None:
    text = plans_markdown([one(rich_plan(), f"env-{n}") for n in range(300)], Look())
    assert_inert(text, limit=LIMIT)
    assert "environments not shown here" in text


@pytest.mark.parametrize("look", [Look(), Look(full=True)], ids=["folded", "full"])
def test_a_giant_object_leaves_room_for_the_others_and_says_what_it_lacks(look: Look) -> None:
    schema = {"properties": {f"property-{n}": {"type": "string", "title": "x" * 90} for n in range(5000)}}
    many = [created(f"schema/s{n}", {"displayName": f"S{n}"}) for n in range(5)]
    text = markdown(a_plan(created("schema/giant", {"schema": schema}), *many), look)
    assert_inert(text, limit=10_000)
    assert "more lines (--output text --full)" in text
    assert all(f"displayName: S{n}" in text for n in range(5))


def test_a_value_of_a_megabyte_is_cut() -> None:
    plan = a_plan(updated("pool/p", FieldChange(("description",), "a" * 1_000_000, "b" * 1_000_000)))
    assert len(markdown(plan)) < 3000


def test_a_refused_plan_names_the_command_that_lifts_everything_as_a_block_to_copy() -> None:
    step = "read what blocks; if all of it is meant: pac apply --allow x@pool/p"
    text = plans_markdown([one(rich_plan(), next_step=step)], Look())
    assert text.endswith("Next: read what blocks; if all of it is meant:\n\n```sh\npac apply --allow x@pool/p\n```\n")


def test_a_new_object_shows_all_that_is_declared() -> None:
    text = markdown(a_plan(created("pool/p", {"displayName": "P", "badgeColor": "#007FFF"})))
    assert '+     badgeColor: "#007FFF"' in text
