"""A plan says which rights it needs, and what is missing or has no room stops it before the first write."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.app.applying import apply
from pool_as_code.app.request import ApplyOptions
from pool_as_code.core.address import Address
from pool_as_code.core.errors import Refused
from pool_as_code.core.rights import Grant
from pool_as_code.core.secrets import Secret
from pool_as_code.plan import codec
from pool_as_code.plan.model import Finding, Plan
from pool_as_code.render.environments import EnvironmentPlan
from pool_as_code.render.outputs import Look, render
from pool_as_code.resources.state import derived_id
from pool_as_code.server.clients import Client as ServedClient
from pool_as_code.stores.base import Intent
from pool_as_code.stores.secureauth import room
from pool_as_code.stores.secureauth.connection import Connection, Reply
from pool_as_code.stores.secureauth.credentials import Client, Credentials
from pool_as_code.stores.secureauth.kept import Kept, decoded, owner_of, size_of
from pool_as_code.stores.secureauth.place import place_of
from pool_as_code.stores.secureauth.store import SecureAuthStore
from pool_as_code.stores.secureauth.transport import Transport
from pool_as_code.stores.secureauth.wire import RESERVED_KEY
from tests.house import document
from tests.server.site import Asked as Site
from tests.server.site import InProcess
from tests.stores.secureauth.fake import Asked
from tests.stores.secureauth.served import URL as SERVED
from tests.stores.secureauth.served import Shared
from tests.stores.secureauth.test_end_to_end import HASH, SHOP, Tenanted, shop

__all__ = ["shop"]

PLAIN = [one for one in SHOP if one["kind"] != "Organization" and "organization" not in one["metadata"]]
ADMIN_ROLE = "a role that may manage pools"


def needs(plan: Plan) -> dict[tuple[str, str, str], list[str]]:
    return {(r.who, r.name, r.grant.value): [str(a) for a in r.addresses] for r in plan.rights}


def missing(plan: Plan) -> list[Finding]:
    return [finding for finding in plan.findings if finding.code == "missing-right"]


def unquoted(text: str) -> str:
    """Without the marks that keep Markdown from seeing any of its own."""
    return re.sub(r"[\\`\u200b]|&#95;", lambda sign: "_" if sign[0] == "&#95;" else "", text)


def is_write(asked: Asked) -> bool:
    return asked.method != "GET" and not asked.path.endswith("by_key")


def test_a_plan_lists_what_it_needs_and_what_the_service_does_not_say_is_not_missing(shop: Tenanted) -> None:
    plan = shop.house.plan()
    reasons = {(r.name, tuple(str(a) for a in r.addresses)): r.grant for r in plan.rights}
    assert reasons == {
        ("the scope identity", ()): Grant.UNKNOWN,
        ("the scope manage_configuration", ("organization/acme",)): Grant.UNKNOWN,
        ("the scope manage_configuration", ("user/customers/bob",)): Grant.UNKNOWN,
        (ADMIN_ROLE, ("pool/customers", "pool/partners")): Grant.UNKNOWN,
    }
    assert missing(plan) == []
    assert codec.loads(codec.dumps(plan)) == plan


def test_scopes_that_were_granted_are_known(shop: Tenanted) -> None:
    shop.tenant.scopes = "identity manage_configuration"
    plan = shop.house.plan()
    assert {r.grant for r in plan.rights if r.who == "System client"} == {Grant.GRANTED}
    assert shop.house.apply().state == "applied"
    assert shop.house.plan().rights == ()


def test_a_stored_hash_without_the_right_to_import_blocks_with_cause_and_next_step(shop: Tenanted) -> None:
    shop.house.write(PLAIN)
    shop.tenant.scopes = "identity"
    plan = shop.house.plan()
    (found,) = missing(plan)
    assert found.address == "user/customers/bob"
    assert found.blocks
    assert found.reason == (
        "stored hashes go through the import, which needs it: the System client needs the scope manage_configuration; "
        "the client has: identity"
    )
    assert "manage_configuration" in found.next_step
    with pytest.raises(Refused) as refused:
        shop.house.apply()
    assert "import" in refused.value.diagnostics[0].summary
    assert not [one for one in shop.tenant.log if is_write(one)]


def test_where_no_scope_is_told_the_list_of_organizations_tells(shop: Tenanted) -> None:
    shop.house.write(PLAIN)
    shop.tenant.before = lambda asked: Reply(403, {}, b"{}") if asked.path.endswith("/organizations") else None
    (found,) = missing(shop.house.plan())
    assert "may not list organizations" in found.reason


def test_a_right_that_nothing_in_the_plan_needs_is_not_asked_for(shop: Tenanted) -> None:
    shop.house.write([document("IdentityPool", {"name": "plain"}), document("Schema", {"name": "other"})])
    shop.tenant.scopes = "identity"
    shop.admin = False
    assert needs(shop.house.plan()) == {("System client", "the scope identity", "granted"): []}
    assert shop.house.apply().state == "applied"


def test_a_pool_of_a_workspace_needs_an_admin_client(shop: Tenanted) -> None:
    shop.admin = False
    plan = shop.house.plan()
    assert [(f.address, "POOL_AS_CODE_ADMIN_CLIENT_ID" in f.next_step) for f in missing(plan)] == [
        ("pool/customers", True),
        ("pool/partners", True),
    ]
    lifted = shop.house.plan(allow=("missing-right@pool/customers",))
    assert [(f.address, f.blocks) for f in missing(lifted)] == [("pool/partners", True), ("pool/customers", False)]


def test_the_permissions_of_a_pool_tell_what_a_role_may(shop: Tenanted) -> None:
    shop.house.apply()
    changed = json.loads(json.dumps(SHOP))
    changed[3]["spec"]["signInAt"] = []
    changed.append(document("IdentityPool", {"name": "second", "workspace": "shop"}))
    shop.house.write(changed)
    asked = shop.asked(lambda: shop.house.plan(allow=("second-directory",)))
    assert [one for one in asked if one.endswith("/permissions")] == [
        "GET /api/identity/shop/admin/pools/customers/permissions"
    ] * 2
    plan = shop.house.plan(allow=("second-directory",))
    assert {g for w, _, g in needs(plan) if w == "Admin client"} == {"granted"}
    shop.tenant.auditor = True
    found = missing(shop.house.plan(allow=("second-directory",)))
    assert sorted(f.address for f in found) == ["pool/customers", "pool/second"]
    assert {f.reason.partition("; ")[2] for f in found} == {"its role may not change pool customers"}


def test_a_first_plan_makes_a_number_of_requests_that_follows_from_the_project(shop: Tenanted) -> None:
    asked = shop.asked(shop.house.plan)
    assert all(one.startswith("GET ") for one in asked)
    lists = 1 + 1 + 1 + 1  # pools of the tenant and of shop, which no pool was in; organizations; schemas
    assert len(asked) == lists + 1  # the pools of shop as the Admin client sees them; acme is not there yet


def test_roles_are_looked_at_in_twenty_places_at_most(shop: Tenanted) -> None:
    shop.tenant.workspaces = {f"w{n}" for n in range(30)}
    shop.house.write(
        [
            *(document("Workspace", {"name": f"w{n}"}) for n in range(30)),
            *(document("IdentityPool", {"name": f"p{n}", "workspace": f"w{n}"}) for n in range(30)),
        ]
    )
    asked = shop.asked(shop.house.plan)
    assert sum("/admin/workspace/" in one for one in asked) == 20


def test_over_our_server_scopes_are_told_and_a_weaker_client_is_stopped(tmp_path: Path) -> None:
    secret = "a-secret-for-a-weak-client"
    digest = sha256(secret.encode()).digest()
    scopes = frozenset({"identity"})
    weak = ServedClient("weak", frozenset({"system"}), scopes=scopes, secret_digest=digest)
    with Site(clients=(weak,)) as site:
        inner = site.http._transport
        assert isinstance(inner, InProcess)
        connection = Connection({}, clear_text=True, make=lambda: Shared(inner))
        transport = Transport(place_of(SERVED), Credentials(Client("weak", Secret(secret))), connection)
        store = SecureAuthStore(transport, SERVED)
        hashed = Intent(Address.parse("user/p/bob"), "create", "u-1", frozenset({"password.hash"}))
        grants = {right.name: (right.grant, right.has) for right in store.rights([hashed])}
        store.close()
    assert grants == {
        "the scope identity": (Grant.GRANTED, "the client has: identity"),
        "the scope manage_configuration": (Grant.MISSING, "the client has: identity"),
    }


def test_a_saved_plan_is_judged_anew_by_who_applies_it(shop: Tenanted) -> None:
    shop.house.write(PLAIN)
    shop.tenant.scopes = "identity"
    weak = codec.loads(codec.dumps(shop.house.plan()))
    assert missing(weak)
    shop.tenant.scopes = "identity manage_configuration"
    strong = shop.house.plan()
    assert weak.digest == strong.digest
    shop.tenant.scopes = "identity"
    with pytest.raises(Refused) as refused:
        shop.house.apply(strong)
    assert [d.address for d in refused.value.diagnostics] == ["user/customers/bob"]
    assert not [one for one in shop.tenant.log if is_write(one)]
    shop.tenant.scopes = "identity manage_configuration"
    shown: list[Plan] = []

    def ask(plan: Plan) -> bool:
        shown.append(plan)
        return True

    options = ApplyOptions(expect=weak.digest)
    report = apply(shop.house.request, options, plan=weak, ask=ask, tell=shop.house.told.append)
    assert report.state == "applied"
    assert {right.grant for right in shown[0].rights if right.who == "System client"} == {Grant.GRANTED}


def test_what_was_allowed_in_a_saved_plan_stays_allowed(shop: Tenanted) -> None:
    shop.house.write(
        [document("Workspace", {"name": "shop"}), document("IdentityPool", {"name": "p", "workspace": "shop"})]
    )
    shop.admin = False
    saved = shop.house.plan(allow=("missing-right@pool/p",))
    assert shop.house.apply(saved).state == "applied"
    assert shop.tenant.pools["p"]["workspace_id"] == "shop"


def test_rights_stand_in_text_markdown_and_json(shop: Tenanted) -> None:
    shop.house.write(PLAIN)
    shop.tenant.scopes = "identity"
    plan = shop.house.plan()
    for output in ("text", "markdown"):
        shown = render(output, [EnvironmentPlan("prod", plan)], Look())
        assert "The System client needs the scope manage_configuration (missing)" in unquoted(shown)
    rights = json.loads(codec.dumps(plan))["rights"]
    assert [right["grant"] for right in rights] == ["granted", "missing", "unknown"]
    assert rights[1]["addresses"] == ["user/customers/bob"]


# -- room for ownership records


def users(number: int) -> list[dict[str, Any]]:
    pool = document("IdentityPool", {"name": "many"})
    return [
        pool,
        *(document("User", {"name": f"u{n}", "pool": "many"}, identifiers=[{"uid": f"u{n}"}]) for n in range(number)),
    ]


def test_the_room_that_is_foreseen_is_what_the_records_take(shop: Tenanted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weighed by the same encoder; the tokens that only a write can know are as long and as hard to pack."""
    seen: list[int] = []

    def weighed(kept: Kept) -> int:
        seen.append(size_of(kept))
        return seen[-1]

    monkeypatch.setattr(room, "size_of", weighed)
    shop.house.write(users(120))
    assert shop.house.apply().state == "applied"
    kept = decoded(shop.tenant.pools["many"]["metadata"][RESERVED_KEY], "many")
    taken = size_of(Kept(kept.records, {owner_of(room._LEASE): room._LEASE}, kept.invitations))
    assert abs(seen[0] - taken) < taken / 50
    assert len(kept.records) == 121


@pytest.mark.parametrize(("largest", "is_full"), [(8_000, True), (20_000, False)])
def test_records_that_have_no_room_block_the_plan(
    shop: Tenanted, monkeypatch: pytest.MonkeyPatch, largest: int, is_full: bool
) -> None:
    monkeypatch.setattr(room, "LARGEST", largest)
    shop.house.write(users(100))
    plan = shop.house.plan()
    full = [finding for finding in plan.findings if finding.code == "ownership-full"]
    assert [(f.address, f.blocks) for f in full] == ([("pool/many", True)] if is_full else [])
    if is_full:
        assert full[0].reason.startswith("the ownership records of 101 objects would need ")
        with pytest.raises(Refused):
            shop.house.apply()
        assert not [one for one in shop.tenant.log if is_write(one)]


def test_five_thousand_declared_users_are_too_many_for_a_pool(shop: Tenanted) -> None:
    shop.house.write(users(5000))
    (full,) = [f for f in shop.house.plan().findings if f.code == "ownership-full"]
    assert "of 5,001 objects" in full.reason
    assert "which holds 262,144" in full.reason


def test_what_goes_later_takes_room_until_then(shop: Tenanted, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.house.write(users(60))
    assert shop.house.apply().state == "applied"
    other = [document("User", {"name": f"v{n}", "pool": "many"}, identifiers=[{"uid": f"v{n}"}]) for n in range(60)]
    shop.house.write([users(0)[0], *other])
    options: dict[str, Any] = {"prune": True, "max_deletes": {"user": 100}}
    monkeypatch.setattr(room, "LARGEST", 10_000)
    (full,) = [f for f in shop.house.plan(**options).findings if f.code == "ownership-full"]
    assert "records of 121 objects" in full.reason
    assert derived_id("user", "v1", "many") not in full.reason
    assert HASH not in full.reason
