"""What every test of the server gets: a site in memory with cheap hashes and a clock that stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.contract import SPEC, Contract
from tests.server.site import EVERYWHERE, Asked


@pytest.fixture
def site() -> Iterator[Asked]:
    with Asked() as asked:
        yield asked


@pytest.fixture(autouse=True, scope="session")
def contract() -> Iterator[None]:
    """Where the vendor's definitions are, every answer of every test here is held against them."""
    if SPEC.is_dir():
        EVERYWHERE.append(Contract().check)
    yield
    EVERYWHERE.clear()
