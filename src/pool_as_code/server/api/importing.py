"""Writes many objects that come in one document, all of them or none: pools, schemas, groups and users with their records.

`mode` says what becomes of an object that is there already: `update` replaces it, `ignore` leaves it, `fail` refuses the whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Literal, NamedTuple

from ...core.errors import StoreError
from ...core.secrets import Secret
from ...core.values import JsonMap, JsonValue, as_list, as_map, as_texts, canonical, parse_json
from ...directory import credentials, groups, pools, rows, schemas, users
from ...directory.credentials import Credential
from ...directory.starting import HASH, NewUser
from ...stores.secureauth.wire import StoredCredential, credential_from_wire
from ..call import Call
from ..problems import Problem
from ..stored import Stored, find, require
from . import forms
from .left_out import unknown
from .pools import container_metadata
from .user_forms import with_own_schemas

Mode = Literal["update", "ignore", "fail"]
MODES: tuple[Mode, ...] = ("update", "ignore", "fail")
TABLES = frozenset(
    {
        *("schemas", "pools", "groups", "users", "user_identifiers", "user_verifiable_addresses", "user_credentials"),
        "group_members",
    }
)
"""What is written of an identity dump."""
_LISTS = {"user_identifiers": "identifiers", "user_verifiable_addresses": "verifiable_addresses"}
_FLAGS = {"must_be_changed": "mustChange", "must_be_reset": "mustReset"}


class _User(NamedTuple):
    """One user of a dump: the settings it will have, its groups, its password."""

    pool: Stored
    spec: JsonMap
    password: StoredCredential | None


def mode_of(call: Call) -> Mode:
    """What becomes of objects that are there already."""
    word = call.choice("mode", *MODES)
    return MODES[MODES.index(word)]


def write_schema(call: Call, id: str, body: JsonMap, mode: Mode) -> None:
    """Make or replace a schema. One of the system stays as it is."""
    before = find(call.directory, "schema", id)
    received = forms.read("schema", body)
    if before is None:
        metadata: JsonMap = {"system": True} if received.metadata.get("system") else {}
        schemas.create(call.directory, id, metadata, received.spec)
    elif replaces(mode, "schema", id) and not before.row.metadata.get("system"):
        schemas.update(call.directory, id, forms.replaced("schema", before.row.spec, body, received))


def write_pool(call: Call, id: str, body: JsonMap, container: str, mode: Mode) -> None:
    """Make or replace a pool."""
    before = find(call.directory, "pool", id)
    received = forms.read("pool", body)
    if before is None:
        pools.create(call.directory, id, container_metadata(call.directory, container), received.spec)
    elif replaces(mode, "pool", id):
        pools.update(call.directory, id, forms.replaced("pool", before.row.spec, body, received))


def write_dump(call: Call, body: JsonMap, mode: Mode) -> Counter[str]:
    """The tables of an identity dump, in the order of their references; gives what was left out, by table: credentials of no
    documented form, and what is no table of such a dump."""
    for schema in table_rows(body, "schemas"):
        write_schema(call, row_id(schema, "schemas"), schema, mode)
    for pool in table_rows(body, "pools"):
        write_pool(call, row_id(pool, "pools"), pool, str(pool.get("workspace_id") or ""), mode)
    for group in sorted(table_rows(body, "groups"), key=lambda one: len(_path(one))):
        _write_group(call, group, mode)
    _write_users(call, body, mode)
    left = unknown(body, TABLES)
    held = [credential_from_wire(row) for row in table_rows(body, "user_credentials")]
    left["user_credentials"] = sum(1 for one in held if one.type != "password" or one.hash is None)
    return left


def _write_group(call: Call, body: JsonMap, mode: Mode) -> None:
    id, pool_id = row_id(body, "groups"), str(body.get("user_pool_id") or "")
    steps = _path(body)
    parent = str(body.get("parent_id") or "") or (steps[-2] if len(steps) > 1 and steps[-1] == id else "")
    spec: JsonMap = {"displayName": str(body.get("name") or id)}
    if body.get("description"):
        spec["description"] = str(body["description"])
    if find(call.directory, "group", id) is None:
        groups.create(call.directory, id, pool_id, {"parent": parent} if parent else {}, spec)
    elif replaces(mode, "group", id):
        writes = [(("spec", key), spec.get(key)) for key in ("displayName", "description")]
        groups.update(call.directory, id, pool_id, [*writes, (("metadata", "parent"), parent or None)])


def _write_users(call: Call, body: JsonMap, mode: Mode) -> None:
    fresh: list[tuple[NewUser, StoredCredential | None]] = []
    for id, one in _users(call, body).items():
        before = find(call.directory, "user", id)
        if before is None:
            fresh.append((_new_user(id, one), one.password))
        elif before.row.pool_id != one.pool.id:
            raise Problem(409, f"user {id!r} lives in another pool")
        elif replaces(mode, "user", id):
            spec = {**one.spec, "userType": before.row.spec.get("userType", "standard")}
            users.replace_spec(call.directory, before.row, spec)
            _keep_password(call, id, one.password)
    for made, (new, password) in zip(
        users.create_many(call.directory, [new for new, _ in fresh]) if fresh else (), fresh, strict=True
    ):
        if isinstance(made, StoreError):
            raise made
        _keep_password(call, new.id, password)


def _users(call: Call, body: JsonMap) -> dict[str, _User]:
    lists = {theirs: _by_user(body, table) for table, theirs in _LISTS.items()}
    members, held = _by_user(body, "group_members"), _by_user(body, "user_credentials")
    found: dict[str, _User] = {}
    known: dict[str, Stored] = {}
    for row in table_rows(body, "users"):
        id, pool_id = row_id(row, "users"), str(row.get("user_pool_id") or "")
        pool = known.setdefault(pool_id, require(call.directory, "pool", pool_id))
        nested: JsonMap = {theirs: [*rows[id]] for theirs, rows in lists.items() if id in rows}
        spec = with_own_schemas(pool, forms.read("user", {**row, **nested}).spec)
        if id in members:
            joined: list[JsonValue] = [*dict.fromkeys(str(one.get("group_id")) for one in members[id])]
            spec["groups"] = joined
        found[id] = _User(pool, spec, _password_of(held.get(id, [])))
    strangers = {*members, *held, *(id for rows in lists.values() for id in rows)} - set(found)
    for id in sorted(strangers):
        found[id] = _amended(call, id, {theirs: rows.get(id, []) for theirs, rows in lists.items()}, members, held)
    return found


def _amended(
    call: Call,
    id: str,
    lists: dict[str, list[JsonMap]],
    members: dict[str, list[JsonMap]],
    held: dict[str, list[JsonMap]],
) -> _User:
    """A user who is there already and of whom the dump holds records only: these are added."""
    user = require(call.directory, "user", id)
    pool, spec = require(call.directory, "pool", user.row.pool_id), user.row.spec
    nested: JsonMap = {theirs: [*rows] for theirs, rows in lists.items()}
    received = forms.read("user", nested).spec
    for key in ("identifiers", "addresses"):
        there = as_list(spec.get(key))
        added = [member for member in as_list(received.get(key)) if member not in there]
        if added:
            spec[key] = [*there, *added]
    joined = [str(one.get("group_id")) for one in members.get(id, [])]
    if joined:
        kept: list[JsonValue] = [*dict.fromkeys([*as_texts(spec.get("groups")), *joined])]
        spec["groups"] = kept
    return _User(pool, spec, _password_of(held.get(id, [])))


def _new_user(id: str, one: _User) -> NewUser:
    new = NewUser(id, one.pool.id, one.spec)
    if one.password is None or one.password.hash is None:
        return new
    flags: JsonMap = {flag: True for state, flag in _FLAGS.items() if one.password.state == state}
    return new._replace(spec={**one.spec, "password": flags}, secrets={HASH: one.password.hash})


def _keep_password(call: Call, user_id: str, password: StoredCredential | None) -> None:
    """A password as the dump has it: its hash, its state, when it was set, and when it expires."""
    if password is None or password.hash is None:
        return
    db = call.directory.db
    known, moment = credentials.find(db, user_id, "password"), call.directory.moment()
    made = Credential(
        user_id,
        "password",
        "",
        _payload(password.hash),
        password.state,
        known.created_at if known else moment,
        password.updated_at or (known.updated_at if known else moment),
        password.expires_at or None,
    )
    if made != known:
        credentials.put(db, [made])
        rows.touch(db, "user", user_id, moment)


def _payload(hashed: Secret) -> str:
    from ...resources.foreign_hashes import read_hash

    return canonical(read_hash(parse_json(hashed.reveal())).to_json()).decode()


def _password_of(found: list[JsonMap]) -> StoredCredential | None:
    """The password among a user's credentials. Raises Problem 422 for a hash that nobody here can verify."""
    from ...resources.foreign_hashes import read_hash
    from ...resources.hash_configs import UnsupportedHash

    password = None
    for body in found:
        one = credential_from_wire(body)
        if one.type != "password":
            continue
        if one.state not in credentials.STATES:
            raise Problem(422, f"the state of a password is one of {', '.join(credentials.STATES)}")
        if one.hash is not None:
            try:
                read_hash(parse_json(one.hash.reveal()))
            except UnsupportedHash as error:
                raise Problem(422, f"user_credentials: {error.reason}") from None
            password = one
    return password


def replaces(mode: Mode, kind: str, id: str) -> bool:
    """Whether an object that is there is written. Raises Problem 409 where that refuses the whole."""
    if mode == "fail":
        raise Problem(409, f"{kind} {id!r} is there already")
    return mode == "update"


def table_rows(body: JsonMap, table: str) -> list[JsonMap]:
    """The rows of a table of a dump. Raises Problem 422 for what is no list of objects."""
    found = body.get(table)
    if found is not None and not (isinstance(found, list) and all(isinstance(row, dict) for row in found)):
        raise Problem(422, f"{table} is not a list of objects")
    return [as_map(row) for row in as_list(found)]


def _by_user(body: JsonMap, table: str) -> dict[str, list[JsonMap]]:
    found: dict[str, list[JsonMap]] = defaultdict(list)
    for row in table_rows(body, table):
        user_id = row.get("user_id")
        if not isinstance(user_id, str) or not user_id:
            raise Problem(422, f"{table}: a row has no user_id")
        found[user_id].append(row)
    return dict(found)


def row_id(row: JsonMap, table: str) -> str:
    """The id of such a row. Raises Problem 422."""
    id = row.get("id")
    if not isinstance(id, str) or not id:
        raise Problem(422, f"{table}: an object has no id")
    return id


def _path(body: JsonMap) -> list[str]:
    return [step for step in str(body.get("path") or "").split("/") if step]
