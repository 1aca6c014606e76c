"""Ownership records in the metadata of a pool that are not its own: copied along with it, or written by whoever may change that pool
and wants to speak for others."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pool_as_code.app.planning import make_plan
from pool_as_code.app.request import PlanOptions
from pool_as_code.core.errors import Conflict
from tests.house import PROJECT, document, summary
from tests.stores.secureauth.test_end_to_end import SHOP, Tenanted, shop

__all__ = ["shop"]
LIMITS = dict.fromkeys(("schema", "pool", "group", "user"), 10)


def a_pool(shop: Tenanted, id: str, *rows: list[Any], **metadata: Any) -> None:
    kept = {"version": 1, "records": [[PROJECT, "default", *row, 0, "", {}] for row in rows]} if rows else {}
    shop.tenant.pools[id] = {
        "id": id,
        "tenant_id": "shop",
        "name": id,
        "metadata": {"pool-as-code": kept, **metadata} if kept else metadata,
    }


def told(shop: Tenanted) -> bool:
    options = PlanOptions(prune=True, max_deletes=LIMITS)
    return any(one.code == "PAC546" for one in make_plan(shop.house.request, options, lambda line: None).diagnostics)


def test_a_pool_speaks_for_no_other_pool_and_for_no_schema_of_somebody_else(shop: Tenanted) -> None:
    shop.house.apply()
    a_pool(shop, "victim")
    a_pool(shop, "worse", ["schema/old", "default_payload"], ["group/customers/x", "x"])
    assert not told(shop)
    a_pool(shop, "evil", ["pool/old", "victim"])
    plan = shop.house.plan(prune=True, max_deletes=LIMITS)
    assert summary(plan) == {"group/customers/x": "release"}  # its own groups it may give away: none is there
    assert told(shop)


def test_an_organization_speaks_for_itself_alone(shop: Tenanted) -> None:
    shop.house.apply()
    rows = [[PROJECT, "default", "schema/old", "default_payload", 0, "", {}]]
    metadata: dict[str, Any] = {"payload": {"pool-as-code": {"version": 1, "records": rows}}}
    shop.tenant.organizations["other"] = {"id": "other", "name": "Other", "metadata": metadata}
    assert summary(shop.house.plan(prune=True, max_deletes=LIMITS)) == {}


def test_a_pool_that_was_copied_with_its_metadata_owns_nothing_and_the_first_one_stays_ours(shop: Tenanted) -> None:
    shop.house.apply()
    shop.tenant.pools["a-copy"] = {**copy.deepcopy(shop.tenant.pools["customers"]), "id": "a-copy"}
    assert summary(shop.house.plan(prune=True, max_deletes=LIMITS)) == {}
    assert told(shop)
    report = shop.house.write(
        [*SHOP[:3], {**SHOP[3], "spec": {**SHOP[3]["spec"], "description": "x"}}, *SHOP[4:]]
    ).apply()
    assert (report.state, shop.tenant.pools["customers"]["description"]) == ("applied", "x")
    assert "description" not in shop.tenant.pools["a-copy"]
    assert any("PAC546" in line for line in shop.house.told)
    del shop.tenant.pools["a-copy"]["metadata"]["pool-as-code"]
    assert not told(shop)


@pytest.mark.parametrize("row", [["pool/customers", "evil"], ["group/customers/staff", "g"]])
def test_who_says_that_his_pool_is_one_of_ours_stops_the_run_and_gets_no_users(shop: Tenanted, row: list[str]) -> None:
    shop.house.apply()
    a_pool(shop, "evil", row)
    shop.house.write([*SHOP, document("User", {"name": "new", "pool": "customers"})])
    with pytest.raises(Conflict, match=f"two objects are recorded as {row[0]} of this project"):
        shop.house.apply()
    assert {pool for pool, _ in shop.tenant.users} == {"customers"}


def test_schemas_stay_ours_when_the_pool_that_kept_their_records_is_given_up(shop: Tenanted) -> None:
    shop.house.apply()
    released = {**SHOP[3], "metadata": {**SHOP[3]["metadata"], "state": "released"}}
    shop.house.write([*SHOP[:3], released, SHOP[4]])
    assert shop.house.apply().state == "applied"
    shop.house.write([*SHOP[:2], SHOP[4]])
    assert summary(shop.house.plan(prune=True, max_deletes=LIMITS))["schema/profile"] == "delete"
