"""Bindings of an environment: names for live objects by id. Declared ones are taken over, others only referred to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.core.errors import InvalidInput
from pool_as_code.core.values import as_map
from pool_as_code.directory import containers, groups, pools, schemas, users
from pool_as_code.directory.starting import NewUser
from pool_as_code.plan import codec
from pool_as_code.plan.model import Action, Plan
from pool_as_code.stores.base import Scope
from tests.house import House, document, open_cheap, summary

pytestmark = pytest.mark.usefixtures("cheap_hashing")

POOL, STAFF, TEAM, SHOP, PROFILE, ADA = "c67evw7mj4", "g-1", "g-2", "w-1", "sch-1", "u-1"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A directory that was made by hand: a workspace, a schema, two pools, groups and a user."""
    opened = open_cheap("sqlite:///.pool-as-code/directory.db", read_only=False, root=tmp_path, environ={})
    live = opened.directory
    containers.create(live, "workspace", SHOP, {}, {"displayName": "Shop"})
    schemas.create(live, PROFILE, {}, {"schema": {"type": "object", "properties": {"pin": HIDDEN}}})
    used: Any = {"profile": PROFILE}
    pools.create(live, POOL, {"workspace": SHOP}, {"displayName": "Customers", "schemas": used})
    pools.create(live, "other", {}, {"displayName": "Other"})
    groups.create(live, STAFF, POOL, {}, {"displayName": "Staff"})
    groups.create(live, TEAM, POOL, {"parent": STAFF}, {"displayName": "Team"})
    spec: Any = {"status": "active", "identifiers": [{"uid": "ada"}], "groups": [STAFF]}
    users.create(live, NewUser(ADA, POOL, spec))
    opened.close()
    return House(tmp_path, env="prod")


HIDDEN: Any = {"type": "string", "hidden": True}


def bound(house: House, documents: list[dict[str, Any]], bindings: dict[str, str], **extra: Any) -> House:
    environments = {"prod": {"bindings": bindings}}
    return house.write(documents, extra={"environments": environments, **extra})


def refused(house: House, **options: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(InvalidInput) as caught:
        house.plan(**options)
    return [(d.code, d.address, d.summary) for d in caught.value.diagnostics]


def ids_of(plan: Plan) -> dict[str, str]:
    return {str(change.address): change.remote_id for change in plan.changes}


def a_pool(name: str = "customers", /, metadata: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return document("IdentityPool", {"name": name, **(metadata or {})}, **spec)


def a_group(name: str, **metadata: Any) -> dict[str, Any]:
    return document("Group", {"name": name, "pool": "customers", **metadata})


# -- declared and bound


def test_what_is_declared_and_bound_is_taken_over_without_further_consent(house: House) -> None:
    user = document("User", {"name": "ada", "pool": "customers"}, status="active")
    bindings = {"pool/customers": POOL, "group/customers/support": STAFF, "user/customers/ada": ADA}
    bound(house, [a_pool(displayName="Customers"), a_group("support"), user], bindings)
    plan = house.plan()
    assert {change.action for change in plan.changes} == {Action.ADOPT}
    assert ids_of(plan) == bindings
    assert [change for change in plan.changes if change.fields] == []
    assert plan.blocked == ()
    assert {change.reason for change in plan.changes} == {"it is there and owned by nobody here (found by its binding)"}
    assert house.apply().state == "applied"
    assert summary(house.plan()) == {}


def test_binding_and_metadata_id_may_say_the_same(house: House) -> None:
    bound(house, [a_pool("customers", {"id": POOL})], {"pool/customers": POOL})
    assert summary(house.plan()) == {"pool/customers": "adopt"}


def test_binding_and_metadata_id_that_differ_are_an_error_at_the_binding(house: House) -> None:
    bound(house, [a_pool("customers", {"id": "other"})], {"pool/customers": POOL})
    with pytest.raises(InvalidInput) as caught:
        house.plan()
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.address) == ("PAC303", "pool/customers")
    text = (house.root / "pool-as-code.yaml").read_text()
    assert problem.location is not None
    assert (problem.location.line, problem.location.column) == (1, text.index(f'"{POOL}"') + 1)


@pytest.mark.parametrize(
    ("documents", "bindings", "said"),
    [
        (
            [a_pool()],
            {"pool/customers": "gone"},
            ("pool/customers", "pool/customers is bound to gone, and there is no such live pool"),
        ),
        (
            [a_pool("customers", {"id": "gone"})],
            {"pool/customers": "gone"},
            ("pool/customers", "pool/customers is bound to gone, and there is no such live pool"),
        ),
        (
            [a_pool("other", {"adopt": True}), document("Group", {"name": "x", "pool": "other"})],
            {"group/other/x": STAFF},
            ("group/other/x", f"group/other/x is bound to {STAFF}, and there is no such live group in pool other"),
        ),
        (
            [a_pool("other", {"adopt": True}), document("User", {"name": "x", "pool": "other"})],
            {"user/other/x": ADA},
            ("user/other/x", f"user/other/x is bound to {ADA}, and there is no such live user in pool other"),
        ),
    ],
    ids=["pool", "pool with metadata.id", "group of another pool", "user of another pool"],
)
def test_a_binding_without_its_object_is_an_error_and_creates_nothing(
    house: House, documents: list[dict[str, Any]], bindings: dict[str, str], said: tuple[str, str]
) -> None:
    bound(house, documents, bindings)
    assert refused(house) == [("PAC304", *said)]


def test_a_binding_to_another_object_than_the_managed_one_is_an_error(house: House) -> None:
    bound(house, [a_pool()], {"pool/customers": POOL})
    house.apply()
    bound(house, [a_pool()], {"pool/customers": "other"})
    assert [(code, address) for code, address, _ in refused(house)] == [("PAC300", "pool/customers")]


def test_what_is_declared_absent_may_be_bound_to_what_is_gone(house: House) -> None:
    bound(house, [a_pool("customers", {"state": "absent"}), a_pool("new")], {"pool/customers": "gone"})
    assert summary(house.plan()) == {"pool/new": "create"}


def test_another_projects_object_is_not_taken_by_a_binding(house: House) -> None:
    bound(house, [a_pool()], {"pool/customers": POOL})
    house.apply()
    house.project = "p-fedcba9876543210"
    bound(house, [a_pool()], {"pool/customers": POOL})
    assert [finding.code for finding in house.plan().blocked] == ["foreign-owner"]


def test_the_id_of_a_binding_is_not_part_of_the_digest(house: House) -> None:
    bound(house, [a_pool(description="By hand")], {"pool/customers": POOL})
    plan = house.plan()
    bound(house, [a_pool(description="By hand")], {"pool/customers": "other"})
    assert house.plan().digest == plan.digest
    (change,) = json.loads(codec.dumps(plan))["resource_changes"]
    assert change["change"]["importing"] == {"id": POOL}


# -- bound and not declared


REST = {"workspace/shop": SHOP, "schema/profile": PROFILE, "group/customers/staff": STAFF, "pool/customers": POOL}


def test_what_is_only_bound_is_referred_to_and_not_managed(house: House) -> None:
    documents = [
        a_pool("partners", {"workspace": "shop"}, schemas={"profile": "profile"}),
        a_group("juniors", parent="staff"),
        document("User", {"name": "eve", "pool": "customers"}, groups=["staff"], profile={"pin": "1234"}),
    ]
    bound(house, documents, REST)
    plan = house.plan(allow=("second-directory",))
    assert summary(plan) == {
        "pool/partners": "create",
        "group/customers/juniors": "create",
        "user/customers/eve": "create",
    }
    assert plan.references == REST
    assert [finding.code for finding in plan.blocked] == []
    assert house.apply(allow=("second-directory",)).state == "applied"
    assert summary(house.plan()) == {}
    opened = open_cheap("sqlite:///.pool-as-code/directory.db", read_only=True, root=house.root, environ={})
    live = {o.id: o for kind in ("pool", "group", "user") for o in opened.read(Scope(kind, everything=True))}
    opened.close()
    assert live["partners"].metadata["workspace"] == SHOP
    assert as_map(live["partners"].spec["schemas"])["profile"] == PROFILE
    assert {o.metadata["parent"] for o in live.values() if o.kind == "group" and o.id not in (STAFF, TEAM)} == {STAFF}
    assert {str(o.owner.address) for o in live.values() if o.owner is not None} == {*summary(plan)}


def test_hidden_attributes_stay_hidden_in_a_pool_that_is_only_bound(house: House) -> None:
    user = document("User", {"name": "eve", "pool": "customers"}, profile={"pin": "1234"})
    bound(house, [user], {"pool/customers": POOL})
    (change,) = house.plan().changes
    assert [(field.name, field.sensitive) for field in change.fields] == [("profile.pin", True)]


def test_a_bound_name_stands_for_its_id_in_what_is_live(house: House) -> None:
    bound(house, [a_pool(schemas={"profile": "profile"})], {"pool/customers": POOL, "schema/profile": PROFILE})
    (change,) = house.plan().changes
    assert (change.action, change.fields) == (Action.ADOPT, ())


@pytest.mark.parametrize(
    ("bindings", "said"),
    [
        (
            {"workspace/shop": "gone"},
            ("PAC304", "workspace/shop", "workspace/shop is bound to gone, and there is no such live workspace"),
        ),
        (
            {"pool/customers": POOL, "group/customers/staff": "gone"},
            (
                "PAC304",
                "group/customers/staff",
                f"group/customers/staff is bound to gone, and there is no such live group in pool {POOL}",
            ),
        ),
        (
            {"group/customers/staff": STAFF},
            (
                "PAC304",
                "group/customers/staff",
                f"group/customers/staff is bound to {STAFF}, and there is no such live group: its pool customers is neither "
                "declared nor bound",
            ),
        ),
        (
            {"pool/again": "other"},
            ("PAC300", "pool/again", "pool/other and the binding of pool/again mean the same live object"),
        ),
    ],
)
def test_what_is_only_bound_has_to_be_there(house: House, bindings: dict[str, str], said: tuple[str, str, str]) -> None:
    bound(house, [a_pool("other", {"adopt": True})], bindings)
    assert refused(house) == [said]


def test_what_we_made_and_only_bind_now_is_given_up_and_not_deleted(house: House) -> None:
    bound(house, [a_pool("mine"), a_pool("kept")], {})
    house.apply()
    bound(house, [a_pool("kept")], {"pool/mine": "mine"})
    plan = house.plan(prune=True)
    assert summary(plan) == {"pool/mine": "release"}
    assert house.apply(prune=True).state == "applied"
    assert summary(house.plan(prune=True)) == {}


def test_destroy_does_not_ask_for_bindings(house: House) -> None:
    bound(house, [a_pool()], {"pool/customers": POOL})
    house.apply()
    bound(house, [a_pool()], {"pool/customers": "gone"})
    assert summary(house.plan(destroy=True)) == {"pool/customers": "release"}


def test_a_reference_by_id_is_the_same_as_one_by_the_name_that_is_bound_later(house: House) -> None:
    by_id = [a_pool(schemas={"profile": f"$id:{PROFILE}"}), a_pool("new", schemas={"profile": f"$id:{PROFILE}"})]
    bound(house, by_id, {"pool/customers": POOL})
    house.apply()
    bound(house, by_id, {"pool/customers": POOL, "schema/profile": PROFILE})
    plan = house.plan()
    assert [change.fields for change in plan.changes if change.fields] == []
    house.apply()
    assert summary(house.plan()) == {}
    assert house.drift().entries == ()
    bound(house, [*by_id, a_pool("later", schemas={"profile": f"$id:{PROFILE}"})], {"schema/profile": PROFILE})
    house.apply()
    assert summary(house.plan()) == {}


# -- pools that get another name


def renamed(house: House, pool: dict[str, Any], bindings: dict[str, str]) -> None:
    """The pool customers, taken over with a group and a user whose ids no name gives, is called clients now."""
    user = document("User", {"name": "ada", "pool": "customers"}, status="active")
    old = {"pool/customers": POOL, "group/customers/support": STAFF, "user/customers/ada": ADA}
    bound(house, [a_pool(), a_group("support"), user], old)
    house.apply()
    group = document("Group", {"name": "support", "pool": "clients"})
    user = document("User", {"name": "ada", "pool": "clients"}, status="active")
    bound(house, [pool, group, user], bindings)


@pytest.mark.parametrize(
    ("metadata", "bindings"),
    [
        ({"previousNames": ["customers"]}, {}),
        ({"id": POOL}, {}),
        ({}, {"pool/clients": POOL}),
    ],
    ids=["previousNames", "metadata.id", "binding"],
)
def test_groups_and_users_of_a_renamed_pool_are_found_under_their_old_addresses(
    house: House, metadata: dict[str, Any], bindings: dict[str, str]
) -> None:
    renamed(house, a_pool("clients", metadata), bindings)
    plan = house.plan(prune=True)
    assert summary(plan) == {"pool/clients": "own", "group/clients/support": "own", "user/clients/ada": "own"}
    assert [str(change.previous_address) for change in plan.changes] == [
        "pool/customers",
        "group/customers/support",
        "user/customers/ada",
    ]
    assert ids_of(plan) == {"pool/clients": POOL, "group/clients/support": STAFF, "user/clients/ada": ADA}
    assert house.apply(prune=True).state == "applied"
    assert summary(house.plan(prune=True)) == {}


def test_what_a_rename_of_a_pool_left_half_done_is_found_by_the_next_apply(house: House) -> None:
    renamed(house, a_pool("clients", {"previousNames": ["customers"]}), {})
    house.apply(targets=("pool/*",))
    assert summary(house.plan(prune=True)) == {"group/clients/support": "own", "user/clients/ada": "own"}


def test_a_group_may_be_renamed_together_with_its_pool(house: House) -> None:
    renamed(house, a_pool("clients", {"previousNames": ["customers"]}), {})
    group = document("Group", {"name": "helpers", "pool": "clients", "previousNames": ["support"]})
    user = document("User", {"name": "ada", "pool": "clients"}, status="active")
    bound(house, [a_pool("clients", {"previousNames": ["customers"]}), group, user], {})
    assert ids_of(house.plan()) == {"pool/clients": POOL, "group/clients/helpers": STAFF, "user/clients/ada": ADA}
