"""Problems to diagnostics: a file is read again, carefully, to find the place of each problem and the edits that repair it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ..core.diagnostics import Diagnostic, Location, Severity
from ..core.yaml import Span, YamlError, YamlProblem, locate_many
from ..resources.kind import Problem
from ..resources.state import Origin

if TYPE_CHECKING:
    from ..core.yaml.nodes import Node


class Placed(NamedTuple):
    """A problem in the document at `origin`. `other` is a second place that belongs to it: (what to call it, where)."""

    origin: Origin
    problem: Problem
    address: str = ""
    other: tuple[str, Origin, tuple[str | int, ...]] | None = None
    at: Location | None = None  # where it is, when that is no place in a document


def from_yaml(file: str, problems: Iterable[YamlProblem]) -> list[Diagnostic]:
    """What the YAML reader complains about, as diagnostics."""
    return [
        Diagnostic(
            problem.code,
            problem.summary,
            Severity.WARN if problem.severity == "warning" else Severity.ERROR,
            hint=problem.hint or "",
            location=Location(file, problem.line, problem.column),
            edits=problem.edits,
        )
        for problem in problems
    ]


def diagnosed(problems: Sequence[Placed], read: Callable[[str], bytes]) -> list[Diagnostic]:
    """The problems as diagnostics. `read` gives the bytes of a file by the name in its origin.

    Each file is read and walked once, with the tree of one document in memory. A file that can not be read any more gives
    diagnostics for the whole file.
    """
    if any(item.origin.layers is not None for item in problems):
        from .written import as_written

        problems = as_written(problems)
    others = _other_places(problems, read)
    by_file: dict[str, list[Placed]] = {}
    found: list[tuple[Placed, Diagnostic]] = []
    for item in problems:
        if item.at is not None:
            found.append((item, replace(_diagnostic(item, None, [], item.at.file), location=item.at)))
        else:
            by_file.setdefault(item.origin.file, []).append(item)
    for file, items in by_file.items():
        found += _in_file(file, _content(read, file), items)
    return [_with_other(item, diagnostic, others) for item, diagnostic in found]


def _with_other(
    item: Placed, diagnostic: Diagnostic, others: dict[tuple[Origin, tuple[str | int, ...]], Location]
) -> Diagnostic:
    if item.other is None:
        return diagnostic
    detail = f"{item.other[0]} {others.get((item.other[1], item.other[2]), item.other[1].file)}"
    return replace(diagnostic, detail="; ".join(filter(None, (diagnostic.detail, detail))))


def locations(places: Iterable[tuple[Origin, tuple[str | int, ...]]], read: Callable[[str], bytes]) -> list[Location]:
    """Where values stand, one pass a file. Of what was made of several documents: where each value is written."""
    wanted = [_written(origin, path) for origin, path in places]
    by_file: dict[str, list[int]] = {}
    for position, (origin, _) in enumerate(wanted):
        by_file.setdefault(origin.file, []).append(position)
    found: dict[int, Location] = {}
    for file, positions in by_file.items():
        content = _content(read, file)
        spans = (
            locate_many(content, [(wanted[i][0].document, wanted[i][1], False) for i in positions]) if content else []
        )
        for position, span in zip(positions, spans, strict=False):
            found[position] = Location(file, span.line, span.column)
    return [found.get(position, Location(origin.file)) for position, (origin, _) in enumerate(wanted)]


def _written(origin: Origin, path: tuple[str | int, ...]) -> tuple[Origin, tuple[str | int, ...]]:
    if origin.layers is None:
        return origin, path
    source = origin.layers.source(path)
    return source.origin, source.path


def _content(read: Callable[[str], bytes], file: str) -> bytes:
    try:
        return read(file)
    except (OSError, KeyError):
        return b""


def _other_places(
    problems: Sequence[Placed], read: Callable[[str], bytes]
) -> dict[tuple[Origin, tuple[str | int, ...]], Location]:
    wanted = list({(item.other[1], item.other[2]): None for item in problems if item.other is not None})
    return dict(zip(wanted, locations(wanted, read), strict=True))


def _in_file(file: str, content: bytes, items: list[Placed]) -> Iterable[tuple[Placed, Diagnostic]]:
    from ..core.yaml.nodes import compose
    from ..core.yaml.text import readable

    waiting: dict[int, list[Placed]] = {}
    for item in items:
        waiting.setdefault(item.origin.document, []).append(item)
    try:
        text = readable(content)
        lines = text.split("\n")
        for index, composed in enumerate(compose(text, strict=False)):
            for item in waiting.pop(index, ()):
                yield item, _diagnostic(item, composed.root, lines, file)
            if not waiting:
                return
    except YamlError:
        pass  # what stands before the broken place was found
    for rest in waiting.values():
        for item in rest:
            yield item, _diagnostic(item, None, [], file)


def _diagnostic(item: Placed, root: Node | None, lines: list[str], file: str) -> Diagnostic:
    from .repair import edits_for

    problem = item.problem
    location = Location(file)
    if root is not None:
        span = _span(root, problem)
        location = Location(file, span.line, span.column)
    return Diagnostic(
        problem.code,
        problem.summary,
        Severity(problem.severity),
        problem.detail,
        problem.hint,
        location,
        item.address,
        edits_for(root, lines, problem, json=file.endswith(".json")) if root is not None else (),
    )


def _span(root: Node, problem: Problem) -> Span:
    """The place of the value, or of its key; of the nearest thing around it where there is none."""
    here, span = root, root.span
    for number, step in enumerate(problem.path, 1):
        children = here.children
        if isinstance(children, dict):
            below = children.get(str(step))
        else:
            below = children[step] if children and isinstance(step, int) and step < len(children) else None
        if below is None:
            return here.keys.get(str(step), span)
        at_key = problem.at_key and number == len(problem.path)
        span = here.keys.get(str(step), below.span) if at_key else below.span
        if number < len(problem.path) or not at_key:
            here = below
    return span
