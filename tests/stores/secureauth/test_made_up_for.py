"""A write that was refused or lost is made up for by what is there now, and never by less than the whole of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pool_as_code.stores.secureauth.connection import Lost, Reply
from pool_as_code.stores.secureauth.wire import RESERVED_KEY
from tests.house import summary
from tests.stores.secureauth.fake import Asked
from tests.stores.secureauth.test_end_to_end import SHOP, Tenanted, shop

__all__ = ["shop"]
METHODS = {"firstFactor": {"methods": ["password", "otp"]}}
LABELS = {"team": {"name": "blue"}, "cost": {"center": 7}}


def a_shop(**spec: Any) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = json.loads(json.dumps(SHOP))
    documents[3]["spec"] = {**documents[3]["spec"], **spec}
    return documents


def note_of_another_project(shop: Tenanted) -> None:
    """Another project records a group of its own in our pool."""
    pool = shop.tenant.pools["customers"]
    ours = pool["metadata"][RESERVED_KEY]
    ours["records"] = [*ours["records"], ["p-other", "default", "group/customers/theirs", "theirs", 0, "", {}]]
    shop.tenant._moved(pool)


def records(shop: Tenanted) -> set[str]:
    return {row[2] for row in shop.tenant.pools["customers"]["metadata"][RESERVED_KEY]["records"]}


def meanwhile(shop: Tenanted, fault: str) -> None:
    """At the first write of the pool's settings: the note, and what becomes of the write."""
    before = shop.tenant.pools["customers"]

    def step_in(asked: Asked) -> Reply | None:
        ours = asked.method == "PUT" and asked.path.endswith("/pools/customers")
        settings = {k: v for k, v in (asked.body or {}).items() if k != "metadata"} if ours else {}
        labels = {k: v for k, v in (asked.body or {}).get("metadata", {}).items() if k != RESERVED_KEY} if ours else {}
        there = {k: v for k, v in before.items() if k != "metadata"}
        if not ours or (settings == there and labels == LABELS):
            return None
        shop.tenant.before = lambda asked: None
        note_of_another_project(shop)
        if fault == "lost":
            raise Lost("the network is down")
        return None

    shop.tenant.before = step_in


@pytest.mark.parametrize("fault", ["moved", "lost"])
@pytest.mark.parametrize(
    "changed",
    [
        {"signIn": {"firstFactor": {"methods": ["password"]}}, "metadata": LABELS},
        {"signIn": METHODS, "metadata": {**LABELS, "team": {"name": "red"}}},
        {"signIn": METHODS, "metadata": {**LABELS, "cost": None}},
    ],
    ids=["a method goes", "a label changes", "a label goes"],
)
def test_a_change_beside_a_note_of_another_project_is_made_and_the_note_stays(
    shop: Tenanted, changed: dict[str, Any], fault: str
) -> None:
    shop.house.write(a_shop(signIn=METHODS, metadata=LABELS))
    assert shop.house.apply().state == "applied"
    shop.house.write(a_shop(**changed))
    assert list(summary(shop.house.plan())) == ["pool/customers"]
    meanwhile(shop, fault)
    report = shop.house.apply()
    assert report.state == "applied", report.outcomes
    assert "group/customers/theirs" in records(shop)
    pool = shop.tenant.pools["customers"]
    assert pool["authentication_mechanisms"] == changed["signIn"]["firstFactor"]["methods"]
    labels = {key: label for key, label in changed["metadata"].items() if label is not None}
    assert {key: label for key, label in pool["metadata"].items() if label and key != RESERVED_KEY} == labels
    assert summary(shop.house.plan()) == {}


def test_a_change_of_what_administrators_keep_is_not_overwritten_after_a_loss(shop: Tenanted) -> None:
    shop.house.apply()
    ada = next(user for user in shop.tenant.users.values() if user.get("metadata") == {"tier": "gold"})
    documents = a_shop()
    documents[7]["spec"]["administrative"] = {"tier": "silver"}

    def lose(asked: Asked) -> Reply | None:
        if asked.method == "PATCH":
            shop.tenant.before = lambda asked: None
            ada["metadata"] = {"tier": "platinum"}
            shop.tenant._moved(ada)
            raise Lost("the network is down")
        return None

    shop.house.write(documents)
    shop.tenant.before = lose
    assert shop.house.apply().state != "applied"
    assert ada["metadata"] == {"tier": "platinum"}


def test_a_change_of_an_organization_whose_answer_was_lost_is_known_by_what_is_there(shop: Tenanted) -> None:
    """Although its answers have fields that no request may have."""
    shop.house.apply()
    documents = a_shop()
    documents[1]["spec"]["domains"] = ["acme.example", "acme.test"]
    writes = 0

    def carried_out_and_lost(asked: Asked) -> Reply | None:
        nonlocal writes
        if asked.method != "PUT" or not asked.path.endswith("/organizations/acme"):
            return None
        if asked.body["domains"] == shop.tenant.organizations["acme"]["domains"]:
            return None  # ownership records
        writes += 1
        shop.tenant._organizations(asked, ["acme"])
        raise Lost("the network is down")

    shop.house.write(documents)
    shop.tenant.before = carried_out_and_lost
    report = shop.house.apply()
    assert (report.state, writes) == ("applied", 1)
    assert summary(shop.house.plan()) == {}
