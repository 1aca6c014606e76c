"""Closes every database a test has opened and left open, so that no warning of a later Python comes of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def closing_databases() -> Iterator[None]:
    """Inside, every connection that `sqlite3.connect` makes is remembered; at the end all are closed."""
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def remembered(*given: object, **named: object) -> sqlite3.Connection:
        connection = connect(*given, **named)  # type: ignore[call-overload]
        opened.append(connection)
        return connection  # type: ignore[no-any-return]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", remembered)
        yield
    for connection in opened:
        connection.close()
