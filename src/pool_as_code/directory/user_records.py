"""A user as it is stored: the checked document, and the keys that index tables hold of it.

`user_identifiers`, `verified_addresses`, `group_members` and `user_schemas` say nothing that the documents do not say;
they make it unique and findable. Only this module writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..core.values import JsonMap, as_map, as_texts
from ..resources.pool import ROLES
from . import identifiers, rows, schemas
from .attributes import PoolRules
from .database import Database

_Index = tuple[str, ...]


class Record(NamedTuple):
    """A checked user and its keys."""

    id: str
    pool_id: str
    text: str
    names: identifiers.Names
    groups: list[str]
    schemas: list[tuple[str, str]]


def record_of(rules: PoolRules, id: str, spec: JsonMap, known: JsonMap | None = None) -> Record:
    """The user with these settings; `known` are those it had, and what stays of them is not judged again.

    Raises Rejected for a malformed name, unknown status or attributes that do not fit, NotFound for a group or schema that
    is not there.
    """
    spec = dict(spec)
    for key in _LISTS:
        if not spec.get(key, True):
            del spec[key]
    before = known or {}
    groups = sorted(set(as_texts(spec.get("groups"))))
    if "groups" in spec:
        spec["groups"] = [*groups]
    names = identifiers.names_of(spec, ignore_case=rules.ignore_case, known=known)
    rules.check_choices(spec, before)
    own = [(role, str(schema)) for role, schema in as_map(spec.get("schemas")).items() if schema is not None]
    same_schemas = before.get("schemas") == spec.get("schemas")
    if not same_schemas:
        schemas.require_all(rules.directory, [schema for _, schema in own])
    written: tuple[str, ...] = ROLES
    if known is not None and same_schemas:
        written = tuple(role for role in ROLES if spec.get(role) != before.get(role))
    rules.check_attributes(spec, roles=written)
    return Record(id, rules.pool_id, rows.document({}, spec), names, groups, own)


def insert_keys(db: Database, records: Sequence[Record]) -> None:
    """Write the index rows of users. Raises ConstraintBroken when a name is taken."""
    for table, columns, found in _indexed(records):
        if found:
            marks = ", ".join("?" * len(columns))
            db.execute_many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", found)


def replace_keys(db: Database, before: Record, after: Record) -> None:
    """Write what has changed in a user's index rows. Raises ConstraintBroken when a name is taken."""
    gone_and_come = zip(_indexed([before]), _indexed([after]), strict=True)
    for (table, columns, old), (_, _, new) in gone_and_come:
        gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
        same = " AND ".join(f"{column} = ?" for column in columns)
        marks = ", ".join("?" * len(columns))
        db.execute_many(f"DELETE FROM {table} WHERE {same}", gone)
        db.execute_many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", come)


def _indexed(records: Sequence[Record]) -> list[tuple[str, tuple[str, ...], list[_Index]]]:
    """Table, columns and rows of every index table."""
    return [
        (
            "user_identifiers",
            ("pool_id", "key", "user_id"),
            [(r.pool_id, key, r.id) for r in records for key in r.names.identifiers],
        ),
        (
            "verified_addresses",
            ("pool_id", "key", "user_id"),
            [(r.pool_id, key, r.id) for r in records for key in r.names.verified],
        ),
        ("group_members", ("group_id", "user_id"), [(group, r.id) for r in records for group in r.groups]),
        (
            "user_schemas",
            ("user_id", "role", "schema_id"),
            [(r.id, role, schema) for r in records for role, schema in r.schemas],
        ),
    ]


_LISTS = ("identifiers", "addresses", "groups")
