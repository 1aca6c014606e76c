"""`pac apply`."""

from __future__ import annotations

from pathlib import Path

import click

from ..core.errors import InvalidInput
from . import options as o
from .console import Console
from .next_step import apply_command

HELP = """Make the store what the manifests say: the plan is shown, confirmed and carried out. A saved plan is applied exactly
as it is: give its file as PATH or with --plan.

Run again after a crash, it goes on where it stopped. Without --no-transaction a store that can does all or nothing.

\b
Examples:
  pac apply --env dev
  pac apply release.plan --env prod --yes --expect 5e1f...
"""
IF_INTERRUPTED = "what was written is in `pac history`; run the same command again, it goes on from there"


@click.command(help=HELP, short_help="Make the store what the manifests say.")
@o.paths
@click.option("--plan", "plan_file", type=o.FILE, metavar="FILE", help="Apply this saved plan.")
@o.where
@o.yes
@o.expect
@o.prune
@o.targets
@o.selector
@o.variables
@o.base
@o.guards
@o.transaction
@o.report
@o.audit_dir
@o.secrets_dir
@o.show_values
@o.full
@o.always
@o.pass_console
def apply(
    console: Console,
    paths: tuple[str, ...],
    plan_file: Path | None,
    env: str | None,
    store: str | None,
    yes: bool,
    expect: str,
    prune: bool,
    targets: tuple[str, ...],
    selector: tuple[str, ...],
    allow: tuple[str, ...],
    max_deletes: tuple[str, ...],
    confirm: tuple[str, ...],
    no_transaction: bool,
    report: Path | None,
    secrets_dir: Path | None,
    show_values: bool,
    full: bool,
) -> int:
    """Shows the plan, asks, applies, says what is live now."""
    from ..app.applying import apply as apply_plan
    from ..app.planning import read_plan
    from ..app.request import ApplyOptions
    from .showing import asker, outcome_writer, show_report, shower, stop_writer, ways_on

    if plan_file is None and len(paths) == 1 and is_plan_file(Path(paths[0])):
        plan_file, paths = Path(paths[0]), ()
    guards = [
        *o.repeated("--allow", allow),
        *o.repeated("--max-deletes", max_deletes),
        *o.repeated("--confirm", confirm),
        *o.repeated("--selector", selector),
        *o.variables_again(console),
    ]
    saved = None
    if plan_file is not None:
        _refuse_choices(plan_file, [*paths, *(["--prune"] if prune else []), *o.repeated("--target", targets), *guards])
        saved = read_plan(plan_file)
    chosen = ApplyOptions(
        prune=prune,
        targets=targets,
        selector=selector,
        allow=allow,
        max_deletes=o.deletes_by_kind(max_deletes),
        confirm=confirm,
        transaction=not no_transaction,
        expect=expect,
        report=report,
    )
    files = [str(plan_file)] if plan_file is not None else paths
    again = apply_command("apply", files, env=env, store=store, prune=prune, targets=targets, more=[*guards, "--yes"])
    ask = asker(console, yes=yes, question="Apply this plan?", again=again, show_values=show_values, full=full)
    write, lines = outcome_writer(console)
    console.if_interrupted = IF_INTERRUPTED
    request = o.a_request(console, paths, env, store, secrets_dir)
    show = shower(console, show_values=show_values, full=full)
    stopped = stop_writer(console, lines)
    with ways_on(again):
        done = apply_plan(
            request, chosen, plan=saved, ask=ask, tell=console.tell, show=show, on_outcome=write, on_stop=stopped
        )
    show_report(console, done, lines)
    return done.exit_code


def is_plan_file(path: Path) -> bool:
    """Whether a file is a saved plan: a JSON map with `format_version`, which no manifest has."""
    from ..core.values import as_map, parse_json

    try:
        with path.open("rb") as file:
            head = file.read(1)
            if head != b"{":
                return False
            text = head + file.read()
    except OSError:
        return False
    if b'"format_version"' not in text:
        return False
    try:
        return "format_version" in as_map(parse_json(text))
    except ValueError:  # cut off or damaged: reading it as a plan says so best
        return True


def _refuse_choices(plan_file: Path, given: list[str]) -> None:
    """A saved plan has its choices in it."""
    if given:
        raise InvalidInput(
            f"a saved plan is applied as it is; {' '.join(given)} can not change it",
            hint=f"pac plan {' '.join(given)} --out {plan_file}, then apply that",
        )
