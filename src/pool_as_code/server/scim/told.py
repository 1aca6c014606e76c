"""A stored user as a resource, with the shape of its profile read where its schemas are kept."""

from __future__ import annotations

from urllib.parse import quote

from ...core.values import JsonMap, as_map
from ...directory.directory import Directory
from ..call import Call
from ..stored import Stored, find
from .answers import base_of
from .attributes import Shape, shape_of
from .resource import resource_of

Shapes = dict[str, Shape]
"""Shapes by the ids of their schemas, for many users at once."""


def shape_for(directory: Directory, pool: Stored, spec: JsonMap, known: Shapes | None = None) -> Shape:
    """The shape of a user's profile: by its own schema, else by the pool's."""
    id = as_map(spec.get("schemas")).get("profile") or as_map(pool.row.spec.get("schemas")).get("profile") or ""
    shape = known.get(str(id)) if known is not None else None
    if shape is None:
        schema = find(directory, "schema", str(id)) if id else None
        shape = shape_of(as_map(schema.row.spec.get("schema")) if schema is not None else {})
    if known is not None:
        known[str(id)] = shape
    return shape


def told(call: Call, pool: Stored, user: Stored, known: Shapes | None = None) -> JsonMap:
    """The resource of a user."""
    shape = shape_for(call.directory, pool, user.row.spec, known)
    return resource_of(shape, user, location(call, user))


def location(call: Call, user: Stored) -> str:
    """Where a user is, as clients reach it."""
    return f"{base_of(call)}/Users/{quote(user.id, safe='')}"
