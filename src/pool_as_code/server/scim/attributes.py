"""What a user's profile says: as `name` and as attributes of the extension, and back. Pure.

Which attributes of a profile are the names follows from its schema; all others stand in the extension under their own keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ...core.values import JsonMap, JsonValue, as_map
from .words import CUSTOM, refused

_GIVEN = ("first_name", "given_name", "givenName", "firstName")
_FAMILY = ("last_name", "family_name", "familyName", "lastName")


class Shape(NamedTuple):
    """A profile: its schema, and the attributes that are the two names. Empty where it has no place for one."""

    schema: JsonMap
    given: str
    family: str

    @property
    def names(self) -> dict[str, str]:
        """Sub-attribute of `name` -> attribute of the profile."""
        both = {"givenName": self.given, "familyName": self.family}
        return {part: key for part, key in both.items() if key}

    @property
    def custom(self) -> JsonMap:
        """The schemas of all other attributes."""
        properties = as_map(self.schema.get("properties"))
        return {key: inner for key, inner in properties.items() if key not in (self.given, self.family)}


def shape_of(schema: JsonMap) -> Shape:
    """The shape of profiles that fit a schema."""
    return Shape(schema, _place(schema, _GIVEN), _place(schema, _FAMILY))


def shown(shape: Shape, profile: JsonMap) -> JsonMap:
    """Both attributes, as far as there is something to show."""
    names: JsonMap = {part: profile[key] for part, key in shape.names.items() if _is_name(profile.get(key))}
    custom = {key: value for key, value in profile.items() if key not in (shape.given, shape.family)}
    return {**({"name": names} if names else {}), **({CUSTOM: custom} if custom else {})}


def written(shape: Shape, before: JsonMap, user: JsonMap) -> JsonMap:
    """The profile of a user who is to have these attributes. A name without a place in the profile is left out, and what stands
    in the place of one and is none stays. Raises Problem 400 for a name among the attributes of the extension."""
    profile: JsonMap = {}
    names = as_map(user.get("name"))
    for part, key in shape.names.items():
        if part in names:
            profile[key] = names[part]
        elif key in before and not _is_name(before[key]):
            profile[key] = before[key]
    known = spellings(before, as_map(shape.schema.get("properties")))
    for name, value in as_map(user.get(CUSTOM)).items():
        key = own_key(name, known)
        if key in (shape.given, shape.family):
            raise refused("invalidValue", f"{key} is told in name")
        if value is not None:
            profile[key] = value
    return profile


def spellings(*known: Iterable[str]) -> dict[str, str]:
    """Attributes in small letters -> as they are written; and each as it is written."""
    names = [name for several in known for name in several]
    return {**{name.lower(): name for name in names}, **{name: name for name in names}}


def own_key(name: str, known: Mapping[str, str]) -> str:
    """An attribute as its schema writes it: in SCIM the case of names does not count."""
    return known.get(name) or known.get(name.lower(), name)


def _is_name(value: JsonValue) -> bool:
    return isinstance(value, str) and value != ""


def _place(schema: JsonMap, names: tuple[str, ...]) -> str:
    properties = as_map(schema.get("properties"))
    for name in names:
        if name in properties and as_map(properties[name]).get("type", "string") == "string":
            return name
    is_open = schema.get("additionalProperties") is not False and names[0] not in properties
    return names[0] if is_open else ""
