"""`pac lint`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..core.diagnostics import Severity
from ..core.errors import InvalidInput
from ..render.messages import Message, Messages, RuleLine
from .console import Console
from .messages import message_output, show_messages, show_refusal, show_summary, top_of
from .options import a_request, always, env, pass_console, paths, variables

if TYPE_CHECKING:
    from ..app.linting import Linting, Told
    from ..app.request import Request

HELP = """Judge manifests by rules about security and order; needs no store.

PATH is a folder, a file or - for standard input; without one the project is searched from here upwards. Without --env every
environment is judged. The project file says which rules apply and how, and which breaches are accepted until when. Exit 1
when a breach of severity error stands, with --strict a warning as well.

\b
Examples:
  pac lint --env prod --strict
  pac lint --output sarif > lint.sarif
  pac lint --rules
"""


@click.command(help=HELP, short_help="Judge manifests by rules about security and order.")
@paths
@env
@variables
@message_output
@click.option("--strict", is_flag=True, help="Exit 1 for warnings, too.")
@click.option("--show-waived", is_flag=True, help="List the breaches that are accepted for now.")
@click.option("--rules", is_flag=True, help="List the rules as they apply here; judge nothing.")
@always
@pass_console
def lint(
    console: Console, paths: tuple[str, ...], env: str | None, output: str, strict: bool, show_waived: bool, rules: bool
) -> int:
    """Breaches are the product, so they go to standard output."""
    from ..app.linting import lint as lint_manifests

    request = a_request(console, paths, env)
    try:
        if rules:
            return _list_rules(console, request, output)
        found = lint_manifests(request)
    except InvalidInput as error:
        return show_refusal(console, output, "lint", error)
    wrong = found.worst is Severity.ERROR or (strict and found.worst is Severity.WARN)
    show_messages(console, output, _messages(found, valid=not wrong, show_waived=show_waived))
    show_summary(console, output, _summary(found, wrong=wrong), wrong=wrong)
    return int(wrong)


def _list_rules(console: Console, request: Request, output: str) -> int:
    from ..app.linting import rules_here
    from ..render.rules import rules_json, rules_text

    if output not in ("text", "json"):
        raise InvalidInput(f"--rules has no form {output}", hint="use --output text or json")
    applied = rules_here(request)
    console.write(rules_json(applied) if output == "json" else rules_text(applied))
    return 0


def _messages(found: Linting, *, valid: bool, show_waived: bool) -> Messages:
    cwd = Path.cwd()
    said = [*map(Message, (*found.problems, *found.notes)), *map(_message, found.breaches)]
    said.sort(key=lambda message: message.diagnostic.sort_key)
    return Messages(
        "lint",
        said,
        valid,
        [_message(told) for told in found.waived] if show_waived else (),
        {
            "environments": list(found.environments),
            "objects": found.objects,
            "rules": sum(applied.severity != "ignore" for applied in found.rules.values()),
            "waived_count": len(found.waived),
        },
        [RuleLine(rule.code, rule.name, severity) for rule, severity, _ in found.rules.values()],
        found.environments,
        str(cwd),
        str(top_of(cwd)),
    )


def _message(told: Told) -> Message:
    accepted = (told.waiver.reason, told.waiver.expires) if told.waiver is not None else None
    return Message(told.diagnostic, told.rule.name, told.environments, accepted)


def _summary(found: Linting, *, wrong: bool) -> str:
    said = [*found.problems, *found.notes, *(told.diagnostic for told in found.breaches)]
    counts = [
        (sum(item.severity is severity for item in said), word)
        for severity, word in ((Severity.ERROR, "error"), (Severity.WARN, "warning"), (Severity.INFO, "remark"))
    ]
    told = ", ".join(f"{number:,} {word}{'' if number == 1 else 's'}" for number, word in counts if number)
    where = f"in {found.objects:,} object{'' if found.objects == 1 else 's'}"
    if found.problems:
        told, where = f"the manifests have errors, so no rule was looked at: {told}", ""
    elif not told:
        told = "no rule is broken"
    waived = f"; {len(found.waived):,} waived (--show-waived lists them)" if found.waived else ""
    line = f"{told} {where}".strip()
    return f"{'error: ' if wrong else ''}{line}{waived} (environments: {', '.join(found.environments)})"
