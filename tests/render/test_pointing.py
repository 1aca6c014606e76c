"""The line a message is about: the caret stands under the place, the line fits, and no secret is ever shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.core.diagnostics import Diagnostic, Location
from pool_as_code.render.diagnostics import diagnostic_text
from pool_as_code.render.escape import escape
from pool_as_code.render.layout import WIDTH, columns
from pool_as_code.render.palette import Palette
from pool_as_code.render.pointing import pointed_line
from tests.render.hostile import TEXTS, assert_harmless

SECRET = "hunter2-Horse"


def caret_is_under(lines: list[str], character: str) -> bool:
    """Whether the column of the caret holds the first column of this character."""
    at = columns(lines[1].removesuffix("^"))
    here = 0
    for position, shown in enumerate(lines[0]):
        if here == at and lines[0][position:].startswith(escape(character)):
            return True
        here += columns(shown)
    return False


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("  badgeColor: red", 15),
        ("\tbadgeColor: red", 14),
        ("name: 漢字 red", 10),
        ("name: e\u0301e\u0301 red", 12),
        ("name: \x1b[31m\u202e red", 14),
        ("name: 🙂🙂 red", 10),
        ("a: " + "x" * 200 + "red", 204),
        ("a: " + "漢" * 200 + "red" + "漢" * 50, 204),
        ("a: " + "\u202e" * 60 + "red" + "y" * 100, 64),
        ("a: " + "x" * 64 + "red" + "y" * 100, 68),
        ("a: red" + "y" * 300, 4),
    ],
)
def test_the_caret_stands_under_the_place_and_the_line_fits(line: str, column: int) -> None:
    assert line[column - 1] == "r"
    lines = pointed_line(f"first: 1\n{line}\nlast: 1\n", 2, column, "PAC205")
    assert len(lines) == 2
    assert caret_is_under(lines, "red")
    assert all(columns(text) <= WIDTH for text in lines)
    assert_harmless("\n".join(lines))


@given(st.lists(TEXTS, min_size=1, max_size=4), st.integers(1, 6), st.integers(1, 60))
def test_whatever_stands_in_a_file_is_harmless_and_fits(texts: list[str], line: int, column: int) -> None:
    lines = pointed_line("\n".join(texts), line, column, "PAC205")
    assert all(columns(text) <= WIDTH for text in lines)
    assert_harmless("\n".join(lines))


@pytest.mark.parametrize("place", [(0, 1), (4, 1), (99, 1), (1, 0)])
def test_a_place_that_is_not_there_has_no_line(place: tuple[int, int]) -> None:
    assert pointed_line("a: 1\nb: 2\nc: 3", *place, "PAC205") == []


def test_behind_the_end_of_a_line_the_caret_still_points() -> None:
    assert pointed_line("a: [1", 1, 6, "PAC105") == ["     1 | a: [1", "       |      ^"]


HIDING = (
    f"password: {SECRET}",
    f"password:{SECRET}",
    f"  password: {{initial: {SECRET}}}",
    f'{{"password": {{"initial": "{SECRET}"}}}}',
    f"  - {{uid: ada, password: {{initial: {SECRET}",
    f"totp: {{secret: {SECRET}}}",
    f"password:\n  initial: {SECRET}",
    f"password:\n\n    # why\n  hash:\n    value: {SECRET}",
    f"password:\n  hash: >\n    first\n    {SECRET}",
    f'password: "first\n{SECRET}"',
    f'{{\n"password":\n"{SECRET}"\n}}',
    f'{{\n"hash": {{\n"value":\n"{SECRET}"\n}}\n}}',
    f"password: {{\ninitial: {SECRET}\n}}",
    f"hash: {{\npepper: 1,\nodd: {SECRET}\n}}",
    f"store: postgresql://pac:{SECRET}@db.example/shop",
    f"store: https://{SECRET}@db.example/shop",
    f"store: postgresql://db.example/shop?password={SECRET}",
    f"store: >-\n  postgresql://pac:{SECRET}@db.example/shop",
    f"pasword: {SECRET}",
    f"Password: {SECRET}",
    f"passwd: {SECRET}",
    f"pwd: {SECRET}",
    f"passphrase: {SECRET}",
    f"clientSecret: {SECRET}",
    f"apiToken: {SECRET}",
    f"totpp: {SECRET}",
    f"password {SECRET}",
    f"  - password {SECRET}",
    f"password\n  : {SECRET}",
    f"password: !!str {SECRET}",
    f"spec:\n  password:\n    mustChange: true\n    initial:\n      - {SECRET}",
)


@pytest.mark.parametrize("text", HIDING, ids=range(len(HIDING)))
def test_a_line_that_may_hold_a_secret_is_not_shown(text: str) -> None:
    number = next(at for at, line in enumerate(text.split("\n"), 1) if SECRET in line)
    for code in ("PAC101", "PAC203", "PAC205"):
        assert pointed_line(text, number, 1, code) == []
        assert pointed_line(f"a: 1\n---\n{text}\n", number + 2, 3, code) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  passwordPolicy: {minLength: x}", 1),
        ("passwordPolicy:\n  minLength: x", 2),
        ("methods: [password, totp, x]", 1),
        ("spec:\n  password: {initial: secret}\n  status: x", 3),
        ("password:\n  initial: secret\n---\nstatus: x", 4),
        ("passkeySettings: {relyingPartyId: x}", 1),
        ("passwordSettings: {hashingMethod: x}", 1),
        ("codes: {resetTotp: {length: x}}", 1),
    ],
)
def test_a_line_beside_a_secret_is_shown(text: str, line: int) -> None:
    assert pointed_line(text, line, text.split("\n")[line - 1].index("x") + 1, "PAC205") != []


def test_a_secret_in_clear_text_is_never_shown_wherever_it_stands() -> None:
    assert pointed_line(f"anything: {SECRET}", 1, 1, "PAC213") == []


def test_what_stands_behind_a_key_that_nobody_knows_is_not_shown() -> None:
    lines = pointed_line(f"kennwort: {SECRET}", 1, 1, "PAC203")
    assert lines == ["     1 | kennwort: ...", "       | ^"]


def test_the_first_line_of_a_message_is_the_one_that_editors_read() -> None:
    found = Diagnostic("PAC205", "wrong", detail="found x", hint="write y", location=Location("a.yaml", 1, 4))
    text = diagnostic_text(found, lambda diagnostic: pointed_line("a: x", 1, 4, diagnostic.code))
    assert text.split("\n") == [
        "a.yaml:1:4: error PAC205: wrong",
        "     1 | a: x",
        "       |    ^",
        "  found x",
        "  hint: write y",
    ]


def test_colour_changes_nothing_but_colour() -> None:
    found = Diagnostic("PAC205", "wrong", location=Location("a.yaml", 1, 4))
    assert diagnostic_text(found, palette=Palette(True)) == "a.yaml:1:4: \x1b[1;31merror PAC205:\x1b[0m wrong"


def test_a_document_that_is_no_map_may_be_anything_and_is_not_shown() -> None:
    assert pointed_line("machine a login b password hunter2\n", 1, 1, "PAC200") == []
