"""The vendor's published definitions, and what holds an answer of the server against them. They are not part of this
repository: where `../shared` is absent, nothing is held against anything."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema

from pool_as_code.core.yaml import parse
from tests.server.reviewed import ALWAYS, FURTHER

SPEC = Path(__file__).parents[3] / "shared" / "reference" / "spec"
FILES = {
    "identitysystem.yaml": "/api/identity/T",
    "identity.yaml": "/api/identity/T",
    "organizations.yaml": "/api/system/T",
    "admin-pools.yaml": "/api/admin/T",
    "hub-pools.yaml": "/api/hub",
    "identityself.yaml": "/T/X/identity",
}


def anonymous(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "X", path.replace("{tid}", "T"))


def published() -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Method, path, operation and document of everything that is published."""
    for name, base in FILES.items():
        document: Any = parse((SPEC / name).read_bytes(), strict=False)[0].value
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if method != "parameters":
                    yield method.upper(), anonymous(base + path), operation, document


class Contract:
    """Holds answers against the definitions. `used` counts the reviewed deviations that were met."""

    def __init__(self) -> None:
        self.published = {(method, path): (operation, document) for method, path, operation, document in published()}
        self.errors = self.published["GET", "/api/identity/T/system/pools"][1]
        self.used: Counter[object] = Counter()
        self._validators: dict[tuple[str, str, str], Any] = {}

    def check(self, operations: Any, answer: Any) -> None:
        """One answer of a server with these operations. Raises AssertionError with operation, path and rule."""
        found = operations.find(answer.request.method, answer.request.url.path.strip("/").split("/")).operation
        key = (found.method, anonymous(found.path)) if found is not None else ("", "")
        if key not in self.published:
            return
        operation, document = self.published[key]
        status = answer.status_code
        if str(status) not in operation["responses"]:
            assert status in ALWAYS or status in FURTHER, (key, status)
            self.used[status] += 1
        answer.read()
        if status >= 400:
            self._fits(answer.json(), ("error", "", ""), {"$ref": "#/definitions/Error"}, self.errors)
            listed = schema_of(operation["responses"].get(str(status), {}), document)
            if listed is not None and listed.get("$ref") != "#/definitions/Error":
                self._fits(answer.json(), (*key, str(status)), listed, document)
            return
        schema = schema_of(operation["responses"][str(status)], document)
        if schema is None:
            assert answer.content == b"", key
        else:
            self._fits(answer.json(), (*key, str(status)), schema, document)

    def _fits(self, value: Any, key: tuple[str, str, str], schema: Any, document: Any) -> None:
        validator = self._validators.get(key)
        if validator is None:
            known = {"definitions": {**CUT_DEFINITIONS, **relaxed(document["definitions"])}, **schema}
            validator = self._validators[key] = jsonschema.Draft4Validator(known)
        for error in validator.iter_errors(value):
            path = [str(step) for step in error.absolute_path]
            if path[-1:] == ["state"] and error.instance == "":
                self.used["EMPTY_STATE"] += 1
                continue
            raise AssertionError(f"{key}: {'.'.join(path)}: {error.message[:300]}")


CUT: dict[str, dict[str, Any]] = {
    "ExportTenantConfigResponse": {"$ref": "#/definitions/TreeTenant"},
    "ExportWorkspaceConfigResponse": {"type": "object", "properties": {"pools": {"$ref": "#/definitions/TreePools"}}},
}
"""Answers that the file of the promotion API names and does not hold -> what it holds of them."""
CUT_DEFINITIONS = {
    "TreeServers": {"type": "object", "additionalProperties": CUT["ExportWorkspaceConfigResponse"]},
}


def schema_of(response: dict[str, Any], document: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of an answer, None for an empty one."""
    while "$ref" in response and "/responses/" in response["$ref"]:
        name = response["$ref"].rpartition("/")[2]
        if name in CUT:
            return CUT[name]
        response = document.get("responses", {}).get(name, {})
    if "$ref" in response:
        return response
    schema: dict[str, Any] | None = response.get("schema")
    return schema


def relaxed(schema: Any) -> Any:
    """Definitions whose free maps take any value: FREE_MAPS."""
    if isinstance(schema, dict):
        free = {"type": "object"}
        return {
            key: {} if key == "additionalProperties" and inner == free else relaxed(inner)
            for key, inner in schema.items()
        }
    return [relaxed(inner) for inner in schema] if isinstance(schema, list) else schema
