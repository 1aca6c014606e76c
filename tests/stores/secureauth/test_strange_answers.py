"""Good statuses whose bodies are whole JSON and not what was asked for: a cache, a gateway or a mock answered. Nothing of them is
taken for the tenant's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pool_as_code.core.errors import Unavailable
from pool_as_code.stores.secureauth.connection import Reply
from tests.house import document, summary
from tests.stores.secureauth.fake import Asked
from tests.stores.secureauth.test_end_to_end import SHOP, Tenanted, shop

__all__ = ["shop"]
STRANGE = [b"{}", b"null", b"[]", b'{"message": "no Route matched"}', b'{"id": "another", "name": "X"}']


def changed() -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = json.loads(json.dumps(SHOP))
    documents[2]["spec"]["displayName"] = "People"
    documents[3]["spec"]["description"] = "Who buys"
    return documents


@pytest.mark.parametrize("body", STRANGE)
@pytest.mark.parametrize("path", ["/system/pools/customers", "/system/schemas/profile"])
def test_a_read_that_shows_another_thing_is_no_ground_to_write_on(shop: Tenanted, path: str, body: bytes) -> None:
    shop.house.apply()
    shop.house.write(changed())
    before = {name: dict(pool) for name, pool in shop.tenant.pools.items()}, dict(shop.tenant.schemas["profile"])

    def stand_in(asked: Asked) -> Reply | None:
        return Reply(200, {}, body) if asked.method == "GET" and asked.path.endswith(path) else None

    shop.tenant.before = stand_in
    try:
        state = shop.house.apply().state
    except Unavailable as error:
        assert "the reply is not that object" in error.message  # noqa: PT017
    else:
        assert state == "partly"
    shop.tenant.before = lambda asked: None
    assert (shop.tenant.pools["partners"], shop.tenant.schemas["profile"]) == (before[0]["partners"], before[1])
    customers = {key: value for key, value in shop.tenant.pools["customers"].items() if key != "metadata"}
    assert customers == {key: value for key, value in before[0]["customers"].items() if key != "metadata"}
    assert shop.house.apply().state == "applied"
    assert summary(shop.house.plan()) == {}


@pytest.mark.parametrize("body", [b"null", b'{"message": "no Route matched"}'])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/system/schemas"),
        ("POST", "/system/pools"),
        ("POST", "/pools/customers/groups"),
        ("POST", "/pools/customers/users"),
        ("POST", "/organizations"),
        ("PUT", "/system/pools/customers"),
        ("PUT", "/system/schemas/profile"),
    ],
)
def test_a_write_whose_answer_is_another_thing_is_looked_up(
    shop: Tenanted, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: bytes
) -> None:
    if method == "PUT":
        shop.house.apply()
        shop.house.write(changed())
    answer = shop.tenant._answer

    def another(asked: Asked, steps: list[str]) -> Reply:
        reply = answer(asked, steps)
        strange = asked.method == method and asked.path.endswith(path) and reply.status < 300
        return reply._replace(body=body) if strange else reply

    monkeypatch.setattr(shop.tenant, "_answer", another)
    report = shop.house.apply()
    assert report.state == "applied", report.outcomes
    monkeypatch.setattr(shop.tenant, "_answer", answer)
    assert summary(shop.house.plan()) == {}
    assert len(shop.tenant.users) == 3


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/system/pools", b'{"message": "no Route matched"}'),
        ("/system/pools", b'{"pools": [{"name": "without an id"}]}'),
        ("/system/schemas", b'{"schemas": [{}]}'),
        ("/system/schemas", b"{}"),
        ("/organizations", b'{"error": "try again"}'),
        ("/groups", b"{}"),
        ("/groups", b'["a text"]'),
    ],
)
def test_a_list_of_another_form_is_no_empty_list(shop: Tenanted, path: str, body: bytes) -> None:
    shop.house.apply()

    def stand_in(asked: Asked) -> Reply | None:
        return Reply(200, {}, body) if asked.method == "GET" and asked.path.endswith(path) else None

    shop.tenant.before = stand_in
    with pytest.raises(Unavailable, match="in a form that is not the service's"):
        shop.house.plan()


def test_a_404_of_a_gateway_in_json_deletes_nobody(shop: Tenanted) -> None:
    shop.house.apply()

    def unrouted(asked: Asked) -> Reply | None:
        return Reply(404, {}, b'{"message": "no Route matched"}') if "/users/" in asked.path else None

    shop.tenant.before = unrouted
    with pytest.raises(Unavailable):
        shop.house.plan()


def test_a_workspace_whose_pools_go_while_they_are_listed_has_no_shorter_list(shop: Tenanted) -> None:
    shop.tenant.workspaces.add("big")
    for number in range(150):
        id = f"p{number:03}"
        shop.tenant.pools[id] = {"id": id, "tenant_id": "shop", "name": id, "workspace_id": "big"}

    def gone(asked: Asked) -> Reply | None:
        later = asked.path.endswith("/workspace/big/pools") and "after_pool_id" in asked.query
        return Reply(404, {}, b'{"error": "no such pool"}') if later else None

    shop.tenant.before = gone
    shop.house.write([*SHOP, document("Workspace", {"name": "big"})])
    with pytest.raises(Unavailable, match="the pools of big changed while they were listed"):
        shop.house.plan()
