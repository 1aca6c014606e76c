"""The picture in README.md is what the program prints today, and every colour of it can be read."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from scripts.picture import CLASSES, PICTURE, STYLE, picture, pieces
from tests.docs.pages import ROOT
from tests.golden import Golden

SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_is_what_the_program_prints(golden: Golden) -> None:
    golden(PICTURE, picture())


def test_the_picture_is_in_the_readme_with_words_for_those_who_do_not_see_it() -> None:
    (words,) = re.findall(r"!\[([^\]]+)\]\(docs/images/plan\.svg\)", (ROOT / "README.md").read_text("utf-8"))
    assert len(words) > 60


def test_the_picture_loads_nothing_and_its_lines_stay_within_it() -> None:
    text = PICTURE.read_text("utf-8")
    root = ElementTree.fromstring(text)
    used = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert used == {"svg", "title", "style", "rect", "circle", "text"}
    assert re.findall(r"url\(|@import|@font-face|href|\son\w+=", text) == []
    for line in root.iter(f"{SVG}text"):
        assert float(line.attrib["x"]) + float(line.attrib["textLength"]) <= float(root.attrib["width"])
        assert float(line.attrib["y"]) < float(root.attrib["height"])


def test_parts_of_a_line_know_their_column_and_colour() -> None:
    line = "\x1b[33m  ~ pool\x1b[0m; 6 left  "
    assert list(pieces(line)) == [(2, "change", "~ pool"), (8, "", "; 6 left")]


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_colour_can_be_told_from_its_window_in_light_and_in_dark() -> None:
    for style in STYLE.split("@media"):
        (window,) = re.findall(r"\.window \{ fill: (#\w{6})", style)
        colours = re.findall(r"(?:text|\.(?:quiet|add|change|remove|risk)) \{[^}]*?fill: (#\w{6})", style)
        assert len(colours) == len(set(CLASSES.values()) - {"strong"}) + 1
        for colour in colours:
            dark, light = sorted((_luminance(colour), _luminance(window)))
            assert (light + 0.05) / (dark + 0.05) > 4.5, (colour, window)
