"""Where a pool's users may sign in: the IDPs that link a pool to workspaces. Only the Admin API has them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from ...core.errors import NotFound
from ...core.values import JsonMap
from .place import Api, path_of
from .tenant import Tenant

NO_WORKSPACES = "workspaces are made in the console of the service: here they are a precondition"


class Linking:
    """The links of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._there: set[str] = set()  # places that were found once

    def refuse_unknown(self, wanted: Sequence[str]) -> None:
        """Raise NotFound for a workspace or organization that is not there."""
        asked = [id for id in wanted if id not in self._there]
        if not asked:
            return
        there = {*self._tenant.organizations(), *self._tenant.workspaces(asked)}
        for id in asked:
            if id not in there:
                raise NotFound(f"there is no workspace {id} to sign in at", hint=NO_WORKSPACES)
        self._there.update(asked)

    def link(self, pool_id: str, wanted: Sequence[str], unwanted: Sequence[str]) -> None:
        """IDPs of the pool: one for each workspace. What is no longer wanted is switched off, so that its settings stay."""
        existing: dict[str, JsonMap] = {}
        for idp in self._tenant.links(pool_id):
            existing[str(idp.get("authorization_server_id") or idp.get("workspace_id"))] = idp
        for workspace in (*wanted, *unwanted):
            off = workspace in unwanted
            base = path_of("servers", workspace, "idps", "identity_pool")
            what = f"let users of pool {pool_id} sign in at {workspace}"
            if workspace in existing:
                body: JsonMap = {**existing[workspace], "disabled": off}
                path = base + path_of(str(body["id"]))
                self._tenant.transport.call("PUT", path, body, api=Api.ADMIN, same_twice=True, bare=True, what=what)
            elif not off:
                body = {"name": pool_id, "method": "identity_pool", "identity_pool_id": pool_id}
                self._tenant.transport.call("POST", base, body, api=Api.ADMIN, key=uuid4().hex, bare=True, what=what)
