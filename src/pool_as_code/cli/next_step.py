"""The exact command that comes next, so that nobody has to put it together."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from ..core.urls import shown_url
from ..plan.model import Plan
from ..stores.registry import READ_ONLY


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


_LIFTS = re.compile(r"--(?:allow|max-deletes|confirm) \S+")


def lifted(command: str, ways_on: Iterable[str]) -> str:
    """The command with the options that lift all of these guards and findings, where each names its option; else empty.
    Options that the command has already are not repeated."""
    options: dict[str, None] = {}
    for text in ways_on:
        found = _LIFTS.findall(text)
        if not found:
            return ""
        options[found[-1]] = None
    return " ".join([command, *(option for option in options if f" {option} " not in f"{command} ")]) if options else ""


def reviewed(plan: Plan, plan_command: str, apply_command: str) -> str:
    """The command that goes on in a protected environment, where only what was reviewed is applied, and only whole plans."""
    name = plan.target.environment
    file = shlex.quote(f"{name}.plan")
    if not plan.whole_project:
        return f"environment {name} is protected, and this is a part only: pac plan --env {name} --out {file}"
    if plan.blocked:
        return f"{plan_command} --out {file}"
    return f"{apply_command} --expect {plan.digest} (or save it with --out {file}, and apply that file)"


def after_plan(plan: Plan, command: str) -> str:
    """What comes after a plan: the apply, or what stands in its way."""
    store = plan.target.store
    scheme, _, rest = store.partition(":")
    if scheme in READ_ONLY:
        into = shlex.join(["pac", "load", rest, "--store", "sqlite:///copy.db"])
        return f"this store is only read, nothing can be applied to it; to go on, make a directory of it: {into}"
    if not plan.blocked:
        return command
    with_all = lifted(command, (finding.next_step for finding in plan.blocked))
    if with_all:
        return f"read what blocks; if all of it is meant: {with_all}"
    number = len(plan.blocked)
    return f"{number:,} finding{' blocks' if number == 1 else 's block'} an apply; each says its way on"
