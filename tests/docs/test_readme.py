"""The pages for users do not lie: what their consoles show is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, Block, Step, all_blocks, blocks, everything, steps
from tests.docs.shell import ANY_LINES, Shell, same_place

HOW = "`make golden` rewrites what the pages show (but not lines around `...`); review the difference as text."
CONSOLES = [page for page in PAGES if blocks(page, "console")]


@pytest.mark.parametrize("page", CONSOLES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_shows_is_what_happens(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    rewrite = bool(request.config.getoption("--golden"))
    written = page.read_text("utf-8")
    text, done = "", 0
    with Shell(tmp_path) as shell:
        for block in all_blocks(page):
            if block.file:
                shell.save(block.file, block.text)
            elif block.language == "console":
                text += written[done : block.start] + _played(block, shell, rewrite=rewrite)
                done = block.start + len(block.text)
    text += written[done:]
    if text != written:
        page.write_text(text, "utf-8")


def _played(block: Block, shell: Shell, *, rewrite: bool) -> str:
    """The text of a console after it was typed in: as it was, or with what was really printed."""
    session = list(steps(block))
    shown: list[str] = []
    for index, step in enumerate(session):
        printed, code = shell.run(step.command)
        asked = index + 1 < len(session) and session[index + 1].command == "echo $?"
        assert code == 0 or asked, f"{block.name}: exit {code} of `{step.command}`\n" + "\n".join(printed)
        shown += [*step.typed, *_shown(step, printed, shell, rewrite=rewrite)]
    return "\n".join(shown) + "\n"


def _shown(step: Step, printed: list[str], shell: Shell, *, rewrite: bool) -> list[str]:
    """The lines to show below a command: those that are there, or when they are wrong and may be rewritten the real ones."""
    place = same_place(step.shown, printed)
    if place is not None:
        shell.learn(step.shown, place)
        return list(step.shown)
    if rewrite and ANY_LINES not in step.shown:
        return printed
    wanted, found = "\n".join(step.shown), "\n".join(printed)
    raise AssertionError(f"{step.block.name}: `{step.command}` shows\n{wanted}\n\nand prints\n{found}\n\n{HOW}")


def test_a_file_that_the_reader_saves_is_named_above_it() -> None:
    for page in PAGES:
        text, since = page.read_text("utf-8"), 0
        for block in all_blocks(page):
            since = block.start if block.language == "console" else since
            above = text[since : block.start]
            assert not block.file or f"`{block.file}`" in above, f"{block.name}: say that it is {block.file}"


def test_every_make_target_that_the_pages_name_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", everything(), re.MULTILINE))
    assert {"demo", "test"} <= named <= targets


def test_the_list_of_pages_is_complete() -> None:
    docs = ROOT / "docs"
    pages = [
        path.relative_to(docs).as_posix() for path in [*PAGES, *docs.glob("reference/*.md")] if docs in path.parents
    ]
    listed = (docs / "index.md").read_text("utf-8")
    assert [page for page in pages if page != "index.md" and f"]({page})" not in listed] == []
    assert "](adr/README.md)" in listed
