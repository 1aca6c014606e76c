"""The nearest valid word, for hints."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that reads most like `word`, ignoring case, `-` and `_`; None when nothing is near."""
    by_shape: dict[str, str] = {}
    for choice in choices:
        by_shape.setdefault(_shape(choice), choice)
    found = difflib.get_close_matches(_shape(word), list(by_shape), n=1, cutoff=0.6)
    return by_shape[found[0]] if found else None


def _shape(word: str) -> str:
    return word.replace("_", "").replace("-", "").lower()
