"""`pac validate`."""

from __future__ import annotations

import click

from ..core.diagnostics import Severity, has_errors
from ..core.errors import InvalidInput, PoolAsCodeError
from .console import Console
from .options import a_request, always, env, output, pass_console, paths

HELP = """Check manifests: all that can be known without a store or a network.

PATH is a folder, a file or - for standard input; without one the project is searched from here upwards. Without --env every
environment is checked. All problems of all files are told at once.

\b
Example:
  pac validate manifests/ --env prod --output json
"""


@click.command(help=HELP, short_help="Check manifests; needs no store.")
@paths
@env
@output
@always
@pass_console
def validate(console: Console, paths: tuple[str, ...], env: str | None, output: str) -> int:
    """Diagnostics are the product here, so they go to standard output."""
    from ..app.validating import validate as validate_manifests

    try:
        found = validate_manifests(a_request(console, paths, env))
    except InvalidInput as error:
        if output == "json":
            _write_json(console, error)
            return error.exit_code
        raise
    wrong = has_errors(found.diagnostics)
    if output == "json":
        from ..render.json import diagnostics_json, json_text

        result = diagnostics_json(found.diagnostics)
        result |= {"documents": dict(found.documents), "files": found.files, "environments": list(found.environments)}
        console.write(json_text(result))
        return int(wrong)
    from ..render.diagnostics import diagnostics_text

    console.write(diagnostics_text(found.diagnostics))
    errors = sum(item.severity is Severity.ERROR for item in found.diagnostics)
    documents_text = ", ".join(f"{number:,} {kind}" for kind, number in found.documents.items()) or "no documents"
    where = f"in {found.files:,} file{'' if found.files == 1 else 's'} (environments: {', '.join(found.environments)})"
    if wrong:
        console.tell(f"error: {errors:,} error{'' if errors == 1 else 's'} {where}")
        return 1
    console.write(f"Valid: {documents_text} {where}\n")
    return 0


def _write_json(console: Console, error: PoolAsCodeError) -> None:
    from ..core.diagnostics import Diagnostic
    from ..render.json import diagnostics_json, json_text

    items = error.diagnostics or (Diagnostic("", error.message, hint=error.hint),)
    console.write(json_text({**diagnostics_json(items), "valid": False}))
