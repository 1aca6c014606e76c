"""Texts to documents: the public readers. Which reader a document meets is decided here, never what it means."""

from __future__ import annotations

from collections.abc import Iterator

from .problems import Document, YamlError, YamlProblem
from .text import readable


def parse(source: str | bytes, *, strict: bool = True) -> list[Document]:
    """All documents of a file. Raises YamlError with every problem of every document; warnings alone do not raise."""
    documents, problems = parse_collect(source, strict=strict)
    if any(problem.severity == "error" for problem in problems):
        raise YamlError(problems)
    return documents


def parse_collect(source: str | bytes, *, strict: bool = True) -> tuple[list[Document], list[YamlProblem]]:
    """The good documents of a file and what is wrong with the others, in order of place. Broken syntax ends the file."""
    problems: list[YamlProblem] = []
    documents = list(_read(source, strict, problems))
    return documents, sorted(problems, key=lambda problem: (problem.line, problem.column, problem.code))


def iter_documents(source: str | bytes, *, strict: bool = True) -> Iterator[Document]:
    """The good documents one by one; at the end raises YamlError if there were errors, as `parse` does at once."""
    problems: list[YamlProblem] = []
    yield from _read(source, strict, problems)
    if any(problem.severity == "error" for problem in problems):
        raise YamlError(problems)


def _read(source: str | bytes, strict: bool, problems: list[YamlProblem]) -> Iterator[Document]:
    from .nodes import compose

    try:
        for index, composed in enumerate(compose(readable(source), strict=strict)):
            problems += composed.problems
            if composed.root is not None and not composed.spoiled:
                yield Document(index, composed.root.span.line, composed.root.value)
    except YamlError as error:
        problems += error.problems
