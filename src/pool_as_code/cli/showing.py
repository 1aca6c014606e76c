"""Writing what several commands write: a plan, warnings, unmanaged objects, the outcomes and the end of an apply."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..core.diagnostics import Diagnostic
from ..core.errors import Refused
from ..plan.model import Plan
from ..render.escape import escape
from ..render.report import OutcomeLike, OutcomeLines, ReportLike, report_text
from .console import Console
from .next_step import lifted

if TYPE_CHECKING:
    from ..render.environments import EnvironmentPlan


def show_diagnostics(console: Console, items: Sequence[Diagnostic]) -> None:
    """Warnings beside the product."""
    if items:
        from ..render.diagnostics import diagnostics_text, no_pointing
        from .source_lines import SourceLines

        pointing = SourceLines() if console.people_listen else no_pointing
        console.talk(diagnostics_text(items, pointing, console.talk_palette))


DIGEST_UP_TO = 1000  # changes; for more it takes time that only a plan that is saved or published has to spend


def show_plan(
    console: Console,
    plan: Plan,
    output: str,
    *,
    show_values: bool = False,
    full: bool = False,
    saved: bool = False,
    next_step: str = "",
    whole: str = "",
) -> None:
    """A plan on standard output, in one of its forms. `whole` is the command that shows all of it."""
    shown = environment_plan(plan, output, saved=saved, next_step=next_step, whole=whole)
    show_plans(console, [shown], output, show_values=show_values, full=full)


def environment_plan(plan: Plan, output: str, *, saved: bool, next_step: str, whole: str) -> EnvironmentPlan:
    """A plan to be shown. The text of a saved plan has its digest, and that of a small one; Markdown always has it."""
    from ..render.environments import EnvironmentPlan

    digest = plan.digest if saved or output == "markdown" or len(plan.changes) <= DIGEST_UP_TO else ""
    return EnvironmentPlan(plan.target.environment, plan, next_step=next_step, whole=whole, digest=digest)


def show_plans(
    console: Console,
    plans: Sequence[EnvironmentPlan],
    output: str,
    *,
    show_values: bool,
    full: bool,
    several: bool = False,
) -> None:
    """Plans on standard output, in one of their forms."""
    from ..render.outputs import Look, render

    console.write(render(output, plans, Look(console.palette, show_values, full, several)))


def show_unmanaged(console: Console, unmanaged: Iterable[str]) -> None:
    """Live objects that nobody declared, one a line."""
    listed = list(unmanaged)
    if listed:
        console.write("\nUnmanaged:\n" + "".join(f"  {escape(text)}\n" for text in listed))


def shower(console: Console, *, show_values: bool, full: bool) -> Callable[[Plan], None]:
    """What shows a plan that is refused because nobody has reviewed it."""

    def show(plan: Plan) -> None:
        show_plan(console, plan, "text", show_values=show_values, full=full, saved=True)

    return show


def asker(
    console: Console, *, yes: bool, question: str, again: str, show_values: bool, full: bool
) -> Callable[[Plan], bool]:
    """What an apply asks before its first write: shows the plan, then wants a yes from a person or from `--yes`."""

    def ask(plan: Plan) -> bool:
        show_plan(console, plan, "text", show_values=show_values, full=full)
        if yes:
            return True
        if not console.interactive:
            raise Refused("not applied: there is nobody to ask", hint=again)
        return console.confirm(question)

    return ask


@contextmanager
def ways_on(command: str) -> Iterator[None]:
    """Adds the one command that lifts everything to a refusal that names a way on for each of its reasons."""
    try:
        yield
    except Refused as error:
        error.hint = error.hint or lifted(command, (item.hint for item in error.diagnostics))
        raise


def outcome_writer(console: Console) -> tuple[Callable[[OutcomeLike], None], OutcomeLines]:
    """Writes each outcome as it comes; the lines object knows at the end what was only counted."""
    lines = OutcomeLines(console.palette)

    def write(outcome: OutcomeLike) -> None:
        for line in lines.lines(outcome):
            console.write(line + "\n")

    return write, lines


def show_report(console: Console, report: ReportLike, lines: OutcomeLines) -> None:
    """The end of an apply."""
    for line in lines.rest():
        console.write(line + "\n")
    console.write(report_text(report))


def stop_writer(console: Console, lines: OutcomeLines) -> Callable[[ReportLike], None]:
    """Writes the end of an apply that somebody stopped, before the error is told."""

    def write(report: ReportLike) -> None:
        show_report(console, report, lines)
        console.if_interrupted = "run the same command again, it goes on from there"

    return write
