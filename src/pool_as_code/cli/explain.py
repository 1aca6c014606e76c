"""`pac explain`."""

from __future__ import annotations

import click

from . import completing
from . import options as o
from .console import Console

HELP = """Say what a WORD means: a kind, a field, the code of a message or finding, a lint rule. The service's words and words with
a typo lead there, too. Of a field: its type, default, what null does, what weakens security, and a manifest that validates.

\b
Examples:
  pac explain IdentityPool.passwordPolicy.minLength
  pac explain password_policy.min_length
  pac explain PAC203
"""


@click.command(help=HELP, short_help="Say what a field, a kind or a code means.")
@click.argument("words", nargs=-1, required=True, metavar="WORD...", shell_complete=completing.explained)
@o.output
@o.always
@o.pass_console
def explain(console: Console, words: tuple[str, ...], output: str) -> int:
    """Each word in turn."""
    from ..app.explaining import explain as explained
    from ..render.explain import topics_json, topics_text

    found = [topic for word in words for topic in explained(word)]
    if output == "json":
        from ..render.json import json_text

        console.write(json_text(topics_json(found)))
    else:
        console.write(topics_text(found, console.palette))
    return 0
