"""Scalars that come again and again (`customers`, `active`, `true`) are resolved once per file and shared: dictionaries that
fill themselves. Each raises ValueError (BadScalar or Doubt) where the careful reader has to look at the document."""

from __future__ import annotations

from ..values import JsonValue
from .scalars import resolve, resolve_key

_MOST = 20_000  # entries; texts that never come again must not fill the memory


class Doubt(ValueError):
    """When a quick reader can not be sure that it reads what the careful one would."""


class PlainScalars(dict[str, JsonValue]):
    """Plain scalar -> value."""

    __slots__ = ("_strict",)

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict

    def __missing__(self, text: str) -> JsonValue:
        value = resolve(text, strict=self._strict)
        if len(self) < _MOST:
            self[text] = value
        return value


class PlainKeys(dict[str, str]):
    """Plain key -> text."""

    __slots__ = ("_strict",)

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict

    def __missing__(self, text: str) -> str:
        if text == "<<":
            raise Doubt
        key = resolve_key(text, strict=self._strict)
        if len(self) < _MOST:
            self[text] = key
        return key


class WrittenScalars(dict[str, JsonValue]):
    """A scalar as it stands in a line of block style, plain or in quotes without escapes -> value."""

    __slots__ = ("plain",)

    def __init__(self, plain: PlainScalars) -> None:
        self.plain = plain

    def __missing__(self, written: str) -> JsonValue:
        if written[0] in "\"'":
            return written[1:-1]
        return self.plain[written]


class WrittenFlowScalars(WrittenScalars):
    """The same between brackets, where a comma ends a plain scalar."""

    def __missing__(self, written: str) -> JsonValue:
        if "," in written and written[0] not in "\"'":
            raise Doubt
        return super().__missing__(written)
