"""What every store test gets: databases are closed at its end, and requests to the service are held against its Swagger files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.closing import closing_databases
from tests.stores.secureauth.contract import Published
from tests.stores.secureauth.held import holding


@pytest.fixture(autouse=True)
def databases_are_closed() -> Iterator[None]:
    with closing_databases():
        yield


@pytest.fixture(autouse=True, scope="session")
def published() -> Iterator[Published | None]:
    """Where the vendor's definitions are: what every store for the service sends is held against them."""
    with holding() as published:
        yield published


@pytest.fixture(autouse=True)
def every_request_is_one_that_is_published(published: Published | None) -> Iterator[None]:
    yield
    if published is not None and published.unreviewed:
        unreviewed = published.unreviewed
        for deviation in unreviewed:  # told once, by the test that sent it
            del published.found[deviation]
        pytest.fail(f"requests that no Swagger file of the service has: {unreviewed}")
