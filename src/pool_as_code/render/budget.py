"""Sharing a limited number of characters among the parts of a text, most important parts first: nothing is laid out twice, and
what can not be shown is not laid out at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

LEAST = 3_000  # characters that each part gets, if it has so many, before an earlier one takes more

What = Literal["change", "finding", "message"]


@dataclass(slots=True)
class Piece:
    """A harmless text that is shown whole or not at all, and how many things it stands for."""

    text: str
    count: int = 1


@dataclass(slots=True)
class Part:
    """Pieces one below the other, made while they are asked for. `total` is how many things they stand for together, `rank`
    says who is served first, `overhead` counts the characters around the pieces.

    After `fill`, `shown` are the pieces that fit; a part that is `dropped` is left out with its surroundings."""

    pieces: Iterable[Piece]
    what: What
    total: int
    rank: int
    overhead: int
    shown: list[Piece] = field(default_factory=list)
    dropped: bool = False

    @property
    def left(self) -> int:
        """How many things are not shown."""
        return self.total - sum(piece.count for piece in self.shown)

    @property
    def size(self) -> int:
        """Characters of the pieces that are shown, each with its line end."""
        return sum(len(piece.text) + 1 for piece in self.shown)


def fill(parts: Sequence[Part], room: int) -> None:
    """Decide what each part shows, so that all together take at most `room` characters. Of each part at most that many are
    made, so the work is bounded by the room and not by what there is."""
    kept = list(_kept(sorted(parts, key=lambda part: part.rank), room // 2))
    room -= sum(part.overhead for part in kept)
    for part in kept:
        part.shown = list(_until(part.pieces, room))
    least = min(LEAST, room // len(kept)) if kept else 0
    promised = sum(min(part.size, least) for part in kept)
    for part in kept:
        promised -= min(part.size, least)
        part.shown = list(_until(part.shown, room - promised))
        room -= part.size


def _kept(parts: Iterable[Part], room: int) -> Iterator[Part]:
    """The first parts whose surroundings fit into the room; the others are dropped."""
    for part in parts:
        room -= part.overhead
        part.dropped = room < 0
        if not part.dropped:
            yield part


def _until(pieces: Iterable[Piece], room: int) -> Iterator[Piece]:
    for piece in pieces:
        room -= len(piece.text) + 1
        if room < 0:
            return
        yield piece
