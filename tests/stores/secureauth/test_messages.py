"""Activation messages: one for each user who is made, whatever happened to others of that id, and one at most."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pool_as_code.app.asking import unlock
from pool_as_code.app.planning import make_plan
from pool_as_code.app.request import PlanOptions
from pool_as_code.apply.report import Status
from pool_as_code.core.errors import Rejected, StoreError, Unavailable
from pool_as_code.stores.secureauth.connection import Lost, Reply
from pool_as_code.stores.secureauth.ledger import ServiceLedger
from pool_as_code.stores.secureauth.wire import RESERVED_KEY
from tests.house import summary
from tests.stores.secureauth.fake import Asked
from tests.stores.secureauth.test_end_to_end import SHOP, Tenanted, shop

__all__ = ["shop"]
LIMITS = {"user": 10}


def noted(shop: Tenanted) -> dict[str, str]:
    found: dict[str, str] = shop.tenant.pools["customers"]["metadata"][RESERVED_KEY].get("invitations", {})
    return found


def told(shop: Tenanted) -> list[str]:
    return [one.code for one in make_plan(shop.house.request, PlanOptions(), lambda line: None).diagnostics]


def lose_the_answer(shop: Tenanted) -> str:
    """An apply whose message nobody knows of, and the user's id."""

    def lost(asked: Asked) -> Reply | None:
        if asked.path.endswith("/activation/send"):
            shop.tenant.before = lambda asked: None
            raise Lost("the network is down")
        return None

    shop.tenant.before = lost
    assert shop.house.apply().state == "applied"
    ((eve, state),) = noted(shop).items()
    assert state == "intent"
    return eve


def test_a_user_who_was_deleted_and_is_made_again_gets_a_message_again(shop: Tenanted) -> None:
    shop.house.apply()
    shop.house.write(SHOP[:-1])
    assert shop.house.apply(prune=True, max_deletes=LIMITS).state == "applied"
    assert noted(shop) == {}
    shop.house.write(SHOP).apply()
    assert len(shop.tenant.sent) == 2


def test_a_user_for_whom_the_service_chooses_an_id_gets_the_message_as_well(
    shop: Tenanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether ids that clients send are kept is not documented."""
    answer = shop.tenant._answer

    def choosing(asked: Asked, steps: list[str]) -> Reply:
        if asked.method == "POST" and steps[-1] in ("users", "groups"):
            asked.body = {**asked.body, "id": f"chosen-{asked.body['id'][:8]}"}
        return answer(asked, steps)

    monkeypatch.setattr(shop.tenant, "_answer", choosing)
    assert shop.house.apply().state == "applied"
    ((eve, state),) = noted(shop).items()
    assert (shop.tenant.sent, state) == ([eve], "sent")
    assert eve.startswith("chosen-")
    assert summary(shop.house.plan()) == {}


def test_a_message_that_is_sent_twice_on_the_way_is_one(shop: Tenanted) -> None:
    def double(asked: Asked) -> Reply | None:
        if asked.path.endswith("/activation/send"):
            shop.tenant.before = lambda asked: None
            url = f"https://x{asked.path}?mode=invitation"
            shop.tenant.send(asked.method, url, asked.headers, json.dumps(asked.body).encode())
        return None

    shop.tenant.before = double
    assert shop.house.apply().state == "applied"
    assert len(shop.tenant.sent) == 1


def test_a_message_of_which_nobody_knows_is_told_until_the_user_has_come(shop: Tenanted) -> None:
    eve = lose_the_answer(shop)
    assert told(shop) == ["PAC543"]
    shop.tenant.users["customers", eve]["status"] = "active"
    assert told(shop) == []
    assert noted(shop) == {eve: "intent"}
    shop.house.write([*SHOP[:6], {**SHOP[6], "spec": {"description": "x"}}, *SHOP[7:]])
    assert shop.house.apply().state == "applied"
    assert noted(shop) == {}
    assert shop.tenant.sent == []


def failing(when: str, error: StoreError, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes of this beginning can not be written."""
    write = ServiceLedger.note_invitations

    def note(ledger: ServiceLedger, pool_id: str, states: Any) -> None:
        if any(state.startswith(when) for state in states.values()):
            raise error
        write(ledger, pool_id, states)

    monkeypatch.setattr(ServiceLedger, "note_invitations", note)


@pytest.mark.parametrize(
    ("when", "sent", "error"),
    [
        ("intent", 0, Rejected("it is full")),
        ("sent", 1, Rejected("it is full")),
        ("sent", 1, Unavailable("it is gone")),
    ],
)
def test_a_user_is_made_and_stays_ours_whatever_becomes_of_the_note(
    shop: Tenanted, monkeypatch: pytest.MonkeyPatch, when: str, sent: int, error: StoreError
) -> None:
    with monkeypatch.context() as patch:
        failing(when, error, patch)
        report = shop.house.apply()
    assert report.state == "applied", report.outcomes
    assert len(shop.tenant.sent) == sent
    assert told(shop) == ["PAC543" if sent else "PAC544"]
    assert summary(shop.house.plan()) == {}


def test_users_whose_messages_can_not_be_noted_are_not_made_and_the_run_goes_on(
    shop: Tenanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        failing("due", Rejected("it is full"), patch)
        report = shop.house.apply()
    ends = {outcome.status for outcome in report.outcomes if outcome.address.kind == "user"}
    assert (report.state, ends, shop.tenant.users) == ("partly", {Status.FAILED}, {})
    unlock(shop.house.request, shop.house.told.append)
    assert shop.house.apply().state == "applied"
    assert len(shop.tenant.sent) == 1
