"""`pac plan`."""

from __future__ import annotations

from pathlib import Path

import click

from . import options as o
from .console import Console
from .next_step import after_plan, apply_command

HELP = """Compare manifests with a store and show what an apply would do. Nothing is written but the file of --out.

\b
Examples:
  pac plan --env prod --out release.plan --detailed-exitcode
  pac plan --prune --max-deletes user=12
"""


@click.command(help=HELP, short_help="Compare manifests with a store and show what would change.")
@o.paths
@o.where
@click.option("--out", type=o.FILE, metavar="FILE", help="Save the plan; `pac apply FILE` runs exactly this one.")
@o.output
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there is something to do.")
@o.prune
@o.targets
@o.guards
@o.show_values
@o.full
@click.option("--unmanaged", is_flag=True, help="List live objects that nobody declared.")
@o.always
@o.pass_console
def plan(
    console: Console,
    paths: tuple[str, ...],
    env: str | None,
    store: str | None,
    out: Path | None,
    output: str,
    detailed_exitcode: bool,
    prune: bool,
    targets: tuple[str, ...],
    allow: tuple[str, ...],
    max_deletes: tuple[str, ...],
    confirm: tuple[str, ...],
    show_values: bool,
    full: bool,
    unmanaged: bool,
) -> int:
    """The plan is the product; warnings about manifests are talk."""
    from ..app.planning import make_plan, save_plan
    from ..app.request import PlanOptions
    from .showing import show_diagnostics, show_plan, show_unmanaged

    chosen = PlanOptions(
        prune=prune,
        targets=targets,
        allow=allow,
        max_deletes=o.deletes_by_kind(max_deletes),
        confirm=confirm,
        unmanaged=unmanaged,
    )
    planned = make_plan(o.a_request(console, paths, env, store), chosen, console.tell)
    show_diagnostics(console, planned.diagnostics)
    if out is not None:
        save_plan(planned.plan, out)
        command = apply_command("apply", [str(out)], env=env, store=store)
    else:
        more = [
            *o.repeated("--allow", allow),
            *o.repeated("--max-deletes", max_deletes),
            *o.repeated("--confirm", confirm),
        ]
        command = apply_command("apply", paths, env=env, store=store, prune=prune, targets=targets, more=more)
    next_step = after_plan(planned.plan, command)
    saved = out is not None
    show_plan(console, planned.plan, output, show_values=show_values, full=full, saved=saved, next_step=next_step)
    if unmanaged and output == "text":
        show_unmanaged(console, planned.unmanaged)
    return 2 if detailed_exitcode and not planned.plan.empty else 0
