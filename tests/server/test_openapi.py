"""The server's own OpenAPI document is complete, and what it answers fits it."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest

from pool_as_code.server.catalogue import catalogue
from tests.server import test_flows, test_pools, test_users
from tests.server.scim import test_entra, test_okta
from tests.server.scim.provider import keeping
from tests.server.site import Asked


def test_every_operation_stands_in_the_document_once(site: Asked) -> None:
    found = site.http.get("/openapi.json").json()
    listed = [(method.upper(), path) for path, methods in found["paths"].items() for method in methods]
    assert sorted(listed) == sorted((one.method, one.path) for one in catalogue())
    names = [one["operationId"] for methods in found["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))


def test_every_reference_leads_to_a_definition_and_every_definition_is_referred_to(site: Asked) -> None:
    text = site.http.get("/openapi.json").text
    known = set(site.http.get("/openapi.json").json()["components"]["schemas"])
    assert set(re.findall(r'"#/components/schemas/(\w+)"', text)) == known


def test_the_definitions_are_json_schemas(site: Asked) -> None:
    for schema in site.http.get("/openapi.json").json()["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_a_pool_is_described_by_its_own_fields(site: Asked) -> None:
    pool = site.http.get("/openapi.json").json()["components"]["schemas"]["Pool"]
    assert pool["properties"]["password_policy"]["properties"]["min_length"]["type"] == "number"
    assert pool["properties"]["public_registration_allowed"]["type"] == "boolean"
    assert pool["required"] == ["name"]


class Documented(Asked):
    """A site that holds every answer against its own document."""

    seen = 0

    def __enter__(self) -> Documented:
        super().__enter__()
        self.document = self.http.get("/openapi.json").json()
        self.http.event_hooks = {"response": [self.check]}
        return self

    def check(self, answer: Any) -> None:
        """One answer."""
        answer.read()
        found = self.server.operations.find(
            answer.request.method, answer.request.url.path.strip("/").split("/")
        ).operation
        if found is None:
            return
        self.seen += 1
        responses = self.document["paths"][found.path][found.method.lower()]["responses"]
        assert str(answer.status_code) in responses, (found.name, answer.status_code, answer.text)
        content = responses[str(answer.status_code)].get("content")
        if content is None:
            assert answer.content == b""
            return
        media = next(iter(content))
        assert answer.headers["content-type"] == media
        schema = {"components": self.document["components"], **content[media]["schema"]}
        if "oauth2" in found.path and answer.status_code >= 400:
            return  # the form of OAuth
        for error in jsonschema.Draft202012Validator(schema).iter_errors(answer.json()):
            raise AssertionError(f"{found.name}: {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}")


@pytest.mark.parametrize(
    "story",
    [
        test_okta.test_a_person_as_okta_keeps_it,
        test_entra.test_a_person_as_entra_keeps_it,
        test_entra.test_older_forms_of_entra_are_understood,
    ],
    ids=lambda story: story.__name__,
)
def test_every_answer_of_scim_fits_the_document(story: Any) -> None:
    with Documented() as site:
        story(keeping(site))
        assert site.seen


@pytest.mark.parametrize(
    "test",
    [
        pytest.param((module, name), id=f"{module.__name__.rpartition('.')[2]}-{name}")
        for module in (test_pools, test_users, test_flows)
        for name in vars(module)
        if name.startswith("test_") and getattr(module, name).__code__.co_argcount == 1
    ],
)
def test_every_answer_of_a_story_fits_the_document(test: tuple[Any, str]) -> None:
    module, name = test
    with Documented() as site:
        if module is not test_pools:
            settings = {"public_registration_allowed": True, "password_policy": {"min_length": 10}}
            if module is test_users:
                settings = {"identifier_case_insensitive": True}
            site.post("/pools", {"id": "p", "name": "P", **settings})
        getattr(module, name)(site)
        assert site.seen
