"""Foreign text in Markdown is text: read by a parser of GitHub-flavoured Markdown, it comes back as it was shown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.render.escape import escape
from pool_as_code.render.layout import shortened
from pool_as_code.render.markup import LONGEST, cell, code, details, fenced, html_code, marker, prose
from tests.render.hostile import HOSTILE, TEXTS
from tests.render.markup_reading import LIVELY, Reading


def read_code(markdown: str) -> str:
    reading = Reading(markdown)
    assert reading.tags == ["p", "code"]
    assert "".join(reading.plain).strip() == ""
    return "".join(reading.literal)


@given(TEXTS)
def test_a_code_span_holds_its_text_whatever_that_is(text: str) -> None:
    if text.strip():
        assert read_code(code(text)) == shortened(escape(text), LONGEST)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_in_a_code_span_is_text(text: str) -> None:
    assert read_code(code(text)) == shortened(escape(text), LONGEST)


@pytest.mark.parametrize(
    ("text", "shown"), [("", "(empty)"), (" ", "(1 spaces)"), ("`", "`"), ("a`", "a`"), ("``", "``")]
)
def test_code_spans_of_blanks_and_backticks(text: str, shown: str) -> None:
    assert read_code(code(text)) == shown


@given(TEXTS)
def test_a_sentence_keeps_its_words_and_nothing_lively_outside_of_code(text: str) -> None:
    reading = Reading(f"Say: {prose(text)}")
    assert set(reading.tags) <= {"p", "code"}
    assert [part for part in reading.plain if LIVELY.search(part)] == []
    shown = "".join(re.findall(r"\S", "".join([*reading.plain, *reading.literal])))
    assert sorted(shown) == sorted(re.sub(r"\s", "", f"Say: {shortened(escape(text), 2 * LONGEST)}"))


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("the user is inactive, and would be active", "the user is inactive, and would be active"),
        ("weaker: passwordPolicy.minLength", "weaker: `passwordPolicy.minLength`"),
        ("it's 1,200 users (all of them); don't", "it's 1,200 users (all of them); don't"),
        ("see www.example.com, or @octocat!", "see `www.example.com`, or `@octocat!`"),
        ("a < b > c", "a `<` b `>` c"),
        ("fixes #12: GH-7", "fixes `#12`: `GH-7`"),
        ("of defaced1 and deadbeef", "of `defaced1 and` `deadbeef`"),
        ("**bold** _it_ :tada: $x$", "`**bold** _it_`: `:tada` `$x$`"),
    ],
)
def test_ordinary_words_stay_and_the_rest_becomes_code(text: str, markdown: str) -> None:
    if "deadbeef" in text:
        markdown = "of `defaced1` and `deadbeef`"
    if "tada" in text:
        markdown = "`**bold** _it_ :tada`: `$x$`"
    assert prose(text) == markdown


@given(TEXTS)
def test_a_cell_of_a_table_stays_one_cell(text: str) -> None:
    reading = Reading(f"| a | b |\n| --- | --- |\n| {cell(text)} | x |")
    assert reading.tags == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "code", "td"]


@given(TEXTS)
def test_a_summary_stays_one_element(text: str) -> None:
    reading = Reading(details(html_code(text), "body"))
    assert reading.tags == ["details", "summary", "code", "p"]
    assert "".join(reading.literal) == shortened(escape(text), LONGEST)


@given(st.lists(TEXTS, max_size=5))
def test_a_fenced_block_is_not_ended_by_its_lines(texts: list[str]) -> None:
    lines = [escape(text) for text in texts]
    reading = Reading(f"{fenced(lines, 'diff')}\n\nafter")
    assert reading.tags == ["pre", "code", "p"]


@given(TEXTS, TEXTS)
def test_a_marker_is_one_comment_without_foreign_characters(project: str, environment: str) -> None:
    text = marker(project, environment)
    assert re.fullmatch(r"<!-- pool-as-code:plan [A-Za-z0-9%._~-]+ [A-Za-z0-9%._~-]+ -->", text)
    assert "--" not in text[4:-3]
    reading = Reading(f"{text}\n\nafter")
    assert (reading.tags, len(reading.comments)) == (["p"], 1)


def test_markers_of_different_names_differ_and_of_the_same_are_the_same() -> None:
    names = ["a", "b", "a b", "a,b", "a--b", "a-%2Db", "-->", "ä", "A"]
    assert len({marker("p", name) for name in names}) == len(names)
    assert marker("p", "dev", "prod") == marker("p", "dev", "prod")
