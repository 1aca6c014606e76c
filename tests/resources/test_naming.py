"""Names for live objects: valid, unique whatever the case, the same in any order."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.resources.naming import Nameable, choose_names, is_name
from pool_as_code.resources.registry import KINDS
from pool_as_code.resources.traits import LONG_NAME, NAME

_UUID = "0b7c5c0e-6a52-4a6a-9f0e-3a8a3f0f6d11"
_WORDS = [kind.word for kind in KINDS]

_texts = st.text(max_size=80) | st.sampled_from(["shop", "Shop", "SHOP", "a" * 64, "a" * 200, _UUID, "ß", "店", ""])
_objects = st.lists(
    st.builds(
        Nameable,
        word=st.sampled_from(_WORDS),
        id=_texts,
        pool_id=st.sampled_from(["", "p1", "p2"]),
        title=_texts,
        given=st.just(""),
    ),
    max_size=12,
    unique_by=lambda one: (one.word, one.id),
)


@given(_objects)
def test_every_object_gets_a_valid_name_that_is_unique_even_where_case_does_not_count(objects: list[Nameable]) -> None:
    names = choose_names(objects)
    assert names.keys() == {(one.word, one.id) for one in objects}
    taken: set[tuple[str, str, str]] = set()
    for one in objects:
        name = names[one.word, one.id]
        assert re.fullmatch(LONG_NAME if one.word in ("group", "user") else NAME, name)
        space = "workspace" if one.word == "organization" else one.word
        assert (space, one.pool_id, name.casefold()) not in taken
        taken.add((space, one.pool_id, name.casefold()))


@given(st.data(), _objects)
def test_names_do_not_depend_on_the_order_of_the_objects(data: st.DataObject, objects: list[Nameable]) -> None:
    assert choose_names(data.draw(st.permutations(objects))) == choose_names(objects)


def test_an_id_that_is_a_name_is_the_name() -> None:
    names = choose_names([Nameable("pool", "c67evw7mj4", title="Customers"), Nameable("user", "ada", "p", "")])
    assert names == {("pool", "c67evw7mj4"): "c67evw7mj4", ("user", "ada"): "ada"}


def test_a_machine_made_id_gives_way_to_the_display_name_but_for_users() -> None:
    names = choose_names(
        [
            Nameable("pool", _UUID, title="Kunden & Händler"),
            Nameable("group", _UUID.replace("-", ""), "p", "Support"),
            Nameable("user", _UUID, "p", ""),
        ]
    )
    assert sorted(names.values()) == [_UUID, "kunden-handler", "support"]


def test_equal_names_are_numbered_and_ids_that_are_names_come_first() -> None:
    names = choose_names(
        [
            Nameable("schema", "bad id", title="Profile"),
            Nameable("schema", "bad/id", title="Profile"),
            Nameable("schema", "profile", title="Something else"),
            Nameable("schema", "PROFILE", title="Another"),
        ]
    )
    assert names == {
        ("schema", "PROFILE"): "PROFILE",
        ("schema", "profile"): "profile-2",
        ("schema", "bad id"): "profile-3",
        ("schema", "bad/id"): "profile-4",
    }


def test_given_names_stay_and_others_step_aside() -> None:
    names = choose_names([Nameable("pool", "shop"), Nameable("pool", "x1", title="X", given="shop")])
    assert names == {("pool", "shop"): "shop-2", ("pool", "x1"): "shop"}


def test_workspaces_and_organizations_share_their_names() -> None:
    names = choose_names([Nameable("workspace", "acme"), Nameable("organization", "Acme")])
    assert sorted(names.values()) == ["Acme", "acme-2"]


def test_what_can_not_be_spelled_is_called_by_its_kind() -> None:
    assert choose_names([Nameable("pool", "池", title="顧客")]) == {("pool", "池"): "pool"}


def test_a_long_name_is_cut_so_that_its_number_fits() -> None:
    names = choose_names([Nameable("pool", f"bad {n}", title="x" * 100) for n in range(2)])
    assert sorted(map(len, names.values())) == [64, 64]
    assert {name[-2:] for name in names.values()} == {"xx", "-2"}


def test_names_are_judged_by_kind() -> None:
    assert is_name("user", "ada@example.com")
    assert not is_name("pool", "ada@example.com")
