"""The exact command that comes next, so that nobody has to put it together."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from ..core.urls import shown_url
from ..plan.model import Plan


def apply_command(
    verb: str,
    paths: Iterable[str] = (),
    *,
    env: str | None = None,
    store: str | None = None,
    prune: bool = False,
    targets: Iterable[str] = (),
    more: Iterable[str] = (),
) -> str:
    """`pac apply manifests --env dev --prune`, quoted for a shell."""
    words = ["pac", verb, *paths]
    if env:
        words += ["--env", env]
    if store:
        words += ["--store", shown_url(store)]
    if prune:
        words.append("--prune")
    for target in targets:
        words += ["--target", target]
    return shlex.join([*words, *more])


def after_plan(plan: Plan, command: str) -> str:
    """What comes after a plan: the apply, or what stands in its way."""
    if plan.blocked:
        number = len(plan.blocked)
        return f"{number} finding{' blocks' if number == 1 else 's block'} an apply; each says its way on"
    return command
