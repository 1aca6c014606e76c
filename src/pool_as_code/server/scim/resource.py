"""A whole user as a SCIM resource, and the settings that a resource asks for. Pure."""

from __future__ import annotations

from ...core.values import JsonMap, as_map
from ..stored import Stored
from . import addresses, attributes, names
from .attributes import Shape
from .words import ADDRESSES, CUSTOM, IDENTIFIERS, USER, user_of


def view_of(shape: Shape, spec: JsonMap) -> JsonMap:
    """What can be written of a user with these settings."""
    return {
        **names.shown(spec),
        "active": spec.get("status") == "active",
        **addresses.shown(spec),
        **attributes.shown(shape, as_map(spec.get("profile"))),
    }


def resource_of(shape: Shape, user: Stored, location: str) -> JsonMap:
    """A user as it is answered: never with a password."""
    view = view_of(shape, user.row.spec)
    return {
        "schemas": [USER, *([CUSTOM] if CUSTOM in view else [])],
        "id": user.id,
        **view,
        "meta": {
            "resourceType": "User",
            "created": user.created_at,
            "lastModified": user.updated_at,
            "location": location,
            "version": user.etag,
        },
    }


def replacing(shape: Shape, spec: JsonMap, user: JsonMap) -> JsonMap:
    """What a PUT means: what it leaves out is empty, but for what a client of the core schema does not know, and `active`."""
    before = view_of(shape, spec)
    stays = {key: before[key] for key in ("active", IDENTIFIERS, CUSTOM) if key in before}
    return {**stays, **user}


def spec_of(shape: Shape, spec: JsonMap, user: JsonMap) -> JsonMap:
    """The settings of a user who has `spec` (none: a new one) and is to be like this, whole. Parts that are to be what they are
    stay to the letter, whatever is odd about them: nothing keeps somebody from being suspended. Raises Problem 400."""
    now = user_of(view_of(shape, spec))
    made: JsonMap = {**spec, "status": _status(spec.get("status"), active=user.get("active", True) is True)}
    if _differ(now, user, ("userName", "externalId", IDENTIFIERS)):
        made["identifiers"] = names.written(spec, user)
    if _differ(now, user, tuple(ADDRESSES)):
        made["addresses"] = addresses.written(spec, user)
    if _differ(now, user, ("name", CUSTOM)):
        made["profile"] = attributes.written(shape, as_map(spec.get("profile")), user)
    return made


def _differ(now: JsonMap, user: JsonMap, keys: tuple[str, ...]) -> bool:
    return any((now.get(key) or None) != (user.get(key) or None) for key in keys)


def _status(before: object, *, active: bool) -> str:
    """Only `active` users are active. One who waits for activation, or is gone, is not made another sort of inactive."""
    if active:
        return "active"
    return "inactive" if before in (None, "active") else str(before)
