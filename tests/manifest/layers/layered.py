"""A project in a folder, loaded for one environment: what the tests of layers look at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pool_as_code.core.address import Address
from pool_as_code.core.values import JsonMap, JsonValue
from pool_as_code.manifest.load import Loaded, load
from pool_as_code.manifest.project import choose_environment, find_project
from pool_as_code.resources.state import Resource

HEAD = "apiVersion: pool-as-code/v1\nkind: "


def document(kind: str, metadata: JsonMap, spec: JsonMap | None = None) -> str:
    """One document, as flow YAML."""
    text = f"{HEAD}{kind}\nmetadata: {json.dumps(metadata)}\n"
    return text + (f"spec: {json.dumps(spec)}\n" if spec is not None else "")


def pool(name: str, spec: JsonMap | None = None, **metadata: JsonValue) -> str:
    """A pool's document."""
    return document("IdentityPool", {"name": name, **metadata}, spec)


def patch(merge: JsonMap, targets: list[str] | None = None, selector: JsonMap | None = None, name: str = "p") -> str:
    """A Patch of the spec."""
    found: JsonMap = {"merge": {"spec": merge}}
    if targets is not None:
        found["targets"] = list(targets)
    if selector is not None:
        found["selector"] = selector
    return document("Patch", {"name": name}, found)


def for_each(documents: list[JsonValue], **spec: JsonValue) -> str:
    """A ForEach over `rows.csv`, or over what `spec` says."""
    source: JsonMap = {} if "rows" in spec else {"source": {"file": "rows.csv"}}
    return document("ForEach", {"name": "all"}, {**source, **spec, "documents": documents})


def made_pool(name: str = "${row.name}", spec: JsonMap | None = None, **metadata: JsonValue) -> JsonMap:
    """The template of a pool."""
    return {
        "apiVersion": "pool-as-code/v1",
        "kind": "IdentityPool",
        "metadata": {"name": name, **metadata},
        **({"spec": spec} if spec is not None else {}),
    }


@dataclass
class Layered:
    """A project in `folder`. `more` is the rest of its project file, as flow YAML by key."""

    folder: Path
    more: JsonMap = field(default_factory=dict)

    def write(self, *documents: str, **files: str) -> Layered:
        """The manifests in one file; further files by name, with `__` for the dot."""
        manifests = self.folder / "manifests"
        manifests.mkdir(parents=True, exist_ok=True)
        lines = [f"{key}: {json.dumps(value)}\n" for key, value in self.more.items()]
        (self.folder / "pool-as-code.yaml").write_text(
            HEAD + "Project\nid: p-0123456789abcdef\nname: Shop\n" + "".join(lines)
        )
        if documents:
            (manifests / "all.yaml").write_text("---\n".join(documents))
        for name, text in files.items():
            (manifests / name.replace("__", ".")).write_text(text)
        return self

    def load(
        self,
        env: str | None = None,
        *,
        variables: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
        sources: tuple[str, ...] = (),
    ) -> Loaded:
        """What the manifests say in an environment."""
        project = find_project(self.folder)
        assert project is not None
        environment = choose_environment(project, env)
        return load(
            sources,
            project=project,
            environment=environment,
            cwd=self.folder,
            environ=environ,
            variables=variables,
        )

    def resource(self, address: str = "pool/a", env: str | None = None) -> Resource:
        """A resource of manifests without problems."""
        loaded = self.load(env)
        assert messages(loaded) == []
        return loaded.state.resources[Address.parse(address)]

    def spec(self, address: str = "pool/a", env: str | None = None) -> JsonMap:
        """Its spec."""
        return self.resource(address, env).spec


def messages(loaded: Loaded) -> list[str]:
    """`FILE:LINE CODE summary`, by the names of files alone."""
    return [
        f"{item.location.file.rpartition('/')[2]}:{item.location.line} {item.code} {item.summary}"
        if item.location
        else f"{item.code} {item.summary}"
        for item in loaded.diagnostics
    ]


def details(loaded: Loaded) -> list[str]:
    """The details of all problems."""
    return [item.detail for item in loaded.diagnostics]
