"""The service's Swagger files, and what holds a request of the store against them: path, query, headers and body. They are not part of
this repository: where `../shared` is absent, nothing is held against anything."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import jsonschema_rs

from pool_as_code.core.yaml import parse

SPEC = Path(__file__).parents[3].parent / "shared" / "reference" / "spec"
FILES = {
    "identitysystem.yaml": "/api/identity",
    "identity.yaml": "/api/identity",
    "organizations.yaml": "/api/system",
    "admin-pools.yaml": "/api/admin",
}
GENERAL_HEADERS = {"accept", "authorization", "content-type", "x-correlation-id", "x-idempotency-key"}
"""The general text of the files allows the two x-headers on every request."""
KEY = range(32, 256)  # characters of an idempotency key

Deviation = tuple[str, str, str]
"""Method, path as it is published, what deviates."""

_NEWER = "newer than these files: the vendor's own program knows it, and the store sends it where a live pool shows it"
_KEPT = "a field that nobody knows, made up by tests: it stays as it is"
DEVIATIONS: dict[Deviation, str] = {
    (
        "PUT",
        "/configuration",
        "query mode",
    ): "documented, and used by the vendor's importer; the file lists it for PATCH",
    ("PUT", "/system/pools/{ipID}", "body key credential_limits"): _NEWER,
    ("PUT", "/system/pools/{ipID}", "body key webauthn_settings"): _NEWER,
    ("PUT", "/system/pools/{ipID}", "body key brand_new"): _KEPT,
    ("PUT", "/system/pools/{ipID}", "body key bot_protection"): _KEPT,
    ("POST", "/system/pools", "body key brand_new"): _KEPT,
}
"""What was reviewed -> why it is so."""


class Operation(NamedTuple):
    """One of the published ones. `body` says whether a body fits, None where there is none."""

    method: str
    path: str
    pattern: re.Pattern[str]
    query: Mapping[str, Mapping[str, Any]]
    headers: frozenset[str]
    body: _Fits | None


class Published:
    """Everything that is published, and the requests that were held against it: `asked` are the operations, `found` what
    deviated."""

    def __init__(self) -> None:
        self._by_method: dict[str, list[Operation]] = {}
        for operation in operations():
            self._by_method.setdefault(operation.method, []).append(operation)
        self._lock = threading.Lock()
        self.found: Counter[Deviation] = Counter()
        self.asked: Counter[tuple[str, str]] = Counter()

    @property
    def unreviewed(self) -> list[Deviation]:
        """What deviated, and nobody has said why it may."""
        with self._lock:
            return sorted(self.found.keys() - DEVIATIONS.keys())

    def check(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> None:
        """One request. Those for tokens, and whether a workspace is there, are none of these APIs."""
        parts = urlsplit(url)
        if not parts.path.startswith("/api/"):
            return
        fitting = [one for one in self._by_method.get(method, ()) if one.pattern.fullmatch(parts.path)]
        if not fitting:
            with self._lock:
                self.found[method, parts.path, "no such operation"] += 1
            return
        operation = min(fitting, key=lambda one: one.path.count("{"))
        said = *_of_query(operation, parts.query), *_of_headers(operation, headers), *_of_body(operation, content)
        with self._lock:
            self.asked[method, operation.path] += 1
            self.found.update((method, operation.path, what) for what in said)


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation of the APIs that the store asks."""
    return tuple(_operations())


def _operations() -> Iterator[Operation]:
    for name, base in FILES.items():
        document: Any = parse((SPEC / name).read_bytes(), strict=False)[0].value
        definitions = {word: strict(one, word) for word, one in document["definitions"].items()}
        for path, methods in document["paths"].items():
            steps = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))
            pattern = re.compile(f"{base}(/[^/]+)?{steps}")  # with a vanity domain the path does not name the tenant
            for method, about in methods.items():
                given = about.get("parameters", [])
                body = next((one for one in given if one["in"] == "body"), None)
                yield Operation(
                    method.upper(),
                    path,
                    pattern,
                    {one["name"]: one for one in given if one["in"] == "query"},
                    frozenset(one["name"].lower() for one in given if one["in"] == "header"),
                    None if body is None else _Fits({"definitions": definitions, **body["schema"]}),
                )


def strict(schema: Any, word: str = "") -> Any:
    """A definition that names every key that it takes. Two forms of these files say less than the service means: bytes are lists
    of numbers there and base64 in its JSON, and in the free maps of all but pools `{type: object}` stands for any value."""
    if isinstance(schema, list):
        return [strict(one, word) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "array" and schema["items"].get("format") == "uint8":
        return {"type": "string"}
    found = {key: strict(inner, word) for key, inner in schema.items()}
    if isinstance(found.get("properties"), dict) and found.get("type", "object") == "object":
        found.setdefault("additionalProperties", False)
    if found.get("additionalProperties") == {"type": "object"} and word != "Pool":
        found["additionalProperties"] = True
    return found


class _Fits:
    """Whether a body fits a schema: compiled when it is first asked, since most are never asked."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft4Validator:
        return jsonschema_rs.Draft4Validator(dict(self._schema), validate_formats=True)

    def errors(self, content: bytes) -> Iterator[str]:
        for error in self._validator.iter_errors(json.loads(content)):
            where = ".".join("N" if isinstance(step, int) else step for step in error.instance_path)
            unexpected = getattr(error.kind, "unexpected", None)
            if unexpected:
                yield from (f"body key {where}{'.' if where else ''}{key}" for key in unexpected)
            else:
                yield f"body {where}: {error.message}"


def _of_query(operation: Operation, query: str) -> Iterator[str]:
    asked = parse_qsl(query, keep_blank_values=True)
    for name, value in asked:
        about = operation.query.get(name)
        if about is None:
            yield f"query {name}"
        elif not _is_of(about, value):
            yield f"query {name}={value}"
    for name, about in operation.query.items():
        if about.get("required") and name not in dict(asked):
            yield f"no query {name}"


def _is_of(about: Mapping[str, Any], value: str) -> bool:
    match about["type"]:
        case "integer":
            return value.isdecimal() and about.get("minimum", 0) <= int(value) <= about.get("maximum", int(value))
        case "boolean":
            return value in ("true", "false")
    return bool(value) and value in about.get("enum", [value])


def _of_headers(operation: Operation, headers: Mapping[str, str]) -> Iterator[str]:
    given = {name.lower(): value for name, value in headers.items()}
    for name in sorted(given.keys() - GENERAL_HEADERS - operation.headers):
        yield f"header {name}"
    if len(given.get("x-idempotency-key", "k" * KEY.start)) not in KEY:
        yield "an idempotency key of another length"
    if "x-idempotency-key" in given and operation.method != "POST":
        yield "an idempotency key without a post"
    if not given.get("authorization", "").startswith("Bearer "):
        yield "no token"
    if given.get("accept") != "application/json":
        yield "another answer than JSON is asked for"


def _of_body(operation: Operation, content: bytes | None) -> Iterator[str]:
    if content is not None and operation.body is None:
        yield "a body"
    elif content is not None and operation.body is not None:
        yield from operation.body.errors(content)
