"""Real processes over a real socket: an apply that is stopped while the service holds an answer back, and applies that begin at the
same moment. The server runs in this process, the gate before it lets requests through, or holds one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pool_as_code.app.asking import unlock
from pool_as_code.core.errors import Unavailable
from pool_as_code.render.environments import EnvironmentPlan
from pool_as_code.render.outputs import Look, render
from tests.house import PROJECT, House, document, summary
from tests.stores.secureauth.chaos.faults import Fault, Plan
from tests.stores.secureauth.chaos.proxy import Message, Proxy, Wire
from tests.stores.secureauth.chaos.story import SCHEME, TENANT, Site, Time, make_workspace

SECONDS = 60.0


class Gate(Proxy):
    """Holds the requests that `holds` says, after or before the server has carried them out, until it is opened."""

    holds: Callable[[str, str], bool] = staticmethod(lambda method, path: False)
    carried_out = True

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.held, self.opened = threading.Event(), threading.Event()
        self.asked: list[str] = []
        super().__init__(*arguments, **named)

    def _pass_on(self, client: Wire, upstream: Wire, request: Message) -> bool:
        method, target = request.first[:2]
        self.asked.append(f"{method} {target}")
        if not self.opened.is_set() and self.holds(method, target):
            if self.carried_out:
                upstream.write(request.whole)
                upstream.read()
            self.held.set()
            self.opened.wait(SECONDS)
            return False
        return super()._pass_on(client, upstream, request)


class Placed:
    """A server, its gate, and projects that are applied to it by processes of their own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        plan = Plan(0)
        plan.quiet = True
        self.site = Site(root / "directory.db", Time(), plan)
        make_workspace(self.site)
        self.site.proxy.close()
        port = self.site.port
        self.gate = Gate(port, plan, revoke=self.site.revoke, wait=lambda seconds: None)
        self.url = f"{SCHEME}://127.0.0.1:{self.gate.port}/{TENANT}"
        self.processes: list[subprocess.Popen[str]] = []

    def project(self, name: str, documents: list[Any], id: str = PROJECT) -> House:
        house = House(self.root / name, project=id, store=self.url)
        house.environ = {
            "POOL_AS_CODE_CLIENT_ID": "everything",
            "POOL_AS_CODE_CLIENT_SECRET": self.site.secret,
            "POOL_AS_CODE_ADMIN_CLIENT_ID": "everything",
            "POOL_AS_CODE_ADMIN_CLIENT_SECRET": self.site.secret,
        }
        return house.write(documents)

    def begin(self, house: House, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "pool_as_code.cli", *arguments, "--store", self.url]
        environ = {key: value for key, value in os.environ.items() if not key.startswith(("POOL_AS_CODE_", "CI"))}
        environ.update(house.environ)
        process = subprocess.Popen(
            command, cwd=house.root, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.processes.append(process)
        return process

    def close(self) -> None:
        self.gate.opened.set()
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate()
        self.gate.close()
        self.site.close()


@pytest.fixture
def placed(tmp_path: Path) -> Iterator[Placed]:
    made = Placed(tmp_path)
    yield made
    made.close()


def shop(users: int = 3) -> list[Any]:
    return [
        document("Schema", {"name": "profile"}, schema={"type": "object"}),
        document("IdentityPool", {"name": "customers"}, schemas={"profile": "profile"}),
        document("Group", {"name": "staff", "pool": "customers"}),
        *(
            document("User", {"name": f"u{n}", "pool": "customers"}, identifiers=[{"uid": f"u{n}"}])
            for n in range(users)
        ),
        document("IdentityPool", {"name": "late"}, schemas={"profile": "profile"}),
    ]


def is_new_group(method: str, path: str) -> bool:
    return method == "POST" and path.endswith("/groups")


def is_new_user(method: str, path: str) -> bool:
    return method == "POST" and path.endswith("/users")


@pytest.mark.parametrize(
    ("number", "code", "holds"), [(signal.SIGINT, 130, is_new_user), (signal.SIGTERM, 143, is_new_group)]
)
def test_an_apply_that_is_stopped_says_what_stands_and_gives_its_lease_back(
    placed: Placed, number: signal.Signals, code: int, holds: Callable[[str, str], bool]
) -> None:
    house = placed.project("shop", shop())
    placed.gate.holds = holds
    process = placed.begin(house, "apply", "--yes", "--report", "run.ndjson")
    assert placed.gate.held.wait(SECONDS)
    process.send_signal(number)
    out, talk = process.communicate(timeout=SECONDS)
    assert process.returncode == code, talk
    assert "Traceback" not in talk
    assert "error: interrupted" in talk
    assert "unknown" in out
    assert "Live now: " in out
    lines = [json.loads(line) for line in (house.root / "run.ndjson").read_text().splitlines()]
    statuses = {line["address"]: line["status"] for line in lines if "address" in line}
    assert statuses["schema/profile"] == statuses["pool/customers"] == "applied"
    wanted = {"group/customers/staff"} if holds is is_new_group else {f"user/customers/u{n}" for n in range(3)}
    assert {address for address, status in statuses.items() if status == "unknown"} == wanted
    assert len(statuses) == len(shop())
    assert lines[-1]["state"] == "interrupted"
    assert lines[-1]["summary"]["unknown"] == len(wanted)
    placed.gate.opened.set()
    assert house.apply().state == "applied"  # nobody holds the lease
    assert summary(house.plan()) == {}


def test_an_apply_that_is_killed_holds_its_lease_until_it_is_unlocked_and_is_completed(placed: Placed) -> None:
    house = placed.project("shop", shop())
    placed.gate.holds = is_new_group
    process = placed.begin(house, "apply", "--yes")
    assert placed.gate.held.wait(SECONDS)
    process.kill()
    process.communicate(timeout=SECONDS)
    placed.gate.opened.set()
    with pytest.raises(Unavailable, match=r"another run is writing to the directory: .* by .*; its lease ends at"):
        house.apply()
    broken = unlock(house.request, house.told.append)
    assert broken is not None
    assert house.apply().state == "applied"
    assert summary(house.plan()) == {}


def test_of_two_first_applies_of_a_project_one_wins_and_nothing_is_doubled(placed: Placed) -> None:
    """The second one begins while the first has made a schema and no pool yet: there is no place for a lease."""
    first, second = placed.project("one", shop()), placed.project("two", shop())

    def is_new_pool(method: str, path: str) -> bool:
        return method == "POST" and path.endswith("/pools")

    placed.gate.holds, placed.gate.carried_out = is_new_pool, False
    slow = placed.begin(first, "apply", "--yes")
    assert placed.gate.held.wait(SECONDS)
    placed.gate.holds = lambda method, path: False
    assert second.apply().state == "applied"
    placed.gate.opened.set()
    out, talk = slow.communicate(timeout=SECONDS)
    assert slow.returncode == 5, talk
    assert "Traceback" not in talk
    assert "another run" in out
    for house in (first, second):
        assert summary(house.plan()) == {}


def test_two_projects_apply_to_one_tenant_at_once(placed: Placed) -> None:
    other = [
        document("IdentityPool", {"name": "partners"}),
        *(document("User", {"name": f"p{n}", "pool": "partners"}, identifiers=[{"uid": f"p{n}"}]) for n in range(3)),
    ]
    houses = placed.project("one", shop()), placed.project("two", other, "p-fedcba9876543210")
    for _ in range(2):  # the second time each has a pool, and so a place for its lease
        with ThreadPoolExecutor(2) as both:
            for report in both.map(House.apply, houses):
                assert report.state in ("applied", "nothing")
        for house in houses:
            assert summary(house.plan()) == {}
            house.write(
                [*(shop() if house is houses[0] else other), document("IdentityPool", {"name": house.root.name})]
            )


def test_a_token_that_expires_in_the_middle_is_renewed(placed: Placed) -> None:
    house = placed.project("shop", shop())

    class Expiring(Plan):
        """Tokens end right before the first write of some sorts."""

        def next(self, method: str, path: str) -> tuple[Fault | None, Random]:
            fault, dice = super().next(method, path)
            first = method == "POST" and path.endswith(("/schemas", "/pools", "/groups")) and path not in ended
            ended.update([path] if first else [])
            return (Fault.REVOKED if first else fault), dice

    ended: set[str] = set()
    placed.gate.plan = Expiring(0)
    placed.gate.plan.quiet = True
    assert house.apply().state == "applied"
    assert summary(house.plan()) == {}
    assert sum(1 for asked in placed.gate.asked if asked.endswith("/oauth2/token")) >= 3


def test_the_plan_says_which_changes_are_unguarded(placed: Placed) -> None:
    documents = shop()
    house = placed.project("shop", documents)
    assert house.apply().state == "applied"
    documents[2] = document("Group", {"name": "staff", "pool": "customers"}, displayName="Staff")
    documents[1] = document("IdentityPool", {"name": "customers"}, schemas={"profile": "profile"}, description="x")
    plan = house.write(documents).plan()
    assert {str(c.address): c.unguarded for c in plan.changes} == {
        "pool/customers": False,
        "group/customers/staff": True,
    }
    shown = render("text", [EnvironmentPlan("default", plan)], Look())
    assert shown.count("unguarded: this store can not tell whether it moved since it was read") == 1
