"""From a store's URL to the store: schemes of our own in one table, those of others by entry point."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ..core.errors import InvalidInput
from ..resources.suggest import nearest
from .base import Store

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint, EntryPoints

OpenStore = Callable[..., Store]
"""Called as `open(url, *, read_only: bool, root: Path, environ: Mapping[str, str])`. With `read_only` the store must
refuse every write; relative paths begin at `root`. It must not write before the first write is asked for."""

ENTRY_POINTS = "pool_as_code.stores"

BUILT_IN: dict[str, str] = {
    "sqlite": "pool_as_code.stores.sqlite:open_sqlite",
    "memory": "pool_as_code.stores.memory:open_memory",
    "dump": "pool_as_code.stores.dump:open_dump",
    "postgresql": "pool_as_code.stores.postgres:open_postgres",
    "postgres": "pool_as_code.stores.postgres:open_postgres",
    "secureauth+https": "pool_as_code.stores.secureauth.store:open_secureauth",
    "secureauth+http": "pool_as_code.stores.secureauth.store:open_secureauth",
}
"""Scheme -> `module:function`, imported when it is asked for."""

READ_ONLY = frozenset({"dump"})
"""Schemes of our own whose stores can never be written to."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def open_store(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> Store:
    """The store behind a URL. Raises InvalidInput for a scheme that nobody knows, Unavailable where it can not be met."""
    scheme = scheme_of(url)
    if scheme in BUILT_IN:
        opened = _function(BUILT_IN[scheme])
    else:
        others = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
        if scheme not in others:
            raise _unknown(url, scheme, [*BUILT_IN, *others])
        opened = _loaded(others[scheme])
    return opened(url, read_only=read_only, root=root, environ=environ)


def entry_points(group: str) -> EntryPoints:
    """The entry points of a group. Asked only where a scheme is not ours: looking for them costs more than the rest of a plan."""
    from importlib import metadata

    return metadata.entry_points(group=group)


def scheme_of(url: str) -> str:
    """The scheme of a store's URL. Raises InvalidInput when it has none."""
    match = _SCHEME.match(url)
    if match is None:
        raise InvalidInput(
            f"{url!r} is no store URL: it begins with no scheme",
            hint=f"for a file: sqlite:///{url}" if url else "for example sqlite:///.pool-as-code/directory.db",
        )
    return match[1].lower()


def _function(name: str) -> OpenStore:
    module, _, function = name.partition(":")
    return cast(OpenStore, getattr(importlib.import_module(module), function))


def _loaded(point: EntryPoint) -> OpenStore:
    try:
        return cast(OpenStore, point.load())
    except (ImportError, AttributeError) as error:
        raise InvalidInput(
            f"the store scheme {point.name!r} is declared by another package and can not be loaded: {error}",
            hint=f"reinstall the package that provides {point.value}",
        ) from error


def _unknown(url: str, scheme: str, known: list[str]) -> InvalidInput:
    near = nearest(scheme, known)
    rest = url[len(scheme) :]
    return InvalidInput(
        f"unknown store scheme {scheme!r}",
        hint=f"did you mean {near}{rest}?" if near else f"known schemes: {', '.join(sorted(known))}",
    )
