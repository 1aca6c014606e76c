"""Reading YAML: what documents mean, what is refused and where, and that the edits of a problem repair it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.core.codes import YAML_CODES
from pool_as_code.core.edits import Edit, apply_edits
from pool_as_code.core.yaml import Document, YamlError, YamlProblem, iter_documents, parse, parse_collect


def value_of(text: str, *, strict: bool = True) -> object:
    (document,) = parse(text, strict=strict)
    return document.value


def problems_of(text: str | bytes, *, strict: bool = True) -> list[YamlProblem]:
    return parse_collect(text, strict=strict)[1]


def repaired(text: str) -> str:
    return apply_edits(text, [edit for problem in problems_of(text) for edit in problem.edits])


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None),
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False),
        ("0", 0), ("-0", 0), ("+7", 7), ("-12", -12), ("0o17", 15), ("0x1F", 31), ("0x0", 0),
        ("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63)),
        ("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("-1e3", -1000.0), ("6.02E+23", 6.02e23), ("1e-400", 0.0),
        ("nULL", "nULL"), ("tRUE", "tRUE"), ("Yess", "Yess"), ("nope", "nope"), ("0o8", "0o8"), ("0xg", "0xg"),
        ("2026-01-01", "2026-01-01"), ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("30d", "30d"), ("1.2.3", "1.2.3"), ("-", ["-"]), (".", "."), ("+", "+"), ("1:99", "1:99"), ("a:b", "a:b"),
        ("https://shop.example.com", "https://shop.example.com"), ("$default", "$default"), ("=", "="),
    ],
)  # fmt: skip
def test_plain_scalars_follow_the_core_schema(plain: str, value: object) -> None:
    if value == ["-"]:
        assert value_of("a:\n  -\n") == {"a": [None]}
        return
    found = value_of(f"a: {plain}\n")
    assert found == {"a": value}
    assert isinstance(found, dict)
    assert type(found["a"]) is type(value)


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("text", ["yes", "010", "1:30", "null", "12", "", "~", "true", "<<", "2026-01-01"])
def test_quoted_scalars_are_texts(text: str, quote: str) -> None:
    assert value_of(f"{quote}{text}{quote}: {quote}{text}{quote}\n") == {text: text}


def test_json_is_read_as_it_is() -> None:
    text = '{"a": [1, -2.5e3, true, null, "x\\u00e9\\ud83d\\ude00\\n"],\n\t"b": {"c": {}},\t"d": []}'
    assert value_of(text) == {"a": [1, -2500.0, True, None, "xé😀\n"], "b": {"c": {}}, "d": []}


def test_characters_that_json_escapes_as_two_halves_are_read_and_places_stay_right() -> None:
    text = '{"a": "\\ud83d\\ude00\\uD83D\\uDE00", "a": "x",\n "b\\\\ud83d": 1}'
    (problem,) = problems_of(text)
    assert (problem.code, problem.column) == ("PAC110", text.index('"a"', 5) + 1)
    assert value_of('{"a": "\\ud83d\\ude00 \\\\ud83d"}') == {"a": "😀 \\ud83d"}
    assert repaired('a: "\\ud83d\\ude00"\n') == 'a: "\\U0001F600"\n'
    (half,) = problems_of('{"a": "\\ud83d"}')
    assert (half.code, half.column, half.edits) == ("PAC108", 8, ())


def test_block_scalars_keep_or_fold_their_lines() -> None:
    assert value_of("a: |\n  x\n   y\n\nb: >-\n  x\n  y\nc: |+\n  x\n\n") == {"a": "x\n y\n", "b": "x y", "c": "x\n\n"}


def test_documents_know_their_index_and_line_and_empty_ones_count() -> None:
    text = "# top\na: 1\n---\n# nothing\n---\n\n# here\nb: 2\n--- \n---\n[c]\n---\n~\n"
    assert parse(text) == [
        Document(0, 2, {"a": 1}),
        Document(2, 8, {"b": 2}),
        Document(4, 11, ["c"]),
        Document(5, 13, None),
    ]


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "\ufeff", "---\n---\n# x\n"])
def test_texts_without_content_have_no_documents(text: str) -> None:
    assert parse_collect(text) == ([], [])


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encode", [str, lambda text: text.encode(), lambda text: text.encode("utf-8-sig")])
def test_line_ends_byte_order_mark_and_bytes_make_no_difference(newline: str, encode: object) -> None:
    text = newline.join(["a: é", "b: |", "  x", "  y", "---", 'c: "p', '  q"', ""])
    assert callable(encode)
    assert [d.value for d in parse(encode(text))] == [{"a": "é", "b": "x\ny\n"}, {"c": "p q"}]


def test_streams_and_lists_give_the_same_documents_and_errors() -> None:
    text = "a: 1\n---\nb: yes\n---\nc: 3\n---\nd: [\n"
    seen = []
    with pytest.raises(YamlError) as caught:  # noqa: PT012
        for document in iter_documents(text):
            seen.append(document)  # noqa: PERF402
    documents, problems = parse_collect(text)
    assert seen == documents
    assert [d.value for d in seen] == [{"a": 1}, {"c": 3}]
    assert list(caught.value.problems) == problems
    assert [(p.code, p.line) for p in problems] == [("PAC112", 3), ("PAC105", 8)]
    with pytest.raises(YamlError) as again:
        parse(text)
    assert str(again.value) == str(caught.value)


# text, code, line and column of the (first) problem, the text after its edits (None: there are none)
REFUSED: list[tuple[str, str, int, int, str | None]] = [
    ("a: yes\n", "PAC112", 1, 4, 'a: "yes"\n'),
    ("a: [x, Off]\n", "PAC112", 1, 8, 'a: [x, "Off"]\n'),
    ("on: 1\n", "PAC112", 1, 1, '"on": 1\n'),
    ("a: {Y: 1}\n", "PAC112", 1, 5, 'a: {"Y": 1}\n'),
    ("a: &x no\n", "PAC112", 1, 4, 'a: &x "no"\n'),
    ("a: 010\n", "PAC113", 1, 4, 'a: "010"\n'),
    ("a: -08\n", "PAC113", 1, 4, 'a: "-08"\n'),
    ("007: a\n", "PAC113", 1, 1, '"007": a\n'),
    ("a: 1:30\n", "PAC114", 1, 4, 'a: "1:30"\n'),
    ("- 12:30:45.5\n", "PAC114", 1, 3, '- "12:30:45.5"\n'),
    ("a: 0b101\n", "PAC115", 1, 4, 'a: "0b101"\n'),
    ("a: 1_000\n", "PAC115", 1, 4, 'a: "1_000"\n'),
    ("a: 1_0.5\n", "PAC115", 1, 4, 'a: "1_0.5"\n'),
    ("a: 0x_f\n", "PAC115", 1, 4, 'a: "0x_f"\n'),
    ("a: -0x1f\n", "PAC115", 1, 4, 'a: "-0x1f"\n'),
    ("a: .inf\n", "PAC116", 1, 4, 'a: ".inf"\n'),
    ("a: -.Inf\n", "PAC116", 1, 4, 'a: "-.Inf"\n'),
    ("a: .nan\n", "PAC116", 1, 4, 'a: ".nan"\n'),
    ("a: 9223372036854775808\n", "PAC117", 1, 4, 'a: "9223372036854775808"\n'),
    ("a: 0xFFFFFFFFFFFFFFFF\n", "PAC117", 1, 4, 'a: "0xFFFFFFFFFFFFFFFF"\n'),
    ("a: 0o7777777777777777777777\n", "PAC117", 1, 4, 'a: "0o7777777777777777777777"\n'),
    ("a: 1e999\n", "PAC117", 1, 4, 'a: "1e999"\n'),
    ("1: a\n", "PAC118", 1, 1, '"1": a\n'),
    ("a: {2.5: b}\n", "PAC118", 1, 5, 'a: {"2.5": b}\n'),
    ("null: a\n", "PAC118", 1, 1, '"null": a\n'),
    ("true: a\n", "PAC118", 1, 1, '"true": a\n'),
    ("?\n: a\n", "PAC118", 1, 2, None),
    ("? [a]\n: b\n", "PAC118", 1, 3, None),
    ("a: {{ name }}\n", "PAC118", 1, 5, 'a: "{{ name }}"\n'),
    ("a: &x k\n*x : b\n", "PAC118", 2, 1, 'a: &x k\n"k" : b\n'),
    ("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n", "PAC119", 3, 3, "a: &x {p: 1, q: 2}\nb:\n  p: 1\n  q: 3\n"),
    ("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n", "PAC119", 3, 3, "a: &x {p: 1, q: 2}\nb:\n  p: 1\n  q: 2\n"),
    ("a: &x {p: 1, q: 2}\nb: {<<: *x, c: 1}\n", "PAC119", 2, 5, "a: &x {p: 1, q: 2}\nb: {p: 1, q: 2, c: 1}\n"),
    ("a: &x {p: 1}\nb: &z {q: 2}\nc: {<<: [*x, *z]}\n", "PAC119", 3, 5, "a: &x {p: 1}\nb: &z {q: 2}\nc: {p: 1, q: 2}\n"),
    ("<<: 1\n", "PAC119", 1, 1, None),
    ("a: !!python/object:os.system x\n", "PAC120", 1, 4, "a: x\n"),
    ("a: !foo {b: 1}\n", "PAC120", 1, 4, "a: {b: 1}\n"),
    ("a: !!str 010\n", "PAC120", 1, 4, 'a: "010"\n'),
    ("a: &x !!str b\n", "PAC120", 1, 4, 'a: &x "b"\n'),
    ("!!str a: b\n", "PAC120", 1, 1, '"a": b\n'),
    ("a: !x!y z\n", "PAC120", 1, 4, "a: z\n"),
    ("%YAML 1.1\n---\na: 1\n", "PAC121", 1, 1, "%YAML 1.2\n---\na: 1\n"),
    ("# x\n%YAML 1.3\n---\na: 1\n", "PAC121", 2, 1, "# x\n%YAML 1.2\n---\na: 1\n"),
    ("%YAML 1.2\n%TAG ! tag:x,2026:\n---\na: 1\n", "PAC121", 2, 1, "%YAML 1.2\n---\na: 1\n"),
    ("a: *x\n", "PAC122", 1, 4, None),
    ("a: &x 1\n---\nb: *x\n", "PAC122", 3, 4, None),
    ("a: &x [1, *x]\n", "PAC123", 1, 11, None),
    ("[" * 65 + "]" * 65, "PAC125", 1, 65, None),
    ("a:\n\tb: 1\n\tc: 2\n", "PAC102", 2, 1, "a:\n  b: 1\n  c: 2\n"),
    ("a:\n  b: 1\n \tc: 2\n", "PAC102", 3, 2, "a:\n  b: 1\n  c: 2\n"),
    ("a: b: c\n", "PAC106", 1, 4, "a: 'b: c'\n"),
    ("- a: it's: c # why\n", "PAC106", 1, 6, "- a: 'it''s: c' # why\n"),
    ("a: @b\n", "PAC106", 1, 4, "a: '@b'\n"),
    ("a: %b\n", "PAC106", 1, 4, "a: '%b'\n"),
    ("a: `b`\n", "PAC106", 1, 4, "a: '`b`'\n"),
    ("a: *\n", "PAC106", 1, 4, "a: '*'\n"),
    ("a:b\nc: d\n", "PAC107", 1, 3, "a: b\nc: d\n"),
    ("c: d\na:b\n", "PAC107", 2, 3, "c: d\na: b\n"),
    ('a: "\\d"\n', "PAC108", 1, 5, 'a: "\\\\d"\n'),
    ("a: 'b\n", "PAC105", 1, 4, None),
    ('a: 1\nb: "c\n---\nd: 1\n', "PAC105", 2, 4, None),
    ("a: [1, 2\nb: 3\n", "PAC105", 1, 4, None),
    ("a: {b: 1\n", "PAC105", 1, 4, None),
    ("a: 1\n b: 2\n", "PAC101", 2, 3, None),
    ("a:\n  - b\n c: 1\n", "PAC101", 3, 2, None),
    ("- a\nb: 1\n", "PAC101", 2, 1, None),
    ("a: - b\n", "PAC101", 1, 4, "a: \n  - b\n"),
    ("a: 1\nb\nc: 2\n", "PAC101", 2, 1, None),
    ("a: 1\n...\nb: 2\n", "PAC101", 3, 1, "a: 1\n...\n---\nb: 2\n"),
    ("a: ]\n", "PAC101", 1, 4, None),
    ("a: |x\n  b\n", "PAC101", 1, 5, None),
    ("a: b\x00c\n", "PAC103", 1, 5, "a: bc\n"),
    ("a: b\n# \x1b[31m\n", "PAC103", 2, 3, "a: b\n# [31m\n"),
    ("a: \ud800\n", "PAC103", 1, 4, None),
    ("a: b\ufeff\n", "PAC103", 1, 5, "a: b\n"),
    ("a: b\u2028c\n", "PAC103", 1, 5, "a: b c\n"),
    ("a: b\x85c\n", "PAC103", 1, 5, "a: b c\n"),
    ("a: 1\rb: 2\n", "PAC103", 1, 5, "a: 1\nb: 2\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "line", "column", "repair"), REFUSED)
def test_what_is_refused_has_code_place_and_repair(
    text: str, code: str, line: int, column: int, repair: str | None
) -> None:
    documents, problems = parse_collect(text)
    first = problems[0]
    assert (first.code, first.line, first.column, first.severity) == (code, line, column, "error")
    assert first.hint
    assert not [d for d in documents if d.line == line]
    if repair is None:
        assert first.edits == ()
    else:
        assert apply_edits(text, first.edits) == repair
        assert problems_of(repair) == []


def test_every_code_is_documented_once_and_every_documented_code_is_seen() -> None:
    codes = [doc.code for doc in YAML_CODES]
    assert codes == sorted(set(codes))
    seen = {code for _, code, *_ in REFUSED} | {
        "PAC100",
        "PAC104",
        "PAC110",
        "PAC111",
        "PAC124",
    }  # have tests of their own
    assert set(codes) == seen
    assert all(doc.title and doc.cause and doc.next_step for doc in YAML_CODES)


def test_all_problems_of_all_documents_come_together_in_order() -> None:
    text = "b: yes\na: 010\n---\nc: 1\nc: 2\nd: !x 1\n---\ne: 1\n"
    documents, problems = parse_collect(text)
    assert [(p.line, p.code) for p in problems] == [(1, "PAC112"), (2, "PAC113"), (5, "PAC110"), (6, "PAC120")]
    assert documents == [Document(2, 8, {"e": 1})]


def test_a_repeated_key_names_both_places_and_equal_ones_can_be_deleted() -> None:
    (problem,) = problems_of("a: 1\nb: 2\na: 3\n")
    assert (problem.code, problem.line, problem.edits) == ("PAC110", 3, ())
    assert "line 3" in problem.summary
    assert "line 1" in problem.summary
    assert repaired("a: 1\nb: {c: 1, d: 2, c: 1}\na: 1 # again\n") == "a: 1\nb: {c: 1, d: 2}\n"
    assert repaired("a:\n  b: |\n    x\n  b: |\n    x\n\nc: 1\n") == "a:\n  b: |\n    x\nc: 1\n"
    assert repaired("a:\n- b: [1,\n   2]\n  b: [1,\n   2]\n") == "a:\n- b: [1,\n   2]\n"


@pytest.mark.parametrize(("first", "second"), [("1", "1.0"), ("1", "true"), ("[1]", "[1.0]"), ("{a: 0}", "{a: false}")])
def test_values_of_different_types_are_not_equal(first: str, second: str) -> None:
    (problem,) = problems_of(f"a: {first}\na: {second}\n", strict=False)
    assert problem.code == "PAC110"
    assert problem.severity == "error"


def test_lenient_reading_counts_equal_repetitions_once_and_warns() -> None:
    text = "a:\n  type: object\n  x: {p: [1]}\n  type: object\n  x: {p: [1]}\n"
    documents, problems = parse_collect(text, strict=False)
    assert documents == [Document(0, 1, {"a": {"type": "object", "x": {"p": [1]}}})]
    assert [(p.code, p.line, p.column, p.severity) for p in problems] == [
        ("PAC111", 4, 3, "warning"), ("PAC111", 5, 3, "warning")
    ]  # fmt: skip
    assert parse(text, strict=False) == documents


def test_lenient_reading_takes_ambiguous_scalars_by_the_core_schema() -> None:
    text = "on: yes\n1: 010\nnull: 1:30\nd: 1_000\ne: 0b1\nf: 2026-01-01\n"
    expected = {"on": "yes", "1": 10, "null": "1:30", "d": "1_000", "e": "0b1", "f": "2026-01-01"}
    assert value_of(text, strict=False) == expected


@pytest.mark.parametrize(
    "text", ["a: .inf\n", "a: 1e999\n", "a: !x b\n", "<<: {a: 1}\n", "a: *b\n", ": 1\n", "%YAML 1.1\n---\na: 1\n"]
)
def test_lenient_reading_still_refuses_what_no_value_of_json_is(text: str) -> None:
    with pytest.raises(YamlError):
        parse(text, strict=False)


def test_aliases_repeat_values() -> None:
    text = "a: &x {p: [1, 2]}\nb: *x\nc: [*x, &y yes-man, *y]\n&k key: *k\n"
    value = {"p": [1, 2]}
    assert value_of(text) == {"a": value, "b": value, "c": [value, "yes-man", "yes-man"], "key": "key"}


def test_anchors_end_with_their_document_and_later_ones_win() -> None:
    assert value_of("a: &x 1\nb: &x 2\nc: *x\n") == {"a": 1, "b": 2, "c": 2}


def test_an_alias_bomb_is_refused_fast_and_the_budget_is_that_of_the_file() -> None:
    levels = [f"l{n}: &l{n} [" + ", ".join([f"*l{n - 1}"] * 9) + "]" for n in range(1, 30)]
    bomb = "l0: &l0 x\n" + "\n".join(levels) + "\n"
    assert {p.code for p in problems_of(bomb)} == {"PAC124"}
    one = "a: &a [" + ", ".join("x" * 4_000) + "]\nb: *a\n"
    assert problems_of(one + "---\n" + one) == []
    assert [p.code for p in problems_of(one + "---\n" + one + "---\n" + one)] == ["PAC124"]
    assert [p.code for p in problems_of("a: &a " + "x" * 1_000_000 + "\nb: [" + "*a, " * 11 + "]\n")] == ["PAC124"]


def test_aliases_do_not_hide_depth() -> None:
    half = "a: &a " + "[" * 40 + "]" * 40 + "\n"
    assert problems_of(half + "b: " + "[" * 23 + "*a" + "]" * 23 + "\n") == []
    assert [p.code for p in problems_of(half + "b: " + "[" * 24 + "*a" + "]" * 24 + "\n")] == ["PAC125"]


@pytest.mark.parametrize("depth", [66, 2_000, 50_000])
def test_deep_nesting_is_an_error_and_no_crash(depth: int) -> None:
    for text in ("[" * depth, "{a: " * depth, "- " * depth, "? " * depth):
        assert problems_of(text)[0].code in ("PAC125", "PAC105", "PAC118")


def test_64_levels_are_read() -> None:
    assert problems_of("[" * 64 + "]" * 64) == []


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [(b"a: 1\nb: \xff\n", 2, 4), (b"\xc3", 1, 1), ("é: ".encode() + b"\xe2\x82\n", 1, 4), (b"\xef\xbb\xbf\xed\xa0\x80", 1, 1)],
)  # fmt: skip
def test_invalid_utf_8_is_refused_with_its_place(source: bytes, line: int, column: int) -> None:
    (problem,) = problems_of(source)
    assert (problem.code, problem.line, problem.column) == ("PAC100", line, column)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_utf_16_and_32_are_refused(encoding: str) -> None:
    (problem,) = problems_of("a: 1\n".encode(encoding))
    assert (problem.code, problem.hint) == ("PAC100", "save the file as UTF-8")


def test_a_file_beyond_256_mib_is_refused_unread() -> None:
    (problem,) = problems_of(bytes(256 * 1024 * 1024 + 1))
    assert problem.code == "PAC104"


def test_messages_do_not_repeat_digits_that_may_be_a_secret() -> None:
    for plain in ("0123456", "12:34:56", "1_000_777", "98765432109876543210"):
        (problem,) = problems_of(f"password: {plain}\n")
        assert plain not in f"{problem} {problem.hint}"


@given(st.text() | st.text(alphabet="ab:-?*&!{}[]|>#'\"%@ \n\t\\<,01~", max_size=60))
def test_no_text_gets_anything_but_documents_and_problems(text: str) -> None:
    for strict in (True, False):
        documents, problems = parse_collect(text, strict=strict)
        assert all(p.line >= 1 and p.column >= 1 for p in problems)
        lines = text.count("\n") + 1
        assert all(p.line <= lines + 1 for p in problems)
        assert [d.index for d in documents] == sorted({d.index for d in documents})
        apply_edits(text, [edit for p in problems for edit in p.edits])


@given(st.binary(max_size=200))
def test_no_bytes_get_anything_but_documents_and_problems(source: bytes) -> None:
    parse_collect(source)


def test_edits_are_those_of_the_text_with_its_mark_and_line_ends() -> None:
    assert (
        apply_edits("\ufeffa: yes\r\nb: 010\r\n", [Edit(1, 4, 3, '"yes"'), Edit(2, 1, -1, "")]) == '\ufeffa: "yes"\r\n'
    )
