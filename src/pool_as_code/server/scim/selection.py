"""Which attributes of a resource are shown: `attributes` and `excludedAttributes` (RFC 7644, section 3.9). Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ...core.values import JsonMap, JsonValue
from .words import CUSTOM, USER

_ALWAYS = ("id", "schemas")
_Paths = dict[str, set[str]]


def selected(resource: JsonMap, query: Mapping[str, str]) -> JsonMap:
    """The resource with the attributes that are asked for; without those that are not wanted, where none is asked for."""
    wanted, unwanted = _paths(query.get("attributes", "")), _paths(query.get("excludedAttributes", ""))
    shown: JsonMap = {}
    for key, value in resource.items():
        inside, outside = wanted.get(key.lower(), set()), unwanted.get(key.lower(), set())
        if key in _ALWAYS or (wanted and "" in inside) or not (wanted or outside):
            shown[key] = value
        elif wanted and inside:
            shown[key] = _parts(value, inside, keep=True)
        elif not wanted and "" not in outside:
            shown[key] = _parts(value, outside, keep=False)
    return shown


def _paths(text: str) -> _Paths:
    """Attribute -> parts of it, `""` for the whole, all in small letters."""
    found: _Paths = {}
    for name in text.lower().split(","):
        name = name.strip().removeprefix(f"{USER.lower()}:")
        if name.startswith(CUSTOM.lower()):
            attribute, part = CUSTOM.lower(), name[len(CUSTOM) + 1 :]
        else:
            attribute, _, part = name.partition(".")
        if attribute:
            found.setdefault(attribute, set()).add(part)
    return found


def _parts(value: JsonValue, names: set[str], *, keep: bool) -> JsonValue:
    if isinstance(value, list):
        return [_parts(one, names, keep=keep) for one in value]
    if isinstance(value, dict):
        return {key: inner for key, inner in value.items() if (key.lower() in names) is keep}
    return value
