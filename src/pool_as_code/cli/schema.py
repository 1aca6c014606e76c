"""`pac schema`."""

from __future__ import annotations

import click

from ..core.errors import InvalidInput
from . import completing
from . import options as o
from .console import Console

HELP = """Print the JSON Schema (draft-07) of manifests, of one KIND, or of the Project file, for editors and for checks elsewhere.

\b
Example:
  pac schema > .schemas/pool-as-code.schema.json
  pac schema Project > .schemas/project.schema.json
"""


@click.command(help=HELP, short_help="Print the JSON Schema of manifests.")
@click.argument("kind", required=False, metavar="[KIND]", shell_complete=completing.schema_kinds)
@o.always
@o.pass_console
def schema(console: Console, kind: str | None) -> int:
    """The same text as the files below `schemas/`."""
    from ..manifest.jsonschema import manifest_schema, schema_named, schema_text, schema_words

    words = schema_words()
    if kind is not None and kind not in words:
        from ..resources.suggest import nearest

        near = nearest(kind, words)
        hint = f"did you mean pac schema {near}?" if near else f"kinds: {', '.join(dict.fromkeys(words.values()))}"
        raise InvalidInput(f"there is no kind {kind!r}", hint=hint)
    console.write(schema_text(manifest_schema() if kind is None else schema_named(kind)))
    return 0
