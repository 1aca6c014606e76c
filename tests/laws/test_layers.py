"""However a project is cut into layers - bases, patches, rows, variables - its effective documents are the same; and what is
rendered is a project that means the same again."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pool_as_code.app.rendering import effective
from pool_as_code.app.request import Request
from pool_as_code.core.diagnostics import has_errors
from pool_as_code.manifest.layers.placeholders import literal
from pool_as_code.manifest.load import load
from pool_as_code.manifest.project import find_project
from pool_as_code.render.effective import documents_text
from pool_as_code.resources.registry import by_name
from tests.documents import ENVIRON, projects

API = "pool-as-code/v1"
UNLIKE = "not what is meant"


def write(folder: Path, documents: list[dict[str, Any]], **more: Any) -> None:
    about = {"apiVersion": API, "kind": "Project", "id": "p-0123456789abcdef", "name": "law", **more}
    (folder / "pool-as-code.yaml").write_text(json.dumps(about), "utf-8")
    (folder / "manifests").mkdir(exist_ok=True)
    text = "\n---\n".join(json.dumps(document, ensure_ascii=False) for document in documents)
    (folder / "manifests" / "all.yaml").write_text(text + "\n", "utf-8")


def meaning(folder: Path) -> dict[str, Any]:
    """Address -> metadata and spec."""
    loaded = load(project=find_project(folder), cwd=folder, environ=ENVIRON)
    assert not has_errors(loaded.diagnostics), loaded.diagnostics
    return {str(resource.address): (resource.metadata, resource.spec) for resource in loaded.state}


@dataclass
class Cutter:
    """Cuts documents into layers, as `draw` says."""

    draw: Callable[[st.SearchStrategy[Any]], Any]
    documents: list[dict[str, Any]] = field(default_factory=list)
    patches: list[dict[str, Any]] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)

    def cut(self, document: dict[str, Any]) -> None:
        own = copy.deepcopy(document)
        if self.coin():
            own["spec"] = self.with_variables(own["spec"])
        if self.coin():
            self.under_a_base(own)
        if self.coin():
            self.with_a_patch(own)
        if self.coin():
            own = self.of_a_row(own)
        self.documents.append(own)

    def coin(self) -> bool:
        return bool(self.draw(st.booleans()))

    def under_a_base(self, own: dict[str, Any]) -> None:
        name = f"base-{len(self.documents)}"
        spec, own["spec"] = self.parted(own["spec"])
        if "description" not in own["spec"] and "description" not in spec and own["kind"] in ("IdentityPool", "Group"):
            spec["description"] = UNLIKE
            own["spec"]["$unset"] = ["description"]
        own["metadata"]["extends"] = name
        base = {"apiVersion": API, "kind": own["kind"], "metadata": {"name": name, "abstract": True}, "spec": spec}
        self.documents.insert(self.draw(st.integers(0, len(self.documents))), base)

    def with_a_patch(self, own: dict[str, Any]) -> None:
        merge, own["spec"] = self.parted(own["spec"])
        merge.pop("$unset", None)
        if not merge:
            return
        for key, value in merge.items():
            if not isinstance(value, dict) and self.coin():
                own["spec"][key] = UNLIKE
        metadata = own["metadata"]
        place = f"{metadata['pool']}/{metadata['name']}" if "pool" in metadata else metadata["name"]
        target = f"{by_name()[own['kind']].word}/{place}"
        self.patches.append({"targets": [target], "merge": {"spec": merge}})

    def parted(self, spec: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Two maps that make up this one: its keys on one side or the other, those of maps below parted again."""
        one: dict[str, Any] = {}
        other: dict[str, Any] = {}
        for key, value in spec.items():
            if key == "$unset":
                other[key] = value
            elif isinstance(value, dict) and value and self.coin():
                low, high = self.parted(value)
                one.update({key: low} if low else {})
                other.update({key: high} if high else {})
            else:
                (one if self.coin() else other)[key] = value
        return one, other

    def with_variables(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.with_variables(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.with_variables(inner) for inner in value]
        if value is None or not self.coin():
            return value
        name = f"v{len(self.variables)}"
        self.variables[name] = value.replace("$${", "${") if isinstance(value, str) else value
        return f"${{var.{name}}}"

    def of_a_row(self, own: dict[str, Any]) -> dict[str, Any]:
        row: dict[str, Any] = {}

        def filled(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: inner if key == "$unset" else filled(inner) for key, inner in value.items()}
            if isinstance(value, list):
                return [filled(inner) for inner in value]
            if value in (None, "") or (isinstance(value, str) and "${" in value) or not self.coin():
                return value
            row[f"c{len(row)}"] = value
            return f"${{row.c{len(row) - 1}}}"

        template = {**own, "metadata": filled(own["metadata"]), "spec": filled(own["spec"])}
        spec = {"rows": [row or {"unused": 1}], "documents": [template]}
        return {"apiVersion": API, "kind": "ForEach", "metadata": {"name": f"f{len(self.documents)}"}, "spec": spec}


@given(projects(), st.data())
@settings(max_examples=60)
def test_a_project_cut_into_layers_means_the_same(documents: list[dict[str, Any]], data: st.DataObject) -> None:
    documents = [{**document, **literal({"spec": document["spec"]})} for document in documents]  # type: ignore[dict-item]
    cutter = Cutter(data.draw)
    for document in documents:
        cutter.cut(document)
    in_manifests = data.draw(st.booleans())
    patches = [
        {"apiVersion": API, "kind": "Patch", "metadata": {"name": f"p{number}"}, "spec": spec}
        for number, spec in enumerate(cutter.patches)
    ]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        write(Path(one), documents)
        layered = [*cutter.documents, *patches] if in_manifests else cutter.documents
        environment = {} if in_manifests else {"patches": cutter.patches}
        more = {"environments": {"dev": environment}, "defaultEnvironment": "dev"}
        write(Path(two), data.draw(st.permutations(layered)), variables=cutter.variables, **more)
        project = find_project(Path(two))
        assert project is not None
        loaded = load(project=project, environment=project.environments["dev"], cwd=Path(two), environ=ENVIRON)
        assert not has_errors(loaded.diagnostics), loaded.diagnostics
        assert {str(r.address): (r.metadata, r.spec) for r in loaded.state} == meaning(Path(one))


@given(projects())
@settings(max_examples=30)
def test_what_is_rendered_means_the_same(documents: list[dict[str, Any]]) -> None:
    documents = [{**document, **literal({"spec": document["spec"]})} for document in documents]  # type: ignore[dict-item]
    hashes = [d for d in documents if d["kind"] == "User" and "hash" in d["spec"].get("password", {})]
    for document in hashes:  # never shown
        del document["spec"]["password"]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        write(Path(one), documents)
        rendered = effective(Request(cwd=Path(one), environ=ENVIRON)).documents
        write(Path(two), [])
        (Path(two) / "manifests" / "all.yaml").write_text(documents_text(rendered), "utf-8")
        assert meaning(Path(two)) == meaning(Path(one))
