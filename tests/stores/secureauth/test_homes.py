"""What one ownership record costs does not grow with the number of pools that hold some."""

from __future__ import annotations

import threading

import pytest

from pool_as_code.core.address import Address
from pool_as_code.core.values import JsonMap, JsonValue
from pool_as_code.resources.live import OwnerRecord
from pool_as_code.stores.base import Body
from pool_as_code.stores.secureauth.connection import Reply
from pool_as_code.stores.secureauth.homes import Home, Homes
from pool_as_code.stores.secureauth.store import SecureAuthStore
from pool_as_code.stores.secureauth.tenant import Tenant
from tests.stores.conformance import OURS, a_group, a_pool
from tests.stores.secureauth.fake import Asked, FakeTenant
from tests.stores.secureauth.scripted import URL, World, a_transport


def a_store(tenant: FakeTenant) -> SecureAuthStore:
    return SecureAuthStore(a_transport(tenant, World(), admin=True), URL)


def record(word: str, path: str, id: str, pool: str = "") -> OwnerRecord:
    return OwnerRecord(OURS, Address(word, path), id, pool_id=pool)


def test_a_record_among_many_pools_is_one_read_one_write_and_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = FakeTenant()
    store = a_store(tenant)
    names = [f"pool-{number}" for number in range(120)]
    store.ledger.put([record("pool", name, name) for name in names])
    assert [one.error for one in store.create_many([Body("pool", name, "", {}, {}) for name in names])] == [None] * 120
    assert set(store.ledger.records(OURS)) == {Address("pool", name) for name in names}
    looked: list[Home] = []
    look = Homes._take_in

    def counted(homes: Homes, home: Home, value: JsonValue) -> None:
        looked.append(home)
        look(homes, home, value)

    monkeypatch.setattr(Homes, "_take_in", counted)
    tenant.log.clear()
    store.ledger.put([record("group", "pool-7/staff", "staff", "pool-7")])
    assert [asked.method for asked in tenant.log] == ["GET", "PUT"]
    assert set(looked) == {("pool", "pool-7")}
    assert len(looked) <= 4
    looked.clear()
    assert store.ledger.foreign("group", "staff") is not None
    store.ledger.drop(OURS, [Address("group", "pool-7/staff")])
    assert store.ledger.foreign("group", "staff") is None
    assert set(looked) == {("pool", "pool-7")}
    store.close()


def test_many_records_at_once_look_at_the_tenant_as_often_as_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = FakeTenant()
    store = a_store(tenant)
    a_pool(store)
    looks = 0
    changed = Tenant.changed

    def counted(there: Tenant) -> set[Home] | None:
        nonlocal looks
        looks += 1
        return changed(there)

    monkeypatch.setattr(Tenant, "changed", counted)
    counts = []
    for number in (2, 300):
        looks = 0
        store.ledger.put(
            [record("user", f"customers/u{one}-{number}", f"u{one}-{number}", "customers") for one in range(number)]
        )
        counts.append(looks)
    assert counts[0] == counts[1] < 10
    assert len(store.ledger.records(OURS)) == 302
    store.close()


def test_an_object_under_another_address_leaves_its_first_one(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = FakeTenant()
    store = a_store(tenant)
    a_pool(store)
    store.ledger.put([record("group", "customers/a", "g", "customers")])
    store.ledger.put([record("group", "customers/a", "h", "customers")])
    assert store.ledger.foreign("group", "g") is None
    store.ledger.move(OURS, Address("group", "customers/a"), Address("group", "customers/b"))
    again = a_store(tenant)
    assert {a: r.remote_id for a, r in again.ledger.records(OURS).items()} == {Address("group", "customers/b"): "h"}
    again.close()
    store.close()


@pytest.mark.parametrize("word", ["group", "pool", "organization"])
def test_independent_objects_are_made_at_once_and_those_inside_others_after_them(word: str) -> None:
    tenant = FakeTenant()
    store = a_store(tenant)
    a_pool(store)
    a_group(store, "root")
    waiting = threading.Barrier(4)

    def meet(asked: Asked) -> Reply | None:
        if asked.method == "POST" and str(asked.body.get("id")) in {"n0", "n1", "n2", "n3"}:
            waiting.wait(20)  # four requests have to be under way together
        return None

    def body(id: str, metadata: JsonMap) -> Body:
        return Body(
            word,
            id,
            "customers" if word == "group" else "",
            {"name": id, **metadata} if word == "group" else metadata,
            {},
        )

    tenant.before = meet
    bodies = [body(f"n{number}", {}) for number in range(4)]
    if word != "pool":
        bodies.insert(0, body("inside", {"parent": "n3"}))
    made = store.create_many(bodies)
    assert [outcome.error for outcome in made] == [None] * len(bodies)
    assert [outcome.observed.id for outcome in made if outcome.observed is not None] == [one.id for one in bodies]
    store.close()
