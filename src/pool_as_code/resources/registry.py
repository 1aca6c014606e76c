"""The kinds, in the order in which their objects are created."""

from __future__ import annotations

import functools

from . import group, organization, pool, schema, user, workspace
from .kind import Kind

KINDS: tuple[Kind, ...] = (workspace.KIND, organization.KIND, schema.KIND, pool.KIND, group.KIND, user.KIND)


def _unique(by: str) -> dict[str, Kind]:
    found: dict[str, Kind] = {}
    for kind in KINDS:
        key = str(getattr(kind, by))
        if key in found:
            raise ValueError(f"two kinds of {by} {key!r}: {found[key].name} and {kind.name}")
        found[key] = kind
    return found


@functools.cache
def by_name() -> dict[str, Kind]:
    """`IdentityPool` -> its kind."""
    return _unique("name")


@functools.cache
def by_word() -> dict[str, Kind]:
    """`pool` -> its kind."""
    return _unique("word")


@functools.cache
def rank() -> dict[str, int]:
    """Word -> place in the order of creation."""
    return {kind.word: index for index, kind in enumerate(KINDS)}
