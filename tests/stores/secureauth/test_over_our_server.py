"""The store keeps the contract over the embedded directory that is served over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest

from pool_as_code.core.address import Address
from pool_as_code.core.values import JsonMap
from pool_as_code.directory import containers
from pool_as_code.resources.live import OwnerRecord
from pool_as_code.stores.base import Scope, Store
from tests.postgres import a_schema
from tests.server.site import TENANT, Asked
from tests.server.test_on_postgres import on_postgres
from tests.stores.conformance import OURS, a_group, a_pool, a_user, handle, ids, write
from tests.stores.conformance_ledger import Clock
from tests.stores.secureauth.served import store_over
from tests.stores.secureauth.test_conformance import ServiceConformance


class OverOurServer(ServiceConformance):
    """The contract over one `site` for the whole class, whose directory is emptied before each test."""

    fresh = TENANT
    sites: ClassVar[dict[int, Asked]] = {}

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def store(self, site: Asked, clock: Clock) -> Iterator[Store]:
        site.empty()
        store = store_over(site, clock)
        self.sites[id(store)] = site
        yield store
        self.sites.clear()
        store.close()

    def test_members_counts_users_by_sort_and_groups(self, store: Store) -> None:
        """A client makes standard users only there: others come about by signing in elsewhere."""
        a_pool(store)
        a_group(store, "g")
        a_user(store, "ada")
        a_user(store, "bob")
        store.ledger.put([OwnerRecord(OURS, Address("user", "customers/ada"), "ada")])
        assert store.members("customers") == {"total": 2, "standard": 2, "jit": 0, "owned": 1, "groups": 1}

    def test_taking_out_what_the_store_chooses_makes_it_choose_again(self, store: Store) -> None:
        """What is absent from a PUT stays as it is there; a name is needed, so the id is sent."""
        made = a_pool(store, spec={"displayName": "Customers", "passwordSettings": {"hashingMethod": "sha"}})
        updated = store.update(handle(made), [write(("spec", "displayName"), None)])
        assert updated.spec["displayName"] == "customers"
        assert updated.spec["passwordSettings"] == {"hashingMethod": "sha"}

    def make_workspace(self, store: Store, id_: str, spec: JsonMap | None = None) -> None:
        self.sites[id(store)].inside(lambda d: containers.create(d, "workspace", id_, {}, spec or {}))
        assert ids(store.read(Scope("workspace", ids=frozenset({id_})))) == [id_]


class TestServiceStoreOverOurServerOnSqlite(OverOurServer):
    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
        with Asked(database=tmp_path_factory.mktemp("served") / "directory.db") as site:
            yield site


class TestServiceStoreOverOurServerOnPostgres(OverOurServer):
    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, postgres_server: str) -> Iterator[Asked]:
        with on_postgres(a_schema(postgres_server)) as site:
            yield site
