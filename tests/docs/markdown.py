"""Markdown files as GitHub reads them: their links, pictures and headings. Which files there are."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.docs.pages import ROOT

_ELSEWHERE = re.compile(r"[a-z][a-z+.-]*:")
_NO_WORDS = re.compile(r"[^\w\- ]")


def files() -> list[Path]:
    """Every Markdown file of the repository that people read (those of tests are what programs print)."""
    folders = ("docs", "examples", "benchmarks", ".github")
    found = [*ROOT.glob("*.md"), *(path for name in folders for path in (ROOT / name).rglob("*.md"))]
    return sorted(path for path in found if ".pool-as-code" not in path.parts)


def _tokens(text: str) -> Iterator[Token]:
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(text):
        yield token
        yield from token.children or ()


@cache
def links(path: Path) -> tuple[str, ...]:
    """The targets of links and pictures within the repository, as written."""
    named = {"link_open": "href", "image": "src"}
    targets = [token.attrGet(named[token.type]) for token in _tokens(path.read_text("utf-8")) if token.type in named]
    return tuple(str(target) for target in targets if target and not _ELSEWHERE.match(str(target)))


@cache
def anchors(path: Path) -> frozenset[str]:
    """What `#...` can name in a file: GitHub's slugs of the headings, counted where one stands twice."""
    found: dict[str, None] = {}
    tokens = list(MarkdownIt("gfm-like", {"linkify": False}).parse(path.read_text("utf-8")))
    for token, inline in itertools.pairwise(tokens):
        if token.type == "heading_open":
            words = "".join(part.content for part in inline.children or () if part.type in ("text", "code_inline"))
            slug = _NO_WORDS.sub("", words.strip().lower()).replace(" ", "-")
            again = sum(known == slug or known.startswith(f"{slug}-") for known in found)
            found[f"{slug}-{again}" if slug in found else slug] = None
    return frozenset(found)


def broken(path: Path) -> list[str]:
    """The links of a file that lead nowhere."""
    wrong = []
    for link in links(path):
        name, _, anchor = link.partition("#")
        target = path.parent / unquote(name) if name else path
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target.resolve())):
            wrong.append(link)
    return wrong
