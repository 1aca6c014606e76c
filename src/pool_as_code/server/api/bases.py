"""The bases of the service's APIs, and the short ways to name an operation below them. Most records are served twice: for
programs (System API) and for administrators (Admin API)."""

from __future__ import annotations

from collections.abc import Iterator

from ..operations import Access, Operation, Run

BASE = "/api/identity/{tid}"
POOL_LIST = ("search_phrase", "after_pool_id", "before_pool_id", "sort", "order", "limit")
IDENTITY = ("identity",)


def twins(
    method: str,
    path: str,
    name: str,
    summary: str,
    run: Run,
    *,
    success: int = 200,
    request: str = "",
    response: str = "",
    query: tuple[str, ...] = (),
    guarded: bool = False,
    brief: bool = False,
) -> Iterator[Operation]:
    """The same operation below `/system` and below `/admin`."""
    about = (success, request, response, query, guarded)
    yield system(method, path, name, summary, run, *about, brief=brief)
    yield admin(method, path, name, summary, run, *about, brief=brief)


def system(
    method: str,
    path: str,
    name: str,
    summary: str,
    run: Run,
    success: int = 200,
    request: str = "",
    response: str = "",
    query: tuple[str, ...] = (),
    guarded: bool = False,
    limited: bool = False,
    scopes: tuple[str, ...] = IDENTITY,
    brief: bool = False,
) -> Operation:
    """An operation of the System API."""
    return Operation(
        method,
        f"{BASE}/system{path}",
        f"system.{name}",
        summary,
        run,
        Access.SYSTEM,
        scopes,
        success,
        request,
        response,
        query,
        guarded,
        limited,
        brief,
    )


def admin(
    method: str,
    path: str,
    name: str,
    summary: str,
    run: Run,
    success: int = 200,
    request: str = "",
    response: str = "",
    query: tuple[str, ...] = (),
    guarded: bool = False,
    limited: bool = False,
    brief: bool = False,
) -> Operation:
    """An operation of the Admin API: no scope, the caller's role decides."""
    return Operation(
        method,
        f"{BASE}/admin{path}",
        f"admin.{name}",
        summary,
        run,
        Access.ADMIN,
        (),
        success,
        request,
        response,
        query,
        guarded,
        limited,
        brief,
    )
