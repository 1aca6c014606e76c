"""The directory's pure rules: forms of identifiers and addresses, folding of case, attribute maps against their schema.

`validate` and the embedded directory call the same functions, so that what one accepts the other does not refuse.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..core.values import JsonMap, as_map, canonical, parse_json

_EMAIL = re.compile(
    r"(?=.{3,254}\Z)[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f.][^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]*\Z"
)
_MOBILE = re.compile(r"\+[1-9][0-9]{6,14}\Z")
_UID = re.compile(r"[!-~]{1,256}\Z")
_FORMS = {
    "email": (_EMAIL, "an e-mail address such as ada@example.com"),
    "mobile": (_MOBILE, "a telephone number in E.164 form such as +48123456789"),
    "uid": (_UID, "ASCII without spaces, at most 256 characters"),
    "external": (_UID, "ASCII without spaces, at most 256 characters"),
    "federated": (_UID, "ASCII without spaces, at most 256 characters"),
}


@dataclass(frozen=True, slots=True)
class FormProblem:
    """A value of the wrong form. `better` is what was probably meant. The texts do not repeat the value."""

    summary: str
    detail: str
    hint: str
    better: str | None = None

    @property
    def texts(self) -> tuple[str, str, str]:
        """Summary, detail, hint."""
        return self.summary, self.detail, self.hint


def has_form(word: str, value: str) -> bool:
    """Whether a value can be an identifier, or an address codes are sent to, of type `word`."""
    return _FORMS[word][0].match(value) is not None


def identifier_problem(word: str, value: str) -> FormProblem | None:
    """What is wrong with an identifier of type `word`, or None."""
    if has_form(word, value):
        return None
    expected = _FORMS[word][1]
    better = _better(word, value)
    return FormProblem(
        f"not a valid {word} identifier",
        f"expected {expected}",
        "remove spaces and punctuation" if better else "correct it, or remove it",
        better,
    )


def address_problem(word: str, value: str) -> FormProblem | None:
    """What is wrong with an address codes are sent to, or None."""
    problem = identifier_problem(word, value)
    return (
        FormProblem(problem.summary.replace("identifier", "address"), *problem.texts[1:], problem.better)
        if problem
        else None
    )


def _better(word: str, value: str) -> str | None:
    squeezed = re.sub(r"[\s()./-]" if word == "mobile" else r"\s", "", value)
    if word == "mobile" and squeezed.startswith("00"):
        squeezed = "+" + squeezed[2:]
    return squeezed if squeezed != value and _FORMS[word][0].match(squeezed) else None


def fold(value: str, *, ignore_case: bool) -> str:
    """The form in which two identifiers are compared: NFC, and case-folded when the pool ignores case."""
    if value.isascii():
        return value.lower() if ignore_case else value
    text = unicodedata.normalize("NFC", value)
    return unicodedata.normalize("NFC", text.casefold()) if ignore_case else text


@dataclass(frozen=True, slots=True)
class AttributeProblem:
    """A place in an attribute map that does not fit its schema. `summary` names the rule, never the value."""

    path: tuple[str | int, ...]
    summary: str
    rule: str


class AttributeCheck:
    """Checks attribute maps against one schema: fast, and with messages when something does not fit."""

    def __init__(self, schema: JsonMap) -> None:
        from .schema import canonical_schema

        self._schema = as_map(canonical_schema(schema))
        self.fits = _fast_check(self._schema)
        """Whether a map fits. Half a microsecond, and asked for every new user."""

    def problems(self, value: JsonMap) -> list[AttributeProblem]:
        """What does not fit, each with its place; empty when everything does.

        The engine of `fits` finds it: a pattern is somebody else's regular expression, met by a text of a third
        one, and it bounds how often a match may be tried again. Python's `re` does not."""
        if self.fits(value):
            return []
        import jsonschema_rs

        found = [
            AttributeProblem(tuple(error.instance_path), *_told(self._schema, error.schema_path, error.instance))
            for error in jsonschema_rs.Draft202012Validator(self._schema).iter_errors(value)
        ]
        return found or [AttributeProblem((), "does not fit its schema", "schema")]


def _fast_check(schema: JsonMap) -> Callable[[JsonMap], bool]:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema).is_valid


def _told(schema: object, path: Sequence[str | int], instance: object) -> tuple[str, str]:
    """The sentence for what does not fit a rule, and the rule. `path` leads to it from the top of the schema."""
    around: object = None
    for step in path:
        around, schema = schema, _inner(schema, step)
    rule = str(path[-1]) if path else "schema"
    return _sentence(rule, schema, as_map(around), instance), rule


def _inner(schema: object, step: str | int) -> object:
    if isinstance(schema, dict):
        return schema.get(step)
    return schema[step] if isinstance(schema, list) and isinstance(step, int) and step < len(schema) else None


def _sentence(rule: str, expected: object, schema: JsonMap, instance: object) -> str:
    match rule:
        case "required":
            missing = [name for name in _names(expected) if not isinstance(instance, dict) or name not in instance]
            return f"{', '.join(map(repr, missing))} is required" if missing else "a required attribute is missing"
        case "additionalProperties":
            known = as_map(schema.get("properties"))
            extra = [name for name in instance if name not in known] if isinstance(instance, dict) else []
            return f"the schema does not know {', '.join(map(repr, sorted(extra))) or 'an attribute'}"
        case "type":
            return f"needs type {expected}"
        case "enum":
            return f"must be one of {', '.join(map(repr, _names(expected)[:12]))}"
        case _:
            return f"does not fit {rule}: {canonical(expected).decode() if _small(expected) else '...'}"


def _names(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _small(value: object) -> bool:
    return isinstance(value, str | int | float | bool) or value is None


@functools.lru_cache(maxsize=512)
def _check_of(schema: bytes) -> AttributeCheck:
    return AttributeCheck(as_map(parse_json(schema)))


def attribute_check(schema: JsonMap) -> AttributeCheck:
    """The check of a schema; made once per schema."""
    return _check_of(canonical(schema))


DEFAULT_PROFILE_SCHEMA: JsonMap = {
    "type": "object",
    "properties": {
        "first_name": {"type": "string", "minLength": 1, "description": "First name"},
        "last_name": {"type": "string", "minLength": 1, "description": "Last name"},
        "name": {"type": "string", "minLength": 1, "description": "Full name"},
    },
}
DEFAULT_OPEN_SCHEMA: JsonMap = {"type": "object"}
