"""The store that is the embedded directory itself: the engine's words in, the directory's rooms do the work.

No rule stands here: what a directory refuses, it refuses in its own room, for every face alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING

from ..core.capabilities import Capabilities
from ..core.errors import Conflict, StoreError
from ..core.values import JsonMap
from ..directory import containers, groups, pools, rows, schemas, users
from ..directory.directory import Directory
from ..directory.rows import Row
from ..directory.starting import NewUser
from ..resources.live import Observed
from . import sql_read
from .base import Body, FieldWrite, Handle, Outcome, Prepared, Recorder, Scope
from .sql_ledger import SqlLedger

if TYPE_CHECKING:
    from ..directory.sign_in import SignIn

NEW = "new"
"""The fingerprint of a directory that does not exist or holds nothing yet."""

_KINDS = frozenset(rows.TABLES)


class SqlStore:
    """A store over one embedded directory."""

    def __init__(self, directory: Directory, url: str) -> None:
        self.directory = directory
        self.url = url
        self.capabilities = Capabilities(
            kinds=_KINDS,
            transactional=True,
            revisions=_KINDS,
            batch=directory.db.batch,
            read_only=directory.db.read_only,
        )
        self._ledger = SqlLedger(directory)

    @property
    def ledger(self) -> SqlLedger:
        """Ownership, lease and runs."""
        return self._ledger

    def fingerprint(self) -> str:
        """The directory's UUID, `new` while nothing is in it but its own schemas."""
        if self._empty():
            return NEW
        return str(self.directory.db.value("SELECT value FROM meta WHERE name = 'fingerprint'"))

    def written_only_by(self, plan_digest: str) -> bool:
        """Whether the directory holds nothing but what runs of this plan wrote.

        Who changes an object leaves a mark in the same transaction: the run, or, outside of runs, the directory for ever.
        """
        if self._empty():
            return True
        db = self.directory.db
        if db.value("SELECT 1 FROM meta WHERE name = 'touched'"):
            return False
        return not db.value("SELECT 1 FROM runs WHERE wrote = 1 AND plan_digest <> ? LIMIT 1", plan_digest)

    def read(self, scope: Scope) -> list[Observed]:
        """The objects of a scope: a fixed number of queries, however many objects."""
        return sql_read.read(self.directory.db, scope)

    def count(self, kind: str, pools: frozenset[str] | None = None) -> int:
        """How many objects of a kind live there (in these pools)."""
        return sql_read.count(self.directory.db, kind, pools)

    def members(self, pool_id: str) -> JsonMap:
        """How many users and groups a pool has."""
        db = self.directory.db
        found = db.row(
            f"SELECT count(*), sum(CASE WHEN {db.dialect.inside('u.document', 'spec', 'userType')} = 'jit' THEN 1 ELSE 0 END),"
            " count(o.remote_id), (SELECT count(*) FROM user_groups WHERE pool_id = ?) FROM users u"
            " LEFT JOIN ownership o ON o.kind = 'user' AND o.remote_id = u.id WHERE u.pool_id = ?",
            *(pool_id, pool_id),
        )
        total, jit, owned, grouped = found or (0, 0, 0, 0)
        return {"total": total, "standard": total - (jit or 0), "jit": jit or 0, "owned": owned, "groups": grouped}

    def prepare(self, bodies: Sequence[Body], pools: Mapping[str, JsonMap]) -> list[Prepared]:
        """Bodies whose clear passwords have become hashes, on every core; what the pool refuses is told. Writes nothing
        but, where a secret will be sealed or a code digested, the directory's key."""
        from ..directory import passwords

        with_secrets = [body for body in bodies if body.kind == "user" and body.secrets]
        if any("totp.secret" in body.secrets for body in with_secrets):
            self.directory.keys(make=True)
        made = passwords.prepare(self.directory, [_new_user(body) for body in with_secrets], pools)
        found: dict[int, NewUser | StoreError] = dict(zip(map(id, with_secrets), made, strict=True))
        return [_prepared(body, found.get(id(body))) for body in bodies]

    def create(self, body: Body) -> Observed:
        """Make an object."""
        directory = self.directory
        match body.kind:
            case "workspace" | "organization":
                made = containers.create(directory, body.kind, body.id, body.metadata, body.spec)
            case "schema":
                made = schemas.create(directory, body.id, body.metadata, body.spec)
            case "pool":
                made = pools.create(directory, body.id, body.metadata, body.spec)
            case "group":
                made = groups.create(directory, body.id, body.pool_id, body.metadata, body.spec)
            case "user":
                made = users.create(directory, _new_user(body))
            case _:
                raise ValueError(f"no kind {body.kind!r}")
        return self._with_owner(made)

    def create_many(self, bodies: Sequence[Body], record: Recorder | None = None) -> list[Outcome]:
        """Make objects of one kind; the outcome of each, in order, without owners."""
        if bodies and bodies[0].kind == "user":
            return self._create_users(bodies, record)
        with self.directory.change():
            if record is not None:
                with suppress(Conflict), self.directory.db.atomic():
                    outcomes = [self._outcome(body) for body in bodies]
                    made = enumerate(one.observed for one in outcomes)
                    self._ledger.put([record(index, observed) for index, observed in made if observed is not None])
                    return outcomes
            return [self._outcome(body, index, record) for index, body in enumerate(bodies)]

    def _outcome(self, body: Body, index: int = 0, record: Recorder | None = None) -> Outcome:
        try:
            if record is None:
                return Outcome(self.create(body))
            with self.directory.db.atomic():
                made = self.create(body)
                self._ledger.put([record(index, made)])
                return Outcome(made)
        except StoreError as error:
            return Outcome(error=error)

    def _create_users(self, bodies: Sequence[Body], record: Recorder | None) -> list[Outcome]:
        made: dict[int, Observed] = {}

        def along(first: int, found: Sequence[Row | StoreError]) -> None:
            records = []
            for index, one in enumerate(found, first):
                if not isinstance(one, StoreError):
                    observed = made[index] = _observed(one)
                    if record is not None:
                        records.append(record(index, observed))
            if records:
                self._ledger.put_new(records)

        found = users.create_many(self.directory, map(_new_user, bodies), along)
        return [
            Outcome(error=one) if isinstance(one, StoreError) else Outcome(made[index])
            for index, one in enumerate(found)
        ]

    def update(self, current: Handle, writes: Sequence[FieldWrite]) -> Observed:
        """Write these fields of a live object and leave all others."""
        directory, (kind, id, pool_id, revision) = self.directory, current
        match kind:
            case "workspace" | "organization":
                made = containers.update(directory, kind, id, writes, revision=revision)
            case "schema":
                made = schemas.update(directory, id, writes, revision=revision)
            case "pool":
                made = pools.update(directory, id, writes, revision=revision)
            case "group":
                made = groups.update(directory, id, pool_id, writes, revision=revision)
            case "user":
                made = users.update(directory, id, pool_id, writes, revision=revision)
            case _:
                raise ValueError(f"no kind {kind!r}")
        return self._with_owner(made)

    def delete(self, current: Handle) -> None:
        """Delete an object; a pool with its users and groups."""
        directory, (kind, id, pool_id, revision) = self.directory, current
        match kind:
            case "workspace" | "organization":
                containers.delete(directory, kind, id, revision=revision)
            case "schema":
                schemas.delete(directory, id, revision=revision)
            case "pool":
                pools.delete(directory, id, revision=revision)
            case "group":
                groups.delete(directory, id, pool_id, revision=revision)
            case "user":
                users.delete(directory, id, pool_id, revision=revision)
            case _:
                raise ValueError(f"no kind {kind!r}")

    def exists(self, kind: str, id: str) -> bool:
        """Whether an object is there."""
        return rows.find(self.directory.db, kind, id) is not None

    def verify_password(
        self,
        pool_id: str,
        password: str,
        *,
        user_id: str | None = None,
        identifier: str | None = None,
        consume: bool = False,
    ) -> SignIn:
        """Whether a password signs a user in. Looks only, unless `consume`: then it is a sign-in, and one that is good once
        is used up. Raises NotFound for a pool that is not there."""
        from ..directory import sign_in

        return sign_in.verify(
            self.directory, pool_id, password, user_id=user_id or "", identifier=identifier or "", consume=consume
        )

    def transaction(self) -> AbstractContextManager[None]:
        """All writes inside happen together or not at all."""
        return self.directory.db.atomic()

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo only what happened inside when an error leaves the block."""
        return self.directory.db.atomic()

    def close(self) -> None:
        """Let go of the database. Harmless twice."""
        self.directory.close()

    def _empty(self) -> bool:
        if not self.directory.db.exists:
            return True
        inside = self.directory.db.dialect.inside
        return not self.directory.db.value(
            "SELECT EXISTS (SELECT 1 FROM containers) OR EXISTS (SELECT 1 FROM pools)"
            " OR EXISTS (SELECT 1 FROM ownership)"
            f" OR EXISTS (SELECT 1 FROM schemas WHERE {inside('document', 'metadata', 'system')} IS NULL)"
        )

    def _with_owner(self, row: Row) -> Observed:
        observed = _observed(row)
        observed.owner = self._ledger.foreign(row.kind, row.id)
        return observed


def _new_user(body: Body) -> NewUser:
    return NewUser(body.id, body.pool_id, body.spec, body.secrets)


def _prepared(body: Body, made: NewUser | StoreError | None) -> Prepared:
    if made is None:
        return Prepared(body)
    if isinstance(made, StoreError):
        return Prepared(body, made)
    return Prepared(body._replace(secrets=made.secrets))


def _observed(row: Row) -> Observed:
    return Observed(row.kind, row.id, row.document.encode(), pool_id=row.pool_id, revision=str(row.revision))
