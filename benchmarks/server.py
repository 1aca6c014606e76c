"""Requests per second of the server beside an empty handler of the same framework, in one run: `python -m benchmarks.server`.

Each server runs in a process of its own (uvicorn, uvloop, httptools, one process) and is asked over loopback by the same bare
client with 8 connections that stay open. The rounds take turns, so that other work on the machine hurts all alike. Passwords
cost what the directory's default asks for (argon2id, 19 MiB). Beside the rate stands the processor time that a request costs
the server, which other work on the machine changes less.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .process import processor_of
from .report import surroundings

HERE = Path(__file__).parent
USERS = 1000
CONNECTIONS = 8
PASSWORD = "correct horse 9"
POOL = "/api/identity/default/system/pools/customers"


def empty_app() -> Any:
    """What the framework costs: one route, one small JSON answer."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def nothing(request: Request) -> JSONResponse:
        await request.body()
        return JSONResponse({"id": "ada"})

    return Starlette(routes=[Route("/{path:path}", nothing, methods=["GET", "POST"])])


def full_app(database: Path, secret: str) -> Any:
    """The server over a directory of 1,000 users."""
    import hashlib

    from pool_as_code.directory.directory import Directory
    from pool_as_code.server.app import create_app
    from pool_as_code.server.attempts import Limits
    from pool_as_code.server.clients import Client
    from pool_as_code.server.site import Settings

    client = Client("bench", frozenset({"system"}), secret_digest=hashlib.sha256(secret.encode()).digest())
    return create_app(Settings(lambda: Directory(database, environ={}), clients=(client,), limits=Limits(0), threads=4))


def fill(database: Path) -> None:
    """One pool, its users, and one of them with a password."""
    from pool_as_code.core.secrets import Secret
    from pool_as_code.directory import pools, users
    from pool_as_code.directory.directory import Directory
    from pool_as_code.directory.starting import NewUser

    directory = Directory(database, environ={})
    pools.create(directory, "customers", {}, {"displayName": "Customers"})
    made = [
        NewUser(
            f"user-{number}",
            "customers",
            {
                "status": "active",
                "identifiers": [{"email": f"u{number}@example.com"}],
                "addresses": [{"email": f"u{number}@example.com", "verified": True}],
                "profile": {"first_name": "Ada", "last_name": "Lovelace"},
            },
        )
        for number in range(1, USERS)
    ]
    users.create_many(directory, made)
    spec = {"status": "active", "identifiers": [{"uid": "ada"}], "password": {"initial": {"fromEnv": "X"}}}
    users.create(directory, NewUser("ada", "customers", spec, {"password.initial": Secret(PASSWORD)}))  # type: ignore[arg-type]
    directory.close()


@dataclass
class Figures:
    """A number for each round: requests per second, and microseconds of processor time that one cost the server."""

    rates: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


@contextmanager
def served(*arguments: str, module: str = "benchmarks.server") -> Iterator[tuple[int, int]]:
    """A server in a process of its own; its port, and its process. `module` is the benchmark that has it."""
    command = [sys.executable, "-m", module, "--serve", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            wait_for(port)
            yield port, process.pid
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    """Until it answers."""
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the server does not answer")


def run_server(kind: str, database: str, secret: str) -> None:
    """The other process."""
    import uvicorn

    app = empty_app() if kind == "empty" else full_app(Path(database), secret)
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(app, log_level="error", access_log=False, loop="uvloop", http="httptools")
    uvicorn.Server(config).run(sockets=[listener])


def request_bytes(method: str, path: str, token: str = "", body: bytes = b"", kind: str = "application/json") -> bytes:
    """One request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "host: localhost", f"content-length: {len(body)}", f"content-type: {kind}"]
    if token:
        lines.append(f"authorization: Bearer {token}")
    return "\r\n".join([*lines, "", ""]).encode() + body


async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bytes]:
    """Send one request on an open connection; status and body."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    return int(head[9:12]), await reader.readexactly(length)


async def rate(port: int, request: bytes, count: int, connections: int = CONNECTIONS) -> float:
    """Requests per second; raises RuntimeError for an answer that is not 200."""
    left = [count]

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while left[0] > 0:
            left[0] -= 1
            status, body = await one(reader, writer, request)
            if status != 200:
                raise RuntimeError(f"answered {status}: {body[:200]!r}")
        writer.close()

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    return count / (time.perf_counter() - start)


async def token_of(port: int, secret: str) -> str:
    """A token for the benchmark's client."""
    form = f"grant_type=client_credentials&client_id=bench&client_secret={secret}".encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked = request_bytes("POST", "/default/system/oauth2/token", body=form, kind="application/x-www-form-urlencoded")
    _, body = await one(reader, writer, asked)
    writer.close()
    return str(json.loads(body)["access_token"])


async def measure(
    empty: tuple[int, int], full: tuple[int, int], secret: str, count: int, rounds: int
) -> dict[str, Figures]:
    """Figures by what was asked."""
    token = await token_of(full[0], secret)
    key = json.dumps({"identifier": "u500@example.com"}).encode()
    check = json.dumps({"identifier": "ada", "password": PASSWORD}).encode()
    cases = {
        "empty handler": (empty, request_bytes("GET", f"{POOL}/users/user-500", token), count),
        "get user": (full, request_bytes("GET", f"{POOL}/users/user-500", token), count),
        "by_key": (full, request_bytes("POST", f"{POOL}/users/by_key", token, key), count),
        "password verify": (
            full,
            request_bytes("POST", f"{POOL}/user/password/verify", token, check),
            max(count // 50, 8),
        ),
    }
    found = {name: Figures() for name in cases}
    for name, ((port, _), request, _) in cases.items():
        await rate(port, request, 64 if name != "password verify" else 8)
    for _ in range(rounds):
        for name, ((port, pid), request, number) in cases.items():
            before = processor_of(pid)
            found[name].rates.append(await rate(port, request, number))
            found[name].processor.append((processor_of(pid) - before) / number * 1e6)
    return found


def hashing_rate(seconds: float) -> float:
    """Passwords per second that one thread verifies without any server: what the hash alone allows."""
    from pool_as_code.directory.hashing import DEFAULT_PARAMETERS, hash_password, verify_password

    stored, done, start = hash_password(PASSWORD, "argon2", DEFAULT_PARAMETERS), 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        verify_password(PASSWORD, stored)
        done += 1
    return done / (time.perf_counter() - start)


def table(found: dict[str, Figures], alone: float) -> str:
    """Rows of Markdown."""
    base = found["empty handler"]
    lines = [
        "| | requests/s | of the empty handler | processor, server | of the empty handler |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, one in found.items():
        middle, cost = statistics.median(one.rates), statistics.median(one.processor)
        lines.append(
            f"| {name} | {middle:,.0f} | {middle / statistics.median(base.rates):.0%} | {cost:,.0f} us |"
            f" {statistics.median(base.processor) / (cost or 1):.0%} |"
        )
    return "\n".join([*lines, f"| hash alone, 1 core | {alone:,.0f} | | | |"])


def _rounded(numbers: list[float]) -> list[float]:
    return [round(number, 1) for number in numbers]


def main(arguments: list[str]) -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server")
    parser.add_argument("--count", type=int, default=4000, help="requests of a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--into", type=Path, default=HERE / "results" / "server.json", metavar="FILE", help="keeps figures"
    )
    parser.add_argument("--serve", nargs=3, metavar=("KIND", "DATABASE", "SECRET"), help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.serve:
        run_server(*given.serve)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        database, secret = Path(folder) / "directory.db", "only for this benchmark"
        fill(database)
        secret = secret.replace(" ", "-")
        with served("empty", "-", "-") as empty, served("full", str(database), secret) as full:
            found = asyncio.run(measure(empty, full, secret, given.count, given.rounds))
    alone = hashing_rate(2)
    print(table(found, alone))
    made = {"made": surroundings({}), "hash_alone": round(alone, 1)}
    results = {
        name: {"rates": _rounded(one.rates), "processor": _rounded(one.processor)} for name, one in found.items()
    }
    given.into.write_text(json.dumps({**made, "results": results}, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
