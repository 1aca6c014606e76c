"""A group of commands that imports a command's module when the command is used, so that `pac --help` costs nothing but click."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMPLETION_VARIABLE = "_PAC_COMPLETE"  # set by completion scripts: what they ask for, such as `bash_complete`


class LazyCommand(NamedTuple):
    """Where a command lives: module below `pool_as_code.cli` and attribute. `short_help` is what the group's help says."""

    name: str
    module: str
    attribute: str
    short_help: str


class LazyGroup(click.Group):
    """A group over a table of lazy commands, listed in the order of the table."""

    def __init__(self, *, table: Sequence[LazyCommand], **attributes: Any) -> None:
        super().__init__(**attributes)
        self.table = {command.name: command for command in table}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported now."""
        found = self.table.get(cmd_name)
        if found is None:
            return None
        command = getattr(import_module(f"{__package__}.{found.module}"), found.attribute)
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest command in the message."""
        known = not args or args[0] in self.table or args[0].startswith("-")
        if not known and not ctx.resilient_parsing:
            from ..resources.suggest import nearest

            near = nearest(args[0], self.table)
            hint = f" Did you mean {near!r}?" if near else ""
            raise click.UsageError(f"there is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands that begin so, from the table alone, and the options of the group."""
        from click.shell_completion import CompletionItem

        found = [CompletionItem(name, help=entry.short_help) for name, entry in self.table.items()]
        return [item for item in found if item.value.startswith(incomplete)] + click.Command.shell_complete(
            self, ctx, incomplete
        )

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in the help, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(command.name, command.short_help) for command in self.table.values()])
