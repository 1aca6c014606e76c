"""A small house for tests: a project in a temporary folder, planned and applied through the same use-cases as the command
line, on the embedded directory with cheap password hashing."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pool_as_code.app.applying import apply
from pool_as_code.app.drifting import Drift, find_drift
from pool_as_code.app.planning import make_plan
from pool_as_code.app.request import ApplyOptions, PlanOptions, Request
from pool_as_code.apply.report import Report
from pool_as_code.directory.hashing import TEST_PARAMETERS
from pool_as_code.directory.vault import KEY_VARIABLE
from pool_as_code.plan.model import Plan
from pool_as_code.stores.memory import MemoryStore
from pool_as_code.stores.postgres import PostgresStore
from pool_as_code.stores.sqlite import SqliteStore, path_of

from .documents import ENVIRON

PROJECT = "p-0123456789abcdef"


@dataclass
class House:
    """One project folder. `write` replaces all its manifests."""

    root: Path
    project: str = PROJECT
    store: str | None = None
    env: str | None = None
    base: str = ""
    environ: Mapping[str, str] = field(default_factory=lambda: dict(ENVIRON))
    told: list[str] = field(default_factory=list)

    def write(self, documents: Iterable[Any], *, extra: Mapping[str, Any] | None = None) -> House:
        """The project's manifests become these documents (JSON is YAML)."""
        folder = self.root / "manifests"
        folder.mkdir(parents=True, exist_ok=True)
        about = {"apiVersion": "pool-as-code/v1", "kind": "Project", "id": self.project, "name": "test"}
        (self.root / "pool-as-code.yaml").write_text(json.dumps({**about, "manifests": ["manifests"], **(extra or {})}))
        text = "\n---\n".join(json.dumps(document, ensure_ascii=False) for document in documents)
        (folder / "all.yaml").write_text(text + "\n", "utf-8")
        return self

    @property
    def request(self) -> Request:
        """What the use-cases are asked."""
        return Request(cwd=self.root, environ=dict(self.environ), store=self.store, env=self.env, base=self.base)

    @property
    def database(self) -> Path:
        """The file of the default store."""
        return self.root / ".pool-as-code" / "directory.db"

    def plan(self, **options: Any) -> Plan:
        """A plan of the manifests."""
        return make_plan(self.request, PlanOptions(**options), self.told.append).plan

    def apply(self, plan: Plan | None = None, **options: Any) -> Report:
        """An apply of the manifests, or of this plan."""
        return apply(self.request, ApplyOptions(**options), plan=plan, ask=lambda plan: True, tell=self.told.append)

    def drift(self) -> Drift:
        """What differs."""
        return find_drift(self.request, self.told.append)


def open_cheap(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> SqliteStore:
    """The SQLite store with hashing that takes microseconds."""
    return SqliteStore(
        path_of(url, root), url=url, read_only=read_only, environ=environ, hash_parameters=TEST_PARAMETERS
    )


def open_cheap_postgres(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> PostgresStore:
    """The PostgreSQL store with hashing that takes microseconds, and a key."""
    environ = {KEY_VARIABLE: b64encode(bytes(32)).decode(), **environ}
    return PostgresStore(url, read_only=read_only, environ=environ, hash_parameters=TEST_PARAMETERS)


class LastingMemory(MemoryStore):
    """A directory in memory that outlives the use-case which opened it."""

    made: ClassVar[dict[Path, LastingMemory]] = {}

    def close(self) -> None:
        """Stays for the next one; `forget` lets go of it."""

    @classmethod
    def forget(cls, root: Path) -> None:
        """Let go of a project's directory."""
        found = cls.made.pop(root, None)
        if found is not None:
            super(LastingMemory, found).close()


def open_lasting_memory(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> LastingMemory:
    """One directory in memory for each project."""
    if root not in LastingMemory.made:
        LastingMemory.made[root] = LastingMemory(hash_parameters=TEST_PARAMETERS)
    return LastingMemory.made[root]


def summary(plan: Plan) -> dict[str, str]:
    """Address -> action, for short assertions."""
    return {str(change.address): change.action.value for change in plan.changes}


def document(kind: str, metadata: dict[str, Any], **spec: Any) -> dict[str, Any]:
    """A manifest document."""
    return {"apiVersion": "pool-as-code/v1", "kind": kind, "metadata": metadata, "spec": spec}
