"""Operations of a PATCH one by one, and the law that a user who is replaced by what is shown of it stays the same."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pool_as_code.resources.user import ADDRESS_TYPES, IDENTIFIER_TYPES
from pool_as_code.server.problems import Problem
from pool_as_code.server.scim.attributes import shape_of
from pool_as_code.server.scim.patching import patched
from pool_as_code.server.scim.resource import replacing, spec_of, view_of
from pool_as_code.server.scim.words import user_of
from tests.server.scim.provider import CUSTOM, ENTERPRISE, USER

ADA: Any = {
    "userName": "ada",
    "externalId": "7",
    "active": True,
    "name": {"givenName": "Ada", "familyName": "L"},
    "emails": [{"value": "w@x.example", "type": "work", "primary": True}, {"value": "h@x.example", "type": "home"}],
    CUSTOM: {"level": 3, "tags": ["a"], "seat": {"floor": 1}},
}
WORK, HOME = ADA["emails"]


def after(*operations: Any) -> Any:
    return user_of(patched(copy.deepcopy(ADA), {"Operations": list(operations)}, ["level", "tags", "Place"]))


def op(word: str, path: str | None = None, value: Any = None) -> Any:
    return {
        "op": word,
        **({"path": path} if path is not None else {}),
        **({"value": value} if value is not None else {}),
    }


@pytest.mark.parametrize(
    ("operation", "change"),
    [
        (op("replace", "userName", "ada.l"), {"userName": "ada.l"}),
        (op("ADD", f"{USER}:username", "ada.l"), {"userName": "ada.l"}),
        (op("replace", None, {"USERNAME": "ada.l", "id": "x", "schemas": []}), {"userName": "ada.l"}),
        (op("remove", "externalId"), {"externalId": None}),
        (op("replace", None, {"externalId": None}), {"externalId": None}),
        (op("replace", "active", "fALSE"), {"active": False}),
        (op("replace", "name", {"givenname": "A"}), {"name": {"givenName": "A", "familyName": "L"}}),
        (op("remove", "name"), {"name": {}}),
        (op("replace", "name.formatted", "A L"), {}),
        (op("add", "nickName", "a"), {}),
        (op("add", 'roles[primary eq "True"].value', "x"), {}),
        (op("add", f"{ENTERPRISE}:manager", {"value": "x"}), {}),
        (
            op("add", "emails", [{"value": "H@x.example", "type": "other"}]),
            {"emails": [WORK, {**HOME, "value": "H@x.example", "type": "other"}]},
        ),
        (op("add", "emails", {"value": "n@x.example"}), {"emails": [WORK, HOME, {"value": "n@x.example"}]}),
        (op("replace", "emails", [HOME]), {"emails": [HOME]}),
        (op("replace", "emails", []), {"emails": []}),
        (op("remove", "emails"), {"emails": []}),
        (op("remove", "emails", [{"value": "H@x.example"}]), {"emails": [WORK]}),
        (op("remove", 'emails[TYPE eq "Home"]'), {"emails": [WORK]}),
        (op("remove", 'emails[type eq "home"].value'), {"emails": [WORK]}),
        (op("remove", 'emails[type eq "none"]'), {}),
        (op("remove", 'emails[type eq "home"].type'), {"emails": [WORK, {"value": "h@x.example"}]}),
        (op("replace", 'emails[value eq "h@x.example"].type', "other"), {"emails": [WORK, {**HOME, "type": "other"}]}),
        (
            op("replace", 'emails[type eq "home"].primary', "True"),
            {"emails": [{"value": "w@x.example", "type": "work"}, {**HOME, "primary": True}]},
        ),
        (
            op("add", 'emails[type eq "other"].value', "o@x.example"),
            {"emails": [WORK, HOME, {"type": "other", "value": "o@x.example"}]},
        ),
        (
            op("add", 'emails[type eq "other"]', {"value": "o@x.example"}),
            {"emails": [WORK, HOME, {"type": "other", "value": "o@x.example"}]},
        ),
        (op("add", "phoneNumbers.value", "+12015550123"), {"phoneNumbers": [{"value": "+12015550123"}]}),
        (op("add", f"{CUSTOM}:place", "x"), {CUSTOM: {**ADA[CUSTOM], "Place": "x"}}),
        (op("replace", CUSTOM, {"LEVEL": 4, "tags": None}), {CUSTOM: {"level": 4, "seat": {"floor": 1}}}),
        (op("add", f"{CUSTOM}:tags", "a"), {}),
        (op("add", f"{CUSTOM}:tags", ["a", "b"]), {CUSTOM: {**ADA[CUSTOM], "tags": ["a", "b"]}}),
        (op("replace", f"{CUSTOM}:tags", ["b"]), {CUSTOM: {**ADA[CUSTOM], "tags": ["b"]}}),
        (op("remove", f"{CUSTOM}:seat.floor"), {CUSTOM: {**ADA[CUSTOM], "seat": {}}}),
        (op("remove", CUSTOM), {CUSTOM: {}}),
        (op("Replace", "/name/givenName", "A"), {"name": {"givenName": "A", "familyName": "L"}}),
        (op("add", "/emails/-", {"value": "n@x.example"}), {"emails": [WORK, HOME, {"value": "n@x.example"}]}),
        (op("test", "/userName", "ada"), {}),
    ],
    ids=str,
)
def test_an_operation_changes_what_it_names_and_nothing_else(operation: Any, change: Any) -> None:
    wanted = {**ADA, **change}
    assert after(operation) == {key: value for key, value in wanted.items() if value is not None}


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        (op("remove"), "noTarget"),
        (op("replace", 'emails[type eq "other"].value', "x"), "noTarget"),
        (op("replace", "emails.value", "x"), "noTarget"),
        (op("remove", "userName"), "mutability"),
        (op("replace", None, {"userName": None}), "mutability"),
        (op("remove", "active"), "mutability"),
        (op("remove", "/active"), "mutability"),
        (op("replace", "id", "x"), "mutability"),
        (op("replace", "meta", {}), "mutability"),
        (op("replace", "nothing", "x"), "invalidPath"),
        (op("replace", "userName.value", "x"), "invalidPath"),
        (op("replace", "emails.nothing", "x"), "invalidPath"),
        (op("replace", 'userName[type eq "work"]', "x"), "invalidPath"),
        (op("replace", 'name[type eq "work"].givenName', "x"), "invalidPath"),
        (op("replace", "emails[", "x"), "invalidPath"),
        (op("replace", "urn:other:User:x", "x"), "invalidPath"),
        (op("replace", "a" * 5000, "x"), "invalidPath"),
        (op("replace", 7, "x"), "invalidPath"),  # type: ignore[arg-type]
        (op("replace", "/nothing", "x"), "invalidPath"),
        (op("test", "/userName", "eve"), "invalidPath"),
        (op("replace", "emails[type pr]", "x"), "invalidFilter"),
        (op("replace", 'emails[type eq "a" or type eq "b"].value', "x"), "invalidFilter"),
        (op("replace", "emails[nothing eq 1].value", "x"), "invalidFilter"),
        (op("move", "userName", "x"), "invalidSyntax"),
        (op("", "userName", "x"), "invalidSyntax"),
        (op("replace", None, "x"), "invalidValue"),
        (op("add", "emails"), "invalidValue"),
        (op("replace", "/emails", [{"value": f"{n}"} for n in range(1001)]), "invalidValue"),
        (op("replace", "name", "x"), "invalidValue"),
        (op("replace", "emails", 7), "invalidValue"),
        (op("replace", "active", "maybe"), "invalidValue"),
        (op("replace", 'emails[primary eq "x"].value', "x"), "invalidValue"),
        (op("replace", CUSTOM, "x"), "invalidValue"),
        (op("add", "emails", [{"value": f"{n}"} for n in range(1001)]), "invalidValue"),
        (op("add", f"{CUSTOM}:tags", list(range(1001))), "invalidValue"),
        (op("add", CUSTOM, {f"k{n}": n for n in range(1000)}), "invalidValue"),
        (op("add", None, {f"{CUSTOM}:k{n}": n for n in range(1001)}), "invalidSyntax"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_operation_that_can_not_be_done_says_why(operation: Any, kind: str) -> None:
    with pytest.raises(Problem) as caught:
        after(operation)
    assert (caught.value.status, caught.value.code) == (400, kind)


@pytest.mark.parametrize(
    "body",
    [{}, {"Operations": []}, {"Operations": {}}, {"Operations": ["x"]}, {"Operations": [{"path": "x"}]}],
    ids=str,
)
def test_a_body_without_operations_is_refused(body: Any) -> None:
    with pytest.raises(Problem) as caught:
        patched({}, body)
    assert caught.value.code == "invalidSyntax"


def test_pointers_and_paths_do_not_mix() -> None:
    with pytest.raises(Problem, match="pointers in all operations or in none"):
        after(op("replace", "/userName", "x"), op("replace", "userName", "y"))


def test_by_pointers_too_an_address_is_verified_only_by_what_is_said_of_it() -> None:
    verified = {**ADA, "emails": [{**WORK, "verified": True}], "phoneNumbers": [{"value": "+12015550123"}]}
    operations = [op("replace", "/emails/0/value", "n@x.example"), op("add", "/phoneNumbers/0/verified", True)]
    changed: Any = patched(copy.deepcopy(verified), {"Operations": operations})
    assert "verified" not in changed["emails"][0]
    assert changed["phoneNumbers"][0]["verified"] is True


TEXTS = st.text("ab@.+1", min_size=1, max_size=4)
MARKS = st.one_of(
    st.none(),
    st.fixed_dictionaries({}, optional={"type": st.sampled_from(["work", "home", "mobile"]), "primary": st.booleans()}),
)


def members(types: tuple[str, ...]) -> Any:
    more = st.fixed_dictionaries({}, optional={"verified": st.just(True), "status": st.just("active")})
    return st.lists(
        st.tuples(st.sampled_from(types), TEXTS, MARKS, more), max_size=4, unique_by=lambda one: one[1].lower()
    )


def address(one: Any) -> Any:
    word, value, mark, more = one
    return {word: value, **more, **({"metadata": {"own": 1, "scim": mark}} if mark is not None else {})}


SPECS = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["new", "active", "inactive", "deleted"]),
        "identifiers": members(IDENTIFIER_TYPES).map(lambda found: [{one[0]: one[1]} for one in found]),
        "addresses": members(ADDRESS_TYPES).map(lambda found: [address(one) for one in found]),
    },
    optional={
        "profile": st.dictionaries(
            st.sampled_from(["first_name", "last_name", "x", "y"]), st.text("a", min_size=1), max_size=4
        ),
        "administrative": st.just({"tier": "gold"}),
    },
)


@settings(max_examples=60, deadline=None)
@given(SPECS)
def test_replacing_a_user_by_what_is_shown_of_it_changes_nothing_that_is_shown(spec: Any) -> None:
    shape = shape_of({"type": "object"})
    view = view_of(shape, spec)
    made = spec_of(shape, spec, replacing(shape, spec, user_of(copy.deepcopy(view))))
    assert view_of(shape, made) == view
    assert made["status"] == spec["status"]
    assert made["identifiers"] == spec["identifiers"]
    assert {key: value for key, value in made.items() if key != "addresses"} == {
        key: value for key, value in spec.items() if key != "addresses"
    }
    again = spec_of(shape, made, user_of(view_of(shape, made)))
    assert again == made
