"""The command `pac`: the table of all commands, and the frame around each: streams, failures, exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from .. import __version__
from .console import Console
from .ending import ending_well
from .failures import say_failure
from .lazy import COMPLETION_VARIABLE, LazyCommand, LazyGroup

COMMANDS = (
    LazyCommand("init", "init", "init", "Write a commented starter project."),
    LazyCommand("validate", "validate", "validate", "Check manifests; needs no store."),
    LazyCommand("fmt", "fmt", "fmt", "Bring manifests into canonical form."),
    LazyCommand("lint", "lint", "lint", "Judge manifests by rules about security and order."),
    LazyCommand("render", "render", "render", "Print effective documents and where their values are written."),
    LazyCommand("plan", "plan", "plan", "Compare manifests with a store and show what would change."),
    LazyCommand("apply", "apply", "apply", "Make the store what the manifests say."),
    LazyCommand("show", "show", "show", "Show a saved plan again."),
    LazyCommand("drift", "drift", "drift", "Show what differs live from what is declared."),
    LazyCommand("pull", "pull", "pull", "Write manifests from what is live."),
    LazyCommand("load", "load", "load", "Load an identity dump into an own directory."),
    LazyCommand("destroy", "destroy", "destroy", "Delete what this project created."),
    LazyCommand("ids", "ids", "ids", "Print the real ids of declared objects."),
    LazyCommand("history", "history", "history", "Show what was applied, when and by whom."),
    LazyCommand("unlock", "history", "unlock", "Free a store from an apply that died."),
    LazyCommand("explain", "explain", "explain", "Say what a field, a kind or a code means."),
    LazyCommand("schema", "schema", "schema", "Print the JSON Schema of manifests."),
    LazyCommand("completion", "completion", "completion", "Print a shell's completion script."),
    LazyCommand("serve", "serve", "serve", "Serve the embedded directory over HTTP."),
    LazyCommand("users", "users", "users", "Check users' credentials."),
)


class Root(LazyGroup):
    """The outermost group: every command ends here, well or not."""

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run a command line and exit; nothing but SystemExit leaves this."""
        asked = os.environ.get(COMPLETION_VARIABLE)
        if asked:  # by a shell, between two strokes of a key
            from .completion import answer

            sys.exit(answer(self, asked))
        console = Console()
        arguments = list(sys.argv[1:] if args is None else args)
        try:
            with ending_well(), console.working(), self.make_context(prog_name or "pac", arguments, obj=console) as ctx:
                result = self.invoke(ctx)
            code = result if isinstance(result, int) else 0
        except BaseException as error:
            if isinstance(error, SystemExit | GeneratorExit):
                raise
            code = say_failure(error, console)
        lost = console.output_lost()
        if lost is not None:
            code = max(code, say_failure(lost, console))
        sys.exit(code)


@click.command(
    "pac",
    cls=Root,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    no_args_is_help=False,
    invoke_without_command=True,
    epilog="A first run: pac validate, pac plan, pac apply. Each command has --help with an example.",
)
@click.version_option(__version__, "--version", prog_name="pac", message="%(prog)s %(version)s")
@click.pass_context
def root(ctx: click.Context) -> None:
    """Identity pools as code: manifests in, a plan to read, apply exactly that plan."""
    if ctx.invoked_subcommand is None:
        ctx.find_object(Console).write(ctx.get_help() + "\n")  # type: ignore[union-attr]
