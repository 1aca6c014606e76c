"""What the service can not express, as its API is published, and what follows. One table; the planner reads it."""

from __future__ import annotations

KINDS = frozenset({"workspace", "organization", "schema", "pool", "group", "user"})
GUARDED = frozenset({"organization", "schema", "pool", "user"})  # groups have no ETag

UNSUPPORTED: dict[str, dict[str, str]] = {
    "workspace": {
        "displayName": "workspaces are made and named in the console of the service",
        "description": "workspaces are made and described in the console of the service",
        "color": "workspaces get their colour in the console of the service",
        "allowedMethods": "the methods of a workspace are chosen in the console of the service",
        "metadata": "the service's API shows no map of workspaces",
    },
    "pool": {
        "registrationModes.adminInitiated": "the service's API has no field for it: administrators can create users, whatever it says",
        "poolLimits.passkeysPerUser": "the service's API has no field for it: the limit of the console holds",
        "passkeySettings.relyingPartyId": "the service's published API has no field for it: the value of the console holds",
        "passkeySettings.origins": "the service's published API has no field for it: the value of the console holds",
        "passkeySettings.requireInteraction": "the service's published API has no field for it: the value of the console holds",
    },
}
"""Kind word -> field path -> consequence. A field that a live object shows all the same is compared and sent as any other."""

NO_ADMIN = (
    "needs a client of the Admin workspace (POOL_AS_CODE_ADMIN_CLIENT_ID): where users may sign in is left as it is"
)
