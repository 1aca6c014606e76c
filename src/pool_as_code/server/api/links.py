"""Between pools and the rest of a tenant: the identity providers that let a pool's users in at a workspace, and who manages a
pool's users. A link is one member of the pool's `signInAt`; its id and simple settings are kept beside, to be shown again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from ...core.errors import NotFound
from ...core.values import JsonMap, JsonValue, as_list, as_map, as_texts
from ...directory import containers, pools
from ..call import NO_CONTENT, Answer, Call, text_of
from ..notes import drop_note, keep_note, names_between, note, note_map, notes_below
from ..operations import Access, Operation
from ..problems import Problem
from ..stored import Stored, require, shown

BASE = "/api/admin/{tid}"
_ROLE = "user_manager"
_OWN = frozenset({"method", "identity_pool_id", "tenant_id", "workspace_id", "authorization_server_id", "disabled"})
_IDPS = uuid.UUID("0d6b3a52-9b1e-5c7f-8f33-6b6a1d2f4e90")


def operations() -> Iterator[Operation]:
    """Links and roles, for administrators."""
    pool, idps = f"{BASE}/pools/{{ipID}}", f"{BASE}/servers/{{wid}}/idps/identity_pool"
    for method, path, name, summary, run, success, request, response in (
        (
            "GET",
            f"{pool}/idps",
            "listIDPsForIdentityPool",
            "Where a pool's users sign in",
            list_links,
            200,
            "",
            "Links",
        ),
        ("GET", f"{pool}/roles", "listIdentityPoolRoles", "Who manages a pool's users", list_roles, 200, "", "Roles"),
        (
            "POST",
            f"{pool}/roles/grant",
            "grantIdentityPoolRole",
            "Let somebody manage a pool's users",
            grant,
            204,
            "Role",
            "",
        ),
        ("DELETE", f"{pool}/roles/revoke", "revokeIdentityPoolRole", "No longer", revoke, 204, "Role", ""),
        (
            "GET",
            f"{pool}/users/{{userID}}/roles",
            "listUserRoles",
            "What a user manages",
            list_of_user,
            200,
            "",
            "UserRoles",
        ),
        ("POST", idps, "createIdentityPoolIDP", "Let a pool's users in at a workspace", create, 201, "Link", "Link"),
        ("GET", f"{idps}/{{iid}}", "getIdentityPoolIDP", "One such link", get, 200, "", "Link"),
        ("PUT", f"{idps}/{{iid}}", "updateIdentityPoolIDP", "Switch a link on or off", put, 200, "Link", "Link"),
        ("DELETE", f"{idps}/{{iid}}", "deleteIdentityPoolIDP", "End a link", delete, 204, "", ""),
    ):
        yield Operation(method, path, f"admin.{name}", summary, run, Access.ADMIN, (), success, request, response)


def list_links(call: Call) -> Answer:
    """The links of a pool."""
    pool = require(call.directory, "pool", call.params["ipID"])
    places = sorted(as_texts(pool.row.spec.get("signInAt")))
    return Answer(200, {"idps": [_link_json(call, pool, place) for place in places]})


def create(call: Call) -> Answer:
    """A link; a pool has at most one at a workspace."""
    body, place = call.body("identity_pool_id"), call.params["wid"]
    with call.directory.change():
        containers.require_any(call.directory, place)
        pool = require(call.directory, "pool", str(body["identity_pool_id"]))
        places = as_texts(pool.row.spec.get("signInAt"))
        if place in places:
            raise Problem(422, "the pool is linked to the workspace already")
        if body.get("disabled") is not True:
            _write(call, pool, [*places, place])
            keep_link(call, pool.id, place, {key: value for key, value in body.items() if key != "id"})
        return shown(pool, _link_json(call, pool, place, disabled=body.get("disabled") is True), 201)


def get(call: Call) -> Answer:
    """A link that is there."""
    pool = _linked(call)
    return Answer(200, _link_json(call, pool, call.params["wid"]))


def put(call: Call) -> Answer:
    """A link that is switched off is none: it is gone then."""
    body, place = call.body(), call.params["wid"]
    with call.directory.change():
        pool = _linked(call)
        if text_of(body, "identity_pool_id") not in ("", pool.id):
            raise Problem(422, "identity_pool_id of a link can not change")
        off = body.get("disabled") is True
        if off:
            end_link(call, pool, place)
        else:
            keep_link(call, pool.id, place, {**body, "id": call.params["iid"]})
        return Answer(200, _link_json(call, pool, place, disabled=off))


def delete(call: Call) -> Answer:
    """End a link."""
    with call.directory.change():
        pool = _linked(call)
        end_link(call, pool, call.params["wid"])
    return NO_CONTENT


def list_roles(call: Call) -> Answer:
    """Users and identity providers that manage a pool's users."""
    pool = require(call.directory, "pool", call.params["ipID"])
    subjects: list[JsonValue] = [{**as_map(one), "roles": {_ROLE: True}} for one in _granted(call, pool.id)]
    return Answer(200, {"subjects": subjects})


def grant(call: Call) -> Answer:
    """Grant the one role there is."""
    with call.directory.change():
        pool = require(call.directory, "pool", call.params["ipID"])
        subject, granted = _subject(call), _granted(call, pool.id)
        if subject not in granted:
            _keep(call, pool.id, [*granted, subject])
    return NO_CONTENT


def revoke(call: Call) -> Answer:
    """Take it back. Raises NotFound where it was not granted."""
    with call.directory.change():
        pool = require(call.directory, "pool", call.params["ipID"])
        subject, granted = _subject(call), _granted(call, pool.id)
        if subject not in granted:
            raise NotFound("the role was not granted")
        _keep(call, pool.id, [one for one in granted if one != subject])
    return NO_CONTENT


def list_of_user(call: Call) -> Answer:
    """The pools whose users a user of this pool manages."""
    user = require(call.directory, "user", call.params["userID"], call.params["ipID"])
    managed = [
        name.removeprefix("roles/")
        for name, granted in notes_below(call.directory, "roles/")
        if any(as_map(one).get("identity_pool_user_id") == user.id for one in as_list(granted))
    ]
    about: JsonMap = {"type": "identity_pool", "role": _ROLE, "tenant_id": call.site.tenant}
    resources: list[JsonValue] = [{**about, "identity_pool_id": pool_id} for pool_id in managed]
    return Answer(200, {"resources": resources})


def link_id(pool_id: str, place: str) -> str:
    """The id of a link follows from what it links, unless it came with one."""
    return uuid.uuid5(_IDPS, f"{place}/{pool_id}").hex


def tree_link(call: Call, pool: Stored, place: str) -> tuple[str, JsonMap]:
    """The id of a link and what a tree says of it."""
    kept = _kept(call, pool.id, place)
    about: JsonMap = {"name": pool.row.spec.get("displayName"), **kept}
    about.update(method="identity_pool", identity_pool_id=pool.id)
    return str(about.pop("id", "") or link_id(pool.id, place)), about


def keep_link(call: Call, pool_id: str, place: str, about: JsonMap) -> None:
    """Remember the id and the simple settings of a link that is there; the others are not ours."""
    kept: JsonMap = {
        key: value for key, value in about.items() if key not in _OWN and isinstance(value, str | int | float) and value
    }
    if kept.get("id") == link_id(pool_id, place):
        del kept["id"]
    pool = require(call.directory, "pool", pool_id)
    if kept.get("name") == pool.row.spec.get("displayName"):
        del kept["name"]
    if kept != _kept(call, pool_id, place):
        keep_note(call.directory, f"link/{place}/{pool_id}", kept)


def end_link(call: Call, pool: Stored, place: str) -> None:
    """The pool's users do not sign in there any more."""
    _write(call, pool, [one for one in as_texts(pool.row.spec.get("signInAt")) if one != place])
    drop_note(call.directory, f"link/{place}/{pool.id}")


def forget(call: Call, pool_id: str) -> None:
    """What is kept beside a pool that is gone: a later one of the same id is another, with nobody who manages it."""
    drop_note(call.directory, f"roles/{pool_id}")
    for name in names_between(call.directory, "link/", f"/{pool_id}"):
        drop_note(call.directory, name)


def begin_link(call: Call, pool: Stored, place: str) -> None:
    """The pool's users sign in there."""
    places = as_texts(pool.row.spec.get("signInAt"))
    if place not in places:
        _write(call, pool, [*places, place])


def _kept(call: Call, pool_id: str, place: str) -> JsonMap:
    return note_map(call.directory, f"link/{place}/{pool_id}")


def _link_json(call: Call, pool: Stored, place: str, *, disabled: bool = False) -> JsonMap:
    id, about = tree_link(call, pool, place)
    where: JsonMap = {"tenant_id": call.site.tenant, "workspace_id": place, "authorization_server_id": place}
    return {**about, "id": id, **where, "disabled": disabled}


def _linked(call: Call) -> Stored:
    place = call.params["wid"]
    for (pool_id,) in call.directory.db.rows("SELECT pool_id FROM pool_sign_in WHERE container_id = ?", place):
        pool = require(call.directory, "pool", pool_id)
        if tree_link(call, pool, place)[0] == call.params["iid"]:
            return pool
    raise NotFound("there is no such link")


def _write(call: Call, pool: Stored, places: list[str]) -> None:
    kept: list[JsonValue] = [*sorted(places)]
    pools.update(call.directory, pool.id, [(("spec", "signInAt"), kept)])


def _subject(call: Call) -> JsonMap:
    body = call.body()
    word = body.get("type")
    if text_of(body, "role") not in ("", _ROLE):
        raise Problem(422, f"role is {_ROLE}")
    key = {"identity_pool_user": "identity_pool_user_id", "idp": "idp_id"}.get(str(word))
    if key is None or not text_of(body, key):
        raise Problem(422, "type is identity_pool_user or idp, with the id of that")
    subject: JsonMap = {"type": word, key: body[key], "tenant_id": call.site.tenant}
    for name in ("identity_pool_id", "workspace_id"):
        if text_of(body, name):
            subject[name] = body[name]
    if word == "identity_pool_user":
        require(call.directory, "user", str(body[key]))
    return subject


def _granted(call: Call, pool_id: str) -> list[JsonValue]:
    return as_list(note(call.directory, f"roles/{pool_id}"))


def _keep(call: Call, pool_id: str, granted: list[JsonValue]) -> None:
    keep_note(call.directory, f"roles/{pool_id}", granted)
