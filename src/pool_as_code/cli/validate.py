"""`pac validate`."""

from __future__ import annotations

from pathlib import Path

import click

from ..core.diagnostics import Diagnostic, Severity, has_errors
from ..core.errors import InvalidInput
from ..render.messages import Message, Messages
from .console import Console
from .messages import message_output, show_messages, show_refusal, show_summary, top_of
from .options import a_request, allow, always, base, env, pass_console, paths, variables

HELP = """Check manifests: all that can be known without a store or a network.

PATH is a folder, a file or - for standard input; without one the project is searched from here upwards. Without --env every
environment is checked. All problems of all files are told at once.

With --base REF: what is looser than at that branch, tag or commit comes first; exit 4 where it blocks.

\b
Examples:
  pac validate manifests/ --env prod --output json
  pac validate --base origin/main
"""


@click.command(help=HELP, short_help="Check manifests; needs no store.")
@paths
@env
@variables
@base
@allow
@message_output
@always
@pass_console
def validate(console: Console, paths: tuple[str, ...], env: str | None, allow: tuple[str, ...], output: str) -> int:
    """Diagnostics are the product here, so they go to standard output."""
    from ..app.validating import validate as validate_manifests

    try:
        if allow:
            from ..app.planning import check_options
            from ..app.request import PlanOptions

            check_options(PlanOptions(allow=allow))
        found = validate_manifests(a_request(console, paths, env), allow)
    except InvalidInput as error:
        return show_refusal(console, output, "validate", error)
    wrong = has_errors(found.diagnostics)
    guards: list[Diagnostic] = []
    if found.guards:
        from ..app.guarding import as_diagnostics

        guards = as_diagnostics(found.guards)
    cwd = Path.cwd()
    messages = Messages(
        "validate",
        [Message(item) for item in (*guards, *found.diagnostics)],
        not wrong,
        about={"documents": dict(found.documents), "files": found.files, "environments": list(found.environments)},
        cwd=str(cwd),
        top=str(top_of(cwd)),
    )
    show_messages(console, output, messages)
    errors = sum(item.severity is Severity.ERROR for item in found.diagnostics)
    documents_text = ", ".join(f"{number:,} {kind}" for kind, number in found.documents.items()) or "no documents"
    where = f"in {found.files:,} file{'' if found.files == 1 else 's'} (environments: {', '.join(found.environments)})"
    said = (
        f"error: {errors:,} error{'' if errors == 1 else 's'} {where}" if wrong else f"Valid: {documents_text} {where}"
    )
    show_summary(console, output, said, wrong=wrong)
    blocked = sum(finding.blocks for finding in found.guards)
    if blocked:
        console.tell(f"error: {blocked:,} guard{' is' if blocked == 1 else 's are'} looser than at {console.base}")
    return 1 if wrong else 4 if blocked else 0
