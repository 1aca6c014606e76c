"""What must hold of the users of a pool among themselves and against its schemas: identifiers and verified addresses held
once, attribute maps that fit, secrets that may be read, hashes that can be verified. No message shows a value of a user."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..core.address import Address
from ..core.secrets import SecretRef, is_closed
from ..core.values import JsonMap, JsonValue, as_list, as_map
from ..resources.kind import Problem
from ..resources.pool import ROLES
from ..resources.rules import AttributeCheck, attribute_check, fold
from ..resources.state import Origin, Resource
from ..resources.user import ADDRESS_TYPES
from .annotations import Path
from .place import Placed

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_NOWHERE = Origin("", 0)
_LEAVING = ("absent", "released")


class _Pool:
    """What is needed of a pool to judge its users, and what they hold."""

    __slots__ = ("addresses", "checks", "identifiers", "ignore_case")

    def __init__(self, ignore_case: bool, checks: dict[str, AttributeCheck]) -> None:
        self.ignore_case = ignore_case
        self.checks = checks  # of the roles whose schema is declared
        self.identifiers: dict[str, tuple[Resource, int]] = {}
        self.addresses: dict[str, tuple[Resource, int]] = {}


class UserChecks:
    """Judges users one after the other; remembers what they hold."""

    def __init__(self, world: Mapping[Address, Resource], *, commands: bool) -> None:
        self._world = world
        self._commands = commands
        self._pools: dict[str, _Pool] = {}
        self._schemas: dict[str, AttributeCheck | None] = {}

    def remember(self, user: Resource) -> None:
        """A user that is not judged itself."""
        self._held_once(user, self._pool(user.metadata["pool"]))

    def check(self, user: Resource) -> list[Placed]:
        """Every problem of one user."""
        spec = user.spec
        pool = self._pool(user.metadata["pool"])
        found: list[Placed] = []
        if user.metadata.get("state") not in _LEAVING:
            found = self._held_once(user, pool)
            checks = self._own_checks(spec, pool) if "schemas" in spec else pool.checks
            for role, check in checks.items():
                values = spec.get(role)
                if isinstance(values, dict):
                    if None in values.values():
                        values = {key: value for key, value in values.items() if value is not None}
                    if not check.fits(values):
                        found += _misfits(user, role, check, values)
        if "password" in spec or "totp" in spec:
            found += self._secrets(user)
        return found

    def _pool(self, named: JsonValue) -> _Pool:
        name = str(named)
        pool = self._pools.get(name)
        if pool is None:
            declared = self._world.get(Address("pool", name))
            spec = declared.spec if declared is not None else {}
            ignore_case = as_map(spec.get("signIn")).get("identifiersIgnoreCase") is True
            pool = self._pools[name] = _Pool(ignore_case, self._checks(as_map(spec.get("schemas"))))
        return pool

    # -- attributes

    def _own_checks(self, spec: JsonMap, pool: _Pool) -> dict[str, AttributeCheck]:
        own = as_map(spec["schemas"])
        inherited = {role: check for role, check in pool.checks.items() if role not in own}
        return {**inherited, **self._checks(own)}

    def _checks(self, schemas: JsonMap) -> dict[str, AttributeCheck]:
        found: dict[str, AttributeCheck] = {}
        for role in ROLES:
            schema = self._world.get(Address("schema", str(schemas.get(role))))
            check = self.check_of(schema) if schema is not None else None
            if check is not None:
                found[role] = check
        return found

    def check_of(self, schema: Resource) -> AttributeCheck | None:
        """The check of a declared schema, None when it can not be made."""
        name = schema.address.path
        if name not in self._schemas:
            try:
                self._schemas[name] = attribute_check(as_map(schema.spec.get("schema", {"type": "object"})))
            except Exception:  # whatever the two libraries think of a schema that people wrote
                self._schemas[name] = None
        return self._schemas[name]

    # -- what only one user of a pool may hold

    def _held_once(self, user: Resource, pool: _Pool) -> list[Placed]:
        spec = user.spec
        found: list[Placed] = []
        if "identifiers" in spec:
            ignore_case, held = pool.ignore_case, pool.identifiers
            for index, member in enumerate(as_list(spec["identifiers"])):
                for word, value in as_map(member).items():
                    if word != "metadata":
                        first = held.setdefault(fold(str(value), ignore_case=ignore_case), (user, index))
                        if first[0] is not user:
                            path = ("spec", "identifiers", index, word)
                            found.append(_held_twice(user, path, "PAC228", "identifier", first))
        if "addresses" in spec:
            for index, member in enumerate(as_list(spec["addresses"])):
                found += self._verified_once(user, pool, index, as_map(member))
        return found

    @staticmethod
    def _verified_once(user: Resource, pool: _Pool, index: int, address: JsonMap) -> Iterator[Placed]:
        for word in ADDRESS_TYPES:
            if word in address and address.get("verified") is True:
                key = fold(str(address[word]), ignore_case=True)  # mailboxes ignore case
                first = pool.addresses.setdefault(key, (user, index))
                if first[0] is not user:
                    yield _held_twice(user, ("spec", "addresses", index, word), "PAC229", "verified address", first)

    # -- secrets

    def _secrets(self, user: Resource) -> Iterator[Placed]:
        password, totp = as_map(user.spec.get("password")), as_map(user.spec.get("totp"))
        sources: list[tuple[Path, JsonValue]] = [
            (("spec", "password", "initial"), password.get("initial")),
            (("spec", "totp", "secret"), totp.get("secret")),
        ]
        stored = password.get("hash")
        if SecretRef.from_json(stored) is not None:
            sources.append((("spec", "password", "hash"), stored))
        elif stored is not None:
            yield from (_placed(user, problem) for problem in _hash_problems(stored))
        for path, source in sources:
            reference = SecretRef.from_json(source)
            if reference is not None:
                for problem in _source_problems(path, reference, commands=self._commands):
                    yield _placed(user, problem)


def _placed(user: Resource, problem: Problem) -> Placed:
    return Placed(user.origin or _NOWHERE, problem, str(user.address))


def _held_twice(user: Resource, path: Path, code: str, what: str, first: tuple[Resource, int]) -> Placed:
    other, index = first
    problem = Problem(
        path,
        code,
        f"{other.address} has the same {what}",
        f"one pool has each {what} once, whatever its type"
        if what == "identifier"
        else f"one pool has each {what} once",
        "correct it, or remove it from one of the two",
    )
    place = ("the other one stands at", other.origin or _NOWHERE, (*path[:2], index))
    return Placed(user.origin or _NOWHERE, problem, str(user.address), place)


def _misfits(user: Resource, role: str, check: AttributeCheck, values: JsonMap) -> Iterator[Placed]:
    for misfit in check.problems(values):
        yield _placed(
            user,
            Problem(
                ("spec", role, *misfit.path),
                "PAC254",
                f"{role} does not fit its schema: {misfit.summary}",
                hint=f"correct {role}, or the schema",
            ),
        )


def _hash_problems(stored: JsonValue) -> Iterator[Problem]:
    from ..resources.foreign_hashes import read_hash
    from ..resources.hash_configs import UnsupportedHash

    try:
        read_hash(stored)
    except UnsupportedHash as refused:
        hint = refused.hint or "take it unshortened from where it was stored"
        yield Problem(("spec", "password", "hash"), "PAC247", f"the hash can not be used: {refused.reason}", "", hint)


def _source_problems(path: Path, reference: SecretRef, *, commands: bool) -> Iterator[Problem]:
    here = (*path, reference.source)
    if reference.source == "fromCommand" and not commands:
        yield Problem(
            here,
            "PAC246",
            "commands are switched off",
            "a manifest may not start programs unless whoever runs it says so",
            "use fromEnv or fromFile, or set POOL_AS_CODE_ALLOW_COMMANDS=1 where apply runs",
        )
    elif reference.source == "fromEnv" and not _VARIABLE.match(reference.name):
        yield Problem(
            here,
            "PAC248",
            "fromEnv needs the name of a variable: letters, digits and _",
            "the text found there is not shown; it might be the secret itself",
            "write the name of an environment variable",
        )
    elif reference.source == "fromFile" and is_closed(re.split(r"[/\\]", reference.name)):
        summary = "fromFile reads nothing in .git and .pool-as-code"
        detail = "such folders hold tokens of pipelines and keys of directories"
        yield Problem(here, "PAC360", summary, detail, "put the secret into a file of its own")
    elif reference.source == "fromFile" and (reason := _outside(reference.name)):
        yield Problem(here, "PAC249", f"fromFile {reason}", "", "name a file below the project or the secrets folder")


def _outside(name: str) -> str:
    """Why a path of a secret is not allowed."""
    if not name.strip() or "\x00" in name:
        return "needs the name of a file"
    if name.startswith(("/", "\\", "~")) or re.match("[A-Za-z]:", name):
        return "needs a path without a root"
    return "must stay below the project" if ".." in re.split(r"[/\\]", name) else ""
