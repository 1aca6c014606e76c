"""Writing YAML: canonical form, the same values for readers of YAML 1.1 and 1.2, everything comes back."""

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.core.values import JsonValue
from pool_as_code.core.yaml import dump, parse

CANONICAL = """\
# yaml-language-server: $schema=../schemas/pool-as-code.schema.json
# written by pull
apiVersion: pool-as-code/v1
kind: User
metadata: {name: ada, pool: customers}
spec:
  status: active
  identifiers: [{email: ada@example.com}, {uid: ada}]
  methods: [password, email_otp]
  passwordPolicy:
    minLength: 12
    lowercaseLetters: 1
    capitalLetters: 1
    digits: 1
    strength: strong
  note: |
    Two lines,
      the second indented

    and a third: with # signs
  unended: |-
    a
    b
  nested:
    - [1, 2.5, true, null]
    - deep:
        - {a: {}, b: []}
        - |
          text
          of an item
  empty: {}
  none: []
---
- a
- {b: c}
---
text
"""


def test_the_canonical_form_is_stable() -> None:
    values = [document.value for document in parse(CANONICAL)]
    comments = ["yaml-language-server: $schema=../schemas/pool-as-code.schema.json", "written by pull"]
    assert dump(values, header_comments=comments) == CANONICAL
    assert dump([]) == ""


@pytest.mark.parametrize(
    "text",
    ["ada", "ada@example.com", "https://shop.example.com/a?b=c#d", "Everyone who buys, and more", "$default", "30d", "a#b",
     "C:\\x", 'say "hi"', "it's", "+49 30 123", "/a/b", "(x)", "Zoë", "日本語", "1.2.3", "v1", "nope", "none", "yes please", "12:34:5x"],
)  # fmt: skip
def test_texts_that_every_reader_takes_for_texts_stay_plain(text: str) -> None:
    assert dump([{"a": text}]) == f"a: {text}\n"


@pytest.mark.parametrize(
    "text",
    ["", "yes", "No", "ON", "off", "y", "N", "true", "False", "null", "~", "010", "12", "-1", "+1", "1.5", ".5", "1e3",
     "0o7", "0x1F", "0b1", "1_000", "1:30", "12:30:45", ".inf", "-.INF", ".nan", "2026-01-01", "2026-01-01T00:00:00Z", "<<",
     "=", "- a", "-", "? a", ": a", "a: b", "a:", "a #b", "#a", " a", "a ", "a\tb", "\t", "[a", "{a", "]", "*a", "&a", "!a",
     "|", ">", "%a", "@a", "`a", '"a', "'a", "---", "...", "\n", "+4930123", "\u00a0a", "a\u2028b", "\ufeffa", "a\x85b", "\x7f"],
)  # fmt: skip
def test_texts_that_some_reader_takes_for_something_else_are_quoted(text: str) -> None:
    values: list[JsonValue] = [{"a": text}, {text: "a"}, {"a": [text, {"b": text}]}]
    for value in values:
        written = dump([value])
        assert '"' in written or "|" in written
        assert parse(written)[0].value == value
        assert yaml.safe_load(written) == value


def test_flow_texts_are_quoted_where_a_bracket_or_comma_would_end_them() -> None:
    assert dump([{"a": ["x, y", "p[0]", "q}"], "b": "x, y"}]) == 'a: ["x, y", "p[0]", "q}"]\nb: x, y\n'


def test_long_collections_go_one_entry_a_line() -> None:
    words: list[JsonValue] = [f"word-{number:02}" for number in range(14)]
    lines = dump([{"a": words}]).splitlines()
    assert lines[:2] == ["a:", "  - word-00"]
    assert dump([{"a": words[:10]}]).count("\n") == 1
    assert all(len(line) <= 100 for line in dump([{"k" * 30: words[:8], "a": [words[:9]] * 2}]).splitlines())


def test_keys_beyond_the_limit_of_the_parser_are_marked() -> None:
    value: JsonValue = {"k" * 3000: {"a": 1, "l" * 2000: ["x", {"m" * 1500: "p\nq"}]}}
    written = dump([value])
    assert parse(written)[0].value == value


def test_deepest_values_are_written_and_deeper_ones_refused() -> None:
    value: JsonValue = "x"
    for number in range(64):
        value = {"a": value} if number % 2 else [value]
    assert parse(dump([value]))[0].value == value
    with pytest.raises(ValueError, match="64 levels"):
        dump([[value]])


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 2**63, -(2**63) - 1, "\ud800", {"\udfff": 1}])
def test_what_no_file_can_hold_is_refused(value: JsonValue) -> None:
    with pytest.raises(ValueError, match="written"):
        dump([{"a": value}])


ODD = st.sampled_from(
    ["\u0085", "\u2028", "\u2029", "\ufeff", "\ufffe", "\U0001f600", "\x00", "\x1b", "\u200d", "\u00a0", "\u3000", "\n", "\n\n",
     "\t", " ", "'", '"', "\\", ":", "#", "-", "?", ",", "[", "}", "\r", "\r\n", "a", "é", "1", "_", ".", "e", "yes", "\U0010ffff"]
)  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.lists(ODD, max_size=12).map("".join)
SCALARS: st.SearchStrategy[JsonValue] = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5), max_leaves=25
)


def typed(value: object) -> object:
    """A value with its types, so that 1, 1.0 and true are told apart, and 0.0 from -0.0."""
    if isinstance(value, dict):
        return [(key, typed(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [typed(item) for item in value]
    return repr(value)


@given(st.lists(VALUES, max_size=3))
def test_everything_comes_back(values: list[JsonValue]) -> None:
    written = dump(values)
    assert typed([document.value for document in parse(written)]) == typed(values)
    assert dump([document.value for document in parse(written)]) == written


def only_texts(value: JsonValue) -> JsonValue:
    """The value with every other scalar as a text: what YAML 1.1 and 1.2 must agree on."""
    if isinstance(value, dict):
        return {key: only_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [only_texts(item) for item in value]
    return value if isinstance(value, str) else str(value)


@given(VALUES.map(only_texts))
def test_a_reader_of_yaml_1_1_gets_the_same_texts(value: JsonValue) -> None:
    assert yaml.safe_load(dump([value])) == value
