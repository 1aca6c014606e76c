"""Several environments beside each other: what is the same is said once, what differs is shown, what failed says why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from pool_as_code.core.diagnostics import Diagnostic, Location, Severity
from pool_as_code.plan.model import Change, FieldChange, Finding, Plan
from pool_as_code.render.environments import Compared, EnvironmentPlan, Failure, compared
from pool_as_code.render.layout import WIDTH, columns
from pool_as_code.render.markdown import LIMIT, plans_markdown
from pool_as_code.render.outputs import RENDERERS, Look, render
from tests.golden import Golden
from tests.render.markup_reading import assert_inert
from tests.render.plans import TARGET, a_plan, ada, created, deleted, personal, rich_plan, updated

SEVERAL = Look(several=True)
LONGER = updated("pool/customers", FieldChange(("passwordPolicy", "minLength"), 10, 12))
NEW = created("group/customers/staff", {"displayName": "Staff"})
WEAK = Finding("weakens-security", Severity.WARN, "weaker", "pool/customers")
BLOCKS = Finding("protected", Severity.BLOCK, "it is protected", "pool/customers", "declare protect: false")


def plan_of(name: str, *changes: Change, **given: Any) -> Plan:
    return a_plan(*changes, target=replace(TARGET, environment=name, store=f"sqlite:///{name}.db"), **given)


def shown(name: str, plan: Plan) -> EnvironmentPlan:
    return EnvironmentPlan(name, plan, next_step=f"pac apply --env {name}", digest=name[0] * 64)


def three() -> list[EnvironmentPlan]:
    """The second as the first, the third without a change of the first and with another one."""
    longer = updated("pool/customers", FieldChange(("passwordPolicy", "minLength"), 14, 12, weakens=True))
    return [
        shown("dev", plan_of("dev", LONGER, NEW, deleted("group/customers/old"), findings=(WEAK,))),
        shown("stage", plan_of("stage", LONGER, NEW, deleted("group/customers/old"), findings=(WEAK,))),
        shown("prod", plan_of("prod", longer, NEW, findings=(WEAK, BLOCKS), unmanaged={"user": 7})),
    ]


def a_failure() -> EnvironmentPlan:
    wrong = Diagnostic("PAC203", "unknown field minLenght", location=Location("a.yaml", 3, 5))
    return EnvironmentPlan("test", failure=Failure("the manifests have errors", "correct them", 1, (wrong,)))


def beside(one: Plan, base: Plan) -> Compared:
    return compared(one, base, "dev")


def test_equal_changes_are_the_same_whatever_ids_and_reasons_their_stores_gave_them() -> None:
    here = replace(LONGER, remote_id="b", revision="7", reason="another", level=3)
    found = beside(plan_of("stage", here, NEW), plan_of("dev", replace(LONGER, remote_id="a"), NEW))
    assert found.equal
    assert found.same == 2


def test_another_value_address_action_or_field_differs() -> None:
    base = plan_of("dev", LONGER, NEW, ada())
    others = [
        updated("pool/customers", FieldChange(("passwordPolicy", "minLength"), 10, 13)),
        updated("pool/customers", FieldChange(("passwordPolicy", "minLength"), 11, 12)),
        updated("pool/customers", FieldChange(("passwordPolicy", "history"), 10, 12)),
        updated("pool/others", *LONGER.fields),
        deleted("pool/customers"),
        created("group/customers/staff", {"displayName": "staff"}),
        ada(profile={"first_name": "Another"}),
        replace(ada(), secrets={"password.initial": "fromEnv:OTHER"}),
    ]
    for other in others:
        assert beside(plan_of("prod", other), base).changes == (other,)


def test_keys_in_another_order_are_the_same() -> None:
    one, other = created("pool/p", {"a": 1, "b": {"c": 1, "d": 2}}), created("pool/p", {"b": {"d": 2, "c": 1}, "a": 1})
    assert beside(plan_of("prod", one), plan_of("dev", other)).equal


def test_hidden_values_that_differ_are_no_longer_the_same() -> None:
    one = updated("user/p/u", personal(("profile", "name"), "a", "b"))
    other = updated("user/p/u", personal(("profile", "name"), "a", "c"))
    assert not beside(plan_of("prod", one), plan_of("dev", other)).equal


def test_what_only_the_first_one_changes_is_named() -> None:
    found = beside(plan_of("prod", NEW), plan_of("dev", NEW, LONGER))
    assert not found.equal
    assert [str(address) for address in found.missing] == ["pool/customers"]
    assert "Only in dev: pool/customers" in found.sentences


def test_an_environment_with_nothing_to_do_says_so() -> None:
    found = beside(plan_of("prod"), plan_of("dev", NEW))
    assert found.sentences[0] == "Differs from dev: nothing is to do here"


def test_findings_that_block_are_shown_everywhere() -> None:
    base = plan_of("dev", LONGER, findings=(WEAK, BLOCKS))
    assert beside(plan_of("prod", LONGER, findings=(WEAK, BLOCKS)), base).findings == (BLOCKS,)


def test_three_environments_read_as_their_golden_files(golden: Golden) -> None:
    environments = [*three(), a_failure()]
    golden("golden/several.txt", render("text", environments, SEVERAL))
    golden("golden/several.md", render("markdown", environments, SEVERAL))


def test_no_line_about_several_environments_is_wider_than_the_terminal() -> None:
    wide = [shown(name, rich_plan()) for name in ("development-of-the-shop", "production-of-the-shop")]
    text = render("text", [*wide, *three(), a_failure()], SEVERAL)
    assert [line for line in text.splitlines() if columns(line) > WIDTH] == []
    assert "\nproduction-of-the-shop   blocked; same as development-of-the-shop; " in text


def test_what_is_the_same_stands_in_the_comment_once() -> None:
    text = plans_markdown(three(), SEVERAL)
    assert_inert(text, limit=LIMIT)
    assert text.startswith("<!-- pool-as-code:plan p-7f3a dev stage prod -->\n")
    assert text.count("+     passwordPolicy.minLength: 12") == 2  # of dev and of prod
    assert text.count("displayName: Staff") == 1
    assert "Same as dev: 3 changes, not shown again" in text
    assert "-     passwordPolicy.minLength: 14" in text


def test_a_risk_that_is_not_shown_again_is_still_told() -> None:
    weak = updated("pool/p", FieldChange(("passwordPolicy", "minLength"), 12, 8, weakens=True))
    text = plans_markdown([shown(name, plan_of(name, weak)) for name in ("dev", "prod")], SEVERAL)
    assert text.count("**Weakens security.**") == 2
    assert text.count("minLength: 8") == 1


def test_the_comment_says_what_failed_beside_the_plans_of_the_others() -> None:
    text = plans_markdown([a_failure(), *three()], SEVERAL)
    reading = assert_inert(text, limit=LIMIT)
    assert "**There is no plan:** the manifests have errors" in text
    assert "a.yaml:3:5" in "".join(reading.literal)
    assert "**3 to create" not in text
    assert "**1 to create, 1 to change, 1 to delete; 0 unchanged**" in text


def test_the_first_plan_there_is_is_what_the_others_are_compared_with() -> None:
    text = render("text", [a_failure(), *three()], SEVERAL)
    assert "Same as dev" in text
    assert "ame as test" not in text


def test_the_json_form_has_a_plan_or_an_error_for_each() -> None:
    value = json.loads(render("json", [*three(), a_failure()], SEVERAL))
    assert list(value["environments"]) == ["dev", "prod", "stage", "test"]
    assert value["environments"]["prod"]["resource_changes"][0]["address"] == "pool/customers"
    assert value["environments"]["test"]["error"]["diagnostics"][0]["line"] == 3
    assert list(validator().iter_errors(value)) == []
    value["environments"]["test"]["error"].pop("message")
    assert not validator().is_valid(value)


def validator() -> Draft202012Validator:
    folder = Path(__file__).parents[2] / "schemas"
    plan, plans = (json.loads((folder / name).read_text()) for name in ("plan.schema.json", "plans.schema.json"))
    registry: Registry[Any] = Registry().with_resource("plan.schema.json", Resource.from_contents(plan))
    return Draft202012Validator(plans, registry=registry)


def test_one_environment_of_several_keeps_the_form_of_several() -> None:
    assert list(json.loads(render("json", [shown("dev", rich_plan())], SEVERAL))) == ["environments"]
    assert "environments" not in json.loads(render("json", [shown("dev", rich_plan())], Look()))


def test_every_form_of_the_command_line_has_a_renderer() -> None:
    from pool_as_code.cli.forms import FORMS

    assert tuple(RENDERERS) == FORMS
    for form in FORMS:
        assert render(form, [shown("dev", rich_plan())], Look()).endswith("\n")
