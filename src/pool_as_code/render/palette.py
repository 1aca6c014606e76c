"""Colours of the terminal, a handful and optional. Nothing is told by colour alone."""

from __future__ import annotations

from typing import Literal

Style = Literal["add", "change", "remove", "risk", "quiet", "strong"]

_CODES: dict[Style, str] = {"add": "32", "change": "33", "remove": "31", "risk": "1;31", "quiet": "2", "strong": "1"}


class Palette:
    """Paints when switched on; else every text stays as it is. Paints whole lines or words that are escaped already."""

    def __init__(self, enabled: bool = False) -> None:
        self.enabled = enabled

    def paint(self, style: Style, text: str) -> str:
        """The text in a style."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.enabled and text else text


PLAIN = Palette()
