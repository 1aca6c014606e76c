"""The table of lint rules, for people, for programs and for the documentation."""

from __future__ import annotations

from collections.abc import Iterable

from ..core.values import JsonMap, JsonValue
from ..lint.config import Effective, effective
from ..lint.rule import Applied
from .json import json_text
from .layout import flow
from .reference import NOTE
from .table import table_text


def rules_text(rules: Effective) -> str:
    """A line for each rule as it applies, and one for each option."""
    rows = []
    for applied in rules.values():
        rows.append((applied.rule.code, applied.rule.name, _severity(applied), applied.rule.doc.title))
        for option in applied.rule.options:
            value = applied.options.values[option.name]
            rows.append(
                ("", "", "", f"  {option.name}: {flow(value)}{'' if value == option.default else ' (configured)'}")
            )
    return table_text(("CODE", "NAME", "SEVERITY", "WHAT"), rows)


def _severity(applied: Applied) -> str:
    own = applied.rule.severity
    return applied.severity if applied.severity == own else f"{applied.severity} (default {own})"


def rules_json(rules: Effective) -> str:
    """`{"rules": [...]}` with everything that is known of each."""
    listed: list[JsonValue] = [_rule(applied) for applied in rules.values()]
    return json_text({"rules": listed})


def _rule(applied: Applied) -> JsonMap:
    rule = applied.rule
    options: list[JsonValue] = [
        {
            "name": option.name,
            "type": option.type,
            "default": option.default,
            "value": applied.options.values[option.name],
            "description": option.doc,
        }
        for option in rule.options
    ]
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": applied.severity,
        "default_severity": rule.severity,
        "title": rule.doc.title,
        "cause": rule.doc.cause,
        "next_step": rule.doc.next_step,
        "options": options,
    }


def rules_page() -> str:
    """The page of the reference, made from the table."""
    lines = [
        NOTE,
        "",
        "# Lint rules",
        "",
        "How they are configured and waived stands in [lint](../lint.md).",
        "",
        "| code | name | severity | what | why | what to do |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    table = effective({})
    for rule, severity, _ in table.values():
        cells = (rule.doc.title, rule.doc.cause, rule.doc.next_step)
        lines.append(f"| `{rule.code}` | `{rule.name}` | {severity} | {' | '.join(map(_cell, cells))} |")
    lines += ["", "## Options", "", "| rule | option | type | default | what |", "| --- | --- | --- | --- | --- |"]
    lines += _options(table.values())
    return "\n".join(lines) + "\n"


def _options(table: Iterable[Applied]) -> Iterable[str]:
    for applied in table:
        for option in applied.rule.options:
            default = flow(option.default).replace("|", "\\|")
            yield f"| `{applied.rule.name}` | `{option.name}` | {option.type} | `{default}` | {_cell(option.doc)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
