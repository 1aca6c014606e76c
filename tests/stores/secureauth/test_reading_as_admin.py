"""With a client of the Admin workspace alone everything can be planned and nothing written; what can not be seen is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from pool_as_code.app.applying import apply
from pool_as_code.app.planning import make_plan
from pool_as_code.app.pulling import pull
from pool_as_code.app.request import ApplyOptions, PlanOptions
from pool_as_code.core.errors import InvalidInput, Unauthorised
from pool_as_code.core.secrets import Secret
from pool_as_code.directory import containers
from pool_as_code.server.clients import Client as ServedClient
from pool_as_code.stores import registry
from pool_as_code.stores.secureauth.connection import Connection, Reply
from pool_as_code.stores.secureauth.credentials import Client, Credentials, credentials_of
from pool_as_code.stores.secureauth.place import place_of
from pool_as_code.stores.secureauth.store import SecureAuthStore
from pool_as_code.stores.secureauth.transport import Transport
from tests.house import House, document, summary
from tests.server.site import Asked, InProcess
from tests.stores.conformance_ledger import Clock
from tests.stores.secureauth.served import URL, Shared, store_over
from tests.stores.secureauth.test_end_to_end import ENVIRON, OPENERS, SHOP, Tenanted, shop

__all__ = ["shop"]

WITHOUT_ORGANIZATIONS = [one for one in SHOP if one["kind"] != "Organization" and "organization" not in one["metadata"]]


@pytest.fixture
def audited(shop: Tenanted) -> Tenanted:
    """What was applied, and a client that may only read."""
    assert shop.house.apply().state == "applied"
    shop.system, shop.tenant.auditor = False, True
    return shop


def test_a_plan_through_the_admin_api_sees_the_same(audited: Tenanted) -> None:
    asked = audited.asked(audited.house.plan)
    assert all(one.startswith(("GET /api/identity/shop/admin/", "GET /api/admin/shop/")) for one in asked)
    plan = audited.house.plan()
    assert summary(plan) == {}
    assert [(f.code, f.address, f.blocks) for f in plan.findings] == [("not-read", "organization/acme", False)]


def test_what_differs_is_planned_as_the_system_api_would_see_it(audited: Tenanted) -> None:
    changed = json.loads(json.dumps(SHOP))
    changed[3]["spec"]["displayName"] = "Clients"
    changed[7]["spec"]["groups"] = ["staff"]
    changed.append(document("User", {"name": "zoe", "pool": "customers"}, identifiers=[{"uid": "zoe"}]))
    audited.house.write(changed)
    seen = audited.house.plan()
    audited.system = True
    whole = audited.house.plan()
    assert summary(seen) == summary(whole)
    assert len(seen.changes) == 3
    assert seen.digest == whole.digest


def test_a_user_is_found_by_an_identifier_and_by_none_that_only_looks_like_it(audited: Tenanted) -> None:
    """The search gives whoever's identifier begins or ends so; `BEA` is `bea` where the pool ignores case."""
    rows = [{"identifier": "bea", "type": "external"}]
    about = {"id": "u-9", "tenant_id": "shop", "user_pool_id": "customers", "status": "active"}
    audited.tenant.users["customers", "u-9"] = {**about, "identifiers": rows, "verifiable_addresses": []}
    other = document("User", {"name": "other", "pool": "customers"}, identifiers=[{"external": "be"}])
    bea = document("User", {"name": "bea", "pool": "customers", "adopt": True}, identifiers=[{"external": "BEA"}])
    audited.house.write([*SHOP, other, bea])
    plan = audited.house.plan()
    assert summary(plan) == {"user/customers/other": "create", "user/customers/bea": "adopt"}
    assert next(c.remote_id for c in plan.changes if c.address.name == "bea") == "u-9"


def test_the_search_costs_one_request_and_one_for_whoever_it_finds(audited: Tenanted) -> None:
    before = len(audited.asked(audited.house.plan))
    new = document("User", {"name": "zoe", "pool": "customers"}, identifiers=[{"uid": "zoe"}])
    audited.house.write([*SHOP, new])
    asked = audited.asked(audited.house.plan)
    assert len(asked) == before + 1 + 1
    (search,) = [one for one in audited.tenant.log if "query" in one.query]
    assert json.loads(search.query["query"]) == {"user_key": "zoe"}


def test_an_organization_that_is_not_there_blocks_and_is_not_called_absent(audited: Tenanted) -> None:
    audited.house.write([*SHOP, document("Organization", {"name": "newco", "parent": "shop"})])
    plan = audited.house.plan()
    assert "organization/newco" not in summary(plan)
    (missing,) = [f for f in plan.findings if f.code == "missing-precondition"]
    assert (missing.address, missing.blocks) == ("organization/newco", True)
    assert "the Admin API has no organizations" in missing.reason


def test_drift_says_what_it_did_not_compare(audited: Tenanted) -> None:
    assert not audited.house.drift().drifted
    assert any("not compared: organization/acme: the Admin API" in line for line in audited.house.told)
    audited.tenant.pools["customers"]["name"] = "By hand"
    audited.tenant.organizations["acme"]["name"] = "By hand"
    assert [str(entry.address) for entry in audited.house.drift().entries if not entry.initial] == ["pool/customers"]


def test_what_is_pulled_is_the_same_but_for_organizations_which_is_said(audited: Tenanted) -> None:
    audited.house.told.clear()
    seen = pull(audited.house.request, (), audited.house.told.append)
    assert any("PAC545" in line for line in audited.house.told)
    audited.system = True
    whole = pull(audited.house.request, (), audited.house.told.append)
    assert {path for path in whole if seen.get(path) != whole[path]} == {
        "organizations/acme.yaml",
        "pools/partners.yaml",
    }


def test_an_apply_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    environ = {"POOL_AS_CODE_ADMIN_CLIENT_ID": "boss", "POOL_AS_CODE_ADMIN_CLIENT_SECRET": "b"}
    alone = credentials_of(environ, tmp_path, read_only=True)
    assert (alone.system, alone.admin) == (None, Client("boss", Secret("b")))
    house = House(tmp_path, store="secureauth+https://id.example.invalid/shop", environ=environ).write(SHOP)
    with pytest.raises(InvalidInput) as refused:
        apply(house.request, ApplyOptions(), ask=lambda plan: True, tell=house.told.append)
    (problem,) = refused.value.diagnostics
    assert problem.code == "PAC541"
    assert "export POOL_AS_CODE_CLIENT_ID=" in problem.hint


def test_a_store_without_a_system_client_sends_no_write(shop: Tenanted) -> None:
    shop.system = False
    store = shop.open("", read_only=False, root=shop.house.root, environ={})
    with pytest.raises(Unauthorised, match="System workspace"):
        store._transport.call("POST", "/system/pools", {}, what="create a pool")
    assert shop.tenant.log == []


def test_a_client_that_may_not_see_idps_leaves_them_as_they_are(shop: Tenanted) -> None:
    shop.house.apply()
    shop.tenant.before = lambda asked: Reply(403, {}, b"{}") if asked.path.endswith("/idps") else None
    changed = json.loads(json.dumps(SHOP))
    changed[3]["spec"]["signInAt"] = []
    shop.house.write(changed)
    plan = shop.house.plan()
    assert "signInAt" not in str([c.fields for c in plan.changes])
    (note,) = [f for f in plan.findings if f.code == "not-expressible"]
    assert (note.address, "signInAt" in note.reason) == ("pool/customers", True)


def test_without_the_scope_for_organizations_the_rest_is_planned(shop: Tenanted) -> None:
    shop.house.apply()
    shop.tenant.scopes = "identity"
    plan = shop.house.plan()
    assert summary(plan) == {}
    assert [f.address for f in plan.findings if f.code == "not-read"] == ["organization/acme"]
    assert shop.house.apply().state == "nothing"


# -- over our own server


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[House, Asked]]:
    """Our server with a client that may only read the Admin API; what is written goes through the client for everything."""
    monkeypatch.setitem(registry.BUILT_IN, "secureauth+http", "tests.stores.secureauth.test_end_to_end:opened")
    clock = Clock()
    secret = "a-secret-for-an-auditor"
    digest = sha256(secret.encode()).digest()
    auditor = ServedClient("auditor", frozenset({"admin"}), read_only=True, secret_digest=digest)
    with Asked(clients=(auditor,)) as site:
        site.inside(lambda d: containers.create(d, "workspace", "shop", {}, {}))
        inner = site.http._transport
        assert isinstance(inner, InProcess)

        def open_store(url: str, *, read_only: bool, root: Path, environ: object) -> SecureAuthStore:
            if not read_only:
                return store_over(site, clock)
            connection = Connection({}, clear_text=True, make=lambda: Shared(inner))
            credentials = Credentials(None, Client("auditor", Secret(secret)))
            return SecureAuthStore(Transport(place_of(URL), credentials, connection, read_only=True), URL, clock=clock)

        OPENERS[:] = [open_store]
        yield House(tmp_path, store=URL, environ=dict(ENVIRON)).write(SHOP), site
        OPENERS.clear()


def test_over_our_server_an_auditor_plans_what_another_client_applies(served: tuple[House, Asked]) -> None:
    house, _ = served
    house.write(WITHOUT_ORGANIZATIONS)
    first = make_plan(house.request, PlanOptions(), house.told.append).plan
    assert len(first.changes) == len(WITHOUT_ORGANIZATIONS) - 1
    assert house.apply(first, expect=first.digest).state == "applied"
    again = house.plan()
    assert (summary(again), [f for f in again.findings if f.blocks]) == ({}, [])
    assert not house.drift().drifted
    texts = "".join(pull(house.request, (), house.told.append).values())
    assert "kind: IdentityPool" in texts
    assert "ada@example.com" in texts
    assert any("PAC545" in line for line in house.told)
