"""The five stores on which every example is applied: in memory, a file, PostgreSQL, and the service's API over our own server on
a file and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from pool_as_code.stores.base import Store
from pool_as_code.stores.registry import BUILT_IN, open_store
from pool_as_code.stores.secureauth.store import SecureAuthStore
from tests.cli.shop import Shop
from tests.examples.projects import Example
from tests.house import LastingMemory
from tests.postgres import a_schema
from tests.server.site import TENANT, Asked
from tests.server.test_on_postgres import on_postgres
from tests.stores.secureauth.served import store_over

NAMES = ("memory", "sqlite", "postgresql", "http over sqlite", "http over postgresql")
SITES: dict[str, Asked] = {}
"""URL of a store -> the site that answers it."""


@dataclass
class Place:
    """One store. `url` is that of the next project, in which nothing is."""

    name: str
    server: str = ""
    site: Asked | None = None
    url: str = ""
    roots: list[Path] = field(default_factory=list)

    def empty(self) -> None:
        """A store for another project."""
        match self.name:
            case "memory":
                self.url = "memory:"
            case "sqlite":
                self.url = "sqlite:///.pool-as-code/every.db"
            case "postgresql":
                self.url = a_schema(self.server)
            case _:
                assert self.site is not None
                self.site.empty()

    def ready(self, shop: Shop) -> None:
        """What has to be there before the project: its dump, where it takes one over, and what the store does not make."""
        self.roots.append(shop.root)
        dump = shop.root / "tenant.yaml"
        if self.site is None:
            if dump.exists():
                assert shop.pac("load", "tenant.yaml", "--store", self.url).exit_code == 0
            return
        if dump.exists():
            answer = self.site.ask("PUT", "/configuration", yaml.safe_load(dump.read_text()))
            assert answer.status_code < 300, answer.text
        for body in workspaces(shop):
            answer = self.site.ask("POST", f"/api/admin/{TENANT}/servers", body)
            assert answer.status_code == 201, answer.text

    def opened(self, shop: Shop) -> Store:
        """The store itself, to be closed by who asked for it."""
        return open_store(self.url, read_only=True, root=shop.root, environ={})

    def verifies(self, shop: Shop, example: Example, pool_id: str, identifier: str, password: str) -> bool:
        """Whether a password signs in: asked of the served API, or of the store where it is not served."""
        if self.site is None:
            where = (*example.environment, "--store", self.url)
            done = shop.pac("users", "verify", f"{pool_id}/{identifier}", *where, input=password)
            return done.exit_code == 0
        body = {"identifier": identifier, "password": password}
        answer = self.site.post(f"/pools/{pool_id}/user/password/v2/verify", body, 200)
        return bool(answer["result"] == "password_correct")


def workspaces(shop: Shop) -> Iterator[dict[str, Any]]:
    """What an administrator of the service makes in the console, from the manifests."""
    for path in sorted(shop.root.rglob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            if document and document.get("kind") == "Workspace":
                spec = document.get("spec") or {}
                yield {"id": document["metadata"]["name"], "name": spec.get("displayName", "")}


@contextmanager
def place(name: str, folder: Path, server: str) -> Iterator[Place]:
    """One of `NAMES`; what it started ends with the block."""
    there = Place(name, server)
    with pytest.MonkeyPatch.context() as patch:
        for scheme, opening in (
            ("memory", "tests.house:open_lasting_memory"),
            ("sqlite", "tests.house:open_cheap"),
            ("postgresql", "tests.house:open_cheap_postgres"),
            ("secureauth+http", "tests.examples.places:open_served"),
        ):
            patch.setitem(BUILT_IN, scheme, opening)
        if not name.startswith("http"):
            yield there
        else:
            asked = Asked(database=folder / "served.db") if "sqlite" in name else on_postgres(a_schema(server))
            there.url = f"secureauth+http://localhost/{TENANT}"
            with asked as site:
                there.site = SITES[there.url] = site
                yield there
            SITES.clear()
    for root in there.roots:
        LastingMemory.forget(root)


def open_served(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> SecureAuthStore:
    """The store whose requests our server answers."""
    site = SITES[url]
    return store_over(site, site.clock, read_only=read_only)


def tree(shop: Shop, folder: str) -> dict[str, list[Any]]:
    """Path -> documents, of pulled files."""
    root = shop.root / folder
    return {
        str(path.relative_to(root)): list(yaml.safe_load_all(path.read_text("utf-8")))
        for path in sorted(root.rglob("*.yaml"))
    }


def copied(example: Example, folder: Path, rows: int) -> Shop:
    """A copy of an example; of a long list of customers only so many, the odd ones among them."""
    shop = example.copy(folder)
    for path in shop.root.rglob("*.csv"):
        head, *lines = path.read_text("utf-8").splitlines(keepends=True)
        odd = [
            line
            for line in lines
            if not line.isascii() or '"' in line or "$" in line or not line.endswith(",standard,\n")
        ]
        plain = [line for line in lines if line not in odd]
        path.write_text("".join([head, *odd, *plain][: rows + 1]) if rows else "".join([head, *lines]), "utf-8")
    return shop
