"""`pac show`."""

from __future__ import annotations

from pathlib import Path

import click

from . import forms
from . import options as o
from .console import Console
from .next_step import after_plan, apply_command

HELP = """Show a saved plan again, without a store and without manifests.

\b
Example:
  pac show release.plan --output json
"""


@click.command(help=HELP, short_help="Show a saved plan again.")
@click.argument("planfile", type=o.FILE)
@forms.form
@o.show_values
@o.full
@o.always
@o.pass_console
def show(console: Console, planfile: Path, output: str, show_values: bool, full: bool) -> int:
    """A plan is a sheet of paper: reading it needs nothing else."""
    from ..app.planning import read_plan
    from .showing import show_plan

    plan = read_plan(planfile)
    next_step = after_plan(plan, apply_command("apply", [str(planfile)]))
    whole = apply_command("show", [str(planfile), "--full"])
    show_plan(console, plan, output, show_values=show_values, full=full, saved=True, next_step=next_step, whole=whole)
    return 0
