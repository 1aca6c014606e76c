"""What every test of the server gets: a site in memory with cheap hashes and a clock that stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.site import Asked


@pytest.fixture
def site() -> Iterator[Asked]:
    with Asked() as asked:
        yield asked
