"""Selectors over labels, as `--selector` takes them: `tier=gold`, `tier!=gold`, `tier`, `!tier`, several parted by commas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Selector:
    """Conditions that must all hold: (label, value or None for any, whether it must be so)."""

    conditions: tuple[tuple[str, str | None, bool], ...]

    def matches(self, labels: Mapping[str, object]) -> bool:
        """Whether an object with these labels is meant."""
        return all(
            (key in labels if value is None else labels.get(key) == value) is wanted
            for key, value, wanted in self.conditions
        )

    @classmethod
    def parse(cls, text: str) -> Selector:
        """The selector a text stands for; raises ValueError for an empty condition."""
        return cls(tuple(_condition(part.strip(), text) for part in text.split(",")))


def _condition(part: str, text: str) -> tuple[str, str | None, bool]:
    for sign, wanted in (("!=", False), ("==", True), ("=", True)):
        label, found, value = part.partition(sign)
        if found and label.strip() and not label.startswith("!"):
            return label.strip(), value.strip(), wanted
    label = part.removeprefix("!").strip()
    if not label or "=" in part:
        raise ValueError(f"not a selector: {text!r}; expected LABEL=VALUE, LABEL!=VALUE, LABEL or !LABEL")
    return label, None, not part.startswith("!")
