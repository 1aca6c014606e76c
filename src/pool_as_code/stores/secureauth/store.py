"""The store that is a tenant of the service: the contract of `stores/base.py` over its HTTP API. No request is written here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime, timedelta
from pathlib import Path

from ...core.address import Address
from ...core.capabilities import Capabilities
from ...core.clock import now
from ...core.diagnostics import Diagnostic
from ...core.errors import NotTried, Rejected, StoreError, Unavailable
from ...core.rights import Right
from ...core.secrets import Secret
from ...core.values import JsonMap, as_list, as_map
from ...resources.live import Observed, OwnerRecord
from ...resources.password_policy import check_password
from ...resources.user import identifier_key
from ..base import Body, FieldWrite, Handle, Intent, Outcome, Overfull, Owner, Prepared, Recorder, RunRecord, Scope
from .audit import DIRECTORY, AuditFolder, audit_folder
from .creating import Creating
from .expressing import (
    GUARDED,
    KINDS,
    NO_ADMIN,
    OWNERLESS,
    PRECONDITIONS,
    UNGUARDED,
    UNSUPPORTED,
    organizations_unread,
    records_of_another,
)
from .ledger import ServiceLedger
from .observing import Observing
from .parallel import Threads
from .rights import Rights
from .room import overfull
from .tenant import Tenant
from .transport import Transport, open_transport

BATCH = 1000
"""So many users are claimed, made and settled together: two writes of their pool for all of them."""


class SecureAuthStore:
    """A tenant of the service. What `diagnostics` holds is told by who asks for it."""

    def __init__(
        self,
        transport: Transport,
        url: str,
        *,
        clock: Callable[[], datetime] = now,
        audit: AuditFolder | None = None,
    ) -> None:
        self.url = url
        self._transport = transport
        self._threads = Threads(transport.stop, transport.hang_up)
        self._tenant = Tenant(transport, self._threads)
        self._ledger = _Ledger(self._tenant, lambda: clock() + timedelta(seconds=transport.service_clock.ahead), audit)
        self._observing = Observing(self._tenant, self._ledger, links=transport.has_admin)
        self._writing = Creating(self._tenant, self._ledger, self._observing)
        self._rights = Rights(self._tenant)
        self._ledger.at_end = self._writing.inviting.catch_up

    @property
    def capabilities(self) -> Capabilities:
        """What can be done here, as far as it is known: what its clients may not see is found out by reading."""
        unsupported = {word: dict(fields) for word, fields in UNSUPPORTED.items()}
        if not self._transport.has_admin:
            unsupported["pool"]["signInAt"] = NO_ADMIN
        elif self._observing.links_refused:
            unsupported["pool"]["signInAt"] = (
                f"{self._observing.links_refused}: where users may sign in is left as it is"
            )
        return Capabilities(
            kinds=KINDS,
            revisions=GUARDED - self._tenant.without_etag,
            unguarded=UNGUARDED,
            unsupported=unsupported,
            preconditions=PRECONDITIONS,
            ownerless=OWNERLESS,
            unread={"organization": self._tenant.unread} if self._tenant.unread else {},
            batch=BATCH,
            max_parallel=8,
            read_only=self._transport.read_only,
        )

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What has to be told beside results: messages to users that may not have arrived, what could not be read, and
        what could not be recorded."""
        unread = (organizations_unread(self._tenant.unread),) if self._observing.organizations_left_out else ()
        unkept = self._ledger.audit.problems if self._ledger.audit is not None else ()
        copied = [records_of_another(*home) for home in self._ledger.copied]
        return (*unread, *copied, *self._writing.inviting.left(), *unkept)

    @property
    def ledger(self) -> ServiceLedger:
        """Ownership and lease, in the metadata of pools and organizations."""
        return self._ledger

    def rights(self, intents: Sequence[Intent]) -> tuple[Right, ...]:
        """What these writes need of the clients, and whether they have it."""
        return self._rights.of(intents)

    def overfull(
        self, owner: Owner, steps: Sequence[OwnerRecord | Address], invited: Collection[tuple[str, str]]
    ) -> tuple[Overfull, ...]:
        """Where the records would find no room."""
        return overfull(self._ledger, self._tenant, owner, steps, invited)

    def fingerprint(self) -> str:
        """The id of the tenant."""
        return self._transport.place.tenant

    def written_only_by(self, plan_digest: str) -> bool:
        """Never known: a tenant is never new."""
        return False

    def read(self, scope: Scope) -> list[Observed]:
        """The objects of a scope."""
        containers = scope.kind in ("workspace", "organization", "pool")
        return self._observing.read(scope, fresh=containers and not self._transport.read_only)

    def count(self, kind: str, pools: frozenset[str] | None = None) -> int:
        """How many objects of a kind live there. Users are counted by the service; groups in these pools, or, where none are
        named, in those whose groups were read."""
        if kind == "user":
            return sum(_counted(pool) for pool in self._pools(pools))
        if kind == "group":
            if pools is None:
                return sum(self._observing.groups_read.values())
            return sum(len(self._observing.groups_of(id)) for id in pools if id in self._tenant.pools())
        fresh = not self._transport.read_only
        if kind == "pool":
            return len(self._tenant.pools(fresh=fresh))
        if kind == "organization":
            return len(self._tenant.organizations(fresh=fresh))
        return len(self._tenant.schemas(fresh=fresh)) if kind == "schema" else len(self._tenant.workspaces(()))

    def members(self, pool_id: str) -> JsonMap:
        """How many users and groups a pool has."""
        pool = next(iter(self._pools(frozenset({pool_id}))), {})
        owned = self._ledger.owned_in(pool_id)
        total, jit = _counted(pool), pool.get("number_of_jit_users") or 0
        standard = pool.get("number_of_standard_users")
        groups = self.count("group", frozenset({pool_id}))
        return {
            "total": total,
            "standard": standard
            if isinstance(standard, int) and standard
            else total - (jit if isinstance(jit, int) else 0),
            "jit": jit,
            "owned": owned,
            "groups": groups,
        }

    def prepare(self, bodies: Sequence[Body], pools: Mapping[str, JsonMap]) -> list[Prepared]:
        """The bodies as they are: the service hashes. What the pool's policy refuses is told before anything is written."""
        return [Prepared(body, self._refusal(body, pools)) for body in bodies]

    def create(self, body: Body) -> Observed:
        """Make an object."""
        self._owe([body])
        return self._with_owner(self._writing.create(body))

    def create_many(self, bodies: Sequence[Body], record: Recorder | None = None) -> list[Outcome]:
        """Make objects of one kind, eight at once; those that stand in another one of them, or want what one before them wants,
        afterwards in their order. A pool that takes along what waits for one is made alone."""
        users = bool(bodies) and bodies[0].kind == "user"
        if users:
            try:
                self._owe(bodies)
            except NotTried:
                raise
            except StoreError as error:  # nothing of them was sent
                return [Outcome(error=error)] * len(bodies)
        self._tenant.pools()  # known before threads ask for them all at once
        later = _claimed_before(bodies) if users else _inside_another(bodies)
        outcome = self._outcomes()
        early = [body for index, body in enumerate(bodies) if index not in later]
        alone = 0 if users or not self._ledger.rides_along else 1
        made = [outcome(body) for body in early[:alone]]
        made += self._threads.each(outcome, early[alone:], meanwhile=self._ledger.keep_lease)
        ready = iter(made)
        outcomes = [outcome(body) if index in later else next(ready) for index, body in enumerate(bodies)]
        if record is not None:
            found = ((index, one.observed) for index, one in enumerate(outcomes))
            self._ledger.put([record(index, observed) for index, observed in found if observed is not None])
        return outcomes

    def update(self, current: Handle, writes: Sequence[FieldWrite]) -> Observed:
        """Write these fields of a live object and leave all others."""
        return self._with_owner(self._writing.update(current, writes))

    def delete(self, current: Handle) -> None:
        """Delete an object; a pool with its users and groups."""
        self._writing.delete(current)

    def transaction(self) -> AbstractContextManager[None]:
        """Holds nothing together: each write stands alone."""
        return nullcontext()

    def savepoint(self) -> AbstractContextManager[None]:
        """Undoes nothing."""
        return nullcontext()

    def close(self) -> None:
        """Let go of threads and connections. Harmless twice."""
        self._threads.close()
        self._transport.close()

    def _outcomes(self) -> Callable[[Body], Outcome]:
        """Makes one of many. When the service is lost at one, those that have not begun are not tried: each would wait for it as
        long as the first one did."""
        lost: list[Unavailable] = []

        def outcome(body: Body) -> Outcome:
            if lost:
                return Outcome(error=NotTried(lost[0].message, hint=lost[0].hint))
            try:
                return Outcome(self._writing.create(body))
            except StoreError as error:
                if isinstance(error, Unavailable):
                    lost.append(error)
                return Outcome(error=error)

        return outcome

    def _owe(self, bodies: Sequence[Body]) -> None:
        try:
            self._writing.inviting.owe(bodies)
        except Unavailable as error:
            raise NotTried(error.message, hint=error.hint) from None

    def _pools(self, ids: frozenset[str] | None) -> Iterator[JsonMap]:
        there = self._tenant.pools(fresh=not self._transport.read_only)
        yield from (body for id, body in there.items() if ids is None or id in ids)

    def _with_owner(self, observed: Observed) -> Observed:
        observed.owner = self._ledger.foreign(observed.kind, observed.id)
        return observed

    def _refusal(self, body: Body, pools: Mapping[str, JsonMap]) -> Exception | None:
        secret: Secret | None = body.secrets.get("password.initial")
        if secret is None:
            return None
        policy = as_map(self._settings(body.pool_id, pools).get("passwordPolicy"))
        problems = check_password(secret.reveal(), policy, known_words=_known_words(body.spec))
        return Rejected(" ".join(problems), hint="the pool's passwordPolicy says what it must be") if problems else None

    def _settings(self, pool_id: str, pools: Mapping[str, JsonMap]) -> JsonMap:
        if pool_id in pools:
            return pools[pool_id]
        live = self._tenant.pools().get(pool_id)
        return self._observing.pool(live).spec if live is not None else {}


class _Ledger(ServiceLedger):
    """The ledger, with the run's id on every request from its beginning, and messages that are due sent at its end."""

    at_end: Callable[[], None]

    def acquire_lease(self, run: RunRecord, seconds: float) -> None:
        """Take the lease; requests carry the run's id from now on."""
        self._tenant.transport.run_id = run.id
        super().acquire_lease(run, seconds)

    def finish_run(self, run_id: str, state: str, summary: JsonMap) -> None:
        """The run's end; one that was stopped sends nothing more."""
        if state in ("applied", "partly"):
            with suppress(StoreError):  # what is still due is told
                self.at_end()
        super().finish_run(run_id, state, summary)


def open_secureauth(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> SecureAuthStore:
    """The tenant behind `secureauth+https://HOST/TENANT`. Nothing is sent before it is asked for something."""
    transport = open_transport(url, read_only=read_only, root=root, environ=environ)
    place = transport.place
    audit = audit_folder(f"{place.origin}/{place.tenant}", root, environ.get(DIRECTORY, ""))
    return SecureAuthStore(transport, url, audit=audit)


def _inside_another(bodies: Sequence[Body]) -> frozenset[int]:
    """Which of these groups, pools or organizations wait for others of them: those that have one as their parent, and those
    that want an id or a name that one before them wants, so that the first one gets it."""
    ids = {body.id for body in bodies}
    seen: set[tuple[str, ...]] = set()
    later: set[int] = set()
    for index, body in enumerate(bodies):
        parent = str(body.metadata.get("parent") or "")
        name = str(body.spec.get("displayName") or body.id).casefold()
        wanted = {(body.pool_id, body.id), (body.pool_id, parent, name)}
        if parent in ids or not seen.isdisjoint(wanted):
            later.add(index)
        seen |= wanted
    return frozenset(later)


def _claimed_before(bodies: Sequence[Body]) -> frozenset[int]:
    """Which of these users want an id, an identifier or an address that one before them wants: they wait, so that the first
    one gets it."""
    seen: set[tuple[str, str]] = set()
    later: set[int] = set()
    for index, body in enumerate(bodies):
        members = (*as_list(body.spec.get("identifiers")), *as_list(body.spec.get("addresses")))
        texts = (identifier_key(member).partition(":")[2] for member in members)
        wanted = {(body.pool_id, text.casefold()) for text in (*texts, body.id) if text}
        if not seen.isdisjoint(wanted):
            later.add(index)
        seen |= wanted
    return frozenset(later)


def _counted(pool: JsonMap) -> int:
    number = pool.get("number_of_users")
    return number if isinstance(number, int) else 0


def _known_words(spec: JsonMap) -> list[str]:
    """What others know of a user, so that a password made of it is weak."""
    words = [value for value in as_map(spec.get("profile")).values() if isinstance(value, str)]
    for member in as_list(spec.get("identifiers")):
        texts = [value for value in as_map(member).values() if isinstance(value, str)]
        words += [*texts, *(text.partition("@")[0] for text in texts)]
    return words
