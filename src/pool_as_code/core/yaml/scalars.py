"""What a plain (unquoted) scalar stands for: the core schema of YAML 1.2, restricted to the values of JSON, and in strict
mode without the forms that YAML 1.1 reads differently. Source: YAML 1.2.2, section 10.3.2; YAML 1.1 types (yaml.org/type)."""

from __future__ import annotations

import math
import re

from ..values import INT64_MAX, INT64_MIN, JsonValue

_CONSTANTS: dict[str, JsonValue] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
BOOLEAN_WORDS = frozenset(
    form for word in ("y", "n", "yes", "no", "on", "off") for form in (word, word.capitalize(), word.upper())
)
_WORDS = {word.lower() for word in (*_CONSTANTS, *BOOLEAN_WORDS)}
_FIRST = frozenset("0123456789+-.~yYnNtTfFoO")  # a plain scalar that begins otherwise is a text

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_ONLY_YAML_1_1 = re.compile(
    r"[-+]?0b[01_]+|[-+]0x[0-9a-fA-F_]+|0x_*[0-9a-fA-F][0-9a-fA-F_]*|[-+]?[0-9][0-9_]*(?:\.[0-9_]*(?:[eE][-+][0-9]+)?)?"
    r"|[-+]?\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[-+]?\.[0-9_]")  # and what old readers take for a float
_LONGEST_INTEGER = 20  # characters of a 64-bit number; spares converting a million digits


class BadScalar(ValueError):
    """When a plain scalar is refused. The texts never repeat the scalar's digits: it might be meant as a secret."""

    def __init__(self, code: str, summary: str, hint: str) -> None:
        super().__init__(summary)
        self.code = code
        self.summary = summary
        self.hint = hint


def resolve(text: str, *, strict: bool) -> JsonValue:
    """The value of a plain scalar. Raises BadScalar; in lenient mode only for what no JSON value can hold."""
    if text and text[0] not in _FIRST:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if strict:
        _refuse_ambiguous(text)
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        value = float(text)
        if math.isinf(value):
            raise BadScalar("PAC117", "the number is too large for a float of 64 bits", "quote it for a text")
        return value
    if _NOT_FINITE.fullmatch(text):
        raise BadScalar("PAC116", f"`{text}` is no value of JSON", "write a finite number, or quote it for a text")
    return text


def resolve_key(text: str, *, strict: bool) -> str:
    """The text of a plain key. Raises BadScalar where it reads as something else; in lenient mode for the empty key only."""
    if not text:
        raise BadScalar("PAC118", "an empty key, which is null", 'write the key, or "" for an empty text')
    if strict and not isinstance(value := resolve(text, strict=True), str):
        kind = "null" if value is None else "a boolean" if isinstance(value, bool) else "a number"
        raise BadScalar("PAC118", f"a key that is {kind}, not a text", "quote the key")
    return text


def reads_as_text(text: str) -> bool:
    """Whether a plain scalar is a text to readers of YAML 1.1 and 1.2 alike (its characters are judged elsewhere)."""
    if text[:1] not in _FIRST:
        return True
    if text.lower() in _WORDS or _DATE.match(text):
        return False
    return not any(form.fullmatch(text) for form in (_FLOAT, _INTEGER, _NOT_FINITE, _BASE_60, _ONLY_YAML_1_1))


def _refuse_ambiguous(text: str) -> None:
    if text in BOOLEAN_WORDS:
        boolean = "true" if text.lower() in ("y", "yes", "on") else "false"
        raise BadScalar(
            "PAC112",
            f"plain `{text}` is a boolean in YAML 1.1 and a text in YAML 1.2",
            f'quote it: "{text}", or write {boolean} for a boolean',
        )
    if _LEADING_ZERO.fullmatch(text):
        raise BadScalar(
            "PAC113", "a plain number with leading zeros", "quote it for a text, or drop the zeros for a number"
        )
    if _BASE_60.fullmatch(text):
        raise BadScalar("PAC114", "plain digits with colons are a number in base 60 in YAML 1.1", "quote it")
    if _ONLY_YAML_1_1.fullmatch(text) and not _INTEGER.fullmatch(text) and not _FLOAT.fullmatch(text):
        raise BadScalar(
            "PAC115", "a number in YAML 1.1, a text in YAML 1.2", "quote it for a text, or write it in decimal digits"
        )


def _integer(text: str) -> int:
    if text[1:2] in ("o", "x"):
        base, digits = (8 if text[1] == "o" else 16), text[2:].lstrip("0")
    else:
        base, digits = 10, text.lstrip("+-").lstrip("0")
    value = int(digits or "0", base) if len(digits) <= (22 if base == 8 else _LONGEST_INTEGER) else INT64_MAX + 1
    if text.startswith("-"):
        value = -value
    if not INT64_MIN <= value <= INT64_MAX:
        raise BadScalar("PAC117", "the whole number does not fit into 64 bits", "quote it for a text")
    return value
