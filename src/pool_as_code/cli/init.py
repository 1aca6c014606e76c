"""`pac init`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from . import options as o
from .console import Console

HELP = """Write a starter project into DIR (this folder without one): a project file with a random id, commented manifests of a
pool, a schema, a group and a user, JSON Schemas for editors. It asks nothing, and overwrites nothing; it validates, plans and
applies as it is.

\b
Example:
  pac init shop
"""


@click.command(help=HELP, short_help="Write a commented starter project.")
@click.argument("folder", required=False, default=Path(), type=o.FOLDER, metavar="[DIR]")
@o.always
@o.pass_console
def init(console: Console, folder: Path) -> int:
    """The paths that were written, one a line."""
    from ..app.starter import start_project
    from ..render.escape import escape

    started = start_project(folder)
    for path in started.written:
        console.write(f"{escape(str(folder / path))}\n")
    if started.ignore:
        console.tell(f"add this line to {folder / '.gitignore'}: {started.ignore}")
    there = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    console.tell(f"next: {there}pac validate && pac plan && pac apply")
    return 0
