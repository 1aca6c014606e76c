"""All operations of the server, room by room."""

from __future__ import annotations

from collections.abc import Iterator

from . import oauth
from .api import groups, links, organizations, pools, schemas, user_parts, users
from .operations import Operation


def catalogue(*, dev: bool = False) -> Iterator[Operation]:
    """Every operation; with `dev` also those that only a developer's own server has."""
    for room in (oauth, pools, schemas, groups, users, user_parts, organizations, links):
        yield from room.operations()
