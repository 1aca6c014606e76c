"""Saved plans: exactly what was reviewed runs, or nothing does; a plan runs again after a crash."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.app.planning import read_plan, save_plan
from pool_as_code.core.errors import InvalidInput, Refused, Unavailable
from pool_as_code.directory import groups, pools
from pool_as_code.plan.model import Plan
from pool_as_code.resources.state import derived_id
from pool_as_code.stores.base import RunRecord
from tests.house import PROJECT, House, document, open_cheap, summary

pytestmark = pytest.mark.usefixtures("cheap_hashing")


def documents(length: int = 8, staff: str = "Staff") -> list[dict[str, Any]]:
    return [
        document("IdentityPool", {"name": "customers"}, passwordPolicy={"minLength": length}),
        document("Group", {"name": "staff", "pool": "customers"}, description=staff),
    ]


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path / "house").write(documents())
    made.apply()
    return made


def opened(house: House) -> Any:
    return open_cheap("sqlite:///.pool-as-code/directory.db", read_only=False, root=house.root, environ={})


def saved(plan: Plan, folder: Path) -> Plan:
    save_plan(plan, folder / "plan.json")
    return read_plan(folder / "plan.json")


def refusal(house: House, plan: Plan | None = None, **options: Any) -> list[str]:
    before = house.database.read_bytes()
    with pytest.raises(Refused) as refused:
        house.apply(plan, **options)
    assert refused.value.exit_code == 4
    assert house.database.read_bytes() == before
    return [d.code for d in refused.value.diagnostics]


def test_a_plan_file_is_readable_by_its_owner_alone(house: House, tmp_path: Path) -> None:
    save_plan(house.plan(), tmp_path / "plan.json")
    assert stat.S_IMODE((tmp_path / "plan.json").stat().st_mode) == 0o600


def test_a_plan_that_can_not_be_saved_names_the_file_that_was_asked_for(house: House, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as error:
        save_plan(house.plan(), tmp_path / "nowhere" / "plan.json")
    assert error.value.filename == str(tmp_path / "nowhere" / "plan.json")


def test_the_digest_that_was_reviewed_is_what_runs(house: House, tmp_path: Path) -> None:
    house.write(documents(12))
    digest = house.plan().digest
    house.write(documents(13))
    assert refusal(house, expect=digest) == ["PAC343"]
    house.write(documents(12))
    assert house.apply(expect=digest).state == "applied"


def test_digests_ignore_ids_of_runs_and_counters_but_not_values(house: House) -> None:
    house.write(documents(12))
    one = house.plan().digest
    assert house.plan().digest == one
    house.write(documents(13))
    assert house.plan().digest != one


def test_a_field_of_the_plan_that_moved_makes_it_stale(house: House, tmp_path: Path) -> None:
    house.write(documents(12))
    plan = saved(house.plan(), tmp_path)
    store = opened(house)
    pools.update(store.directory, "customers", [(("spec", "passwordPolicy", "minLength"), 10)])
    store.close()
    assert refusal(house, plan) == ["PAC340"]


def test_unrelated_traffic_does_not_make_it_stale(house: House, tmp_path: Path) -> None:
    house.write(documents(12))
    plan = saved(house.plan(), tmp_path)
    store = opened(house)
    pools.update(store.directory, "customers", [(("spec", "passwordPolicy", "history"), 3)])
    groups.create(store.directory, "g-9", "customers", {}, {"displayName": "Other"})
    store.close()
    assert house.apply(plan).state == "applied"
    assert summary(house.plan()) == {}


def test_a_value_that_is_already_there_is_done(house: House, tmp_path: Path) -> None:
    house.write(documents(12))
    plan = saved(house.plan(), tmp_path)
    store = opened(house)
    pools.update(store.directory, "customers", [(("spec", "passwordPolicy", "minLength"), 12)])
    store.close()
    assert house.apply(plan).state == "applied"
    assert summary(house.plan()) == {}
    assert house.apply(plan).state == "applied"  # all of it is done: nothing moves, nothing is written twice


def test_an_object_that_is_gone_or_taken_makes_it_stale(house: House, tmp_path: Path) -> None:
    house.write([*documents(8, "Changed"), document("Group", {"name": "new", "pool": "customers"})])
    plan = saved(house.plan(), tmp_path)
    store = opened(house)
    groups.delete(store.directory, derived_id("group", "staff", "customers"), "customers")
    store.close()
    assert refusal(house, plan) == ["PAC340"]
    store = opened(house)
    groups.create(
        store.directory, derived_id("group", "new", "customers"), "customers", {}, {"displayName": "Squatter"}
    )
    store.close()
    assert refusal(house, plan) == ["PAC340", "PAC340"]


def test_a_plan_of_another_store_project_or_environment_is_refused(house: House, tmp_path: Path) -> None:
    house.write(documents(12))
    plan = saved(house.plan(), tmp_path)
    other = House(tmp_path / "other").write(documents())
    other.apply()
    assert refusal(other, plan) == ["PAC342"]
    stranger = House(tmp_path / "stranger", project="p-9999999999999999", store=f"sqlite:///{house.database}")
    stranger.write(documents(12))
    with pytest.raises(Refused) as refused:
        stranger.apply(plan)
    assert [d.code for d in refused.value.diagnostics] == ["PAC341"]


def test_a_plan_for_a_new_store_needs_one_that_is_still_empty(tmp_path: Path) -> None:
    house = House(tmp_path / "house").write(documents())
    plan = saved(house.plan(), tmp_path)
    assert plan.target.fingerprint == "new"
    store = opened(house)
    pools.create(store.directory, "somebody", {}, {"displayName": "Somebody"})
    store.close()
    assert refusal(house, plan) == ["PAC342"]


def test_a_changed_plan_file_is_refused(house: House, tmp_path: Path) -> None:
    house.write(documents(12))
    save_plan(house.plan(), tmp_path / "plan.json")
    value = json.loads((tmp_path / "plan.json").read_text())
    value["resource_changes"][0]["field_changes"][0]["after"] = 1
    (tmp_path / "plan.json").write_text(json.dumps(value))
    with pytest.raises(InvalidInput) as refused:
        read_plan(tmp_path / "plan.json")
    assert refused.value.diagnostics[0].code == "PAC311"


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"format_version": "1.0"}', '{"format_version": "9.0"}', "\x00", "nope"]
)
def test_what_is_no_plan_is_said_to_be_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(InvalidInput) as refused:
        read_plan(tmp_path / "plan.json")
    assert refused.value.diagnostics[0].code == "PAC310"


def test_one_failure_in_a_transaction_undoes_everything_and_tells_all_of_them(house: House) -> None:
    clash = [document("Group", {"name": n, "pool": "customers"}, displayName="Same") for n in ("one", "two", "three")]
    house.write([*documents(12), *clash])
    before = house.database.read_bytes()
    report = house.apply()
    assert report.state == "failed"
    assert report.exit_code == 1
    assert sorted(o.status.value for o in report.outcomes) == ["failed", "failed", "undone", "undone"]
    assert house.plan().counts() == {"create": 3, "update": 1}
    assert len(before) > 0


def test_without_a_transaction_the_rest_goes_on_and_dependants_are_skipped(house: House) -> None:
    changes = [
        document("Group", {"name": "clash", "pool": "customers"}, displayName="staff"),
        document("Group", {"name": "inside", "pool": "customers", "parent": "clash"}),
        document("User", {"name": "ada", "pool": "customers"}, groups=["inside"]),
        document("User", {"name": "bob", "pool": "customers"}),
    ]
    house.write([*documents(12), *changes])
    report = house.apply(transaction=False)
    assert {str(o.address): o.status.value for o in report.outcomes} == {
        "pool/customers": "applied",
        "group/customers/clash": "failed",
        "group/customers/inside": "skipped",
        "user/customers/ada": "skipped",
        "user/customers/bob": "applied",
    }
    assert report.state == "partly"
    assert report.exit_code == 5
    assert report.affected_pools == ("customers",)
    changes[0]["spec"]["displayName"] = "Free"
    house.write([*documents(12), *changes])
    assert house.apply(transaction=False).state == "applied"
    assert summary(house.plan()) == {}


def test_a_second_apply_waits_for_nobody_and_says_who_holds_the_lease(house: House) -> None:
    store = opened(house)
    run = RunRecord("a" * 32, _owner(), "digest", "running", "2026-01-01T00:00:00Z", actor="bob")
    store.ledger.acquire_lease(run, 600)
    store.close()
    house.write(documents(12))
    with pytest.raises(Unavailable) as refused:
        house.apply()
    assert refused.value.exit_code == 3
    assert "aaaaaaaa" in str(refused.value) or "bob" in str(refused.value)
    store = opened(house)
    broken = store.ledger.break_lease()
    store.close()
    assert broken is not None
    assert house.apply().state == "applied"


def _owner() -> Any:
    from pool_as_code.resources.live import Owner

    return Owner(PROJECT, "default")


def test_two_applies_at_once_lose_nothing(tmp_path: Path) -> None:
    first = House(tmp_path / "one", project="p-1111111111111111").write(documents())
    first.apply()
    houses = []
    for number in range(2):
        other = House(
            tmp_path / f"h{number}", project=f"p-{number}222222222222222", store=f"sqlite:///{first.database}"
        )
        others = [document("Schema", {"name": f"s{number}-{n}"}, schema={"type": "object"}) for n in range(20)]
        houses.append(other.write(others))
    results: list[Any] = [None, None]

    def run(number: int) -> None:
        for _ in range(50):
            try:
                results[number] = houses[number].apply().state
                return
            except Unavailable:
                threading.Event().wait(0.05)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["applied", "applied"]
    assert all(summary(house.plan()) == {} for house in houses)
