"""Writes that no ETag guards are called so: in the plan, and in the report of the apply."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pool_as_code.apply.report import Report
from pool_as_code.plan.model import Plan
from pool_as_code.render.report import OutcomeLines, report_text
from pool_as_code.stores.secureauth.connection import Reply
from tests.house import document
from tests.stores.secureauth.fake import Asked, FakeTenant
from tests.stores.secureauth.test_end_to_end import SHOP, Tenanted, shop

__all__ = ["shop"]
SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[3] / "schemas" / "report.schema.json").read_text("utf-8"))
)
LIMITS = dict.fromkeys(("organization", "schema", "pool", "group", "user"), 10)


def unguarded_of(plan: Plan) -> set[str]:
    return {str(change.address) for change in plan.changes if change.unguarded}


def applied(shop: Tenanted, **options: Any) -> tuple[Report, dict[str, bool]]:
    """An apply, and what its report file says of each change."""
    file = shop.house.root / "report.ndjson"
    report = shop.house.apply(report=file, **options)
    assert report.state == "applied", report.outcomes
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    assert [error.message for line in lines for error in SCHEMA.iter_errors(line)] == []
    return report, {line["address"]: line["unguarded"] for line in lines if "address" in line}


def printed(report: Report) -> str:
    lines = OutcomeLines()
    return "\n".join(line for outcome in report.outcomes for line in lines.lines(outcome)) + "\n" + report_text(report)


def test_a_new_user_who_is_imported_is_unguarded_and_other_new_things_are_not(shop: Tenanted) -> None:
    plan = shop.house.plan()
    report, said = applied(shop)
    assert unguarded_of(plan) == {"user/customers/bob"} == {address for address in said if said[address]}
    assert "user/customers/bob  created, unguarded" in printed(report)
    assert "Unguarded: 1; the store can not tell" in printed(report)


def test_changed_groups_and_changed_links_are_unguarded_and_other_changes_are_not(shop: Tenanted) -> None:
    shop.house.apply()
    changed = json.loads(json.dumps(SHOP))
    changed[3]["spec"]["signInAt"] = []
    changed[4]["spec"] = {"description": "Who sells"}
    changed[5]["spec"] = {"description": "Everybody"}
    changed[7]["spec"]["administrative"] = {"tier": "silver"}
    shop.house.write(changed)
    plan = shop.house.plan()
    report, said = applied(shop)
    assert unguarded_of(plan) == {"pool/customers", "group/customers/staff"} == {a for a in said if said[a]}
    assert said["pool/partners"] is said["user/customers/ada"] is False
    assert "group/customers/staff  changed, unguarded" in printed(report)


def test_a_group_that_is_deleted_is_unguarded(shop: Tenanted) -> None:
    shop.house.apply()
    report, said = applied(shop, destroy=True, max_deletes=LIMITS, confirm=("pool/customers",))
    assert {a for a in said if said[a]} == {"group/customers/staff", "group/customers/support"}
    assert "group/customers/staff  deleted, unguarded" in printed(report)


def test_what_comes_without_an_etag_is_unguarded_whatever_its_kind_has_elsewhere(
    shop: Tenanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.house.apply()
    changed = json.loads(json.dumps(SHOP))
    changed[2]["spec"]["displayName"] = "People"
    changed[7]["spec"]["administrative"] = {"tier": "silver"}
    shop.house.write([*changed, document("Group", {"name": "third", "pool": "customers"})])
    monkeypatch.setattr(FakeTenant, "etag", lambda tenant, body: "")
    assert unguarded_of(shop.house.plan()) == {"user/customers/ada"}  # lists of schemas have no ETags in any case
    _, said = applied(shop)
    assert {a for a in said if said[a]} == {"user/customers/ada", "schema/profile"}


def test_only_what_was_written_or_may_have_been_is_called_unguarded(shop: Tenanted) -> None:
    shop.house.apply()
    groups = [document("Group", {"name": name, "pool": "customers"}, description="x") for name in ("staff", "support")]
    groups[1]["metadata"]["parent"] = "staff"
    shop.house.write([*SHOP[:5], *groups, *SHOP[7:]])
    answers = {"staff": Reply(422, {}, b'{"error": "no"}'), "support": Reply(500, {}, b"{}")}

    def fail(asked: Asked) -> Reply | None:
        return answers[asked.body["name"]] if asked.method == "PUT" and "/groups/" in asked.path else None

    shop.tenant.before = fail
    report = shop.house.apply()
    ends = {o.address.name: (o.status.value, o.unguarded) for o in report.outcomes}
    assert ends == {"staff": ("failed", False), "support": ("skipped", False)}
    answers["staff"] = answers["support"]
    report = shop.house.apply()
    ends = {o.address.name: (o.status.value, o.unguarded) for o in report.outcomes}
    assert ends == {"staff": ("unknown", True), "support": ("skipped", False)}
    assert "unknown: it was sent and no answer came, unguarded" in printed(report)
