"""`pac history` and `pac unlock`: what happened in a store, and the lease of an apply that died."""

from __future__ import annotations

import click

from . import options as o
from .console import Console

HISTORY = """Show the last applies of a store: when, by whom, how they ended. With RUN (the beginning of its id is enough) one of
them with every change.

\b
Example:
  pac history 3f9c --env prod
"""
UNLOCK = """Free a store whose apply died and left its lease. Nothing else is changed: run the apply again, it goes on where it
stopped. Make sure that it really died.

\b
Example:
  pac unlock --env prod --yes
"""


@click.command(help=HISTORY, short_help="Show what was applied, when and by whom.")
@click.argument("run", required=False)
@o.where
@o.output
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many runs.")
@o.audit_dir
@o.always
@o.pass_console
def history(console: Console, run: str | None, env: str | None, store: str | None, output: str, limit: int) -> int:
    """The store's own record."""
    from ..app.asking import history as ask_history
    from ..app.asking import run_of
    from ..render.history import history_text, run_text
    from ..render.json import json_text, run_json

    request = o.a_request(console, (), env, store)
    if run is not None:
        one = run_of(request, run, console.tell)
        console.write(json_text(run_json(one)) if output == "json" else run_text(one))
        return 0
    runs = ask_history(request, console.tell, limit)
    console.write(json_text({"runs": [run_json(one) for one in runs]}) if output == "json" else history_text(runs))
    return 0


@click.command(help=UNLOCK, short_help="Free a store from an apply that died.")
@o.where
@o.yes
@o.audit_dir
@o.always
@o.pass_console
def unlock(console: Console, env: str | None, store: str | None, yes: bool) -> int:
    """Takes the lease away."""
    from ..app.asking import unlock as free_store
    from ..core.errors import Refused
    from .next_step import apply_command

    if not yes:
        if not console.interactive:
            again = apply_command("unlock", env=env, store=store, more=["--yes"])
            raise Refused("not unlocked: there is nobody to ask", hint=again)
        if not console.confirm("Is the apply that holds the store really dead?"):
            raise Refused("not unlocked: it was not confirmed")
    freed = free_store(o.a_request(console, (), env, store), console.tell)
    if freed is None:
        console.write("Nobody holds this store.\n")
    else:
        from ..render.escape import escape

        console.write(f"Freed from run {escape(freed.id)} of {escape(freed.actor or 'somebody unknown')}, ")
        console.write(f"begun {escape(freed.started_at)}.\nNext: {apply_command('apply', env=env, store=store)}\n")
    return 0
