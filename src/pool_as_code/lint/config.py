"""How rules apply in a project: severities and options as the project file says them, checked, and merged with what rules say
themselves. Pure; whoever compares two projects uses `effective` and `loosened`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Protocol, TypeAlias

from ..core.clock import parse_duration
from ..core.values import JsonMap, JsonValue
from ..resources.kind import Problem
from ..resources.pool.password import STRENGTHS
from ..resources.registry import by_word
from ..resources.suggest import nearest
from .registry import RULES
from .rule import LEVELS, Applied, Option, Options, Rule, Table


class Said(Protocol):
    """What a project says of one rule; an empty severity is the rule's own."""

    @property
    def severity(self) -> str: ...

    @property
    def options(self) -> JsonMap: ...


Effective: TypeAlias = Mapping[str, Applied]
"""Name of a rule -> how it applies. Every rule of the table is there, those that are switched off as well."""


def effective(rules: Mapping[str, Said], table: Table = RULES) -> dict[str, Applied]:
    """How every rule applies where a project says `rules` (name or code -> settings). What `problems_of` complains about
    counts as not said."""
    said: dict[str, Said] = {}
    for word, settings in rules.items():
        rule = table.find(word)
        if rule is not None:
            said.setdefault(rule.name, settings)
    found: dict[str, Applied] = {}
    for rule in table.rules:
        settings_of = said.get(rule.name)
        severity, values = rule.severity, dict(rule.defaults)
        if settings_of is not None:
            severity = next((level for level in LEVELS if level == settings_of.severity), severity)
            for name, value in settings_of.options.items():
                option = rule.option(name)
                if option is not None and _wrong(option, value) is None:
                    values[name] = value
        found[rule.name] = Applied(rule, severity, Options(values))
    return found


def problems_of(rules: Mapping[str, Said], table: Table = RULES) -> Iterator[Problem]:
    """What is wrong with `rules` of a project file; paths are those in the file."""
    seen: dict[str, str] = {}
    for word, settings in rules.items():
        rule = table.find(word)
        if rule is None:
            yield unknown_rule(word, ("rules", word), table, at_key=True)
            continue
        first = seen.setdefault(rule.name, word)
        if first != word:
            summary = f"the rule {rule.name} is configured twice: {first} and {word}"
            yield Problem(("rules", word), "PAC403", summary, hint="keep one of the two", remove=True, at_key=True)
        for name, value in settings.options.items():
            yield from _option_problems(rule, name, value, ("rules", word, "options", name))


def unknown_rule(word: str, path: tuple[str | int, ...], table: Table = RULES, *, at_key: bool = False) -> Problem:
    """The complaint about a word that is neither the name nor the code of a rule."""
    near = nearest(word, table.names) or nearest(word, table.by_word)
    hint = f"did you mean {near}?" if near else "pac lint --rules lists them"
    return Problem(
        path,
        "PAC400",
        f"there is no lint rule {word}",
        "",
        hint,
        rename=near if at_key else None,
        replace=None if at_key else near,
        at_key=at_key,
    )


def _option_problems(rule: Rule, name: str, value: JsonValue, path: tuple[str, ...]) -> Iterator[Problem]:
    option = rule.option(name)
    if option is None:
        names = [option.name for option in rule.options]
        near = nearest(name, names)
        detail = f"its options: {', '.join(names)}" if names else "it has no options"
        hint = f"did you mean {near}?" if near else "remove it"
        summary = f"the rule {rule.name} has no option {name}"
        yield Problem(path, "PAC401", summary, detail, hint, rename=near, remove=near is None, at_key=True)
        return
    wrong = _wrong(option, value)
    if wrong is not None:
        hint = f"write {wrong}, or leave it out for {_shown(option.default)}"
        yield Problem(path, "PAC402", f"option {name} of {rule.name} needs {wrong}", option.doc, hint)


def _wrong(option: Option, value: JsonValue) -> str | None:
    """What is expected in words, None where the value is right."""
    match option.type:
        case "whole number":
            right = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            return None if right else "a whole number of 0 or more"
        case "duration":
            return None if isinstance(value, str) and _parses(value) else "a duration such as 30d or 1h30m"
        case "pattern":
            return None if isinstance(value, str) and _compiles(value) else "a regular expression"
        case "text":
            if option.default in STRENGTHS:
                return None if value in STRENGTHS else f"one of {', '.join(STRENGTHS)}"
            return None if isinstance(value, str) else "a text"
        case "list of texts":
            if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
                return "a list of texts"
            words = [*by_word(), "*"]
            known = option.name != "kinds" or all(item in words for item in value)
            return None if known else f"a list of kinds: {', '.join(words)}"
        case "map of texts":
            right = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
            return None if right else "a map of texts"


def _parses(text: str) -> bool:
    try:
        parse_duration(text)
    except ValueError:
        return False
    return True


def _compiles(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def _shown(value: JsonValue) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(str, value[:4]))}{', ...' if len(value) > 4 else ''}]"
    return str(value) if value not in ("", {}) else "none"


# -- two projects


def loosened(before: Effective, after: Effective) -> Iterator[str]:
    """What `after` lets pass that `before` does not, one sentence each, in the order of the table. For those who compare a
    branch with its base."""
    for name, old in before.items():
        new = after.get(name)
        if new is None:
            continue
        if LEVELS.index(new.severity) < LEVELS.index(old.severity):
            yield f"rule {name}: {new.severity} instead of {old.severity}"
        for option in old.rule.options:
            was, now = old.options.values[option.name], new.options.values[option.name]
            if new.severity != "ignore" and _is_looser(option, was, now):
                yield f"rule {name}: option {option.name} is {_shown(now)} instead of {_shown(was)}"


def _is_looser(option: Option, was: JsonValue, now: JsonValue) -> bool:
    if was == now:
        return False
    if isinstance(was, list) and isinstance(now, list):
        gone, new = set(map(str, was)) - set(map(str, now)), set(map(str, now)) - set(map(str, was))
        return bool(new) if option.looser == "longer" else bool(gone) if option.looser == "shorter" else True
    old_size, new_size = _size(was), _size(now)
    if option.looser in ("lower", "higher") and old_size is not None and new_size is not None:
        return new_size < old_size if option.looser == "lower" else new_size > old_size
    return True


def _size(value: JsonValue) -> int | None:
    if isinstance(value, str):
        return STRENGTHS.index(value) if value in STRENGTHS else parse_duration(value) if _parses(value) else None
    return value if isinstance(value, int) else None
