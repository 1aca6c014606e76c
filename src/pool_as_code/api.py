"""The tool as a library: a project that is planned, applied and pulled from Python. A thin face over the use-cases of `app`; it
prints nothing and asks nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .app.request import ApplyOptions, PlanOptions, Request, Tell

if TYPE_CHECKING:
    from .app.linting import Linting
    from .app.validating import Validation
    from .apply.report import ChangeOutcome, Report
    from .plan.model import Plan


def load(
    *paths: str | Path,
    env: str | None = None,
    store: str | None = None,
    cwd: str | Path = ".",
    environ: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
    base: str = "",
    tell: Tell = lambda line: None,
) -> Project:
    """The project of these folders or files, or the one found from `cwd` upwards. Nothing is read before it is asked for.
    `variables` are values of the project's variables, as texts. `base` is the commit that guards are compared with. `tell` gets
    the lines that the command line writes to standard error."""
    environ = dict(os.environ) if environ is None else environ
    said = dict(variables or {})
    request = Request(tuple(map(str, paths)), env, store, Path(cwd).resolve(), environ, variables=said, base=base)
    return Project(request, tell)


@dataclass(frozen=True)
class Project:
    """Manifests in one environment, and the store they are for. Every method raises a PoolAsCodeError, with diagnostics,
    when it can not do what it says."""

    request: Request
    tell: Tell = lambda line: None

    def validate(self) -> Validation:
        """What is wrong in the manifests. Needs no store; raises nothing for what is wrong in them."""
        from .app.validating import validate

        return validate(self.request)

    def lint(self) -> Linting:
        """What the rules say about the manifests, with the project's configuration and waivers. Needs no store."""
        from .app.linting import lint

        return lint(self.request)

    def plan(self, options: PlanOptions | None = None) -> Plan:
        """What an apply would do. Writes nothing."""
        from .app.planning import make_plan

        return make_plan(self.request, options or PlanOptions(), self.tell).plan

    def apply(
        self,
        plan: Plan | None = None,
        options: ApplyOptions | None = None,
        *,
        ask: Callable[[Plan], bool] = lambda plan: True,
        on_outcome: Callable[[ChangeOutcome], None] = lambda outcome: None,
    ) -> Report:
        """Carry out exactly this plan, or a fresh one. `ask` sees it before the first write and may say no."""
        from .app.applying import apply

        options = options or ApplyOptions()
        return apply(self.request, options, plan=plan, ask=ask, tell=self.tell, on_outcome=on_outcome)

    def pull(self, *addresses: str) -> dict[str, str]:
        """Relative path -> text of manifests for what is live: all of it, or what these globs of addresses match."""
        from .app.pulling import pull

        return pull(self.request, addresses, self.tell)
