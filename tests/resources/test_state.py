"""States and the ids of objects."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.core.address import Address
from pool_as_code.resources.state import USER_NAMESPACE, Resource, State, derived_id


@given(word=st.sampled_from(["group", "user"]), name=st.text(min_size=1), pool=st.text())
def test_ids_of_groups_and_users_are_those_that_uuid5_gives(word: str, name: str, pool: str) -> None:
    expected = uuid.uuid5(uuid.UUID(USER_NAMESPACE), f"{pool}/{word}/{name}")

    assert derived_id(word, name, pool) == str(expected)


def test_an_id_never_changes_from_one_version_to_the_next() -> None:
    assert derived_id("user", "ada", "customers") == "2cd58880-eb2a-544d-9e43-323f66103f02"
    assert derived_id("pool", "customers", "") == "customers"


def test_the_resources_of_every_kind_in_one_pass_are_those_of_each_kind() -> None:
    addresses = [Address("user", "p/b"), Address("pool", "p"), Address("user", "p/a")]
    state = State.made_of(Resource(address, {"name": address.name}, {}) for address in addresses)

    assert state.by_kind() == {word: list(state.of(word)) for word in ("user", "pool")}
    assert [r.address.path for r in state.by_kind()["user"]] == ["p/b", "p/a"]
