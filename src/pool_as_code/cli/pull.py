"""`pac pull`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from ..core.errors import InvalidInput
from . import completing
from . import options as o
from .console import Console

HELP = """Write manifests from what is live in a store or in a dump: all of it, or the objects of these addresses (globs). Without
--into the manifests go to standard output. A plan of them changes no field; unowned objects are taken over.

With --only the manifests hold these fields and nothing else, so that the rest stays as it is. With --bind the ids go into the
bindings of the environment in the project file, and the manifests hold none.

\b
Examples:
  pac pull --store dump:identity.yaml --into manifests
  pac pull pool/customers 'group/customers/*'
  pac pull 'pool/*' --only passwordPolicy,signIn --bind --into manifests
"""


@click.command(help=HELP, short_help="Write manifests from what is live.")
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...", shell_complete=completing.addresses)
@o.where
@click.option("--into", type=o.FOLDER, metavar="DIR", help="Folder to write the manifests into.")
@click.option("--only", multiple=True, metavar="SECTION", help="Only these fields; separated by commas, or repeated.")
@click.option("--bind", is_flag=True, help="Write ids into the environment's bindings, not into the manifests.")
@click.option("--force", is_flag=True, help="Replace files that are there and differ.")
@o.always
@o.pass_console
def pull(
    console: Console,
    addresses: tuple[str, ...],
    env: str | None,
    store: str | None,
    into: Path | None,
    only: tuple[str, ...],
    bind: bool,
    force: bool,
) -> int:
    """Files, or one stream of YAML documents."""
    from ..app.pulling import PullOptions, pull_with, write_all
    from ..render.escape import escape

    if bind and into is None:
        raise InvalidInput("--bind writes the project file, so the manifests need a folder, too", hint="add --into DIR")
    sections = tuple(name.strip() for text in only for name in text.split(","))
    pulled = pull_with(o.a_request(console, (), env, store), PullOptions(addresses, sections, bind, into), console.tell)
    if into is None:
        console.write("---\n".join(f"# {escape(path)}\n{text}" for path, text in pulled.files.items()))
        return 0
    written = write_all(pulled, into, force)
    for path in written:
        console.write(f"{escape(_shown(path))}\n")
    same = len(pulled.files) + bool(pulled.project_file) - len(written)
    console.tell(f"{len(written):,} written" + (f", {same:,} unchanged" if same else ""))
    if pulled.bindings:
        console.tell(f"{len(pulled.bindings):,} new binding{'' if len(pulled.bindings) == 1 else 's'}")
    console.tell(f"next: pac validate {shlex.quote(str(into))}")
    return 0


def _shown(path: Path) -> str:
    """A path as people typed it, or from the current folder."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
