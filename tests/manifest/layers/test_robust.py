"""Whatever stands in a layer, loading answers with diagnostics that have a place, and rendering never fails in another way."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pool_as_code.app.rendering import effective
from pool_as_code.app.request import Request
from pool_as_code.core.errors import InvalidInput
from pool_as_code.manifest.load import load
from pool_as_code.manifest.project import find_project
from pool_as_code.render.diagnostics import diagnostics_text
from pool_as_code.render.effective import documents_text
from tests.manifest.mutations import OTHER_VALUES, holder_at, places

API = "pool-as-code/v1"
PROJECT: dict[str, Any] = {
    "apiVersion": API,
    "kind": "Project",
    "id": "p-0123456789abcdef",
    "name": "x",
    "variables": {"host": "example.com", "many": {"type": "integer"}},
    "defaultEnvironment": "dev",
    "environments": {
        "dev": {
            "variables": {"many": 5},
            "bindings": {"workspace/shop": "w-1", "pool/b": "b-1"},
            "patches": [{"targets": ["pool/*"], "selector": {"tier": "1"}, "merge": {"spec": {"description": "d"}}}],
        }
    },
}
DOCUMENTS: list[dict[str, Any]] = [
    {
        "apiVersion": API,
        "kind": "IdentityPool",
        "metadata": {"name": "base", "abstract": True, "workspace": "shop", "labels": {"team": "a"}},
        "spec": {"passwordPolicy": {"minLength": 8, "digits": 1}, "poolLimits": {"passkeysPerUser": "${var.many}"}},
    },
    {
        "apiVersion": API,
        "kind": "IdentityPool",
        "metadata": {"name": "b", "extends": "base", "labels": {"tier": "1"}},
        "spec": {"$unset": ["passwordPolicy.digits"], "passkeySettings": {"relyingPartyId": "b.${var.host}"}},
    },
    {
        "apiVersion": API,
        "kind": "Patch",
        "metadata": {"name": "p"},
        "spec": {
            "targets": ["pool/b"],
            "merge": {"spec": {"passwordPolicy": {"history": 3}, "$unset": ["poolLimits"]}},
        },
    },
    {
        "apiVersion": API,
        "kind": "ForEach",
        "metadata": {"name": "f"},
        "spec": {
            "rows": [{"name": "r1", "n": 1, "previous_name": "r0"}, {"name": "r2", "n": None}],
            "documents": [
                {
                    "apiVersion": API,
                    "kind": "IdentityPool",
                    "metadata": {"name": "${row.name}", "extends": "b"},
                    "spec": {"poolLimits": {"passkeysPerUser": "${row.n}"}},
                },
                {"apiVersion": API, "kind": "Group", "metadata": {"name": "g-${row.name}", "pool": "${row.name}"}},
            ],
        },
    },
]
OTHERS = (
    *OTHER_VALUES[::3],
    "${var.host}",
    "${row.name}",
    "${",
    "$${x}",
    ["${var.many}"],
    {"$unset": ["a"]},
    {"$unset": 3},
)
EVERYWHERE = places([PROJECT, *DOCUMENTS])


def write(folder: Path, everything: list[Any]) -> None:
    (folder / "manifests").mkdir(exist_ok=True)
    (folder / "pool-as-code.yaml").write_text(json.dumps(everything[0]), "utf-8")
    text = "\n---\n".join(json.dumps(document, indent=1) for document in everything[1:])
    (folder / "manifests" / "all.yaml").write_text(text, "utf-8")


def said(folder: Path) -> str:
    """What the tool says, or the effective documents."""
    try:
        project = find_project(folder)
    except InvalidInput as refused:
        unplaced = [item for item in refused.diagnostics if item.location is None]
        return diagnostics_text(refused.diagnostics) if not unplaced else pytest.fail(str(unplaced))
    assert project is not None
    for environment in project.environments.values():
        loaded = load(project=project, environment=environment, cwd=folder)
        assert all(item.location is not None and item.location.file for item in loaded.diagnostics)
        diagnostics_text(loaded.diagnostics)
    try:
        return documents_text(effective(Request(cwd=folder)).documents)
    except InvalidInput as refused:
        return diagnostics_text(refused.diagnostics)


def test_what_is_broken_here_is_whole(tmp_path: Path) -> None:
    write(tmp_path, [PROJECT, *DOCUMENTS])
    text = said(tmp_path)
    assert "relyingPartyId: b.example.com" in text
    assert "previousNames: [r0]" in text


@pytest.mark.parametrize("other", OTHERS, ids=lambda value: repr(value)[:20])
def test_every_place_replaced_by_another_value_gives_diagnostics_and_nothing_else(tmp_path: Path, other: Any) -> None:
    for path in EVERYWHERE[OTHERS.index(other) % 2 :: 2]:  # every second place: the values take turns
        if len(path) > 1:
            everything = copy.deepcopy([PROJECT, *DOCUMENTS])
            holder_at(everything, path)[path[-1]] = other
            write(tmp_path, everything)
            said(tmp_path)


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_several_faults_at_once_give_diagnostics_and_nothing_else(tmp_path: Path, data: st.DataObject) -> None:
    everything = copy.deepcopy([PROJECT, *DOCUMENTS])
    for _ in range(data.draw(st.integers(1, 5))):
        path = data.draw(st.sampled_from([p for p in places(everything) if len(p) > 1]))
        holder = holder_at(everything, path)
        match data.draw(st.sampled_from(["replace", "remove", "rename"])):
            case "replace":
                holder[path[-1]] = data.draw(st.sampled_from(OTHERS))
            case "rename" if isinstance(holder, dict):
                holder[data.draw(st.sampled_from(["$unset", "extends", "abstract", "rows", "${var.host}", "name"]))] = (
                    holder.pop(path[-1])
                )
            case _:
                del holder[path[-1]]
    write(tmp_path, everything)
    said(tmp_path)
