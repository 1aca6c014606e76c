"""Options that several commands share, and what becomes of them: a request, plan options, apply options. Each option is declared
once, so that it means and says the same everywhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..core.errors import InvalidInput
from . import completing
from .console import Console

if TYPE_CHECKING:
    from ..app.request import Request

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)

pass_console = click.make_pass_decorator(Console)


def several(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """One decorator of several, listed in the help in this order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _remember(attribute: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    def remember(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
        console = ctx.find_object(Console)
        if value and console is not None:
            setattr(console, attribute, True)

    return remember


def _keep_variables(ctx: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> None:
    console = ctx.find_object(Console)
    for text in given:
        name, sign, value = text.partition("=")
        if not (sign and name):
            raise InvalidInput(f"--var {text}: expected NAME=VALUE", hint="for example --var host=dev.example.com")
        if console is not None:
            console.variables[name] = value


paths = click.argument("paths", nargs=-1, metavar="[PATH]...")
env = click.option(
    "--env", metavar="NAME", help="Environment of the project file.", shell_complete=completing.environments
)
store = click.option("--store", metavar="URL", help="Store, in the place of the environment's (or POOL_AS_CODE_STORE).")
secrets_dir = click.option(
    "--secrets-dir", type=FOLDER, metavar="DIR", help="Folder that `fromFile` may read beside the project."
)
output = click.option(
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the result on standard output.",
)
targets = click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="GLOB",
    help="Only these addresses. Repeatable.",
    shell_complete=completing.addresses,
)
selector = click.option(
    "--selector", multiple=True, metavar="LABEL=VALUE", help="Only what has these labels. Repeatable."
)
variables = click.option(
    "--var",
    multiple=True,
    metavar="NAME=VALUE",
    expose_value=False,
    callback=_keep_variables,
    help="Value of a variable of the project. Repeatable.",
)


def _keep_base(ctx: click.Context, _parameter: click.Parameter, given: str) -> None:
    console = ctx.find_object(Console)
    if console is not None:
        console.base = given


base = click.option(
    "--base",
    default="",
    metavar="REF",
    expose_value=False,
    callback=_keep_base,
    help="Compare with this branch, tag or commit.",
)


def _keep_audit_dir(ctx: click.Context, _parameter: click.Parameter, given: Path | None) -> None:
    console = ctx.find_object(Console)
    if console is not None:
        console.audit_dir = str(given) if given is not None else ""


audit_dir = click.option(
    "--audit-dir",
    type=FOLDER,
    metavar="DIR",
    expose_value=False,
    callback=_keep_audit_dir,
    help="Folder of runs, for a store that keeps none (or POOL_AS_CODE_AUDIT_DIR).",
)
prune = click.option("--prune", is_flag=True, help="Delete what is ours and no longer declared.")
allow = click.option(
    "--allow",
    multiple=True,
    metavar="CODE[@ADDRESS]",
    help="Lift a blocking finding. Repeatable.",
    shell_complete=completing.findings,
)
max_deletes = click.option(
    "--max-deletes",
    multiple=True,
    metavar="KIND=N",
    help="Permit N deletes of a kind. Repeatable.",
    shell_complete=completing.kinds,
)
confirm = click.option(
    "--confirm",
    multiple=True,
    metavar="ADDRESS",
    help="Pool whose users may go with it. Repeatable.",
    shell_complete=completing.pools,
)
yes = click.option("--yes", is_flag=True, help="Answer the question; bypasses no guard.")
expect = click.option("--expect", default="", metavar="DIGEST", help="Apply only the plan with this digest.")
transaction = click.option("--no-transaction", is_flag=True, help="Write change by change, and keep what succeeds.")
report = click.option("--report", type=FILE, metavar="FILE", help="File that grows with each write (NDJSON).")
show_values = click.option("--show-values", is_flag=True, help="Show personal values; secrets stay hidden.")
full = click.option("--full", is_flag=True, help="List every change, fold nothing.")

always = several(
    click.option(
        "--no-color",
        is_flag=True,
        expose_value=False,
        callback=_remember("no_color"),
        help="No colour, as with NO_COLOR.",
    ),
    click.option(
        "--debug", is_flag=True, expose_value=False, callback=_remember("debug"), help="Traceback of an internal error."
    ),
)
where = several(env, store)
guards = several(allow, max_deletes, confirm)


def a_request(
    console: Console,
    paths: Sequence[str] = (),
    env: str | None = None,
    store: str | None = None,
    secrets_dir: Path | None = None,
) -> Request:
    """The request of a command line."""
    from ..app.request import Request

    return Request(
        paths=tuple(paths),
        env=env,
        store=store or None,
        cwd=Path.cwd(),
        environ=_environ(console),
        read_stdin=console.read_stdin,
        secrets_dir=secrets_dir,
        variables=dict(console.variables),
        base=console.base,
    )


def _environ(console: Console) -> dict[str, str]:
    return {
        **os.environ,
        **({"POOL_AS_CODE_AUDIT_DIR": str(Path(console.audit_dir).absolute())} if console.audit_dir else {}),
    }


def deletes_by_kind(given: Sequence[str]) -> Mapping[str, int]:
    """`("user=40",)` as `{"user": 40}`; raises InvalidInput for anything else."""
    found: dict[str, int] = {}
    for text in given:
        kind, _, number = text.partition("=")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise InvalidInput(f"--max-deletes {text}: expected KIND=N", hint="for example --max-deletes user=40")
        found[_kind_word(kind)] = int(number)
    return found


def _kind_word(text: str) -> str:
    from ..resources.registry import by_word
    from ..resources.suggest import nearest

    words = by_word()
    for word in (text, text.removesuffix("s")):
        if word in words:
            return word
    near = nearest(text, words)
    raise InvalidInput(
        f"--max-deletes: there is no kind {text!r}",
        hint=f"did you mean {near}?" if near else f"kinds: {', '.join(words)}",
    )


def variables_again(console: Console) -> list[str]:
    """The `--var`, `--base` and `--audit-dir` options of this command, for the next one."""
    said = [word for name, value in console.variables.items() for word in ("--var", f"{name}={value}")]
    named = (("--base", console.base), ("--audit-dir", console.audit_dir))
    return [*said, *(word for option, value in named if value for word in (option, value))]


def repeated(option: str, values: Sequence[str]) -> list[str]:
    """`--allow a --allow b` again, for the next command."""
    return [word for value in values for word in (option, value)]
