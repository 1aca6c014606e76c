"""`pac destroy`."""

from __future__ import annotations

from pathlib import Path

import click

from . import options as o
from .apply import IF_INTERRUPTED
from .console import Console
from .next_step import apply_command

HELP = """Delete everything this project created in one environment. Adopted objects are released, not deleted; what others own
stays. The guards of deletion apply.

\b
Example:
  pac destroy --env dev --max-deletes pool=1 --confirm pool/customers
"""


@click.command(help=HELP, short_help="Delete what this project created.")
@o.where
@o.yes
@o.expect
@o.guards
@o.transaction
@o.report
@o.audit_dir
@o.show_values
@o.full
@o.always
@o.pass_console
def destroy(
    console: Console,
    env: str | None,
    store: str | None,
    yes: bool,
    expect: str,
    allow: tuple[str, ...],
    max_deletes: tuple[str, ...],
    confirm: tuple[str, ...],
    no_transaction: bool,
    report: Path | None,
    show_values: bool,
    full: bool,
) -> int:
    """An apply whose desired state is empty."""
    from ..app.applying import apply as apply_plan
    from ..app.request import ApplyOptions
    from .showing import asker, outcome_writer, show_report, shower, stop_writer, ways_on

    chosen = ApplyOptions(
        destroy=True,
        allow=allow,
        max_deletes=o.deletes_by_kind(max_deletes),
        confirm=confirm,
        transaction=not no_transaction,
        expect=expect,
        report=report,
    )
    guards = [
        *o.repeated("--allow", allow),
        *o.repeated("--max-deletes", max_deletes),
        *o.repeated("--confirm", confirm),
        *o.variables_again(console),
    ]
    again = apply_command("destroy", env=env, store=store, more=[*guards, "--yes"])
    ask = asker(console, yes=yes, question="Delete all of this?", again=again, show_values=show_values, full=full)
    write, lines = outcome_writer(console)
    console.if_interrupted = IF_INTERRUPTED
    request = o.a_request(console, (), env, store)
    show = shower(console, show_values=show_values, full=full)
    stopped = stop_writer(console, lines)
    with ways_on(again):
        done = apply_plan(request, chosen, ask=ask, tell=console.tell, show=show, on_outcome=write, on_stop=stopped)
    show_report(console, done, lines)
    return done.exit_code
