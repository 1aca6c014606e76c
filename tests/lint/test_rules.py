"""Every rule complains about its bad examples, at the right place, and leaves its good ones alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from pool_as_code.core.address import Address
from pool_as_code.core.codes import by_code
from pool_as_code.lint.config import effective, problems_of
from pool_as_code.lint.desired import Desired
from pool_as_code.lint.registry import RULES
from pool_as_code.lint.rule import Rule, Table
from pool_as_code.lint.run import judge
from pool_as_code.manifest.project import Rule as Said
from pool_as_code.resources.registry import by_name
from pool_as_code.resources.state import Resource, State
from tests.lint.desired_states import NOW, breaches, desired
from tests.lint.examples import ADOPTED, EXAMPLES, Example, factors, organization, pool, schema, user
from tests.manifest.mutations import broken_documents

BY_RULE = {example.rule: example for example in EXAMPLES}


def cases(kind: str) -> Iterator[object]:
    for example in EXAMPLES:
        for number, text in enumerate(getattr(example, kind)):
            yield pytest.param(example, text, id=f"{example.rule}-{number}")


@pytest.mark.parametrize(("example", "text"), list(cases("bad")))
def test_a_rule_complains_once_at_the_place_of_its_bad_example(example: Example, text: str) -> None:
    found = breaches(desired(text, protected=example.protected), example.rule, **example.options)
    assert [item.breach.path for item in found] == [example.path]
    breach = found[0].breach
    assert breach.found
    assert breach.why
    assert breach.hint
    assert not breach.found.endswith(".")


@pytest.mark.parametrize(("example", "text"), list(cases("good")))
def test_a_rule_leaves_its_good_example_alone(example: Example, text: str) -> None:
    assert breaches(desired(text, protected=example.protected), example.rule, **example.options) == []


def test_every_rule_has_bad_and_good_examples() -> None:
    assert list(BY_RULE) == RULES.names
    assert all(example.bad and example.good for example in EXAMPLES)


def test_rules_stand_in_the_order_of_their_codes_and_each_code_is_explained() -> None:
    codes = [rule.code for rule in RULES.rules]
    assert codes == sorted(codes)
    assert all("PAC410" <= code <= "PAC449" and code in by_code() for code in codes)


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.protected], ids=lambda e: e.rule)
def test_what_is_judged_in_protected_environments_is_fine_elsewhere(example: Example) -> None:
    assert all(breaches(desired(text), example.rule) == [] for text in example.bad)


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.options], ids=lambda e: e.rule)
def test_a_rule_that_has_to_be_told_what_to_look_for_is_silent_until_then(example: Example) -> None:
    assert all(breaches(desired(text), example.rule) == [] for text in example.bad)


def test_a_pool_that_is_only_named_breaks_no_rule() -> None:
    for text in (pool(""), pool("", ADOPTED), pool("displayName: Records") + user("status: active")):
        assert list(judge(desired(text), effective({}))) == []


def test_what_a_taken_over_pool_does_not_declare_breaks_no_rule() -> None:
    text = pool(factors("password, webauthn", "totp") + ", passwordPolicy: {digits: 1}", ADOPTED)
    assert list(judge(desired(text), effective({}))) == []
    bound = desired(text.replace(ADOPTED, ""), bound=frozenset({Address("pool", "people")}))
    assert list(judge(bound, effective({}))) == []


@pytest.mark.parametrize("state", ["absent", "released"])
def test_objects_that_are_to_go_are_not_judged(state: str) -> None:
    assert list(judge(desired(pool(factors("password"), f", state: {state}")), effective({}))) == []


def test_what_surrounds_a_part_is_known_and_not_judged() -> None:
    part = desired(schema("type: object"), pool(factors("password") + ", schemas: {profile: facts}"))
    assert list(judge(part, effective({}))) == []


def test_what_is_to_go_in_the_surroundings_uses_nothing() -> None:
    around = pool("schemas: {profile: facts}", ", state: absent")
    assert len(breaches(desired(schema("type: object"), around), "schema-unused")) == 1


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("items: {%s}", ("items",)),
        ("not: {%s}", ("not",)),
        ("if: {%s}", ("if",)),
        ("anyOf: [{}, {%s}]", ("anyOf", 1)),
        ("patternProperties: {'^a': {%s}}", ("patternProperties", "^a")),
        ("dependentSchemas: {a: {%s}}", ("dependentSchemas", "a")),
        ("properties: {a: {items: {%s}}}", ("properties", "a", "items")),
    ],
)
def test_rules_about_schemas_look_into_every_schema_inside(written: str, path: tuple[str | int, ...]) -> None:
    inner = written % "type: boolean, minLength: 1"
    (found,) = breaches(desired(schema(f"type: object, properties: {{b: {{{inner}}}}}")), "keyword-without-effect")
    assert found.breach.path == ("spec", "schema", "properties", "b", *path, "minLength")


def test_a_domain_that_is_shared_with_the_surroundings_is_told_at_the_part() -> None:
    ours, theirs = organization("acme", "domains: [a.example]"), organization("other", "domains: [a.example]")
    found = breaches(desired(ours, theirs), "domain-shared")
    assert [str(item.breach.resource.address) for item in found] == ["organization/acme"]


@pytest.mark.parametrize(
    ("rule", "option", "value"),
    [
        ("password-too-short", "min", 0),
        ("password-guessable", "least", "any"),
        ("password-hashing-weak", "methods", ["sha", "bcrypt", "pbkdf2", "argon2"]),
        ("password-expires", "least", "1d"),
        ("device-remembered-too-long", "max", "365d"),
        ("code-lives-too-long", "recovery", "30d"),
        ("code-too-short", "min", 4),
        ("too-few-passkeys", "min", 0),
        ("second-factor-weak", "methods", []),
        ("domain-of-everybody", "domains", []),
        ("attribute-visible", "names", "^never$"),
        ("administrator-password-stays", "labels", {}),
        ("open-beside-administrators", "labels", {"role": "root"}),
    ],
)
def test_an_option_lets_more_pass(rule: str, option: str, value: object) -> None:
    example = BY_RULE[rule]
    assert all(breaches(desired(text), rule, **{option: value}) == [] for text in example.bad)


def test_every_option_is_described_and_its_default_is_right() -> None:
    for rule in RULES.rules:
        assert all(option.doc.endswith(".") for option in rule.options)
        assert list(problems_of({rule.name: Said("", dict(rule.defaults))})) == []


@pytest.mark.parametrize("other", [{"code": "PAC1"}, {"name": "one"}])
def test_a_code_or_name_that_stands_twice_is_refused_with_both_names(other: dict[str, str]) -> None:
    first = Rule("PAC1", "one", "warn", lambda desired, options: iter(()))
    second = Rule(other.get("code", "PAC2"), other.get("name", "two"), "warn", first.check)
    with pytest.raises(ValueError, match=f"{first.name} and {second.name}"):
        Table((first, second))


@given(broken_documents())
@settings(max_examples=150)
def test_no_rule_stumbles_over_anything_that_is_valid(documents: list[Any]) -> None:
    """Values of every kind, missing, doubled, null: what the manifests' checks let through, the rules can judge."""
    resources = []
    for document in documents:
        try:
            kind = by_name()[document["kind"]]
            valid = kind.adapter.validate_python(document)
        except (ValidationError, KeyError, TypeError):
            continue
        metadata = valid["metadata"]
        path = f"{metadata['pool']}/{metadata['name']}" if kind.container else str(metadata["name"])
        resources.append(Resource(Address(kind.word, path), metadata, valid.get("spec") or {}))
    judged = Desired(State.made_of(resources), NOW, protected=True)
    options = {
        "name-convention": Said("", {"pattern": "^x"}),
        "label-missing": Said("", {"labels": ["a"], "kinds": ["*"]}),
    }
    for found in judge(judged, effective(options)):
        assert found.breach.path[0] in ("metadata", "spec")
