"""Requests of all stores for the service, held against what is published: by looking at what their transports send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import pytest

from pool_as_code.stores.secureauth.connection import Reply
from pool_as_code.stores.secureauth.store import SecureAuthStore
from pool_as_code.stores.secureauth.transport import Transport
from tests.stores.secureauth.contract import SPEC, Published


@contextmanager
def holding() -> Iterator[Published | None]:
    """Everything that stores send inside, held against what is published; None where that is not here."""
    if not SPEC.is_dir():
        yield None
        return
    published = Published()
    of_stores: WeakSet[Transport] = WeakSet()
    made, once = SecureAuthStore.__init__, Transport._once

    def known(store: SecureAuthStore, transport: Transport, *rest: Any, **options: Any) -> None:
        of_stores.add(transport)
        made(store, transport, *rest, **options)

    def looked_at(
        transport: Transport, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Reply:
        if transport in of_stores:
            published.check(method, url, headers, content)
        return once(transport, method, url, headers, content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SecureAuthStore, "__init__", known)
        patch.setattr(Transport, "_once", looked_at)
        yield published
