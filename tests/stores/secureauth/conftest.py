"""No database is opened by this side; those of a server are closed in the threads that opened them."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def databases_are_closed() -> None:
    """In the place of the check that other stores' tests have."""
