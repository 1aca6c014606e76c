"""The store in PostgreSQL keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pool_as_code.directory.hashing import TEST_PARAMETERS
from pool_as_code.stores.base import Store
from pool_as_code.stores.postgres import PostgresStore
from tests.stores.conformance import StoreConformance
from tests.stores.conformance_ledger import Clock


def a_store(url: str, *, read_only: bool = False) -> PostgresStore:
    return PostgresStore(url, read_only=read_only, hash_parameters=TEST_PARAMETERS, environ=KEY)


KEY = {"POOL_AS_CODE_DIRECTORY_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}


class TestPostgresStore(StoreConformance):
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def store(self, postgres_url: str, clock: Clock) -> Iterator[Store]:
        store = PostgresStore(postgres_url, hash_parameters=TEST_PARAMETERS, clock=clock, environ=KEY)
        yield store
        store.close()
