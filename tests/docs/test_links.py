"""Links in Markdown lead somewhere, to the very heading; and the test would notice if they did not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.markdown import anchors, broken, files, links
from tests.docs.pages import ROOT


@pytest.mark.parametrize("path", files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_of_a_file_leads_to_a_file_and_a_heading(path: Path) -> None:
    assert broken(path) == []


def test_links_to_files_and_headings_that_are_not_there_are_found(tmp_path: Path) -> None:
    page, other = tmp_path / "page.md", tmp_path / "other.md"
    other.write_text("# One `two`, three: four\n\n## Again\n\n## Again\n")
    right = ["other.md", "other.md#one-two-three-four", "other.md#again-1", "#here", "https://example.com/nix"]
    wrong = ["nix.md", "other.md#again-2", "#there", "nix.svg"]
    text = "\n".join(f"[x]({target})" for target in [*right, *wrong[:-1]])
    page.write_text(f"# Here\n\n{text}\n\n![x]({wrong[-1]})\n\n```md\n[x](in-code.md)\n```\n")
    assert broken(page) == wrong
    assert "in-code.md" not in links(page)
    assert anchors(other) == {"one-two-three-four", "again", "again-1"}
