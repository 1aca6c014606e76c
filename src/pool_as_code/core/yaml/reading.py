"""Texts to documents: the public readers. Which reader a document meets is decided here, never what it means.

text -> one document after the other -> shape seen before? --- yes -> its value
                                        | no, or a scalar refused
                                        run of such documents -> quick reader -> value
                                                                 | doubtful
                                                                 careful reader -> value, problems
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..values import JsonValue
from .memo import PlainKeys, PlainScalars, WrittenFlowScalars, WrittenScalars
from .problems import Document, YamlError, YamlProblem
from .segments import Cutter, Segment, can_be_cut, padded
from .shapes import LONGEST, HotShape, Shape, ShapeBook, fingerprint, split_at_holes
from .text import readable

if TYPE_CHECKING:
    from .nodes import AliasBudget, ComposedDocument

_BOOKS = {True: ShapeBook(), False: ShapeBook()}
_ROW = 64  # documents of one shape in a row that make it hot
_STREAK = 4  # documents of one shape in a row after which the next is expected to be one as well
_WAITING = 512  # documents that wait for the quick reader
_PATIENCE = 1_000  # documents without a shape before looking for shapes pauses
_PAUSE = 2_000  # documents


def parse(source: str | bytes, *, strict: bool = True) -> list[Document]:
    """All documents of a file. Raises YamlError with every problem of every document; warnings alone do not raise."""
    documents, problems = parse_collect(source, strict=strict)
    _raise_errors(problems)
    return documents


def parse_collect(source: str | bytes, *, strict: bool = True) -> tuple[list[Document], list[YamlProblem]]:
    """The good documents of a file and what is wrong with the others, in order of place. Broken syntax ends the file.

    The cyclic garbage collector pauses meanwhile: values have no cycles, and it would walk over all of them again and again.
    """
    problems: list[YamlProblem] = []
    collecting = gc.isenabled()
    gc.disable()
    try:
        documents = list(_documents(source, strict, problems))
    finally:
        if collecting:
            gc.enable()
    return documents, sorted(problems, key=lambda problem: (problem.line, problem.column, problem.code))


def iter_documents(source: str | bytes, *, strict: bool = True) -> Iterator[Document]:
    """The good documents one by one; at the end raises YamlError if there were errors, as `parse` does at once."""
    problems: list[YamlProblem] = []
    yield from _documents(source, strict, problems)
    _raise_errors(problems)


def _raise_errors(problems: list[YamlProblem]) -> None:
    if any(problem.severity == "error" for problem in problems):
        raise YamlError(problems)


def _documents(source: str | bytes, strict: bool, problems: list[YamlProblem]) -> Iterator[Document]:
    try:
        text = padded(readable(source))
    except YamlError as error:
        problems += error.problems
        return
    reader = _Reader(text, strict, problems)
    yield from reader.documents() if can_be_cut(text) else reader.whole()


class _Reader(Cutter):
    """Reads the documents of a padded text one after the other, each in the quickest way that is sure."""

    def __init__(self, text: str, strict: bool, problems: list[YamlProblem]) -> None:
        super().__init__(text)
        self.strict = strict
        self.problems = problems
        self.ended = False  # by broken syntax
        self.waiting: list[Segment] = []
        self.plain = PlainScalars(strict=strict)
        self.keys = PlainKeys(strict=strict)
        self.written = (WrittenScalars(self.plain), WrittenFlowScalars(self.plain))
        self.patience, self.pause = _PATIENCE, 0
        self.hot: dict[bytes, HotShape] = {}  # by their fingerprints
        self.previous: Shape | None = None
        self.row = 0  # documents of the previous shape in a row
        self.latest: HotShape | None = None
        self.streak = 0  # documents of the latest hot shape in a row
        self.budget: AliasBudget | None = None

    def documents(self) -> Iterator[Document]:
        """All good documents, in order."""
        while self.at < len(self.text) and not self.ended:
            if self.streak >= _STREAK and self.latest is not None:
                yield from self.alike(self.latest)
                self.streak = 0
                continue
            at, line = self.at, self.line
            segment = self.cut()
            found = self.by_shape(self.text[at : segment.end])
            if found is None:
                self.waiting.append(segment)
            if self.waiting and (found is not None or len(self.waiting) >= _WAITING or segment.index == 0):
                yield from self.quick()
            if found is not None and not self.ended:
                first_line, value = found
                yield Document(segment.index, line + first_line + 1, value)
        if not self.ended:
            yield from self.quick()

    def alike(self, shape: HotShape) -> Iterator[Document]:
        """The documents from here on that match the pattern of a shape: the hottest loop of the product."""
        text, plain = self.text, self.plain
        match_at, build, lines = shape.pattern.match, shape.build, shape.lines + 1
        at, index, line = self.at, self.index, self.line + shape.first_line + 1
        while (match := match_at(text, at)) is not None:
            try:
                value = build(match.groups(), plain)
            except ValueError:
                break
            yield Document(index, line, value)
            at = match.end()
            index += 1
            line += lines
        if at > self.at:
            self.go_to(at, line - shape.first_line - 1, index)

    def by_shape(self, text: str) -> tuple[int, JsonValue] | None:
        """First line and value of a document whose shape is known, None if it is not or a scalar has to be looked at."""
        if self.pause or len(text) > LONGEST:
            self.pause = max(0, self.pause - 1)
            return None
        guess = self.hot.get(fingerprint(text)) if self.hot else None
        try:
            if guess is not None and (match := guess.pattern.fullmatch(text)) is not None:
                value = guess.build(match.groups(), self.plain)
                self.streak = self.streak + 1 if guess is self.latest else 1
                self.latest = guess
                return guess.first_line, value
            return self.by_skeleton(text)
        except ValueError:
            return None

    def by_skeleton(self, text: str) -> tuple[int, JsonValue] | None:
        """The same without a guess. Raises ValueError where a scalar has to be looked at."""
        around = split_at_holes(text)
        holes = around[2::3]
        del around[2::3]
        shape = _BOOKS[self.strict].find(text, around, holes, self.plain, self.keys)
        if shape is None:
            self.patience -= 1
            if not self.patience:
                self.patience, self.pause = _PATIENCE // 8, _PAUSE
            return None
        self.patience = min(self.patience + 2, 2 * _PATIENCE)
        value = shape.build(holes, self.written)
        self.row = self.row + 1 if shape is self.previous else 1
        self.previous = shape
        if self.row == _ROW:
            shape.heat(holes, self.plain)
        if shape.hot is not None:
            self.hot[fingerprint(text)] = shape.hot
        return shape.first_line, value

    def quick(self) -> Iterator[Document]:
        """The waiting documents by the quick reader, those it doubts by the careful one."""
        waiting, self.waiting = self.waiting, []
        if not waiting:
            return
        from .events import quick_documents

        text = self.text[waiting[0].start : waiting[-1].end]
        first_line, read = waiting[0].line + 1, 0
        for segment, found in zip(waiting, quick_documents(text, self.plain, self.keys), strict=False):
            read += 1
            if found.doubtful:
                yield from self.careful(segment)
            elif found.line is not None:
                yield Document(segment.index, first_line + found.line, found.value)
            if self.ended:
                return
        for segment in waiting[read:]:
            yield from self.careful(segment)

    def careful(self, segment: Segment) -> Iterator[Document]:
        """A document by the careful reader."""
        from .nodes import AliasBudget, compose

        budget = self.budget or AliasBudget()
        self.budget = budget.copy()
        text, line = self.text[segment.start : segment.end], segment.line
        try:
            documents = list(compose(text, strict=self.strict, first_line=line, budget=self.budget))
        except YamlError:  # once more with all that follows, so that the message is that of a reader of the whole file
            documents = []
            try:
                for composed in compose(self.text[segment.start :], strict=self.strict, first_line=line, budget=budget):
                    documents.append(composed)
            except YamlError as error:
                self.problems += error.problems
            self.ended = True
        if not documents:  # comments before the first marker
            self.index -= 1
        for index, composed in enumerate(documents, segment.index):
            yield from self.judge(index, composed)

    def whole(self) -> Iterator[Document]:
        """All documents by the careful reader."""
        from .nodes import compose

        try:
            for index, composed in enumerate(compose(self.text[1:], strict=self.strict)):
                yield from self.judge(index, composed)
        except YamlError as error:
            self.problems += error.problems

    def judge(self, index: int, composed: ComposedDocument) -> Iterator[Document]:
        """The document if it is a good one; its problems are collected."""
        self.problems += composed.problems
        if composed.root is not None and not composed.spoiled:
            yield Document(index, composed.root.span.line, composed.root.value)
