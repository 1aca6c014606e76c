"""The example of a shop with three environments: what differs between them, and what can not get into prod."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.core.values import JsonMap, as_map
from pool_as_code.resources.rules import attribute_check
from tests.cli.shop import Shop
from tests.examples.projects import NAMED

pytestmark = pytest.mark.usefixtures("cheap_hashing")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return NAMED["consumer-shop"].copy(tmp_path)


def effective(shop: Shop, environment: str) -> dict[str, Any]:
    """Address -> effective document."""
    rendered = shop.pac("render", "--env", environment, "--output", "json", "--no-origins")
    assert rendered.exit_code == 0, rendered.output
    return {item["address"]: item["document"] for item in json.loads(rendered.stdout)["documents"]}


def test_prod_is_stricter_than_dev_and_dev_alone_has_a_test_user(shop: Shop) -> None:
    dev, stage, prod = (effective(shop, name) for name in ("dev", "stage", "prod"))
    assert set(dev) - set(prod) == {"user/customers/test-customer"}
    assert set(stage) == set(prod)
    for address in ("pool/customers", "pool/staff"):
        assert dev[address]["spec"]["passwordPolicy"]["minLength"] == 12
        assert prod[address]["spec"]["passwordPolicy"]["minLength"] == 14
        assert (dev[address]["metadata"].get("protect"), prod[address]["metadata"]["protect"]) == (None, True)
        assert prod[address]["spec"]["passkeySettings"]["relyingPartyId"] == "shop.example.com"
        assert dev[address]["spec"]["passkeySettings"]["relyingPartyId"] == "localhost"
    second = prod["pool/staff"]["spec"]["signIn"]["secondFactor"]
    assert (second["rememberDeviceFor"], second.get("skipIfNotEnrolled")) == (None, None)
    assert prod["pool/customers"]["spec"]["signIn"]["secondFactor"]["rememberDeviceFor"] == "14d"


def test_prod_takes_a_saved_plan_once_it_was_reviewed_and_nothing_else(shop: Shop) -> None:
    assert shop.pac("apply", "--env", "prod", "--yes").exit_code == 4
    assert not (shop.root / ".pool-as-code" / "prod.db").exists()
    assert shop.pac("plan", "--env", "prod", "--out", "release.plan").exit_code == 0
    digest = json.loads(shop.pac("show", "release.plan", "--output", "json").stdout)["digest"]
    assert shop.pac("apply", "release.plan", "--env", "prod", "--yes", "--expect", "0" * 64).exit_code == 4
    applied = shop.pac("apply", "release.plan", "--env", "prod", "--yes", "--expect", digest)
    assert applied.exit_code == 0, applied.output
    assert shop.pac("plan", "--env", "prod", "--detailed-exitcode").exit_code == 0


def test_a_waiver_that_is_gone_lets_its_breach_be_seen(shop: Shop) -> None:
    project = shop.root / "pool-as-code.yaml"
    project.write_text(project.read_text().replace("address: pool/customers", "address: pool/staff"))
    judged = json.loads(shop.pac("lint", "--output", "json").stdout)
    assert {item["code"] for item in judged["diagnostics"]} == {"PAC411", "PAC405"}


US = {"street": "1 Example Street", "city": "Springfield", "zip": "12345", "country": "US", "state": "NY"}


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        (US, True),
        ({**US, "zip": "12345-6789", "extra": "3rd floor"}, True),
        ({**US, "zip": "1234"}, False),
        ({key: value for key, value in US.items() if key != "state"}, False),
        ({**US, "state": "New York"}, False),
        ({**US, "country": "CA", "state": "ON", "zip": "K1A 0B1"}, True),
        ({**US, "country": "CA", "state": "ON", "zip": "12345"}, False),
        ({"street": "Am Markt 1", "city": "Köln", "zip": "50667", "country": "DE"}, True),
        ({"street": "1 rue de la Poste", "city": "Évry", "zip": "91000", "country": "FR"}, True),
        ({"street": "Am Markt 1", "city": "Wien", "zip": "1010", "country": "AT"}, False),
        ({"city": "Köln", "zip": "50667", "country": "DE"}, False),
        ({**US, "planet": "Earth"}, False),
    ],
)
def test_an_address_has_the_form_of_its_country(shop: Shop, address: JsonMap, fits: bool) -> None:
    schema = as_map(effective(shop, "dev")["schema/postal-address"]["spec"]["schema"])
    profile: JsonMap = {"first_name": "Test", "last_name": "Customer", "address": address}
    assert attribute_check(schema).fits(profile) is fits
