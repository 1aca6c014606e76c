"""The JSON form of what `validate` and `lint` say."""

from __future__ import annotations

from ..core.values import JsonMap
from .json import diagnostic_json, json_text
from .messages import Message, Messages


def messages_json(messages: Messages) -> str:
    """`{"valid": ..., "diagnostics": [...]}` and what the command says further. Nothing is folded."""
    result: JsonMap = {"valid": messages.valid, "diagnostics": [_message(item) for item in messages.messages]}
    if messages.command == "lint":
        result["waived"] = [_message(item) for item in messages.waived]
    return json_text(result | messages.about)


def _message(message: Message) -> JsonMap:
    found = diagnostic_json(message.diagnostic)
    if message.diagnostic.edits:
        found["edits"] = [edit._asdict() for edit in message.diagnostic.edits]
    if message.rule:
        found |= {"rule": message.rule, "environments": list(message.environments)}
    if message.accepted is not None:
        reason, expires = message.accepted
        found["waiver"] = {"reason": reason, "expires": expires}
    return found
