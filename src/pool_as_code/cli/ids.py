"""`pac ids`."""

from __future__ import annotations

import click

from . import options as o
from .console import Console

HELP = """Print the real ids of what this project owns, for example the Identity Pool ID that the service's console and API ask
for.

\b
Examples:
  pac ids --env prod
  pac ids --fields
"""


@click.command(help=HELP, short_help="Print the real ids of declared objects.")
@o.where
@o.output
@click.option("--fields", is_flag=True, help="Say how many of its fields are managed, too.")
@o.always
@o.pass_console
def ids(console: Console, env: str | None, store: str | None, output: str, fields: bool) -> int:
    """Address and id, a line each."""
    from ..app.asking import extents
    from ..app.asking import ids as ask_ids
    from ..render.json import extents_json, ids_json, json_text
    from ..render.table import table_text

    request = o.a_request(console, (), env, store)
    titles: tuple[str, ...] = ("ADDRESS", "ID")
    if fields:
        owned = extents(request, console.tell)
        titles = (*titles, "FIELDS")
        rows: list[tuple[str, ...]] = [
            (str(address), id, f"{extent.declared} of {extent.settable}") for address, id, extent in owned
        ]
        form = extents_json(owned) if output == "json" else {}
    else:
        found = ask_ids(request, console.tell)
        rows = [(str(address), id) for address, id in found]
        form = ids_json(found) if output == "json" else {}
    if output == "json":
        console.write(json_text(form))
    elif rows:
        console.write(table_text(titles, rows))
    else:
        console.tell("nothing is owned here yet; pac apply creates it")
    return 0
