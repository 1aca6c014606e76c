"""People change their own records, on-call suspends them; the manifests stay right and nobody loses anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.app.asking import verify
from pool_as_code.core.errors import Refused
from pool_as_code.core.fieldpath import Item
from pool_as_code.core.secrets import Secret
from pool_as_code.core.values import as_list
from pool_as_code.directory import changing, messages, profile, registration, sign_in, users
from pool_as_code.directory.directory import Directory
from pool_as_code.resources.state import derived_id
from tests.documents import ENVIRON
from tests.house import House, document, open_cheap, summary

ADA = derived_id("user", "ada", "customers")
PASSWORD = ENVIRON["TEST_PASSWORD"]


pytestmark = pytest.mark.usefixtures("cheap_hashing")


def documents(**ada: Any) -> list[dict[str, Any]]:
    spec = {
        "status": "active",
        "identifiers": [{"email": "ada@example.com"}, {"uid": "ada"}],
        "addresses": [{"email": "ada@example.com"}],
        "profile": {"first_name": "Ada"},
        "administrative": {"tier": "gold"},
        "groups": ["staff"],
        "password": {"initial": {"fromEnv": "TEST_PASSWORD"}},
        **ada,
    }
    return [
        document("IdentityPool", {"name": "customers"}, registrationModes={"selfRegistration": True}),
        document("Group", {"name": "staff", "pool": "customers"}),
        document("Group", {"name": "other", "pool": "customers"}),
        document("User", {"name": "ada", "pool": "customers"}, **{k: v for k, v in spec.items() if v is not None}),
    ]


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path).write(documents())
    assert made.apply().state == "applied"
    return made


@contextmanager
def directory(house: House) -> Iterator[Directory]:
    store = open_cheap("sqlite:///.pool-as-code/directory.db", read_only=False, root=house.root, environ={})
    try:
        yield store.directory
    finally:
        store.close()


def status(value: str) -> Callable[[Directory], object]:
    return lambda here: profile.set_status(here, "customers", ADA, value)


OWN_CHANGES: dict[str, Callable[[Directory], object]] = {
    "password": lambda here: changing.change_password(here, "customers", ADA, PASSWORD, "Another-9-Zebra-Umbrella!"),
    "profile": lambda here: profile.set_profile(here, "customers", ADA, {"first_name": "Ada", "name": "Countess"}),
    "address": lambda here: profile.add_address(here, "customers", ADA, {"mobile": "+48123456789"}),
    "identifier": lambda here: profile.add_identifier(here, "customers", ADA, {"external": "crm-7"}),
    "federated": lambda here: profile.add_identifier(here, "customers", ADA, {"federated": "google-123"}),
}


@pytest.mark.parametrize("name", OWN_CHANGES)
def test_what_people_do_themselves_leaves_the_plan_empty(name: str, house: House) -> None:
    with directory(house) as here:
        OWN_CHANGES[name](here)
    plan = house.plan()
    assert summary(plan) == {}
    assert house.apply().state == "nothing"
    assert not house.drift().drifted


def test_a_changed_profile_is_told_and_left_alone(house: House) -> None:
    with directory(house) as here:
        profile.set_profile(here, "customers", ADA, {"first_name": "Augusta"})
    plan = house.plan()
    assert summary(plan) == {}
    assert [(f.code, f.severity.value, f.address) for f in plan.findings] == [
        ("changed-by-user", "info", "user/customers/ada")
    ]
    (entry,) = house.drift().entries
    assert (entry.field, entry.live, entry.initial, entry.direction.value) == (
        "profile.first_name",
        "Augusta",
        True,
        "live-changed",
    )


def test_activation_meets_status_new(tmp_path: Path) -> None:
    house = House(tmp_path).write(
        documents(status="new", password=None, invitation={"send": "onCreate", "via": "code"})
    )
    plan = house.plan()
    assert [effect.kind for effect in plan.effects] == ["activation-message"]
    assert house.apply().state == "applied"
    with directory(house) as here:
        (message,) = messages.waiting(here)
        contents = messages.contents_of(here, message)
        assert contents is not None
        fresh = Secret("Fresh-Zebra-81-Umbrella!")
        registration.activate(here, "customers", contents.short, user_id=ADA, password=fresh)
        row = users.find(here, "customers", id=ADA)
        assert row is not None
        assert row.spec["status"] == "active"
        assert sign_in.verify(here, "customers", "Fresh-Zebra-81-Umbrella!", user_id=ADA).passed
    assert summary(house.plan()) == {}


@pytest.mark.parametrize("state", ["inactive", "deleted"])
def test_a_suspended_user_is_not_brought_back_without_being_asked(state: str, house: House) -> None:
    with directory(house) as here:
        status(state)(here)
    plan = house.plan()
    assert [f.code for f in plan.blocked] == ["reactivates-user"]
    before = house.database.read_bytes()
    with pytest.raises(Refused) as refused:
        house.apply()
    assert refused.value.exit_code == 4
    assert "--allow reactivates-user@user/customers/ada" in refused.value.diagnostics[0].hint
    assert house.database.read_bytes() == before
    assert house.apply(allow=("reactivates-user@user/customers/ada",)).state == "applied"
    assert summary(house.plan()) == {}


def test_verify_tells_an_administrator_that_a_user_is_suspended(house: House) -> None:
    assert verify(house.request, "customers/ada", lambda: PASSWORD, house.told.append).ok
    with directory(house) as here:
        status("inactive")(here)
    found = verify(house.request, "customers/ada", lambda: PASSWORD, house.told.append)
    assert not found.ok
    assert found.reason == "the user is inactive, so no password signs in"


def test_suspending_in_the_manifest_is_no_finding_and_holds(house: House) -> None:
    house.write(documents(status="inactive"))
    assert not house.plan().blocked
    assert house.apply().state == "applied"
    assert summary(house.plan()) == {}


def test_a_group_that_somebody_else_gave_stays_and_ours_comes_back(house: House) -> None:
    other, staff = derived_id("group", "other", "customers"), derived_id("group", "staff", "customers")
    with directory(house) as here:
        users.update(here, ADA, "customers", [(("spec", "groups", Item(other)), other)])
    assert summary(house.plan()) == {}
    with directory(house) as here:
        users.update(here, ADA, "customers", [(("spec", "groups", Item(staff)), None)])
    plan = house.plan()
    assert summary(plan) == {"user/customers/ada": "update"}
    assert [f.code for f in plan.findings] == ["reverts-live-change"]
    assert house.apply().state == "applied"
    with directory(house) as here:
        row = users.find(here, "customers", id=ADA)
        assert row is not None
        assert sorted(map(str, as_list(row.spec["groups"]))) == sorted([other, staff])


def test_an_item_that_we_wrote_goes_when_it_is_no_longer_declared(house: House) -> None:
    with directory(house) as here:
        profile.add_identifier(here, "customers", ADA, {"external": "crm-7"})
    house.write(documents(identifiers=[{"email": "ada@example.com"}], groups=["other"]))
    assert house.apply().state == "applied"
    with directory(house) as here:
        row = users.find(here, "customers", id=ADA)
        assert row is not None
        assert row.spec["identifiers"] == [{"email": "ada@example.com"}, {"external": "crm-7"}]
        assert row.spec["groups"] == [derived_id("group", "other", "customers")]
    assert summary(house.plan()) == {}


def test_an_empty_list_removes_ours_and_no_list_leaves_all(house: House) -> None:
    house.write(documents(groups=None, addresses=[]))
    plan = house.plan()
    (change,) = plan.changes
    assert [f.name for f in change.fields] == ["addresses[email:ada@example.com]"]
    assert change.ownership is not None
    assert change.ownership.dropped == ("groups[staff]",)
    assert house.apply().state == "applied"
    with directory(house) as here:
        row = users.find(here, "customers", id=ADA)
        assert row is not None
        assert row.spec.get("addresses", []) == []
        assert row.spec["groups"] == [derived_id("group", "staff", "customers")]


def test_administrative_keys_are_managed_one_by_one(house: House) -> None:
    house.write(documents(administrative={"tier": "gold", "since": 2026}))
    house.apply()
    with directory(house) as here:
        users.update(here, ADA, "customers", [(("spec", "administrative", "note"), "by hand")])
    house.write(documents(administrative={"tier": None, "since": 2027}))
    assert house.apply().state == "applied"
    with directory(house) as here:
        row = users.find(here, "customers", id=ADA)
        assert row is not None
        assert row.spec["administrative"] == {"since": 2027, "note": "by hand"}
    assert summary(house.plan()) == {}


def test_a_changed_password_reference_is_told_and_nothing_is_written(house: House) -> None:
    house.write(documents(password={"initial": {"fromEnv": "OTHER_PASSWORD"}}))
    plan = house.plan()
    assert summary(plan) == {}
    assert [f.code for f in plan.findings] == ["password-set-once"]
    with directory(house) as here:
        assert sign_in.verify(here, "customers", PASSWORD, identifier="ada@example.com").passed


def test_a_live_change_of_a_managed_field_is_drift_with_a_direction_and_warned_of(house: House) -> None:
    with directory(house) as here:
        users.update(here, ADA, "customers", [(("spec", "administrative", "tier"), "silver")])
    drift = house.drift()
    assert drift.drifted
    (entry,) = drift.entries
    assert (entry.declared, entry.live, entry.direction.value) == ("gold", "silver", "live-changed")
    house.write(documents(administrative={"tier": "bronze"}))
    (entry,) = house.drift().entries
    assert entry.direction.value == "both-changed"
    plan = house.plan()
    assert [(f.code, f.severity.value) for f in plan.findings] == [("reverts-live-change", "warn")]
