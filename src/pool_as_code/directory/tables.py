"""The directory's tables as values, and the DDL that SQLite and PostgreSQL need for them.

Types are the two that SQLite and PostgreSQL share: `text` (compared byte by byte; JSON documents are text too, since their
bytes matter) and `integer`. An object's settings are one document; only keys and what the database itself must guard are
columns. The index tables of users that grow fastest point to no row of `users`, since looking that up would cost as much
as all else: `user_records.py` alone writes them, from the document. How older files become these tables is told in
`migrations.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "integer"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. It is never null unless `null` says so; `unique` holds over the whole table (nulls excepted)."""

    name: str
    type: Type = "text"
    null: bool = False
    unique: bool = False
    references: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `clustered` tables keep their rows in the order of the key: right for small rows only."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    clustered: bool = False


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


_DOCUMENT = (
    Column("document"),  # canonical JSON of {"metadata": ..., "spec": ...}, references as ids
    Column("revision", "integer"),  # grows with every change of the object, its credentials or memberships
    Column("created_at"),
    Column("updated_at"),
)

TABLES: tuple[Table, ...] = (
    Table("meta", _text("name", "value"), key=("name",), clustered=True),
    Table(
        "containers",  # workspaces and organizations: one space of ids, since pools and children name either
        (Column("id"), Column("kind"), Column("parent_id", null=True, references="containers"), *_DOCUMENT),
        key=("id",),
        indexes=(("parent_id",),),
    ),
    Table("schemas", (Column("id"), *_DOCUMENT), key=("id",)),
    Table(
        "pools",
        (Column("id"), Column("container_id", null=True, references="containers"), *_DOCUMENT),
        key=("id",),
        indexes=(("container_id",),),
    ),
    Table(
        "pool_schemas",
        (Column("pool_id", references="pools"), Column("role"), Column("schema_id", references="schemas")),
        key=("pool_id", "role"),
        indexes=(("schema_id",),),
        clustered=True,
    ),
    Table(
        "pool_sign_in",  # where a pool's users may sign in
        (Column("pool_id", references="pools"), Column("container_id", references="containers")),
        key=("pool_id", "container_id"),
        indexes=(("container_id",),),
        clustered=True,
    ),
    Table(
        "user_groups",
        (
            Column("id"),
            Column("pool_id", references="pools"),
            Column("parent_id", null=True, references="user_groups"),
            Column("name"),  # the display name: unique below one parent
            *_DOCUMENT,
        ),
        key=("id",),
        indexes=(("pool_id", "name"), ("parent_id",)),
    ),
    Table(
        "users",
        (Column("id"), Column("pool_id", references="pools"), *_DOCUMENT),
        key=("id",),
        indexes=(("pool_id",),),
    ),
    Table(
        "user_identifiers",  # `key` is folded as the pool says; the identifiers themselves stand in the document
        (Column("pool_id"), Column("key"), Column("user_id")),
        key=("pool_id", "key"),
        clustered=True,
    ),
    Table(
        "verified_addresses",
        (Column("pool_id"), Column("key"), Column("user_id")),
        key=("pool_id", "key"),
        clustered=True,
    ),
    Table(
        "user_schemas",  # only of users with schemas of their own
        (Column("user_id", references="users"), Column("role"), Column("schema_id", references="schemas")),
        key=("user_id", "role"),
        indexes=(("schema_id",),),
        clustered=True,
    ),
    Table(
        "group_members",
        (Column("group_id", references="user_groups"), Column("user_id")),
        key=("group_id", "user_id"),
        clustered=True,
    ),
    Table(
        "credentials",  # `id` is empty but for passkeys; `payload` is a hash, a sealed secret or a public key record
        (
            Column("user_id", references="users"),
            *_text("type", "id", "payload", "state", "created_at", "updated_at"),
            Column("expires_at", null=True),
            Column("change_until", null=True),  # after its one sign-in, how long `must_be_changed` may still be changed
        ),
        key=("user_id", "type", "id"),
        clustered=True,
    ),
    Table(
        "password_history",  # earlier passwords, the newest with the highest number
        (Column("user_id", references="users"), Column("number", "integer"), Column("payload")),
        key=("user_id", "number"),
        clustered=True,
    ),
    Table(
        "codes",  # one-time codes, as keyed digests of the short and of the long form
        (
            *_text("long_digest", "short_digest"),
            Column("user_id", references="users"),
            *_text("purpose", "address", "expires_at"),
        ),
        key=("long_digest",),
        indexes=(("user_id",),),
        clustered=True,
    ),
    Table(
        "messages",  # to be delivered; `once` makes a second one of its kind impossible, `sealed` holds the code
        (
            *_text("id", "pool_id"),
            Column("user_id", references="users"),
            *_text("kind", "address", "via", "workspace", "return_to", "created_at"),
            Column("sealed", null=True),
            Column("once", null=True, unique=True),
            Column("sent_at", null=True),
        ),
        key=("id",),
        indexes=(("user_id",),),
    ),
    Table(
        "ownership",
        (
            *_text("kind", "remote_id", "project", "environment", "path"),
            Column("protect", "integer"),
            Column("adopted", "integer"),
            Column("claimed", "integer"),
            *_text("settled", "fields"),
        ),
        key=("kind", "remote_id"),
        unique=(("project", "environment", "kind", "path"),),
        clustered=True,
    ),
    Table(
        "lease",  # at most one row; `host` and `pid` tell whether the holder still lives, `expires_at` is in epoch ms
        (
            Column("number", "integer"),
            *_text("run_id", "host"),
            Column("pid", "integer"),
            Column("expires_at", "integer"),
        ),
        key=("number",),
    ),
    Table(
        "runs",
        (
            *_text(
                "id", "project", "environment", "plan_digest", "state", "started_at", "finished_at", "actor", "summary"
            ),
            Column("wrote", "integer"),  # 1 when it changed an object
        ),
        key=("id",),
        indexes=(("started_at",),),
    ),
    Table(
        "run_changes",
        (Column("run_id", references="runs"), Column("number", "integer"), Column("entry")),
        key=("run_id", "number"),
        clustered=True,
    ),
)


OF_A_USER = tuple(
    table.name
    for table in TABLES
    if any(column.name == "user_id" and column.references == "users" for column in table.columns)
)
"""The tables whose rows belong to one user and go with it."""


def by_name() -> dict[str, Table]:
    """Table name -> table."""
    return {table.name: table for table in TABLES}


def sqlite_ddl(table: Table) -> list[str]:
    """The statements that make a table and its indexes in SQLite."""
    return _ddl(table, {"text": "TEXT", "integer": "INTEGER"}, " WITHOUT ROWID" if table.clustered else "")


def postgres_ddl(table: Table) -> list[str]:
    """The statements that make a table and its indexes in PostgreSQL. Texts are compared byte by byte, as SQLite does."""
    return _ddl(table, {"text": 'TEXT COLLATE "C"', "integer": "BIGINT"})


def _ddl(table: Table, types: Mapping[Type, str], options: str = "") -> list[str]:
    lines = [_column(column, types) for column in table.columns]
    lines.append(f"PRIMARY KEY ({', '.join(table.key)})")
    lines += [f"UNIQUE ({', '.join(columns)})" for columns in table.unique]
    lines += [
        f"FOREIGN KEY ({column.name}) REFERENCES {column.references} (id)"
        for column in table.columns
        if column.references
    ]
    body = ",\n  ".join(lines)
    made = [f"CREATE TABLE {table.name} (\n  {body}\n){options}"]
    made += [
        f"CREATE INDEX {table.name}_by_{'_'.join(columns)} ON {table.name} ({', '.join(columns)})"
        for columns in table.indexes
    ]
    return made


def _column(column: Column, types: Mapping[Type, str]) -> str:
    constraint = "" if column.null else " NOT NULL"
    return f"{column.name} {types[column.type]}{constraint}{' UNIQUE' if column.unique else ''}"
