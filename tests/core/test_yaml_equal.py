"""The quick ways of reading YAML give what the careful reader gives for the whole file: values, lines, problems."""

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pool_as_code.core.values import JsonValue
from pool_as_code.core.yaml import Document, YamlError, YamlProblem, dump, locate_many, parse_collect, reading, shapes
from pool_as_code.core.yaml.nodes import compose
from pool_as_code.core.yaml.text import readable

from .test_yaml_writer import VALUES, typed


def by_the_careful_reader(text: str, *, strict: bool) -> tuple[list[Document], list[YamlProblem]]:
    """The definition: the whole file, one document after the other, no shapes."""
    documents: list[Document] = []
    problems: list[YamlProblem] = []
    try:
        for index, composed in enumerate(compose(readable(text), strict=strict)):
            problems += composed.problems
            if composed.root is not None and not composed.spoiled:
                documents.append(Document(index, composed.root.span.line, composed.root.value))
    except YamlError as error:
        problems += error.problems
    return documents, sorted(problems, key=lambda problem: (problem.line, problem.column, problem.code))


def assert_same(text: str) -> None:
    for strict in (True, False):
        documents, problems = parse_collect(text, strict=strict)
        expected, expected_problems = by_the_careful_reader(text, strict=strict)
        assert [(d.index, d.line, typed(d.value)) for d in documents] == [
            (d.index, d.line, typed(d.value)) for d in expected
        ]
        assert problems == expected_problems
        places = locate_many(text, [(document.index, (), False) for document in documents])
        assert [place.line for place in places] == [document.line for document in documents]


@contextmanager
def eagerly() -> Iterator[None]:
    """Shapes get functions and patterns with their first uses, so that short files meet all ways; nothing is known before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapes, "_WORTH_LEARNING", 2)
        patch.setattr(shapes, "_WORTH_A_FUNCTION", 1)
        patch.setattr(shapes, "_WORTH_A_PATTERN", 2)
        patch.setattr(reading, "_STREAK", 2)
        patch.setattr(reading, "_BOOKS", {True: shapes.ShapeBook(), False: shapes.ShapeBook()})
        yield


@pytest.fixture
def eager() -> Iterator[None]:
    with eagerly():
        yield


USER = """\
apiVersion: pool-as-code/v1
kind: User
metadata: {name: %s, pool: customers}
spec:
  status: active
  identifiers: [{email: %s}, {uid: "%s"}]
  addresses:
    - email: %s
      verified: true
  profile:
    first_name: %s
    age: %s
  groups: [%s, %s]
  note: '%s'
"""
SCALARS = [
    "ada", "Ada Lovelace", "ada@example.com", "12", "-3", "1.5", "true", "yes", "No", "010", "1:30", "null", "~", "", "on",
    "a, b", "a: b", "a:b", "a #b", "a#b", "x,y", "[a]", "{a: b}", "{a}", "a]", "a}", '"q"', '"a: b"', '"a, b"', '"a\\nb"', '"a',
    "'s'", "'it''s'", "it's", "don't, or do", "*a", "&a b", "!a b", "- a", "-a", "--a", "---", "...", "? a", "?a", "a?", "a?b",
    "https://x.example/a?b=c", "2026-01-01T00:00:00Z", "Zoë", "日本", "😀", "a\tb", "a ", " a", "a  b", "#a", "|", ">", "%a",
    "@a", "`a`", "a\\b", "$default", "/x", "(x)", "<<", "=", "9999999999999999999", "1e3", "1e999", ".inf", "0o7", "x" * 1100,
    "a:", ":a", ":", ",", "a,", "Tom", "Nobody", "yesterday", "falsehood", "Null", "trueish", "\u00a0x", "\u3000",
]  # fmt: skip


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("scalar", SCALARS)
def test_an_odd_scalar_in_a_file_of_one_shape_reads_as_the_careful_reader_says(scalar: str) -> None:
    usual = ["u-1", "a@x.example", "a", "b@x.example", "Ada", "36", "support", "staff", "n"]
    documents = [USER % tuple(f"{value}{number}" for value in usual) for number in range(6)]
    for place in range(len(usual)):
        odd = USER % tuple(scalar if number == place else value for number, value in enumerate(usual))
        assert_same("---\n".join([*documents, odd, *documents]))


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    "template",
    [
        "a: %s\n", "- %s\n- b\n", "a: [%s]\n", "a: [ %s, b]\n", "a: {b: %s}\n", "a: {b: %s\n  }\n", "a: {b: %s\n  , c: d}\n",
        "a: [b, %s\n  ]\n", "a: {b: c, %s}\n", "a: {%s: b}\n", "%s: b\n", "a: {b: c, %s: d}\n", "? a\n: %s\n", "- - %s\n  - b: %s\n",
        "a: b # c: %s\nd: e\n", "# c: %s\na: b\n", "a: 'b: %s'\n", 'a: "b: %s"\n', "a: |\n  b: %s\n", "a: >-\n  - %s\n", "a: %s\n  b\n",
        "a: &b %s\n", "a: !b %s\n", "a: [b: %s]\n", "a:\n- %s\n-   %s\n", "a: %s # b\n", "a: %s \n", "- %s\n", "a: {b: [c, {d: %s}, %s]}\n",
        '{"a": %s, "b": [%s]}\n', '{"a":%s}\n', "a: b\nc: [d,\n  %s,\n  e]\n", "a: [%s,\n]\n", "a:   %s\nb:\n", "a: *b\nc: %s\n",
    ],
)  # fmt: skip
def test_an_odd_scalar_in_any_place_reads_as_the_careful_reader_says(template: str) -> None:
    for odd in SCALARS:
        usual = [template.replace("%s", f"word{number}") for number in range(4)]
        assert_same("---\n".join([*usual, template.replace("%s", odd), *usual[:2]]))


def test_files_of_many_documents_are_read_by_their_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else would show it: the values are the same, only the time is not."""
    ways = {"by_shape": 0, "alike": 0}

    def count(name: str) -> None:
        way: Callable[..., Any] = getattr(reading._Reader, name)

        def counting(reader: object, given: object) -> Any:
            ways[name] += 1
            return way(reader, given)

        monkeypatch.setattr(reading._Reader, name, counting)

    for name in ways:
        count(name)
    monkeypatch.setattr(reading, "_BOOKS", {True: shapes.ShapeBook()})
    usual = [USER % ("u", f"{n}@x.example", n, "e", "Ada", n, "g", "h", "i") for n in range(2000)]
    documents, problems = parse_collect("---\n".join(usual))
    assert (len(documents), problems) == (2000, [])
    assert ways["alike"] == 1
    assert ways["by_shape"] <= 100


@pytest.mark.usefixtures("eager")
def test_files_of_alternating_shapes_read_the_same() -> None:
    random_numbers = random.Random(7)
    some: list[JsonValue] = ["active", 17, 2.5, True, None, "0123", "a, b", ["x", "y"], {"z": "w"}]
    documents: list[JsonValue] = []
    for number in range(300):
        document: dict[str, JsonValue] = {"kind": "User", "metadata": {"name": f"u-{number}", "pool": "p"}}
        for key in ("status", "age", "verified", "note"):
            if random_numbers.random() < 0.6:
                document[key] = random_numbers.choice(some)
        documents.append(document)
    text = dump(documents)
    assert_same(text)
    assert_same(text.replace("active", "yes", 3))
    assert_same(text.replace("\n", "\r\n"))
    assert_same("# top\n---\n" + text.replace("---\n", "--- # next\n", 20).replace("kind", "# c\nkind", 30))


@pytest.mark.parametrize(
    "text",
    [
        "---\na: 1\n---\n---\n# c\n---\nb: 1\n", "# c\n---\na: 1", "# c\n", "---", "---\n---", "--- a\n--- b\n---c: 1\n", "\t\n---\na: 1\n",
        "--- {a: 1}\n--- |\n x\n--- # c\nb: 2\n", "a: |\n  x\n---\nb: |", "a: |\n  x\n  ---\n  y\n---\nb: >-\n  x\n\n\n---\nc: 1",
        "a: 'x\n---\nb: 1\n", 'a: "x\n---\ny"\n---\nb: 1\n', "a: [1,\n---\nb: 1\n", "a: 1\n--- b: 1\n---\nc: 1\n", "a: 1\n---\tb\n",
        "a: 1\n...\n---\nb: 1\n...\n", "%YAML 1.2\n---\na: 1\n---\nb: 1\n", "a: 1\n---\n%x\n", "a: &x 1\n---\nb: *x\n---\nc: &y 2\nd: *y\n",
        "a: 1\n---\nb: {c: 1\n---\nd: 1\n", "a: 1\n---\n\tb: 1\n---\nc: 1\n", "a: yes\n---\n[[[\n", "--- # a\n# b\n---\nc: 1\n",
        "---\n".join(["a: &a [" + "x, " * 4000 + "]\nb: *a\n"] * 3) + "---\nb: {\n",
        "a: 1\n---\n" + "[" * 70 + "\n---\nb: 1\n", "a: 1\n---\nb: no\nc: " + "[" * 70 + "\n---\nb: 1\n", "? a\n---\n? [b]\n: c\n---\nd\n",
        "a: 1\n----\nb: 1\n", "a: 1\n---x: 1\n", "- a\n---\n- - b\n--- - c\n", "a: 1 \n--- \n---\t\n--- \t# x\nb: 1\n",
    ],
)  # fmt: skip
def test_markers_comments_and_broken_documents_read_the_same(text: str) -> None:
    assert_same(text)
    assert_same(text + "\n")
    assert_same("x: 1\n---\n" + text)
    assert_same("\n\n" + text)


# -- generated files: values in many styles, documents repeated with other scalars, then damaged


PLAIN = st.sampled_from(SCALARS)
KEYS = st.sampled_from(["a", "b", "name", "kind", "first_name", "x-y", '"q k"', "'s k'", "on", "1", "é"])


@st.composite
def flow_texts(draw: st.DrawFn, depth: int = 2) -> str:
    kind = draw(st.integers(0, 3 if depth else 1))
    if kind < 2:
        return draw(PLAIN)
    space = draw(st.sampled_from(["", " "]))
    if kind == 2:
        return "[" + space + ", ".join(draw(st.lists(flow_texts(depth - 1), max_size=3))) + space + "]"
    entries = draw(st.lists(st.tuples(KEYS, flow_texts(depth - 1)), max_size=3))
    return "{" + space + ", ".join(f"{key}: {value}" for key, value in entries) + space + "}"


@st.composite
def block_texts(draw: st.DrawFn, indent: int = 0, depth: int = 3) -> str:
    pad = " " * indent
    lines = []
    listing = draw(st.booleans()) and depth < 3
    for _ in range(draw(st.integers(1, 4))):
        head = pad + ("-" if listing else draw(KEYS) + ":")
        if depth and draw(st.integers(0, 3)) == 0:
            deeper = indent + draw(st.sampled_from([1, 2, 4]))
            lines.append(head + "\n" + draw(block_texts(deeper, depth - 1)))
        elif draw(st.integers(0, 9)) == 0:
            lines.append(f"{head} |\n{pad}  {draw(PLAIN)}\n{pad}  b: c\n")
        else:
            value = draw(PLAIN | flow_texts())
            end = draw(st.sampled_from(["", "", "", "", " # c", " ", "\n" + pad + "# c: d", "\n"]))
            lines.append(f"{head} {value}{end}\n")
    return "".join(lines)


@st.composite
def files(draw: st.DrawFn) -> str:
    """Documents that repeat a few shapes with other scalars, so that shapes are learned and met."""
    shapes = draw(st.lists(block_texts() | flow_texts().map(lambda text: text + "\n"), min_size=1, max_size=3))
    documents = []
    for shape in draw(st.lists(st.sampled_from(shapes), min_size=1, max_size=14)):
        document = shape
        for old, new in draw(st.dictionaries(PLAIN.filter(bool), PLAIN, max_size=2)).items():
            document = new.join(re.split(rf"(?<=[ \[]){re.escape(old)}(?=[\n,\]}}])", document))
        documents.append(document)
    marker = draw(st.sampled_from(["---\n", "---\n", "---\n", "--- # m\n", "--- \n"]))
    return draw(st.sampled_from(["", "", "---\n", "# top\n"])) + marker.join(documents)


@given(files())
@example("a: b, c\n---\na: b, d\n---\na: {b: c, d}\n---\na: b, e\n")
def test_generated_files_read_the_same(text: str) -> None:
    with eagerly():
        assert_same(text)


@given(files(), st.data())
def test_damaged_files_read_the_same(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 3))
        text = (
            text[:at]
            + data.draw(
                st.sampled_from(
                    ["", " ", "\n", ":", ",", "[", "]", "{", "}", '"', "'", "#", "-", "---\n", "\t", "*a", "&a "]
                )
            )
            + text[at + cut :]
        )
    with eagerly():
        assert_same(text)


@given(st.lists(VALUES, min_size=1, max_size=4), st.integers(1, 4))
def test_written_values_read_the_same_however_often_they_come(values: list[JsonValue], times: int) -> None:
    with eagerly():
        assert_same(dump(values * times))


def test_a_full_book_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_MOST_SHAPES", 2)
    monkeypatch.setattr(shapes, "_MOST_SEEN", 3)
    assert_same("---\n".join(f"a{number % 5}: {number}\n" for number in range(60)))


def test_looking_for_shapes_pauses_where_there_are_none_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PATIENCE", 8)
    monkeypatch.setattr(reading, "_PAUSE", 20)
    monkeypatch.setattr(reading, "_WAITING", 7)
    assert_same(
        "---\n".join([*(f"a{number}: x\n" for number in range(90)), *(f"a: {number}\n" for number in range(90))])
    )


@pytest.mark.parametrize(("holes", "odd"), [(40, "'odd'"), (40, "[odd]"), (40, "a, b"), (40, "odd #")])
def test_a_document_that_is_almost_of_a_shape_does_not_take_for_ever(holes: int, odd: str) -> None:
    alike = "".join(f"k{n}: word{n}\nf{n}: [a{n}, {{b: c{n}}}]\n" for n in range(holes))
    assert_same(
        "---\n".join([*(f"{alike}last: x{n}\n" for n in range(300)), f"{alike}last: {odd}\n", f"{alike}last: y"])
    )
