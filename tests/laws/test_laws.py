"""The laws: what must hold for every project, whatever its kinds and fields."""

from __future__ import annotations

import copy
import json
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pool_as_code.plan import codec
from pool_as_code.plan.model import Action
from pool_as_code.resources.state import derived_id
from pool_as_code.stores.base import Scope
from pool_as_code.stores.registry import BUILT_IN
from tests.documents import projects
from tests.house import House, LastingMemory, open_cheap, summary
from tests.postgres import a_schema

pytestmark = pytest.mark.usefixtures("cheap_hashing")


@contextmanager
def house(documents: list[dict[str, Any]]) -> Iterator[House]:
    with tempfile.TemporaryDirectory() as folder:
        yield House(Path(folder)).write(documents)


@given(projects())
@settings(max_examples=60)
def test_what_was_applied_needs_nothing_more_twice(documents: list[dict[str, Any]]) -> None:
    with house(documents) as here:
        first = here.plan()
        assert not here.database.exists()
        assert first.target.fingerprint == "new"
        report = here.apply()
        assert report.state == "applied", [o for o in report.outcomes if o.status != "applied"]
        assert summary(here.plan()) == {}
        assert here.apply().state == "nothing"
        assert summary(here.plan()) == {}
        assert not here.drift().drifted


@given(projects())
@settings(max_examples=60)
def test_a_plan_survives_its_own_json_and_equal_plans_are_equal_bytes(documents: list[dict[str, Any]]) -> None:
    with house(documents) as here:
        plan = here.plan()
        text = codec.dumps(plan)
        assert codec.loads(text) == plan
        assert codec.dumps(codec.loads(text)) == text
        assert codec.dumps(here.plan()) == text


@given(projects())
@settings(max_examples=30)
def test_in_memory_what_was_applied_needs_nothing_more_twice(documents: list[dict[str, Any]]) -> None:
    with house(documents) as here, pytest.MonkeyPatch.context() as patch:
        patch.setitem(BUILT_IN, "sqlite", "tests.house:open_lasting_memory")
        try:
            assert here.apply().state == "applied"
            assert summary(here.plan()) == {}
            assert here.apply().state == "nothing"
            assert not here.drift().drifted
            assert not here.database.exists()
        finally:
            LastingMemory.forget(here.root)


@given(documents=projects())
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_on_postgresql_what_was_applied_needs_nothing_more_twice(
    postgres_server: str, documents: list[dict[str, Any]]
) -> None:
    with house(documents) as here:
        here.store = a_schema(postgres_server)
        assert here.plan().target.fingerprint == "new"
        assert here.apply().state == "applied"
        assert summary(here.plan()) == {}
        assert here.apply().state == "nothing"
        assert not here.drift().drifted


@given(projects(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_shuffled_documents_and_sets_change_nothing(documents: list[dict[str, Any]], chance: random.Random) -> None:
    with house(documents) as here:
        here.apply()
        mixed = copy.deepcopy(documents)
        chance.shuffle(mixed)
        for document in mixed:
            spec = document["spec"]
            for key in ("identifiers", "addresses", "groups", "signInAt", "domains", "allowedMethods"):
                if isinstance(spec.get(key), list):
                    chance.shuffle(spec[key])
            for factor in ("firstFactor", "secondFactor"):
                methods = spec.get("signIn", {}).get(factor, {}).get("methods")
                if methods:
                    chance.shuffle(methods)
            document["spec"] = dict(chance.sample(sorted(spec.items(), key=lambda e: e[0]), len(spec)))
        here.write(mixed)
        plan = here.plan()
        assert not [c for c in plan.changes if c.action is not Action.OWN], summary(plan)
        assert summary(plan) == {}


def leaves_of(value: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, inner in value.items():
        whole = bool(path) and path[0] in ("profile", "administrative", "delegated", "metadata", "extra")
        if isinstance(inner, dict) and inner and len(path) < 2 and not whole:
            yield from leaves_of(inner, (*path, key))
        else:
            yield (*path, key)


@given(projects(), st.data())
@settings(max_examples=60)
def test_dropping_a_declared_field_changes_no_live_value(documents: list[dict[str, Any]], data: st.DataObject) -> None:
    droppable = [
        (index, path)
        for index, document in enumerate(documents)
        for path in leaves_of(document["spec"])
        if path[0] not in ("password", "totp", "invitation", "signIn", "schema")
    ]
    if not droppable:
        return
    index, path = data.draw(st.sampled_from(droppable))
    with house(documents) as here:
        here.apply()
        less = copy.deepcopy(documents)
        inside = less[index]["spec"]
        for key in path[:-1]:
            inside = inside[key]
        del inside[path[-1]]
        if path[0] in ("identifiers", "addresses") and documents[index]["spec"].get("invitation"):
            return
        here.write(less)
        plan = here.plan()
        assert {c.action for c in plan.changes} <= {Action.OWN}, [(c.address, c.fields) for c in plan.changes]
        assert len(plan.changes) <= 1
        assert here.apply().state in ("applied", "nothing")
        assert summary(here.plan()) == {}


@given(projects(most_users=1))
@settings(max_examples=40)
def test_null_resets_to_what_an_undeclared_field_has(documents: list[dict[str, Any]]) -> None:
    def nulled(value: Any, depth: int = 0) -> Any:
        if isinstance(value, dict) and depth < 2:
            return {k: nulled(v, depth + 1) for k, v in value.items()}
        return value

    pools = [d for d in documents if d["kind"] == "IdentityPool"]
    with house(documents) as here:
        assert here.apply().state == "applied"
        for pool in pools:
            for section, key in (("passwordPolicy", "minLength"), ("registrationModes", "selfRegistration")):
                pool["spec"].setdefault(section, {})[key] = None
            pool["spec"]["description"] = None
        here.write(nulled(documents))
        assert here.apply().state in ("applied", "nothing")
        assert summary(here.plan()) == {}


def mutated(documents: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """Some documents gone, some fields gone, some lists shorter: what an editor's afternoon does."""
    found = []
    for document in copy.deepcopy(documents):
        spec = document["spec"]
        for key in list(spec):
            if key in ("password", "totp", "invitation", "signIn", "schema") or chance.random() > 0.4:
                continue
            if (
                key in ("groups", "identifiers", "addresses", "domains", "signInAt")
                and spec[key]
                and "invitation" not in spec
            ):
                spec[key] = spec[key][: chance.randrange(len(spec[key]) + 1)]
            elif key not in ("identifiers", "addresses"):
                del spec[key]
        if document["kind"] != "User" or chance.random() > 0.2:
            found.append(document)
    return found


@given(projects(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_an_edited_project_applies_and_tokens_say_what_the_differ_says(
    documents: list[dict[str, Any]], chance: random.Random
) -> None:
    with house(documents) as here:
        assert here.apply().state == "applied"
        here.write(mutated(documents, chance))
        plan = here.plan(prune=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pool_as_code.plan.world.World.settled", lambda *arguments: False)
            assert codec.dumps(here.plan(prune=True)) == codec.dumps(plan)
        report = here.apply(prune=True, max_deletes={"user": 100}, transaction=chance.random() > 0.5)
        assert report.state in ("applied", "nothing"), [o for o in report.outcomes if o.status != "applied"]
        assert summary(here.plan(prune=True)) == {}
        for user in (d for d in mutated_users(here) if "groups" in d["spec"] or "identifiers" in d["spec"]):
            live = live_user(here, user["metadata"]["pool"], user["metadata"]["name"])
            if "groups" in user["spec"]:
                names = {derived_id("group", name, user["metadata"]["pool"]) for name in user["spec"]["groups"]}
                assert set(live.get("groups", [])) == names
            if "identifiers" in user["spec"]:
                assert sorted(map(str, live.get("identifiers", []))) == sorted(map(str, user["spec"]["identifiers"]))


def mutated_users(here: House) -> list[dict[str, Any]]:
    texts = (here.root / "manifests" / "all.yaml").read_text("utf-8").split("\n---\n")
    return [d for d in map(json.loads, texts) if d["kind"] == "User"]


def live_user(here: House, pool: str, name: str) -> dict[str, Any]:
    store = open_cheap("sqlite:///.pool-as-code/directory.db", read_only=True, root=here.root, environ={})
    try:
        (found,) = store.read(Scope("user", ids=frozenset({derived_id("user", name, pool)})))
        return dict(found.spec)
    finally:
        store.close()
