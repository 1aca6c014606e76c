"""`explain`: every field, code, finding and rule is explained, by our word and the service's, with an example that is valid."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from pool_as_code.app.explaining import all_names, explain, suggestions
from pool_as_code.core.codes import CODES
from pool_as_code.core.diagnostics import Severity
from pool_as_code.core.errors import InvalidInput
from pool_as_code.lint.registry import RULES
from pool_as_code.manifest.examples import EXAMPLES
from pool_as_code.manifest.fields import PROJECT, FieldEntry, all_fields, document_types
from pool_as_code.manifest.jsonschema import manifest_schema, schema_named
from pool_as_code.manifest.load import load
from pool_as_code.manifest.project import read_project
from pool_as_code.plan.findings.catalogue import CATALOGUE
from pool_as_code.resources.pool.sign_in import METHODS
from pool_as_code.resources.registry import KINDS

FIELDS = list(all_fields())
HEAD = {"apiVersion": "pool-as-code/v1"}
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"first_name": {"type": "string"}, "last_name": {"type": "string"}},
}
SCHEMA |= {"additionalProperties": True}
AROUND: list[dict[str, object]] = [  # what the examples name
    {**HEAD, "kind": "Workspace", "metadata": {"name": "shop"}},
    {**HEAD, "kind": "Organization", "metadata": {"name": "acme"}},
    {**HEAD, "kind": "Schema", "metadata": {"name": "customer-profile"}, "spec": {"schema": SCHEMA}},
    {
        **HEAD,
        "kind": "IdentityPool",
        "metadata": {"name": "customers", "labels": {"tier": "gold"}},
        "spec": {"schemas": {"administrative": "customer-profile"}},
    },
    {**HEAD, "kind": "Group", "metadata": {"name": "staff", "pool": "customers"}},
]
MANIFESTS, PROJECTS = Draft7Validator(manifest_schema()), Draft7Validator(schema_named(PROJECT))
PERMITTED = {"POOL_AS_CODE_ALLOW_COMMANDS": "1"}


def names(word: str) -> list[str]:
    return [topic.name for topic in explain(word)]


def identity(document: dict[str, object]) -> tuple[object, object]:
    metadata = document["metadata"]
    assert isinstance(metadata, dict)
    return document["kind"], metadata["name"]


@pytest.mark.parametrize("entry", FIELDS, ids=lambda entry: entry.label)
def test_the_example_of_every_field_declares_it_and_is_valid(entry: FieldEntry, tmp_path: Path) -> None:
    (topic,) = explain(entry.label)
    assert topic.name == entry.label
    assert topic.summary
    document = yaml.safe_load(topic.example)
    schema = PROJECTS if entry.kind == PROJECT else MANIFESTS
    plain = json.loads(json.dumps(document, default=str))
    assert [error.message for error in schema.iter_errors(plain)] == []
    place = document
    for step in entry.path:
        place = place[0] if step == "[]" else next(iter(place.values())) if step == "*" else place[step]
    if entry.kind == PROJECT:
        file = tmp_path / "pool-as-code.yaml"
        file.write_text(topic.example)
        assert read_project(file).name
        return
    metadata = document["metadata"]
    base: dict[str, object] = {**HEAD, "kind": entry.kind, "metadata": {"name": "base", "abstract": True}}
    others = [*AROUND, base] if "extends" in metadata else [] if "abstract" in metadata else AROUND
    kept = [other for other in others if identity(other) != identity(document)]
    (tmp_path / "around.yaml").write_text("\n---\n".join(map(json.dumps, kept)))
    (tmp_path / "example.yaml").write_text(topic.example)
    (tmp_path / "teams.csv").write_text(
        "team;title;size\nsupport;Support;3\n" if ";" in topic.example else "team,title,size\nsupport,Support,3\n"
    )
    found = load(["."], cwd=tmp_path, environ=PERMITTED).diagnostics
    assert [str(item) for item in found if item.severity is Severity.ERROR] == []


def test_every_example_of_the_table_is_one_of_a_field() -> None:
    assert set(EXAMPLES) - {entry.label for entry in FIELDS} == set()


def test_every_word_of_the_service_leads_to_its_field() -> None:
    for entry in FIELDS:
        if "." in entry.wire:
            assert entry.label in names(entry.wire)
        elif entry.wire:
            last = [e for e in FIELDS if e.path[-1].lower() == entry.wire.replace("_", "").lower()]
            assert entry.label in names(entry.wire) or last


def test_every_code_finding_and_rule_is_explained() -> None:
    for doc in CODES:
        (topic,) = explain(doc.code)
        assert topic.summary == f"{doc.title}."
        assert any(doc.next_step in note for note in topic.notes)
    for finding in CATALOGUE:
        (topic,) = explain(finding.code)
        assert topic.summary == finding.title
        assert dict(topic.facts)["severity"] == finding.severity.value
    for rule in RULES.rules:
        (topic,) = explain(rule.name)
        assert dict(topic.facts)["code"] == rule.code
        assert explain(rule.code) == [topic]
        project = {
            **HEAD,
            "kind": "Project",
            "id": "p-0123456789abcdef",
            "name": "shop",
            **yaml.safe_load(topic.example),
        }
        assert PROJECTS.is_valid(project)


def test_every_kind_is_explained_by_its_name_and_its_word_with_all_its_sections() -> None:
    for kind in (*document_types(), PROJECT):
        (topic,) = explain(kind)
        assert (topic.name, topic.sort) == (kind, "kind")
        assert topic.inside
        assert yaml.safe_load(topic.example)["kind"] == kind
    for known in KINDS:
        assert explain(known.word) == explain(known.name)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("IdentityPool.passwordPolicy.minLength", ["IdentityPool.passwordPolicy.minLength"]),
        ("pool.passwordPolicy", ["IdentityPool.passwordPolicy"]),
        ("pool.spec.passwordPolicy", ["IdentityPool.passwordPolicy"]),
        ("IdentityPool.metadata.workspace", ["IdentityPool.metadata.workspace"]),
        ("minLength", ["IdentityPool.passwordPolicy.minLength"]),
        ("firstFactor.methods", ["IdentityPool.signIn.firstFactor.methods"]),
        ("user.identifiers.email", ["User.identifiers[].email"]),
        ("User.identifiers[].email", ["User.identifiers[].email"]),
        ("Project.environments", ["Project.environments"]),
        ("Project.environments.store", ["Project.environments.NAME.store"]),
        ("Project.environments.prod.store", ["Project.environments.NAME.store"]),
        ("password_policy.min_length", ["IdentityPool.passwordPolicy.minLength"]),
        ("min_length", ["IdentityPool.passwordPolicy.minLength"]),
        ("identifiers_ignore_case", ["IdentityPool.signIn.identifiersIgnoreCase"]),
        ("identifier_case_insensitive", ["IdentityPool.signIn.identifiersIgnoreCase"]),
        ("not_used_since", ["IdentityPool.passwordPolicy.history"]),
        ("rp_origins", ["IdentityPool.passkeySettings.origins"]),
        ("business_metadata_schema_id", ["IdentityPool.schemas.delegated", "User.schemas.delegated"]),
        ("pac203", ["PAC203"]),
        ("weakens-security", ["weakens-security"]),
    ],
)
def test_a_word_leads_to_what_it_names(word: str, found: list[str]) -> None:
    assert names(word) == found


def test_a_word_of_many_places_leads_to_all_of_them() -> None:
    assert len(names("ttl")) == 7
    assert names("displayName") == [f"{kind.name}.displayName" for kind in KINDS if kind.name != "User"]


def test_the_facts_of_a_field_are_those_of_its_traits() -> None:
    (length,) = explain("pool.passwordPolicy.minLength")
    assert dict(length.facts) == {
        "type": "a whole number from 0 to 1,000,000, or null",
        "default": "0; null resets to it",
        "the service": "password_policy.min_length",
    }
    assert length.notes == ("A lower value weakens security: the plan says so.",)
    (chosen,) = explain("pool.poolLimits.passkeysPerUser")
    assert dict(chosen.facts)["without it"] == (
        "Not declared, the store chooses: 10 in the embedded directory. null is an error"
    )
    for field in (
        "pool.signIn.firstFactor.methods",
        "pool.signIn.firstFactor.preferred",
        "Organization.allowedMethods",
    ):
        (offered,) = explain(field)
        assert dict(offered.facts)["known"] == ", ".join(METHODS)
    (identifiers,) = explain("User.identifiers")
    assert any("item by item" in note for note in identifiers.notes)
    (password,) = explain("User.password")
    assert any(note.startswith("Secret:") for note in password.notes)
    assert any(note.startswith("Initial:") for note in password.notes)
    (parent,) = explain("Organization.metadata.parent")
    assert any(note.startswith("Immutable:") for note in parent.notes)


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("minLenght", "minLength"),
        ("IdentityPool.passwordPolicy.minLenght", "IdentityPool.passwordPolicy.minLength"),
        ("IdentityPol", "IdentityPool"),
        ("PAC2003", "PAC203"),
        ("weaken-security", "weakens-security"),
        ("pasword_policy", "passwordPolicy"),
    ],
)
def test_a_word_with_a_typo_is_refused_with_the_nearest_words(typo: str, meant: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        explain(typo)
    assert meant in suggestions(typo)
    assert meant in refused.value.hint
    assert len(suggestions(typo)) <= 5


def test_a_word_like_nothing_says_where_to_begin() -> None:
    with pytest.raises(InvalidInput) as refused:
        explain("qqqqqqqq")
    assert "pac explain IdentityPool" in refused.value.hint


def test_every_name_that_a_shell_offers_is_explained() -> None:
    offered = all_names()
    assert len(offered) == len(set(offered))
    for name in offered:
        assert explain(name)
