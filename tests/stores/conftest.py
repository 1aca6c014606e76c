"""What every store test gets: databases are closed at its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.closing import closing_databases


@pytest.fixture(autouse=True)
def databases_are_closed() -> Iterator[None]:
    with closing_databases():
        yield
