"""`python -m benchmarks.http`: an apply of users in ten pools over HTTP beside a bare loop of the same requests, and a plan of what
stands there then, in one run.

Each apply notes what it sends. The bare loop sends the same again to a fresh directory behind the same sort of server: the same
bodies with the same library (httpx, a client for each of eight threads), and nothing else. Write phase against write phase, from
the first write to the last. Either side is a process of its own, so is each server; the rounds take turns. Two servers: ours over
SQLite, and a stand-in that only keeps what it gets (`standin.py`), where nothing but the client can be slow.
"""

from __future__ import annotations

import argparse
import json
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from . import server
from .contestants.pac import clean_environ, document
from .population import people
from .process import processor_of
from .report import surroundings
from .server import full_app

HERE = Path(__file__).parent
GOAL = 0.8
AT_ONCE = 8
SECRET = "only-for-this-benchmark"
OURS, STAND_IN = "our server", "stand-in"
APPLY, BARE, PLAN = "apply", "bare loop", "plan"

_PROJECT = "apiVersion: pool-as-code/v1\nkind: Project\nid: p-bench00000000002\nname: Tenant\nmanifests: [manifests]\n"
_POOL = """\
apiVersion: pool-as-code/v1
kind: IdentityPool
metadata: {{name: {name}}}
spec: {{displayName: Pool {name}, signIn: {{identifiersIgnoreCase: true}}}}
---
apiVersion: pool-as-code/v1
kind: Group
metadata: {{name: staff, pool: {name}}}
spec: {{displayName: Staff}}
---
apiVersion: pool-as-code/v1
kind: Group
metadata: {{name: support, pool: {name}, parent: staff}}
spec: {{displayName: Support}}
"""


class Sent(NamedTuple):
    """One request of an apply. `path` with its query; `before` and `after` in seconds; `processor` at its end."""

    main: bool
    method: str
    path: str
    headers: dict[str, str]
    content: bytes | None
    before: float
    after: float
    processor: float

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.method not in ("GET", "HEAD") and not self.path.endswith(("/by_key", "/token"))


@dataclass
class Figures:
    """Medians are told; every round is kept."""

    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    requests: int = 0
    served: list[float] = field(default_factory=list)


def write_project(folder: Path, users: int, pools: int) -> None:
    """Pools p0, p1, ... with two groups each, and as many users in each of them."""
    (folder / "manifests").mkdir(parents=True)
    (folder / "pool-as-code.yaml").write_text(_PROJECT, "utf-8")
    everybody = people(users)
    for number in range(pools):
        name = f"p{number}"
        (folder / "manifests" / f"{name}.yaml").write_text(_POOL.format(name=name), "utf-8")
        some = islice(everybody, users // pools + (1 if number < users % pools else 0))
        text = "---\n".join(document(person).replace("pool: customers", f"pool: {name}") for person in some)
        (folder / "manifests" / f"{name}-users.yaml").write_text(text, "utf-8")


# -- in processes of their own


def run_server(kind: str, database: str) -> None:
    """A server, until it is ended."""
    import socket

    import uvicorn

    from .standin import standin_app

    app = standin_app() if kind == STAND_IN else full_app(Path(database), SECRET)
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(app, log_level="error", access_log=False, loop="uvloop", http="httptools")
    uvicorn.Server(config).run(sockets=[listener])


def run_apply(folder: Path, port: int, notes: Path) -> dict[str, float]:
    """Apply the project; what was sent is written to `notes`."""
    from pool_as_code.app.applying import apply
    from pool_as_code.app.request import ApplyOptions, Request
    from pool_as_code.stores.secureauth.connection import Connection, Reply

    sent: list[Sent] = []
    send, origin = Connection.send, f"http://localhost:{port}"

    def noted(
        self: Connection, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None
    ) -> Reply:
        before = time.perf_counter()
        reply = send(self, method, url, headers, content)
        main = threading.current_thread() is threading.main_thread()
        after, processor = time.perf_counter(), time.process_time()
        sent.append(Sent(main, method, url.removeprefix(origin), dict(headers), content, before, after, processor))
        return reply

    Connection.send = noted  # type: ignore[method-assign]
    request = Request(cwd=folder, environ=_environ(), store=_store(port))
    report = apply(request, ApplyOptions(), ask=lambda plan: True, tell=lambda line: None)
    assert report.state == "applied", report.state
    writes = [index for index, one in enumerate(sent) if one.writes]
    phase = sent[writes[0] : writes[-1] + 1]
    notes.write_bytes(pickle.dumps([_bare(one) for one in phase]))
    before = sent[writes[0] - 1].processor
    return {
        "seconds": phase[-1].after - phase[0].before,
        "processor": phase[-1].processor - before,
        "requests": len(phase),
        "users": sum(one.method == "POST" and one.path.endswith("/users") for one in phase),
    }


def _bare(one: Sent) -> Sent:
    """Without what belongs to that run alone."""
    return one._replace(headers={name: text for name, text in one.headers.items() if name != "authorization"})


def run_bare(port: int, notes: Path) -> dict[str, float]:
    """Send what an apply has sent, eight at once."""
    import httpx

    sent: list[Sent] = pickle.loads(notes.read_bytes())
    origin, token = f"http://localhost:{port}", _token(port)
    ready, jobs = _jobs(sent)
    etags: dict[str, str] = {}
    failed: list[str] = []

    def work() -> None:
        with httpx.Client(verify=False, trust_env=False, timeout=60) as client:
            while True:
                try:
                    job = jobs.get_nowait()
                except queue.Empty:
                    return
                for one in job:
                    _send(client, one)

    def _send(client: httpx.Client, one: Sent) -> None:
        headers = one.headers | {"authorization": f"Bearer {token}"}
        if "if-match" in headers:
            headers["if-match"] = etags[one.path]
        response = client.request(one.method, origin + one.path, headers=headers, content=one.content)
        if response.status_code >= 400:
            failed.append(f"{response.status_code} {one.method} {one.path}: {response.text[:200]}")
        elif "etag" in response.headers:
            etags[one.path] = response.headers["etag"]

    with httpx.Client(verify=False, trust_env=False) as client:
        client.get(f"{origin}/nothing")
        before, used = time.perf_counter(), time.process_time()
        for one in ready:
            _send(client, one)
        threads = [threading.Thread(target=work) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        result = {"seconds": time.perf_counter() - before, "processor": time.process_time() - used}
    assert not failed, failed[:3]
    return result


def _jobs(sent: Sequence[Sent]) -> tuple[list[Sent], queue.SimpleQueue[list[Sent]]]:
    """What has to be there before the first user, in order; then jobs, whose requests follow each other: a user with its groups,
    and what the apply has sent between two batches."""
    first = next((index for index, one in enumerate(sent) if _user_of(one)), len(sent))
    jobs: list[list[Sent]] = []
    users: dict[str, list[Sent]] = {}
    between: list[Sent] | None = None
    for one in sent[first:]:
        user = _user_of(one)
        if not user:
            if between is None:
                jobs.append(between := [])
            between.append(one)
            continue
        between = None
        if user not in users:
            jobs.append(users.setdefault(user, []))
        users[user].append(one)
    waiting: queue.SimpleQueue[list[Sent]] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    return list(sent[:first]), waiting


def _user_of(one: Sent) -> str:
    """The path of the user that a request makes or puts into a group, empty for what is about something else."""
    if one.method == "POST" and one.path.endswith("/users"):
        return f"{one.path}/{json.loads(one.content or b'{}')['id']}"
    pool, groups, rest = one.path.partition("/groups/")
    return f"{pool}/users/{rest.rpartition('/')[2]}" if groups and "/users/" in rest else ""


def run_plan(folder: Path, port: int) -> dict[str, float]:
    """Plan what is there already; nothing may be left to do."""
    from pool_as_code.app.planning import make_plan
    from pool_as_code.app.request import PlanOptions, Request
    from pool_as_code.stores.secureauth.connection import Connection, Reply

    count, send = [0], Connection.send

    def counted(
        self: Connection, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None
    ) -> Reply:
        count[0] += 1
        return send(self, method, url, headers, content)

    Connection.send = counted  # type: ignore[method-assign]
    before, used = time.perf_counter(), time.process_time()
    request = Request(cwd=folder, environ=_environ(), store=_store(port))
    made = make_plan(request, PlanOptions(), lambda line: None).plan
    assert made.empty, made.changes[:3]
    return {
        "seconds": time.perf_counter() - before,
        "processor": time.process_time() - used,
        "requests": count[0],
    }


def _environ() -> dict[str, str]:
    return clean_environ() | {"POOL_AS_CODE_CLIENT_ID": "bench", "POOL_AS_CODE_CLIENT_SECRET": SECRET}


def _store(port: int) -> str:
    return f"secureauth+http://localhost:{port}/default"


def _token(port: int) -> str:
    import httpx

    form = {"grant_type": "client_credentials", "client_id": "bench", "client_secret": SECRET}
    answer = httpx.post(f"http://localhost:{port}/default/system/oauth2/token", data=form, trust_env=False)
    return str(answer.json()["access_token"])


# -- the run


def served(kind: str, folder: Path) -> AbstractContextManager[tuple[int, int]]:
    """A server with a fresh directory: its port and its process."""
    return server.served(kind, str(folder / f"{time.monotonic_ns()}.db"), module="benchmarks.http")


def child(*words: str) -> tuple[dict[str, Any], float]:
    """What a part of this program says in a process of its own, and the seconds that the process took."""
    before = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.http", *words], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found, time.perf_counter() - before


def one_round(kind: str, folder: Path, project: Path, found: Mapping[str, Figures]) -> None:
    """Apply, plan, and the bare loop on another directory."""
    notes = folder / "notes"
    with served(kind, folder) as (port, pid):
        took(found[APPLY], pid, lambda: child("--apply", str(project), str(port), str(notes)))
        took(found[PLAN], pid, lambda: child("--plan", str(project), str(port)))
    with served(kind, folder) as (port, pid):
        took(found[BARE], pid, lambda: child("--bare", str(port), str(notes)))
    found[BARE].requests = found[APPLY].requests


def took(figures: Figures, pid: int, work: Any) -> None:
    """Note what a process says, and what it cost the server."""
    before = processor_of(pid)
    said, whole = work()
    figures.seconds.append(said["seconds"])
    figures.processor.append(said["processor"])
    figures.whole.append(whole)
    figures.served.append(processor_of(pid) - before)
    figures.requests = int(said.get("requests", figures.requests))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table; the exit code is 1 where the goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.http", description="Measure applying over HTTP.")
    parser.add_argument("--users", type=int, default=10_000, metavar="N", help="users to apply (default: 10000)")
    parser.add_argument("--pools", type=int, default=10, metavar="N", help="pools that they are in (default: 10)")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="rounds (default: 3)")
    parser.add_argument("--server", choices=("both", "ours", "stand-in"), default="both", help="(default: both)")
    parser.add_argument(
        "--into", type=Path, default=HERE / "results" / "http.json", metavar="FILE", help="keeps figures"
    )
    for hidden, words in (("--serve", 2), ("--apply", 3), ("--plan", 2), ("--bare", 2)):
        parser.add_argument(hidden, nargs=words, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.serve:
        run_server(*given.serve)
        return 0
    for words, work in (
        (given.apply, lambda f, p, n: run_apply(Path(f), int(p), Path(n))),
        (given.plan, lambda f, p: run_plan(Path(f), int(p))),
        (given.bare, lambda p, n: run_bare(int(p), Path(n))),
    ):
        if words:
            print(json.dumps(work(*words)))
            return 0
    kinds = {"both": (OURS, STAND_IN), "ours": (OURS,), "stand-in": (STAND_IN,)}[given.server]
    found = {kind: {word: Figures() for word in (APPLY, BARE, PLAN)} for kind in kinds}
    with tempfile.TemporaryDirectory(prefix="pac-bench-") as name:
        project = Path(name) / "project"
        write_project(project, given.users, given.pools)
        for _ in range(given.repeat):
            for kind in kinds:
                one_round(kind, Path(name), project, found[kind])
    made = surroundings({})
    print(f"{made['date']}, {made['platform']}, {made['cores']} cores, load {made['load']} at the end.\n")
    print(table(given.users, given.pools, found))
    shares = {kind: median(f[BARE].seconds) / median(f[APPLY].seconds) for kind, f in found.items()}
    for kind, share in shares.items():
        print(f"\n{kind}: {share:.0%} of the speed of the bare loop (goal: {GOAL:.0%})")
    keep(given.into, made, given.users, given.pools, found)
    return int(min(shares.values()) < GOAL)


def table(users: int, pools: int, found: Mapping[str, Mapping[str, Figures]]) -> str:
    """Rows of Markdown."""
    lines = [
        f"| {users:,} users in {pools} pools | server | requests | seconds | a second | processor | of the server |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    words = {APPLY: "apply, first write to last", BARE: "bare loop of these requests", PLAN: "plan, no change, whole"}
    for kind, figures in found.items():
        for word, one in figures.items():
            seconds = median(one.seconds)
            lines.append(
                f"| {words[word]} | {kind} | {one.requests:,} | {seconds:.1f} | {one.requests / seconds:,.0f} |"
                f" {median(one.processor):.1f} s | {median(one.served):.1f} s |"
            )
    return "\n".join(lines)


def keep(
    file: Path, made: Mapping[str, Any], users: int, pools: int, found: Mapping[str, Mapping[str, Figures]]
) -> None:
    """Every round, as JSON."""
    results = [
        {
            "server": kind,
            "what": word,
            "requests": one.requests,
            **{
                name: [round(number, 3) for number in getattr(one, name)]
                for name in ("seconds", "processor", "whole", "served")
            },
        }
        for kind, figures in found.items()
        for word, one in figures.items()
    ]
    document = {"made": dict(made), "users": users, "pools": pools, "results": results}
    file.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
