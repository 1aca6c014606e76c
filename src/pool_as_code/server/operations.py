"""What the server serves: one line for each method and path, and the tree that finds it.

Who may call stands beside each operation and is checked before it runs; `openapi/` writes the same lines down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from .call import Answer, Call

Run = Callable[[Call], Answer]


class Access(Enum):
    """Whose tokens open an operation: those of the system or admin server, of a user, or none at all."""

    PUBLIC = "public"
    SYSTEM = "system"
    ADMIN = "admin"
    SELF = "self"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `scopes`: any of them is enough; none means that every token of the right server is.

    `statuses` are the errors beside 400, 401, 403, 404, 413, 422, 429 and 503 that it may answer. `guarded`: it answers with an
    ETag and heeds If-Match. `redirects`: it may send a browser elsewhere, by 303. `request` and `response` name definitions of
    the OpenAPI document, `media` is the type of both. `brief`: it reads a few rows by their keys, whatever is asked, and changes
    nothing, not even here. `partial`: it may leave out what no directory holds, and says so in a header.
    """

    method: str
    path: str
    name: str
    summary: str
    run: Run
    access: Access
    scopes: tuple[str, ...] = ()
    success: int = 200
    request: str = ""
    response: str = ""
    query: tuple[str, ...] = ()
    guarded: bool = False
    limited: bool = False
    brief: bool = False
    redirects: bool = False
    partial: bool = False
    media: str = "application/json"

    @property
    def writes(self) -> bool:
        """Whether a caller who may only read is refused."""
        return self.method not in ("GET", "HEAD")


class Found(NamedTuple):
    """An operation and the parts of the path. Without an operation, `allowed` are the methods that the path has."""

    operation: Operation | None
    params: dict[str, str]
    allowed: tuple[str, ...] = ()


@dataclass(slots=True)
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    variable: _Node | None = None
    methods: dict[str, tuple[Operation, tuple[str, ...]]] = field(default_factory=dict)


class Operations:
    """All operations, found by method and path. A list of patterns would be walked for every request; this is a tree."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.all = tuple(operations)
        self._root = _Node()
        for operation in self.all:
            self._add(operation)

    def _add(self, operation: Operation) -> None:
        node, names = self._root, list[str]()
        for part in operation.path.strip("/").split("/"):
            if part.startswith("{"):
                names.append(part[1:-1])
                if node.variable is None:
                    node.variable = _Node()
                node = node.variable
            else:
                node = node.literal.setdefault(part, _Node())
        if operation.method in node.methods:
            raise ValueError(f"{operation.method} {operation.path} is served by two operations")
        node.methods[operation.method] = (operation, tuple(names))

    def find(self, method: str, parts: list[str]) -> Found:
        """The operation of a request, by the steps of its path; words come before variables, where they have the method: a user
        may be called like a word."""
        wanted = "GET" if method == "HEAD" else method
        found = _walk(self._root, parts, 0, [], wanted)
        if found is None:
            other = _walk(self._root, parts, 0, [], "")
            return Found(None, {}, tuple(sorted(other[0].methods)) if other is not None else ())
        node, values = found
        operation, names = node.methods[wanted]
        return Found(operation, dict(zip(names, values, strict=True)))


def _walk(node: _Node, parts: list[str], at: int, values: list[str], method: str) -> tuple[_Node, list[str]] | None:
    """The node of a path that has this method; for an empty one, any."""
    if at == len(parts):
        return (node, values) if (method in node.methods if method else node.methods) else None
    part = parts[at]
    inner = node.literal.get(part)
    if inner is not None:
        found = _walk(inner, parts, at + 1, values, method)
        if found is not None:
            return found
    if node.variable is not None and part:
        return _walk(node.variable, parts, at + 1, [*values, part], method)
    return None
