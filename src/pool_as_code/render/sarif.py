"""What `validate` and `lint` say as SARIF 2.1.0 (OASIS): for code scanning, with the rules, the places, and the edits as fixes."""

from __future__ import annotations

from urllib.parse import quote

from .. import __version__
from ..core.codes import by_code
from ..core.diagnostics import Diagnostic, Severity
from ..core.edits import Edit
from ..core.values import JsonMap, JsonValue, digest
from .escape import escape
from .json import json_text
from .messages import Message, Messages, folded, one_text

_LEVELS = {Severity.ERROR: "error", Severity.BLOCK: "error", Severity.WARN: "warning", Severity.INFO: "note"}
_OF_RULES = {"ignore": "none", "info": "note", "warn": "warning", "error": "error"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def messages_sarif(messages: Messages) -> str:
    """One run. Columns count characters. Waived breaches are suppressed results, where they are to be shown."""
    rules = _rules(messages)
    index = {str(rule["id"]): position for position, rule in enumerate(rules)}
    told: list[JsonValue] = [
        *(_result(message, others, messages, index) for message, others in folded(messages.messages)),
        *(_result(message, others, messages, index) for message, others in folded(messages.waived)),
    ]
    listed: list[JsonValue] = [*rules]
    run: JsonMap = {
        "tool": {"driver": {"name": "pool-as-code", "semanticVersion": __version__, "rules": listed}},
        "automationDetails": {"id": f"pool-as-code/{messages.command}/"},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": told,
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rules(messages: Messages) -> list[JsonMap]:
    """The rules of lint, and the codes of the messages, each with what it means."""
    found: dict[str, JsonMap] = {}
    for line in messages.rules:
        found[line.code] = _rule(line.code)
        found[line.code] |= {"name": line.name, "defaultConfiguration": {"level": _OF_RULES[line.severity]}}
    for message in [*messages.messages, *messages.waived]:
        code = message.diagnostic.code
        if code and code not in found:
            found[code] = _rule(code)
    return list(found.values())


def _rule(code: str) -> JsonMap:
    doc = by_code().get(code)
    if doc is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": doc.title},
        "fullDescription": {"text": doc.cause},
        "help": {"text": doc.next_step},
    }


def _result(message: Message, others: list[str], messages: Messages, index: dict[str, int]) -> JsonMap:
    item = message.diagnostic
    uri = _uri(messages.path_of(item.location.file)) if item.location is not None else None
    text = one_text(message, others, messages)
    if item.location is not None and uri is None:
        text = f"{escape(str(item.location))}: {text}"
    result: JsonMap = {"level": _LEVELS[item.severity], "message": {"text": text}}
    if item.code:
        result |= {"ruleId": item.code, "ruleIndex": index[item.code]}
    place = _location(item, uri)
    if place:
        result["locations"] = [place]
    result["partialFingerprints"] = {"poolAsCode/v1": digest([item.code, item.address, item.summary, uri or ""])}
    if uri is not None and item.edits:
        result["fixes"] = [_fix(item, uri)]
    if message.accepted is not None:
        reason = f"{message.accepted[0]} (until {message.accepted[1]})"
        result["suppressions"] = [{"kind": "external", "justification": escape(reason)}]  # without a status: accepted
    return result


def _uri(path: str | None) -> str | None:
    if path is None:
        return None
    if path.startswith("/"):
        return f"file://{quote(path)}"
    return quote(path if ":" not in path.partition("/")[0] else f"./{path}")  # else the first part reads as a scheme


def _artifact(uri: str) -> JsonMap:
    return {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": "%SRCROOT%"}


def _location(item: Diagnostic, uri: str | None) -> JsonMap:
    found: JsonMap = {}
    if uri is not None:
        physical: JsonMap = {"artifactLocation": _artifact(uri)}
        at = item.location
        if at is not None and at.line:
            region: JsonMap = {"startLine": at.line}
            physical["region"] = region | ({"startColumn": at.column} if at.column else {})
        found["physicalLocation"] = physical
    if item.address:
        found["logicalLocations"] = [{"fullyQualifiedName": escape(item.address), "kind": "object"}]
    return found


def _fix(item: Diagnostic, uri: str) -> JsonMap:
    replacements: list[JsonValue] = [_replacement(edit) for edit in sorted(item.edits)]
    changes: list[JsonValue] = [{"artifactLocation": _artifact(uri), "replacements": replacements}]
    return {"description": {"text": escape(item.hint or "Repair it.")}, "artifactChanges": changes}


def _replacement(edit: Edit) -> JsonMap:
    region: JsonMap = {"startLine": edit.line, "startColumn": edit.column}
    if edit.length < 0:
        region |= {"endLine": edit.line + 1, "endColumn": 1}
    else:
        region |= {"endLine": edit.line, "endColumn": edit.column + edit.length}
    return {"deletedRegion": region, "insertedContent": {"text": edit.replacement}}
