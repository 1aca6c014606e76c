"""`pac fmt`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..core.errors import InvalidInput
from . import options as o
from .console import Console

if TYPE_CHECKING:
    from ..app.formatting import FormattedFile, Formatting
    from ..core.values import JsonMap

HELP = """Bring manifests and the project file into canonical form: what pull writes, with every comment kept. Values never
change. A file with errors is told and left as it is.

PATH is a folder, a file or - (standard input to standard output); without one the whole project is meant, with all its
environments. JSON files stay JSON.

\b
Examples:
  pac fmt
  pac fmt --check --diff
  pac fmt - < pool.yaml
"""


@click.command(help=HELP, short_help="Bring manifests into canonical form.")
@o.paths
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a file is not canonical.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@o.output
@o.always
@o.pass_console
def fmt(console: Console, paths: tuple[str, ...], check: bool, diff: bool, output: str) -> int:
    """The names of the files that changed (or would), one a line."""
    from ..app.formatting import format_files

    if "-" in paths:
        if len(paths) > 1:
            raise InvalidInput("fmt: - can not be combined with other paths", hint="format the files by themselves")
        found, text = _standard_input(console)
    else:
        found, text = format_files(o.a_request(console, paths), write=not (check or diff)), None
    if output == "json":
        _show_json(console, found, diff=diff)
    elif text is not None and not (check or diff):
        console.write(text)
        _tell(console, found)
    else:
        _show_text(console, found, check=check, diff=diff)
    return int(found.failed or (check and bool(found.changed)))


def _standard_input(console: Console) -> tuple[Formatting, str]:
    from ..app.formatting import Formatting, format_text

    result, told = format_text(console.read_stdin())
    changed = (result,) if result is not None and result.changed else ()
    return Formatting(changed, int(result is not None and not result.changed), told), result.after if result else ""


def _show_text(console: Console, found: Formatting, *, check: bool, diff: bool) -> None:
    from ..render.escape import escape, escape_lines

    for file in found.changed:
        console.write(escape_lines(_difference(file)) if diff else f"{escape(file.name)}\n")
    _tell(console, found)
    number = len(found.changed)
    done = "would be reformatted" if check or diff else "reformatted"
    counted = f"{number:,} file{'' if number == 1 else 's'} {done}" if number else ""
    same = f"{found.unchanged:,} in canonical form" if found.unchanged else ""
    console.tell(", ".join(filter(None, (counted, same))) or "nothing was formatted")
    if check and number and not diff:
        console.tell("next: pac fmt")


def _tell(console: Console, found: Formatting) -> None:
    from ..render.diagnostics import diagnostics_text

    console.talk(diagnostics_text(found.diagnostics))


def _show_json(console: Console, found: Formatting, *, diff: bool) -> None:
    from ..render.json import diagnostics_json, json_text

    files: list[JsonMap] = [
        {"file": file.name, **({"diff": _difference(file)} if diff else {})} for file in found.changed
    ]
    console.write(json_text({**diagnostics_json(found.diagnostics), "changed": [*files], "unchanged": found.unchanged}))


def _difference(file: FormattedFile) -> str:
    """A unified diff; ends of lines other than a line feed are shown as such."""
    import difflib

    before = file.before.splitlines(keepends=True)
    lines = difflib.unified_diff(before, file.after.splitlines(keepends=True), file.name, f"{file.name} (canonical)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
