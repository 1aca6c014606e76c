"""Selectors: what they choose among labels, and what is none."""

import pytest

from pool_as_code.core.selectors import Selector

LABELS = {"tier": "gold", "team": "a"}


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("tier=gold", True),
        ("tier==gold", True),
        ("tier=silver", False),
        ("tier!=silver", True),
        ("tier!=gold", False),
        ("region!=eu", True),
        ("tier", True),
        ("region", False),
        ("!region", True),
        ("!tier", False),
        ("tier=gold, team=a", True),
        ("tier=gold,team=b", False),
        ("tier=", False),
    ],
)
def test_a_selector_chooses_by_all_its_conditions(text: str, chosen: bool) -> None:
    assert Selector.parse(text).matches(LABELS) is chosen


@pytest.mark.parametrize("text", ["", ",", "=gold", "!=gold", "!", "!tier=gold", "tier=gold,"])
def test_what_is_no_selector_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a selector"):
        Selector.parse(text)
