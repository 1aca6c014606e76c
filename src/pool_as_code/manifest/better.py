"""What was probably meant by a value that is not valid: candidates, of which the first that the type accepts is offered.

A candidate never guesses a meaning: it drops or adds quotes, a list, a unit that stands there in words, and the like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from ..core.values import JsonValue
from .annotations import Spot

_UNITS = re.compile(
    r"(\d+(?:\.\d+)?)\s*(milliseconds?|ms|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\b[\s,]*", re.I
)
_ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.I)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?")
_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")


def better(value: JsonValue, here: Spot) -> JsonValue:
    """A value that is valid at this place and says the same, None where there is none."""
    for candidate in _candidates(value):
        if (candidate != value or type(candidate) is not type(value)) and accepts(here, candidate):
            return candidate
    return None


def accepts(here: Spot, value: JsonValue) -> bool:
    """Whether a value is valid at a place."""
    from pydantic import ValidationError

    try:
        _validator(here).validate_python(value, strict=True)
    except ValidationError:
        return False
    return value is not None


_VALIDATORS: dict[tuple[int, ...], tuple[Spot, Any]] = {}  # by identity: annotations live for ever, marks have no hash


def _validator(here: Spot) -> Any:
    key = (id(here.hint), *map(id, here.marks))
    if key not in _VALIDATORS:
        from pydantic import TypeAdapter

        hint: Any = Annotated[(here.hint, *here.marks)] if here.marks else here.hint
        _VALIDATORS[key] = (here, TypeAdapter(hint).validator)
    return _VALIDATORS[key][1]


def _candidates(value: JsonValue) -> Iterator[JsonValue]:
    yield from _plain(value)
    if isinstance(value, list) and len(value) == 1:
        yield value[0]
        yield from _plain(value[0])
    elif isinstance(value, dict) and value and all(inner is None for inner in value.values()):
        yield list(value)
    if not isinstance(value, list) and value is not None:
        yield [value]
        for inner in _plain(value):
            yield [inner]
    elif isinstance(value, list):
        texts: list[JsonValue] = [_text(item) if isinstance(item, bool | int | float) else item for item in value]
        yield texts


def _plain(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, str):
        yield from _number(value)
        word = value.strip().lower()
        if word in _TRUE or word in _FALSE:
            yield word in _TRUE
        yield from _respelled(value.strip())
    elif isinstance(value, bool | int | float):
        yield _text(value)
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            yield int(value)
        if not isinstance(value, bool) and value in (0, 1):
            yield bool(value)


def _text(value: bool | int | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(text: str) -> Iterator[JsonValue]:
    bare = text.strip()
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", bare, re.ASCII):
        yield int(bare)
    elif re.fullmatch(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,9}", bare, re.ASCII):
        yield float(bare)


def _respelled(text: str) -> Iterator[str]:
    """Texts of the right form that differ only in how they are written."""
    yield text
    durations = _UNITS.findall(text)
    if durations and not _UNITS.sub("", text).replace("and", "").strip():
        yield "".join(number + _unit(unit.lower()) for number, unit in durations)
    if iso := _ISO.fullmatch(text):
        yield "".join(number + unit for number, unit in zip(iso.groups(), "dhms", strict=True) if number)
    if _DAY.fullmatch(text):
        yield f"{text}T00:00:00Z"
    elif _MOMENT.fullmatch(text):
        yield f"{text}{':00' if text.count(':') == 1 else ''}Z"
    yield text.lower()
    yield f"#{text}"
    if re.fullmatch("#[0-9A-Fa-f]{3}", text):
        yield "#" + "".join(digit * 2 for digit in text[1:])
    yield text.rstrip("/")
    yield re.sub("^[a-z]+://", "", text.lower()).partition("/")[0].partition(":")[0]
    yield f"https://{text.rstrip('/')}"
    yield re.sub("^http:", "https:", text.rstrip("/"))
    yield re.sub(r"[\s/:]+", "-", text)[:128].strip("-._")
    yield re.sub(r"[^A-Za-z0-9_-]+", "-", text)[:64].strip("-_")


def _unit(word: str) -> str:
    return "ms" if word.startswith(("ms", "mil")) else word[0]
