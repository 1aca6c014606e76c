"""The nearest valid word, for hints."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LOOKED_UP = 20  # words of one `Names` that are compared with all of its choices


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that reads most like `word`, ignoring case, `-` and `_`; None when nothing is near."""
    return Names(choices).nearest(word)


class Names:
    """Choices for many words, made ready once. Where very many words are wrong, only the first get a suggestion: comparing
    each of ten thousand with ten thousand choices would take minutes, and nobody reads that far."""

    def __init__(self, choices: Iterable[str]) -> None:
        self._by_shape: dict[str, str] = {}
        for choice in choices:
            self._by_shape.setdefault(_shape(choice), choice)
        self._found: dict[str, str | None] = {}

    def nearest(self, word: str) -> str | None:
        """The choice that reads most like `word`; None when nothing is near, or after too many other words."""
        if word not in self._found:
            if len(self._found) >= LOOKED_UP:
                return None
            found = difflib.get_close_matches(_shape(word), list(self._by_shape), n=1, cutoff=0.6)
            self._found[word] = self._by_shape[found[0]] if found else None
        return self._found[word]


def _shape(word: str) -> str:
    return word.replace("_", "").replace("-", "").lower()
