"""The promotion API for pools and schemas: a tenant or a workspace as a tree, read whole, imported, or patched.

Other parts of a tree (clients, policies, themes) are not kept here; a tree that holds them is taken without them, and the answer
says so. An import of a workspace that is not there makes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from ...core.errors import NotFound
from ...core.values import JsonMap, JsonValue, as_map
from ...directory import containers, schemas
from .. import json_patch
from ..call import Answer, Call
from ..notes import keep_note, note_map
from ..operations import Access, Operation
from ..problems import Problem
from ..stored import Stored, find, require
from .exporting import TENANT_SETTINGS, beside_the_tree, server_tree, tenant_tree
from .importing import Mode, mode_of, write_pool, write_schema
from .left_out import told
from .pools import remove as remove_pool
from .server_trees import (
    BUILT_IN,
    children_last,
    find_server,
    left_out_of_server,
    left_out_of_tenant,
    without_unset,
    write_links,
    write_server,
)

BASE = "/api/hub/{tid}"
_READING = ("read_configuration", "manage_configuration")
_WRITING = ("manage_configuration",)
_PARAMETERS = ("mode", "dry_run")
_ROTATION = "/{tid}/servers/{wid}/keys/automatic-key-rotation"


def operations() -> Iterator[Operation]:
    """Four operations on a tenant, and the same on a workspace."""
    for place, word, response in (
        (f"{BASE}/promote", "Tenant", "Tree"),
        (f"{BASE}/workspaces/{{wid}}/promote", "Workspace", "Tree"),
    ):
        path, patch = f"{place}/config", f"{place}/config-rfc"
        yield Operation(
            "GET",
            path,
            f"hub.export{word}",
            "The tree",
            export,
            Access.SYSTEM,
            _READING,
            200,
            "",
            response,
            ("with_credentials",),
        )
        yield Operation(
            "POST",
            path,
            f"hub.import{word}",
            "Write a tree",
            post,
            Access.SYSTEM,
            _WRITING,
            204,
            "Tree",
            "",
            _PARAMETERS,
            partial=True,
        )
        yield Operation(
            "PATCH",
            f"{patch}7396",
            f"hub.merge{word}",
            "Merge into the tree",
            merge,
            Access.SYSTEM,
            _WRITING,
            204,
            "Tree",
            "",
            _PARAMETERS,
            partial=True,
        )
        yield Operation(
            "PATCH",
            f"{patch}6902",
            f"hub.patch{word}",
            "Change the tree by a list of operations",
            operate,
            Access.SYSTEM,
            _WRITING,
            204,
            "PatchOperations",
            "",
            _PARAMETERS,
            partial=True,
        )
    for api in ("admin", "system"):  # who pulls a tree asks for it right after, with the same token
        path, name, about = f"/api/{api}{_ROTATION}", f"{api}.getKeyRotation", "Whether keys change by themselves"
        query = ("use",)
        yield Operation("GET", path, name, about, rotation, Access.SYSTEM, _READING, 200, "", "KeyRotation", query)


def export(call: Call) -> Answer:
    """The tree as it is."""
    return Answer(200, _tree(call))


def rotation(call: Call) -> Answer:
    """How old a key may be is said to the server, not to a workspace: what the service says where nobody set it."""
    _server(call, call.params["wid"])
    return Answer(200, {"cron": "", "enabled": False})


def post(call: Call) -> Answer:
    """Write what the tree holds; what it does not hold stays."""
    body, mode = call.body(), mode_of(call)

    def work() -> Counter[str]:
        _write(call, {}, body, mode)
        return _left_out_of(call, body)

    return _writing(call, work)


def merge(call: Call) -> Answer:
    """A merge patch of the tree: `null` deletes an object."""
    if not isinstance(call.json(), dict):
        raise Problem(400, "a merge patch is an object")
    return _changed(call, lambda tree: json_patch.merged(tree, without_unset(call.json())))


def operate(call: Call) -> Answer:
    """A list of operations on the tree."""
    return _changed(call, lambda tree: json_patch.patched(tree, call.json()))


class _DryRun(Exception):
    """Ends a transaction whose writes are only tried."""


def _changed(call: Call, change: Callable[[JsonMap], JsonValue]) -> Answer:
    mode = mode_of(call)

    def work() -> Counter[str]:
        before = _tree(call)
        after = change(before)
        if not isinstance(after, dict):
            raise Problem(422, "the tree would be no object")
        _write(call, before, after, mode)
        return _left_out_of(call, after)

    return _writing(call, work)


def _writing(call: Call, work: Callable[[], Counter[str]]) -> Answer:
    """Do it, and say what of it no directory holds."""
    left: Counter[str] = Counter()
    try:
        with call.directory.change():
            left = work()
            if call.switch("dry_run"):
                raise _DryRun
    except _DryRun:
        pass
    return told(left, "the import of a tree" if call.method == "POST" else "the patch of a tree")


def _left_out_of(call: Call, tree: JsonMap) -> Counter[str]:
    return left_out_of_server(tree) if "wid" in call.params else left_out_of_tenant(tree)


def _tree(call: Call) -> JsonMap:
    return server_tree(call, _server(call, call.params["wid"])) if "wid" in call.params else tenant_tree(call)


def _server(call: Call, id: str) -> Stored:
    found = find_server(call, id)
    if found is None:
        raise NotFound(f"there is no workspace or organization {id!r}")
    return found


def _write(call: Call, before: JsonMap, after: JsonMap, mode: Mode) -> None:
    """What `after` holds and `before` does not, and the other way round. References first."""
    if "wid" in call.params:
        _write_one(call, call.params["wid"], before, after, mode)
        return
    write_tenant(call, after)
    for id, body in _differing(before, after, "schemas"):
        write_schema(call, id, body, mode)
    servers = children_last(_differing(before, after, "servers"))
    for id, body in servers:
        write_server(call, id, as_map(as_map(before.get("servers")).get(id)), body, mode)
    for id, body in servers:
        if id not in BUILT_IN:
            _write_pools(call, as_map(as_map(before.get("servers")).get(id)), body, id, mode)
    _write_pools(call, before, after, "", mode)
    for id, body in servers:
        write_links(call, id, as_map(as_map(before.get("servers")).get(id)), body)
    gone = [(id, as_map(as_map(before["servers"])[id])) for id in _gone(before, after, "servers")]
    for id, body in reversed(children_last(gone)):
        write_links(call, id, body, {})
        for pool_id in as_map(body.get("pools")):
            remove_pool(call, pool_id)
        containers.delete(call.directory, _server(call, id).row.kind, id)
    for id in _gone(before, after, "schemas"):
        schemas.delete(call.directory, id)


def _write_one(call: Call, id: str, before: JsonMap, after: JsonMap, mode: Mode) -> None:
    if id in BUILT_IN:
        raise NotFound(f"nothing of the tenant's own server {id!r} is kept here")
    write_server(call, id, before, after, mode)
    _write_pools(call, before, after, id, mode)
    write_links(call, id, before, after)


def write_tenant(call: Call, body: JsonMap) -> None:
    """The tenant's own name and address: kept to be shown again, used for nothing."""
    kept = note_map(call.directory, TENANT_SETTINGS)
    said: JsonMap = {key: body[key] for key in ("name", "url") if isinstance(body.get(key), str) and body[key]}
    if said.get("name") == call.site.tenant and "name" not in kept:
        del said["name"]
    if {**kept, **said} != kept:
        keep_note(call.directory, TENANT_SETTINGS, {**kept, **said})


def _write_pools(call: Call, before: JsonMap, after: JsonMap, container: str, mode: Mode) -> None:
    for id, body in _differing(before, after, "pools"):
        there = find(call.directory, "pool", id)
        kept = beside_the_tree(there) if there is not None else {}
        write_pool(
            call,
            id,
            as_map(json_patch.merged(kept, {key: value for key, value in body.items() if value is not None})),
            container,
            mode,
        )
    for id in _gone(before, after, "pools"):
        require(call.directory, "pool", id)
        remove_pool(call, id)


def _differing(before: JsonMap, after: JsonMap, key: str) -> list[tuple[str, JsonMap]]:
    there, found = as_map(before.get(key)), after.get(key)
    if found is not None and not isinstance(found, dict):
        raise Problem(422, f"{key} is not an object of objects")
    differing = [(id, body) for id, body in as_map(found).items() if body != there.get(id)]
    if not all(isinstance(body, dict) for _, body in differing):
        raise Problem(422, f"{key} is not an object of objects")
    return [(id, as_map(body)) for id, body in differing]


def _gone(before: JsonMap, after: JsonMap, key: str) -> list[str]:
    return [id for id in as_map(before.get(key)) if id not in as_map(after.get(key))]
