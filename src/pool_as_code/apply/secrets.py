"""Resolving secrets: exactly those that the creates of a plan need, once, before the first write."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..core.address import Address
from ..core.diagnostics import Diagnostic
from ..core.errors import InvalidInput
from ..core.secrets import Secret, SecretRef
from ..core.values import JsonValue, canonical
from ..plan.model import Action, Change

RESERVED = "POOL_AS_CODE_"
COMMAND_SECONDS = 30


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
        if name.upper().startswith(RESERVED):
            raise ValueError(f"{name} holds the tool's own settings and can not be a user's secret")
        value = self.environ.get(name)
        if not value:
            raise ValueError(f"the environment variable {name} is {'empty' if value == '' else 'not set'}")
        return value

    def _from_file(self, name: str) -> str:
        for base in (self.root, self.secrets_dir):
            if base is None:
                continue
            path = (base / name).resolve()
            if not path.is_relative_to(base.resolve()):
                continue
            try:
                text = path.read_text("utf-8")
            except FileNotFoundError:
                continue
            except (OSError, UnicodeDecodeError) as error:
                raise ValueError(f"the file {name} can not be read ({type(error).__name__})") from None
            text = text.removesuffix("\n").removesuffix("\r")
            if not text:
                raise ValueError(f"the file {name} is empty")
            return text
        raise ValueError(f"there is no file {name} below the project or the secrets folder")

    def _from_command(self, command: str) -> str:
        if not self.allow_commands:
            raise ValueError("commands are switched off")
        try:
            done = subprocess.run(
                command, shell=True, cwd=self.root, capture_output=True, timeout=COMMAND_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise ValueError(f"the command took longer than {COMMAND_SECONDS} s") from None
        if done.returncode != 0:
            raise ValueError(f"the command ended with {done.returncode}")
        text = done.stdout.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
        if not text:
            raise ValueError("the command printed nothing")
        return text


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
