"""Field writes mean the same everywhere: laws over random documents, and each form of a path once."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.core.errors import Conflict, Rejected
from pool_as_code.core.fieldpath import FieldPath, Item
from pool_as_code.core.values import JsonMap, JsonValue
from pool_as_code.resources import pool, user
from pool_as_code.resources.patch import apply_writes, document_shape

POOL, USER = document_shape(pool.KIND), document_shape(user.KIND)


def a_document() -> JsonMap:
    return {
        "metadata": {"workspace": "shop"},
        "spec": {
            "identifiers": [{"email": "ada@example.com"}, {"uid": "ada", "metadata": {"since": 1}}],
            "groups": ["g1", "g2"],
            "profile": {"first_name": "Ada", "nick": ""},
            "status": "new",
        },
    }


def written(path: tuple[str, ...], value: JsonValue, document: JsonMap | None = None) -> JsonMap:
    result = apply_writes(USER, document or a_document(), [(path, value)])["spec"]
    assert isinstance(result, dict)
    return result


def test_a_key_is_set_and_taken_out() -> None:
    assert written(("spec", "status"), "active")["status"] == "active"
    assert "status" not in written(("spec", "status"), None)


@pytest.mark.parametrize("value", [0, False, "", [], {}])
def test_empty_values_are_values(value: JsonValue) -> None:
    assert written(("spec", "administrative", "tier"), value)["administrative"] == {"tier": value}


def test_sections_are_made_on_the_way_and_go_when_they_are_empty() -> None:
    document: JsonMap = {"metadata": {}, "spec": {"displayName": "x"}}
    path = ("spec", "signIn", "firstFactor", "methods")
    made = apply_writes(POOL, document, [(path, ["password"])])
    assert made["spec"] == {"displayName": "x", "signIn": {"firstFactor": {"methods": ["password"]}}}
    assert apply_writes(POOL, made, [(path, None)])["spec"] == {"displayName": "x"}


def test_a_map_whose_keys_users_own_stays_when_its_last_key_goes() -> None:
    spec = apply_writes(
        USER, a_document(), [(("spec", "profile", "first_name"), None), (("spec", "profile", "nick"), None)]
    )["spec"]
    assert isinstance(spec, dict)
    assert spec["profile"] == {}
    assert "profile" not in written(("spec", "profile"), None)


def test_a_member_of_a_keyed_list_is_added_replaced_and_taken_out_by_its_key() -> None:
    mail: JsonMap = {"email": "ada@example.com"}
    known: JsonMap = {"uid": "ada", "metadata": {"since": 1}}
    added = written(("spec", "identifiers", Item("uid:lovelace")), {"uid": "lovelace"})
    assert added["identifiers"] == [mail, known, {"uid": "lovelace"}]
    replaced = written(("spec", "identifiers", Item("uid:ada")), {"uid": "ada"})
    assert replaced["identifiers"] == [mail, {"uid": "ada"}]
    gone = written(("spec", "identifiers", Item("email:ada@example.com")), None)
    assert gone["identifiers"] == [known]


def test_a_field_of_a_member_is_written_and_taken_out() -> None:
    path, mail = ("spec", "identifiers", Item("uid:ada"), "metadata"), {"email": "ada@example.com"}
    assert written(path, {"since": 2})["identifiers"] == [mail, {"uid": "ada", "metadata": {"since": 2}}]
    assert written(path, None)["identifiers"] == [mail, {"uid": "ada"}]


def test_a_field_of_a_member_that_is_gone_is_a_conflict_unless_it_is_taken_out() -> None:
    path = ("spec", "identifiers", Item("uid:gone"), "metadata")
    with pytest.raises(Conflict):
        written(path, {"since": 2})
    assert written(path, None) == a_document()["spec"]


def test_a_list_of_texts_gains_and_loses_members() -> None:
    assert written(("spec", "groups", Item("g3")), "g3")["groups"] == ["g1", "g2", "g3"]
    assert written(("spec", "groups", Item("g1")), None)["groups"] == ["g2"]
    assert written(("spec", "groups", Item("g1")), "g1")["groups"] == ["g1", "g2"]


@pytest.mark.parametrize(
    "path",
    [("spec", "status", "inner"), ("spec", "status", Item("x")), ("spec", "profile", Item("x")), ()],
)
def test_a_path_through_a_value_that_has_no_such_part_is_refused(path: FieldPath) -> None:
    with pytest.raises(Rejected):
        written(path, "x")


KEYS = st.sampled_from(["description", "displayName", "badgeColor"])
SECTIONS = st.sampled_from([("passwordPolicy", "minLength"), ("passwordPolicy", "digits"), ("signIn", "totpIssuer")])
PATHS = st.one_of(
    KEYS.map(lambda key: ("spec", key)),
    SECTIONS.map(lambda keys: ("spec", *keys)),
    st.text(min_size=1, max_size=3).map(lambda key: ("spec", "extra", key)),
    st.sampled_from(["m1", "m2", "m3"]).map(lambda m: ("spec", "signIn", "firstFactor", "methods", Item(m))),
)
VALUES = st.one_of(st.none(), st.integers(-3, 3), st.booleans(), st.text(max_size=3), st.just([]), st.just({}))


def values_for(path: FieldPath) -> st.SearchStrategy[JsonValue]:
    return st.sampled_from([None, str(path[-1])]) if isinstance(path[-1], Item) else VALUES


WRITES = st.lists(PATHS.flatmap(lambda path: st.tuples(st.just(path), values_for(path))), max_size=8)


def at(document: JsonMap, path: FieldPath) -> JsonValue:
    here: JsonValue = document
    for step in path:
        if isinstance(here, list):
            here = str(step) if step in here else None
        else:
            here = here.get(step) if isinstance(here, dict) else None
    return here


@given(WRITES, WRITES)
def test_what_was_written_last_is_there_and_nothing_else_moved(
    first: list[tuple[FieldPath, JsonValue]], more: list[tuple[FieldPath, JsonValue]]
) -> None:
    before = apply_writes(POOL, {"metadata": {}, "spec": {"codes": {"confirmBeforeSend": True}}}, first)
    kept = copy.deepcopy(before)
    after = apply_writes(POOL, before, more)
    assert before == kept, "the document handed in stays as it is"
    assert apply_writes(POOL, after, more) == after, "the same writes again change nothing"
    last = dict(more)
    for path, value in last.items():
        assert at(after, path) == value
    for path, _ in first:
        if path not in last:
            assert at(after, path) == at(before, path)
    assert at(after, ("spec", "codes", "confirmBeforeSend")) is True
