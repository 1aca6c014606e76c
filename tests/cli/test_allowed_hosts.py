"""A store on a host that nobody allowed: every command refuses it before anything is connected, asked for or resolved."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.app.asking import verify
from pool_as_code.app.planning import make_plan
from pool_as_code.app.request import PlanOptions, Request
from pool_as_code.core.errors import Refused, Unavailable
from pool_as_code.stores.base import Store
from pool_as_code.stores.registry import BUILT_IN
from pool_as_code.stores.sqlite import SqliteStore
from tests.cli.shop import ADA, GROUP, POOL, PROJECT, Shop

SECRET = "a-client-secret"
DUMP = Path(__file__).parent.parent / "stores" / "dumps"


@dataclass
class Network:
    """A listener on this machine, and a store scheme whose stores call it, whatever host their URL names, and hand their
    credentials over."""

    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)

    def listen(self, server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                self.heard.append(connection.recv(1000))
                connection.sendall(b"!")


NETWORK = Network()


def open_far_away(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> Store:
    """Sends the client secret over the network, as the store of a service does with its first request."""
    try:
        with socket.create_connection(("127.0.0.1", NETWORK.port), timeout=10) as connection:
            connection.sendall(environ["POOL_AS_CODE_CLIENT_SECRET"].encode())
            connection.recv(1)
    except ConnectionError as error:
        raise Unavailable("nobody answers") from error
    return SqliteStore(root / "far.db", url=url, read_only=read_only, environ=environ)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """The network, with nobody having called yet."""
    monkeypatch.setitem(BUILT_IN, "far", "tests.cli.test_allowed_hosts:open_far_away")
    lookup = socket.getaddrinfo

    def watched(host: Any, *arguments: Any, **options: Any) -> Any:
        NETWORK.looked_up.append(str(host))
        return lookup(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", watched)
    NETWORK.heard.clear()
    NETWORK.looked_up.clear()
    with socket.create_server(("127.0.0.1", 0)) as server:
        NETWORK.port = server.getsockname()[1]
        thread = threading.Thread(target=NETWORK.listen, args=(server,))
        thread.start()
        yield NETWORK
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)


@pytest.fixture
def far_shop(shop: Shop, network: Network) -> Shop:
    """Its project's store is far away; it has a saved plan."""
    assert network.heard == []
    shop.environ["POOL_AS_CODE_CLIENT_SECRET"] = SECRET
    saved = shop.pac("plan", "--out", "saved.plan")
    assert saved.exit_code == 0, saved.output
    (shop.root / "pool-as-code.yaml").write_text(
        PROJECT + "environments: {prod: {store: 'far://id.example.com/shop'}}\ndefaultEnvironment: prod\n"
    )
    command = ADA.replace("{fromEnv: ADA_PASSWORD}", "{fromCommand: touch ran}")
    (shop.root / "manifests" / "all.yaml").write_text("---\n".join([POOL, GROUP, command]))
    (shop.root / "dump.yaml").write_text("pools: []\n")
    shop.environ["POOL_AS_CODE_ALLOW_COMMANDS"] = "1"
    return shop


COMMANDS = {
    "plan": ("plan",),
    "plan of several": ("plan", "--env", "prod,prod2"),
    "apply": ("apply", "--yes"),
    "apply of a saved plan": ("apply", "saved.plan", "--yes"),
    "drift": ("drift",),
    "pull": ("pull",),
    "pull into a folder": ("pull", "--into", "pulled"),
    "load": ("load", "dump.yaml"),
    "destroy": ("destroy", "--yes"),
    "ids": ("ids",),
    "history": ("history",),
    "one run": ("history", "abc"),
    "unlock": ("unlock", "--yes"),
    "users verify": ("users", "verify", "customers/ada"),
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(
    "environ", [{"CI": "true"}, {"POOL_AS_CODE_ALLOWED_HOSTS": "id.other.example,*.example.org"}], ids=str
)
def test_no_command_meets_a_store_that_is_not_allowed(
    arguments: tuple[str, ...], environ: dict[str, str], far_shop: Shop, network: Network
) -> None:
    before = sorted(path.name for path in far_shop.root.iterdir())
    if "prod,prod2" in arguments:
        arguments = ("plan", "--env", "prod,default")
        text = (far_shop.root / "pool-as-code.yaml").read_text().replace("}}", "}, default: {}}")
        (far_shop.root / "pool-as-code.yaml").write_text(text)
    done = far_shop.pac(*arguments, environ=environ, input="a-password\n")
    assert done.exit_code == 4, done.output
    assert ("PAC351" if "CI" in environ else "PAC350") in done.output
    allowed = "id.example.com" if "CI" in environ else "id.other.example,*.example.org,id.example.com"
    assert f"POOL_AS_CODE_ALLOWED_HOSTS={allowed}\n" in done.output
    assert SECRET not in done.output
    assert network.heard == []
    assert network.looked_up == []
    assert sorted(path.name for path in far_shop.root.iterdir()) == before


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"CI": ""},
        {"CI": "true", "POOL_AS_CODE_ALLOWED_HOSTS": "id.example.com"},
        {"CI": "true", "POOL_AS_CODE_ALLOWED_HOSTS": "db.example.org, *.EXAMPLE.com"},
    ],
    ids=str,
)
def test_a_store_that_is_allowed_is_met(environ: dict[str, str], far_shop: Shop, network: Network) -> None:
    """And the ones that are refused would have been called, and given the secret."""
    assert far_shop.pac("ids", environ=environ).exit_code == 0
    assert network.heard == [SECRET.encode()]


@pytest.mark.parametrize("how", ["--store", "POOL_AS_CODE_STORE"])
def test_a_store_that_is_chosen_by_hand_is_judged_as_well(how: str, far_shop: Shop, network: Network) -> None:
    url = "far://id.example.com/shop"
    (far_shop.root / "pool-as-code.yaml").write_text(PROJECT)
    arguments = ["ids", "--store", url] if how == "--store" else ["ids"]
    environ = {"CI": "1"} if how == "--store" else {"CI": "1", how: url}
    assert far_shop.pac(*arguments, environ=environ).exit_code == 4
    assert network.heard == []
    assert far_shop.pac(*arguments, environ={**environ, "CI": ""}).exit_code == 0


def test_the_host_is_judged_before_the_scheme_is_looked_for(shop: Shop) -> None:
    refused = shop.pac("plan", "--store", "secureauth+https://id.example.com/shop", environ={"CI": "1"})
    assert refused.exit_code == 4
    assert refused.output.splitlines()[0].endswith("store secureauth+https://id.example.com/shop, tenant shop")
    unknown = shop.pac("plan", "--store", "nothing://id.example.com/shop")
    assert (unknown.exit_code, "unknown store scheme" in unknown.output) == (1, True)


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("secureauth+https://good.example@evil@x/shop", "PAC353", "more than one @"),
        ("secureauth+https://good.example\\@evil.example/shop", "PAC353", "backslash"),
        ("secureauth+http://id.example.com/shop", "PAC354", "POOL_AS_CODE_ALLOWED_HOSTS=http://id.example.com\n"),
        ("far://good.example@id.evil.example/shop", "PAC350", "the store is on id.evil.example,"),
        ("far://good.example:99/shop", "PAC350", "good.example:99"),
    ],
)
def test_tricks_with_urls_are_told_for_what_they_are(
    url: str, code: str, said: str, shop: Shop, network: Network
) -> None:
    environ = {"POOL_AS_CODE_ALLOWED_HOSTS": "good.example:443"}
    done = shop.pac("plan", "--store", url, environ=environ)
    assert done.exit_code == 4
    assert code in done.output
    assert said in done.output
    assert network.heard == []


def test_a_list_that_can_not_be_read_allows_nothing(far_shop: Shop, network: Network) -> None:
    done = far_shop.pac("plan", environ={"POOL_AS_CODE_ALLOWED_HOSTS": "id.example.com,https://other"})
    assert (done.exit_code, network.heard) == (4, [])
    assert "PAC352" in done.output
    assert "https://other" in done.output


def test_this_machine_and_files_need_no_list(shop: Shop, network: Network) -> None:
    assert shop.pac("plan", environ={"CI": "1"}).exit_code == 0
    shop.environ["POOL_AS_CODE_CLIENT_SECRET"] = SECRET
    assert shop.pac("ids", "--store", "far://localhost/shop", environ={"CI": "1"}).exit_code == 0
    assert network.heard == [SECRET.encode()]


def test_nobody_is_asked_for_a_password_that_would_go_to_a_strange_host(shop: Shop) -> None:
    def ask() -> str:
        raise AssertionError("somebody was asked")

    request = Request(cwd=shop.root, store="far://id.example.com/shop", environ={"CI": "1"})
    with pytest.raises(Refused):
        verify(request, "customers/ada", ask, lambda line: None)


def test_no_secret_is_looked_at_before_the_host_is_known(far_shop: Shop) -> None:
    class Watched(dict[str, str]):
        """An environment that remembers what was looked at."""

        def __init__(self) -> None:
            super().__init__({"CI": "1", "ADA_PASSWORD": "x", "POOL_AS_CODE_CLIENT_SECRET": SECRET})
            self.seen: set[str] = set()

        def get(self, key: str, default: Any = None) -> Any:
            self.seen.add(key)
            return super().get(key, default)

        def __getitem__(self, key: str) -> str:
            self.seen.add(key)
            return super().__getitem__(key)

    environ = Watched()
    far_shop.write(POOL, GROUP, ADA, project=(far_shop.root / "pool-as-code.yaml").read_text())
    with pytest.raises(Refused):
        make_plan(Request(cwd=far_shop.root, environ=environ), PlanOptions(), lambda line: None)
    assert environ.seen == {"CI", "POOL_AS_CODE_ALLOWED_HOSTS", "POOL_AS_CODE_ALLOW_COMMANDS"}
