"""What `validate` and `lint` say as workflow commands of GitHub Actions: annotations at the lines of a pull request."""

from __future__ import annotations

from .escape import escape
from .messages import SEVERITIES, Message, Messages, folded, one_text


def messages_github(messages: Messages) -> str:
    """`::error file=...,line=...,col=...,title=...::message`, one a line. What stands outside of the repository, or in no file,
    has its place in the message: an annotation needs a file of the repository."""
    said = [_command(message, others, messages) for message, others in folded(messages.messages)]
    accepted = [_command(message, others, messages, word="notice") for message, others in folded(messages.waived)]
    return "".join([*said, *accepted])


def _command(message: Message, others: list[str], messages: Messages, *, word: str = "") -> str:
    item = message.diagnostic
    path = messages.path_of(item.location.file) if item.location else None
    text = one_text(message, others, messages)
    properties = {}
    if item.location is not None and path is not None and not path.startswith("/"):
        properties = {"file": path, "line": item.location.line, "col": item.location.column}
    elif item.location is not None:
        text = f"{escape(str(item.location))}: {text}"
    title = " ".join(filter(None, (item.code, message.rule)))
    if title:
        properties["title"] = title
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value)
    return f"::{word or SEVERITIES[item.severity]}{' ' if listed else ''}{listed}::{_text(text)}\n"


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(escape(text)).replace(":", "%3A").replace(",", "%2C")
