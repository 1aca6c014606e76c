"""`pac pull`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from . import completing
from . import options as o
from .console import Console

HELP = """Write manifests from what is live in a store or in a dump: all of it, or the objects of these addresses (globs). Without
--into the manifests go to standard output. A plan of them changes no field; unowned objects are taken over.

\b
Examples:
  pac pull --store dump:identity.yaml --into manifests
  pac pull pool/customers 'group/customers/*'
"""


@click.command(help=HELP, short_help="Write manifests from what is live.")
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...", shell_complete=completing.addresses)
@o.where
@click.option("--into", type=o.FOLDER, metavar="DIR", help="Folder to write the manifests into.")
@click.option("--force", is_flag=True, help="Replace files that are there and differ.")
@o.always
@o.pass_console
def pull(
    console: Console, addresses: tuple[str, ...], env: str | None, store: str | None, into: Path | None, force: bool
) -> int:
    """Files, or one stream of YAML documents."""
    from ..app.pulling import pull as pull_manifests
    from ..app.pulling import write_pulled
    from ..render.escape import escape

    files = pull_manifests(o.a_request(console, (), env, store), addresses, console.tell)
    if into is None:
        console.write("---\n".join(f"# {escape(path)}\n{text}" for path, text in files.items()))
        return 0
    written = write_pulled(files, into, force)
    for path in written:
        console.write(f"{escape(str(path))}\n")
    same = len(files) - len(written)
    console.tell(f"{len(written):,} written" + (f", {same:,} unchanged" if same else ""))
    console.tell(f"next: pac validate {shlex.quote(str(into))}")
    return 0
