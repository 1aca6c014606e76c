"""Durations and times: one text per value, and nothing lost on the way to the service's spelling and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.core.clock import canonical_duration, canonical_time, format_duration, go_duration, parse_duration


@given(st.integers(0, 290 * 365 * 86_400_000))
def test_a_duration_survives_both_spellings(milliseconds: int) -> None:
    assert parse_duration(format_duration(milliseconds)) == milliseconds
    assert parse_duration(go_duration(format_duration(milliseconds))) == milliseconds


@pytest.mark.parametrize(
    ("written", "canonical"),
    [("720h0m0s", "30d"), ("1.5h", "1h30m"), ("1.001s", "1s1ms"), ("0.1s", "100ms"), ("0", "0s"), ("90m", "1h30m")],
)
def test_durations_have_one_canonical_text(written: str, canonical: str) -> None:
    assert canonical_duration(written) == canonical


@pytest.mark.parametrize("text", ["", "1", "d", "1w", "-1h", "1h 2m", "0.0001ms", "999999999d", "1h2x"])
def test_other_texts_are_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration"):
        parse_duration(text)


def test_times_are_written_in_utc() -> None:
    assert canonical_time("2026-01-01T01:30:00+01:30") == "2026-01-01T00:00:00Z"
    assert canonical_time("2020-02-19t13:06:57.052165000z") == "2020-02-19T13:06:57.052165Z"
