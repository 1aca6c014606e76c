"""Every request of the store against the service's own Swagger files: its path, its query, its headers and its body.

The files are not part of this repository, so the test runs where they are. What deviates is listed here, with the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from jsonschema import Draft4Validator

from tests.house import document
from tests.stores.secureauth.fake import Asked
from tests.stores.secureauth.test_end_to_end import SHOP, Tenanted, shop

SPEC = Path(__file__).parents[3].parent / "shared" / "reference" / "spec"
pytestmark = [
    pytest.mark.needs_shared,
    pytest.mark.skipif(not SPEC.is_dir(), reason="the service's Swagger files are not beside this repository"),
]
__all__ = ["shop"]

FILES = {
    "identitysystem.yaml": "/api/identity/shop",
    "identity.yaml": "/api/identity/shop",
    "organizations.yaml": "/api/system/shop",
    "admin-pools.yaml": "/api/admin/shop",
}
GENERAL_HEADERS = {"accept", "authorization", "content-type", "x-correlation-id", "x-idempotency-key"}
DEVIATIONS = {
    (
        "PUT",
        "/configuration",
        "query mode",
    ): "documented and used by the vendor's own importer; the file lists it for PATCH",
}
"""(method, path, what) -> why. The general text of the files allows the two x-headers on every request."""


class Operation(NamedTuple):
    method: str
    path: str
    pattern: re.Pattern[str]
    query: frozenset[str]
    headers: frozenset[str]
    body: Mapping[str, Any] | None


def operations() -> Iterator[Operation]:
    for name, base in FILES.items():
        text = (SPEC / name).read_text("utf-8")
        spec = yaml.load(text, Loader=yaml.CSafeLoader)
        for word, definition in spec["definitions"].items():
            if word != "Pool":  # of users' maps: the form that Go's "any value" has in these files
                _any_value(definition)
        for path, methods in spec["paths"].items():
            pattern = re.compile(re.escape(base) + re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)) + r"\Z")
            for method, about in methods.items():
                given = about.get("parameters", [])
                body = next((one["schema"] for one in given if one["in"] == "body"), None)
                schema = None if body is None else {**body, "definitions": spec["definitions"]}
                query = frozenset(one["name"] for one in given if one["in"] == "query")
                headers = frozenset(one["name"] for one in given if one["in"] == "header")
                yield Operation(method.upper(), path, pattern, query, headers, schema)


def _any_value(definition: Any) -> None:
    for about in definition.get("properties", {}).values():
        if about.get("additionalProperties") == {"type": "object"}:
            about["additionalProperties"] = True


def deviations(asked: Asked, known: list[Operation]) -> Iterator[tuple[str, str, str]]:
    """What of a request no file allows."""
    found = [one for one in known if one.method == asked.method and one.pattern.fullmatch(asked.path)]
    if not found:
        yield asked.method, asked.path, "no such operation"
        return
    operation = min(found, key=lambda one: one.path.count("{"))
    for name in sorted(asked.query.keys() - operation.query):
        yield operation.method, operation.path, f"query {name}"
    for name in sorted(asked.headers.keys() - GENERAL_HEADERS - operation.headers):
        yield operation.method, operation.path, f"header {name}"
    if asked.body is not None and operation.body is None:
        yield operation.method, operation.path, "a body"
    elif asked.body is not None and operation.body is not None:
        for error in Draft4Validator(operation.body).iter_errors(asked.body):
            yield operation.method, operation.path, f"body {'.'.join(map(str, error.absolute_path))}: {error.message}"
        yield from unknown_keys(operation, asked.body)


def unknown_keys(operation: Operation, body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Keys of the body that its definition does not name."""
    assert operation.body is not None
    reference = operation.body.get("$ref", "")
    definition = operation.body["definitions"].get(reference.rpartition("/")[2], {})
    if definition.get("properties"):
        for key in sorted(body.keys() - definition["properties"].keys()):
            yield operation.method, operation.path, f"body key {key}"


def test_every_request_is_one_that_the_service_documents(shop: Tenanted) -> None:
    known = list(operations())
    log: list[Asked] = []

    def remember(asked: Asked) -> None:
        log.append(asked)

    shop.tenant.before = remember
    shop.house.plan()
    shop.house.apply()
    changed = json.loads(json.dumps(SHOP))
    changed[1]["spec"]["domains"] = ["acme.example", "acme.test"]
    changed[2]["spec"]["schema"]["properties"]["last_name"] = {"type": "string"}
    changed[3]["spec"]["recovery"] = {"selfReset": False}
    changed[6]["spec"] = {"description": "Helps"}
    ada = changed[7]["spec"]
    ada["identifiers"], ada["groups"] = [{"email": "ada@example.com"}, {"external": "17"}], ["staff"]
    ada["addresses"] = [{"email": "ada@example.com", "status": "inactive"}, {"mobile": "+48123456789"}]
    ada["administrative"] = {"level": 2}
    shop.house.write([*changed, document("User", {"name": "zoe", "pool": "customers"}, identifiers=[{"uid": "zoe"}])])
    assert shop.house.apply().state == "applied"
    shop.house.plan(unmanaged=True)
    shop.system = False
    shop.house.plan(unmanaged=True)
    shop.system = True
    limits = dict.fromkeys(("organization", "schema", "pool", "group", "user"), 10)
    assert shop.house.apply(destroy=True, max_deletes=limits, confirm=("pool/customers",)).state == "applied"
    assert len({(one.method, re.sub(r"[0-9a-f-]{36}", "ID", one.path)) for one in log}) > 30
    found = {deviation for asked in log for deviation in deviations(asked, known)}
    assert found - DEVIATIONS.keys() == set()
    assert DEVIATIONS.keys() <= found, "a deviation that is none any more"
