"""Bodies of a batch are made when they are asked for, each once."""

from __future__ import annotations

import pytest

from pool_as_code.apply.bodies import Bodies
from pool_as_code.core.address import Address
from pool_as_code.plan.model import Action, Change
from pool_as_code.stores.base import Body


def test_a_body_is_made_once_when_it_is_asked_for() -> None:
    made: list[str] = []

    def make(change: Change) -> Body:
        made.append(change.address.name)
        return Body("user", change.address.name, "p", {}, {})

    bodies = Bodies(make, [Change(Address("user", f"p/{name}"), Action.CREATE) for name in "abcd"])
    assert (len(bodies), made) == (4, [])
    assert [body.id for body in bodies[1:3]] == ["b", "c"]
    assert (bodies[-1].id, made) == ("d", ["b", "c", "d"])
    assert [body.id for body in bodies] == ["a", "b", "c", "d"]
    assert [body.id for body in bodies] == ["a", "b", "c", "d"]
    assert made == ["b", "c", "d", "a"]
    with pytest.raises(IndexError):
        bodies[4]
