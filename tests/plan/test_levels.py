"""A change on another level is the same change."""

from __future__ import annotations

from dataclasses import fields, replace

from pool_as_code.core.address import Address
from pool_as_code.plan.model import Action, Change, FieldChange, Ownership
from pool_as_code.resources.state import Origin

FULL = Change(
    Address("user", "customers/ada"),
    Action.UPDATE,
    level=1,
    reason="it differs",
    fields=(FieldChange(("status",), "new", "active"),),
    before={"spec": {"status": "new"}},
    after={"spec": {"status": "active"}},
    remote_id="1",
    pool_id="customers",
    revision="7",
    requires=(Address("pool", "customers"),),
    previous_address=Address("user", "customers/augusta"),
    secrets={"password.initial": "fromEnv:ADA"},
    ownership=Ownership({"status": "0"}),
    unguarded=True,
    origin=Origin("users.yaml", 3),
)


def test_another_level_changes_nothing_else() -> None:
    moved = FULL.at(4)

    assert moved.level == 4
    for field in fields(Change):
        if field.name != "level":
            assert getattr(moved, field.name) is getattr(FULL, field.name)
    assert moved == replace(FULL, level=4)


def test_every_field_is_tried() -> None:
    assert [f.name for f in fields(Change) if not getattr(FULL, f.name)] == []
