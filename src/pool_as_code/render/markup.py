"""Pieces of GitHub-flavoured Markdown that hold foreign text and stay inert whatever it is: no markup, no HTML, no mention, no
reference to an issue, no link, no image, no second line. What cannot be plain words becomes code, where nothing is
interpreted; there is no list of dangerous characters to be forgotten one day."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from .escape import escape
from .layout import shortened

LONGEST = 300  # characters of one foreign text

# Letters, apostrophes and hyphens between them, or small numbers; then what ends a part of a sentence. Hexadecimal words of
# seven letters can name a commit.
_PLAIN = re.compile(
    r"[(\"']?(?:[^\W\d_]+(?:['\u2019-][^\W\d_]+)*|[0-9]{1,3}(?:,[0-9]{3})*|[0-9]{1,6})[\"')]?[.,;:!?]?[\"')]?"
)
_COMMIT = re.compile(r"[^a-z]*[a-f]{7,40}[^a-z]*", re.IGNORECASE)
_ENDS = ".,;:"


def code(text: str, longest: int = LONGEST) -> str:
    """A text as a code span, on one line, for paragraphs, lists and headings."""
    return _span(shortened(escape(text), longest))


def _span(shown: str) -> str:
    if not shown.strip():
        return f"`({len(shown)} spaces)`" if shown else "`(empty)`"
    runs = {len(run) for run in re.findall("`+", shown)}
    mark = "`" * (max(runs, default=0) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{mark}{pad}{shown}{pad}{mark}"


def cell(text: str) -> str:
    """A text as a code span in a table, where a pipe would end the cell even inside of code."""
    return _span(shortened(escape(text), LONGEST).replace("|", "\\x7c"))


def prose(text: str, longest: int = 2 * LONGEST) -> str:
    """A sentence that may hold foreign words: ordinary words stay, everything else becomes code. It must not begin a block:
    put something before it."""
    return " ".join(_parts(shortened(escape(text), longest).split()))


def _parts(words: Iterable[str]) -> Iterator[str]:
    waiting: list[str] = []
    for word in words:
        if _PLAIN.fullmatch(word) and not _COMMIT.fullmatch(word):
            if waiting:
                yield _span(" ".join(waiting))
                waiting = []
            yield word
        elif word[-1] in _ENDS and word.strip(_ENDS):
            bare = word.rstrip(_ENDS)
            yield _span(" ".join([*waiting, bare])) + word[len(bare) :]
            waiting = []
        else:
            waiting.append(word)
    if waiting:
        yield _span(" ".join(waiting))


def html_code(text: str) -> str:
    """A text as a code element inside an HTML block such as a summary, where Markdown is not read."""
    return f"<code>{html.escape(shortened(escape(text), LONGEST))}</code>"


def fenced(lines: Iterable[str], language: str = "") -> str:
    """A fenced block. `lines` are harmless already; one that could end the block is indented."""
    inside = (f"    {line}" if line.lstrip(" ").startswith(("```", "~~~")) else line for line in lines)
    return "\n".join([f"```{language}", *inside, "```"])


def details(summary: str, body: str, *, is_open: bool = False) -> str:
    """A part that opens on a click. `summary` is HTML, `body` Markdown."""
    return f"<details{' open' if is_open else ''}><summary>{summary}</summary>\n\n{body}\n\n</details>"


def marker(*names: str) -> str:
    """A comment that nobody sees and that a program finds again: the same names always give the same one."""
    return f"<!-- pool-as-code:plan {' '.join(map(_word, names))} -->"


def _word(name: str) -> str:
    """Percent-encoded, and without `--`, which would end a comment."""
    return quote(name, safe="", errors="surrogatepass").replace("--", "-%2D") or "-"
