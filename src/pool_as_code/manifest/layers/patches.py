"""Patches: a merge and the documents it is for. Those of manifests and those of an environment are the same."""

from __future__ import annotations

import bisect
import fnmatch
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ...core.address import Address
from ...core.values import JsonMap, JsonValue, as_list, as_map
from ...resources.kind import Problem
from ...resources.state import Origin
from ...resources.suggest import Names

Path = tuple[str | int, ...]
_MARK = re.compile(r"[*?[]")  # where the literal beginning of a glob ends
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


class Patchable:
    """The documents that patches may be for, by their labels, made ready once: a project may have a thousand patches and ten
    thousand documents."""

    def __init__(self, labels: Mapping[Address, JsonMap]) -> None:
        self._labels = labels

    def chosen(self, patch: Patch) -> list[Address]:
        """The addresses that a patch is for, in order."""
        named = self._named(patch.targets) if patch.targets else None
        having = self._having(patch.selector) if patch.selector else None
        if named is None or having is None:
            return sorted(named if named is not None else having or ())
        return sorted(named & having)

    def nearest(self, target: str) -> str | None:
        """The address that reads most like a target."""
        return self._names.nearest(target)

    def _named(self, targets: Iterable[str]) -> set[Address]:
        found: set[Address] = set()
        for text in targets:
            mark = _MARK.search(text)
            if "/" in text and (exact := Address(*text.split("/", 1))) in self._labels:
                found.add(exact)
            if mark is not None:
                found.update(self._matching(text, text[: mark.start()]))
        return found

    def _matching(self, glob: str, beginning: str) -> Iterator[Address]:
        matches = re.compile(fnmatch.translate(glob)).match
        for at in range(bisect.bisect_left(self._texts, beginning), len(self._texts)):
            text = self._texts[at]
            if not text.startswith(beginning):
                return
            if matches(text):
                yield Address.parse(text)

    def _having(self, selector: Mapping[str, str]) -> set[Address]:
        first, *others = (self._by_label.get(item, set()) for item in selector.items())
        return first.intersection(*others)

    @functools.cached_property
    def _texts(self) -> list[str]:
        return sorted(map(str, self._labels))

    @functools.cached_property
    def _by_label(self) -> dict[tuple[str, str], set[Address]]:
        found: dict[tuple[str, str], set[Address]] = {}
        for address, labels in self._labels.items():
            for key, value in labels.items():
                if isinstance(value, str):
                    found.setdefault((key, value), set()).add(address)
        return found

    @functools.cached_property
    def _names(self) -> Names:
        return Names(self._texts)


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
