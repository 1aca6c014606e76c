"""Names for live objects that no manifest has named yet. Pure and deterministic: the same objects get the same names, in
whatever order they come.

    a name that is given     stays
    an id that is a name     is the name (two that differ only in case: the second gets a number)
    any other id             a name made of the display name, for users of the id: names stand in plans and records
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from .traits import LONG_NAME, NAME

_LONG = ("group", "user")
_MACHINE_MADE = re.compile(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\Z")
_SHARED = {"organization": "workspace"}  # an organization's parent is named without saying which of the two it is


class Nameable(NamedTuple):
    """A live object to be named: kind word, remote id, its pool's id if it has one, its display name, a name it has."""

    word: str
    id: str
    pool_id: str = ""
    title: str = ""
    given: str = ""


def choose_names(objects: Iterable[Nameable]) -> dict[tuple[str, str], str]:
    """(kind word, id) -> name. Names are valid in manifests and unique in their pool and kind, case ignored: they become
    the names of files."""
    chosen: dict[tuple[str, str], str] = {}
    taken: set[tuple[str, str, str]] = set()
    for one in sorted(set(objects), key=_rank):
        space = (_SHARED.get(one.word, one.word), one.pool_id)
        name = _free(one.given or _wish(one), one.word, space, taken)
        taken.add((*space, name.casefold()))
        chosen[one.word, one.id] = one.given or name
    return chosen


def is_name(word: str, text: str) -> bool:
    """Whether a text can be the name of an object of this kind."""
    return re.fullmatch(LONG_NAME if word in _LONG else NAME, text) is not None


def _rank(one: Nameable) -> tuple[int, str, str, str, str]:
    """Names that are given first, then ids that are names, then the rest by title."""
    order = 0 if one.given else 1 if _names_itself(one) else 2
    return order, one.word, one.pool_id, one.title if order == 2 else "", one.id


def _names_itself(one: Nameable) -> bool:
    return is_name(one.word, one.id) and (one.word == "user" or not _MACHINE_MADE.match(one.id))


def _wish(one: Nameable) -> str:
    if _names_itself(one):
        return one.id
    texts = (one.id,) if one.word == "user" else (one.title, one.id)
    return next(filter(None, map(_slug, texts)), one.word)


def _slug(text: str) -> str:
    """Letters, digits and hyphens, as few of them as say it; empty when nothing of the text can be kept."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")


def _free(wish: str, word: str, space: tuple[str, str], taken: set[tuple[str, str, str]]) -> str:
    longest = 128 if word in _LONG else 64
    name, number = wish[:longest], 1
    while (*space, name.casefold()) in taken:
        number += 1
        suffix = f"-{number}"
        name = wish[: longest - len(suffix)] + suffix
    return name
