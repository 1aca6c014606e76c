"""The example of many customers: the names in the list arrive as they are, and two customers sign in by stricter rules."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from pool_as_code.app.request import Request
from pool_as_code.app.session import load_manifests, open_session
from pool_as_code.core.address import Address
from pool_as_code.core.values import as_map
from pool_as_code.resources.state import Resource
from pool_as_code.stores.base import Scope
from tests.cli.shop import Shop
from tests.examples.projects import EXAMPLES, NAMED
from tests.house import open_cheap

pytestmark = pytest.mark.usefixtures("cheap_hashing")
LIST = "manifests/organizations.csv"
STRICT, HEALTH = "coral-lantern-analytics", "oakum-yard-textiles"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return NAMED["b2b-saas"].copy(tmp_path)


def rows() -> list[dict[str, str]]:
    with (EXAMPLES / "b2b-saas" / LIST).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def resources(root: Path) -> dict[Address, Resource]:
    return dict(load_manifests(open_session(Request(cwd=root))).state.resources)


def test_names_with_commas_quotes_accents_and_dollars_are_live_as_they_are_in_the_list(shop: Shop) -> None:
    names = {row["slug"]: row["company"] for row in rows()}
    assert len(names) == 400
    odd = "".join(names.values())
    assert all(sign in odd for sign in (",", '"', "'", "é", "ü", "株", "${", "&", "<", "#", ":"))
    assert shop.pac("apply", "--yes").exit_code == 0
    store = open_cheap("sqlite:///.pool-as-code/directory.db", read_only=True, root=shop.root, environ={})
    for kind in ("organization", "pool"):
        live = {found.id: found.spec["displayName"] for found in store.read(Scope(kind, everything=True))}
        assert {slug: live[slug] for slug in names} == names
    store.close()


def test_two_customers_sign_in_by_stricter_rules_and_nobody_else() -> None:
    found = resources(EXAMPLES / "b2b-saas")
    pools = {address.name: resource.spec for address, resource in found.items() if address.kind == "pool"}
    methods = {name: as_map(as_map(spec["signIn"])["firstFactor"])["methods"] for name, spec in pools.items()}
    lengths = {name: as_map(spec["passwordPolicy"])["minLength"] for name, spec in pools.items()}
    assert {name for name, value in methods.items() if value != ["password", "webauthn"]} == {STRICT}
    assert methods[STRICT] == ["webauthn"]
    assert {name: value for name, value in lengths.items() if value != 12} == {HEALTH: 16}


def test_every_customer_has_three_groups_and_an_invited_administrator_without_a_password() -> None:
    found = resources(EXAMPLES / "b2b-saas")
    for row in rows():
        slug = row["slug"]
        assert all(Address("group", f"{slug}/{name}") in found for name in ("admins", "inspectors", "billing"))
        admin = found[Address("user", f"{slug}/first-admin")].spec
        assert (admin["status"], "password" in admin, admin["groups"]) == ("new", False, ["admins"])


def test_a_renamed_customer_keeps_every_live_id(shop: Shop) -> None:
    def ids() -> set[str]:
        return set(json.loads(shop.pac("ids", "--output", "json").stdout).values())

    assert shop.pac("apply", "--yes").exit_code == 0
    before = ids()
    path = shop.root / LIST
    path.write_text(path.read_text("utf-8").replace("\nnull,,Null,", "\nnull-and-sons,null,Null & Sons,"), "utf-8")
    assert shop.pac("apply", "--yes").exit_code == 0
    assert ids() == before
    path.write_text(path.read_text("utf-8").replace(",null,Null & Sons,", ",,Null & Sons,"), "utf-8")
    assert shop.pac("plan", "--detailed-exitcode").exit_code == 0
