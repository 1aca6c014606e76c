"""`pac plan`."""

from __future__ import annotations

from pathlib import Path

import click

from ..core.errors import InvalidInput
from . import forms
from . import options as o
from .console import Console
from .next_step import after_plan, apply_command, reviewed

HELP = """Compare manifests with a store and show what an apply would do. Nothing is written but the file of --out.

Several environments (--env dev,prod) give one result, and --out names a folder.

\b
Examples:
  pac plan --env prod --out release.plan --detailed-exitcode
  pac plan --env dev,stage,prod --output markdown
  pac plan --prune --max-deletes user=12
"""


@click.command(help=HELP, short_help="Compare manifests with a store and show what would change.")
@o.paths
@o.where
@forms.out
@forms.form
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there is something to do.")
@o.prune
@o.targets
@o.selector
@o.variables
@o.base
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
    selector: tuple[str, ...],
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
        selector=selector,
        allow=allow,
        max_deletes=o.deletes_by_kind(max_deletes),
        confirm=confirm,
        unmanaged=unmanaged,
    )
    request = o.a_request(console, paths, env, store)
    more = [
        *o.repeated("--allow", allow),
        *o.repeated("--max-deletes", max_deletes),
        *o.repeated("--confirm", confirm),
        *o.repeated("--selector", selector),
        *o.variables_again(console),
    ]

    def command(verb: str, environment: str | None) -> str:
        return apply_command(verb, paths, env=environment, store=store, prune=prune, targets=targets, more=more)

    if env is not None and "," in env:
        from ..app.several import environment_names
        from .several import plan_several

        return plan_several(
            console,
            request,
            environment_names(env),
            chosen,
            command,
            out=out,
            output=output,
            show_values=show_values,
            full=full,
            detailed=detailed_exitcode,
        )
    _refuse_folder(out)
    planned = make_plan(request, chosen, console.tell)
    show_diagnostics(console, planned.diagnostics)
    next_command, whole = command("apply", env), f"{command('plan', env)} --full"
    if out is not None:
        save_plan(planned.plan, out)
        next_command = apply_command("apply", [str(out)], env=env, store=store)
        whole = apply_command("show", [str(out), "--full"])
    elif planned.protected:
        next_command = reviewed(planned.plan, command("plan", env), next_command)
    next_step = after_plan(planned.plan, next_command)
    show_plan(
        console,
        planned.plan,
        output,
        show_values=show_values,
        full=full,
        saved=out is not None,
        next_step=next_step,
        whole=whole,
    )
    if unmanaged and output == "text":
        show_unmanaged(console, planned.unmanaged)
    return 2 if detailed_exitcode and not planned.plan.empty else 0


def _refuse_folder(out: Path | None) -> None:
    if out is not None and out.is_dir():
        raise InvalidInput(f"--out {out} is a folder", hint="name a file; a folder is for several environments")
