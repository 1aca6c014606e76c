"""Every command, option and environment variable stands in the pages for users, and the pages name none that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from pool_as_code.cli.root import root
from tests.docs.pages import PAGES, ROOT, blocks, everything, steps

COMMANDS_PAGE = ROOT / "docs" / "commands.md"
ROW = re.compile(r"^\| `(?P<option>--[a-z-]+)[^|]*\| (?P<commands>[^|]+) \| (?P<does>[^|]+) \|$", re.MULTILINE)


def commands(group: click.Group = root, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its words after `pac`."""
    ctx = click.Context(group, help_option_names=["-h", "--help"])
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


COMMANDS = dict(commands())


def options_of(command: click.Command) -> set[str]:
    parameters = command.get_params(click.Context(command, help_option_names=["-h", "--help"]))
    return {text for p in parameters if isinstance(p, click.Option) for text in p.opts if text.startswith("--")}


OF_OTHERS = {
    "--schemafile",
    "--stdio",
    "--dry-run",
    "--stat",
    "--schema",
}  # of check-jsonschema, yaml-language-server, cac, git, pg_dump
OPTIONS = sorted(set().union(*map(options_of, COMMANDS.values())))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_readme_with_its_arguments(name: str) -> None:
    rows = re.findall(
        rf"^\| `pac {name}(?P<arguments>[^`]*)` \|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) == 1
    arguments = [p for p in COMMANDS[name].params if isinstance(p, click.Argument)]
    assert bool(arguments) == bool(rows[0])


def test_every_command_is_typed_in_a_page_and_so_really_run() -> None:
    typed = [step.command for page in PAGES for block in blocks(page, "console") for step in steps(block)]
    assert [name for name in COMMANDS if not any(re.search(rf"\bpac {name}\b", text) for text in typed)] == []


def test_the_page_of_commands_lists_every_option_with_the_commands_that_take_it() -> None:
    rows = list(ROW.finditer(COMMANDS_PAGE.read_text("utf-8")))
    listed = {row["option"]: row["commands"].split(", ") for row in rows}
    assert len(listed) == len(rows)
    for option in OPTIONS:
        takers = [name for name, command in COMMANDS.items() if option in options_of(command)]
        wanted = ["all"] if len(takers) == len(COMMANDS) else takers
        assert sorted(listed.get(option, [])) == sorted(wanted), option
    assert sorted(listed) == OPTIONS


def test_the_pages_name_no_option_that_no_command_takes() -> None:
    known = {*OPTIONS, "--version", *OF_OTHERS, *_not_yet()}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", everything()))
    assert named - known == set()


def _not_yet() -> set[str]:
    """Options that the README says are missing."""
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.partition("## What it does not do yet")[2].partition("\n## ")[0]
    return set(re.findall(r"`(--[a-z-]+)`", section)) - set(OPTIONS)


def test_every_environment_variable_of_the_tool_is_documented_and_read() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    read = set(re.findall(r"POOL_AS_CODE_[A-Z_]*[A-Z]", sources))
    assert set(re.findall(r"POOL_AS_CODE_[A-Z_]*[A-Z]", everything())) == read
    assert all(f"| `{name}` |" in COMMANDS_PAGE.read_text("utf-8") for name in read)


def test_the_exit_codes_of_the_pages_are_those_of_the_code() -> None:
    from pool_as_code.cli.failures import INTERRUPTED, TERMINATED
    from pool_as_code.core import errors

    codes = {getattr(value, "exit_code", 0) for value in vars(errors).values()} | {2, INTERRUPTED, TERMINATED}
    for page in ("README.md", "docs/plan-and-apply.md"):
        rows = re.findall(r"^\| (\d+) \|", (ROOT / page).read_text("utf-8"), re.MULTILINE)
        assert {int(row) for row in rows} == codes
