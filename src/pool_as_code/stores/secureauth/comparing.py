"""Whether what is there now is what was sent: how a lost answer is made up for. Pure."""

from __future__ import annotations

from ...core.values import JsonMap, JsonValue, as_list, as_map
from .wire import RESERVED_KEY

_VOLATILE = ("created_at", "updated_at", "status_updated_at", "credentials")


def steady(body: JsonMap) -> JsonMap:
    """What does not change by itself, and no ownership records."""
    found = {k: v for k, v in body.items() if k not in _VOLATILE and not k.startswith("number_of_")}
    if "metadata" in found:
        found["metadata"] = _without_records(found["metadata"])
    return found


def _without_records(metadata: JsonValue) -> JsonValue:
    """Those of pools stand in their metadata, those of organizations one map deeper."""
    if not isinstance(metadata, dict):
        return metadata
    found: JsonMap = {key: value for key, value in metadata.items() if key != RESERVED_KEY}
    if isinstance(inner := found.get("payload"), dict) and RESERVED_KEY in inner:
        found["payload"] = {key: value for key, value in inner.items() if key != RESERVED_KEY}
    return found


def replaced(there: JsonMap, sent: JsonMap, before: JsonMap) -> bool:
    """Whether an object is as it was sent whole, in the place of `before`: what was taken out is gone, and lists are these lists.
    What neither side had is the service's."""
    return _became(steady(there), steady(sent), steady(before))


def _became(there: JsonValue, sent: JsonValue, before: JsonValue) -> bool:
    if isinstance(sent, dict):
        now, old = as_map(there), as_map(before)
        gone = (now.get(key) for key in old.keys() - sent.keys())
        return not any(gone) and all(_became(now.get(key), value, old.get(key)) for key, value in sent.items())
    if isinstance(sent, list):
        rows = as_list(there)
        return len(rows) == len(sent) and all(any(_became(row, one, None) for row in rows) for one in sent)
    return there == sent or (not sent and not there)


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
