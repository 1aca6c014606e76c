"""Answers fit the vendor's published definitions, and every published operation is served or left out for a reason.

Reads `../shared`, which is not part of this repository: skipped where it is absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pool_as_code.core.yaml import parse
from pool_as_code.server.catalogue import catalogue
from tests.server import test_flows, test_pools, test_users
from tests.server.reviewed import ALWAYS, FURTHER, NOT_YET, OUT_OF_SCOPE
from tests.server.site import Asked

SPEC = Path(__file__).parents[3] / "shared" / "reference" / "spec"
FILES = {
    "identitysystem.yaml": "/api/identity/T",
    "identity.yaml": "/api/identity/T",
    "organizations.yaml": "/api/system/T",
    "admin-pools.yaml": "/api/admin/T",
    "hub-pools.yaml": "/api/hub",
    "identityself.yaml": "/T/X/identity",
}

pytestmark = [
    pytest.mark.needs_shared,
    pytest.mark.skipif(not SPEC.is_dir(), reason="the vendor's Swagger files (../shared) are not here"),
]


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


def test_every_published_operation_is_served_or_left_out_for_a_reason() -> None:
    served = {(one.method, anonymous(one.path)) for one in catalogue()}
    known = {(method, path) for method, path, _, _ in published()}
    assert known - served == set(OUT_OF_SCOPE)
    assert served & set(OUT_OF_SCOPE) == set()


def test_operations_end_as_published() -> None:
    operations = {(one.method, anonymous(one.path)): one for one in catalogue()}
    for method, path, operation, _ in published():
        ours = operations.get((method, path))
        if ours is not None:
            assert str(ours.success) in operation["responses"], (method, path)
            named = ours.name.rpartition(".")[2]
            assert (named in NOT_YET) == ("passkeys" in ours.summary.lower()), ours.name


class Checked(Asked):
    """A site that holds every answer against the definitions."""

    def __enter__(self) -> Checked:
        super().__enter__()
        self.published = {(method, path): (operation, document) for method, path, operation, document in published()}
        self.seen: set[tuple[str, str]] = set()
        self.http.event_hooks = {"response": [self.check]}
        return self

    def check(self, answer: Any) -> None:
        """One answer."""
        found = self.server.operations.find(answer.request.method, answer.request.url.path)
        if found.operation is None:
            return
        key = (found.operation.method, anonymous(found.operation.path))
        if key not in self.published:
            return
        self.seen.add(key)
        operation, document = self.published[key]
        status = answer.status_code
        assert str(status) in operation["responses"] or status in ALWAYS or status in FURTHER, (key, status)
        answer.read()
        if status >= 400:
            fits(
                answer.json(), {"$ref": "#/definitions/Error"}, self.published["GET", "/api/identity/T/system/pools"][1]
            )
            return
        schema = schema_of(operation["responses"][str(status)], document)
        if schema is None:
            assert answer.content == b"", key
        else:
            fits(answer.json(), schema, document)


def schema_of(response: dict[str, Any], document: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of an answer, None for an empty one."""
    while "$ref" in response and "/responses/" in response["$ref"]:
        response = document.get("responses", {}).get(response["$ref"].rpartition("/")[2], {})
    if "$ref" in response:
        return response
    return response.get("schema")


def relaxed(schema: Any) -> Any:
    """Definitions whose free maps take any value: FREE_MAPS."""
    if isinstance(schema, dict):
        free = {"type": "object"}
        return {
            key: {} if key == "additionalProperties" and inner == free else relaxed(inner)
            for key, inner in schema.items()
        }
    return [relaxed(inner) for inner in schema] if isinstance(schema, list) else schema


def fits(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> None:
    """Raises AssertionError with path and rule when a value does not fit."""
    known = {"definitions": relaxed(document["definitions"]), **schema}
    for error in jsonschema.Draft4Validator(known).iter_errors(value):
        path = [str(step) for step in error.absolute_path]
        if path[-1:] == ["state"] and error.instance == "":
            continue  # EMPTY_STATE
        raise AssertionError(f"{'.'.join(path)}: {error.message[:300]}")


STORIES: list[tuple[Any, str]] = [
    *((test_pools, name) for name in vars(test_pools) if name.startswith("test_")),
    *((test_users, name) for name in vars(test_users) if name.startswith("test_")),
    *((test_flows, name) for name in vars(test_flows) if name.startswith("test_")),
]


def _stories() -> Iterator[Any]:
    for module, name in STORIES:
        test = getattr(module, name)
        arguments = test.__code__.co_varnames[: test.__code__.co_argcount]
        if arguments == ("site",):
            yield pytest.param(module, test, id=f"{module.__name__.rpartition('.')[2]}-{name}")


@pytest.mark.parametrize(("module", "test"), list(_stories()) if SPEC.is_dir() else [])
def test_every_answer_of_a_story_fits_the_definitions(module: Any, test: Any) -> None:
    with Checked() as site:
        if module is test_users:
            site.post("/pools", {"id": "p", "name": "P", "identifier_case_insensitive": True})
        if module is test_flows:
            settings = {"public_registration_allowed": True, "password_policy": {"min_length": 10}}
            site.post("/pools", {"id": "p", "name": "P", **settings})
        test(site)
        assert site.seen
