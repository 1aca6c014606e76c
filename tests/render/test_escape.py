"""What a terminal would obey, hide or reorder never reaches it."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.render.escape import escape, escape_json, escape_lines

DANGEROUS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, even with accents: é, 漢字, 🙂", "plain text, even with accents: é, 漢字, 🙂"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x9b31m", "\\x9b31m"),
        ("\x7f\x00", "\\x7f\\x00"),
        ("abc\u202egpj.exe", "abc\\u202egpj.exe"),
        ("\u2066isolated\u2069", "\\u2066isolated\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("line\u2028para\u2029", "line\\u2028para\\u2029"),
        ("no\u00a0break", "no\\xa0break"),
        ("blank\u3164\u2800\u034f\ufe0f", "blank\\u3164\\u2800\\u034f\\ufe0f"),
        ("\U000e0041tag", "\\U000e0041tag"),
        ("\ud800", "\\ud800"),
    ],
)
def test_dangerous_characters_are_shown_as_escapes(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_a_few_combining_marks_stay_and_a_tower_of_them_does_not() -> None:
    assert escape("e\u0301") == "e\u0301"
    assert escape("e" + "\u0301" * 50).count("\\u0301") == 46


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_keeps_a_dangerous_character(text: str) -> None:
    assert not [c for c in escape(text) if unicodedata.category(c) in DANGEROUS]


@given(st.text(st.characters(codec="utf-8")))
def test_json_made_harmless_means_the_same(text: str) -> None:
    for document in (json.dumps({text: [text]}, ensure_ascii=False, indent=1), json.dumps(text, ensure_ascii=False)):
        harmless = escape_json(document)
        assert json.loads(harmless) == json.loads(document)
        assert not [c for c in harmless if c != "\n" and unicodedata.category(c) in DANGEROUS]


def test_line_breaks_stay_where_lines_are_wanted() -> None:
    assert escape_lines("one\ntwo\x1b\n") == "one\ntwo\\x1b\n"
