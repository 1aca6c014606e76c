"""`pac load`."""

from __future__ import annotations

import click

from . import options as o
from .console import Console

HELP = """Load an identity dump into an own directory as it is, owned by nobody: ids, states and password hashes stay. DUMP is a
file or a folder. All of it is loaded or nothing; what is there already and is equal stays.

\b
Example:
  pac load identity.yaml --store sqlite:///copy.db
"""


@click.command(help=HELP, short_help="Load an identity dump into an own directory.")
@click.argument("dump")
@o.where
@o.always
@o.pass_console
def load(console: Console, dump: str, env: str | None, store: str | None) -> int:
    """Says what was loaded."""
    from ..app.loading import load_dump
    from ..render.words import counted_kinds
    from .next_step import apply_command
    from .showing import show_diagnostics

    console.if_interrupted = "nothing was kept; run the same command again"
    loaded = load_dump(o.a_request(console, (), env, store), dump, console.tell)
    show_diagnostics(console, loaded.diagnostics)
    console.write(f"Loaded: {counted_kinds(loaded.counts) or 'nothing'}\n")
    if loaded.unchanged:
        console.write(f"There already: {counted_kinds(loaded.unchanged)}\n")
    console.write(f"Next: {apply_command('pull', env=env, store=store, more=['--into', 'manifests'])}\n")
    return 0
