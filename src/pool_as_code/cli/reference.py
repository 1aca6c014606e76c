"""The reference page of the command line, made from the commands themselves. Never written by hand."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click

from ..render.reference import NOTE
from .lazy import LazyGroup
from .root import root

_HELP = ("-h", "--help")
_EXAMPLES = ("Example:", "Examples:")


def commands_page() -> str:
    """Every command with its arguments, options, defaults and examples."""
    found = list(_commands(root, ()))
    lines = [NOTE, "", "# Commands", "", "| command | does |", "| --- | --- |"]
    lines += [
        f"| [`pac {' '.join(path)}`](#{_anchor(path)}) | {_cell(command.short_help or '')} |" for path, command in found
    ]
    shared = _shared([command for _, command in found])
    lines += ["", "Every command takes:", "", *_table(shared)]
    for path, command in found:
        lines += ["", f"## pac {' '.join(path)}", "", *_one(path, command, {option.name for option in shared})]
    return "\n".join(lines) + "\n"


def _commands(group: LazyGroup, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, LazyGroup):
            yield from _commands(command, (*above, name))
        elif command is not None:
            yield (*above, name), command


def _shared(commands: list[click.Command]) -> list[click.Option]:
    """The options that all commands take."""
    of_each = [{p.name for p in _parameters(command)} for command in commands]
    return [
        p for p in _parameters(commands[0]) if isinstance(p, click.Option) and all(p.name in names for names in of_each)
    ]


def _parameters(command: click.Command) -> list[click.Parameter]:
    return command.get_params(click.Context(command, help_option_names=list(_HELP)))


def _one(path: tuple[str, ...], command: click.Command, shared: set[str | None]) -> Iterator[str]:
    ctx = click.Context(command, info_name=f"pac {' '.join(path)}", help_option_names=list(_HELP))
    text, examples = _parts(command.help or "")
    yield from ("```text", ctx.command.get_usage(ctx).removeprefix("Usage: "), "```", "")
    yield from text
    own = [p for p in _parameters(command) if isinstance(p, click.Option) and p.name not in shared]
    if own:
        yield from ("", *_table(own))
    if examples:
        yield from ("", "```sh", *examples, "```")


def _parts(help: str) -> tuple[list[str], list[str]]:
    """The text of a help, and its examples."""
    text, _, examples = help.partition("\b\n")
    for word in _EXAMPLES:
        examples = examples.removeprefix(f"{word}\n")
    lines = [_prose(line) for line in text.strip().splitlines()]
    return lines, textwrap.dedent(examples).strip().splitlines()


def _table(options: list[click.Option]) -> Iterator[str]:
    yield "| option | default | does |"
    yield "| --- | --- | --- |"
    for option in options:
        names = ", ".join(f"`{name}`" for name in option.opts)
        value = "" if option.is_flag else f" {_value(option)}"
        yield f"| {names}{value} | {_default(option)} | {_cell(option.help or '')} |"


def _value(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return " or ".join(f"`{choice}`" for choice in option.type.choices)
    return f"`{option.metavar or option.type.name.upper()}`"


def _default(option: click.Option) -> str:
    return f"`{option.default}`" if option.show_default and option.default is not None else ""


def _anchor(path: tuple[str, ...]) -> str:
    return "-".join(("pac", *path))


def _prose(line: str) -> str:
    return line.replace("<", "&lt;").replace("*", "\\*")


def _cell(text: str) -> str:
    return _prose(text).replace("|", "\\|")
