"""What a rule is: a code, a name, a severity, options, and one function over the desired state. And what it finds: breaches."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from ..core.clock import parse_duration
from ..core.codes import CodeDoc, by_code
from ..core.values import JsonValue, as_map, as_texts
from ..resources.state import Resource
from .desired import Desired

Level: TypeAlias = Literal["ignore", "info", "warn", "error"]
LEVELS: tuple[Level, ...] = ("ignore", "info", "warn", "error")
"""Severities in order; `ignore` switches a rule off."""

OptionType: TypeAlias = Literal["whole number", "duration", "text", "pattern", "list of texts", "map of texts"]
Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """What a rule can be told. `looser` says which way it accepts more: `lower` or `higher` numbers and durations, `longer` or
    `shorter` lists; of others any change may be looser."""

    name: str
    type: OptionType
    default: JsonValue
    doc: str
    looser: Literal["lower", "higher", "longer", "shorter", "any"] = "any"


class Options:
    """The options of a rule as they apply here, every one with a value of its type."""

    def __init__(self, values: Mapping[str, JsonValue]) -> None:
        self.values = values

    def number(self, name: str) -> int:
        """A whole number."""
        value = self.values[name]
        assert isinstance(value, int)
        return value

    def text(self, name: str) -> str:
        """A text, pattern or duration."""
        return str(self.values[name])

    def milliseconds(self, name: str) -> int:
        """A duration."""
        return parse_duration(self.text(name))

    def texts(self, name: str) -> list[str]:
        """A list of texts."""
        return as_texts(self.values[name])

    def pairs(self, name: str) -> dict[str, str]:
        """A map of texts."""
        return {key: str(value) for key, value in as_map(self.values[name]).items()}


@dataclass(frozen=True, slots=True)
class Breach:
    """What a rule found. `path` is where in the document of `resource`, `found` the short fact, `why` what it means, `hint` the
    next action. `replace` is a value that would be right there, `remove` says that taking it out is. `other` is a second
    resource that belongs to it: (what to call it, which, where in it)."""

    resource: Resource
    path: Path
    found: str
    why: str
    hint: str
    replace: JsonValue = None
    remove: bool = False
    other: tuple[str, Resource, Path] | None = None


Check: TypeAlias = Callable[[Desired, Options], Iterator[Breach]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. What its code means stands in `core/codes/lint.py`. `everywhere`: it is broken only where no environment of the
    project is without the breach."""

    code: str
    name: str
    severity: Level
    check: Check
    options: tuple[Option, ...] = ()
    everywhere: bool = False

    @property
    def doc(self) -> CodeDoc:
        """Title, cause and next step."""
        return by_code()[self.code]

    def option(self, name: str) -> Option | None:
        """The option of this name."""
        return next((option for option in self.options if option.name == name), None)

    @property
    def defaults(self) -> dict[str, JsonValue]:
        """Option -> what holds where nobody says another value."""
        return {option.name: option.default for option in self.options}


class Applied(NamedTuple):
    """A rule as it applies in a project."""

    rule: Rule
    severity: Level
    options: Options


@dataclass(frozen=True)
class Table:
    """Rules, each once. Raises ValueError for a code or name that stands there twice, and names both rules."""

    rules: tuple[Rule, ...]
    by_word: dict[str, Rule] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for rule in self.rules:
            for word in (rule.code, rule.name):
                first = self.by_word.setdefault(word, rule)
                if first is not rule:
                    raise ValueError(f"{word} is two rules: {first.name} and {rule.name}")

    def find(self, word: str) -> Rule | None:
        """A rule by its code or name."""
        return self.by_word.get(word)

    @functools.cached_property
    def names(self) -> list[str]:
        """Names in the order of the table."""
        return [rule.name for rule in self.rules]
