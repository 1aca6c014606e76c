"""All operations of the server, room by room."""

from __future__ import annotations

from collections.abc import Iterator

from . import dev as developing
from . import health, oauth
from .api import (
    business_users,
    dumps,
    groups,
    hub,
    links,
    logins,
    organizations,
    pools,
    schemas,
    tenant_dumps,
    user_parts,
    users,
)
from .flows import (
    authorizing,
    changing,
    exchanging,
    logging_out,
    login,
    pages,
    passkeys,
    register_page,
    registering,
    self_service,
    signing_in,
    user_info,
)
from .openapi import document
from .operations import Operation
from .scim import describing, provisioning

ROOMS = (
    *(
        document,
        health,
        oauth,
        pools,
        schemas,
        groups,
        users,
        business_users,
        user_parts,
        organizations,
        links,
        dumps,
        hub,
    ),
    tenant_dumps,
    *(registering, signing_in, changing, self_service, pages, register_page, passkeys),
    *(authorizing, login, exchanging, logging_out, user_info, logins),
    *(describing, provisioning),
)


def catalogue(*, dev: bool = False) -> Iterator[Operation]:
    """Every operation; with `dev` also those that only a developer's own server has."""
    for room in ROOMS:
        yield from room.operations()
    if dev:
        yield from developing.operations()
