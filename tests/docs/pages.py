"""Reading the pages for users (README.md, docs/, the READMEs of examples): their fenced blocks, and the commands of their
consoles.

The convention, which readers see as well:

    ```console      a session that really runs. `$ ` begins a command, `> ` goes on with it, the rest is what it prints;
                    a line `...` stands for lines left out. Only a command followed by `$ echo $?` may fail.
    ```yaml         manifests, or a project file, that are valid; with `# wrong: PACnnn` on their first line they are not, and
                    the ```text block that follows shows the message, under the name of the file that it names
    ```yaml file=F  (or ```text file=F) a file that the reader saves as F before going on; the text above names it
    ```yml          YAML of others, such as a pipeline
    ```sh, ```text  neither run nor judged

Consoles and files of a page come in order, in one shell, which begins beside a throw-away copy of `examples/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
    *sorted((ROOT / "examples").glob("*/README.md")),
)
_FENCE = re.compile(r"^```(?P<language>[a-z]*)(?P<about>[^`\n]*)$\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"\A file=(\S+)\Z")


@dataclass(frozen=True)
class Block:
    """A fenced block; `start` is where its text begins in the page, counted in characters, `file` what it is saved as."""

    page: Path
    language: str
    text: str
    start: int
    file: str = ""

    @property
    def line(self) -> int:
        """The line of the page on which the text begins."""
        return self.page.read_text("utf-8").count("\n", 0, self.start) + 1

    @property
    def name(self) -> str:
        """Where to look when a test of this block fails."""
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"


@dataclass(frozen=True)
class Step:
    """One command of a console, as typed, and the lines that are shown below it."""

    block: Block
    typed: tuple[str, ...]
    shown: tuple[str, ...]

    @property
    def command(self) -> str:
        """What the shell gets: without the prompts."""
        return "\n".join(line[2:] for line in self.typed)


def all_blocks(page: Path) -> list[Block]:
    """Every fenced block of a page, in order. Raises ValueError for a fence that is none of the convention."""
    text = page.read_text("utf-8")
    found = []
    for match in _FENCE.finditer(text):
        named = _FILE.match(match["about"])
        if match["about"] and named is None:
            raise ValueError(f"{page.relative_to(ROOT)}: what is ```{match['language']}{match['about']}?")
        file = named[1] if named else ""
        found.append(Block(page, match["language"], match["text"], match.start("text"), file))
    return found


def blocks(page: Path, language: str) -> list[Block]:
    """The fenced blocks of a language, in order."""
    return [block for block in all_blocks(page) if block.language == language]


def steps(block: Block) -> Iterator[Step]:
    """The commands of a console. Raises ValueError for lines before the first prompt."""
    typed: list[str] = []
    shown: list[str] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            if typed:
                yield Step(block, tuple(typed), tuple(shown))
            typed, shown = [line], []
        elif not typed:
            raise ValueError(f"{block.name} prints {line!r} before its first command")
        elif line.startswith("> ") and not shown:
            typed.append(line)
        else:
            shown.append(line)
    if typed:
        yield Step(block, tuple(typed), tuple(shown))


def everything() -> str:
    """All pages for users as one text."""
    return "\n".join(page.read_text("utf-8") for page in PAGES)
