"""What a word means, for `explain`: one topic as text of 80 columns, or as JSON. What stands in a topic is gathered in
`app/explaining.py`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..core.values import JsonMap
from .palette import PLAIN, Palette

WIDTH = 80
_SHORT = 3  # topics that are shown whole; more are listed


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that has a name: a field, a kind, a message, a finding, a lint rule. `facts` are (what, value), `notes` are
    sentences, `inside` are names with what they are, `example` is YAML, `documented` a page."""

    name: str
    sort: str
    summary: str
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    inside: tuple[tuple[str, str], ...] = ()
    example: str = ""
    documented: str = ""


def topics_text(topics: Sequence[Topic], palette: Palette = PLAIN) -> str:
    """A few topics whole; many as a list to choose from."""
    if len(topics) > _SHORT:
        lines = [f"{len(topics)} places:"]
        for topic in topics:
            lines += ["", f"  {palette.paint('strong', topic.name)}", *_wrapped(topic.summary, "    ")]
        return "\n".join([*lines, "", f"One of them whole: pac explain {topics[0].name}"]) + "\n"
    return "\n".join("\n".join(_whole(topic, palette)) + "\n" for topic in topics)


def topics_json(topics: Sequence[Topic]) -> JsonMap:
    """The topics with everything that is known of them."""
    return {"format_version": "1.0", "topics": [_json(topic) for topic in topics]}


def _json(topic: Topic) -> JsonMap:
    return {
        "name": topic.name,
        "sort": topic.sort,
        "summary": topic.summary,
        "facts": dict(topic.facts),
        "notes": list(topic.notes),
        "inside": dict(topic.inside),
        "example": topic.example,
        "documented": topic.documented,
    }


def _whole(topic: Topic, palette: Palette) -> Iterator[str]:
    yield palette.paint("strong", topic.name) + palette.paint("quiet", f" ({topic.sort})")
    yield from _wrapped(topic.summary, "  ")
    if topic.facts:
        yield ""
        yield from _pairs(topic.facts)
    for note in topic.notes:
        yield ""
        yield from _wrapped(note, "  ")
    if topic.inside:
        yield ""
        yield from _pairs(topic.inside)
    if topic.example:
        yield from ("", "  Example:", "")
        yield from textwrap.indent(topic.example.rstrip("\n"), "    ").split("\n")
    if topic.documented:
        yield from ("", f"  {palette.paint('quiet', topic.documented)}")


def _pairs(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Two columns; what does not fit beside a long name begins below it."""
    width = min(max(len(name) for name, _ in pairs), 28)
    for name, text in pairs:
        first = f"  {name.ljust(width)}  "
        if len(name) > width:
            yield f"  {name}"
            first = " " * (width + 4)
        yield from _wrapped(text, first, " " * (width + 4))


def _wrapped(text: str, first: str, further: str = "") -> list[str]:
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=further or first,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [first.rstrip()]
