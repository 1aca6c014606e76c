"""The short way to name an operation of a pool's SCIM, and the rights it needs."""

from __future__ import annotations

from dataclasses import replace

from ..api.bases import IDENTITY, system
from ..clients import SCIM
from ..operations import Operation, Run
from .answers import MEDIA

SCOPES = (*IDENTITY, SCIM)
"""Either of them. The service's definitions name the first, its pages about SCIM the second, which opens nothing else."""


def scim(
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
) -> Operation:
    """An operation of a pool's SCIM."""
    made = system(
        method,
        f"/pools/{{ipID}}/scim/v2{path}",
        name,
        summary,
        run,
        success,
        request,
        response,
        query,
        guarded,
        scopes=SCOPES,
        brief=brief,
    )
    return replace(made, name=f"scim.{name}", media=MEDIA)
