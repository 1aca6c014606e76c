"""Creating objects of the service, each under the id that we chose: after a lost answer, what is there under that id tells what became
of the request. Nothing is called refused, so that its claim goes, while an attempt may still arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

from ...core.errors import Conflict, NotFound, Rejected, StoreError, Unauthorised, Unavailable
from ...core.values import JsonMap, JsonValue, as_list, as_map, as_texts
from ...resources.live import Observed
from ..base import Body, FieldWrite, Handle
from .answers import Answer, ConflictAfterLoss, LostAnswer
from .changes import Step
from .comparing import holds
from .expressing import by_certainty
from .ledger import ServiceLedger
from .linking import NO_WORKSPACES
from .observing import Observing
from .place import Api, path_of
from .routes import get
from .starting_users import import_tables, imports
from .tenant import Raw, Tenant, found_or_none
from .wire import RESERVED_KEY, new_credentials, to_wire
from .writing import Writing

_AGAIN = "run again: it is completed then"


class Creating(Writing):
    """All writes of one tenant."""

    def __init__(self, tenant: Tenant, ledger: ServiceLedger, observing: Observing) -> None:
        super().__init__(tenant, ledger, observing)
        self._new_homes: set[str] = set()  # organizations that this run made

    def create(self, body: Body) -> Observed:
        """Make an object. Raises Conflict when its id is taken, LostAnswer when nobody knows."""
        makers: dict[str, Callable[[Body], Observed]] = {
            "organization": self._create_organization,
            "schema": self._create_schema,
            "pool": self._create_pool,
            "group": self._create_group,
            "user": self._create_user,
        }
        if body.kind == "workspace":
            raise Rejected(f"the service has no workspace {body.id!r}", hint=NO_WORKSPACES)
        try:
            return makers[body.kind](body)
        except Unauthorised as error:
            if error.scope:
                raise
            # a token that is not taken, at whichever of the requests, says nothing about what is there by now
            raise LostAnswer(error.message, hint=error.hint) from None

    def _create_organization(self, body: Body) -> Observed:
        wire = self._with_records(to_wire("organization", body.metadata, body.spec) | {"id": body.id}, body)
        wire.setdefault("name", body.id)
        with self._alone(body, self.tenant.organization):
            answer = self._post(
                "/organizations", wire, f"create organization {body.id}", Api.SYSTEM, self.tenant.organization
            )
        made = as_map(answer.body)
        self.tenant.saw_organization(str(made.get("id")), made)
        self._new_homes.add(str(made.get("id")))
        self.ledger.was_created(("organization", body.id))
        return self.observing.organization(made)

    def _create_schema(self, body: Body) -> Observed:
        wire: JsonMap = {**to_wire("schema", body.metadata, body.spec), "id": body.id, "tenant_id": self._tenant_id}
        wire.setdefault("name", body.id)
        wire.setdefault("schema", {"type": "object"})
        try:
            answer = self._post("/system/schemas", wire, f"create schema {body.id}", Api.IDENTITY, self.tenant.schema)
        except Conflict:  # schemas have no owner: one that is as it was to be is as good as ours
            there = found_or_none(self.tenant.schema, body.id)
            if there is None or self.ledger.foreign("schema", body.id) is None or not holds(there.body, wire):
                raise
            answer = Answer(200, there.body, there.etag)
        return self.observing.schema(as_map(answer.body))

    def _create_pool(self, body: Body) -> Observed:
        home = str(body.metadata.get("workspace") or body.metadata.get("organization") or "")
        certain, unsure = by_certainty("pool", body.spec)
        wire: JsonMap = {**to_wire("pool", body.metadata, certain), "id": body.id, "tenant_id": self._tenant_id}
        wire.setdefault("name", body.id)
        wire = self._with_records(wire, body)
        wanted = as_texts(body.spec["signInAt"]) if "signInAt" in body.spec else [home] if home else []
        admin = self.transport.has_admin
        if admin:
            self.linking.refuse_unknown(wanted)
        what = f"create pool {body.id}"
        self._refuse_second(home)
        with self._alone(body, self.tenant.pool):
            if home and admin:
                query = {"with_idp": "true"} if home in wanted else None
                path = path_of("admin", "workspace", home, "pools")
                answer = self._post(path, wire, what, Api.ADMIN_IDENTITY, self.tenant.pool, query)
            else:
                wire = {**wire, "workspace_id": home} if home else wire
                answer = self._post("/system/pools", wire, what, Api.IDENTITY, self.tenant.pool)
        made = as_map(answer.body)
        if home and made.get("workspace_id") != home:
            raise Rejected(
                f"the service made pool {body.id} outside of {home}",
                hint="delete it, set POOL_AS_CODE_ADMIN_CLIENT_ID and its secret, and run again",
            )
        id = str(made.get("id"))
        self.tenant.saw_pool(id, made)
        self.ledger.was_created(("pool", body.id))
        others = [other for other in wanted if other != home]
        if admin and others:
            self.linking.link(id, others, ())
        observed = self.observing.pool(made, wanted if admin else None)
        shown = [FieldWrite(("spec", *path), value) for path, value in unsure if get(observed.spec, path) is not None]
        return self.update(Handle("pool", id, "", ""), shown) if shown else observed

    def _refuse_second(self, home: str) -> None:
        """Raise Conflict where the service has made a pool along with a new organization: whether it does is not documented, and
        the plan could not know. The next one does."""
        if home not in self._new_homes:
            return
        there = self.tenant.pools_of_new(home)
        self._new_homes.discard(home)
        strange = [id for id in there if self.ledger.foreign("pool", id) is None]
        if strange:
            raise Conflict(
                f"organization {home} came with a directory of its own: pool {strange[0]}",
                hint="plan again, and take it: metadata.adopt: builtIn",
            )

    def _create_group(self, body: Body) -> Observed:
        wire: JsonMap = {**to_wire("group", body.metadata, body.spec), "id": body.id}
        wire |= {"user_pool_id": body.pool_id, "tenant_id": self._tenant_id}
        wire.setdefault("name", body.id)
        path = path_of("system", "pools", body.pool_id, "groups")
        answer = self._post(
            path, wire, f"create group {body.id}", Api.IDENTITY, lambda id: Raw(self.tenant.group(body.pool_id, id), "")
        )
        return self.observing.group(body.pool_id, as_map(answer.body))

    def _create_user(self, body: Body) -> Observed:
        pool_id, groups = body.pool_id, as_texts(body.spec.get("groups"))
        shown: JsonMap = {}
        if imports(body):
            self._import(body)
            id = body.id
            if found_or_none(self.tenant.user, pool_id, id) is None:  # the import answers before it has said yes
                raise LostAnswer(f"user {id} was imported, and is not there yet", hint=_AGAIN)
        else:
            wire: JsonMap = {**to_wire("user", body.metadata, body.spec), "id": body.id}
            wire.setdefault("status", "new")
            credentials = new_credentials(body.spec, body.secrets)
            if credentials:
                wire["credentials"] = credentials
            answer = self._post(
                path_of("system", "pools", pool_id, "users"),
                wire,
                f"create user {body.id}",
                Api.IDENTITY,
                lambda id: self.tenant.user(pool_id, id),
            )
            shown = as_map(answer.body)
            id = str(shown.get("id") or body.id)
        try:
            for group in groups:
                self._step(pool_id, id, Step("PUT", ("groups", group), None))
        except Unavailable:
            raise  # its claim stays, and the next run completes it
        except StoreError as error:
            self._take_back(pool_id, id, error)
            raise
        self.inviting.invite(pool_id, id, body.id)
        return self.observing.user(pool_id, {**shown, "id": id}, groups) if shown else self._user(pool_id, id)

    def _take_back(self, pool_id: str, id: str, why: StoreError) -> None:
        """Delete a user whose groups are refused. Raises LostAnswer where it stays: who is there keeps its owner."""
        path = path_of("system", "pools", pool_id, "users", id)
        try:
            self.transport.call("DELETE", path, what=f"take user {id} back, whose groups are refused")
        except NotFound:
            pass
        except StoreError as error:
            raise LostAnswer(f"{why.message}; the user could not be taken back: {error.message}") from None

    def _import(self, body: Body) -> None:
        """A user with a stored hash: only the import takes one. It would change a user who is there, so nobody may be."""
        there = found_or_none(self.tenant.user, body.pool_id, body.id)
        if there is not None:
            if self._is_claimed("user", body.id) and holds(there.body, {"id": body.id}):
                raise Unavailable(f"user {body.id} is there already: an earlier run has made it", hint=_AGAIN)
            raise Conflict(f"a user with the id {body.id} is there already")
        for member in as_list(to_wire("user", {}, body.spec).get("identifiers")):
            with suppress(NotFound):
                self.tenant.user_by_key(body.pool_id, str(as_map(member)["identifier"]))
                raise Conflict("one of its identifiers belongs to another user of the pool")
        tables = import_tables(body, self._tenant_id, self.ledger.clock())
        self.transport.call(
            "PUT",
            "/configuration",
            tables,
            query={"mode": "update"},
            same_twice=True,
            bare=True,
            what=f"import user {body.id}",
            api=Api.CONFIGURATION,
        )

    def _post(
        self,
        path: str,
        wire: JsonMap,
        what: str,
        api: Api,
        read: Callable[[str], Raw],
        query: dict[str, str] | None = None,
    ) -> Answer:
        """Create under an id that we chose. When an answer was lost, what is there now tells what became of it."""
        key, id = uuid4().hex, str(wire["id"])

        def ask() -> Answer:
            return self.transport.call("POST", path, wire, what=what, api=api, query=query, key=key, shows="")

        try:
            return ask()
        except (LostAnswer, Conflict) as lost:
            if isinstance(lost, Conflict) and not isinstance(lost, ConflictAfterLoss):
                self._refuse_late(what, wire, read)
                raise
            error: StoreError = lost
            there = found_or_none(read, id)
            if there is None and not isinstance(error, ConflictAfterLoss):
                try:
                    return ask()
                except Conflict as conflict:  # the attempt that was lost arrived in between
                    error, there = conflict, found_or_none(read, id)
            if there is None:  # refused, and not there: an attempt may still be on its way
                raise LostAnswer(
                    f"{error.message}; nobody knows what became of the first attempt", hint=error.hint
                ) from None
            if not holds(there.body, wire):
                raise Conflict(f"{what}: something else stands under that id now") from None
            return Answer(201, there.body, there.etag)

    def _is_claimed(self, kind: str, id: str) -> bool:
        held = self.ledger.foreign(kind, id)
        return held is not None and held.claimed

    def _refuse_late(self, what: str, wire: JsonMap, read: Callable[[str], Raw]) -> None:
        """Raise Unavailable where what is to be made stands there under our claim: the request of an earlier run has arrived since
        it was looked up. The claim stays, and the next run completes it."""
        kind = what.split()[1]  # "create user ID"
        if (
            kind in ("group", "user")
            and self._is_claimed(kind, str(wire["id"]))
            and found_or_none(read, str(wire["id"])) is not None
        ):
            raise Unavailable(f"{what}: it is there already, an earlier run has made it", hint=_AGAIN)

    @contextmanager
    def _alone(self, body: Body, read: Callable[[str], Raw]) -> Iterator[None]:
        """Turn a conflict with another run of the same project, which began at the same time, into Unavailable: it says who is at
        work, and nothing more is tried."""
        try:
            yield
        except Conflict:
            there = found_or_none(read, body.id)
            ours = self.ledger.foreign(body.kind, body.id)
            if there is not None and ours is not None:
                self.ledger.refuse_concurrent(ours, (body.kind, body.id), _reserved(body.kind, there.body))
            raise

    def _with_records(self, wire: JsonMap, body: Body) -> JsonMap:
        """With our claim inside, so that it never stands without its owner."""
        ours = self.ledger.for_new((body.kind, body.id))
        if not ours:
            return wire
        metadata = as_map(wire.get("metadata"))
        if body.kind == "pool":
            return {**wire, "metadata": {**metadata, RESERVED_KEY: ours}}
        return {**wire, "metadata": {**metadata, "payload": {**as_map(metadata.get("payload")), RESERVED_KEY: ours}}}


def _reserved(kind: str, body: JsonMap) -> JsonValue:
    metadata = as_map(body.get("metadata"))
    return (metadata if kind == "pool" else as_map(metadata.get("payload"))).get(RESERVED_KEY)
