"""What every directory test gets: a directory, in memory and in PostgreSQL, with a clock that stands, cheap hashes and one pool."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

import pytest

from pool_as_code.directory.directory import Directory
from pool_as_code.directory.hashing import TEST_PARAMETERS
from pool_as_code.directory.postgres import PostgresDatabase
from pool_as_code.directory.vault import KEY_VARIABLE
from pool_as_code.stores.postgres import parameters_of
from tests.closing import closing_databases
from tests.stores.conformance_ledger import Clock


@pytest.fixture(autouse=True)
def databases_are_closed() -> Iterator[None]:
    with closing_databases():
        yield


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["in memory", "postgresql"])
def directory(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Directory]:
    if request.param == "in memory":
        yield Directory(None, environ={}, hash_parameters=TEST_PARAMETERS, clock=clock)
        return
    schema, parameters = parameters_of(request.getfixturevalue("postgres_url"), {})
    db = PostgresDatabase(parameters, "of this test", schema=schema)
    key = {KEY_VARIABLE: b64encode(bytes(range(32))).decode()}
    found = Directory(db=db, environ=key, hash_parameters=TEST_PARAMETERS, clock=clock)
    yield found
    found.close()
