"""`pac completion`: the scripts that make a shell ask `pac` itself what may come next. Click writes and answers them."""

from __future__ import annotations

import click

from . import options as o
from .console import Console
from .lazy import COMPLETION_VARIABLE as VARIABLE

NAMES = ("pac", "pool-as-code")
FUNCTION = "_pac_completion"
HELP = """Print the completion script of a shell: commands, options, environments, kinds, addresses, codes.

\b
Example:
  pac completion bash > ~/.local/share/bash-completion/completions/pac
  pac completion zsh > ~/.zfunc/_pac
  pac completion fish > ~/.config/fish/completions/pac.fish
"""


@click.command(help=HELP, short_help="Print a shell's completion script.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@o.always
@o.pass_console
def completion(console: Console, shell: str) -> int:
    """One script for both names of the command."""
    console.write(script(shell))
    return 0


def script(shell: str) -> str:
    """The text of a shell's script: click's own, registered for both names."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    name, other = NAMES
    text: str = found.source_template % {"complete_func": FUNCTION, "complete_var": VARIABLE, "prog_name": name}
    if shell == "fish":
        registration = text[text.index("complete --no-files") :]
        return text + registration.replace(f"--command {name} ", f"--command {other} ")
    for line in (f"#compdef {name}\n", f"compdef {FUNCTION} {name}\n", f"-F {FUNCTION} {name}\n"):
        text = text.replace(line, line.replace(f" {name}", f" {name} {other}"))
    return text


def answer(root: click.Command, asked: str) -> int:
    """What may come next, written to standard output in the form that a script `asked` for: `bash_complete`."""
    from click.shell_completion import shell_complete

    return shell_complete(root, {}, NAMES[0], VARIABLE, asked)
