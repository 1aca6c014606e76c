"""Identifiers and addresses belong to one user of a pool."""

from __future__ import annotations

import pytest

from pool_as_code.core.errors import Conflict, Rejected
from pool_as_code.core.fieldpath import Item
from pool_as_code.core.values import JsonValue
from pool_as_code.directory import pools, rows, users
from pool_as_code.directory.directory import Directory
from pool_as_code.directory.starting import NewUser
from tests.directory.people import a_pool, a_user, change

IGNORE_CASE = ("spec", "signIn", "identifiersIgnoreCase")


def test_an_identifier_counts_once_whatever_its_type(directory: Directory) -> None:
    a_pool(directory)
    a_user(directory, "ada", identifiers=[{"uid": "same@example.com"}])
    for word in ("uid", "email", "external", "federated"):
        with pytest.raises(Conflict) as refused:
            a_user(directory, "bob", identifiers=[{word: "same@example.com"}])
        assert "same@example.com" not in refused.value.message


def test_one_user_may_hold_a_value_under_two_types(directory: Directory) -> None:
    a_pool(directory)
    a_user(directory, "ada", identifiers=[{"uid": "a@example.com"}, {"email": "a@example.com"}])
    found = users.find(directory, "customers", identifier="a@example.com")
    assert found is not None
    assert found.id == "ada"


def test_two_pools_do_not_share_identifiers(directory: Directory) -> None:
    for pool in ("customers", "others"):
        a_pool(directory, pool)
        a_user(directory, f"ada-{pool}", pool=pool, identifiers=[{"uid": "ada"}])
    found = users.find(directory, "others", identifier="ada")
    assert found is not None
    assert found.id == "ada-others"


def test_case_counts_as_the_pool_says(directory: Directory) -> None:
    a_pool(directory, "exact")
    a_pool(directory, "folded", {"signIn": {"identifiersIgnoreCase": True}})
    for pool in ("exact", "folded"):
        a_user(directory, pool, pool=pool, identifiers=[{"uid": "Ada"}])
    a_user(directory, "second", pool="exact", identifiers=[{"uid": "ada"}])
    with pytest.raises(Conflict):
        a_user(directory, "third", pool="folded", identifiers=[{"uid": "aDA"}])
    assert users.find(directory, "exact", identifier="aDA") is None
    assert users.find(directory, "folded", identifier="aDA") is not None


def test_one_mailbox_written_in_two_unicode_forms_is_one(directory: Directory) -> None:
    a_pool(directory)
    a_user(directory, "ada", identifiers=[{"email": "jos\u00e9@example.com"}])
    with pytest.raises(Conflict):
        a_user(directory, "bob", identifiers=[{"email": "jose\u0301@example.com"}])


def test_ignoring_case_is_refused_with_a_count_while_identifiers_would_collide(directory: Directory) -> None:
    pool = a_pool(directory)
    for id, names in (("a", ["x", "Y"]), ("b", ["X", "y", "z"]), ("c", ["Z"])):
        a_user(directory, id, identifiers=[{"uid": name} for name in names])
    with pytest.raises(Rejected) as refused:
        change(directory, pool, (IGNORE_CASE, True))
    assert "3 identifiers" in refused.value.message
    assert users.find(directory, "customers", identifier="X") is not None
    users.delete(directory, "b", "customers")
    change(directory, pool, (IGNORE_CASE, True))
    for name in ("X", "x", "z"):
        assert users.find(directory, "customers", identifier=name) is not None
    change(directory, rows.require(directory.db, "pool", "customers"), (IGNORE_CASE, None))
    assert users.find(directory, "customers", identifier="X") is None
    assert users.find(directory, "customers", identifier="x") is not None


def test_one_users_own_spellings_do_not_collide(directory: Directory) -> None:
    pool = a_pool(directory)
    a_user(directory, "a", identifiers=[{"uid": "x"}, {"uid": "X"}])
    change(directory, pool, (IGNORE_CASE, True))
    assert users.find(directory, "customers", identifier="X") is not None


def test_an_identifier_is_free_again_when_its_user_drops_it_or_goes(directory: Directory) -> None:
    a_pool(directory)
    row = a_user(directory, "ada", identifiers=[{"uid": "one"}, {"uid": "two"}])
    change(directory, row, (("spec", "identifiers", Item("uid:one")), None))
    a_user(directory, "bob", identifiers=[{"uid": "one"}])
    users.delete(directory, "ada", "customers")
    change(
        directory, rows.require(directory.db, "user", "bob"), (("spec", "identifiers", Item("uid:two")), {"uid": "two"})
    )


@pytest.mark.parametrize("status", ["inactive", "deleted"])
def test_users_who_can_not_sign_in_keep_their_identifiers(directory: Directory, status: str) -> None:
    a_pool(directory)
    a_user(directory, "ada", status=status, identifiers=[{"uid": "ada"}])
    with pytest.raises(Conflict):
        a_user(directory, "bob", identifiers=[{"uid": "ada"}])


@pytest.mark.parametrize(
    ("field", "member"),
    [
        ("identifiers", {"email": "no-at-sign"}),
        ("identifiers", {"mobile": "0048123456789"}),
        ("identifiers", {"uid": "with space"}),
        ("identifiers", {"uid": "ünïcode"}),
        ("identifiers", {"uid": "a", "email": "a@b.c"}),
        ("identifiers", {"nickname": "ada"}),
        ("identifiers", {}),
        ("identifiers", "ada"),
        ("addresses", {"email": "no-at-sign"}),
        ("addresses", {"uid": "ada"}),
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_place(directory: Directory, field: str, member: JsonValue) -> None:
    a_pool(directory)
    members: list[JsonValue] = [{"email": "fine@example.com"}, member]
    with pytest.raises(Rejected) as refused:
        users.create(directory, NewUser("ada", "customers", {field: members}))
    assert refused.value.message.startswith(f"{field}[1]")
    assert "no-at-sign" not in refused.value.message


def test_an_address_stands_at_many_users_until_one_has_verified_it(directory: Directory) -> None:
    a_pool(directory)
    rows_ = [a_user(directory, id, addresses=[{"email": "Shared@example.com"}]) for id in ("ada", "bob")]
    verified = ("spec", "addresses", Item("email:Shared@example.com"), "verified")
    change(directory, rows_[0], (verified, True))
    with pytest.raises(Conflict):
        change(directory, rows_[1], (verified, True))
    with pytest.raises(Conflict):
        a_user(directory, "eve", addresses=[{"email": "shared@EXAMPLE.com", "verified": True}])
    a_user(directory, "zoe", addresses=[{"email": "shared@example.com"}])
    assert users.find(directory, "customers", address="SHARED@example.com") is not None
    change(directory, rows.require(directory.db, "user", "ada"), (verified, False))
    assert users.find(directory, "customers", address="shared@example.com") is None
    change(directory, rows.require(directory.db, "user", "bob"), (verified, True))


def test_what_was_malformed_before_is_not_judged_again(directory: Directory) -> None:
    a_pool(directory)
    row = a_user(directory, "ada", identifiers=[{"uid": "fine"}])
    text = row.document.replace("fine", "not so fine")
    directory.db.execute("UPDATE users SET document = ? WHERE id = 'ada'", text)
    kept = change(directory, rows.require(directory.db, "user", "ada"), (("spec", "status"), "active"))
    assert kept.spec["identifiers"] == [{"uid": "not so fine"}]
    pools.delete(directory, "customers")
