"""`pac drift`."""

from __future__ import annotations

import click

from . import options as o
from .console import Console

HELP = """Show managed fields and owned objects whose live value is not the declared one, and who moved. Exit 2 when there is
any; what people own and changed is told and is none.

\b
Example:
  pac drift --env prod --output json
"""


@click.command(help=HELP, short_help="Show what differs live from what is declared.")
@o.paths
@o.where
@o.variables
@o.output
@o.show_values
@o.full
@o.always
@o.pass_console
def drift(
    console: Console,
    paths: tuple[str, ...],
    env: str | None,
    store: str | None,
    output: str,
    show_values: bool,
    full: bool,
) -> int:
    """Reads only."""
    from ..app.drifting import find_drift
    from ..render.drift import drift_text
    from ..render.json import drift_json, json_text

    found = find_drift(o.a_request(console, paths, env, store), console.tell)
    if output == "json":
        console.write(json_text(drift_json(found)))
    else:
        console.write(drift_text(found, palette=console.palette, show_values=show_values, full=full))
    return 2 if found.drifted else 0
