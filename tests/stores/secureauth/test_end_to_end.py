"""Manifests planned and applied on a tenant of the service, through the same use-cases as the command line."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.app.asking import unlock
from pool_as_code.apply.report import Status
from pool_as_code.core.diagnostics import Severity
from pool_as_code.core.errors import Conflict, PoolAsCodeError, Refused, Unavailable
from pool_as_code.core.values import JsonValue
from pool_as_code.resources.live import Owner, OwnerRecord
from pool_as_code.stores import registry
from pool_as_code.stores.base import Scope
from pool_as_code.stores.secureauth import kept
from pool_as_code.stores.secureauth.connection import Lost, Reply
from pool_as_code.stores.secureauth.kept import Kept
from pool_as_code.stores.secureauth.ledger import ServiceLedger
from pool_as_code.stores.secureauth.store import SecureAuthStore
from pool_as_code.stores.secureauth.wire import RESERVED_KEY
from tests.house import PROJECT, House, document, summary
from tests.stores.conformance_ledger import Clock, a_run
from tests.stores.secureauth.fake import Asked, FakeTenant
from tests.stores.secureauth.scripted import URL, World, a_transport

HASH = "$2b$04$hzlCOLDO5S7WC0gI9KKGy.8zrf3t6mBHTI3ofUgQDxyLbCAk5RPk2"
SHOP: list[dict[str, Any]] = [
    document("Workspace", {"name": "shop"}),
    document("Organization", {"name": "acme", "parent": "shop"}, domains=["acme.example"]),
    document(
        "Schema",
        {"name": "profile"},
        schema={"type": "object", "properties": {"first_name": {"type": "string"}, "tier": {"type": "string"}}},
    ),
    document(
        "IdentityPool",
        {"name": "customers", "workspace": "shop"},
        displayName="Customers",
        signIn={"identifiersIgnoreCase": True, "secondFactor": {"methods": ["totp"], "rememberDeviceFor": "30d"}},
        passwordPolicy={"minLength": 8},
        schemas={"profile": "profile"},
    ),
    document("IdentityPool", {"name": "partners", "organization": "acme"}),
    document("Group", {"name": "staff", "pool": "customers"}),
    document("Group", {"name": "support", "pool": "customers", "parent": "staff"}),
    document(
        "User",
        {"name": "ada", "pool": "customers"},
        status="active",
        identifiers=[{"email": "ada@example.com"}, {"uid": "ada"}],
        addresses=[{"email": "ada@example.com", "verified": True}],
        profile={"first_name": "Ada"},
        administrative={"tier": "gold"},
        groups=["support"],
        password={"initial": {"fromEnv": "ADA_PASSWORD"}, "mustChange": True},
    ),
    document("User", {"name": "bob", "pool": "customers"}, status="active", password={"hash": HASH}),
    document(
        "User",
        {"name": "eve", "pool": "customers"},
        addresses=[{"email": "eve@example.com"}],
        invitation={"send": "onCreate", "via": "code"},
    ),
]
ENVIRON = {"ADA_PASSWORD": "a-long-enough-Pa55word"}


class Tenanted:
    """A project whose store is a tenant in memory; each use-case opens a store of its own over it."""

    def __init__(self, root: Path) -> None:
        self.tenant = FakeTenant(workspaces={"shop"})
        self.admin, self.system = True, True
        self.house = House(root, store=URL, environ=dict(ENVIRON))

    def open(self, url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> SecureAuthStore:
        transport = a_transport(self.tenant, World(), admin=self.admin, system=self.system, read_only=read_only)
        return SecureAuthStore(transport, url, clock=Clock())

    def asked(self, work: Callable[[], object]) -> list[str]:
        """The requests that something makes."""
        self.tenant.log.clear()
        work()
        return [f"{asked.method} {asked.path}" for asked in self.tenant.log]

    def state(self) -> str:
        """Everything in the tenant but versions, and how far invitations came."""
        tenant = copy.deepcopy(self.tenant.__dict__ | {"lock": None, "before": None})
        for pool in tenant["pools"].values():
            pool.get("metadata", {}).get(RESERVED_KEY, {}).pop("invitations", None)
        groups = sorted(tenant["groups"].values(), key=lambda group: str(group["id"]))
        rows: list[Any] = [tenant["pools"], tenant["schemas"], tenant["organizations"], groups]
        users = [
            {**user, "groups": sorted(g for _, g, u in tenant["members"] if u == user["id"])}
            for user in tenant["users"].values()
        ]
        rows.append(sorted(users, key=lambda user: str(user["id"])))
        return json.dumps(rows, sort_keys=True)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tenanted]:
    there = Tenanted(tmp_path)
    monkeypatch.setitem(registry.BUILT_IN, "secureauth+https", "tests.stores.secureauth.test_end_to_end:opened")
    OPENERS[:] = [there.open]
    there.house.write(SHOP)
    yield there
    OPENERS.clear()


OPENERS: list[Callable[..., SecureAuthStore]] = []


def opened(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> SecureAuthStore:
    return OPENERS[0](url, read_only=read_only, root=root, environ=environ)


def test_what_was_applied_needs_nothing_more(shop: Tenanted) -> None:
    plan = shop.house.plan()
    assert "workspace/shop" not in summary(plan)
    assert len(plan.changes) == len(SHOP) - 1
    report = shop.house.apply()
    assert report.state == "applied", report.outcomes
    assert set(shop.tenant.pools) == {"customers", "partners"}
    assert shop.tenant.pools["customers"]["mfa_session_ttl"] == "720h0m0s"
    assert ("customers", "shop") in shop.tenant.idps
    again = shop.house.plan()
    assert summary(again) == {}
    assert not [f for f in again.findings if f.blocks]
    assert not shop.house.drift().drifted


def test_users_start_as_they_are_declared(shop: Tenanted) -> None:
    shop.house.apply()
    ada, bob, eve = sorted(shop.tenant.users.values(), key=lambda user: str(user.get("identifiers")), reverse=True)
    found = {user["status"]: user for user in (ada, bob, eve)}
    assert set(found) == {"active", "new"}
    imported = [user for user in shop.tenant.users.values() if "hashed_password" in json.dumps(user["credentials"])]
    assert len(imported) == 1
    assert shop.tenant.sent == [user["id"] for user in shop.tenant.users.values() if user["status"] == "new"]
    assert {group for _, group, _ in shop.tenant.members} == {
        id for (_, id), group in shop.tenant.groups.items() if group["name"] == "support"
    }


def test_changes_are_written_and_nothing_else(shop: Tenanted) -> None:
    shop.house.apply()
    shop.tenant.pools["customers"]["brand_new"] = {"on": True}
    changed = json.loads(json.dumps(SHOP))
    changed[3]["spec"]["passwordPolicy"] = {"minLength": 10}
    changed[7]["spec"]["administrative"] = {"tier": "silver"}
    changed[7]["spec"]["identifiers"] = [{"email": "ada@example.com"}]
    changed[7]["spec"]["groups"] = ["staff"]
    shop.house.write(changed)
    assert sorted(summary(shop.house.plan())) == ["pool/customers", "user/customers/ada"]
    assert shop.house.apply().state == "applied"
    assert shop.tenant.pools["customers"]["password_policy"] == {"min_length": 10}
    assert shop.tenant.pools["customers"]["brand_new"] == {"on": True}
    assert summary(shop.house.plan()) == {}


def test_what_answers_alone_have_is_neither_sent_back_nor_pulled(shop: Tenanted) -> None:
    shop.house.apply()
    shop.house.write([SHOP[0], {**SHOP[1], "spec": {"domains": ["acme.test"], "displayName": "ACME"}}, *SHOP[2:]])
    plan = shop.house.plan()
    assert [field.name for change in plan.changes for field in change.fields if "extra" in field.name] == []
    assert shop.house.apply().state == "applied"
    assert shop.tenant.organizations["acme"]["domains"] == ["acme.test"]
    store = shop.open(URL, read_only=True, root=shop.house.root, environ={})
    assert [sorted(one.spec) for one in store.read(Scope("organization"))] == [["displayName", "domains"]]
    store.close()


def test_a_workspace_that_is_missing_blocks(shop: Tenanted) -> None:
    shop.tenant.workspaces.clear()
    (missing,) = [f for f in shop.house.plan().findings if f.code == "missing-precondition"]
    assert missing.blocks
    assert missing.address == "workspace/shop"
    with pytest.raises(Refused):
        shop.house.apply()
    assert shop.tenant.pools == {}


def test_what_the_service_has_no_field_for_is_a_note_and_no_change(shop: Tenanted) -> None:
    documents = [*SHOP, document("IdentityPool", {"name": "plain"}, registrationModes={"adminInitiated": False})]
    shop.house.write(documents)
    plan = shop.house.plan()
    (note,) = [f for f in plan.findings if f.code == "not-expressible"]
    assert (note.address, note.severity.value) == ("pool/plain", "info")
    assert shop.house.apply().state == "applied"
    assert "admin_initiated_registration" not in shop.tenant.pools["plain"]
    again = shop.house.plan()
    assert summary(again) == {}
    assert [f.code for f in again.findings] == ["not-expressible"]
    shop.tenant.pools["plain"]["admin_initiated_registration"] = True  # the service has learned it
    assert summary(shop.house.plan()) == {"pool/plain": "update"}


def test_planning_writes_nothing_and_makes_a_number_of_requests_that_follows_from_the_project(shop: Tenanted) -> None:
    shop.house.apply()
    asked = shop.asked(shop.house.plan)
    assert all(one.startswith("GET ") for one in asked)
    pools, users_owned = 2, 3
    lists = 2 + 1 + 1 + 1  # pools of the tenant, of shop and of acme; organizations; schemas
    assert len(asked) == lists + pools + 1 * pools + 2 * users_owned  # links; groups; users and their groups


def test_a_new_user_costs_one_look_up_and_one_for_each_identifier(shop: Tenanted) -> None:
    shop.house.apply()
    before = len(shop.asked(shop.house.plan))
    new = document(
        "User", {"name": "zoe", "pool": "customers"}, identifiers=[{"uid": "zoe"}, {"email": "z@example.com"}]
    )
    shop.house.write([*SHOP, new])
    asked = shop.asked(shop.house.plan)
    assert len(asked) == before + 1 + 2
    assert [one for one in asked if one.startswith("POST")] == [
        "POST /api/identity/shop/system/pools/customers/users/by_key"
    ] * 2


def users_of(pool: str, number: int) -> list[dict[str, Any]]:
    return [
        document(
            "User",
            {"name": f"u{n}", "pool": pool},
            status="active",
            identifiers=[{"uid": f"u{n}"}],
            groups=["staff"] if n % 2 else [],
        )
        for n in range(number)
    ]


def test_an_apply_sends_one_request_for_a_new_user_and_one_for_each_of_its_groups(shop: Tenanted) -> None:
    """What is written beside them is four requests for a pool: its records are read and written before its users and after
    them, however many there are."""
    pools = [document("IdentityPool", {"name": name}) for name in ("one", "two")]
    groups = [document("Group", {"name": "staff", "pool": name}) for name in ("one", "two")]
    counts = {}
    for users in (0, 2, 30):
        shop.tenant = FakeTenant(workspaces={"shop"})
        shop.house.write([*pools, *groups, *users_of("one", users), *users_of("two", users)])
        asked = shop.asked(shop.house.apply)
        assert sum(one.endswith("/users") for one in asked) == 2 * users
        assert sum("/groups/" in one for one in asked) == users
        counts[users] = len(asked)
    of_users = 2 * 2 + 2  # two in each pool, one of them in a group
    assert counts[2] - counts[0] == of_users + 4 * 2
    assert counts[30] - counts[2] == 28 * 2 + 28


def test_records_of_a_pool_are_not_decoded_again_where_they_are_what_was_written(
    shop: Tenanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pool_as_code.stores.secureauth import homes

    decoded = [0]

    def counted(value: JsonValue, pool_id: str = "") -> Kept:
        decoded[0] += 1
        return kept.decoded(value, pool_id)

    monkeypatch.setattr(homes, "decoded", counted)
    pool = document("IdentityPool", {"name": "one"})
    shop.house.write([pool, document("Group", {"name": "staff", "pool": "one"}), *users_of("one", 40)])
    assert shop.house.apply().state == "applied"
    assert decoded[0] <= 2  # what the new pool shows, and what the end finds


def test_pruning_and_destroying_leave_nothing_of_ours(shop: Tenanted) -> None:
    shop.house.apply()
    shop.house.write([one for one in SHOP if one["metadata"]["name"] != "bob"])
    assert summary(shop.house.plan(prune=True)) == {"user/customers/bob": "delete"}
    assert shop.house.apply(prune=True, max_deletes={"user": 5}).state == "applied"
    assert len(shop.tenant.users) == 2
    limits = dict.fromkeys(("organization", "schema", "pool", "group", "user"), 10)
    report = shop.house.apply(destroy=True, max_deletes=limits, confirm=("pool/customers",))
    assert report.state == "applied"
    assert (shop.tenant.pools, shop.tenant.users, shop.tenant.organizations) == ({}, {}, {})
    assert set(shop.tenant.schemas) == {"default_payload", "default_metadata"}


def test_a_change_of_somebody_else_in_between_is_never_overwritten(shop: Tenanted) -> None:
    shop.house.apply()
    changed = json.loads(json.dumps(SHOP))
    changed[3]["spec"]["displayName"] = "Clients"
    shop.house.write(changed)
    tenant = shop.tenant

    def meddle(asked: Asked) -> Reply | None:
        if asked.method == "PUT" and asked.path.endswith("/pools/customers") and asked.body.get("name") == "Clients":
            tenant.pools["customers"]["description"] = "by hand"
            tenant.before = lambda asked: None
        return None

    tenant.before = meddle
    assert shop.house.apply().state == "failed"
    assert tenant.pools["customers"]["description"] == "by hand"
    assert shop.house.apply().state == "applied"
    assert (tenant.pools["customers"]["description"], tenant.pools["customers"]["name"]) == ("by hand", "Clients")


@pytest.mark.parametrize("fault", ["before", "after", "503", "429"])
def test_whatever_is_lost_on_the_way_the_end_is_the_same(shop: Tenanted, fault: str) -> None:
    shop.house.apply()
    wanted = shop.state()
    writes = count_writes(shop)
    for number in range(writes):
        shop.tenant = FakeTenant(workspaces={"shop"})
        shop.tenant.before = Faults(shop.tenant, number, fault)
        for _ in range(4):
            try:
                shop.house.apply()
            except PoolAsCodeError:
                continue
        assert shop.state() == wanted, f"fault at write {number}"
        assert len(shop.tenant.sent) <= 1
        assert summary(shop.house.plan()) == {}


def count_writes(shop: Tenanted) -> int:
    shop.tenant = FakeTenant(workspaces={"shop"})
    asked = shop.asked(shop.house.apply)
    return sum(1 for one in asked if not one.startswith("GET") and not one.endswith("by_key"))


class Faults:
    """At one write something happens to the request, or to its answer, and to all its repetitions for a while."""

    def __init__(self, tenant: FakeTenant, number: int, fault: str) -> None:
        self.tenant, self.number, self.fault = tenant, number, fault
        self.seen = -1

    def __call__(self, asked: Asked) -> Reply | None:
        if asked.method == "GET" or asked.path.endswith("by_key"):
            return None
        self.seen += 1
        if self.seen != self.number:
            return None
        if self.fault == "before":
            raise Lost("the request was dropped")
        if self.fault in ("503", "429"):
            return Reply(int(self.fault), {"retry-after": "1"}, b"")
        self.tenant.before = lambda asked: None
        self.tenant.send(
            asked.method,
            f"https://x{asked.path}?{'&'.join(f'{k}={v}' for k, v in asked.query.items())}",
            asked.headers,
            json.dumps(asked.body).encode() if asked.body is not None else None,
        )
        self.tenant.before = self
        raise Lost("the answer was dropped")


def test_what_is_pulled_is_what_was_applied(shop: Tenanted, tmp_path: Path) -> None:
    from pool_as_code.app.pulling import pull, write_pulled

    shop.house.apply()
    pulled = pull(shop.house.request, (), shop.house.told.append)
    (shop.house.root / "manifests" / "all.yaml").unlink()
    write_pulled(pulled, shop.house.root / "manifests", False)
    plan = shop.house.plan()
    assert summary(plan) == {}, [change.fields for change in plan.changes]


def test_of_two_applies_at_once_none_is_lost(shop: Tenanted, tmp_path: Path) -> None:
    """Another run begins in the middle of this one: it finds the lease, or the objects, and changes nothing."""
    shop.house.apply()
    changed = json.loads(json.dumps(SHOP))
    changed[3]["spec"]["displayName"] = "Clients"
    other = House(tmp_path / "other", store=URL, environ=dict(ENVIRON))
    other.write(changed)
    shop.house.write([*changed, document("Group", {"name": "late", "pool": "customers"})])
    refused: list[str] = []

    def meddle(asked: Asked) -> Reply | None:
        if asked.method == "POST" and asked.path.endswith("/groups"):
            shop.tenant.before = lambda asked: None
            with pytest.raises(PoolAsCodeError) as held:
                other.apply()
            refused.append(held.value.message)
        return None

    shop.tenant.before = meddle
    assert shop.house.apply().state == "applied"
    (message,) = refused
    assert "another run is writing" in message
    assert summary(shop.house.plan()) == {}


def test_users_whose_turn_has_not_come_when_the_service_is_lost_are_not_tried(shop: Tenanted) -> None:
    many = [document("User", {"name": f"u{n}", "pool": "customers"}, identifiers=[{"uid": f"u{n}"}]) for n in range(60)]
    shop.house.write([*SHOP, *many])
    asked = 0

    def lose(one: Asked) -> Reply | None:
        nonlocal asked
        if one.path.endswith("/users") and one.method == "POST":
            asked += 1
        if asked or one.path.endswith("/configuration"):  # whichever of eight is first: bob comes with an import
            raise Lost("the answer was dropped")
        return None

    shop.tenant.before = lose
    report = shop.house.apply()
    ends = [o.status.value for o in report.outcomes if o.address.kind == "user"]
    assert len(ends) == 63
    assert set(ends) == {"unknown", "skipped"}
    assert ends.count("unknown") <= 8
    assert asked <= 8 * 6  # eight at once, each with its attempts
    shop.tenant.before = lambda one: None
    unlock(shop.house.request, shop.house.told.append)  # the lease could not be given back
    assert shop.house.apply().state == "applied"
    assert len(shop.tenant.users) == 63


def test_what_the_tenant_has_no_field_for_is_not_made_up_by_a_pull(shop: Tenanted) -> None:
    from pool_as_code.app.pulling import pull

    plain = document(
        "IdentityPool", {"name": "plain"}, displayName="Plain", registrationModes={"adminInitiated": False}
    )
    shop.house.write([*SHOP, plain])
    shop.house.apply()
    shop.house.told.clear()
    (text,) = pull(shop.house.request, ("pool/plain",), shop.house.told.append).values()
    assert "Plain" in text
    assert "registrationModes" not in text
    assert "registrationModes.adminInitiated stays out" in "\n".join(shop.house.told)


def test_a_change_beside_what_has_no_field_is_recorded_and_taken_for_nobody_else_s(shop: Tenanted) -> None:
    for length in (8, 10, 12):
        rest: dict[str, Any] = {"registrationModes": {"adminInitiated": False}}
        shop.house.write(
            [*SHOP, document("IdentityPool", {"name": "plain"}, passwordPolicy={"minLength": length}, **rest)]
        )
        assert [f.code for f in shop.house.plan().findings if f.code == "reverts-live-change"] == []
        assert shop.house.apply().state == "applied"


def test_a_missing_workspace_is_told_once_and_not_for_each_pool_in_it(shop: Tenanted) -> None:
    shop.tenant.workspaces.clear()
    assert [f.code for f in shop.house.plan().findings if f.blocks] == ["missing-precondition"]


def test_records_of_schemas_outlive_the_pool_that_kept_them(shop: Tenanted) -> None:
    """Pools are made in the order of their names: the first one keeps the records until it goes."""
    first = document("IdentityPool", {"name": "aaa"})
    shop.house.write([*SHOP, first])
    shop.house.apply()
    assert "records" in shop.tenant.pools["aaa"]["metadata"][RESERVED_KEY]
    shop.house.write(SHOP)
    assert shop.house.apply(prune=True, max_deletes={"pool": 1}).state == "applied"
    assert "aaa" not in shop.tenant.pools
    assert summary(shop.house.plan()) == {}


def test_a_message_whose_turn_never_came_is_sent_by_the_next_run(shop: Tenanted) -> None:
    """The user is made, and the service is lost before the message is sent."""

    def lost(asked: Asked) -> Reply | None:
        if asked.path.endswith("/activation/send") or asked.method == "PUT":
            made = [user for user in shop.tenant.users.values() if user["status"] == "new"]
            if made:
                raise Lost("the network is down")
        return None

    shop.tenant.before = lost
    assert shop.house.apply().state == "partly"
    shop.tenant.before = lambda asked: None
    assert shop.tenant.sent == []
    unlock(shop.house.request, shop.house.told.append)  # the lease could not be given back
    assert shop.house.apply().state == "applied"
    (eve,) = (user["id"] for user in shop.tenant.users.values() if user["status"] == "new")
    assert shop.tenant.sent == [eve]
    assert summary(shop.house.plan()) == {}


def test_a_write_that_somebody_on_the_way_has_doubled_is_applied(shop: Tenanted) -> None:
    shop.house.apply()
    changed = json.loads(json.dumps(SHOP))
    changed[3]["spec"]["displayName"] = "Clients"
    shop.house.write(changed)
    tenant = shop.tenant

    def double(asked: Asked) -> Reply | None:
        if asked.method == "PUT" and asked.path.endswith("/pools/customers") and asked.body.get("name") == "Clients":
            tenant.before = lambda asked: None
            tenant.send(asked.method, f"https://x{asked.path}", asked.headers, json.dumps(asked.body).encode())
        return None

    tenant.before = double
    assert shop.house.apply().state == "applied"
    assert tenant.pools["customers"]["name"] == "Clients"
    assert summary(shop.house.plan()) == {}


def test_of_two_first_runs_the_one_that_makes_the_first_container_goes_on(shop: Tenanted, tmp_path: Path) -> None:
    other = House(tmp_path / "other", store=URL, environ=dict(ENVIRON)).write(SHOP)

    def meddle(asked: Asked) -> Reply | None:
        if asked.method == "POST" and asked.path.endswith("/organizations"):
            shop.tenant.before = lambda asked: None
            assert other.apply().state == "applied"
        return None

    shop.tenant.before = meddle
    report = shop.house.apply()
    reasons = {str(o.address): o.reason for o in report.outcomes if o.status.value == "unknown"}
    assert "another run of this project" in reasons["organization/acme"]
    assert {o.status.value for o in report.outcomes} <= {"applied", "unknown", "skipped"}
    assert summary(shop.house.plan()) == {}
    assert len(shop.tenant.sent) == 1


def test_what_was_made_and_could_not_be_recorded_keeps_its_claim(
    shop: Tenanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last record is refused: the object is there, so it is not called refused."""
    put = ServiceLedger.put

    def refuse(ledger: ServiceLedger, records: Iterable[OwnerRecord]) -> None:
        listed = list(records)
        if any(record.address.kind in ("group", "user") and not record.claimed for record in listed):
            raise Conflict("changed by others all the time")
        put(ledger, listed)

    with monkeypatch.context() as patch:
        patch.setattr(ServiceLedger, "put", refuse)
        report = shop.house.apply()
    assert report.state == "partly"
    assert shop.tenant.groups
    assert set(summary(shop.house.plan()).values()) <= {"create", "own"}
    assert shop.house.apply().state == "applied"
    assert summary(shop.house.plan()) == {}


@pytest.mark.parametrize("seconds", [-600, 600])
def test_a_wrong_clock_takes_no_lease_away_and_holds_none_too_long(shop: Tenanted, seconds: int) -> None:
    """Two machines, one of which is wrong by ten minutes: both go by the time that the service shows."""
    shop.house.apply()
    ours = Owner(PROJECT, "default")

    def machine(wrong_by: int) -> SecureAuthStore:
        clock, world = Clock(), World(time=Clock()().timestamp() + wrong_by)
        clock.forward(seconds=wrong_by)
        store = SecureAuthStore(a_transport(Dated(shop.tenant), world, admin=True), URL, clock=clock)
        store.read(Scope("pool"))
        return store

    for first, second in ((0, seconds), (seconds, 0)):
        one, other = machine(first), machine(second)
        one.ledger.acquire_lease(a_run("one", ours), 120)
        other.read(Scope("pool"))
        with pytest.raises(Unavailable, match="another run is writing") as refused:
            other.ledger.acquire_lease(a_run("other", ours), 120)
        assert refused.value.retry_after == 120.0
        one.ledger.release_lease("one")


class Dated:
    """A tenant whose clock shows noon."""

    def __init__(self, tenant: FakeTenant) -> None:
        self.tenant = tenant

    def send(self, *request: Any) -> Reply:
        reply = self.tenant.send(*request)
        return reply._replace(headers={**reply.headers, "date": "Sun, 01 Mar 2026 12:00:00 GMT"})

    def close(self) -> None:
        """Nothing to let go of."""


@pytest.mark.parametrize("taken", ["PUT", "DELETE"])
def test_a_membership_that_is_so_already_may_be_called_a_conflict(shop: Tenanted, taken: str) -> None:
    shop.house.apply()
    if taken == "DELETE":
        shop.house.write([*SHOP[:7], {**SHOP[7], "spec": {**SHOP[7]["spec"], "groups": []}}, *SHOP[8:]])
    else:
        shop.house.write(
            [*SHOP[:7], {**SHOP[7], "spec": {**SHOP[7]["spec"], "groups": ["staff", "support"]}}, *SHOP[8:]]
        )
    tenant = shop.tenant

    def faster(asked: Asked) -> Reply | None:
        """Somebody does the same right before, and the service says that it is so."""
        if asked.method == taken and "/groups/" in asked.path and "/users/" in asked.path:
            tenant.before = lambda asked: None
            tenant.send(asked.method, f"https://x{asked.path}", asked.headers)
            return Reply(409, {}, b'{"error": "it is so already"}')
        return None

    tenant.before = faster
    assert shop.house.apply().state == "applied"
    assert summary(shop.house.plan()) == {}


def test_users_are_read_after_a_write_as_it_left_them_though_the_service_keeps_answers(
    shop: Tenanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two users swap a name: each gives it up first, and is read again before it is changed."""
    users = [
        document("User", {"name": name, "pool": "customers"}, identifiers=[{"uid": uid}], administrative={"n": n})
        for n, (name, uid) in enumerate((("one", "u1"), ("two", "u2")))
    ]
    shop.house.write([*SHOP, *users])
    assert shop.house.apply().state == "applied"
    answer, kept = shop.tenant._answer, dict[str, Reply]()

    def keeping(asked: Asked, steps: list[str]) -> Reply:
        if asked.method != "GET" or steps[-2] != "users":
            return answer(asked, steps)
        if asked.path not in kept or "if-match" in asked.headers:
            kept[asked.path] = answer(asked, steps)
        return kept[asked.path]

    for user, uid in zip(users, ("u2", "u1"), strict=True):
        user["spec"] |= {"identifiers": [{"uid": uid}], "administrative": {"n": 7}}
    shop.house.write([*SHOP, *users])
    monkeypatch.setattr(shop.tenant, "_answer", keeping)
    report = shop.house.apply()
    assert report.state == "applied", report.outcomes
    kept.clear()
    assert summary(shop.house.plan()) == {}


def test_a_pool_that_comes_with_a_new_organization_is_not_the_second_one_unseen(
    shop: Tenanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the service makes one is not documented: the plan can not know, the next one does."""
    answer = shop.tenant._answer

    def with_directory(asked: Asked, steps: list[str]) -> Reply:
        reply = answer(asked, steps)
        if asked.method == "POST" and asked.path.endswith("/organizations") and reply.status == 201:
            shop.tenant.pools["built-in"] = {"id": "built-in", "tenant_id": "shop", "name": "B", "workspace_id": "acme"}
        return reply

    monkeypatch.setattr(shop.tenant, "_answer", with_directory)
    report = shop.house.apply()
    (refused,) = [one for one in report.outcomes if one.status is Status.FAILED]
    assert (str(refused.address), "partners" in shop.tenant.pools) == ("pool/partners", False)
    assert "organization acme came with a directory of its own: pool built-in" in refused.reason
    assert [f.code for f in shop.house.plan().findings if f.severity is Severity.BLOCK] == ["second-directory"]
    taken = {**SHOP[4], "metadata": {**SHOP[4]["metadata"], "adopt": "builtIn"}}
    assert shop.house.write([*SHOP[:4], taken, *SHOP[5:]]).apply().state == "applied"
    assert set(shop.tenant.pools) == {"customers", "built-in"}


def test_a_user_whose_import_does_not_show_yet_keeps_its_claim(shop: Tenanted, monkeypatch: pytest.MonkeyPatch) -> None:
    def later(tenant: FakeTenant, dump: dict[str, Any]) -> Reply:
        waiting.append(dump)
        return Reply(204, {}, b"")

    waiting: list[dict[str, Any]] = []
    imported = FakeTenant._import
    with monkeypatch.context() as patch:
        patch.setattr(FakeTenant, "_import", later)
        report = shop.house.apply()
    assert {one.address.name: one.status for one in report.outcomes}["bob"] is Status.UNKNOWN
    imported(shop.tenant, waiting[0])
    assert shop.house.apply().state == "applied"
    assert summary(shop.house.plan()) == {}
