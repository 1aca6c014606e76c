"""Values on a line or as a block, in 80 columns."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.core.yaml import parse
from pool_as_code.render.layout import WIDTH, block, columns, flow, shortened, shortened_pair, wrap


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("password", "password"),
        ("30d", "30d"),
        ("#007FFF", '"#007FFF"'),
        ("https://shop.example.com/a", "https://shop.example.com/a"),
        ("2026-01-01T00:00:00Z", '"2026-01-01T00:00:00Z"'),
        ("two words", '"two words"'),
        ("", '""'),
        ("true", '"true"'),
        ("null", '"null"'),
        ("010", '"010"'),
        ("1e5", '"1e5"'),
        ("-", '"-"'),
        ("a\nb", '"a\\nb"'),
        ('say "hi"', '"say \\"hi\\""'),
        ("back\\slash", '"back\\\\slash"'),
        (None, "null"),
        (True, "true"),
        (0, "0"),
        (1.5, "1.5"),
        ([], "[]"),
        ({}, "{}"),
        ({"a b": [1, "x"]}, '{"a b": [1, x]}'),
    ],
)
def test_a_value_reads_like_itself_and_nothing_else(value: Any, shown: str) -> None:
    assert flow(value) == shown


@given(
    st.one_of(
        st.text(st.characters(codec="ascii", exclude_categories=["Cc"])),
        st.lists(st.sampled_from(["#", "@", ":", "yes", "0", ".", "-", "a", "$", "/", "+", "1e5", "~", "Null"])).map(
            "".join
        ),
    )
)
def test_a_text_is_quoted_where_yaml_needs_it(text: str) -> None:
    assert parse(f"key: {flow(text)}")[0].value == {"key": text}
    assert parse(f"key: [{flow(text)}, {flow(text)}]")[0].value == {"key": [text, text]}


@given(st.text())
def test_a_text_is_never_taken_for_a_value_of_another_type(text: str) -> None:
    assert flow(text) not in {"true", "false", "null"}
    assert not flow(text).replace(".", "", 1).isdigit()


@given(st.text(max_size=400), st.integers(0, 10))
def test_wrapped_lines_fit_and_lose_no_word(text: str, indent: int) -> None:
    lines = wrap(text.replace("\n", " "), " " * indent, hanging=" " * (indent + 2))
    assert all(columns(line) <= WIDTH for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_wide_characters_count_twice() -> None:
    assert columns("漢字") == 4
    assert all(columns(line) <= WIDTH for line in wrap("漢" * 100))


def test_a_value_that_does_not_fit_becomes_a_block() -> None:
    methods: Any = [f"method-number-{n}" for n in range(8)]
    assert block("methods", methods, "    ")[:2] == ["    methods:", "      + method-number-0"]


def test_a_value_nested_deeper_than_the_screen_is_wide_is_still_shown() -> None:
    value: Any = "x" * 90
    for _ in range(64):
        value = {"inner": value}
    assert all(columns(line) <= WIDTH for line in block("field", value, ""))


def test_a_long_text_says_how_much_is_missing() -> None:
    shown = shortened("x" * 1000)
    assert len(shown) < 320
    assert shown.endswith("(760 more characters)")


def test_two_long_texts_are_cut_around_their_difference() -> None:
    before, after = shortened_pair("x" * 5000 + "old", "x" * 5000 + "new")
    assert before.endswith("old")
    assert after.endswith("new")
    assert before.startswith("(4,960 equal characters)")
