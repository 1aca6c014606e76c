"""The ownership digests of a new object are those that the differ gives once it is there: else its second plan is not empty."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from pool_as_code.core.fieldpath import format_path, parse_path
from pool_as_code.plan.diff import difference, digests_of
from pool_as_code.resources.registry import by_name
from tests.documents import projects


@given(projects())
@settings(max_examples=60)
def test_digests_of_a_new_object_are_those_of_the_differ(documents: list[dict[str, Any]]) -> None:
    for document in documents:
        kind = by_name()[document["kind"]]
        valid = kind.adapter.validate_python(document)
        metadata, spec = valid["metadata"], valid.get("spec") or {}

        made = digests_of(kind, metadata, spec)

        assert made == difference(kind, metadata, spec, None, {}, {}).digests
        assert all(format_path(parse_path(name)) == name for name in made)


def test_keys_and_members_that_are_no_plain_words_are_quoted() -> None:
    kind = by_name()["User"]
    spec: dict[str, Any] = {
        "identifiers": [{"email": "a]b@example.com", "metadata": {"a": 1}}],
        "profile": {"odd key": 1, "": "x", "é": None, "plain-key": []},
        "groups": ["staff"],
    }

    made = digests_of(kind, {"name": "ada", "pool": "customers"}, spec)

    assert set(made) == {
        "groups[staff]",
        'identifiers["email:a]b@example.com"]',
        'identifiers["email:a]b@example.com"].metadata',
        'profile.""',
        'profile."odd key"',
        'profile."\\u00e9"',
        "profile.plain-key",
    }
    assert made == difference(kind, {}, spec, None, {}, {}).digests
