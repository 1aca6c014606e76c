"""What the service can not express, as its API is published, and what follows. One table; the planner reads it."""

from __future__ import annotations

import copy

from ...core.diagnostics import Diagnostic, Severity
from ...core.fieldpath import FieldPath
from ...core.values import JsonMap, JsonValue
from .routes import get, take_out

KINDS = frozenset({"workspace", "organization", "schema", "pool", "group", "user"})
GUARDED = frozenset({"organization", "schema", "pool", "user"})  # groups have no ETag
UNGUARDED = {"pool": frozenset({"signInAt"}), "user": frozenset({"password.hash"})}
"""IDPs have no ETag, and an import overwrites whoever has the id by then."""

PRECONDITIONS = {
    "workspace": "make it in the console of the service (a `pac serve` of your own: --workspace ID);"
    " metadata.id or a binding names one of another id"
}
OWNERLESS = frozenset({"schema"})  # records of schemas stand in pools, and there may be none yet

UNSUPPORTED: dict[str, dict[str, str]] = {
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


def organizations_unread(why: str) -> Diagnostic:
    """That all organizations were wanted and none could be read."""
    return Diagnostic(
        "PAC545",
        "organizations were not read",
        Severity.WARN,
        detail=f"{why}. A pool that lives in one looks as if it lived in a workspace of that id, and those of organizations that "
        "no manifest and no pool names are missing",
        hint="to have them all, ask with a client of the System workspace that has that scope",
    )


def records_of_another(word: str, id: str) -> Diagnostic:
    """That the records in an object's metadata are about another object."""
    return Diagnostic(
        "PAC546",
        f"the ownership records in the metadata of {word} {id} are about another object, and count for nothing",
        Severity.WARN,
        detail="it was copied with its metadata, or somebody wants to speak for an object that is not theirs",
        hint=f"take the key pool-as-code out of its metadata, in the console; if you do not know {word} {id}, ask who made it",
    )


def by_certainty(word: str, spec: JsonMap) -> tuple[JsonMap, list[tuple[FieldPath, JsonValue]]]:
    """A spec without the fields that the service may not have, and those with their values: they are written when the object
    that was made shows that it has them."""
    certain = copy.deepcopy(spec)
    unsure: list[tuple[FieldPath, JsonValue]] = []
    for text in UNSUPPORTED.get(word, {}):
        path = tuple(text.split("."))
        if (value := get(certain, path)) is not None:
            take_out(certain, path)
            unsure.append((path, value))
    return certain, unsure
