"""What every directory test gets: a directory in memory with a clock that stands, cheap hashes and one pool."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pool_as_code.directory.directory import Directory
from pool_as_code.directory.hashing import TEST_PARAMETERS
from tests.closing import closing_databases
from tests.stores.conformance_ledger import Clock


@pytest.fixture(autouse=True)
def databases_are_closed() -> Iterator[None]:
    with closing_databases():
        yield


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def directory(clock: Clock) -> Directory:
    return Directory(None, environ={}, hash_parameters=TEST_PARAMETERS, clock=clock)
