"""Changing and deleting objects of the service: which requests, in which order, and what to do when an answer is lost.

change   read, compare the revision, merge, send whole with If-Match      (users: a patch of single keys, then their lists)
delete   read, compare the revision, delete with If-Match
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import uuid4

from ...core.errors import Conflict, NotFound, Rejected
from ...core.values import JsonMap, as_list, as_map, as_texts, canonical
from ...resources.live import Observed
from ..base import FieldWrite, Handle
from .answers import Answer, ConflictAfterLoss, LostAnswer
from .changes import Step, user_change, whole_body, written
from .comparing import holds, patched, replaced, steady
from .invitations import Inviting
from .ledger import ServiceLedger
from .linking import NO_WORKSPACES, Linking
from .observing import Observing
from .place import Api, path_of
from .tenant import Raw, Tenant
from .wire import writable

_MOVED = "it moved since it was read"


class Writing:
    """Changes of what is there. What makes objects stands in `creating.py`."""

    def __init__(self, tenant: Tenant, ledger: ServiceLedger, observing: Observing) -> None:
        self.tenant = tenant
        self.transport = tenant.transport
        self.ledger = ledger
        self.observing = observing
        self.inviting = Inviting(tenant, ledger)
        self.linking = Linking(tenant)

    def update(self, current: Handle, writes: Sequence[FieldWrite]) -> Observed:
        """Write these fields of a live object. Raises NotFound, Conflict (moved), Rejected."""
        if current.kind == "user":
            return self._update_user(current, writes)
        observed, raw = self._fresh(current)
        if current.kind == "workspace":
            raise Rejected("workspaces are not changed from here", hint=NO_WORKSPACES)
        wanted = written(observed, writes)

        def changed(raw: Raw) -> JsonMap:
            there = self._as_observed(current, raw.body)
            return {"name": current.id, **whole_body(there, raw.body, written(there, writes))}

        made = raw.body
        if canonical(changed(raw)) != canonical(whole_body(observed, raw.body, observed.body)):
            made = as_map(self._put(current, changed, raw).body)
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

    def _put(self, current: Handle, changed: Callable[[Raw], JsonMap], raw: Raw) -> Answer:
        """Send an object whole, as it was read with what changes in it. Where it moved since, it is looked at again: what only got
        other ownership records is changed as it is now, so that neither is lost."""
        path, api = self._place(current)
        what, body = f"change {current.kind} {current.id}", changed(raw)
        try:
            return self.transport.call("PUT", path, body, what=what, api=api, etag=raw.etag, shows=current.id)
        except (LostAnswer, Conflict):  # also where somebody on the way has sent it twice
            _, now = self._fresh(current._replace(revision=""))
            if replaced(now.body, body, writable(current.kind, raw.body)):
                return Answer(200, now.body, now.etag)  # the attempt whose answer was lost
            if canonical(steady(now.body)) == canonical(steady(raw.body)):
                again = changed(now)
                return self.transport.call("PUT", path, again, what=what, api=api, etag=now.etag, shows=current.id)
            raise Conflict(f"{current.kind} {current.id}: {_MOVED}", hint="plan again") from None

    def _update_user(self, current: Handle, writes: Sequence[FieldWrite]) -> Observed:
        pool_id, id = current.pool_id, current.id
        observed, raw = self._fresh(current)
        change = user_change(observed, written(observed, writes))
        last = ""  # the ETag of the last write
        if change.patch:
            path, what = path_of("system", "pools", pool_id, "users", id), f"change user {id}"
            query = {"rfc_version": "7396"}
            try:
                last = self.transport.call(
                    "PATCH", path, change.patch, what=what, query=query, etag=raw.etag, same_twice=bool(raw.etag)
                ).etag
            except (LostAnswer, Conflict) as error:
                now = self.tenant.user(pool_id, id)
                if not patched(now.body, change.patch):
                    if not isinstance(error, LostAnswer | ConflictAfterLoss) or steady(now.body) != steady(raw.body):
                        raise Conflict(f"user {id}: {_MOVED}", hint="plan again") from None
                    last = self.transport.call("PATCH", path, change.patch, what=what, query=query, etag=now.etag).etag
        for step in change.steps:
            last = self._step(pool_id, id, step) or last
        return self._user(pool_id, id, last) if change.patch or change.steps else observed

    def _step(self, pool_id: str, id: str, step: Step) -> str:
        """One change of a user's lists, and the user's ETag where the answer tells it. Done twice, or done by the attempt whose
        answer was lost, it is done."""
        if step.path[0] == "groups":
            path = path_of("system", "pools", pool_id, "groups", step.path[1], "users", id)
            try:
                self.transport.call(
                    step.method, path, what=f"change the groups of user {id}", same_twice=True, bare=True
                )
            except NotFound:
                if step.method != "DELETE":
                    raise
            except Conflict:  # what is so already may be called one
                if (step.path[1] in self.tenant.groups_of(pool_id, id)) is (step.method == "DELETE"):
                    raise
            return ""
        path = path_of("system", "pools", pool_id, "users", id, *step.path)
        word, verb = step.path
        what = f"change the {word} of user {id}"
        try:
            return self.transport.call("POST", path, step.body, what=what, key=uuid4().hex, bare=True).etag
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
        return ""

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
        if current.kind == "pool":
            self.ledger.will_be_deleted(("pool", current.id))
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

    def _user(self, pool_id: str, id: str, etag: str = "") -> Observed:
        found = self.observing.one_user(pool_id, id, etag)
        if found is None:
            raise NotFound(f"user {id} is gone again")
        return found

    @property
    def _tenant_id(self) -> str:
        return self.transport.place.tenant
