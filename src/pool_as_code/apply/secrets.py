"""Resolving secrets: exactly those that the creates of a plan need, once, before the first write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..core.address import Address
from ..core.diagnostics import Diagnostic
from ..core.errors import InvalidInput
from ..core.secrets import Secret, SecretRef, is_reserved
from ..core.values import JsonValue, canonical
from ..plan.model import Action, Change


@dataclass(frozen=True)
class Sources:
    """Where secrets may come from. `allow_commands` is switched on outside the repository only."""

    environ: Mapping[str, str]
    root: Path
    secrets_dir: Path | None = None
    allow_commands: bool = False
    _known: dict[SecretRef, Secret] = field(default_factory=dict)

    def resolve(self, reference: SecretRef) -> Secret:
        """The secret of a reference, read once. Raises ValueError with a sentence that never holds a secret."""
        if reference not in self._known:
            self._known[reference] = Secret(self._read(reference))
        return self._known[reference]

    def _read(self, reference: SecretRef) -> str:
        match reference.source:
            case "fromEnv":
                return self._from_env(reference.name)
            case "fromFile":
                return self._from_file(reference.name)
            case "fromCommand":
                return self._from_command(reference.name)
        raise ValueError(f"{reference.source} is no source of secrets")

    def _from_env(self, name: str) -> str:
        if is_reserved(name):
            raise ValueError(f"{name} holds the tool's own settings and can not be a user's secret")
        value = self.environ.get(name)
        if not value:
            raise ValueError(f"the environment variable {name} is {'empty' if value == '' else 'not set'}")
        return value

    def _from_file(self, name: str) -> str:
        from .secret_sources import read_secret_file

        return read_secret_file((self.root, *([self.secrets_dir] if self.secrets_dir else [])), name)

    def _from_command(self, command: str) -> str:
        if not self.allow_commands:
            raise ValueError("commands are switched off")
        from .secret_sources import run_secret_command

        return run_secret_command(command, self.root, self.environ)


def resolve_all(
    changes: Iterable[Change],
    sources: Sources,
    literal: Callable[[Address, str], JsonValue],
) -> dict[Address, dict[str, Secret]]:
    """Address -> field path text -> secret, for every create. `literal(address, field)` gives a hash that stands in a
    manifest. Raises InvalidInput with everything that is missing, before anything was written."""
    found: dict[Address, dict[str, Secret]] = {}
    problems: list[Diagnostic] = []
    for change in changes:
        if change.action is not Action.CREATE or not change.secrets:
            continue
        for name, text in change.secrets.items():
            try:
                secret = _secret_of(change, name, text, sources, literal)
            except ValueError as error:
                problems.append(_unresolved(change, name, text, str(error)))
                continue
            found.setdefault(change.address, {})[name] = secret
    if problems:
        raise InvalidInput("secrets are missing; nothing was written", problems)
    return found


def _secret_of(
    change: Change, name: str, text: str, sources: Sources, literal: Callable[[Address, str], JsonValue]
) -> Secret:
    if text != "manifest":
        source, _, where = text.partition(":")
        return sources.resolve(SecretRef(source, where))
    value = literal(change.address, name)
    if value is None:
        raise ValueError("the manifest that holds the hash is not there any more")
    return Secret(value if isinstance(value, str) else canonical(value).decode())


def _unresolved(change: Change, name: str, text: str, why: str) -> Diagnostic:
    source, _, where = text.partition(":")
    hints = {
        "fromEnv": f"set it: export {where}=...",
        "fromFile": "write the secret into that file, readable by you alone",
        "fromCommand": "set POOL_AS_CODE_ALLOW_COMMANDS=1 outside the repository, or use fromEnv",
    }
    return Diagnostic(
        "PAC320",
        f"{name} of {change.address} can not be resolved",
        detail=why,
        hint=hints.get(source, "apply from the project folder"),
        address=str(change.address),
    )
