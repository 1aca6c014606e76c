"""Help, version and start-up: what `pac` says of itself, and what it loads to say so."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from pool_as_code import __version__
from pool_as_code.cli.lazy import LazyGroup
from pool_as_code.cli.root import root
from tests.golden import Golden


def commands(group: LazyGroup = root, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that lead to it."""
    yield path, group
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, f"{name} has no command"
        if isinstance(command, LazyGroup):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = [path for path, _ in commands()]


@pytest.mark.parametrize("path", ALL, ids=lambda path: "-".join(path) or "pac")
def test_each_help_reads_as_its_golden_text(
    path: tuple[str, ...], golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = CliRunner().invoke(root, [*path, "--help"])
    assert shown.exit_code == 0
    assert max(map(len, shown.stdout.splitlines())) <= 80
    golden(f"golden/help-{'-'.join(path) or 'pac'}.txt", shown.stdout)


@pytest.mark.parametrize("path", [path for path in ALL if path not in ((), ("users",))], ids="-".join)
def test_each_help_has_an_example_that_begins_like_the_command(path: tuple[str, ...]) -> None:
    command = dict(commands())[path]
    assert f"pac {' '.join(path)}" in (command.help or "").partition("Example")[2]


def test_the_list_of_commands_says_what_the_commands_say() -> None:
    for group in (command for _, command in commands() if isinstance(command, LazyGroup)):
        context = click.Context(group)
        for name, entry in group.table.items():
            command = group.get_command(context, name)
            assert command is not None
            assert command.short_help == entry.short_help


def test_every_option_says_what_it_does() -> None:
    silent = [
        f"{' '.join(path)} {option.name}"
        for path, command in commands()
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert silent == []


def test_without_a_command_the_help_is_shown() -> None:
    assert CliRunner().invoke(root, []).stdout == CliRunner().invoke(root, ["--help"]).stdout


def test_the_version_is_the_package_s() -> None:
    assert CliRunner().invoke(root, ["--version"]).stdout == f"pac {__version__}\n"


HEAVY = ("pydantic", "yaml", "sqlite3", "argon2", "jsonschema", "deepdiff", "cryptography", "bcrypt", "zxcvbn")


def loaded_by(*arguments: str) -> set[str]:
    """The modules that a run of `pac` imports, as the interpreter itself lists them."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "pool_as_code.cli", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.rpartition("|")[2].strip() for line in run.stderr.splitlines() if line.startswith("import time:")}


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("plan", "--help"), ("users", "verify", "--help")])
def test_help_loads_no_heavy_library(arguments: tuple[str, ...]) -> None:
    modules = loaded_by(*arguments)
    assert "click" in modules
    assert {name.partition(".")[0] for name in modules} & set(HEAVY) == set()


def test_help_of_all_imports_no_command() -> None:
    modules = loaded_by("--help")
    assert not modules & {f"pool_as_code.cli.{entry.module}" for entry in root.table.values()}
