"""Writing what `validate` and `lint` say, in the form that was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from ..core.diagnostics import Diagnostic
from ..core.errors import InvalidInput
from ..render.escape import escape
from ..render.messages import RENDERERS, Message, Messages, render_messages
from .console import Console
from .source_lines import SourceLines

message_output = click.option(
    "--output",
    type=click.Choice(list(RENDERERS)),
    default="text",
    show_default=True,
    help="Form of the result on standard output.",
)


def top_of(cwd: Path) -> Path:
    """The folder that reports are relative to: the top of the Git repository, else the current one."""
    return next((folder for folder in (cwd, *cwd.parents) if (folder / ".git").exists()), cwd)


def show_messages(console: Console, output: str, messages: Messages) -> None:
    """Messages on standard output; where a person reads them with the lines they are about."""
    if console.people_read:
        messages = replace(messages, pointing=SourceLines(), palette=console.palette)
    console.write(render_messages(output, messages))


def show_summary(console: Console, output: str, line: str, *, wrong: bool) -> None:
    """The last line: part of the text, talk beside the other forms and where something is wrong. JSON says it itself."""
    if output == "json":
        return
    if output == "text" and not wrong:
        console.write(escape(line) + "\n")
    else:
        console.tell(line)


def show_refusal(console: Console, output: str, command: str, error: InvalidInput) -> int:
    """What could not even be begun, in the form that was asked for; returns the exit code. Raises it again for text."""
    if output == "text":
        raise error
    said: Iterable[Diagnostic] = error.diagnostics or (Diagnostic("", error.message, hint=error.hint),)
    cwd = Path.cwd()
    messages = Messages(command, [Message(item) for item in said], False, cwd=str(cwd), top=str(top_of(cwd)))
    show_messages(console, output, messages)
    return error.exit_code
