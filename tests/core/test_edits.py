"""Edits: replacing, inserting and deleting in a text by line and column."""

import pytest

from pool_as_code.core.edits import Edit, apply_edits

TEXT = "one\ntwo\nthree"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([], TEXT),
        ([Edit(1, 1, 3, "1")], "1\ntwo\nthree"),
        ([Edit(3, 6, 0, "!")], "one\ntwo\nthree!"),
        ([Edit(2, 1, -1, "")], "one\nthree"),
        ([Edit(3, 1, -1, "")], "one\ntwo\n"),
        ([Edit(2, 2, -1, "x\n")], "one\ntx\nthree"),
        ([Edit(2, 4, 0, "\nhalf")], "one\ntwo\nhalf\nthree"),
        ([Edit(3, 1, 1, "T"), Edit(1, 1, 1, "O")], "One\ntwo\nThree"),
        ([Edit(1, 1, 1, "O"), Edit(1, 1, 1, "O")], "One\ntwo\nthree"),
        ([Edit(1, 1, 2, "A"), Edit(1, 2, 2, "B")], "Ae\ntwo\nthree"),
    ],
)
def test_edits_replace_insert_and_delete(edits: list[Edit], expected: str) -> None:
    assert apply_edits(TEXT, edits) == expected


def test_replacements_take_the_line_ends_of_the_text() -> None:
    assert apply_edits("a\r\nb\r\n", [Edit(1, 2, 0, "\nx")]) == "a\r\nx\r\nb\r\n"


@pytest.mark.parametrize(
    "edit", [Edit(0, 1, 0, ""), Edit(4, 1, 0, ""), Edit(1, 0, 0, ""), Edit(1, 6, 0, ""), Edit(1, 1, 5, "")]
)
def test_places_outside_the_text_are_refused(edit: Edit) -> None:
    with pytest.raises(ValueError, match="line"):
        apply_edits(TEXT, [edit])
