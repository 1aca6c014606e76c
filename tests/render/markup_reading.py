"""Reading Markdown as a code host does: parsed by a GitHub-flavoured parser that links whatever looks like a link, its HTML
parsed again. For proofs that foreign text stays text."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

from markdown_it import MarkdownIt

VOID = frozenset({"br", "hr"})
OURS = frozenset({"p", "h2", "h3", "h4", "ul", "li", "strong", "code", "pre", "details", "summary", "br"})
OURS_IN_TABLES = frozenset({"table", "thead", "tbody", "tr", "th", "td"})
LITERAL = frozenset({"code", "pre"})
# What a code host makes something of outside of code: mentions, issues, commits, addresses, emoji, formulas.
LIVELY = re.compile(r"[@#$<>\\`|*_~\[\]{}]|:\w+:|://|www\.|mailto:|\bGH-\d|\b[0-9a-f]{7,40}\b", re.IGNORECASE)


class Reading(HTMLParser):
    """What a reader's browser gets. `tags` in order, `comments`, `literal` texts inside of code, `plain` texts outside."""

    def __init__(self, markdown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.comments: list[str] = []
        self.attributes: set[tuple[str, str | None]] = set()
        self.literal: list[str] = []
        self.plain: list[str] = []
        self._open: list[str] = []
        parser = MarkdownIt("gfm-like", {"html": True, "linkify": True, "typographer": False})
        self.feed(parser.render(markdown))
        self.close()
        assert self._open == [], "elements are left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        (self.literal if LITERAL & set(self._open) else self.plain).append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl!r}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data!r}")


def assert_inert(markdown: str, *, limit: int) -> Reading:
    """Nothing but our own markup is in it: no link, no image, no foreign element, no mention, nothing hidden. Returns what
    was read, for more questions."""
    assert len(markdown) <= limit
    reading = Reading(markdown)
    assert set(reading.tags) <= OURS | OURS_IN_TABLES
    assert reading.attributes <= {("open", None), ("class", "language-diff"), ("class", "language-sh"), *ALIGNED}
    assert reading.comments == [markdown.partition("\n")[0].removeprefix("<!--").removesuffix("-->")]
    lively = [text for text in reading.plain if LIVELY.search(text)]
    assert lively == []
    hidden = {c for c in markdown if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}}
    assert hidden == set()
    return reading


ALIGNED = {("style", "text-align:right"), ("style", "text-align:left")}
