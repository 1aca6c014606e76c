"""From the bytes of a dump to one JSON-like value, with the places of what is wrong in it. YAML is read leniently."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from ...core.diagnostics import Diagnostic, Location, Severity
from ...core.values import INT64_MAX, INT64_MIN, JsonMap, parse_json

Step = str | int


class Part(NamedTuple):
    """One file of a dump: how messages call it, its bytes and its value."""

    file: str
    content: bytes
    value: JsonMap

    def at(self, *path: Step) -> Location:
        """Where a value stands in this file; found by reading the file again."""
        from ...core.yaml import locate

        span = locate(self.content, 0, path)
        return Location(self.file, span.line, span.column)


class Unreadable(Exception):
    """When a file gives no value; `diagnostics` say why."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(diagnostics[0].summary if diagnostics else "")
        self.diagnostics = diagnostics


def read_bytes(path: Path, shown: str) -> bytes:
    """The bytes of a file. Raises Unreadable."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Unreadable(_problem("PAC500", "the dump does not exist", shown, hint="check the path")) from error
    except OSError as error:
        raise Unreadable(_problem("PAC500", f"the dump can not be read: {error.strerror}", shown)) from error


def read_part(content: bytes, shown: str) -> tuple[Part, list[Diagnostic]]:
    """The one map that a file holds, and warnings. Raises Unreadable."""
    if not content.strip():
        raise Unreadable(_problem("PAC501", "the dump is empty", shown, hint="export it again"))
    value = _json(content)
    if value is not None:
        return Part(shown, content, value), []
    return _yaml(content, shown)


def _yaml(content: bytes, shown: str) -> tuple[Part, list[Diagnostic]]:
    from ...core.yaml import parse_collect

    documents, problems = parse_collect(content, strict=False)
    diagnostics = [
        Diagnostic(
            problem.code,
            problem.summary,
            Severity.WARN if problem.severity == "warning" else Severity.ERROR,
            hint=problem.hint or "",
            location=Location(shown, problem.line, problem.column),
        )
        for problem in problems
    ]
    if any(item.severity is Severity.ERROR for item in diagnostics):
        raise Unreadable(*diagnostics)
    if not documents:
        raise Unreadable(_problem("PAC501", "the dump holds nothing but comments", shown, hint="export it again"))
    value = documents[0].value
    if len(documents) > 1:
        kind = "manifests" if isinstance(value, dict) and "apiVersion" in value else "YAML documents"
        hint = "give these to pac validate or pac plan" if kind == "manifests" else "a dump is one document"
        raise Unreadable(_problem("PAC502", f"not a dump: the file holds {len(documents)} {kind}", shown, hint=hint))
    if not isinstance(value, dict):
        found = "a list" if isinstance(value, list) else "a single value"
        raise Unreadable(_problem("PAC502", f"not a dump: found {found}, expected a map", shown))
    return Part(shown, content, value), diagnostics


def _json(content: bytes) -> JsonMap | None:
    """The value of a JSON file, much faster than YAML; None for anything that the careful reader has to judge."""
    if not content.lstrip().startswith(b"{"):
        return None
    try:
        parse_json(content)  # refuses halves of characters, which the next line would let through
        value = json.loads(content, object_pairs_hook=_unique, parse_constant=_no_number, parse_int=_small)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no value of JSON")


def _small(text: str) -> int:
    value = int(text) if len(text) <= 20 else INT64_MAX + 1
    if not INT64_MIN <= value <= INT64_MAX:
        raise ValueError("beyond 64 bits")
    return value


def _problem(code: str, summary: str, shown: str, *, hint: str = "") -> Diagnostic:
    return Diagnostic(code, summary, hint=hint, location=Location(shown))
