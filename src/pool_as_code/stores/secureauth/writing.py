"""Creating, changing and deleting objects of the service: which requests, in which order, and what to do when an answer is lost.

change   read, compare the revision, merge, send whole with If-Match      (users: a patch of single keys, then their lists)
create   send with the id that we chose; after a lost answer look whether it is there and is what we sent
delete   read, compare the revision, delete with If-Match
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from uuid import uuid4

from ...core.errors import Conflict, NotFound, Rejected
from ...core.values import JsonMap, as_list, as_map, as_texts, canonical
from ...resources.live import Observed
from ..base import Body, FieldWrite, Handle
from .answers import Answer, ConflictAfterLoss, LostAnswer
from .changes import Step, user_change, whole_body, written
from .comparing import holds, patched, steady
from .expressing import by_certainty
from .invitations import Inviting
from .ledger import ServiceLedger
from .linking import NO_WORKSPACES, Linking
from .observing import Observing
from .place import Api, path_of
from .routes import get
from .starting_users import import_tables, imports
from .tenant import Raw, Tenant
from .wire import RESERVED_KEY, new_credentials, to_wire

_MOVED = "it moved since it was read"


class Writing:
    """Writes of one tenant."""

    def __init__(self, tenant: Tenant, ledger: ServiceLedger, observing: Observing) -> None:
        self.tenant = tenant
        self.transport = tenant.transport
        self.ledger = ledger
        self.observing = observing
        self.inviting = Inviting(tenant.transport, ledger)
        self.linking = Linking(tenant)

    # -- creating

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
        return makers[body.kind](body)

    def _create_organization(self, body: Body) -> Observed:
        wire = self._with_records(to_wire("organization", body.metadata, body.spec) | {"id": body.id}, body)
        wire.setdefault("name", body.id)
        answer = self._post(
            "/organizations", wire, f"create organization {body.id}", Api.SYSTEM, self.tenant.organization
        )
        made = as_map(answer.body)
        self.tenant.saw_organization(str(made.get("id")), made)
        self.ledger.was_created(("organization", body.id))
        return self.observing.organization(made)

    def _create_schema(self, body: Body) -> Observed:
        wire: JsonMap = {**to_wire("schema", body.metadata, body.spec), "id": body.id, "tenant_id": self._tenant_id}
        wire.setdefault("name", body.id)
        wire.setdefault("schema", {"type": "object"})
        answer = self._post("/system/schemas", wire, f"create schema {body.id}", Api.IDENTITY, self.tenant.schema)
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
        except (NotFound, Rejected):
            path = path_of("system", "pools", pool_id, "users", id)
            self.transport.call("DELETE", path, what=f"take user {id} back, whose groups are refused")
            raise
        self.inviting.invite(body, id)
        return self.observing.user(pool_id, {**shown, "id": id}, groups) if shown else self._user(pool_id, id)

    def _import(self, body: Body) -> None:
        """A user with a stored hash: only the import takes one. It would change a user who is there, so nobody may be."""
        with suppress(NotFound):
            self.tenant.user(body.pool_id, body.id)
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
        key = uuid4().hex
        try:
            return self.transport.call("POST", path, wire, what=what, api=api, query=query, key=key)
        except (LostAnswer, ConflictAfterLoss) as error:
            try:
                there = read(str(wire["id"]))
            except NotFound:
                if isinstance(error, ConflictAfterLoss):
                    raise Conflict(error.message, hint=error.hint) from None
                return self.transport.call("POST", path, wire, what=what, api=api, query=query, key=key)
            if not holds(there.body, wire):
                raise Conflict(f"{what}: something else stands under that id now") from None
            return Answer(201, there.body, there.etag)

    def _with_records(self, wire: JsonMap, body: Body) -> JsonMap:
        """With our claim inside, so that it never stands without its owner."""
        ours = self.ledger.for_new((body.kind, body.id))
        if not ours:
            return wire
        metadata = as_map(wire.get("metadata"))
        if body.kind == "pool":
            return {**wire, "metadata": {**metadata, RESERVED_KEY: ours}}
        return {**wire, "metadata": {**metadata, "payload": {**as_map(metadata.get("payload")), RESERVED_KEY: ours}}}

    # -- changing

    def update(self, current: Handle, writes: Sequence[FieldWrite]) -> Observed:
        """Write these fields of a live object. Raises NotFound, Conflict (moved), Rejected."""
        if current.kind == "user":
            return self._update_user(current, writes)
        observed, raw = self._fresh(current)
        if current.kind == "workspace":
            raise Rejected("workspaces are not changed from here", hint=NO_WORKSPACES)
        wanted = written(observed, writes)
        body = whole_body(observed, raw.body, wanted)
        body.setdefault("name", current.id)
        made = raw.body
        if canonical(body) != canonical(whole_body(observed, raw.body, observed.body)):
            made = as_map(self._put(current, body, raw).body)
        if current.kind != "pool":
            return self._as_observed(current, made)
        self.tenant.saw_pool(current.id, made)
        return self._links_written(current, wanted, made, observed)

    def _links_written(self, current: Handle, wanted: JsonMap, made: JsonMap, before: Observed) -> Observed:
        asked, had = as_map(wanted.get("spec")).get("signInAt"), before.spec.get("signInAt")
        if asked == had or asked is None:
            return self.observing.pool(made, as_texts(had) if had is not None else None)
        there, wished = set(as_texts(had)), set(as_texts(asked))
        self.linking.link(current.id, sorted(wished - there), sorted(there - wished))
        return self.observing.pool(made, sorted(wished))

    def _put(self, current: Handle, body: JsonMap, raw: Raw) -> Answer:
        path, api = self._place(current)
        what = f"change {current.kind} {current.id}"
        try:
            return self.transport.call("PUT", path, body, what=what, api=api, etag=raw.etag)
        except (LostAnswer, ConflictAfterLoss):
            _, now = self._fresh(current._replace(revision=""))
            if holds(now.body, body):
                return Answer(200, now.body, now.etag)  # the attempt whose answer was lost
            if canonical(steady(now.body)) == canonical(steady(raw.body)):
                return self.transport.call("PUT", path, body, what=what, api=api, etag=now.etag)
            raise Conflict(f"{current.kind} {current.id}: {_MOVED}", hint="plan again") from None

    def _update_user(self, current: Handle, writes: Sequence[FieldWrite]) -> Observed:
        pool_id, id = current.pool_id, current.id
        observed, raw = self._fresh(current)
        change = user_change(observed, written(observed, writes))
        if change.patch:
            path, what = path_of("system", "pools", pool_id, "users", id), f"change user {id}"
            query = {"rfc_version": "7396"}
            try:
                self.transport.call(
                    "PATCH", path, change.patch, what=what, query=query, etag=raw.etag, same_twice=bool(raw.etag)
                )
            except (LostAnswer, ConflictAfterLoss):
                now = self.tenant.user(pool_id, id)
                if not patched(now.body, change.patch):
                    if steady(now.body) != steady(raw.body):
                        raise Conflict(f"user {id}: {_MOVED}", hint="plan again") from None
                    self.transport.call("PATCH", path, change.patch, what=what, query=query, etag=now.etag)
        for step in change.steps:
            self._step(pool_id, id, step)
        return self._user(pool_id, id) if change.patch or change.steps else observed

    def _step(self, pool_id: str, id: str, step: Step) -> None:
        """One change of a user's lists. Done twice, or done by the attempt whose answer was lost, it is done."""
        if step.path[0] == "groups":
            path = path_of("system", "pools", pool_id, "groups", step.path[1], "users", id)
            try:
                self.transport.call(step.method, path, what=f"change the groups of user {id}", same_twice=True)
            except NotFound:
                if step.method != "DELETE":
                    raise
            return
        path = path_of("system", "pools", pool_id, "users", id, *step.path)
        word, verb = step.path
        what = f"change the {word} of user {id}"
        try:
            self.transport.call("POST", path, step.body, what=what, key=uuid4().hex)
        except NotFound:
            if verb != "remove":
                raise
        except (LostAnswer, Conflict):
            field, value = (
                ("identifiers", "identifier") if word == "identifiers" else ("verifiable_addresses", "address")
            )
            rows = [as_map(row) for row in as_list(self.tenant.user(pool_id, id).body.get(field))]
            there = next((row for row in rows if row.get(value) == as_map(step.body).get(value)), None)
            done = there is None if verb == "remove" else there is not None and holds(there, as_map(step.body))
            if not done:
                raise

    # -- deleting

    def delete(self, current: Handle) -> None:
        """Delete an object. Raises NotFound, Conflict (moved, in use)."""
        if current.kind == "workspace":
            self._fresh(current)
            raise Rejected("workspaces are not deleted from here", hint=NO_WORKSPACES)
        _, raw = self._fresh(current)
        path, api = self._place(current)
        query = {"with_idp": "true"} if current.kind == "pool" else None
        what = f"delete {current.kind} {current.id}"
        self.transport.call("DELETE", path, what=what, api=api, query=query, etag=raw.etag)
        if current.kind == "pool":
            self.ledger.was_deleted(("pool", current.id))
            self.tenant.saw_pool(current.id, None)
        elif current.kind == "organization":
            self.ledger.was_deleted(("organization", current.id))
            self.tenant.saw_organization(current.id, None)

    # -- the object as it is

    def _fresh(self, current: Handle) -> tuple[Observed, Raw]:
        """The object as it is at this moment. Raises Conflict when its revision is another one."""
        raw = self._read(current)
        observed = self._as_observed(current, raw.body)
        if current.kind == "pool" and self.observing.links:
            observed = self.observing.pool(raw.body, self.observing.linked([current.id]).get(current.id, []))
        if current.revision and current.revision != observed.revision:
            raise Conflict(f"{current.kind} {current.id}: {_MOVED}", hint="plan again")
        return observed, raw

    def _read(self, current: Handle) -> Raw:
        match current.kind:
            case "workspace":
                if current.id in self.tenant.workspaces((current.id,)):
                    return Raw({"id": current.id}, "")
                raise NotFound(f"there is no workspace {current.id}")
            case "organization":
                return self.tenant.organization(current.id)
            case "schema":
                return self.tenant.schema(current.id)
            case "pool":
                return self.tenant.pool(current.id)
            case "group":
                return Raw(self.tenant.group(current.pool_id, current.id), "")
            case "user":
                return self.tenant.user(current.pool_id, current.id)
        raise ValueError(f"no kind {current.kind!r}")

    def _as_observed(self, current: Handle, body: JsonMap) -> Observed:
        match current.kind:
            case "organization":
                return self.observing.organization(body)
            case "schema":
                return self.observing.schema(body)
            case "pool":
                return self.observing.pool(body)
            case "group":
                return self.observing.group(current.pool_id, body)
            case "user":
                groups = self.tenant.groups_of(current.pool_id, current.id)
                return self.observing.user(current.pool_id, body, groups)
        return self.observing.workspace(current.id)

    def _place(self, current: Handle) -> tuple[str, Api]:
        kind, id, pool_id, _ = current
        if kind == "organization":
            return path_of("organizations", id), Api.SYSTEM
        if kind in ("group", "user"):
            return path_of("system", "pools", pool_id, f"{kind}s", id), Api.IDENTITY
        return path_of("system", f"{kind}s", id), Api.IDENTITY

    def _user(self, pool_id: str, id: str) -> Observed:
        found = self.observing.one_user(pool_id, id)
        if found is None:
            raise NotFound(f"user {id} is gone again")
        return found

    @property
    def _tenant_id(self) -> str:
        return self.transport.place.tenant
