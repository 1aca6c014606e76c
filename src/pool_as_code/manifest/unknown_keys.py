"""Unknown keys: which field was meant - a word nearby, the service's own word for a field, a field of another section."""

from __future__ import annotations

import re

from ..core.values import JsonMap, JsonValue, as_map
from ..resources import traits as t
from ..resources.kind import Problem
from ..resources.suggest import nearest
from .annotations import Path, Spot, elsewhere
from .shown import cut, place_name, value_at

_MANY = 12  # fields that a message lists


def unknown_key(root: Spot, document: JsonValue, path: Path) -> Problem:
    """The problem of a key that its map does not have."""
    above, key = path[:-1], str(path[-1])
    holder = root.at(above)
    fields = holder.fields if holder is not None else {}
    siblings = value_at(document, above)
    taken = siblings if isinstance(siblings, dict) else {}
    alike = _same_shape(key, fields)
    own_word = _service_word(key, fields)
    if own_word is not None:
        return _renamed(path, "PAC214", f"'{cut(key)}' is the service's name for {own_word}", own_word, taken)
    places = [] if alike else [place for place in elsewhere(root.struct, key) if place[0][:-1] != above]
    near = alike or (None if places else nearest(key, fields))
    if near is not None and (near == alike or near not in taken):
        return _renamed(path, "PAC203", f"unknown key '{cut(key)}' in {place_name(above)}", near, taken)
    if holder is not None and holder.secret:
        return _in_secret(document, path, fields)
    if places:
        return _misplaced(path, places)
    names = ", ".join(list(fields)[:_MANY]) + (", ..." if len(fields) > _MANY else "")
    summary = f"unknown key '{cut(key)}' in {place_name(above)}"
    return Problem(path, "PAC203", summary, f"known: {names}" if names else "", "remove it", remove=True, at_key=True)


def _same_shape(key: str, fields: dict[str, Spot]) -> str | None:
    bare = key.replace("_", "").replace("-", "").lower()
    return next((name for name in fields if name.lower() == bare), None)


def _service_word(key: str, fields: dict[str, Spot]) -> str | None:
    for name, field in fields.items():
        doc = field.mark(t.Doc)
        if doc is not None and doc.wire and key in (doc.wire, doc.wire.rpartition(".")[2]):
            return name
    return None


def _renamed(path: Path, code: str, summary: str, name: str, taken: JsonMap) -> Problem:
    if name in taken:
        detail = f"{name} stands in the same map already"
        return Problem(path, code, summary, detail, "remove it", remove=True, at_key=True)
    hint = f"did you mean {name}?" if code == "PAC203" else f"write {name}"
    return Problem(path, code, summary, "", hint, rename=name, at_key=True)


def _misplaced(path: Path, places: list[tuple[Path, bool]]) -> Problem:
    """A known word in the wrong section. Our own words go before the service's."""
    ours = [place for place, service in places if not service]
    names = " or ".join(place_name(place) for place in (ours or [place for place, _ in places])[:3])
    key = cut(str(path[-1]))
    if ours:
        summary, code = f"'{key}' does not stand in {place_name(path[:-1])}", "PAC215"
    else:
        summary, code = f"'{key}' is the service's name for {names}", "PAC214"
    return Problem(path, code, summary, "", f"write it as {names}", at_key=True)


def _in_secret(document: JsonValue, path: Path, fields: dict[str, Spot]) -> Problem:
    """Neither key nor value is shown: either might be the secret itself."""
    above, value = path[:-1], value_at(document, path)
    where, known = place_name(above), ", ".join(fields)
    if isinstance(value, dict | list):
        return Problem(
            path, "PAC203", f"unknown key in {where}", f"known: {known}", "remove it", remove=True, at_key=True
        )
    detail = f"known keys: {known}; this one and its value are not shown"
    summary = f"a secret seems to stand in {where}"
    if "fromEnv" in fields and not set(fields) & set(as_map(value_at(document, above))):
        reference = secret_reference(document, above)
        hint = f"write fromEnv: {reference['fromEnv']}; change the secret if it was committed"
        return Problem(above, "PAC213", summary, detail, hint, replace=reference)
    hint = "remove it; change the secret if it was committed"
    return Problem(path, "PAC213", summary, detail, hint, remove=True, at_key=True)


def secret_reference(document: JsonValue, path: Path) -> JsonMap:
    """A reference that could stand at `path` instead of a secret: a variable named after the object."""
    name = str(value_at(document, ("metadata", "name")) or "")
    owner = re.sub("[^A-Z0-9]+", "_", name.upper()).strip("_")
    owner = owner if re.match("[A-Z]", owner) and not owner.startswith("POOL_AS_CODE") else f"USER_{owner}".rstrip("_")
    return {"fromEnv": f"{owner}_{'TOTP_SECRET' if 'totp' in path else 'PASSWORD'}"}
