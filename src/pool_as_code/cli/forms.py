"""Options of the commands that show plans: in which form, and where to."""

from __future__ import annotations

from pathlib import Path

import click

FORMS = ("text", "json", "markdown")

form = click.option(
    "--output",
    type=click.Choice(FORMS),
    default="text",
    show_default=True,
    help="Form of the result on standard output.",
)
out = click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Save the plan; `pac apply FILE` runs exactly this one.",
)
