"""Files of manifests in canonical form: YAML with its comments, or JSON with two spaces a level. Bytes in, text out; no file is
read or written here, and whether the manifests are valid does not matter."""

from __future__ import annotations

import json
import re

from ..core.diagnostics import Diagnostic, Location
from ..core.values import JsonValue
from ..core.yaml import YamlError, parse
from ..core.yaml.canonical import NotKept, canonical
from ..core.yaml.repairs import same
from ..core.yaml.text import readable
from ..core.yaml.writer import HIDDEN_CHARACTER
from .order import in_order
from .place import from_yaml


class NotCanonical(Exception):
    """When a file can not be brought into canonical form; it stays as it is. `diagnostics` say why."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__("\n".join(item.summary for item in diagnostics))
        self.diagnostics = diagnostics


def canonical_text(name: str, content: bytes) -> str:
    """The canonical form of a file; its name tells JSON from YAML. Raises NotCanonical."""
    try:
        return _json(name, content) if name.endswith(".json") else canonical(content, in_order)
    except YamlError as error:
        raise NotCanonical(from_yaml(name, error.problems)) from error
    except NotKept as fault:
        summary = f"the canonical form would not say the same: {fault}"
        raise NotCanonical(
            [_diagnostic("PAC450", summary, name, "the file stays as it is; please report this")]
        ) from fault


def _json(name: str, content: bytes) -> str:
    documents = parse(content)
    text = readable(content)
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        if not documents and "#" not in text:
            return ""
        hint = "rename it to .yaml, or write JSON"
        raise NotCanonical([_diagnostic("PAC451", "a .json file that is YAML and no JSON", name, hint)]) from error
    value = documents[0].value
    written = json_text(in_order(value))
    if not same(parse(written)[0].value, value):
        raise NotKept("its values would be others")
    return written


def json_text(value: JsonValue) -> str:
    """A value as JSON; what can not be seen is escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return (
        re.sub(HIDDEN_CHARACTER, lambda match: match[0] if match[0] == "\n" else json.dumps(match[0])[1:-1], text)
        + "\n"
    )


def _diagnostic(code: str, summary: str, name: str, hint: str) -> Diagnostic:
    return Diagnostic(code, summary, hint=hint, location=Location(name))
