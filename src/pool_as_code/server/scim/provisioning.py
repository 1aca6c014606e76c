"""Users as an identity provider keeps them: made, replaced, patched and deleted by SCIM, under the directory's rules."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from ...core.errors import Conflict, Rejected, StoreError
from ...core.secrets import Secret
from ...core.values import JsonMap, as_map
from ...directory import changing, passwords, users
from ...directory.starting import INITIAL, NewUser
from ..call import NO_CONTENT, Answer, Call
from ..operations import Operation
from ..problems import Problem
from ..stored import Stored, matching, require, shown
from . import patching
from .attributes import Shape
from .listing import list_users
from .operation import scim
from .resource import replacing, spec_of, view_of
from .selection import selected
from .told import location, shape_for, told
from .words import check_size, is_deep, refused, user_of

_SHOWN = ("attributes", "excludedAttributes")
_LISTED = ("filter", *_SHOWN, "sortBy", "sortOrder", "startIndex", "count")
_LARGEST = 1024 * 1024
"""Bytes of a body: one user needs far less."""
_Change = Callable[[Shape, JsonMap], JsonMap]


def operations() -> Iterator[Operation]:
    """The six of users."""
    one, user, sent = "/Users/{userID}", "ScimUser", "ScimUserSent"
    yield scim(
        "GET", "/Users", "listUsers", "Users, or the one looked for", list_users, response="ScimUsers", query=_LISTED
    )
    yield scim(
        "POST", "/Users", "createUser", "Make a user", create, success=201, request=sent, response=user, guarded=True
    )
    yield scim("GET", one, "getUser", "A user", get, response=user, query=_SHOWN, guarded=True, brief=True)
    yield scim("PUT", one, "replaceUser", "A user anew", put, request=sent, response=user, guarded=True)
    yield scim(
        "PATCH", one, "patchUser", "Change parts of a user", patch, request="ScimPatch", response=user, guarded=True
    )
    yield scim("DELETE", one, "deleteUser", "Delete a user for good", delete, success=204, guarded=True)


def get(call: Call) -> Answer:
    """One user."""
    pool = require(call.directory, "pool", call.params["ipID"])
    found = matching(call, "user", call.params["userID"], pool.id)
    return shown(found, selected(told(call, pool, found), call.query))


def create(call: Call) -> Answer:
    """A new user, active unless that is said otherwise. Its password is hashed before the directory is locked."""
    pool = require(call.directory, "pool", call.params["ipID"])
    sent = _named(user_of(_body(call)))
    secrets = {INITIAL: Secret(str(sent["password"]))} if "password" in sent else {}
    spec = spec_of(shape_for(call.directory, pool, {}), {}, sent)
    new = NewUser(str(uuid.uuid4()), pool.id, spec, secrets)
    with _in_scim():
        (made,) = passwords.prepare(call.directory, [new], {})
        if isinstance(made, StoreError):
            raise made
        with call.directory.change():
            users.create(call.directory, made)
            found = require(call.directory, "user", new.id)
    answer = shown(found, told(call, pool, found), 201)
    return answer._replace(headers={**answer.headers, "location": location(call, found)})


def put(call: Call) -> Answer:
    """What the body leaves out is empty afterwards. `active`, the password, further identifiers and the extension stay where they
    are left out: clients of the core schema do not know them all."""
    sent = _named(user_of(_body(call)))
    return _changed(call, lambda shape, spec: replacing(shape, spec, sent))


def patch(call: Call) -> Answer:
    """`add`, `replace` and `remove` with the paths of RFC 7644, with or without conditions such as `emails[type eq "work"].value`,
    or without a path; or the operations of RFC 6902 with pointers."""
    sent = _body(call)

    def change(shape: Shape, spec: JsonMap) -> JsonMap:
        return user_of(patching.patched(view_of(shape, spec), sent, as_map(shape.schema.get("properties"))))

    return _changed(call, change)


def delete(call: Call) -> Answer:
    """Delete a user with everything that hangs on it. `active` false suspends one instead."""
    require(call.directory, "pool", call.params["ipID"])
    with call.directory.change():
        found = matching(call, "user", call.params["userID"], call.params["ipID"])
        users.delete(call.directory, found.id, found.row.pool_id)
    return NO_CONTENT


class _Wanted(NamedTuple):
    """What becomes of a user: its settings, and a new password where there is one."""

    spec: JsonMap
    password: str


def _changed(call: Call, change: _Change) -> Answer:
    """A user after a change. A new password is judged and hashed before the directory is locked."""
    pool = require(call.directory, "pool", call.params["ipID"])
    before = matching(call, "user", call.params["userID"], pool.id)
    wanted = _wanted(call, pool, before, change)
    judged = None
    if wanted.password:
        with _in_scim():
            judged = changing.judged(call.directory, before.id, pool.row.spec, wanted.spec, wanted.password)
    with call.directory.change():
        now = matching(call, "user", before.id, pool.id)
        spec = wanted.spec if now.row == before.row else _wanted(call, pool, now, change).spec
        with _in_scim():
            users.replace_spec(call.directory, now.row, spec)
        if judged is not None:
            changing.set_password(call.directory, before.id, pool.row.spec, judged)
        after = require(call.directory, "user", before.id)
    return shown(after, told(call, pool, after))


def _wanted(call: Call, pool: Stored, user: Stored, change: _Change) -> _Wanted:
    spec = user.row.spec
    shape = shape_for(call.directory, pool, spec)
    after = change(shape, spec)
    return _Wanted(spec_of(shape, spec, after), str(after.get("password", "")))


def _body(call: Call) -> JsonMap:
    """The body, neither large nor deep. Raises Problem 400 `invalidSyntax`, also for what is no JSON, and 413."""
    if len(call.content) > _LARGEST:
        raise Problem(413, f"a body has at most {_LARGEST} bytes")
    try:
        body = call.json()
    except Problem as problem:
        raise refused("invalidSyntax", problem.error) from None
    if not isinstance(body, dict):
        raise refused("invalidSyntax", "the body is not a JSON object")
    if is_deep(body):
        raise refused("invalidValue", "the body is nested too deeply")
    return body


def _named(user: JsonMap) -> JsonMap:
    if "userName" not in user:
        raise refused("invalidValue", "userName is required")
    check_size(user)
    return user


@contextmanager
def _in_scim() -> Iterator[None]:
    """What the directory refuses has other statuses in RFC 7644, and types."""
    try:
        yield
    except Conflict as error:
        raise Problem(409, error.message, code="uniqueness", hint=error.hint) from error
    except Rejected as error:
        raise Problem(400, error.message, code="invalidValue", hint=error.hint) from error
