"""A tenant in memory that answers as the service's Swagger files say, as far as the store asks: for faults that a real server does not
make on demand. It has the service's quirks: zero values left out, lists with other users than items, pages without an end mark,
ETags on most objects, replays of posts by their key.
"""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pool_as_code.stores.secureauth.connection import Reply

Json = dict[str, Any]
AT = "2026-03-01T12:00:00Z"
SCHEMAS: tuple[Json, ...] = (
    {
        "id": "default_payload",
        "name": "Default",
        "tenant_id": "shop",
        "system": True,
        "schema": {
            "type": "object",
            "properties": {name: {"type": "string", "minLength": 1} for name in ("first_name", "last_name", "name")},
        },
    },
    {"id": "default_metadata", "name": "Default", "tenant_id": "shop", "system": True, "schema": {"type": "object"}},
)

ANSWERED: Json = {  # what answers about organizations have, and requests have not
    "issuer_url": "https://id.example.com/shop/acme",
    "number_of_child_organizations": 0,
    "subject_format": "hash",
    "subject_identifier_algorithm_salt": "s4lt",
    "theme_id": "dark",
}


class Problem(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, error: str = "", **headers: str) -> None:
        super().__init__(error)
        self.status = status
        self.headers = headers


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass
class FakeTenant:
    """The tenant `shop`. `log` holds every request to its APIs; `workspaces` exist without being listed."""

    workspaces: set[str] = field(default_factory=set)
    honours_workspace: bool = True
    log: list[Asked] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)  # user ids that got a message
    pools: dict[str, Json] = field(default_factory=dict)
    schemas: dict[str, Json] = field(default_factory=lambda: {one["id"]: copy.deepcopy(one) for one in SCHEMAS})
    organizations: dict[str, Json] = field(default_factory=dict)
    groups: dict[tuple[str, str], Json] = field(default_factory=dict)
    users: dict[tuple[str, str], Json] = field(default_factory=dict)
    members: set[tuple[str, str, str]] = field(default_factory=set)
    idps: dict[tuple[str, str], Json] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    replays: dict[str, Reply] = field(default_factory=dict)
    tokens: int = 0
    scopes: str = ""  # of the System client, and told with its tokens; empty: all, and nothing is told
    auditor: bool = False  # the Admin client may only read
    holders: dict[str, str] = field(default_factory=dict)  # token -> the server that it is for
    before: Callable[[Asked], Reply | None] = lambda asked: None
    lock: threading.RLock = field(default_factory=threading.RLock)

    # -- the wire

    def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None) -> Reply:
        parts = urlsplit(url)
        steps = [unquote(step) for step in parts.path.split("/")[1:]]
        body = json.loads(content) if content and parts.path.startswith("/api/") else None
        asked = Asked(method, parts.path, dict(parse_qsl(parts.query)), headers, body)
        if parts.path.startswith("/api/") and (forced := self.before(asked)) is not None:
            self.log.append(asked)
            return forced
        with self.lock:
            try:
                return self._answer(asked, steps)
            except Problem as problem:
                error = {"status_code": problem.status, "error": str(problem) or "no"}
                return Reply(problem.status, problem.headers, json.dumps(error).encode())

    def close(self) -> None:
        """Nothing to let go of."""

    def _answer(self, asked: Asked, steps: list[str]) -> Reply:
        if steps[-1] == "openid-configuration":
            known = steps[1] in ("system", "admin") or steps[1] in self.workspaces | self.organizations.keys()
            return _reply(200 if known else 404, {"issuer": "x"})
        if steps[-1] == "token":
            self.tokens += 1
            self.holders[f"Bearer t{self.tokens}"] = steps[1]
            told = {"scope": self.scopes} if self.scopes and steps[1] == "system" else {}
            return _reply(200, {"access_token": f"t{self.tokens}", "expires_in": 3600, "token_type": "bearer", **told})
        self.log.append(asked)
        key = asked.headers.get("x-idempotency-key", "")
        if key and key in self.replays:
            reply = self.replays[key]
            return reply._replace(headers={**reply.headers, "x-idempotent-replayed": "true"})
        reply = self._routed(asked, steps[1], steps[3:])
        if key:
            self.replays[key] = reply
        return reply

    def _refuse_strangers(self, asked: Asked, api: str, steps: list[str]) -> None:
        """Each API takes the tokens of its workspace; scopes and roles say what they are good for."""
        needed = "admin" if api == "admin" or steps[0] == "admin" else "system"
        if self.holders.get(asked.headers.get("authorization", ""), needed) != needed:
            raise Problem(401, "a token of another workspace")
        if needed == "admin" and self.auditor and asked.method != "GET":
            raise Problem(403, "an auditor only reads")
        scope = "manage_configuration" if api == "system" or steps[0] == "configuration" else "identity"
        if needed == "system" and self.scopes and scope not in self.scopes.split():
            raise Problem(403, "insufficient scope")

    def _routed(self, asked: Asked, api: str, steps: list[str]) -> Reply:
        self._refuse_strangers(asked, api, steps)
        if asked.method == "GET" and steps[0] == "admin":
            if steps[-1] == "permissions":
                return _reply(200, {"get_identity_pool": True, "update_identity_pool": not self.auditor})
            return self._routed_to(asked, api, ["system", *steps[1:]])
        return self._routed_to(asked, api, steps)

    def _routed_to(self, asked: Asked, api: str, steps: list[str]) -> Reply:
        match (api, asked.method, steps):
            case ("system", _, ["organizations", *rest]):
                return self._organizations(asked, rest)
            case ("admin", _, _):
                return self._links(asked, steps)
            case ("identity", "PUT", ["configuration"]):
                return self._import(asked.body)
            case ("identity", "POST", ["admin", "workspace", wid, "pools"]):
                if wid not in self.workspaces | self.organizations.keys():
                    raise Problem(404)
                if asked.query.get("with_idp") == "true":
                    self.idps[asked.body["id"], wid] = self._idp(asked.body["id"], wid)
                return self._new_pool({**asked.body, "workspace_id": wid})
            case ("identity", "GET", ["system", "workspace", wid, "pools"]):
                return self._page(
                    asked,
                    "pools",
                    "after_pool_id",
                    {k: p for k, p in self.pools.items() if p.get("workspace_id") == wid},
                )
            case ("identity", _, ["system", "schemas", *rest]):
                return self._schemas(asked, rest)
            case ("identity", _, ["system", "pools"]):
                if asked.method == "POST":
                    return self._new_pool(asked.body)
                return self._page(asked, "pools", "after_pool_id", self.pools)
            case ("identity", _, ["system", "pools", id, *rest]):
                if id not in self.pools:
                    raise Problem(404, "no such pool")
                return self._in_pool(asked, id, rest)
        raise Problem(404, f"no route {asked.method} {asked.path}")

    # -- containers

    def _organizations(self, asked: Asked, rest: list[str]) -> Reply:
        if not rest and asked.method == "GET":
            return self._page(asked, "organizations", "after_organization_id", self.organizations)
        if not rest:
            parent = asked.body.get("parent_id")
            if parent and parent not in self.workspaces | self.organizations.keys():
                raise Problem(404, "no such parent")
            if asked.body["id"] in self.workspaces:
                raise Problem(409, "taken")
            return self._new(self.organizations, asked.body["id"], asked.body)
        if asked.method == "PUT" and ANSWERED.keys() & asked.body.keys():
            raise Problem(422, "a request has no such fields")
        return self._one(asked, self.organizations, rest[0])

    def _schemas(self, asked: Asked, rest: list[str]) -> Reply:
        if not rest and asked.method == "GET":
            return _reply(200, {"schemas": list(self.schemas.values())})
        if not rest:
            return self._new(self.schemas, asked.body["id"], asked.body)
        if asked.method == "DELETE" and any(rest[0] in pool.values() for pool in self.pools.values()):
            raise Problem(409, "in use")
        return self._one(asked, self.schemas, rest[0])

    def _new_pool(self, body: Json) -> Reply:
        if not body.get("id") or len(body["id"]) > 128 or not body["id"].replace("-", "a").replace("_", "a").isalnum():
            raise Problem(422, "bad id")
        for role in ("payload_schema_id", "metadata_schema_id", "business_metadata_schema_id"):
            if body.get(role, "default_payload") not in self.schemas:
                raise Problem(404, "no such schema")
        home = body.get("workspace_id")
        if home and home not in self.workspaces | self.organizations.keys():
            raise Problem(404, "no such workspace")
        if home and not self.honours_workspace:
            body = {key: value for key, value in body.items() if key != "workspace_id"}
        body = {"payload_schema_id": "default_payload", "metadata_schema_id": "default_metadata", **body}
        body.setdefault("password_settings", {}).setdefault("hashing_method", "argon2")
        return self._new(self.pools, body["id"], body)

    def _links(self, asked: Asked, steps: list[str]) -> Reply:
        match (asked.method, steps):
            case ("GET", ["pools", id, "idps"]):
                return _reply(200, {"idps": [idp for (pool, _), idp in self.idps.items() if pool == id]})
            case ("POST", ["servers", wid, "idps", "identity_pool"]):
                idp = self._idp(asked.body["identity_pool_id"], wid)
                self.idps[asked.body["identity_pool_id"], wid] = idp
                return _reply(201, idp)
            case ("PUT", ["servers", wid, "idps", "identity_pool", _]):
                self.idps[asked.body["identity_pool_id"], wid] = asked.body
                return _reply(200, asked.body)
        raise Problem(404)

    def _idp(self, pool: str, wid: str) -> Json:
        if wid not in self.workspaces | self.organizations.keys():
            raise Problem(404, "no such workspace")
        return {
            "id": f"idp-{pool}-{wid}",
            "method": "identity_pool",
            "identity_pool_id": pool,
            "authorization_server_id": wid,
        }

    # -- in a pool

    def _in_pool(self, asked: Asked, pool: str, rest: list[str]) -> Reply:
        match rest:
            case []:
                if asked.method == "DELETE":
                    self._matches(asked, self.pools[pool])
                    for table in (self.groups, self.users):
                        for key in [key for key in table if key[0] == pool]:
                            del table[key]
                    self.members = {m for m in self.members if m[0] != pool}
                    self.idps = {key: idp for key, idp in self.idps.items() if key[0] != pool}
                return self._one(asked, self.pools, pool)
            case ["groups", *more]:
                return self._groups(asked, pool, more)
            case ["users", *more]:
                return self._users(asked, pool, more)
        raise Problem(404)

    def _groups(self, asked: Asked, pool: str, rest: list[str]) -> Reply:
        mine = {id: group for (home, id), group in self.groups.items() if home == pool}
        if not rest and asked.method == "GET":
            return self._page(asked, "", "after_group_id", mine)
        if not rest:
            if asked.body.get("parent_id", "") not in {"", *mine}:
                raise Problem(404, "no such parent")
            if asked.body["id"] in mine:
                raise Problem(409, "taken")
            self.groups[pool, asked.body["id"]] = asked.body
            return _reply(201, asked.body)
        if rest[0] not in mine:
            raise Problem(404)
        if len(rest) == 3:
            if (pool, rest[2]) not in self.users:
                raise Problem(404)
            change = self.members.add if asked.method == "PUT" else self.members.discard
            change((pool, rest[0], rest[2]))
            return _reply(204)
        if asked.method == "DELETE":
            if any(group == rest[0] for _, group, _ in self.members) or any(
                g.get("parent_id") == rest[0] for g in mine.values()
            ):
                raise Problem(409, "in use")
            del self.groups[pool, rest[0]]
            return _reply(204)
        if asked.method == "PUT":
            self.groups[pool, rest[0]] = asked.body
        return _reply(200, self.groups[pool, rest[0]])

    def _users(self, asked: Asked, pool: str, rest: list[str]) -> Reply:
        mine = {id: user for (home, id), user in self.users.items() if home == pool}
        match (asked.method, rest):
            case ("GET", []):
                key = json.loads(asked.query.get("query", "{}")).get("user_key", "")
                listed = {id: _listed(user) for id, user in mine.items() if _found_by(user, key)}
                return self._page(asked, "users", "after_user_id", listed)
            case ("POST", []):
                return self._new_user(pool, asked.body)
            case ("POST", ["by_key"]):
                wanted = self._fold(pool, asked.body["identifier"])
                for user in mine.values():
                    if any(self._fold(pool, row["identifier"]) == wanted for row in user["identifiers"]):
                        return self._shown(user)
                raise Problem(404)
        if rest[0] not in mine:
            raise Problem(404)
        user = mine[rest[0]]
        match (asked.method, rest[1:]):
            case ("GET", []):
                self._matches(asked, user)
                return self._shown(user)
            case ("DELETE", []):
                self._matches(asked, user)
                del self.users[pool, rest[0]]
                self.members = {m for m in self.members if m[2] != rest[0]}
                return _reply(204)
            case ("PATCH", []):
                self._matches(asked, user)
                self._check_profile(pool, _merged(user, asked.body))
                user.update(_merged(user, asked.body))
                for key in [key for key, value in asked.body.items() if value is None]:
                    user.pop(key, None)
                self._moved(user)
                return self._shown(user)
            case ("GET", ["groups"]):
                found = {g: self.groups[p, g] for p, g, u in self.members if (p, u) == (pool, rest[0])}
                return self._page(asked, "", "after_group_id", found)
            case ("POST", ["activation", "send"]):
                self.sent.append(rest[0])
                return _reply(204)
            case ("POST", [word, verb]):
                return self._user_list(pool, user, word, verb, asked.body)
        raise Problem(404)

    def _user_list(self, pool: str, user: Json, word: str, verb: str, body: Json) -> Reply:
        rows, key = (
            (user["identifiers"], "identifier") if word == "identifiers" else (user["verifiable_addresses"], "address")
        )
        at = next((index for index, row in enumerate(rows) if row[key] == body[key]), None)
        if verb == "add":
            if word == "identifiers":
                self._refuse_taken(pool, body[key])
            elif at is not None:
                raise Problem(409, "there already")
            rows.append(self._row(user, key, body))
        elif at is None:
            raise Problem(404)
        elif verb == "remove":
            del rows[at]
        else:
            rows[at] = {**rows[at], **body}
        self._moved(user)
        etag = self.etag(user)
        return _reply(204, etag=etag) if verb == "remove" else _reply(200, rows[-1], etag=etag)

    def _new_user(self, pool: str, body: Json) -> Reply:
        if (pool, body["id"]) in self.users:
            raise Problem(409, "taken")
        for role in ("payload_schema_id", "metadata_schema_id", "business_metadata_schema_id"):
            if body.get(role, "default_payload") not in self.schemas:
                raise Problem(404, "no such schema")
        for row in body.get("identifiers", []):
            self._refuse_taken(pool, row["identifier"])
        self._check_profile(pool, body)
        user = {
            "payload_schema_id": "default_payload",
            "metadata_schema_id": "default_metadata",
            "user_type": "standard",
            "tenant_id": "shop",
            "user_pool_id": pool,
            "created_at": AT,
            "updated_at": AT,
            **body,
        }
        user["identifiers"] = [self._row(user, "identifier", row) for row in body.get("identifiers", [])]
        user["verifiable_addresses"] = [self._row(user, "address", row) for row in body.get("verifiable_addresses", [])]
        user["credentials"] = [
            {"type": c["type"], "state": "valid", "payload": {}} for c in body.get("credentials", [])
        ]
        self.users[pool, body["id"]] = user
        return self._shown(user, 201)

    def _import(self, dump: Json) -> Reply:
        for row in dump["users"]:
            rows = {
                theirs: [m for m in dump[table] if m["user_id"] == row["id"]]
                for table, theirs in (
                    ("user_identifiers", "identifiers"),
                    ("user_verifiable_addresses", "verifiable_addresses"),
                    ("user_credentials", "credentials"),
                )
            }
            self.users[row["user_pool_id"], row["id"]] = {
                "payload_schema_id": "default_payload",
                "metadata_schema_id": "default_metadata",
                **row,
                **rows,
            }
        return _reply(204)

    def _check_profile(self, pool: str, user: Json) -> None:
        if user.get("payload", {}).get("first_name") == "":
            raise Problem(422, "first_name is too short")

    def _refuse_taken(self, pool: str, value: str) -> None:
        for (home, _), user in self.users.items():
            if home == pool and any(
                self._fold(pool, row["identifier"]) == self._fold(pool, value) for row in user["identifiers"]
            ):
                raise Problem(409, "the identifier is taken")

    def _fold(self, pool: str, value: str) -> str:
        return value.lower() if self.pools[pool].get("identifier_case_insensitive") else value

    def _row(self, user: Json, key: str, row: Json) -> Json:
        about = {"tenant_id": "shop", "user_pool_id": user["user_pool_id"], "user_id": user["id"], "created_at": AT}
        return {**row, **about, "updated_at": AT, "id": f"{key}-{row[key]}", f"{key}_lc": row[key].lower()}

    # -- objects

    def _new(self, table: dict[str, Json], id: str, body: Json) -> Reply:
        if id in table:
            raise Problem(409, "taken")
        table[id] = copy.deepcopy(body)
        return self._shown(table[id], 201)

    def _one(self, asked: Asked, table: dict[str, Json], id: str) -> Reply:
        if id not in table:
            raise Problem(404)
        if asked.method != "GET":
            self._matches(asked, table[id])
        if asked.method == "DELETE":
            del table[id]
            return _reply(204)
        if asked.method == "PUT" and json.dumps(table[id], sort_keys=True) != json.dumps(asked.body, sort_keys=True):
            table[id] = copy.deepcopy(asked.body)
            if table is self.pools:
                table[id].setdefault("password_settings", {}).setdefault("hashing_method", "argon2")
            self._moved(table[id])
        return self._shown(table[id])

    def _matches(self, asked: Asked, there: Json) -> None:
        wanted = asked.headers.get("if-match")
        if wanted and wanted != self.etag(there):
            raise Problem(412)

    def etag(self, body: Json) -> str:
        """The present ETag of an object."""
        return f'"{self.versions.get(id_of(body), 0)}-{len(json.dumps(body))}"'

    def _moved(self, body: Json) -> None:
        self.versions[id_of(body)] = self.versions.get(id_of(body), 0) + 1

    def _shown(self, body: Json, status: int = 200) -> Reply:
        return _reply(status, self._with_counters(body), etag=self.etag(body))

    def _with_counters(self, body: Json) -> Json:
        if self.organizations.get(body.get("id", "")) is body:
            return {**body, **ANSWERED}
        if self.pools.get(body.get("id", "")) is not body:
            return body
        jit = sum(1 for (pool, _), user in self.users.items() if pool == body["id"] and user.get("user_type") == "jit")
        total = sum(1 for pool, _ in self.users if pool == body["id"])
        return {**body, "number_of_users": total, "number_of_jit_users": jit, "number_of_standard_users": total - jit}

    def _page(self, asked: Asked, key: str, cursor: str, table: Mapping[str, Json]) -> Reply:
        after = asked.query.get(cursor, "")
        ids = [id for id in sorted(table) if id > after][: int(asked.query.get("limit", "20"))]
        rows = [self._with_counters(table[id]) for id in ids]
        return _reply(200, {key: rows} if key else rows)


def id_of(body: Json) -> int:
    """The place of an object among the versions."""
    return hash((body.get("user_pool_id", ""), body["id"], "schema" in body, "parent_id" in body))


def _merged(there: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    found = dict(there) if isinstance(there, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = _merged(found.get(key), value)
    return found


def _found_by(user: Json, key: str) -> bool:
    """The service's search: identifiers and verified addresses that begin or end so, or the whole id."""
    texts = [row["identifier"] for row in user["identifiers"]]
    texts += [row["address"] for row in user["verifiable_addresses"] if row.get("verified")]
    return key in ("", user["id"]) or any(text.startswith(key) or text.endswith(key) for text in texts)


def _listed(user: Json) -> Json:
    rest = {key: value for key, value in user.items() if key not in ("credentials", "verifiable_addresses")}
    return {**rest, "identifiers": [row["identifier"] for row in user["identifiers"]]}


def _reply(status: int, body: Any = None, **headers: str) -> Reply:
    return Reply(status, headers, b"" if body is None else json.dumps(body).encode())
