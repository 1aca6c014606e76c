"""Builders for directory tests."""

from __future__ import annotations

from pool_as_code.core.fieldpath import FieldPath
from pool_as_code.core.secrets import Secret
from pool_as_code.core.values import JsonMap, JsonValue
from pool_as_code.directory import groups, messages, pools, users
from pool_as_code.directory.directory import Directory
from pool_as_code.directory.messages import Contents, Message
from pool_as_code.directory.rows import Row
from pool_as_code.directory.starting import NewUser

PASSWORD = "correct horse 9"


def a_pool(directory: Directory, id: str = "customers", spec: JsonMap | None = None, **metadata: JsonValue) -> Row:
    return pools.create(directory, id, metadata, spec or {})


def a_group(directory: Directory, id: str, parent: str | None = None, *, pool: str = "customers") -> Row:
    return groups.create(directory, id, pool, {"parent": parent} if parent else {}, {})


def a_user(directory: Directory, id: str = "ada", *, pool: str = "customers", **spec: JsonValue) -> Row:
    return users.create(directory, NewUser(id, pool, spec))


def with_password(
    directory: Directory,
    id: str = "ada",
    *,
    password: str = PASSWORD,
    about: JsonMap | None = None,
    pool: str = "customers",
    **spec: JsonValue,
) -> Row:
    """An active user with the identifier and the verified address ID@example.com, who can sign in. `about` is the section
    `password` of its manifest."""
    mail = f"{id}@example.com"
    known: JsonMap = {
        "status": "active",
        "identifiers": [{"email": mail}],
        "addresses": [{"email": mail, "verified": True}],
        "password": about or {"initial": {"fromEnv": "X"}},
        **spec,
    }
    return users.create(directory, NewUser(id, pool, known, {"password.initial": Secret(password)}))


def change(directory: Directory, row: Row, *writes: tuple[FieldPath, JsonValue]) -> Row:
    """Write fields of a user or pool."""
    if row.kind == "pool":
        return pools.update(directory, row.id, writes)
    return users.update(directory, row.id, row.pool_id, writes)


def the_message(directory: Directory, kind: str) -> tuple[Message, Contents]:
    """The one waiting message of a kind, and its code."""
    (message,) = [one for one in messages.waiting(directory) if one.kind == kind]
    contents = messages.contents_of(directory, message)
    assert contents is not None
    return message, contents
