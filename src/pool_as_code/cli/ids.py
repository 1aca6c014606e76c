"""`pac ids`."""

from __future__ import annotations

import click

from . import options as o
from .console import Console

HELP = """Print the real ids of what this project owns, for example the Identity Pool ID that the service's console and API ask
for.

\b
Example:
  pac ids --env prod
"""


@click.command(help=HELP, short_help="Print the real ids of declared objects.")
@o.where
@o.output
@o.always
@o.pass_console
def ids(console: Console, env: str | None, store: str | None, output: str) -> int:
    """Address and id, a line each."""
    from ..app.asking import ids as ask_ids
    from ..render.json import ids_json, json_text
    from ..render.table import table_text

    found = ask_ids(o.a_request(console, (), env, store), console.tell)
    if output == "json":
        console.write(json_text(ids_json(found)))
    elif found:
        console.write(table_text(("ADDRESS", "ID"), ((str(address), id) for address, id in found)))
    else:
        console.tell("nothing is owned here yet; pac apply creates it")
    return 0
