"""Filters of lists, `<attribute> eq <value>` and nothing else, and the paths of patches (RFC 7644, figure 7). Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...core.values import JsonValue, parse_json
from .words import CUSTOM, ENTERPRISE, NOT_KEPT, PARTS, PARTS_NOT_KEPT, USER, part_spelled, refused, spelled

SEARCHED = ("id", "externalId", "userName", "emails.value", "phoneNumbers.value")
_LONGEST = 2000
_BRACKETS = r'\[(?P<inner>(?:[^\]\["]|"(?:[^"\\]|\\.)*")*)\]'
_FILTER = re.compile(
    rf"\s*(?P<name>[A-Za-z]\w*)(?:{_BRACKETS})?(?P<part>\.\w+)?\s+(?i:eq)\s+(?P<value>\S.*)\Z", re.DOTALL
)
_CONDITION = re.compile(r"\s*(?P<part>[A-Za-z]\w*)\s+(?i:eq)\s+(?P<value>\S.*)\Z", re.DOTALL)
_PATH = re.compile(rf"(?P<name>[A-Za-z]\w*)(?:{_BRACKETS})?(?:\.(?P<part>[A-Za-z$]\w*))?\Z")


class Search(NamedTuple):
    """One of SEARCHED, and the text that is looked for."""

    field: str
    value: str


class Condition(NamedTuple):
    """Which members of a list are meant: those whose part has this value."""

    part: str
    value: JsonValue


class Target(NamedTuple):
    """Where a patch changes something: an attribute, which of its members, and which part of them. Of the extension `part` is
    the user's own key, and `inner` one within its value."""

    attribute: str
    condition: Condition | None = None
    part: str = ""
    inner: str = ""


def parse_filter(text: str) -> Search:
    """What a list is filtered by. A condition in brackets is read over, as the service does. Raises Problem 400."""
    found = _FILTER.match(_without_urn(text.strip())) if len(text) <= _LONGEST else None
    if found is not None:
        wanted = (found["name"] + (found["part"] or "")).lower()
        value = _literal(found["value"])
        field = next((name for name in SEARCHED if name.lower() == wanted), None)
        if field is not None and isinstance(value, str) and (found["inner"] is None or "." in field):
            return Search(field, value)
    raise refused("invalidFilter", f'a filter is <attribute> eq "<value>", the attribute one of {", ".join(SEARCHED)}')


def parse_path(text: str) -> Target | None:
    """Where a path leads; None for an attribute of RFC 7643 that users do not have here. Raises Problem 400."""
    path = _without_urn(text.strip())
    urn = next((urn for urn in (CUSTOM, ENTERPRISE) if path.lower().startswith(urn.lower())), "")
    if urn and path[len(urn) : len(urn) + 1] in ("", ":"):
        part, _, inner = path[len(urn) + 1 :].partition(".")
        return Target(CUSTOM, None, part, inner) if urn == CUSTOM else None
    found = _PATH.match(path) if len(path) <= _LONGEST else None
    if found is None:
        raise refused("invalidPath", "the path is not one of an attribute")
    if found["name"].lower() in NOT_KEPT:
        return None
    attribute, part = spelled(found["name"]), found["part"] or ""
    parts = PARTS.get(attribute, ())
    if not attribute or (found["inner"] is not None and "value" not in parts) or (part and not parts):
        raise refused("invalidPath", "the path leads to nothing that a user has")
    if part.lower() in PARTS_NOT_KEPT:
        return None
    named = part_spelled(attribute, part) if part else ""
    if part and not named:
        raise refused("invalidPath", "the path leads to nothing that a user has")
    return Target(attribute, _condition(attribute, found["inner"]), named)


def _condition(attribute: str, text: str | None) -> Condition | None:
    if text is None:
        return None
    found = _CONDITION.match(text)
    part = part_spelled(attribute, found["part"]) if found is not None else ""
    value = _literal(found["value"]) if found is not None else None
    if not part or not isinstance(value, str | bool):
        raise refused("invalidFilter", 'a condition in a path is <part> eq "<value>"')
    return Condition(part, value)


def _without_urn(text: str) -> str:
    return text[len(USER) + 1 :] if text.lower().startswith(f"{USER.lower()}:") else text


def _literal(text: str) -> JsonValue:
    """A JSON literal, None for anything that is none."""
    try:
        return parse_json(text.strip())
    except ValueError:
        return None
