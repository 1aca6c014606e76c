"""Which rights the service asks for before it does something, and whether our clients have them. Reads only: the scopes that came
with the token, what reading has shown already, and a look where nothing else tells.

    schemas, pools, groups, users        System client   the scope identity
    organizations                        System client   the scope manage_configuration
    users with a stored hash             System client   the scope manage_configuration: they are imported
    new pools in a home, signInAt        Admin client    a role that may manage pools

A role is looked at through the permissions of a pool that is there. What nobody tells is unknown, and not called missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from ...core.address import Address
from ...core.errors import NotFound, Unauthorised
from ...core.rights import Grant, Right
from ..base import Intent
from .credentials import ADMIN_ID, ADMIN_SECRET
from .tenant import Tenant

MOST_LOOKS = 20  # homes and pools that are looked at; roles are given for all of them, or nearly so
_SYSTEM, _ADMIN = "System client", "Admin client"
_SHOWN = 12  # scopes in a sentence
_ROLE = "a role that may manage pools"
_OTHER = "another client will write: this one only reads"


class Rights:
    """The rights of one tenant's clients."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._transport = tenant.transport

    def of(self, intents: Sequence[Intent]) -> tuple[Right, ...]:
        """What these writes need, each with whether it is there."""
        return tuple(self._all(intents)) if intents else ()

    def _all(self, intents: Sequence[Intent]) -> Iterator[Right]:
        yield self._scope("identity", "pools, schemas, groups and users are read and written with it", ())
        organizations = [i.address for i in intents if i.address.kind == "organization"]
        if organizations:
            yield self._scope("manage_configuration", "organizations are read and written with it", organizations)
        imported = [i.address for i in intents if "password.hash" in i.fields and i.verb == "create"]
        if imported:
            yield self._scope("manage_configuration", "stored hashes go through the import, which needs it", imported)
        pools = [i for i in intents if i.address.kind == "pool"]
        new = [i for i in pools if i.verb == "create" and (i.home or "signInAt" in i.fields)]
        to_be = {i.id for i in intents if i.address.kind == "organization" and i.verb == "create"}
        if new:
            yield from self._roles("pools in a workspace or organization are made with it", new, to_be)
        linked = [i for i in pools if i.verb == "update" and "signInAt" in i.fields]
        if linked:
            yield from self._roles("where users may sign in is set with it", linked)

    # -- scopes

    def _scope(self, scope: str, reason: str, addresses: Sequence[Address]) -> Right:
        name = f"the scope {scope}"
        step = f"give the client the scope {scope} (POOL_AS_CODE_CLIENT_SCOPES has to name it, if it is set), or use another client"
        if not self._transport.has_system:
            return Right(_SYSTEM, name, reason, Grant.UNKNOWN, tuple(addresses), _OTHER)
        granted = self._transport.scopes
        if granted:
            grant = Grant.GRANTED if scope in granted else Grant.MISSING
            listed = sorted(granted)
            has = f"the client has: {', '.join(listed[:_SHOWN])}" + (", ..." if len(listed) > _SHOWN else "")
        elif scope == "manage_configuration" and self._may_not_see_organizations():
            grant, has = Grant.MISSING, "the client may not list organizations, which takes the same scope"
        else:
            grant, has = Grant.UNKNOWN, "the service does not say which scopes the client has"
        return Right(_SYSTEM, name, reason, grant, tuple(addresses), has, step if grant is Grant.MISSING else "")

    def _may_not_see_organizations(self) -> bool:
        self._tenant.organizations()
        return bool(self._tenant.unread)

    # -- roles

    def _roles(self, reason: str, intents: Sequence[Intent], to_be: Collection[str] = ()) -> Iterator[Right]:
        addresses = tuple(i.address for i in intents)
        if not self._transport.has_system:
            yield Right(_ADMIN, _ROLE, reason, Grant.UNKNOWN, addresses, _OTHER)
            return
        if not self._transport.has_admin:
            has = "there is no Admin client, and the System API may make such a pool outside of its home and links none"
            step = f"set {ADMIN_ID} and {ADMIN_SECRET}"
            yield Right(_ADMIN, _ROLE, reason, Grant.MISSING, addresses, has, step)
            return
        judged = self._judged(intents, to_be)
        for grant, has in dict.fromkeys(judged.values()):
            of = tuple(address for address in addresses if judged[address] == (grant, has))
            step = "give the client a role that may, or use another client" if grant is Grant.MISSING else ""
            yield Right(_ADMIN, _ROLE, reason, grant, of, has, step)

    def _judged(self, intents: Iterable[Intent], to_be: Collection[str]) -> dict[Address, tuple[Grant, str]]:
        """By a look at each place once: the pool itself, or the home of one that is not there yet. Homes `to_be` are not there
        either."""
        wanted = {i.address: (i.verb == "create", i.home if i.verb == "create" else i.id) for i in intents}
        there = (place for place in wanted.values() if place[1] and place[1] not in to_be)
        places = list(dict.fromkeys(there))[:MOST_LOOKS]
        found = self._tenant.threads.each(
            lambda place: self._look_at_home(place[1]) if place[0] else self._look_at(place[1]), places
        )
        known = dict(zip(places, found, strict=True))
        return {address: known.get(place, _NOT_LOOKED) for address, place in wanted.items()}

    def _look_at_home(self, home: str) -> tuple[Grant, str]:
        try:
            pool = self._tenant.a_pool_of(home)
        except Unauthorised:
            return Grant.MISSING, f"the client may not even list the pools of {home}"
        except NotFound:
            return _NOT_LOOKED
        return self._look_at(pool) if pool else _NOT_LOOKED

    def _look_at(self, pool_id: str) -> tuple[Grant, str]:
        try:
            may = self._tenant.permissions(pool_id).get("update_identity_pool")
        except Unauthorised:
            return Grant.MISSING, f"the client may not even ask what it may do with pool {pool_id}"
        except NotFound:
            return _NOT_LOOKED
        if may is False:
            return Grant.MISSING, f"its role may not change pool {pool_id}"
        return (Grant.GRANTED, f"its role may change pool {pool_id}") if may is True else _NOT_LOOKED


_NOT_LOOKED = (Grant.UNKNOWN, "there is nothing yet by which the service could tell")
