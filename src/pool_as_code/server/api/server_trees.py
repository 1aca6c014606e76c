"""A workspace or organization of a promotion tree, written: what it is, its simple settings, and the links that let pools in.

A server of the service has many parts that no directory has (clients, policies, keys). Settings that are a text, a number, a
switch or a list of texts are kept as they came, so that a tree reads back as it was pushed; objects and secrets are not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from ...core.fieldpath import FieldPath
from ...core.values import JsonMap, JsonValue, as_map, as_texts
from ...directory import containers
from ...stores.secureauth.forms import is_no_duration, is_zero_time
from ...stores.secureauth.routes import get, routes, wire_tree
from ..call import Call
from ..clients import ADMIN, SYSTEM
from ..problems import Problem
from ..stored import Stored, find, require
from . import forms
from .importing import Mode, replaces
from .left_out import size_of, unknown
from .links import begin_link, end_link, keep_link

COLLECTIONS = ("pools", "schemas", "servers", "idps")
"""Members of a tree that are objects by id. `null` says nothing about them: clients write it for what they leave unset."""
BUILT_IN = frozenset({SYSTEM, ADMIN})
"""Servers that every tenant has. Nothing of them is kept, and no workspace may have such an id."""
_NOT_KEPT = re.compile(
    r"(id|tenant_id|type|parent_id|name|initialize|version|key_type|issuer_url|number_of_.*|.*_at"
    r"|template_id|do_not_create_default_claims|created_by|updated_by)\Z"
)
_SECRET = re.compile(r"(.*salt|.*secrets?|jwks|root_cas)\Z")
_OF_A_TENANT = ("name", "url", "pools", "schemas", "servers")


def find_server(call: Call, id: str) -> Stored | None:
    """The workspace or organization of an id."""
    return find(call.directory, "workspace", id) or find(call.directory, "organization", id)


def write_server(call: Call, id: str, before: JsonMap, body: JsonMap, mode: Mode) -> None:
    """Make a server or write what `body` says of it; what `before` showed and `body` does not is taken away, all else stays.
    Raises Problem 422 for a setting of a wrong form."""
    if id in BUILT_IN:
        return
    known = find_server(call, id)
    if known is None:
        above = body.get("parent_id")
        kind = "organization" if above or body.get("type") == "organization" else "workspace"
        metadata: JsonMap = {"parent": above} if above else {}
        spec: JsonMap = {"displayName": str(body.get("name") or id)}
        known_id = containers.create(call.directory, kind, id, metadata, spec).id
        known = require(call.directory, kind, known_id)
    elif not replaces(mode, known.row.kind, id):
        return
    writes = _writes(known, before, body)
    if writes:
        containers.update(call.directory, known.row.kind, id, writes)


def write_links(call: Call, place: str, before: JsonMap, body: JsonMap) -> None:
    """Let in the pools that `idps` names; end the links that it named before and does not any more."""
    if place in BUILT_IN:
        return
    wanted, there = _links_of(body), _links_of(before)
    off = {id for id, link in wanted.items() if link.get("disabled") is True}
    for pool_id in sorted((set(there) - set(wanted)) | off):
        pool = find(call.directory, "pool", pool_id)
        if pool is not None:
            end_link(call, pool, place)
    for pool_id in sorted(set(wanted) - off):
        begin_link(call, require(call.directory, "pool", pool_id), place)
        keep_link(call, pool_id, place, wanted[pool_id])


def write_link(call: Call, place: str, link: JsonMap, mode: Mode) -> None:
    """One link, by itself: its pool is let in, or where it is switched off not any more."""
    pool = require(call.directory, "pool", str(link.get("identity_pool_id") or ""))
    containers.require_any(call.directory, place)
    if place in as_texts(pool.row.spec.get("signInAt")) and not replaces(mode, "link", f"{place}/{pool.id}"):
        return
    if link.get("disabled") is True:
        end_link(call, pool, place)
    else:
        begin_link(call, pool, place)
        keep_link(call, pool.id, place, link)


def children_last(servers: Iterable[tuple[str, JsonMap]]) -> list[tuple[str, JsonMap]]:
    """Servers in an order in which each comes after the one above it. Those in a circle come as they are: they are refused."""
    found = dict(servers)

    def depth(id: str) -> int:
        steps, above = 0, str(found[id].get("parent_id") or "")
        while above in found and steps < len(found):
            steps, above = steps + 1, str(found[above].get("parent_id") or "")
        return steps

    return sorted(found.items(), key=lambda one: depth(one[0]))


def left_out_of_tenant(tree: JsonMap) -> Counter[str]:
    """What of a tenant's tree is not kept, by name."""
    left = unknown(tree, _OF_A_TENANT)
    for id, server in as_map(tree.get("servers")).items():
        if id in BUILT_IN:
            left["servers"] += 1
            left["servers.pools"] += size_of(as_map(server).get("pools"))
        else:
            left.update({f"servers.{name}": count for name, count in left_out_of_server(as_map(server)).items()})
    return left


def left_out_of_server(tree: JsonMap) -> Counter[str]:
    """What of a server's tree is not kept, by name: objects, secrets, and identity providers that are no links of pools."""
    ours = {*COLLECTIONS, *wire_tree("organization"), *wire_tree("workspace")}
    left = Counter(
        {
            name: size_of(value)
            for name, value in tree.items()
            if name not in ours and (_SECRET.match(name) or not _is_simple(value))
        }
    )
    left["idps"] = sum(1 for link in as_map(tree.get("idps")).values() if not as_map(link).get("identity_pool_id"))
    return left


def without_unset(tree: JsonValue) -> JsonValue:
    """A merge patch without collections that are `null`."""
    if not isinstance(tree, dict):
        return tree
    said: JsonMap = {key: value for key, value in tree.items() if value is not None or key not in COLLECTIONS}
    servers = said.get("servers")
    if isinstance(servers, dict):
        said["servers"] = {id: without_unset(server) for id, server in servers.items()}
    return said


def _writes(known: Stored, before: JsonMap, body: JsonMap) -> list[tuple[FieldPath, JsonValue]]:
    kind, spec = known.row.kind, known.row.spec
    settings = {route.wire[0] for route in routes(kind) if route.part == "spec"}
    said: JsonMap = {key: value for key, value in body.items() if key in settings and value not in (None, "", [])}
    received = forms.read(kind, {**said, "name": str(body.get("name") or spec.get("displayName") or known.id)}).spec
    writes: list[tuple[FieldPath, JsonValue]] = []
    for route in routes(kind):
        if route.part != "spec" or route.wire[0] not in settings:
            continue
        value, old = get(received, route.path), get(spec, route.path)
        gone = route.wire[0] in before and route.wire[0] not in body and route.wire != ("name",)
        if gone or (value is not None and value != old):
            writes.append((("spec", *route.path), None if gone else value))
    extra = _kept(kind, before, body, as_map(spec.get("extra")))
    return [*writes, *([(("spec", "extra"), extra or None)] if extra != as_map(spec.get("extra")) else [])]


def _kept(kind: str, before: JsonMap, body: JsonMap, there: JsonMap) -> JsonMap:
    """The simple settings after a write: those of `body`, and of the old ones those that it does not speak of."""
    ours = wire_tree(kind)
    said = {
        key: value
        for key, value in body.items()
        if key not in ours and not _NOT_KEPT.match(key) and not _SECRET.match(key) and _is_simple(value)
    }
    kept = {key: value for key, value in there.items() if key not in said and (key in body or key not in before)}
    return {**kept, **{key: value for key, value in said.items() if not _is_unset(value)}}


def _is_simple(value: JsonValue) -> bool:
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return not isinstance(value, dict)


def _is_unset(value: JsonValue) -> bool:
    if isinstance(value, str):
        return not value or is_no_duration(value) or is_zero_time(value)
    return not value


def _links_of(tree: JsonMap) -> dict[str, JsonMap]:
    """Pool -> the link that lets it in, with its id."""
    found: dict[str, JsonMap] = {}
    links = tree.get("idps")
    if links is not None and not isinstance(links, dict):
        raise Problem(422, "idps is not an object of objects")
    for id, link in as_map(links).items():
        pool_id = as_map(link).get("identity_pool_id")
        if isinstance(pool_id, str) and pool_id:
            found[pool_id] = {**as_map(link), "id": id}
    return found
