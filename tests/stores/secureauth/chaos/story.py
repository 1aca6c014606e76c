"""One seed's story: a server on a real port, a proxy before it, applies that are disturbed and killed, then a clean one; and what
has to be true afterwards."""

from __future__ import annotations

import difflib
import json
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import uvicorn

from pool_as_code.app import running
from pool_as_code.app.planning import read_plan, save_plan
from pool_as_code.apply.report import Report, Status
from pool_as_code.core.errors import PoolAsCodeError
from pool_as_code.core.secrets import Secret
from pool_as_code.directory import containers
from pool_as_code.directory.directory import Directory
from pool_as_code.directory.hashing import TEST_PARAMETERS
from pool_as_code.server.app import Server, create_app
from pool_as_code.server.clients import made_client
from pool_as_code.server.signing import fixed, new_key
from pool_as_code.server.site import Settings
from pool_as_code.stores.registry import BUILT_IN
from pool_as_code.stores.secureauth.connection import Connection, Reply
from pool_as_code.stores.secureauth.credentials import Client, Credentials
from pool_as_code.stores.secureauth.kept import decoded
from pool_as_code.stores.secureauth.place import place_of
from pool_as_code.stores.secureauth.store import SecureAuthStore
from pool_as_code.stores.secureauth.transport import Sends, Surroundings, Transport
from pool_as_code.stores.secureauth.wire import RESERVED_KEY
from tests.house import House, summary

from .faults import Plan
from .project import ENVIRON, HASH, INVITED, OPTIONS, PASSWORD, first, second
from .proxy import Proxy

TENANT = "shop"
SCHEME = "secureauth+http"
MODES = ("first", "change", "both")


class Killed(BaseException):
    """The process is no more: nothing that it would have done afterwards happens."""


class Time:
    """One clock for all: the store's, its ledger's, the server's. Waiting costs nothing."""

    def __init__(self) -> None:
        self._now = 1_780_000_000.0
        self._lock = threading.Lock()

    def now(self) -> float:
        with self._lock:
            return self._now

    monotonic = now

    def pass_by(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds

    def date(self) -> datetime:
        return datetime.fromtimestamp(int(self.now()), UTC)


@dataclass
class Mortal:
    """A connection of a process that is killed at its n-th request: before it is sent, or after its answer has come."""

    inner: Sends
    at: int = 0
    after: bool = False
    count: int = 0
    dead: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None) -> Reply:
        with self.lock:
            self.count += 1
            last = self.at and self.count >= self.at
            if self.dead or (last and not self.after):
                self.dead = True
                raise Killed
        reply = self.inner.send(method, url, headers, content)
        if last or self.dead:
            self.dead = True
            raise Killed
        return reply

    def close(self) -> None:
        self.inner.close()


class Site:
    """Our server over a directory in a file, in a thread, with a proxy before it."""

    def __init__(self, database: Path, time: Time, plan: Plan) -> None:
        self.database, self.time, self.plan = database, time, plan
        client, self.secret = made_client("everything")
        settings = Settings(
            self.directory,
            tenant=TENANT,
            clients=(client,),
            keys=KEY,
            threads=2 if plan.seed % 5 == 4 else 1,
            clock=time.now,
        )
        app = create_app(settings)
        self.server: Server = app.state.server
        self.server.site.replays.clock = time.now
        config = uvicorn.Config(app, port=0, log_level="critical", access_log=False, lifespan="on")
        self._uvicorn = uvicorn.Server(config)
        listener = config.bind_socket()
        self._thread = threading.Thread(target=self._uvicorn.run, args=([listener],), daemon=True)
        self._thread.start()
        self.port: int = listener.getsockname()[1]
        self.proxy = Proxy(self.port, plan, revoke=self.revoke, wait=time.pass_by)
        self._listener = listener

    def directory(self) -> Directory:
        return Directory(self.database, environ={}, hash_parameters=TEST_PARAMETERS, clock=self.time.date)

    def revoke(self) -> None:
        """No token that was given out counts any more."""
        tokens = self.server.site.tokens
        tokens.keys = OTHER_KEY if tokens.keys is KEY else KEY

    def close(self) -> None:
        self.proxy.close()
        self._uvicorn.should_exit = True
        self._thread.join()
        self._listener.close()


KEY, OTHER_KEY = fixed(new_key()), fixed(new_key())


@dataclass
class Story:
    """What happened in one seed."""

    seed: int
    mode: str
    runs: int = 0
    killed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)


class Teller:
    """Tells one seed's story in a folder. `wanted` says by mode what the directory holds in the end."""

    def __init__(self, seed: int, folder: Path, wanted: Mapping[str, Any], base: Path) -> None:
        self.seed, self.wanted = seed, wanted
        self.dice = Random(seed * 7919 + 1)
        self.story = Story(seed, MODES[seed % 3])
        self.time = Time()
        self.plan = Plan(seed)
        database = folder / "directory.db"
        if self.story.mode == "change":
            for suffix in ("", ".key"):  # what seals the codes of messages goes along
                shutil.copy(f"{base}{suffix}", f"{database}{suffix}")
        self.site = Site(database, self.time, self.plan)
        if self.story.mode != "change":
            make_workspace(self.site)
        self.house = House(folder / "project", environ=dict(ENVIRON))
        self.house.store = f"{SCHEME}://127.0.0.1:{self.site.proxy.port}/{TENANT}"
        self.mortal: Mortal | None = None
        self.kill_at = 0
        self.errors: list[str] = []
        self.secrets = [PASSWORD, HASH, self.site.secret, "eyJ"]

    def open(self, url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> SecureAuthStore:
        return opened(self, url, read_only=read_only)

    def tell(self) -> Story:
        """Raises AssertionError where something is not as it has to be."""
        try:
            with surrounded(self):
                self.house.root.mkdir()
                if self.story.mode == "both":
                    self.house.write(first())
                    self.disturbed_runs(1)
                self.house.write(first() if self.story.mode == "first" else second())
                self.disturbed_runs(1 if self.story.mode == "both" else self.dice.choice((1, 2)))
                self.clean_run()
                self.check_end()
        finally:
            self.site.close()
        self.story.faults = Counter({str(fault): number for fault, number in self.plan.injected.items()})
        return self.story

    # -- runs

    def disturbed_runs(self, number: int) -> None:
        for _ in range(number):
            how = self.dice.choice(("manifests", "manifests", "plan", "killed", "killed"))
            self.kill_at = self.dice.randrange(5, 90) if how == "killed" else 0
            plan_file = self.house.root / f"{self.story.runs}.plan"
            if how == "plan":
                with suppress(PoolAsCodeError):
                    save_plan(self.house.plan(**OPTIONS), plan_file)
            for _ in range(2 if how == "plan" else 1):
                self.run(plan_file if plan_file.exists() else None)
            self.kill_at = 0
            self.time.pass_by(self.dice.choice((1, 20, 200)))

    def run(self, plan_file: Path | None = None) -> Report | None:
        """One apply: its report, or None for one that was refused or killed."""
        self.story.runs += 1
        try:
            report = self.house.apply(read_plan(plan_file) if plan_file else None, **OPTIONS)
        except Killed:
            self.story.killed += 1
            return None
        except PoolAsCodeError as error:
            texts = [error.message, error.hint, *(str(item) for item in error.diagnostics)]
            self.check_secrets(texts)
            self.story.refused[type(error).__name__] += 1
            self.errors.append(" ".join(texts))
            return None
        finally:
            self.site.proxy.carry_out_late()
        self.check_report(report)
        return report

    def clean_run(self) -> None:
        self.plan.quiet = True
        self.time.pass_by(300)  # leases of killed runs end
        report = self.run()
        assert report is not None, self.errors[-1:]
        assert report.state in ("applied", "nothing"), [o for o in report.outcomes if o.status is not Status.APPLIED]

    # -- what has to be true

    def check_report(self, report: Report) -> None:
        for outcome in report.outcomes:
            self.story.statuses[outcome.status.value] += 1
            assert str(outcome.address)
            if outcome.status in (Status.FAILED, Status.SKIPPED, Status.UNKNOWN):
                assert outcome.reason, outcome
            self.check_secrets([outcome.reason, outcome.hint])
        assert report.exit_code in (0, 1, 5)

    def check_secrets(self, texts: list[str]) -> None:
        for text in texts:
            for secret in self.secrets:
                assert secret not in text, "a secret is told"

    def check_end(self) -> None:
        told = len(self.house.told)
        plan = self.house.plan(**OPTIONS)
        assert summary(plan) == {}, [(c.address, c.action, c.fields) for c in plan.changes]
        assert not [f for f in plan.findings if f.blocks]
        self.check_secrets(self.house.told)
        found = content(self.site.directory())
        wanted = self.wanted["first" if self.story.mode == "first" else "second"]
        if self.story.mode == "both" and not any("schema/old" in record for record in found["records"]):
            # made, and its run killed, before there was a pool to say whose it is: such a schema is never pruned
            found["schemas"] = [row for row in found["schemas"] if row[0] != "old"]
        for table, rows in wanted.items():
            assert found[table] == rows, _difference(table, rows, found[table])
        self.check_messages(self.house.told[told:])

    def check_messages(self, told: list[str]) -> None:
        """At most one for each user; who got none is told about."""
        with closing(self.site.directory()) as directory:
            sent = Counter(str(row[0]) for row in directory.db.rows("SELECT user_id FROM messages"))
            names: dict[str, str] = dict(
                directory.db.rows("SELECT user_id, key FROM user_identifiers WHERE key LIKE '%@example.com'")
            )
        assert all(number == 1 for number in sent.values()), f"sent twice: {sent}"
        everything = "\n".join(self.house.told)
        invited = {id: key for id, key in names.items() if any(f"{name}@" in key for name in INVITED)}
        assert set(sent) <= set(invited)
        for id, key in invited.items():
            if self.story.mode == "change" and "zoe" not in key:
                continue  # invited when the base was made
            assert sent[id] == 1 or id in everything, f"{key}: no message, and nobody is told"


def _difference(table: str, wanted: list[Any], found: list[Any]) -> str:
    missing, extra = [row for row in wanted if row not in found], [row for row in found if row not in wanted]
    if len(missing) == len(extra) == 1:
        one, other = (json.dumps(row, indent=1).replace("\\n", "\n").splitlines() for row in (missing[0], extra[0]))
        lines = difflib.ndiff(one, other)
        return f"{table}: " + "\n".join(line for line in lines if line[0] in "-+")
    return f"{table}: missing {missing[:3]}, too many {extra[:3]}"


def make_workspace(site: Site) -> None:
    site.server.workers.run_now(lambda d: containers.create(d, "workspace", "shop", {}, {}))


TELLING: list[Callable[..., SecureAuthStore]] = []


def opened_by_url(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> SecureAuthStore:
    """What the registry of stores calls: the present teller's store."""
    return TELLING[-1](url, read_only=read_only, root=root, environ=environ)


def opened(teller: Teller, url: str, *, read_only: bool) -> SecureAuthStore:
    """A store as a process has it, with its own connections and a life that may be short."""
    time, dice = teller.time, Random(teller.seed)
    client = Client("everything", Secret(teller.site.secret))
    mortal = Mortal(Connection({}, clear_text=True), at=teller.kill_at, after=teller.dice.random() < 0.5)
    around = Surroundings(clock=time.now, sleep=time.pass_by, dice=dice.random, now=time.now)
    transport = Transport(place_of(url), Credentials(client, client), mortal, read_only=read_only, surroundings=around)
    return SecureAuthStore(transport, url, clock=time.date)


@contextmanager
def surrounded(teller: Teller) -> Iterator[None]:
    """The registry opens this teller's stores, and a run's own clock is its clock."""
    before = BUILT_IN[SCHEME]
    BUILT_IN[SCHEME] = f"{__name__}:opened_by_url"
    TELLING.append(teller.open)
    try:
        with patch.object(running, "time", teller.time):
            yield
    finally:
        TELLING.pop()
        BUILT_IN[SCHEME] = before


def content(directory: Directory) -> dict[str, list[Any]]:
    """What a directory holds, but for times, revisions, salts, and how far invitations came."""
    with closing(directory):
        records: list[str] = []

        def rows(sql: str) -> list[Any]:
            return sorted((tuple(_plain(cell, records) for cell in row) for row in directory.db.rows(sql)), key=repr)

        found = {
            "containers": rows("SELECT id, kind, parent_id, document FROM containers"),
            "schemas": rows("SELECT id, document FROM schemas"),
            "pools": rows("SELECT id, document FROM pools"),
            "groups": rows("SELECT id, pool_id, document FROM user_groups"),
            "users": rows("SELECT id, pool_id, document FROM users"),
            "identifiers": rows("SELECT pool_id, key, user_id FROM user_identifiers"),
            "members": rows("SELECT group_id, user_id FROM group_members"),
            "credentials": rows("SELECT user_id, type, state FROM credentials"),
        }
        return {**found, "records": sorted(records)}


def _plain(cell: Any, kept: list[str]) -> Any:
    """A document without what says how things came about. Ownership records go to `kept`: in which pool that of a schema stands
    follows from which pool was made first."""
    if not isinstance(cell, str) or not cell.startswith("{"):
        return cell
    document = json.loads(cell)
    for address in document.get("spec", {}).get("addresses", ()):
        if address.get("status") == "active":  # the default, written out where an address was added later
            del address["status"]
    metadata = document.get("spec", {}).get("metadata", {})
    ours = metadata.pop(RESERVED_KEY, None) or metadata.get("payload", {}).pop(RESERVED_KEY, None)
    kept += [f"{record} {sorted(record.fields.items())}" for record in decoded(ours).records.values()]
    return json.dumps(document, sort_keys=True, indent=1)


def undisturbed(folder: Path) -> tuple[dict[str, dict[str, list[Any]]], Path]:
    """What the directory holds after each of the two projects when nothing goes wrong, and a copy of it after the first."""
    teller = Teller(0, folder, {}, folder)
    teller.plan.quiet = True
    base = folder / "base.db"
    try:
        with surrounded(teller):
            teller.house.root.mkdir()
            teller.house.write(first())
            teller.clean_run()
            found = {"first": content(teller.site.directory())}
            teller.site.server.workers.close()
            for suffix in ("", ".key"):
                shutil.copy(f"{teller.site.database}{suffix}", f"{base}{suffix}")
    finally:
        teller.site.close()
    again = folder / "second"
    again.mkdir()
    teller = Teller(1, again, {}, base)
    teller.plan.quiet = True
    try:
        with surrounded(teller):
            teller.house.root.mkdir()
            teller.house.write(second())
            teller.clean_run()
            found["second"] = content(teller.site.directory())
    finally:
        teller.site.close()
    return found, base
