"""Canonical form: one text per value, every comment kept at what it is about, and never another value."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.core.values import JsonValue
from pool_as_code.core.yaml import YamlError, dump, parse
from pool_as_code.core.yaml import canonical as module
from pool_as_code.core.yaml.canonical import NotKept, canonical, with_comments
from pool_as_code.core.yaml.comments import comment_texts
from pool_as_code.core.yaml.repairs import same
from tests.scribbles import VALUES, Scribble, scribbles


def values_of(text: str) -> list[JsonValue]:
    return [document.value for document in parse(text)]


def backwards(value: JsonValue) -> JsonValue:
    """The value with the keys of every map the other way round."""
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(value)}
    return [backwards(item) for item in value] if isinstance(value, list) else value


def sorted_keys(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    return [sorted_keys(item) for item in value] if isinstance(value, list) else value


# -- laws


@given(scribbles() | scribbles(anchors=True))
def test_no_value_and_no_comment_is_lost_and_twice_is_once(scribble: Scribble) -> None:
    assert same(values_of(scribble.text), list(scribble.values))
    written = canonical(scribble.text)
    assert same(values_of(written), list(scribble.values))
    assert all(comment in written for comment in scribble.comments)
    assert sorted(comment_texts(written)) == sorted(scribble.comments)
    assert canonical(written) == written
    assert canonical(canonical(scribble.text, sorted_keys), sorted_keys) == canonical(scribble.text, sorted_keys)


@given(scribbles())
def test_keys_take_their_comments_along_and_twice_is_once(scribble: Scribble) -> None:
    written = canonical(scribble.text, sorted_keys)
    assert same(values_of(written), list(scribble.values))
    assert repr(values_of(written)) == repr([sorted_keys(value) for value in scribble.values])
    assert sorted(comment_texts(written)) == sorted(scribble.comments)
    assert canonical(written, sorted_keys) == written
    canonical(written, backwards)


@given(scribbles(quiet=True))
def test_scalars_keys_and_indentation_are_those_of_the_writer_whatever_the_style_was(scribble: Scribble) -> None:
    """Drawn out over lines in brackets there is no choice of style left: JSON becomes what the writer writes."""
    written = canonical(scribble.text)
    assert same(values_of(written), list(scribble.values))
    assert canonical(written) == written
    if "k" * 1030 not in scribble.text:  # which no brackets take as a key
        drawn_out = "\n---\n".join(json.dumps(value, indent=1, ensure_ascii=False) for value in scribble.values)
        assert canonical(drawn_out) == dump(scribble.values)


@given(st.lists(VALUES, max_size=3))
def test_what_the_writer_wrote_is_canonical_on_the_long_way_too(values: list[Any]) -> None:
    written = dump(values)
    assert canonical(written) == written
    assert with_comments(written, lambda value: value) == (written, [])


@given(st.text(st.sampled_from("a:-#\n {}[],'\"|>&*?% 1"), max_size=30))
def test_any_text_is_refused_with_problems_or_keeps_what_it_says(text: str) -> None:
    try:
        before = values_of(text)
    except YamlError:
        with pytest.raises(YamlError):
            canonical(text)
        return
    written = canonical(text)
    assert same(values_of(written), before)
    assert canonical(written) == written


# -- places

EXAMPLES = {
    "the head of a document stays on top, the comment of a key goes with it": (
        "# head\n\nspec: # of spec\n  # of b\n  b: 1 # one\n  a: 2\n# of kind\nkind: X\n",
        "# head\n\n# of kind\nkind: X\nspec: # of spec\n  a: 2\n  # of b\n  b: 1 # one\n",
    ),
    "comments at the end belong to the block they are as deep as": (
        "spec:\n    a:\n        b: 1\n        # in a\n    # in spec\n# of the file\n",
        "spec:\n  a:\n    b: 1\n    # in a\n  # in spec\n# of the file\n",
    ),
    "a comment before a shallower key belongs to that key": (
        "b:\n  c: 1\n# of d\nd: x\n",
        "b:\n  c: 1\n# of d\nd: x\n",
    ),
    "a collection with a comment inside stands in block style": (
        "a: [x, # first\n  # before z\n  z\n  # last\n  ] # of a\nb: {c: 1, # of c\n d: 2}\n",
        "a: # of a\n  - x # first\n  # before z\n  - z\n  # last\nb:\n  c: 1 # of c\n  d: 2\n",
    ),
    "there is no room behind a dash": (
        "a:\n- # one\n  # two\n  b: 1\n  c: [{d: 1}, # three\n   2]\n",
        "a:\n  # one\n  # two\n  - b: 1\n    c:\n      - {d: 1} # three\n      - 2\n",
    ),
    "comments between a key and its value": ("a: # one\n  # two\n  1 # three\n", "# one\n# two\na: 1 # three\n"),
    "comments of nothing go above it": ("a: {\n # one\n}\nb: [ # two\n]\n", "# one\na: {}\nb: [] # two\n"),
    "documents": (
        "# license\n---\n# first\na: 1\n# end of first\n--- # second\nb: 1\n...\n# end\n",
        "# license\n# first\na: 1\n# end of first\n---\n# second\nb: 1\n\n# end\n",
    ),
    "empty documents go, their comments stay": (
        "---\n# one\n---\n---\na: 1\n---\n# two\n---\n# three\nb: 1\n---\n# four\n",
        "# one\n\na: 1\n---\n# two\n\n# three\nb: 1\n\n# four\n",
    ),
    "only comments": ("\n\n# a\n\n\n# b\n\n", "# a\n\n# b\n"),
    "nothing": ("\n---\n", ""),
    "blank lines, at most one, none at the edges": (
        "\na:\n\n\n  b: 1\n\n\n  c: [1, 2]\n\nd: 1\n\n\n",
        "a:\n  b: 1\n\n  c: [1, 2]\n\nd: 1\n",
    ),
    "texts in block style stay in it, with the breaks of their author": (
        "a: > # folded\n   some words\n   and more\n\n   end\nb: |-\n    one\nc: |+\n  kept\n\nd: >2\n    x\n  y\n",
        "a: > # folded\n  some words\n  and more\n\n  end\nb: |-\n  one\nc: |+\n  kept\n\nd: >2\n    x\n  y\n",
    ),
    "the author chooses between block and flow style, as far as a line goes": (
        "a:\n    b: 1\nc: {d: {e: [1,2]}, f: 2}\ng: [ {h: 1},\n  i ]\nk: [1,\n 2]\nl: [" + ", ".join(["x" * 28] * 4) + "]\n",
        "a:\n  b: 1\nc: {d: {e: [1, 2]}, f: 2}\ng:\n  - {h: 1}\n  - i\nk: [1, 2]\nl:\n" + ("  - " + "x" * 28 + "\n") * 4,
    ),
    "what can not be seen is shown": ('a: |\n  x\u202ey\nb: "\\u202e"\n', 'a: "x\\u202Ey\\n"\nb: "\\u202E"\n'),
    "quotes": (
        "a: 'it''s'\nb: \"x\"\nc: '^\\d+$'\nd: \"\\\\d\\\"\"\ne: 2026-01-01\n'no': \"no\"\n",
        "a: it's\nb: x\nc: '^\\d+$'\nd: '\\d\"'\ne: \"2026-01-01\"\n\"no\": \"no\"\n",
    ),
    "anchors and aliases, in the order they were": (
        "b: &x {k:   1} # c\na: *x\nkind: &y\n  text\nl:\n- &z\n  m: 1\n- *z\n- &k {m: *y}\n? &q key\n: 1\n",
        "b: &x {k: 1} # c\na: *x\nkind: &y text\nl:\n  - &z\n    m: 1\n  - *z\n  - &k\n    m: *y\n&q key: 1\n",
    ),
    "marks of the file": ("\ufeff%YAML 1.2 # v\r\n---\r\na: 1\t# tab\there \r\n", "# v\na: 1 # tab\there\n"),
    "modelines stay on the first line": (
        "# yaml-language-server: $schema=x.json\nspec: {}\nkind: X\n",
        "# yaml-language-server: $schema=x.json\nkind: X\nspec: {}\n",
    ),
    "placeholders": ("a: ${var.x}\nb: {c: \"${var.y}\"}\n", 'a: ${var.x}\nb: {c: "${var.y}"}\n'),
    "JSON": ('{"a": {"b": "\\ud83d\\ude00"}}', "a: {b: 😀}\n"),
}  # fmt: skip


def manifest_order(value: JsonValue) -> JsonValue:
    if not isinstance(value, dict):
        return value
    known = [key for key in ("kind", "spec") if key in value]
    spec = {"spec": sorted_keys(value["spec"])} if "spec" in value else {}
    return {key: {**value, **spec}[key] for key in [*known, *(key for key in value if key not in known)]}


@pytest.mark.parametrize("name", EXAMPLES)
def test_places_of(name: str) -> None:
    text, wanted = EXAMPLES[name]
    assert canonical(text, manifest_order) == wanted
    assert canonical(wanted, manifest_order) == wanted


def test_a_text_with_an_error_is_refused_with_all_of_them() -> None:
    with pytest.raises(YamlError) as refused:
        canonical("a: 1\na: 2\n---\nb: yes\n")
    assert [problem.code for problem in refused.value.problems] == ["PAC110", "PAC112"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("a: 2 # c\n", "values"),
        ("a: 1.0 # c\n", "values"),
        ("a: 1\n", "comments"),
        ("a: 1 # c # d\n", "comments"),
        ("a: [\n", "read again"),
    ],
)
def test_a_form_that_would_say_something_else_is_never_given_out(
    wrong: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "with_comments", lambda text, arrange: (wrong, ["# c"]))
    with pytest.raises(NotKept, match=told):
        canonical("a:   1 # c\n")


def test_files_of_any_length_take_linear_work(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    from pool_as_code.core.yaml.comments import Gaps

    whole = Gaps.upto

    def counted(self: Gaps, end: int) -> Any:
        nonlocal calls
        calls += 1
        return whole(self, end)

    monkeypatch.setattr(Gaps, "upto", counted)

    def work(number: int) -> int:
        nonlocal calls
        calls = 0
        draw = random.Random(number)
        text = "---\n".join(f"a: {draw.random()} # {n}\nb:   [{n}, {{c: 1}}]\n" for n in range(number))
        assert canonical(text).count("#") == number
        return calls

    assert work(400) < 10.5 * work(40)
