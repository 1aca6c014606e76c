"""Users as records: making, changing and deleting them, alone and in bulk. What they sign in with is `credentials`.

A user's settings are one document; identifiers, verified addresses, groups and schemas of one's own stand in it and,
as keys, in index tables that make them unique and findable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from ..core.errors import Rejected, StoreError
from ..core.fieldpath import FieldPath, format_path
from ..core.secrets import Secret
from ..core.values import JsonMap, JsonValue, as_list, as_map
from ..resources import user as kind
from ..resources.patch import apply_writes, document_shape
from ..resources.pool import ROLES
from . import identifiers, rows, schemas
from .attributes import PoolRules, rules_of
from .database import ConstraintBroken
from .directory import Directory
from .rows import Row

Writes = Sequence[tuple[FieldPath, JsonValue]]
_Made = TypeVar("_Made")
_Given = ParamSpec("_Given")

ONLY_AT_CREATION = ("password", "totp", "passkeys", "invitation")
"""Parts of a user's settings that are no part of the document: credentials and messages come of them."""

BATCH = 1000


@dataclass(frozen=True, slots=True)
class NewUser:
    """One user to make. `spec` in the manifests' vocabulary, references as ids; `secrets` by field path text."""

    id: str
    pool_id: str
    spec: JsonMap
    secrets: Mapping[str, Secret] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Record:
    """A checked user: its document and the keys that go into index tables."""

    id: str
    pool_id: str
    text: str
    keys: list[str]
    verified: list[str]
    groups: list[str]
    schemas: list[tuple[str, str]]


def create(directory: Directory, new: NewUser) -> Row:
    """A new user. Raises Conflict for a taken id, identifier or verified address, NotFound for a pool, group or schema
    that is not there, Rejected for attributes that do not fit."""
    return _create(directory, rules_of(directory, new.pool_id), new)


def create_many(directory: Directory, new: Sequence[NewUser]) -> list[Row | StoreError]:
    """Many users, in batches: the row of each, or why it was refused. Those that can be made are made."""
    rules: dict[str, PoolRules | StoreError] = {}
    made: list[Row | StoreError] = []
    with directory.change() as moment:
        for user in new:
            if user.pool_id not in rules:
                rules[user.pool_id] = _attempt(rules_of, directory, user.pool_id)
        for start in range(0, len(new), BATCH):
            made += _create_batch(directory, rules, new[start : start + BATCH], moment)
    return made


def update(directory: Directory, id: str, pool_id: str, writes: Writes, *, revision: str = "") -> Row:
    """Write fields. Only attribute maps that are written, or whose schema is, must fit."""
    for path, _ in writes:
        if path[0] != "spec" or (len(path) > 1 and path[1] in ONLY_AT_CREATION):
            raise Rejected(
                f"{format_path(path[1:] or path)} of a user can not be written", hint="it is set at creation"
            )
    with directory.change() as moment:
        row = rows.require(directory.db, "user", id, pool_id=pool_id, revision=revision)
        before = row.spec
        body = apply_writes(document_shape(kind.KIND), row.body, writes)
        return _save(directory, row, before, as_map(body.get("spec")), moment)


def replace_spec(directory: Directory, row: Row, spec: JsonMap) -> Row:
    """The same rules for rooms that have made the whole new document themselves."""
    with directory.change() as moment:
        return _save(directory, row, row.spec, spec, moment)


def delete(directory: Directory, id: str, pool_id: str, *, revision: str = "") -> None:
    """Delete a user for good, with everything that hangs on it."""
    with directory.change():
        row = rows.require(directory.db, "user", id, pool_id=pool_id, revision=revision)
        for table in OWN_TABLES:
            directory.db.execute(f"DELETE FROM {table} WHERE user_id = ?", id)
        rows.remove(directory.db, row)


def find(directory: Directory, pool_id: str, *, id: str = "", identifier: str = "", address: str = "") -> Row | None:
    """A user of a pool by id, by identifier, or by verified address."""
    found: str | None = id
    if identifier:
        rules = rows.require(directory.db, "pool", pool_id).spec
        folded = as_map(rules.get("signIn")).get("identifiersIgnoreCase") is True
        found = identifiers.holder_of(directory, pool_id, identifier, ignore_case=folded)
    elif address:
        found = identifiers.holder_of_address(directory, pool_id, address)
    row = rows.find(directory.db, "user", found) if found else None
    return row if row is not None and row.pool_id == pool_id else None


OWN_TABLES = ("user_identifiers", "verified_addresses", "user_schemas", "group_members")


def _create(directory: Directory, rules: PoolRules, new: NewUser) -> Row:
    with directory.change() as moment:
        rows.check_new_id(directory.db, "user", new.id)
        record = _checked(rules, new)
        identifiers.check_free(directory, new.pool_id, new.id, record.keys, record.verified)
        _insert(directory, [record], moment)
        return Row("user", new.id, new.pool_id, record.text, 1)


def _create_batch(
    directory: Directory, rules: Mapping[str, PoolRules | StoreError], new: Sequence[NewUser], moment: str
) -> list[Row | StoreError]:
    found: list[Row | StoreError] = []
    records: list[_Record] = []
    for user in new:
        pool = rules[user.pool_id]
        record = pool if isinstance(pool, StoreError) else _attempt(_checked, pool, user)
        if isinstance(record, StoreError):
            found.append(record)
        else:
            found.append(Row("user", user.id, user.pool_id, record.text, 1))
            records.append(record)
    try:
        with directory.db.atomic():
            _insert(directory, records, moment)
    except ConstraintBroken:  # somebody's id or identifier is taken: one by one shows whose
        for index, user in enumerate(new):
            pool = rules[user.pool_id]
            if not isinstance(pool, StoreError) and not isinstance(found[index], StoreError):
                found[index] = _attempt(_create, directory, pool, user)
    return found


def _attempt(make: Callable[_Given, _Made], *given: _Given.args, **named: _Given.kwargs) -> _Made | StoreError:
    try:
        return make(*given, **named)
    except StoreError as error:
        return error


def _checked(rules: PoolRules, new: NewUser) -> _Record:
    spec: JsonMap = {key: value for key, value in new.spec.items() if value is not None and key not in ONLY_AT_CREATION}
    spec.setdefault("status", "new")
    spec.setdefault("userType", "standard")
    return _record(rules, new.id, spec, None)


def _record(rules: PoolRules, id: str, spec: JsonMap, known: JsonMap | None) -> _Record:
    """The user as it is stored; `known` are the settings it had, which are not judged again where they stay."""
    for name in ("identifiers", "addresses", "groups"):
        if name in spec and not spec[name]:
            del spec[name]
    if "groups" in spec:
        spec["groups"] = list(dict.fromkeys(sorted(map(str, as_list(spec["groups"])))))
    identifiers.check_forms(spec, known)
    rules.check_choices(spec)
    own = [(role, str(schema)) for role, schema in as_map(spec.get("schemas")).items() if schema is not None]
    schemas.require_all(rules.directory, [schema for _, schema in own])
    changed: tuple[str, ...] = ROLES
    if known is not None and known.get("schemas") == spec.get("schemas"):
        changed = tuple(role for role in ROLES if spec.get(role) != known.get(role))
    rules.check_attributes(spec, roles=changed)
    return _Record(
        id,
        rules.pool_id,
        rows.document({}, spec),
        identifiers.identifier_keys(spec, ignore_case=rules.ignore_case),
        identifiers.verified_keys(spec),
        [str(group) for group in as_list(spec.get("groups"))],
        own,
    )


def _save(directory: Directory, row: Row, before: JsonMap, spec: JsonMap, moment: str) -> Row:
    rules = rules_of(directory, row.pool_id)
    spec = {"status": "new", "userType": "standard", **spec}
    if spec["userType"] != before.get("userType"):
        raise Rejected("userType can not change")
    record = _record(rules, row.id, spec, before)
    identifiers.check_free(directory, row.pool_id, row.id, record.keys, record.verified)
    saved = rows.save(directory.db, row, record.text, moment)
    if saved is not row:
        for table in OWN_TABLES:
            directory.db.execute(f"DELETE FROM {table} WHERE user_id = ?", row.id)
        _insert_keys(directory, [record])
    return saved


def _insert(directory: Directory, records: Sequence[_Record], moment: str) -> None:
    directory.db.execute_many(
        "INSERT INTO users (id, pool_id, document, revision, created_at, updated_at) VALUES (?, ?, ?, 1, ?, ?)",
        [(record.id, record.pool_id, record.text, moment, moment) for record in records],
    )
    _insert_keys(directory, records)


def _insert_keys(directory: Directory, records: Sequence[_Record]) -> None:
    db = directory.db
    db.execute_many(
        "INSERT INTO user_identifiers (pool_id, key, user_id) VALUES (?, ?, ?)",
        [(record.pool_id, key, record.id) for record in records for key in record.keys],
    )
    db.execute_many(
        "INSERT INTO verified_addresses (pool_id, key, user_id) VALUES (?, ?, ?)",
        [(record.pool_id, key, record.id) for record in records for key in record.verified],
    )
    db.execute_many(
        "INSERT INTO group_members (group_id, user_id) VALUES (?, ?)",
        [(group, record.id) for record in records for group in record.groups],
    )
    db.execute_many(
        "INSERT INTO user_schemas (user_id, role, schema_id) VALUES (?, ?, ?)",
        [(record.id, role, schema) for record in records for role, schema in record.schemas],
    )
