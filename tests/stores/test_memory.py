"""The store in memory keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pool_as_code.core.errors import InvalidInput
from pool_as_code.directory.hashing import TEST_PARAMETERS
from pool_as_code.stores.base import Store
from pool_as_code.stores.memory import MemoryStore, open_memory
from tests.stores.conformance import StoreConformance, a_pool
from tests.stores.conformance_ledger import Clock


class TestMemoryStore(StoreConformance):
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def store(self, clock: Clock) -> Iterator[Store]:
        store = MemoryStore(hash_parameters=TEST_PARAMETERS, clock=clock)
        yield store
        store.close()


def test_each_memory_store_is_a_directory_of_its_own() -> None:
    first, second = MemoryStore(), MemoryStore()
    a_pool(first)
    a_pool(second)
    assert first.fingerprint() != second.fingerprint()


def test_nothing_may_follow_memory_in_a_url() -> None:
    with pytest.raises(InvalidInput):
        open_memory("memory:x", read_only=False, root=Path(), environ={})
