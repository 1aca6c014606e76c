"""Attributes that a schema hides are never shown, whatever was asked for; and a forged plan file is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.core.errors import InvalidInput
from pool_as_code.plan import codec
from pool_as_code.render.text import plan_text
from tests.house import House, document

pytestmark = pytest.mark.usefixtures("cheap_hashing")


def documents(score: str) -> list[dict[str, Any]]:
    rules = {"score": {"type": "string", "hidden": True}, "tier": {"type": "string"}}
    return [
        document("Schema", {"name": "internal"}, schema={"type": "object", "properties": rules}),
        document("IdentityPool", {"name": "customers"}, schemas={"administrative": "internal"}),
        document(
            "User",
            {"name": "ada", "pool": "customers"},
            administrative={"score": score, "tier": "gold"},
            delegated={"a": 1},
        ),
    ]


def test_hidden_attributes_stay_hidden_when_values_are_asked_for(tmp_path: Path) -> None:
    house = House(tmp_path).write(documents("unmistakable-1"))
    text = plan_text(house.plan(), show_values=True)
    assert "gold" in text
    assert "unmistakable" not in text
    house.apply()
    text = plan_text(house.write(documents("unmistakable-2")).plan(), show_values=True)
    assert "administrative.score" in text
    assert "unmistakable" not in text
    assert house.apply().state == "applied"
    assert house.plan().empty


FORGERIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "no ownership": lambda plan: plan["resource_changes"][0].update(ownership=None),
    "a body of another form": lambda plan: plan["resource_changes"][1]["change"]["after"]["spec"].update(
        passwordPolicy={"minLength": "many"}
    ),
    "an unknown field": lambda plan: plan["resource_changes"][1]["change"]["after"]["spec"].update(nothing=1),
    "a reference that is no address": lambda plan: plan["references"].update(nonsense="x"),
    "an unknown kind": lambda plan: plan["resource_changes"][0].update(address="thing/x"),
    "an unknown action": lambda plan: plan["resource_changes"][0].update(action="explode"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_plan_is_no_plan(name: str, tmp_path: Path) -> None:
    value = json.loads(codec.dumps(House(tmp_path).write(documents("x")).plan()))
    FORGERIES[name](value)
    with pytest.raises(InvalidInput) as refused:
        codec.loads(json.dumps(value))
    assert refused.value.diagnostics[0].code == "PAC310"
