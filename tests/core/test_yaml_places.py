"""Finding places again: the span of a value or key by its path."""

import pytest

from pool_as_code.core.yaml import Span, locate, locate_many

TEXT = """\
# users
metadata: {name: ada, pool: customers}
spec:
  identifiers: [{email: ada@example.com}, {uid: ada}]
  note: |
    one
    two
  "odd key": &x "v"
  list:
  - a
  - b: *x
    c:
---
---
é: ü
"""


@pytest.mark.parametrize(
    ("index", "path", "key", "expected"),
    [
        (0, ["metadata"], False, Span(2, 11, 2, 39)),
        (0, ["metadata"], True, Span(2, 1, 2, 9)),
        (0, ["metadata", "pool"], False, Span(2, 29, 2, 38)),
        (0, ["spec", "identifiers", 1, "uid"], False, Span(4, 49, 4, 52)),
        (0, ["spec", "identifiers", 1, "uid"], True, Span(4, 44, 4, 47)),
        (0, ["spec", "identifiers", 0], False, Span(4, 17, 4, 41)),
        (0, ["spec", "note"], False, Span(5, 9, 7, 8)),
        (0, ["spec", "odd key"], True, Span(8, 3, 8, 12)),
        (0, ["spec", "list", 1, "b"], False, Span(11, 8, 11, 10)),
        (0, ["spec", "list", 1, "c"], True, Span(12, 5, 12, 6)),
        (0, ["spec", "list", 1], False, Span(11, 5, 12, 7)),
        (0, ["spec"], True, Span(3, 1, 3, 5)),
        (0, [], False, Span(2, 1, 12, 7)),
        (2, ["é"], False, Span(15, 4, 15, 5)),
    ],
)
def test_a_path_leads_to_the_place_of_its_value_or_key(
    index: int, path: list[str | int], key: bool, expected: Span
) -> None:
    assert locate(TEXT, index, path, key=key) == expected
    assert locate(TEXT.replace("\n", "\r\n").encode("utf-8-sig"), index, path, key=key) == expected


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        (["metadata", "nmae"], ["metadata"]),
        (["spec", "list", 7], ["spec", "list"]),
        (["spec", "list", "b"], ["spec", "list"]),
        (["metadata", "name", "x", 0], ["metadata", "name"]),
        (["nothing"], []),
    ],
)
def test_what_is_missing_has_the_place_of_its_nearest_parent(path: list[str | int], nearest: list[str | int]) -> None:
    assert locate(TEXT, 0, path) == locate(TEXT, 0, nearest)
    assert locate(TEXT, 0, path, key=True) == locate(TEXT, 0, nearest)


def test_many_places_come_in_their_order_and_unknown_documents_are_the_start_of_the_file() -> None:
    places = [(2, ["é"], True), (0, ["spec"], False), (1, [], False), (9, ["a"], False)]
    first, second, third, fourth = locate_many(TEXT, places)
    assert first == Span(15, 1, 15, 2)
    assert second == locate(TEXT, 0, ["spec"])
    assert third == fourth == Span(1, 1, 1, 1)
    assert locate_many(TEXT, []) == []


def test_places_are_found_before_broken_syntax_and_in_documents_with_problems() -> None:
    text = "a: yes\n---\nb: 1\nb: 2\n---\nc: [\n"
    assert locate(text, 0, ["a"]) == Span(1, 4, 1, 7)
    assert locate(text, 1, ["b"]) == Span(3, 4, 3, 5)
    assert locate(text, 2, ["c"]) == Span(1, 1, 1, 1)
    assert locate(b"\xff", 0, ["a"]) == Span(1, 1, 1, 1)
