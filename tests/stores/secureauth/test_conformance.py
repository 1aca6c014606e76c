"""The store keeps the contract, over a tenant that answers as the Swagger files say. Where the service can not do what other stores
do, the test of that name says here what happens instead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from pool_as_code.core.address import Address
from pool_as_code.core.errors import Conflict, NotFound, Rejected, Unavailable
from pool_as_code.core.values import JsonMap
from pool_as_code.resources.live import OwnerRecord
from pool_as_code.stores.base import Body, Handle, Scope, Store
from pool_as_code.stores.secureauth import parallel
from pool_as_code.stores.secureauth.store import SecureAuthStore
from tests.stores.conformance import OURS, StoreConformance, a_pool, a_user, handle, ids, write
from tests.stores.conformance_ledger import THEIRS, Clock, a_run
from tests.stores.secureauth.fake import FakeTenant
from tests.stores.secureauth.scripted import URL, World, a_transport


class ServiceConformance(StoreConformance):
    """The contract as a tenant of the service keeps it. `known_workspaces` are there from the beginning."""

    fresh = "shop"

    def make_workspace(self, store: Store, id: str, spec: JsonMap | None = None) -> None:
        assert ids(store.read(Scope("workspace", ids=frozenset({id})))) == [id]  # made in the console

    def test_the_lease_is_kept_while_many_users_are_made(
        self, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A batch may take longer than a lease: who waits for it renews the lease, or hears that it was lost."""
        assert isinstance(store, SecureAuthStore)
        monkeypatch.setattr(parallel, "_SECONDS", 0.001)
        a_pool(store)
        store.ledger.put([OwnerRecord(OURS, Address("pool", "customers"), "customers")])
        store.ledger.acquire_lease(a_run("r1"), 120)
        for _ in range(3):
            clock.forward(seconds=100)
            store.create_many([Body("user", f"{clock()}-{n}".replace(" ", ""), "customers", {}, {}) for n in (1, 2)])
            store.ledger.keep_lease()  # where both were made within a millisecond
        store.ledger.renew_lease("r1", 120)
        clock.forward(seconds=130)
        other = SecureAuthStore(store._transport, URL, clock=clock)
        other.ledger.acquire_lease(a_run("r2"), 120)
        with pytest.raises(Conflict, match="the lease was lost"):
            store.ledger.keep_lease()

    def test_fields_that_nobody_knows_are_kept(self, store: Store) -> None:
        made = a_pool(store, spec={"extra": {"brand_new": [1, {"x": None}]}})
        assert made.spec["extra"] == {"brand_new": [1, {"x": None}]}
        updated = store.update(handle(made), [write(("spec", "description"), "x")])
        assert updated.spec["extra"] == made.spec["extra"]

    def test_an_update_writes_these_fields_and_leaves_all_others(self, store: Store) -> None:
        made = a_pool(store, spec={"description": "before", "passwordPolicy": {"minLength": 8, "digits": 1}})
        writes = [
            write(("spec", "passwordPolicy", "minLength"), 0),
            write(("spec", "signIn", "firstFactor", "methods"), []),
            write(("spec", "description"), None),
        ]
        updated = store.update(handle(made), writes)
        assert updated.spec["passwordPolicy"] == {"digits": 1}  # zero is as good as absent there
        assert updated.spec["signIn"] == {"firstFactor": {"methods": []}}
        assert "description" not in updated.spec
        assert updated.revision != made.revision
        (read,) = store.read(Scope("pool"))
        assert (read.raw, read.revision) == (updated.raw, updated.revision)

    @pytest.mark.parametrize("kind", ["organization", "schema", "pool", "group", "user"])
    def test_a_taken_id_is_a_conflict(self, store: Store, kind: str) -> None:
        super().test_a_taken_id_is_a_conflict(store, kind)

    def test_workspaces_are_neither_made_nor_changed_nor_deleted(self, store: Store) -> None:
        self.make_workspace(store, "shop")
        with pytest.raises(Rejected, match="no workspace 'new'"):
            store.create(Body("workspace", "new", "", {}, {}))
        with pytest.raises(Rejected):
            store.update(Handle("workspace", "shop", "", ""), [write(("spec", "displayName"), "x")])

    def test_a_workspace_in_use_can_not_be_deleted(self, store: Store) -> None:
        self.make_workspace(store, "shop")
        with pytest.raises(Rejected):
            store.delete(Handle("workspace", "shop", "", ""))

    def test_another_projects_run_finds_the_lease_taken(self, store: Store) -> None:
        """Several projects share a tenant: each has a lease of its own, and unlocking frees the one of its project."""
        a_pool(store)
        group = Address("group", "customers/g")
        store.ledger.put([OwnerRecord(OURS, Address("pool", "customers"), "customers")])
        store.ledger.put([OwnerRecord(THEIRS, group, "g", pool_id="customers")])
        store.ledger.acquire_lease(a_run("run-1"), 60)
        store.ledger.acquire_lease(a_run("run-2", THEIRS), 60)
        with pytest.raises(Unavailable):
            store.ledger.acquire_lease(a_run("run-3", THEIRS), 60)
        broken = store.ledger.break_lease(THEIRS)
        assert broken is not None
        assert broken.id == "run-2"
        assert [held and held.id for held in map(store.ledger.lease, (OURS, THEIRS))] == ["run-1", None]

    # -- nothing holds writes together

    def test_an_error_undoes_the_whole_transaction(self, store: Store) -> None:
        assert not store.capabilities.transactional
        with suppress(ZeroDivisionError), store.transaction():
            a_pool(store)
            raise ZeroDivisionError
        assert ids(store.read(Scope("pool"))) == ["customers"]

    def test_a_savepoint_undoes_what_happened_inside_and_nothing_else(self, store: Store) -> None:
        with store.transaction():
            a_pool(store)
            with suppress(ZeroDivisionError), store.savepoint():
                a_user(store, "ada")
                raise ZeroDivisionError
        assert ids(store.read(Scope("user", everything=True))) == ["ada"]

    @pytest.mark.parametrize("kind", ["user", "group"])
    def test_what_somebody_else_owns_is_refused_alone_where_records_are_written_along(
        self, store: Store, kind: str
    ) -> None:
        """It is made by then; a record of somebody else is left as it is."""
        with pytest.raises(Conflict, match="p-theirs"):
            super().test_what_somebody_else_owns_is_refused_alone_where_records_are_written_along(store, kind)
        assert ids(store.read(Scope(kind, everything=True))) == ["a", "b", "c"]
        assert {record.remote_id for record in store.ledger.records(THEIRS).values()} == {"b"}

    def test_what_a_rolled_back_transaction_wrote_marks_nobody(self, store: Store) -> None:
        assert not store.written_only_by("d1")

    # -- a tenant is never new, so nobody asks who wrote it

    def test_a_store_written_by_one_plans_runs_only_is_known_as_such(self, store: Store) -> None:
        store.ledger.start_run(a_run("first", digest="d1"))
        a_pool(store)
        assert not store.written_only_by("d1")

    # -- records live in the objects

    def test_a_claim_of_what_is_not_there_waits_for_it_and_is_created_with_it(self, store: Store) -> None:
        pool = OwnerRecord(OURS, Address("pool", "customers"), "customers", claimed=True)
        schema = OwnerRecord(OURS, Address("schema", "own"), "own")
        store.ledger.put([pool, schema])
        assert store.ledger.count(OURS, "pool") == 1
        made = a_pool(store)
        assert made.owner is not None
        assert "metadata" not in made.spec
        with pytest.raises(NotFound):
            store.delete(Handle("pool", "others", "", ""))
        assert set(store.ledger.records(OURS)) == {pool.address, schema.address}


class TestServiceStore(ServiceConformance):
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def store(self, clock: Clock) -> Iterator[Store]:
        transport = a_transport(FakeTenant(workspaces={"shop"}), World(), admin=True)
        store = SecureAuthStore(transport, URL, clock=clock)
        yield store
        store.close()


class TestServiceStoreWithoutAdmin(ServiceConformance):
    """Where users may sign in is neither read nor written."""

    @pytest.mark.parametrize(
        ("kind", "metadata", "spec"),
        [
            ("pool", {"workspace": "nowhere"}, {}),
            ("pool", {"organization": "nowhere"}, {}),
            ("pool", {}, {"schemas": {"profile": "nowhere"}}),
            ("organization", {"parent": "nowhere"}, {}),
            ("group", {"parent": "nowhere"}, {}),
            ("user", {}, {"groups": ["nowhere"]}),
        ],
    )
    def test_a_reference_to_nothing_is_refused_with_a_next_step(
        self, store: Store, kind: str, metadata: JsonMap, spec: JsonMap
    ) -> None:
        super().test_a_reference_to_nothing_is_refused_with_a_next_step(store, kind, metadata, spec)

    def test_where_users_may_sign_in_is_not_sent(self, store: Store) -> None:
        assert "POOL_AS_CODE_ADMIN_CLIENT_ID" in store.capabilities.unsupported["pool"]["signInAt"]
        assert "signInAt" not in a_pool(store, spec={"signInAt": ["nowhere"]}).spec

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def store(self, clock: Clock) -> Iterator[Store]:
        store = SecureAuthStore(a_transport(FakeTenant(workspaces={"shop"}), World()), URL, clock=clock)
        yield store
        store.close()


class TestServiceStoreReadThroughTheAdminApi(ServiceConformance):
    """Written as ever, and read as a client of the Admin workspace alone reads: it sees the same."""

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def store(self, clock: Clock) -> Iterator[Store]:
        transport = a_transport(FakeTenant(workspaces={"shop"}), World(), admin=True)
        store = SecureAuthStore(transport, URL, clock=clock)
        store._tenant.through_admin = True
        yield store
        store.close()
