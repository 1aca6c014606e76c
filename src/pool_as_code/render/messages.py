"""What `validate` and `lint` say, and the forms in which they say it: one line each. A form is a function from the messages to
harmless text; its module is imported when it is asked for."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, cast

from ..core.diagnostics import Diagnostic, Severity
from .diagnostics import Pointing, diagnostics_text, no_pointing
from .escape import escape
from .palette import PLAIN, Palette

if TYPE_CHECKING:
    from ..core.values import JsonMap


@dataclass(frozen=True, slots=True)
class Message:
    """A diagnostic; of lint with the rule it is about and the environments it is in. `accepted` is the reason and the last day
    of the waiver that covers it."""

    diagnostic: Diagnostic
    rule: str = ""
    environments: tuple[str, ...] = ()
    accepted: tuple[str, str] | None = None


class RuleLine(NamedTuple):
    """A rule of lint for the head of a report; `severity` is the one that applies."""

    code: str
    name: str
    severity: str


@dataclass(frozen=True)
class Messages:
    """All that one run of `command` says, by place. `waived` ones are to be shown beside those that stand. `about` is what the
    JSON form says further, `pointing` and `palette` are for the text form. `cwd` is where relative names of files begin, `top`
    the folder that reports are relative to: that of the repository."""

    command: str
    messages: Sequence[Message]
    valid: bool
    waived: Sequence[Message] = ()
    about: JsonMap = field(default_factory=dict)
    rules: Sequence[RuleLine] = ()
    environments: tuple[str, ...] = ()
    cwd: str = "."
    top: str = "."
    pointing: Pointing = no_pointing
    palette: Palette = PLAIN

    def path_of(self, file: str) -> str | None:
        """The path of a file as reports have it: below `top` with slashes, else absolute; None for what is no file."""
        if not file or file == "<stdin>":
            return None
        whole = os.path.normpath(os.path.join(self.cwd, file))  # noqa: PTH118 - nothing is looked up
        top = os.path.normpath(self.top)
        inside = whole.startswith(top.rstrip(os.sep) + os.sep)
        return (os.path.relpath(whole, top) if inside else whole).replace(os.sep, "/")


Renderer = Callable[[Messages], str]

RENDERERS: dict[str, str] = {
    "text": "messages:messages_text",
    "json": "messages_json:messages_json",
    "sarif": "sarif:messages_sarif",
    "github": "github:messages_github",
}
"""What `--output` of validate and lint takes -> `module:function` in this room."""


def render_messages(output: str, messages: Messages) -> str:
    """The messages in one of the forms of `RENDERERS`."""
    module, _, function = RENDERERS[output].partition(":")
    renderer = cast(Renderer, getattr(importlib.import_module(f"{__package__}.{module}"), function))
    return renderer(messages)


def messages_text(messages: Messages) -> str:
    """For people: one below the other. What several objects have at the same place is told once."""
    said = [_plain(message, others, messages) for message, others in folded(messages.messages)]
    accepted = [_plain(message, others, messages) for message, others in folded(messages.waived)]
    head = "\nWaived:\n" if accepted else ""
    first = diagnostics_text(said, messages.pointing, messages.palette)
    return first + head + diagnostics_text(accepted, messages.pointing, messages.palette)


def folded(messages: Sequence[Message]) -> list[tuple[Message, list[str]]]:
    """Messages, each with the other addresses that have the same one at the same place, as bases and rows give it to many."""
    found: dict[tuple[object, ...], tuple[Message, list[str]]] = {}
    for position, message in enumerate(messages):
        item = message.diagnostic
        at = item.location
        placed = at is not None and at.line and message.rule
        key = (item.code, item.severity, at, message.environments) if placed else (position,)
        if key in found:
            found[key][1].append(item.address)
        else:
            found[key] = (message, [])
    return list(found.values())


def remarks(message: Message, others: Sequence[str], messages: Messages) -> list[str]:
    """What is to be said beside a diagnostic: where else, in which environments, why it is accepted."""
    said: list[str] = []
    if others:
        shown = ", ".join(others[:3])
        said.append(f"the same in {shown}" + (f" and {len(others) - 3:,} more" if len(others) > 3 else ""))
    if message.environments and message.environments != messages.environments:
        said.append(
            f"only in environment{'' if len(message.environments) == 1 else 's'} {', '.join(message.environments)}"
        )
    if message.accepted is not None:
        said.append(f"accepted until {message.accepted[1]}: {message.accepted[0]}")
    return said


def _plain(message: Message, others: Sequence[str], messages: Messages) -> Diagnostic:
    item = message.diagnostic
    detail = "\n".join(filter(None, (item.detail, *remarks(message, others, messages))))
    head = f"{item.address}: " if message.rule and item.address else ""
    name = f" [{message.rule}]" if message.rule else ""
    return replace(item, summary=f"{head}{item.summary}{name}", detail=detail)


def one_text(message: Message, others: Sequence[str], messages: Messages) -> str:
    """A message as lines for reports: fact, details, next action; harmless."""
    item = _plain(replace(message, rule=""), others, messages)
    lines = [item.summary, *item.detail.split("\n"), *item.hint.split("\n")]
    return "\n".join(escape(line) for line in lines if line)


SEVERITIES = {Severity.ERROR: "error", Severity.BLOCK: "error", Severity.WARN: "warning", Severity.INFO: "notice"}
