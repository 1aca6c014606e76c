"""Every example on every store: applied, planned again, pulled; whoever has a password signs in; and what is pulled is the same from
all of them, but for what a store declares that it can not express, which its plan tells."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from pool_as_code.core.capabilities import Capabilities
from tests.cli.shop import Shop
from tests.examples.places import NAMES, Place, copied, place, tree
from tests.examples.projects import ALL, NAMED, PASSWORD, Example

ROWS = int(os.environ.get("EXAMPLE_ROWS") or 14)
"""Customers of the long list; 0 for all of them, as in `make examples`."""

EXAMPLES = (*ALL, Example("takeover", {}))
USERS = {  # who has a password: pool, an identifier
    "quickstart": ("customers", "ada"),
    "consumer-shop": ("customers", "test.customer@example.com"),
    "invite-only": ("clinicians", "desk-1"),
}


@pytest.fixture(scope="module", params=NAMES)
def there(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Any:
    with place(request.param, tmp_path_factory.mktemp("place"), postgres_server) as made:
        yield made


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_applied_once_and_pulled_as_from_every_other_store(
    there: Place, example: Example, tmp_path: Path
) -> None:
    there.empty()
    shop = copied(example, tmp_path, ROWS)
    there.ready(shop)
    capabilities = capabilities_of(there, shop)
    assert told(shop, there, example) == expected_notes(shop, example, capabilities)
    pulled = applied_and_pulled(shop, there, example)
    if example.name in USERS:
        pool, identifier = USERS[example.name]
        assert there.verifies(shop, example, pool, identifier, PASSWORD)
        assert not there.verifies(shop, example, pool, identifier, "something-Else-7-entirely")
    assert pulled == as_expressed(reference(example), pulled, capabilities)


def test_a_store_that_makes_no_workspaces_says_so_before_the_first_write(tmp_path: Path, postgres_server: str) -> None:
    with place("http over sqlite", tmp_path / "place", postgres_server) as there:
        shop = copied(NAMED["quickstart"], tmp_path, ROWS)
        refused = shop.pac("apply", "--yes", "--store", there.url)
        assert refused.exit_code == 4
        assert "missing-precondition" in refused.output


def applied_and_pulled(shop: Shop, there: Place, example: Example) -> dict[str, list[Any]]:
    """What is pulled after an apply that left nothing to do."""
    where = (*example.environment, "--store", there.url)
    for command in (("apply", "--yes"), ("plan", "--detailed-exitcode"), ("drift",), ("pull", "--into", "pulled")):
        done = shop.pac(*command, *where)
        assert done.exit_code == 0, f"{command} on {there.name}: {done.output}"
    again = json.loads(shop.pac("plan", "pulled", "--output", "json", *where).stdout)["resource_changes"]
    foreign = [one for one in again if "importing" in one["change"]]  # a tenant that is taken over in part only
    assert [one for one in again if one not in foreign or one["change"]["actions"] != ["no-op"]] == []
    assert bool(foreign) == (example.name == "takeover")
    return tree(shop, "pulled")


REFERENCES: dict[str, dict[str, list[Any]]] = {}


def reference(example: Example) -> dict[str, list[Any]]:
    """What is pulled from memory."""
    if example.name not in REFERENCES:
        with TemporaryDirectory() as folder, place("memory", Path(folder), "") as there:
            there.empty()
            shop = copied(example, Path(folder), ROWS)
            there.ready(shop)
            REFERENCES[example.name] = applied_and_pulled(shop, there, example)
    return REFERENCES[example.name]


def capabilities_of(there: Place, shop: Shop) -> Capabilities:
    store = there.opened(shop)
    try:
        return store.capabilities
    finally:
        store.close()


def told(shop: Shop, there: Place, example: Example) -> set[tuple[str, str]]:
    """Address and path of what the first plan says it does not send."""
    planned = shop.pac("plan", "--output", "json", *example.environment, "--store", there.url)
    assert planned.exit_code == 0, planned.output
    notes = [one for one in json.loads(planned.stdout)["findings"] if one["code"] == "not-expressible"]
    return {(note["address"], note["reason"].split()[0]) for note in notes}


def expected_notes(shop: Shop, example: Example, capabilities: Capabilities) -> set[tuple[str, str]]:
    """Every declared field that the store says it has no place for, from the manifests."""
    rendered = shop.pac("render", "--output", "json", "--no-origins", *example.environment)
    documents = json.loads(rendered.stdout)["documents"]
    return {
        (one["address"], path)
        for one in documents
        for path in capabilities.unsupported.get(one["address"].partition("/")[0], ())
        if value_at(one["document"].get("spec", {}), path) is not None
    }


def as_expressed(
    wanted: dict[str, list[Any]], pulled: dict[str, list[Any]], capabilities: Capabilities
) -> dict[str, list[Any]]:
    """The files of the reference as a store with these capabilities can give them back: without the fields that it declares and
    does not show, and of what it does not make that it is there."""
    return {
        path: [expressible(one, other, capabilities) for one, other in zip(documents, pulled[path], strict=True)]
        for path, documents in wanted.items()
    }


WORDS = {"IdentityPool": "pool", "Workspace": "workspace", "Organization": "organization"}


def expressible(document: Any, shown: Any, capabilities: Capabilities) -> Any:
    word = WORDS.get(document["kind"], document["kind"].lower())
    rest = copy.deepcopy(document)
    if word in capabilities.preconditions:
        return {**shown, "metadata": {**shown["metadata"], "name": rest["metadata"]["name"]}}
    for path in capabilities.unsupported.get(word, ()):
        if value_at(shown.get("spec", {}), path) is None:
            take_out(rest.get("spec", {}), path.split("."))
    return rest


def value_at(spec: Any, path: str) -> Any:
    for step in path.split("."):
        spec = spec.get(step) if isinstance(spec, dict) else None
    return spec


def take_out(spec: Any, steps: list[str]) -> None:
    """Without this field, and without a map that is empty then."""
    if len(steps) > 1 and isinstance(spec.get(steps[0]), dict):
        take_out(spec[steps[0]], steps[1:])
        if not spec[steps[0]]:
            del spec[steps[0]]
    elif len(steps) == 1:
        spec.pop(steps[0], None)
