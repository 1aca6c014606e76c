"""Groups: nested, without rings, named once below a parent, never lost with something in them."""

from __future__ import annotations

import pytest

from pool_as_code.core.errors import Conflict, NotFound, Rejected
from pool_as_code.core.fieldpath import Item
from pool_as_code.directory import groups, pools
from pool_as_code.directory.directory import Directory
from tests.directory.people import a_group, a_pool, a_user, change

PARENT = ("metadata", "parent")


@pytest.fixture
def family(directory: Directory) -> Directory:
    """staff > support > night, and guests"""
    a_pool(directory)
    a_group(directory, "staff")
    a_group(directory, "support", "staff")
    a_group(directory, "night", "support")
    a_group(directory, "guests")
    return directory


def test_members_are_counted_with_the_groups_below(family: Directory) -> None:
    a_user(family, "ada", groups=["staff", "night"])
    a_user(family, "bob", groups=["night"])
    assert groups.members_of(family, "staff") == ["ada"]
    assert groups.members_of(family, "staff", nested=True) == ["ada", "bob"]
    assert groups.members_of(family, "guests", nested=True) == []


@pytest.mark.parametrize("below", ["staff", "support", "night"])
def test_a_group_can_not_stand_inside_itself(family: Directory, below: str) -> None:
    with pytest.raises(Rejected) as refused:
        groups.update(family, "staff", "customers", [(PARENT, below)])
    assert "inside itself" in refused.value.message


def test_a_group_moves_and_takes_the_groups_below_along(family: Directory) -> None:
    moved = groups.update(family, "support", "customers", [(PARENT, "guests")])
    assert moved.metadata == {"parent": "guests"}
    a_user(family, "bob", groups=["night"])
    assert groups.members_of(family, "guests", nested=True) == ["bob"]
    assert groups.update(family, "support", "customers", [(PARENT, None)]).metadata == {}
    assert groups.members_of(family, "guests", nested=True) == []


def test_a_parent_is_a_group_of_the_same_pool(family: Directory) -> None:
    a_pool(family, "others")
    a_group(family, "foreign", pool="others")
    with pytest.raises(NotFound):
        a_group(family, "x", "foreign")
    with pytest.raises(NotFound):
        groups.update(family, "guests", "customers", [(PARENT, "foreign")])


def test_members_are_of_the_same_pool(family: Directory) -> None:
    a_pool(family, "others")
    a_group(family, "foreign", pool="others")
    with pytest.raises(NotFound):
        a_user(family, "ada", groups=["foreign"])


def test_a_display_name_stands_once_below_a_parent(family: Directory) -> None:
    name = ("spec", "displayName")
    groups.update(family, "support", "customers", [(name, "Team")])
    groups.update(family, "staff", "customers", [(name, "Team")])
    with pytest.raises(Conflict):
        groups.update(family, "guests", "customers", [(name, "Team")])
    with pytest.raises(Conflict):
        groups.create(family, "x", "customers", {"parent": "staff"}, {"displayName": "Team"})
    with pytest.raises(Conflict):
        groups.update(family, "support", "customers", [(PARENT, None)])
    a_pool(family, "others")
    groups.create(family, "y", "others", {}, {"displayName": "Team"})


def test_a_group_with_groups_or_members_stays(family: Directory) -> None:
    row = a_user(family, "ada", groups=["night"])
    for id, word in (("staff", "1 group"), ("night", "1 member")):
        with pytest.raises(Conflict) as refused:
            groups.delete(family, id, "customers")
        assert word in refused.value.message
    change(family, row, (("spec", "groups", Item("night")), None))
    for id in ("night", "support", "staff"):
        groups.delete(family, id, "customers")
    with pytest.raises(NotFound):
        groups.delete(family, "staff", "customers")


def test_a_whole_pool_goes_with_nested_groups_and_their_members(family: Directory) -> None:
    a_user(family, "ada", groups=["night", "guests"])
    pools.delete(family, "customers")
    assert family.db.value("SELECT count(*) FROM group_members") == 0
    assert family.db.value("SELECT count(*) FROM user_groups") == 0
