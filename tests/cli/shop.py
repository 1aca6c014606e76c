"""A small project in a temporary folder and a command line in it, for the tests of commands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner, Result

from pool_as_code.cli.root import root

PASSWORD = "Correct-horse-9-battery"
PROJECT = """\
apiVersion: pool-as-code/v1
kind: Project
id: p-0123456789abcdef
name: shop
manifests: [manifests]
"""
POOL = """\
apiVersion: pool-as-code/v1
kind: IdentityPool
metadata: {name: customers}
spec:
  displayName: Customers
  passwordPolicy: {minLength: 12}
"""
GROUP = """\
apiVersion: pool-as-code/v1
kind: Group
metadata: {name: support, pool: customers}
spec: {displayName: Support}
"""
ADA = """\
apiVersion: pool-as-code/v1
kind: User
metadata: {name: ada, pool: customers}
spec:
  status: active
  identifiers: [{email: ada@example.com}]
  profile: {first_name: Augusta}
  groups: [support]
  password: {initial: {fromEnv: ADA_PASSWORD}}
"""
QUIET = dict.fromkeys(("NO_COLOR", "CI", "POOL_AS_CODE_STORE", "POOL_AS_CODE_ENV"))


@dataclass
class Shop:
    """A project folder. `pac(...)` runs a command line in it."""

    root: Path
    environ: dict[str, str | None] = field(default_factory=lambda: {**QUIET, "ADA_PASSWORD": PASSWORD, "COLUMNS": "80"})

    def write(self, *documents: str, project: str = PROJECT) -> Shop:
        """The manifests become these documents."""
        (self.root / "manifests").mkdir(exist_ok=True)
        (self.root / "pool-as-code.yaml").write_text(project)
        (self.root / "manifests" / "all.yaml").write_text("---\n".join(documents))
        return self

    def pac(
        self, *arguments: str, input: str | bytes | None = None, environ: Mapping[str, str] | None = None
    ) -> Result:
        """Run `pac` with these arguments in the project's folder."""
        before = Path.cwd()
        os.chdir(self.root)
        try:
            return CliRunner(env={**self.environ, **(environ or {})}).invoke(root, list(arguments), input=input)
        finally:
            os.chdir(before)
