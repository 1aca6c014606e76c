"""From a tenant's JSON to live objects in our words, with their owners. Reads only, and only what a scope calls for.

The revision of an object is a digest of what it says (ADR 27): the same from a list, a look-up and a single read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...core.errors import Unauthorised
from ...core.values import JsonMap, JsonValue, as_map, as_texts, canonical, digest_bytes
from ...resources.live import Observed, OwnerRecord
from ..base import IdentifierKey, Scope
from .ledger import ServiceLedger
from .tenant import Tenant, found_or_none
from .wire import from_wire

_ROLES = {
    "profile": "payload_schema_id",
    "administrative": "metadata_schema_id",
    "delegated": "business_metadata_schema_id",
}


@dataclass
class Observing:
    """Scopes in, live objects out. `links`: where pools admit their users is read as well, one request for each pool;
    `links_refused` says why it could not be. `organizations_left_out`: somebody wanted all of them, and they can not be
    read."""

    tenant: Tenant
    ledger: ServiceLedger
    links: bool = False
    links_refused: str = ""
    organizations_left_out: bool = False
    groups_read: dict[str, int] = field(default_factory=dict)

    def read(self, scope: Scope, *, fresh: bool) -> list[Observed]:
        """The objects of a scope. `fresh`: what is kept of pools and organizations is read again."""
        match scope.kind:
            case "workspace":
                self.tenant.pools(fresh=fresh)
                return [self.workspace(id) for id in self.tenant.workspaces(scope.ids)]
            case "organization":
                bodies = self.tenant.organizations(fresh=fresh, named=scope.ids)
                self.organizations_left_out |= scope.everything and bool(self.tenant.unread)
                return self.owned("organization", [self.organization(body) for body in bodies.values()])
            case "schema":
                return self.owned("schema", [self.schema(body) for body in self.tenant.schemas()])
            case "pool":
                bodies = self.tenant.pools(fresh=fresh)
                linked = self.linked(scope.ids or bodies.keys()) if self.links else {}
                return self.owned("pool", [self.pool(body, linked.get(id)) for id, body in bodies.items()])
            case "group":
                found = self.tenant.threads.each(self.groups_of, sorted(self.within(scope)))
                return self.owned("group", [group for groups in found for group in groups])
            case "user":
                return self.owned("user", self.users(scope))
        raise ValueError(f"no kind {scope.kind!r}")

    def within(self, scope: Scope) -> set[str]:
        """The live pools of a scope."""
        there = self.tenant.pools().keys()
        return set(there) if scope.pools is None else {id for id in scope.pools if id in there}

    def owned(self, kind: str, found: Iterable[Observed]) -> list[Observed]:
        """The same objects, each with its owner."""
        owners: dict[str, OwnerRecord] = self.ledger.owners(kind)
        result = list(found)
        for observed in result:
            observed.owner = owners.get(observed.id)
        return result

    # -- one object

    def workspace(self, id: str) -> Observed:
        """A workspace: that it is there is all that the API shows."""
        return made("workspace", id, {}, {})

    def organization(self, body: JsonMap) -> Observed:
        """An organization."""
        received = from_wire("organization", body)
        parent = received.metadata.get("parent")
        return made("organization", str(body["id"]), {"parent": parent} if parent else {}, received.spec)

    def schema(self, body: JsonMap) -> Observed:
        """A schema."""
        received = from_wire("schema", body)
        metadata: JsonMap = {"system": True} if received.metadata.get("system") else {}
        return made("schema", str(body["id"]), metadata, received.spec)

    def pool(self, body: JsonMap, linked: list[str] | None = None) -> Observed:
        """A pool. `linked` are the workspaces that admit its users, None where nobody asked."""
        received = from_wire("pool", body)
        metadata: JsonMap = {"system": True} if received.metadata.get("system") else {}
        home = body.get("workspace_id")
        if home:
            word = "organization" if home in self.tenant.organizations() else "workspace"
            metadata[word] = home
        spec = received.spec
        if linked is not None:
            there: list[JsonValue] = [*sorted(linked)]
            spec = {**spec, "signInAt": there}
        return made("pool", str(body["id"]), metadata, spec)

    def group(self, pool_id: str, body: JsonMap) -> Observed:
        """A group."""
        received = from_wire("group", {key: value for key, value in body.items() if key != "path"})
        parent = received.metadata.get("parent")
        return made("group", str(body["id"]), {"parent": parent} if parent else {}, received.spec, pool_id)

    def user(self, pool_id: str, body: JsonMap, groups: Iterable[str]) -> Observed:
        """A user. Schemas that are the pool's are not its own."""
        spec = from_wire("user", body).spec
        pool = self.tenant.pools().get(pool_id, {})
        own: JsonMap = {
            role: id for role, id in as_map(spec.pop("schemas", None)).items() if id != pool.get(_ROLES[role])
        }
        if own:
            spec["schemas"] = own
        member_of: list[JsonValue] = [*sorted(groups)]
        if member_of:
            spec["groups"] = member_of
        return made("user", str(body["id"]), {}, spec, pool_id)

    # -- many

    def linked(self, pools: Iterable[str]) -> dict[str, list[str]]:
        """Pool id -> ids of the workspaces whose applications its users may use; nothing where that can not be read."""
        there = self.tenant.pools()
        wanted = [id for id in pools if id in there]
        try:
            found = self.tenant.threads.each(self.tenant.links, wanted)
        except Unauthorised as error:
            if not error.scope:
                raise
            self.links, self.links_refused = False, error.message
            return {}
        return {
            id: as_texts(
                [
                    one.get("authorization_server_id") or one.get("workspace_id")
                    for one in links
                    if not one.get("disabled")
                ]
            )
            for id, links in zip(wanted, found, strict=True)
        }

    def groups_of(self, pool_id: str) -> list[Observed]:
        """The groups of a pool."""
        found = [self.group(pool_id, body) for body in self.tenant.groups(pool_id)]
        self.groups_read[pool_id] = len(found)
        return found

    def users(self, scope: Scope) -> list[Observed]:
        """The users of a scope: looked up one by one, unless everything is asked for."""
        pools = self.within(scope)
        if scope.everything:
            listed = self.tenant.threads.each(lambda id: [(id, user) for user in self.tenant.users(id)], sorted(pools))
            return self.by_id(pair for pairs in listed for pair in pairs)
        wanted = dict.fromkeys(self.ledger.owned_users(scope.owner, pools) if scope.owner is not None else ())
        for id in sorted(scope.ids):
            homes = [scope.homes[id]] if id in scope.homes else sorted(pools)
            wanted.update(dict.fromkeys((home, id) for home in homes if home in pools))
        found = {(user.pool_id, user.id): user for user in self.by_id(wanted)}
        asked = [key for key in sorted(scope.identifiers) if key.pool_id in pools]
        for user in self.tenant.threads.each(self.by_key, asked):
            if user is not None:
                found.setdefault((user.pool_id, user.id), user)
        return list(found.values())

    def by_id(self, wanted: Iterable[tuple[str, str]]) -> list[Observed]:
        """Those of these users (pool id, id) that are there."""
        found = self.tenant.threads.each(lambda pair: self.one_user(*pair), wanted)
        return [user for user in found if user is not None]

    def one_user(self, pool_id: str, id: str, etag: str = "") -> Observed | None:
        """A user with its groups; `etag` as `Tenant.user` takes it."""
        raw = found_or_none(self.tenant.user, pool_id, id, etag)
        return None if raw is None else self.user(pool_id, raw.body, self.tenant.groups_of(pool_id, id))

    def by_key(self, key: IdentifierKey) -> Observed | None:
        """Who holds an identifier."""
        raw = found_or_none(self.tenant.user_by_key, key.pool_id, key.value)
        if raw is None or not raw.body.get("id"):
            return None
        return self.user(key.pool_id, raw.body, self.tenant.groups_of(key.pool_id, str(raw.body["id"])))


def made(kind: str, id: str, metadata: JsonMap, spec: JsonMap, pool_id: str = "") -> Observed:
    """A live object with its revision."""
    raw = canonical({"metadata": metadata, "spec": spec})
    return Observed(kind, id, raw, pool_id=pool_id, revision=digest_bytes(raw))
