"""The order of keys: one for all that writes manifests."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.core.values import JsonValue
from pool_as_code.core.yaml import dump, parse
from pool_as_code.core.yaml.canonical import canonical
from pool_as_code.manifest.order import in_order
from tests.documents import projects


def shuffled(value: JsonValue, seed: random.Random) -> JsonValue:
    """The same value, the keys of its maps in another order."""
    if isinstance(value, dict):
        keys = list(value)
        seed.shuffle(keys)
        return {key: shuffled(value[key], seed) for key in keys}
    return [shuffled(item, seed) for item in value] if isinstance(value, list) else value


def keys_of(value: JsonValue) -> list[str]:
    """All keys, from outside in."""
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in (key, *keys_of(item))]
    return [found for item in value for found in keys_of(item)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    ("document", "keys"),
    [
        (
            {"spec": {"profile": {"b": 1, "a": 2}, "status": "new"}, "kind": "User", "metadata": {"pool": "p", "name": "a"}},
            "kind metadata name pool spec status profile b a",
        ),
        (
            {"spec": {"zzz": 1, "signIn": {"x": 1, "firstFactor": {"preferred": "totp", "methods": []}}}, "kind": "IdentityPool"},
            "kind spec signIn firstFactor methods preferred x zzz",
        ),
        (
            {"kind": "Project", "environments": {"b": {"manifests": [], "store": "s"}, "a": {}}, "name": "n", "id": "i"},
            "kind id name environments b store manifests a",
        ),
        (
            {"spec": {"merge": {"spec": {"z": 1, "a": 2}, "metadata": {}}, "targets": ["x"]}, "kind": "Patch", "metadata": {}},
            "kind metadata spec targets merge metadata spec z a",
        ),
        (
            {"spec": {"documents": [{"spec": {}, "kind": "Group"}], "rows": [{"b": 1, "a": 1}]}, "kind": "ForEach"},
            "kind spec rows b a documents kind spec",
        ),
        (
            {"b": 1, "spec": {"b": 1, "a": 1}, "metadata": {"labels": {}, "name": "n"}, "kind": "Odd"},
            "kind metadata name labels spec b a b",
        ),
        ({"spec": {"identifiers": [{"metadata": {}, "email": "a@b.c"}, 3]}, "kind": "User"}, "kind spec identifiers email metadata"),
        ({"kind": ["User"], "spec": 1, "apiVersion": None}, "apiVersion kind spec"),
        ([{"kind": "User"}], "kind"),
        ({"kind": "User", "spec": [{"b": 1}], "metadata": "x"}, "kind metadata spec b"),
    ],
)  # fmt: skip
def test_fields_stand_as_their_types_declare_them_and_the_others_as_they_were(document: Any, keys: str) -> None:
    assert keys_of(in_order(document)) == keys.split()
    assert in_order(document) == document


@given(projects(), st.integers(0, 999))
def test_what_is_pulled_is_canonical_and_a_shuffled_one_comes_back_to_it_but_for_the_keys_of_users(
    documents: list[dict[str, Any]], number: int
) -> None:
    arranged = [in_order(document) for document in documents]
    written = dump(arranged)
    assert canonical(written, in_order) == written
    mixed = dump([shuffled(document, random.Random(number)) for document in documents])
    again = canonical(mixed, in_order)
    assert canonical(again, in_order) == again
    assert [document.value for document in parse(again)] == documents
    assert [list(document.value) for document in parse(again)] == [list(document) for document in arranged]  # type: ignore[arg-type]
