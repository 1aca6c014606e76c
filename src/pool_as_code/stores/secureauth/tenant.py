"""A tenant's objects as the service sends them: which requests bring them, page by page. JSON in the service's words, in and
out; what it means to us stands in `wire.py`, who asks for it in `store.py`.

    pools             P/100 + 1, and one for each workspace or organization     whole, with counters, no ETag
    schemas           1
    organizations     O/100 + 1
    groups of a pool  G/100 + 1
    a user            1, and 1 for its groups; by an identifier the same
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from ...core.errors import NotFound, Unauthorised, Unavailable
from ...core.values import JsonMap, as_list, as_map
from .parallel import Threads
from .place import Api, path_of
from .transport import Transport

PAGE = 100  # the most that the service gives at once
LARGEST_LIST = 1_000_000  # pages that never end are a fault of the service


class Raw(NamedTuple):
    """An object as it was sent, with the ETag of that moment (empty where there is none)."""

    body: JsonMap
    etag: str


class Tenant:
    """Reads of one tenant. `pools` and `organizations` are kept until they are read again."""

    def __init__(self, transport: Transport, threads: Threads) -> None:
        self.transport = transport
        self.threads = threads
        self._lock = threading.Lock()
        self._pools: dict[str, JsonMap] | None = None
        self._organizations: dict[str, JsonMap] | None = None
        self._schemas: list[JsonMap] | None = None
        self._workspaces: dict[str, bool] = {}

    # -- containers

    def workspaces(self, named: Collection[str]) -> list[str]:
        """Ids of workspaces: those that pools and organizations are in, and those of `named` that exist. The service has no
        list of them that this client could read."""
        found = {str(o["parent_id"]) for o in self.organizations().values() if o.get("parent_id")}
        found |= {str(p["workspace_id"]) for p in self.pools().values() if p.get("workspace_id")}
        asked = [id for id in named if id not in found and id not in self._workspaces]
        for id, there in zip(asked, self.threads.each(self._is_workspace, asked), strict=True):
            self._workspaces[id] = there
        found |= {id for id, there in self._workspaces.items() if there and id in named}
        return sorted(found - self.organizations().keys())

    def _is_workspace(self, id: str) -> bool:
        return self.transport.describes_itself(id)

    def organizations(self, *, fresh: bool = False, needed: bool = False) -> dict[str, JsonMap]:
        """Id -> organization. Without the right to see them there are none, unless they are `needed`."""
        if self._organizations is None or fresh:
            try:
                found = self._pages("/organizations", "organizations", "after_organization_id", Api.SYSTEM)
                self._organizations = {str(body.get("id")): body for body in found}
            except Unauthorised:
                if needed:
                    raise
                self._organizations = {}
        return self._organizations

    def organization(self, id: str) -> Raw:
        """One organization."""
        answer = self.transport.get(path_of("organizations", id), api=Api.SYSTEM, what=f"read organization {id}")
        return Raw(as_map(answer.body), answer.etag)

    def schemas(self, *, fresh: bool = True) -> list[JsonMap]:
        """All schemas of the tenant."""
        if self._schemas is None or fresh:
            body = self.transport.get("/system/schemas", what="list schemas").body
            self._schemas = [as_map(one) for one in as_list(as_map(body).get("schemas"))]
        return self._schemas

    def schema(self, id: str) -> Raw:
        """One schema."""
        answer = self.transport.get(path_of("system", "schemas", id), what=f"read schema {id}")
        return Raw(as_map(answer.body), answer.etag)

    def pools(self, *, fresh: bool = False) -> dict[str, JsonMap]:
        """Id -> pool, of the tenant, its workspaces and its organizations. Those marked as deleted are left out."""
        with self._lock:
            if self._pools is None or fresh:
                self._pools = self._all_pools()
            return self._pools

    def _all_pools(self) -> dict[str, JsonMap]:
        found = {str(body.get("id")): body for body in self._pages("/system/pools", "pools", "after_pool_id")}
        within = {str(body["workspace_id"]) for body in found.values() if body.get("workspace_id")}
        organizations = self.organizations(fresh=True)
        within |= organizations.keys() | {str(o["parent_id"]) for o in organizations.values() if o.get("parent_id")}
        within |= {id for id, there in self._workspaces.items() if there}
        for bodies in self.threads.each(self._pools_of, sorted(within)):
            found.update((str(body.get("id")), body) for body in bodies)
        return {id: body for id, body in found.items() if body.get("deleted") is not True}

    def _pools_of(self, workspace: str) -> list[JsonMap]:
        try:
            return list(self._pages(path_of("system", "workspace", workspace, "pools"), "pools", "after_pool_id"))
        except NotFound:
            return []

    def pool(self, id: str) -> Raw:
        """One pool, as it is at this moment."""
        answer = self.transport.get(path_of("system", "pools", id), what=f"read pool {id}")
        body = as_map(answer.body)
        if body.get("deleted") is True:
            raise NotFound(f"pool {id} is marked as deleted")
        self.saw_pool(id, body)
        return Raw(body, answer.etag)

    def saw_pool(self, id: str, body: JsonMap | None) -> None:
        """A pool was read or written by itself; None: it is gone."""
        with self._lock:
            if self._pools is not None:
                if body is None:
                    self._pools.pop(id, None)
                else:
                    self._pools[id] = body

    def saw_organization(self, id: str, body: JsonMap | None) -> None:
        """The same for organizations."""
        if self._organizations is not None:
            if body is None:
                self._organizations.pop(id, None)
            else:
                self._organizations[id] = body

    def links(self, pool_id: str) -> list[JsonMap]:
        """The IDPs that let the pool's users sign in somewhere. Needs the Admin client."""
        answer = self.transport.get(
            path_of("pools", pool_id, "idps"), api=Api.ADMIN, what=f"read the IDPs of pool {pool_id}"
        )
        found = [as_map(one) for one in as_list(as_map(answer.body).get("idps"))]
        return [one for one in found if one.get("identity_pool_id") in (None, "", pool_id)]

    # -- groups and users

    def groups(self, pool_id: str) -> list[JsonMap]:
        """All groups of a pool, nested ones as well."""
        path = path_of("system", "pools", pool_id, "groups")
        return list(self._pages(path, "", "after_group_id", query={"with_nested_groups": "true"}))

    def group(self, pool_id: str, id: str) -> JsonMap:
        """One group."""
        return as_map(
            self.transport.get(path_of("system", "pools", pool_id, "groups", id), what=f"read group {id}").body
        )

    def user(self, pool_id: str, id: str) -> Raw:
        """One user with identifiers and addresses."""
        answer = self.transport.get(path_of("system", "pools", pool_id, "users", id), what=f"read user {id}")
        return Raw(as_map(answer.body), answer.etag)

    def user_by_key(self, pool_id: str, identifier: str) -> Raw:
        """The user who holds an identifier."""
        path = path_of("system", "pools", pool_id, "users", "by_key")
        answer = self.transport.call("POST", path, {"identifier": identifier}, what=f"look a user of pool {pool_id} up")
        return Raw(as_map(answer.body), answer.etag)

    def users(self, pool_id: str) -> list[str]:
        """The ids of all users of a pool: for who asks for everything."""
        path = path_of("system", "pools", pool_id, "users")
        return [str(body.get("id")) for body in self._pages(path, "users", "after_user_id")]

    def groups_of(self, pool_id: str, user_id: str) -> list[str]:
        """The ids of the groups that a user is a member of itself."""
        path = path_of("system", "pools", pool_id, "users", user_id, "groups")
        return [str(body.get("id")) for body in self._pages(path, "", "after_group_id")]

    # -- pages

    def _pages(
        self, path: str, key: str, cursor: str, api: Api = Api.IDENTITY, query: Mapping[str, str] | None = None
    ) -> Iterator[JsonMap]:
        """Every object of a list, each once: page after page, until one is not full. There is no count and no next link, so
        the id of the last object is where the next page begins. `key` empty: the list is bare."""
        seen: set[str] = set()
        asked = {"limit": str(PAGE), **(query or {})}
        while True:
            body = self.transport.get(path, api=api, query=asked, what=f"list {key or path.rpartition('/')[2]}").body
            page = [as_map(one) for one in as_list(as_map(body).get(key) if key else body)]
            new = [one for one in page if isinstance(one.get("id"), str) and one["id"] not in seen]
            seen.update(str(one["id"]) for one in new)
            yield from new
            if len(page) < PAGE:
                return
            if not new or len(seen) > LARGEST_LIST:
                raise Unavailable(f"the list {path} does not end: a page brings nothing new")
            asked = {**asked, cursor: str(page[-1]["id"])}


def found_or_none(read: Callable[..., Raw], *arguments: str) -> Raw | None:
    """What a read of one object gives, None where it is not there."""
    try:
        return read(*arguments)
    except NotFound:
        return None
