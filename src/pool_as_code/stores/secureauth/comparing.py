"""Whether what is there now is what was sent: how a lost answer is made up for. Pure."""

from __future__ import annotations

from ...core.values import JsonMap, JsonValue, as_list, as_map

_VOLATILE = ("created_at", "updated_at", "status_updated_at", "credentials", "metadata")


def steady(body: JsonMap) -> JsonMap:
    """What does not change by itself."""
    return {k: v for k, v in body.items() if k not in _VOLATILE and not k.startswith("number_of_")}


def holds(there: JsonMap, sent: JsonMap) -> bool:
    """Whether everything that was sent is there; what the service leaves out counts as the zero value that it is."""
    return all(_alike(there.get(key), value) for key, value in sent.items() if key not in ("credentials", "metadata"))


def _alike(there: JsonValue, sent: JsonValue) -> bool:
    if isinstance(sent, dict):
        return holds(as_map(there), sent)
    if isinstance(sent, list):
        rows = as_list(there)
        return len(rows) >= len(sent) and all(any(_alike(row, one) for row in rows) for one in sent)
    return there == sent or (not sent and not there)


def patched(there: JsonMap, patch: JsonMap) -> bool:
    """Whether an object is as a merge patch (RFC 7396) leaves it."""
    for key, value in patch.items():
        now = there.get(key)
        if isinstance(value, dict):
            if not patched(as_map(now), value):
                return False
        elif value is None:
            if now is not None:
                return False
        elif now != value:
            return False
    return True
