"""The page of lint rules is what the table says, and names every rule and option."""

from __future__ import annotations

from pathlib import Path

from pool_as_code.lint.registry import RULES
from pool_as_code.render.rules import rules_page
from tests.golden import Golden

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "lint.md"


def test_the_page_of_rules_is_what_the_table_says(golden: Golden) -> None:
    golden(PAGE, rules_page())


def test_every_rule_and_every_option_stands_in_the_page() -> None:
    text = PAGE.read_text("utf-8")
    for rule in RULES.rules:
        assert f"| `{rule.code}` | `{rule.name}` | {rule.severity} |" in text
        assert all(f"| `{rule.name}` | `{option.name}` | {option.type} |" in text for option in rule.options)
