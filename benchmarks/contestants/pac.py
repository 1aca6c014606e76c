"""The product: a project with one pool, a schema, two groups and the users in files of a thousand, and an embedded directory."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from ..contest import Job, Phase
from ..population import Person, changed_count, people

NAME = "pac"
_USERS_A_FILE = 1_000
_PROJECT = """\
apiVersion: pool-as-code/v1
kind: Project
id: p-bench00000000000
name: Benchmark
manifests: [manifests]
"""
_POOL = """\
apiVersion: pool-as-code/v1
kind: Schema
metadata: {name: customer-profile}
spec:
  displayName: Customer profile
  schema:
    type: object
    properties:
      first_name: {type: string, minLength: 1}
      last_name: {type: string, minLength: 1}
      city: {type: string}
      locale: {type: string}
      born: {type: integer}
      phone: {type: string, pattern: '^\\+[1-9][0-9]{6,14}$'}
    required: [first_name, last_name]
---
apiVersion: pool-as-code/v1
kind: IdentityPool
metadata: {name: customers}
spec:
  displayName: Customers
  signIn: {identifiersIgnoreCase: true}
  schemas: {profile: customer-profile}
---
apiVersion: pool-as-code/v1
kind: Group
metadata: {name: staff, pool: customers}
spec: {displayName: Staff}
---
apiVersion: pool-as-code/v1
kind: Group
metadata: {name: support, pool: customers, parent: staff}
spec: {displayName: Support}
"""


def command_of(name: str = NAME) -> str:
    """A console script of the environment that runs this."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else name


def clean_environ() -> dict[str, str]:
    """The environment without what would change the product's choices, put another source in the place of the installed one
    (whose figures would then be told as this revision's), or keep Python from keeping compiled modules."""
    unusual = (
        "POOL_AS_CODE_",
        "PAC_",
        "PYTHONPATH",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONUNBUFFERED",
        "PYTHONWARNINGS",
        "PYTHONDEVMODE",
    )
    return {name: value for name, value in os.environ.items() if not name.startswith(unusual)}


class Pac:
    """`pac` on a number of users, in a folder of its own."""

    name = NAME

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self.manifests = folder / "manifests"
        self.database = folder / ".pool-as-code" / "directory.db"
        self._environ: Mapping[str, str] = clean_environ()
        self._changed = False
        self.manifests.mkdir(parents=True)
        (folder / "pool-as-code.yaml").write_text(_PROJECT, "utf-8")
        (self.manifests / "pool.yaml").write_text(_POOL, "utf-8")
        self._write_users(changed=False)

    def ready(self, phase: Phase) -> Job:
        """A fresh directory before all that begins with none."""
        if phase in (Phase.PLAN_NEW, Phase.APPLY_NEW):
            shutil.rmtree(self.database.parent, ignore_errors=True)
        if phase is Phase.PLAN_CHANGED and not self._changed:
            self._write_users(changed=True)
        changes = changed_count(self.size)
        match phase:
            case Phase.VALIDATE:
                return self._job("validate", says=f"{self.size:,} User")
            case Phase.PLAN_NEW:
                return self._job("plan", "--detailed-exitcode", code=2, says="to create")
            case Phase.APPLY_NEW:
                return self._job("apply", "--yes", says=f"{self.size + 4:,} applied")
            case Phase.PLAN_SAME:
                return self._job("plan", "--detailed-exitcode", says="Nothing to do")
            case Phase.PLAN_CHANGED:
                says = f"{changes:,} to change" if changes else "Nothing to do"
                return self._job("plan", "--detailed-exitcode", code=2 if changes else 0, says=says)

    @property
    def bytes_a_user(self) -> float:
        """Mean size of a user's document."""
        return sum(file.stat().st_size for file in self.manifests.glob("users-*.yaml")) / max(1, self.size)

    def _job(self, *arguments: str, code: int = 0, says: str = "") -> Job:
        return Job([command_of(), *arguments], self.folder, self._environ, code, says)

    def _write_users(self, *, changed: bool) -> None:
        everybody = people(self.size, changed=changed)
        number = 0
        while some := list(islice(everybody, _USERS_A_FILE)):
            text = "---\n".join(map(document, some))
            (self.manifests / f"users-{number:04d}.yaml").write_text(text, "utf-8")
            number += 1
        self._changed = changed


def document(person: Person) -> str:
    """A user's manifest, as a person would write it."""
    phone = f', phone: "{person.phone}"' if person.phone else ""
    groups = f"  groups: [{person.group}]\n" if person.group else ""
    return (
        "apiVersion: pool-as-code/v1\n"
        "kind: User\n"
        f"metadata: {{name: {person.name}, pool: customers}}\n"
        "spec:\n"
        f"  status: {person.status}\n"
        f"  identifiers: [{{email: {person.email}}}, {{uid: {person.name}}}]\n"
        f"  addresses: [{{email: {person.email}, verified: true}}]\n"
        f"  profile: {{first_name: {_scalar(person.first_name)}, last_name: {_scalar(person.last_name)}, "
        f"city: {_scalar(person.city)}, locale: {person.locale}, born: {person.born}{phone}}}\n"
        f"  administrative: {{tier: {person.tier}}}\n"
        f"{groups}"
    )


def _scalar(text: str) -> str:
    return text if text.isalnum() else json.dumps(text, ensure_ascii=False)
