"""Planning several environments in one run: each has its own store, and one that fails does not hide the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from ..core.errors import InvalidInput, PoolAsCodeError
from ..manifest.project import find_project
from .planning import Planned, make_plan
from .request import PlanOptions, Request, Tell
from .session import start_of


def environment_names(text: str) -> tuple[str, ...]:
    """The names in `dev,stage,prod`. Raises InvalidInput for an empty or repeated one."""
    names = tuple(name.strip() for name in text.split(","))
    if not all(names) or len(set(names)) < len(names):
        raise InvalidInput(
            f"--env {text}: a name is {'missing' if not all(names) else 'repeated'}", hint="for example --env dev,prod"
        )
    return names


def project_id(request: Request) -> str:
    """The id of the project a request is about; empty where there is none, or where its file is wrong, as each plan will
    say."""
    try:
        project = find_project(start_of(request))
    except PoolAsCodeError:
        return ""
    return project.id if project is not None else ""


def make_plans(
    request: Request, names: Sequence[str], options: PlanOptions, tell: Tell
) -> Iterator[tuple[str, Planned | PoolAsCodeError | OSError]]:
    """For each environment its plan, or why there is none, in the order of `names`. Standard input is read once."""
    if request.store is not None:
        raise InvalidInput(
            "--store does not go with several environments: each has its own",
            hint="leave out --store, or plan one environment at a time",
        )
    asked = replace(request, read_stdin=cache(request.read_stdin))
    for name in names:
        try:
            yield name, make_plan(replace(asked, env=name), options, tell)
        except (PoolAsCodeError, OSError) as error:
            yield name, error
