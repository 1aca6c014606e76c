"""What a new directory holds from the start: the two system schemas that `$default` stands for. Nobody edits or deletes
them."""

from __future__ import annotations

from ..core.clock import format_time, now
from ..core.values import JsonMap, canonical
from ..resources.rules import DEFAULT_OPEN_SCHEMA, DEFAULT_PROFILE_SCHEMA

DEFAULT_SCHEMA_IDS = {"profile": "default_payload", "administrative": "default_metadata"}
"""Role -> the schema a pool gets when it declares none. Delegated attributes have no default."""

_SPECS: dict[str, JsonMap] = {
    "default_payload": {
        "displayName": "default_payload",
        "description": "What people tell about themselves: their names.",
        "schema": DEFAULT_PROFILE_SCHEMA,
    },
    "default_metadata": {
        "displayName": "default_metadata",
        "description": "What administrators keep about users: anything.",
        "schema": DEFAULT_OPEN_SCHEMA,
    },
}


def system_schema_rows() -> list[tuple[str, str, str, str]]:
    """Id, document, creation and update time of each."""
    moment = format_time(now())
    return [
        (schema_id, canonical({"metadata": {"system": True}, "spec": spec}).decode(), moment, moment)
        for schema_id, spec in _SPECS.items()
    ]
