"""What people and those on call do to a record every day."""

from __future__ import annotations

import pytest

from pool_as_code.core.errors import Conflict, NotFound, Rejected
from pool_as_code.core.values import JsonMap
from pool_as_code.directory import profile, rows, users
from pool_as_code.directory.directory import Directory
from tests.directory.people import a_pool, a_user, the_message

MAIL: JsonMap = {"email": "ada@example.com"}


@pytest.fixture
def ada(directory: Directory) -> Directory:
    a_pool(directory)
    a_user(directory, status="active", profile={"first_name": "Ada", "name": "A"}, administrative={"tier": "gold"})
    return directory


def test_a_user_edits_the_whole_profile_and_nothing_else(ada: Directory) -> None:
    row = profile.set_profile(ada, "customers", "ada", {"first_name": "Augusta"})
    assert row.spec["profile"] == {"first_name": "Augusta"}
    assert row.spec["administrative"] == {"tier": "gold"}
    with pytest.raises(Rejected):
        profile.set_profile(ada, "customers", "ada", {"first_name": ""})


@pytest.mark.parametrize("status", ["new", "inactive", "deleted"])
def test_only_active_users_edit_themselves(ada: Directory, status: str) -> None:
    profile.set_status(ada, "customers", "ada", status)
    with pytest.raises(Rejected):
        profile.set_profile(ada, "customers", "ada", {})
    with pytest.raises(Rejected):
        profile.request_verification(ada, "customers", "ada", "ada@example.com")


def test_administrators_make_any_user_anything_that_is_a_status(ada: Directory) -> None:
    for status in ("inactive", "deleted", "new", "active"):
        assert profile.set_status(ada, "customers", "ada", status).spec["status"] == status
    with pytest.raises(Rejected):
        profile.set_status(ada, "customers", "ada", "blocked")
    with pytest.raises(NotFound):
        profile.set_status(ada, "customers", "nobody", "active")


def test_every_change_of_a_user_moves_its_revision_and_no_change_does_not(ada: Directory) -> None:
    first = rows.require(ada.db, "user", "ada").revision
    assert profile.set_status(ada, "customers", "ada", "active").revision == first
    assert profile.set_status(ada, "customers", "ada", "inactive").revision == first + 1


def test_an_added_address_is_verified_by_its_code(ada: Directory) -> None:
    profile.add_address(ada, "customers", "ada", MAIL)
    with pytest.raises(Conflict):
        profile.add_address(ada, "customers", "ada", MAIL)
    profile.request_verification(ada, "customers", "ada", "ada@example.com")
    message, code = the_message(ada, "address_verification")
    assert message.via == "code"
    row = profile.verify_address(ada, "customers", code.short, user_id="ada")
    assert row.spec["addresses"] == [{"email": "ada@example.com", "verified": True}]
    found = users.find(ada, "customers", address="ada@example.com")
    assert found is not None
    with pytest.raises(Rejected):
        profile.request_verification(ada, "customers", "ada", "ada@example.com")


def test_an_address_of_others_is_not_verified(ada: Directory) -> None:
    profile.add_address(ada, "customers", "ada", MAIL)
    with pytest.raises(Rejected):
        profile.request_verification(ada, "customers", "ada", "other@example.com")
    profile.request_verification(ada, "customers", "ada", "ada@example.com")
    _, code = the_message(ada, "address_verification")
    a_user(ada, "bob", status="active", addresses=[{**MAIL, "verified": True}])
    with pytest.raises(Conflict):
        profile.verify_address(ada, "customers", code.long)
    with pytest.raises(Conflict):
        profile.request_verification(ada, "customers", "ada", "ada@example.com")


def test_an_address_that_was_removed_is_not_verified(ada: Directory) -> None:
    profile.add_address(ada, "customers", "ada", MAIL)
    profile.request_verification(ada, "customers", "ada", "ada@example.com")
    _, code = the_message(ada, "address_verification")
    row = profile.remove_address(ada, "customers", "ada", "email:ada@example.com")
    assert "addresses" not in row.spec
    assert profile.remove_address(ada, "customers", "ada", "email:ada@example.com").revision == row.revision
    with pytest.raises(Rejected):
        profile.verify_address(ada, "customers", code.long)


@pytest.mark.parametrize("member", [{"uid": "ada"}, {}, {"email": "a@b.c", "mobile": "+48123456789"}])
def test_an_address_is_one_of_two_types(ada: Directory, member: JsonMap) -> None:
    with pytest.raises(Rejected):
        profile.add_address(ada, "customers", "ada", member)


def test_an_added_identifier_signs_its_user_in_and_nobody_else(ada: Directory) -> None:
    profile.add_identifier(ada, "customers", "ada", {"uid": "countess"})
    found = users.find(ada, "customers", identifier="countess")
    assert found is not None
    assert found.id == "ada"
    a_user(ada, "bob")
    with pytest.raises(Conflict):
        profile.add_identifier(ada, "customers", "bob", {"external": "countess"})


@pytest.mark.parametrize("path", [("password",), ("totp", "secret"), ("passkeys",), ("invitation", "send")])
def test_what_only_creation_carries_is_not_written_later(ada: Directory, path: tuple[str, ...]) -> None:
    with pytest.raises(Rejected):
        users.update(ada, "ada", "customers", [(("spec", *path), "x")])


@pytest.mark.parametrize("path", [("metadata", "pool"), ("metadata", "parent")])
def test_a_user_does_not_move(ada: Directory, path: tuple[str, ...]) -> None:
    with pytest.raises(Rejected):
        users.update(ada, "ada", "customers", [(path, "x")])


def test_the_user_type_stays(ada: Directory) -> None:
    with pytest.raises(Rejected):
        users.update(ada, "ada", "customers", [(("spec", "userType"), "jit")])
