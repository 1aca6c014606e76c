"""A tenant's objects as the service sends them: which requests bring them, page by page. JSON in the service's words, in and
out; what it means to us stands in `wire.py`, who asks for it in `store.py`.

    pools             P/100 + 1, and one for each workspace or organization     whole, with counters, no ETag
    schemas           1
    organizations     O/100 + 1
    groups of a pool  G/100 + 1
    a user            1, and 1 for its groups; by an identifier the same

With a client of the Admin workspace alone the same is read through the Admin API, but for two things: it has no look-up by an
identifier (users are searched, and those found are compared exactly: one request more) and no organizations.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from ...core.errors import Conflict, NotFound, Unauthorised, Unavailable
from ...core.values import JsonMap, JsonValue, as_list, as_map, as_texts, canonical
from .answers import Answer, is_object
from .parallel import Threads
from .place import Api, path_of
from .transport import Transport

PAGE = 100  # the most that the service gives at once
LARGEST_LIST = 20_000_000  # pages that never end are a fault of the service
_NO_ORGANIZATIONS = (
    "the Admin API has no organizations; who sees them is a client of the System workspace with the scope "
    "manage_configuration"
)


class Raw(NamedTuple):
    """An object as it was sent, with the ETag of that moment (empty where there is none)."""

    body: JsonMap
    etag: str


class Tenant:
    """Reads of one tenant. `pools` and `organizations` are kept until they are read again. `unread` says why organizations can
    not be read, once that is known. `through_admin`: all else is read through the Admin API. `without_etag`: kinds of which
    an object came without one, so that nothing guards a write of it."""

    def __init__(self, transport: Transport, threads: Threads) -> None:
        self.transport = transport
        self.threads = threads
        self.unread = "" if transport.has_system else _NO_ORGANIZATIONS
        self.through_admin = not transport.has_system
        self.without_etag: set[str] = set()
        self._lock = threading.Lock()
        self._pools: dict[str, JsonMap] | None = None
        self._organizations: dict[str, JsonMap] | None = None
        self._schemas: list[JsonMap] | None = None
        self._workspaces: dict[str, bool] = {}
        self._named: dict[str, JsonMap] = {}
        self._changed: set[tuple[str, str]] | None = None  # None: everything may have

    def changed(self) -> set[tuple[str, str]] | None:
        """Which pools and organizations (`("pool", id)`) were seen anew, or went, since this was asked last; None: look at all."""
        with self._lock:
            found, self._changed = self._changed, set()
        return found

    # -- containers

    def workspaces(self, named: Collection[str]) -> list[str]:
        """Ids of workspaces: those that pools and organizations are in, and those of `named` that exist. The service has no
        list of them that this client could read."""
        found = {str(o["parent_id"]) for o in list(self.organizations().values()) if o.get("parent_id")}
        found |= {str(p["workspace_id"]) for p in list(self.pools().values()) if p.get("workspace_id")}
        asked = [id for id in named if id not in found and id not in self._workspaces]
        for id, there in zip(asked, self.threads.each(self._is_workspace, asked), strict=True):
            self._workspaces[id] = there
        self._look_into([id for id in asked if self._workspaces[id]])
        found |= {id for id, there in self._workspaces.items() if there and id in named}
        return sorted(found - self.organizations().keys())

    def _is_workspace(self, id: str) -> bool:
        return self.transport.describes_itself(id)

    def organizations(self, *, fresh: bool = False, named: Collection[str] = ()) -> dict[str, JsonMap]:
        """Id -> organization. Without the right to see them (then `unread` says so) only those of `named` that exist, and
        nothing but their ids."""
        if self._organizations is None or fresh:
            self._organizations = self._listed_organizations()
            self._changed = None
        if self.unread:
            asked = [id for id in named if id not in self._named]
            there = self.threads.each(self._is_workspace, asked)
            new: dict[str, JsonMap] = {id: {"id": id} for id, is_there in zip(asked, there, strict=True) if is_there}
            self._named.update(new)
            self._look_into(list(new))
            return self._named
        return self._organizations

    def _listed_organizations(self) -> dict[str, JsonMap]:
        if not self.transport.has_system:
            return {}
        try:
            found = self._pages("/organizations", "organizations", "after_organization_id", Api.SYSTEM)
            listed = {str(body.get("id")): body for body in found}
        except Unauthorised as error:
            if not error.scope:  # a token that is not taken, or a gateway, says nothing about rights
                raise
            self.unread = f"{error.message}; {error.hint}" if error.hint else error.message
            return {}
        self.unread = ""
        return listed

    def _look_into(self, homes: list[str]) -> None:
        """Workspaces and organizations became known after pools were listed: theirs are added."""
        if self._pools is None or not homes:
            return
        self._changed = None
        for bodies in self.threads.each(self._pools_of, homes):
            for body in bodies:
                if body.get("deleted") is not True:
                    self._pools.setdefault(str(body.get("id")), body)

    def pools_of_new(self, home: str) -> list[str]:
        """The ids of the pools in an organization that was just made."""
        found = {str(body["id"]): body for body in self._pools_of(home) if body.get("deleted") is not True}
        for id, body in found.items():
            self.saw_pool(id, body)
        return list(found)

    def organization(self, id: str) -> Raw:
        """One organization."""
        answer = self.transport.get(
            path_of("organizations", id), api=Api.SYSTEM, what=f"read organization {id}", shows=id
        )
        return self._raw("organization", answer)

    def schemas(self, *, fresh: bool = True) -> list[JsonMap]:
        """All schemas of the tenant."""
        if self._schemas is None or fresh:
            body = self._get("schemas", what="list schemas").body
            found = [as_map(one) for one in _listed(body, "schemas", "of schemas")]
            if not as_map(body) or not all(is_object(one, "") for one in found):
                raise _of_another_form("of schemas")
            self._schemas = found
        return self._schemas

    def schema(self, id: str) -> Raw:
        """One schema."""
        return self._raw("schema", self._get("schemas", id, what=f"read schema {id}", shows=id))

    def pools(self, *, fresh: bool = False) -> dict[str, JsonMap]:
        """Id -> pool, of the tenant, its workspaces and its organizations. Those marked as deleted are left out."""
        with self._lock:
            if self._pools is None or fresh:
                self._pools = self._all_pools()
                self._changed = None
            return self._pools

    def _all_pools(self) -> dict[str, JsonMap]:
        found = {str(body.get("id")): body for body in self._pages(self._path("pools"), "pools", "after_pool_id")}
        within = {str(body["workspace_id"]) for body in found.values() if body.get("workspace_id")}
        organizations = self.organizations(fresh=True)
        within |= organizations.keys() | {str(o["parent_id"]) for o in organizations.values() if o.get("parent_id")}
        within |= {id for id, there in self._workspaces.items() if there}
        for bodies in self.threads.each(self._pools_of, sorted(within)):
            found.update((str(body.get("id")), body) for body in bodies)
        return {id: body for id, body in found.items() if body.get("deleted") is not True}

    def _pools_of(self, workspace: str) -> list[JsonMap]:
        found: list[JsonMap] = []
        try:
            found.extend(self._pages(self._path("workspace", workspace, "pools"), "pools", "after_pool_id"))
        except NotFound:
            if found:  # it, or where a page begins, went meanwhile: what is left would be a shorter list
                raise Unavailable(
                    f"the pools of {workspace} changed while they were listed", hint="run again"
                ) from None
        return found

    def pool(self, id: str) -> Raw:
        """One pool, as it is at this moment."""
        answer = self._get("pools", id, what=f"read pool {id}", shows=id)
        body = as_map(answer.body)
        if body.get("deleted") is True:
            raise NotFound(f"pool {id} is marked as deleted")
        self.saw_pool(id, body)
        return self._raw("pool", answer)

    def saw_pool(self, id: str, body: JsonMap | None) -> None:
        """A pool was read or written by itself; None: it is gone."""
        with self._lock:
            if self._pools is not None:
                if body is None:
                    self._pools.pop(id, None)
                else:
                    self._pools[id] = body
            if self._changed is not None:
                self._changed.add(("pool", id))

    def saw_organization(self, id: str, body: JsonMap | None) -> None:
        """The same for organizations."""
        with self._lock:
            if self._organizations is not None:
                if body is None:
                    self._organizations.pop(id, None)
                else:
                    self._organizations[id] = body
            if self._changed is not None:
                self._changed.add(("organization", id))

    def links(self, pool_id: str) -> list[JsonMap]:
        """The IDPs that let the pool's users sign in somewhere. Needs the Admin client."""
        answer = self.transport.get(
            path_of("pools", pool_id, "idps"), api=Api.ADMIN, what=f"read the IDPs of pool {pool_id}"
        )
        found = [as_map(one) for one in _listed(answer.body, "idps", f"of the IDPs of pool {pool_id}")]
        return [one for one in found if one.get("identity_pool_id") in (None, "", pool_id)]

    def a_pool_of(self, home: str) -> str:
        """The id of any pool in a workspace or organization as the Admin client sees it, empty where there is none."""
        path = path_of("admin", "workspace", home, "pools")
        body = self.transport.get(path, api=Api.ADMIN_IDENTITY, query={"limit": "1"}, what=f"list pools of {home}").body
        return next((str(as_map(one).get("id") or "") for one in as_list(as_map(body).get("pools"))), "")

    def permissions(self, pool_id: str) -> JsonMap:
        """What the Admin client may do with a pool."""
        path = path_of("admin", "pools", pool_id, "permissions")
        return as_map(self.transport.get(path, api=Api.ADMIN_IDENTITY, what=f"ask for rights in pool {pool_id}").body)

    # -- groups and users

    def groups(self, pool_id: str) -> list[JsonMap]:
        """All groups of a pool, nested ones as well."""
        path = self._path("pools", pool_id, "groups")
        return list(self._pages(path, "", "after_group_id", query={"with_nested_groups": "true"}))

    def group(self, pool_id: str, id: str) -> JsonMap:
        """One group."""
        return as_map(self._get("pools", pool_id, "groups", id, what=f"read group {id}", shows=id).body)

    def user(self, pool_id: str, id: str, etag: str = "") -> Raw:
        """One user with identifiers and addresses. The service may answer with what it has kept for a while: `etag`, of a write,
        makes sure that the answer is not older."""
        what = f"read user {id}"
        if etag:
            with suppress(Conflict):  # it changed again since
                return self._raw("user", self._get("pools", pool_id, "users", id, what=what, etag=etag, shows=id))
        return self._raw("user", self._get("pools", pool_id, "users", id, what=what, shows=id))

    def user_by_key(self, pool_id: str, identifier: str) -> Raw:
        """The user who holds an identifier."""
        if self.through_admin:
            return self._searched(pool_id, identifier)
        path = path_of("system", "pools", pool_id, "users", "by_key")
        answer = self.transport.call(
            "POST", path, {"identifier": identifier}, what=f"look a user of pool {pool_id} up", shows=""
        )
        return Raw(as_map(answer.body), answer.etag)

    def _searched(self, pool_id: str, identifier: str) -> Raw:
        """The same where there is no look-up. A search gives whoever's identifier or address begins or ends so, or has that id;
        it is asked for both spellings where the pool ignores case, since nobody says whether it does."""
        folds = self.pools().get(pool_id, {}).get("identifier_case_insensitive") is True
        wanted = identifier.casefold() if folds else identifier
        path = self._path("pools", pool_id, "users")
        for text in dict.fromkeys([identifier, identifier.lower()] if folds else [identifier]):
            query = {"query": canonical({"user_key": text}).decode()}
            for body in self._pages(path, "users", "after_user_id", query=query):
                held = as_texts(body.get("identifiers"))
                if wanted in ([one.casefold() for one in held] if folds else held):
                    return self.user(pool_id, str(body.get("id")))
        raise NotFound(f"nobody in pool {pool_id} holds that identifier")

    def users(self, pool_id: str) -> list[str]:
        """The ids of all users of a pool: for who asks for everything."""
        path = self._path("pools", pool_id, "users")
        return [str(body.get("id")) for body in self._pages(path, "users", "after_user_id")]

    def groups_of(self, pool_id: str, user_id: str) -> list[str]:
        """The ids of the groups that a user is a member of itself."""
        path = self._path("pools", pool_id, "users", user_id, "groups")
        return [str(body.get("id")) for body in self._pages(path, "", "after_group_id")]

    # -- pages

    @property
    def _api(self) -> Api:
        return Api.ADMIN_IDENTITY if self.through_admin else Api.IDENTITY

    def _path(self, *steps: str) -> str:
        return path_of("admin" if self.through_admin else "system", *steps)

    def _get(self, *steps: str, what: str, etag: str = "", shows: str | None = None) -> Answer:
        return self.transport.get(self._path(*steps), api=self._api, what=what, etag=etag, shows=shows)

    def _raw(self, word: str, answer: Answer) -> Raw:
        if not answer.etag:
            self.without_etag.add(word)
        return Raw(as_map(answer.body), answer.etag)

    def _pages(
        self, path: str, key: str, cursor: str, api: Api | None = None, query: Mapping[str, str] | None = None
    ) -> Iterator[JsonMap]:
        """Every object of a list, each once: page after page, until one is not full. There is no count and no next link, so
        the id of the last object is where the next page begins. `key` empty: the list is bare."""
        seen: set[str] = set()
        asked = {"limit": str(PAGE), **(query or {})}
        while True:
            body = self.transport.get(
                path, api=api or self._api, query=asked, what=f"list {key or path.rpartition('/')[2]}"
            ).body
            page = [as_map(one) for one in _listed(body, key, path)]
            if not all(is_object(one, "") for one in page):
                raise _of_another_form(path)
            new = [one for one in page if one["id"] not in seen]
            seen.update(str(one["id"]) for one in new)
            yield from new
            if len(page) < PAGE:
                return
            if not new:
                raise Unavailable(f"the list {path} does not end: a page brings nothing new")
            if len(seen) > LARGEST_LIST:
                raise Unavailable(f"the list {path} does not end: it has more than {LARGEST_LIST:,} objects")
            asked = {**asked, cursor: str(page[-1]["id"])}


def _listed(body: JsonValue, key: str, path: str) -> list[JsonValue]:
    """The members of a list. Raises Unavailable for a reply of another form: nothing that could not be read is an empty list. An
    empty one may be null, or left out of a map that says nothing else."""
    value = body.get(key) if key and isinstance(body, dict) else body
    if (key and not isinstance(body, dict)) or not isinstance(value, list | None):
        raise _of_another_form(path)
    if key and isinstance(body, dict) and body and key not in body:
        raise _of_another_form(path)
    return as_list(value)


def _of_another_form(path: str) -> Unavailable:
    return Unavailable(f"the list {path} is answered in a form that is not the service's", hint="run again later")


def found_or_none(read: Callable[..., Raw], *arguments: str) -> Raw | None:
    """What a read of one object gives, None where it is not there."""
    try:
        return read(*arguments)
    except NotFound:
        return None
