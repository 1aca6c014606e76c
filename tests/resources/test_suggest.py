"""The nearest word, once and for many wrong words."""

from __future__ import annotations

import pytest

from pool_as_code.resources.suggest import LOOKED_UP, Names, nearest


@pytest.mark.parametrize(
    ("word", "near"), [("custmers", "customers"), ("Min_Length", "min-length"), ("zzz", None), ("", None)]
)
def test_the_nearest_word_ignores_case_and_separators(word: str, near: str | None) -> None:
    assert nearest(word, ["customers", "min-length", "staff"]) == near


def test_of_very_many_wrong_words_only_the_first_are_compared_with_all_choices() -> None:
    names = Names([f"customer-{number}" for number in range(100)])
    words = [f"custmer-{number}" for number in range(LOOKED_UP + 5)]
    found = [names.nearest(word) for word in words]
    assert None not in found[:LOOKED_UP]
    assert found[LOOKED_UP:] == [None] * 5
    assert [names.nearest(word) for word in words] == found
