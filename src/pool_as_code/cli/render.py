"""`pac render`."""

from __future__ import annotations

import click

from . import completing
from . import options as o
from .console import Console

HELP = """Print the documents of an environment as they are compared with its store, after all layers: each value with the file and
line where it is written. ADDRESS is an address or a glob. No store is met; secrets are not resolved, and hashes not shown.

With --base REF: what the working tree changes in these documents against a branch, tag or commit.

\b
Examples:
  pac render pool/customers --env prod
  pac render --env prod --base main
"""


@click.command(help=HELP, short_help="Print effective documents and where their values are written.")
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...", shell_complete=completing.addresses)
@o.env
@o.selector
@o.variables
@o.base
@click.option("--no-origins", is_flag=True, help="Leave out where values are written.")
@click.option(
    "--output", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True, help="Form of the documents."
)
@o.show_values
@o.always
@o.pass_console
def render(
    console: Console,
    addresses: tuple[str, ...],
    env: str | None,
    selector: tuple[str, ...],
    no_origins: bool,
    output: str,
    show_values: bool,
) -> int:
    """Documents, or what a branch changes in them."""
    from ..app.rendering import changed, effective
    from ..render import effective as text
    from ..render.json import json_text
    from .showing import show_diagnostics

    request = o.a_request(console, (), env)
    if request.base:
        changes = changed(request, addresses, selector, show_values=show_values)
        if output == "json":
            console.write(json_text(text.changes_json(changes, request.base)))
        else:
            console.write(text.changes_text(changes, request.base, palette=console.palette))
        return 0
    found = effective(request, addresses, selector, origins=not no_origins)
    show_diagnostics(console, found.diagnostics)
    if output == "json":
        console.write(json_text(text.documents_json(found.documents)))
    else:
        console.write(text.documents_text(found.documents))
    return 0
