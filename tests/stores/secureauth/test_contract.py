"""Every request of the store is one that the service documents: its path, its query, its headers and its body.

Requests of all other tests here are held against the Swagger files as well (`held.py`). The files are not part of this repository, so
this runs where they are."""

from __future__ import annotations

import json

import pytest

from tests.house import document
from tests.server.site import Asked
from tests.stores.conformance import a_pool, handle, write
from tests.stores.conformance_ledger import Clock
from tests.stores.secureauth.contract import DEVIATIONS, SPEC, Published
from tests.stores.secureauth.served import store_over
from tests.stores.secureauth.test_end_to_end import SHOP, Tenanted, shop

pytestmark = [
    pytest.mark.needs_shared,
    pytest.mark.skipif(not SPEC.is_dir(), reason="the service's Swagger files are not beside this repository"),
]
__all__ = ["shop"]
HEADERS = {"authorization": "Bearer t", "accept": "application/json"}
POOLS = "https://id.example.com/api/identity/shop/system/pools"


def test_every_request_is_one_that_the_service_documents(shop: Tenanted, published: Published) -> None:
    published.asked.clear()
    published.found.clear()
    shop.house.plan()
    shop.house.apply()
    changed = json.loads(json.dumps(SHOP))
    changed[1]["spec"]["domains"] = ["acme.example", "acme.test"]
    changed[2]["spec"]["schema"]["properties"]["last_name"] = {"type": "string"}
    changed[3]["spec"]["recovery"] = {"selfReset": False}
    changed[6]["spec"] = {"description": "Helps"}
    ada = changed[7]["spec"]
    ada["identifiers"], ada["groups"] = [{"email": "ada@example.com"}, {"external": "17"}], ["staff"]
    ada["addresses"] = [{"email": "ada@example.com", "status": "inactive"}, {"mobile": "+48123456789"}]
    ada["administrative"] = {"level": 2}
    shop.house.write([*changed, document("User", {"name": "zoe", "pool": "customers"}, identifiers=[{"uid": "zoe"}])])
    assert shop.house.apply().state == "applied"
    shop.house.plan(unmanaged=True)
    shop.system = False
    shop.house.plan(unmanaged=True)
    shop.system = True
    limits = dict.fromkeys(("organization", "schema", "pool", "group", "user"), 10)
    assert shop.house.apply(destroy=True, max_deletes=limits, confirm=("pool/customers",)).state == "applied"
    assert len(published.asked) > 30
    assert published.unreviewed == []
    assert published.found.keys() >= {("PUT", "/configuration", "query mode")}


def test_every_reviewed_deviation_is_still_one(shop: Tenanted, published: Published) -> None:
    published.found.clear()
    assert shop.house.apply().state == "applied"
    shop.tenant.pools["customers"] |= {
        name: {} for name in ("credential_limits", "webauthn_settings", "bot_protection")
    }
    shop.house.write([*SHOP[:3], {**SHOP[3], "spec": {**SHOP[3]["spec"], "description": "x"}}, *SHOP[4:]])
    assert shop.house.apply().state == "applied"
    with Asked() as site:
        store = store_over(site, Clock())
        made = a_pool(store, spec={"extra": {"brand_new": 1}})
        store.update(handle(made), [write(("spec", "description"), "x")])
        store.close()
    assert published.found.keys() == DEVIATIONS.keys()


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "said"),
    [
        ("GET", "?limit=101", {}, None, "query limit=101"),
        ("GET", "?limit=x", {}, None, "query limit=x"),
        ("GET", "?after=a", {}, None, "query after"),
        ("DELETE", "/p?with_idp=yes", {}, None, "query with_idp=yes"),
        ("GET", "/p", {"if-match": '"1"'}, None, "header if-match"),
        ("GET", "/p", {"authorization": ""}, None, "no token"),
        ("GET", "/p", {"accept": "text/html"}, None, "another answer than JSON is asked for"),
        ("GET", "/p", {}, {}, "a body"),
        (
            "PUT",
            "/p",
            {"x-idempotency-key": "k" * 32},
            {"name": "P", "tenant_id": "t"},
            "an idempotency key without a post",
        ),
        (
            "POST",
            "",
            {"x-idempotency-key": "k"},
            {"name": "P", "tenant_id": "t"},
            "an idempotency key of another length",
        ),
        ("POST", "", {}, {"name": "P", "tenant_id": "t", "signIn": {}}, "body key signIn"),
        (
            "POST",
            "",
            {},
            {"name": "P", "tenant_id": "t", "password_policy": {"digit": 1}},
            "body key password_policy.digit",
        ),
        ("POST", "", {}, {"name": 1, "tenant_id": "t"}, 'body name: 1 is not of type "string"'),
        ("POST", "", {}, {"name": "P"}, 'body : "tenant_id" is a required property'),
        (
            "POST",
            "/p/users/u/activation/send?code_type_in_message=sms",
            {},
            {},
            "query code_type_in_message=sms",
        ),
        ("GET", "/p/strangers", {}, None, "no such operation"),
    ],
)
def test_what_no_file_has_is_found(method: str, path: str, headers: dict[str, str], body: object, said: str) -> None:
    published = Published()
    content = None if body is None else json.dumps(body).encode()
    published.check(method, POOLS + path, {**HEADERS, **headers}, content)
    assert [what for _, _, what in published.unreviewed] == [said]
