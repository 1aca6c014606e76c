"""Secrets and references to them. A reference may be shown; a resolved secret can not print itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from .values import JsonValue

Source = Literal["fromEnv", "fromFile", "fromCommand"]
SOURCES: tuple[str, ...] = get_args(Source)
RESERVED = "POOL_AS_CODE_"  # variables of the tool itself: credentials of stores, keys
CLOSED_FOLDERS = frozenset({".git", ".pool-as-code"})  # they hold tokens of pipelines, and keys of directories
LONGEST = 64 * 1024  # bytes of a secret


def is_reserved(variable: str) -> bool:
    """Whether an environment variable is the tool's own, however it is spelled (Windows knows no case)."""
    return variable.strip().upper().startswith(RESERVED)


def is_closed(parts: Iterable[str]) -> bool:
    """Whether a path of these parts leads into a folder that no manifest reads secrets from. Case and the final dots and
    blanks that some file systems drop make no difference."""
    return any(part.rstrip(". ").lower() in CLOSED_FOLDERS for part in parts)


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret comes from: an environment variable, a file, the output of a command. Never the secret."""

    source: str
    name: str

    def __str__(self) -> str:
        return f"{self.source}:{self.name}"

    def to_json(self) -> dict[str, JsonValue]:
        """The form it has in manifests and plans."""
        return {self.source: self.name}

    @classmethod
    def from_json(cls, value: object) -> SecretRef | None:
        """The reference in a manifest value, None when it is none."""
        if isinstance(value, Mapping) and len(value) == 1:
            ((source, name),) = value.items()
            if source in SOURCES and isinstance(name, str):
                return cls(source, name)
        return None


class Secret:
    """A resolved secret. Only `reveal()` gives the text; repr, str, format and pickling do not."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one call that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(******)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "******"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret can not be pickled")

    def __eq__(self, other: object) -> bool:
        from hmac import compare_digest

        return isinstance(other, Secret) and compare_digest(self._text.encode(), other._text.encode())

    __hash__ = None  # type: ignore[assignment]
