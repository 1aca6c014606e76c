"""Schemas and the attributes that must fit them."""

from __future__ import annotations

import pytest

from pool_as_code.core.errors import Conflict, NotFound, Rejected
from pool_as_code.core.values import JsonMap, JsonValue
from pool_as_code.directory import pools, rows, schemas
from pool_as_code.directory.directory import Directory
from tests.directory.people import a_pool, a_user, change

STRICT: JsonMap = {
    "type": "object",
    "properties": {
        "phone": {"type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$"},
        "address": {"type": "object", "properties": {"zip": {"type": "string", "maxLength": 5}}},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["phone"],
    "additionalProperties": False,
}


@pytest.fixture
def strict(directory: Directory) -> Directory:
    schemas.create(directory, "strict", {}, {"schema": STRICT})
    a_pool(directory, spec={"schemas": {"profile": "strict", "delegated": "strict"}})
    return directory


@pytest.mark.parametrize("id", ["default_payload", "default_metadata"])
def test_system_schemas_are_neither_edited_nor_deleted(directory: Directory, id: str) -> None:
    with pytest.raises(Rejected):
        schemas.update(directory, id, [(("spec", "description"), "mine now")])
    with pytest.raises(Rejected):
        schemas.delete(directory, id)


def test_a_schema_can_not_be_made_a_system_schema_afterwards(directory: Directory) -> None:
    schemas.create(directory, "own", {}, {})
    with pytest.raises(Rejected):
        schemas.update(directory, "own", [(("metadata", "system"), True)])


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "object", "format": "email"}, "spec.schema.format"),
        ({"type": "object", "properties": {"a": {"pattern": "("}}}, "spec.schema.properties.a.pattern"),
        ({"type": "string"}, "spec.schema.type"),
        ([], "spec.schema"),
    ],
)
def test_a_schema_outside_the_subset_is_refused_with_its_place(
    directory: Directory, schema: JsonValue, place: str
) -> None:
    with pytest.raises(Rejected) as refused:
        schemas.create(directory, "own", {}, {"schema": schema})
    assert refused.value.message.startswith(place)
    schemas.create(directory, "own", {}, {})
    with pytest.raises(Rejected):
        schemas.update(directory, "own", [(("spec", "schema"), schema)])


def test_a_pattern_that_only_one_engine_knows_is_refused_and_not_met_later(directory: Directory) -> None:
    with pytest.raises(Rejected):
        schemas.create(
            directory,
            "own",
            {},
            {"schema": {"type": "object", "properties": {"a": {"pattern": "(?P<n>x)(?P=n)(?(n)y)"}}}},
        )


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ({}, "profile: 'phone' is required"),
        ({"phone": "12"}, "profile.phone: does not fit pattern"),
        ({"phone": 12}, "profile.phone: needs type string"),
        ({"phone": "+48123456789", "address": {"zip": "123456"}}, "profile.address.zip: does not fit maxLength: 5"),
        ({"phone": "+48123456789", "tags": ["a", 1]}, "profile.tags[1]: needs type string"),
        ({"phone": "+48123456789", "SSN": "1"}, "profile: the schema does not know 'SSN'"),
        ("text", "profile is not a map"),
    ],
)
def test_attributes_that_do_not_fit_are_refused_with_path_and_rule(
    strict: Directory, profile: JsonValue, said: str
) -> None:
    with pytest.raises(Rejected) as refused:
        a_user(strict, profile=profile)
    assert refused.value.message.startswith(said)
    a_user(strict, profile={"phone": "+48123456789"})
    with pytest.raises(Rejected):
        change(strict, rows.require(strict.db, "user", "ada"), (("spec", "profile"), profile))


def test_the_message_never_holds_the_value(strict: Directory) -> None:
    with pytest.raises(Rejected) as refused:
        a_user(strict, profile={"phone": "my-very-private-number"})
    assert "private" not in refused.value.message + refused.value.hint


def test_delegated_attributes_must_fit_too_and_without_a_schema_anything_goes(strict: Directory) -> None:
    with pytest.raises(Rejected):
        a_user(strict, delegated={"x": 1})
    a_pool(strict, "open")
    assert a_user(strict, "bob", pool="open", delegated={"x": 1}).spec["delegated"] == {"x": 1}


def test_attributes_that_are_not_there_are_not_judged(strict: Directory) -> None:
    assert "profile" not in a_user(strict).spec


def test_a_users_own_schema_counts_before_the_pools(strict: Directory) -> None:
    schemas.create(strict, "loose", {}, {})
    row = a_user(strict, schemas={"profile": "loose"}, profile={"anything": 1})
    with pytest.raises(Rejected):
        change(strict, row, (("spec", "schemas"), None))
    assert change(strict, row, (("spec", "profile", "more"), 2)).spec["profile"] == {"anything": 1, "more": 2}


def test_only_what_is_written_must_fit_after_the_schema_has_changed(strict: Directory) -> None:
    row = a_user(strict, profile={"phone": "+48123456789"})
    schemas.update(strict, "strict", [(("spec", "schema"), {**STRICT, "required": ["phone", "address"]})])
    assert change(strict, row, (("spec", "status"), "active")).spec["status"] == "active"
    with pytest.raises(Rejected):
        change(strict, rows.require(strict.db, "user", "ada"), (("spec", "profile", "tags"), []))


def test_a_schema_in_use_stays(strict: Directory) -> None:
    schemas.create(strict, "own", {}, {})
    row = a_user(strict, schemas={"administrative": "own"})
    for id, word in (("strict", "1 pool"), ("own", "1 user")):
        with pytest.raises(Conflict) as refused:
            schemas.delete(strict, id)
        assert word in refused.value.message
    change(strict, row, (("spec", "schemas"), None))
    schemas.delete(strict, "own")
    pools.update(
        strict, "customers", [(("spec", "schemas", "profile"), None), (("spec", "schemas", "delegated"), None)]
    )
    schemas.delete(strict, "strict")
    with pytest.raises(NotFound):
        schemas.check_of(strict, "strict")


def test_a_pool_that_drops_its_schema_gets_the_default_again(strict: Directory) -> None:
    spec = pools.update(strict, "customers", [(("spec", "schemas", "profile"), None)]).spec
    assert spec["schemas"] == {
        "administrative": "default_metadata",
        "delegated": "strict",
        "profile": "default_payload",
    }
