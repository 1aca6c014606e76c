"""A pool that a provider keeps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.scim.provider import Provider, keeping
from tests.server.site import Asked


@pytest.fixture(scope="module")
def shared() -> Iterator[Asked]:
    with Asked() as asked:
        yield asked


@pytest.fixture
def provider(shared: Asked) -> Provider:
    """In a directory in which nothing else is."""
    shared.empty()
    return keeping(shared)
