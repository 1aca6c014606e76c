"""Patches: a merge and the documents it is for. Those of manifests and those of an environment are the same."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ...core.address import Address
from ...core.values import JsonMap, JsonValue, as_list, as_map
from ...resources.kind import Problem
from ...resources.state import Origin

Path = tuple[str | int, ...]
_FIXED = ("name", "pool", "extends", "abstract")  # what says which document it is, and what it is made of


@dataclass(frozen=True, slots=True)
class Patch:
    """`merge` is laid over every document that answers to one of `targets` (where there are any) and has all labels of
    `selector`. It stands in the document `origin` at `path`."""

    name: str
    targets: tuple[str, ...]
    selector: Mapping[str, str]
    merge: JsonMap
    origin: Origin
    path: Path

    def chosen(self, labels: Mapping[Address, JsonMap]) -> list[Address]:
        """The addresses it is for, of documents given with their labels, in their order."""
        named: Iterable[Address] = labels
        if self.targets:
            exact = {Address(*text.split("/", 1)) for text in self.targets if "/" in text} & labels.keys()
            globs = [text for text in self.targets if any(mark in text for mark in "*?[")]
            named = [a for a in labels if a in exact or any(fnmatch.fnmatchcase(str(a), glob) for glob in globs)]
        wanted = self.selector.items()
        return [a for a in named if all(labels[a].get(key) == value for key, value in wanted)]


def patch_of(name: str, spec: JsonMap, origin: Origin, path: Path) -> Patch:
    """The patch that a valid `PatchSpec` describes; `path` is where the spec stands."""
    selector = {key: str(value) for key, value in as_map(spec.get("selector")).items()}
    targets = tuple(map(str, as_list(spec.get("targets"))))
    return Patch(name, targets, selector, as_map(spec["merge"]), origin, (*path, "merge"))


def patch_problems(spec: JsonMap, path: Path) -> Iterator[Problem]:
    """What is wrong with a `PatchSpec` whose form is right."""
    if "targets" not in spec and "selector" not in spec:
        hint = "add targets: [KIND/NAME], or selector: {LABEL: VALUE}"
        yield Problem(path, "PAC160", "the patch says nothing about which documents it is for", hint=hint)
    merge = as_map(spec.get("merge"))
    if not any(as_map(part) for part in merge.values()):
        yield Problem((*path, "merge"), "PAC161", "the patch changes nothing", hint="fill merge, or remove the patch")
    metadata: Mapping[str, JsonValue] = as_map(merge.get("metadata"))
    for key in _FIXED:
        if key in metadata:
            where = (*path, "merge", "metadata", key)
            hint = "write it in the document itself"
            yield Problem(where, "PAC162", f"a patch can not change metadata.{key}", hint=hint, remove=True)
