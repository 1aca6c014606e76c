"""`pac plan --env A,B,C`: one result about several environments, and one exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from ..app.planning import save_plan
from ..app.request import PlanOptions, Request
from ..app.several import make_plans, project_id
from ..core.errors import InvalidInput, PoolAsCodeError
from ..render.environments import EnvironmentPlan, Failure
from .console import Console
from .failures import say_failure
from .next_step import after_plan, apply_command, reviewed
from .showing import environment_plan, show_diagnostics, show_plans, show_unmanaged

WORST_FIRST = (1, 4, 3)
"""Exit codes of environments that failed: what somebody must mend, what a guard stopped, what a later run may find."""

Commands = Callable[[str, str], str]
"""`commands(verb, environment)` is the command for one environment alone."""


def plan_several(
    console: Console,
    request: Request,
    names: Sequence[str],
    chosen: PlanOptions,
    commands: Commands,
    *,
    out: Path | None,
    output: str,
    show_values: bool,
    full: bool,
    detailed: bool,
) -> int:
    """Plan each environment, show all in one result. Returns the exit code."""
    folder = _folder(out) if out is not None else None
    shown: list[EnvironmentPlan] = []
    codes: list[int] = []
    project = project_id(request)
    unmanaged: list[str] = []
    for name, planned in make_plans(request, names, chosen, console.tell):
        if isinstance(planned, Exception):
            codes.append(say_failure(planned, console))
            shown.append(EnvironmentPlan(name, failure=_failure(planned, codes[-1]), project=project))
            continue
        show_diagnostics(console, planned.diagnostics)
        apply_it, whole = commands("apply", name), f"{commands('plan', name)} --full"
        if folder is not None:
            file = folder / f"{quote(name, safe='')}.plan"
            save_plan(planned.plan, file)
            apply_it, whole = (
                apply_command("apply", [str(file)], env=name),
                apply_command("show", [str(file), "--full"]),
            )
        elif planned.protected:
            apply_it = reviewed(planned.plan, commands("plan", name), apply_it)
        step = after_plan(planned.plan, apply_it)
        shown.append(environment_plan(planned.plan, output, saved=folder is not None, next_step=step, whole=whole))
        codes.append(2 if detailed and not planned.plan.empty else 0)
        unmanaged += [f"{name}: {text}" for text in planned.unmanaged]
    show_plans(console, shown, output, show_values=show_values, full=full, several=True)
    if output == "text":
        show_unmanaged(console, unmanaged)
    return worst(codes)


def worst(codes: Iterable[int]) -> int:
    """One exit code for all: that of the worst failure, else 2 where something is to do, else 0."""
    found = set(codes)
    return next((code for code in WORST_FIRST if code in found), max(found, default=0))


def _folder(path: Path) -> Path:
    if path.exists() and not path.is_dir():
        raise InvalidInput(
            f"--out {path}: several environments need a folder, and this is a file",
            hint="name a folder: it gets one plan file for each environment",
        )
    path.mkdir(parents=True, exist_ok=True)
    return path


def _failure(error: PoolAsCodeError | OSError, code: int) -> Failure:
    if isinstance(error, PoolAsCodeError):
        return Failure(error.message, error.hint, code, error.diagnostics)
    return Failure(error.strerror or type(error).__name__, exit_code=code)
