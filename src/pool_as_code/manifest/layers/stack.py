"""The layers of one environment on top of each other: which patches and bases every draft has, and what comes out of them.

    own document -> patches of manifests -> patches of the environment -> over its base -> variables put in

A base is looked up once. Where a value came from is found again when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ...core.address import Address
from ...core.values import JsonMap, JsonValue, as_map
from ...resources.state import Origin, Source
from .draft import Draft, Path
from .merge import overlay, patched
from .patches import Patch
from .placeholders import has_placeholders, put_in, used_below
from .variables import Variables

LONGEST_CHAIN = 64  # bases below each other
NOT_INHERITED = ("name", "pool", "id", "adopt", "protect", "previousNames", "state", "extends", "abstract")
_PLACES = ("workspace", "organization")  # an object lives in one of them
_FIXED = ("name", "pool", "labels", "extends", "abstract", "previousNames")  # variables can not stand there


class Fault(NamedTuple):
    """Something wrong while laying documents over each other: the code, what about it, and where it is written."""

    code: str
    about: str
    origin: Origin
    path: Path
    draft: Draft


class _Layer(NamedTuple):
    """One document, or one merge, as it is written."""

    value: JsonMap
    origin: Origin
    path: Path
    draft: Draft | None  # of documents


class Stack:
    """All drafts of an environment, and what lies over and below them. `find` gives a document that is no draft as one."""

    def __init__(
        self,
        drafts: Mapping[Address, Draft],
        find: Callable[[Address], Draft | None],
        variables: Variables,
        environment: str,
    ) -> None:
        self._drafts = drafts
        self._find = find
        self.variables = variables
        self.environment = environment
        self._values = {name: said.value for name, said in variables.said.items()}
        self._patches: dict[Address, list[Patch]] = {}
        self._inherited: dict[Address, JsonMap | None] = {}
        self._marked: dict[Address, bool] = {}
        self._told_unsets: set[tuple[Origin, Path]] = set()
        self.faults: list[Fault] = []

    def patch(self, address: Address, patch: Patch) -> None:
        """Lay a patch over what stands at an address so far."""
        self._patches.setdefault(address, []).append(patch)

    def effective(self, draft: Draft) -> JsonMap | None:
        """The document as it is meant, without placeholders, `extends` and `abstract`; None where a fault makes it unknown."""
        merged = self._merged(draft, ())
        if merged is None:
            return None
        metadata = {k: v for k, v in as_map(merged.get("metadata")).items() if k not in ("extends", "abstract")}
        document: JsonMap = {**merged, "metadata": metadata}
        return self._filled(draft, document) if self._is_marked(draft) else document

    # -- laying over

    def _own(self, draft: Draft) -> JsonMap:
        value = draft.value
        heir = bool(draft.extends)
        for patch in self._patches.get(draft.address, ()):
            tell = self._unset_teller(patch.origin, patch.path, draft)
            value = patched(value, patch.merge, tell, heir=heir)
        return value

    def _merged(self, draft: Draft, below: tuple[Address, ...]) -> JsonMap | None:
        own = self._own(draft)
        if not draft.extends:
            return own
        base = self.base_of(draft)
        place = ("metadata", "extends")
        if base is None:
            self._fault("PAC170", draft.extends, draft, place)
            return None
        if base.address in (draft.address, *below):
            names = [address.name for address in (*below, draft.address, base.address)]
            self._fault("PAC171", " > ".join(names), draft, place)
            return None
        if len(below) >= LONGEST_CHAIN:
            self._fault("PAC172", "", draft, place)
            return None
        inherited = self._inherited_of(base, (*below, draft.address))
        if inherited is None:
            return None
        metadata = _with_place(as_map(inherited.get("metadata")), as_map(own.get("metadata")))
        tell = self._unset_teller(draft.origin, draft.base, draft)
        under: JsonMap = {"metadata": metadata, "spec": as_map(inherited.get("spec"))}
        over = {key: part for key, part in own.items() if key in under and isinstance(part, dict)}
        return {**overlay(under, over, tell), **{key: part for key, part in own.items() if key not in over}}

    def _inherited_of(self, base: Draft, below: tuple[Address, ...]) -> JsonMap | None:
        if base.address not in self._inherited:
            merged = self._merged(base, below)
            if merged is not None:
                metadata = {k: v for k, v in as_map(merged.get("metadata")).items() if k not in NOT_INHERITED}
                merged = {**merged, "metadata": metadata}
            self._inherited[base.address] = merged
        return self._inherited[base.address]

    def base_of(self, draft: Draft) -> Draft | None:
        """The document that a draft is laid over."""
        for address in draft.bases():
            found = self._drafts.get(address) or self._find(address)
            if found is not None:
                return found
        return None

    def _unset_teller(self, origin: Origin, base: Path, draft: Draft) -> Callable[[Path], None]:
        def tell(path: Path) -> None:
            key = (origin, (*base, *path))
            if key not in self._told_unsets:
                self._told_unsets.add(key)
                self.faults.append(Fault("PAC164", "", origin, (*base, *path), draft))

        return tell

    def _fault(self, code: str, about: str, draft: Draft, path: Path) -> None:
        self.faults.append(Fault(code, about, draft.origin, (*draft.base, *path), draft))

    # -- variables

    def _is_marked(self, draft: Draft) -> bool:
        """Whether the document, a patch on it or anything below it may hold placeholders."""
        own = draft.marked or any(has_placeholders(p.merge) for p in self._patches.get(draft.address, ()))
        if own or not draft.extends:
            return own
        base = self.base_of(draft)
        if base is None:
            return False
        if base.address not in self._marked:
            self._marked[base.address] = True  # rings end here
            self._marked[base.address] = self._is_marked(base)
        return self._marked[base.address]

    def _filled(self, draft: Draft, document: JsonMap) -> JsonMap | None:
        good = True
        for path, used in used_below(document):
            code = self._wrong(path, used.scope, used.name, used.whole)
            if code:
                good = False
                source = self.source(draft, path)
                about = used.name if code == "PAC180" else used.text
                self.faults.append(Fault(code, about, source.origin, source.path, draft))
        return as_map(put_in(document, self._values)) if good else None

    def _wrong(self, path: Path, scope: str, name: str, whole: bool) -> str:
        if not scope or scope == "row":
            return "PAC175"
        if path[0] in ("apiVersion", "kind") or (path[0] == "metadata" and path[1:2] and path[1] in _FIXED):
            return "PAC176"
        if name not in self._values:
            return "PAC180"
        return "PAC177" if not whole and isinstance(self._values[name], list | dict) else ""

    # -- where values came from

    def layers(self, draft: Draft) -> Iterator[_Layer]:
        """What the effective document is made of, the uppermost first."""
        seen: set[Address] = set()
        here: Draft | None = draft
        while here is not None and here.address not in seen:
            seen.add(here.address)
            for patch in reversed(self._patches.get(here.address, ())):
                yield _Layer(patch.merge, patch.origin, patch.path, None)
            yield _Layer(here.value, here.origin, here.base, here)
            here = self.base_of(here) if here.extends else None

    def source(self, draft: Draft, path: Sequence[str | int]) -> Source:
        """Where the value at a path of the effective document is written: the uppermost layer that has it."""
        wanted = tuple(path)
        fallback: Source | None = None
        for layer in self.layers(draft):
            own = layer.draft is None or layer.draft is draft
            if not own and wanted[:1] == ("metadata",) and wanted[1:2] and wanted[1] in NOT_INHERITED:
                continue
            found, value = _look_up(layer.value, wanted)
            row = layer.draft.row if layer.draft is not None else None
            source = Source(layer.origin, (*layer.path, *wanted), self._note(value), row)
            if found:
                return source
            if fallback is None and layer.draft is draft:
                fallback = source
        assert fallback is not None
        return fallback

    def _note(self, value: JsonValue) -> str:
        if isinstance(value, dict):
            return ""
        said = self.variables.said
        names = dict.fromkeys(used.name for _, used in used_below(value) if used.scope == "var" and used.name in said)
        return ", ".join(f"variable {name} ({said[name].by})" for name in names)


def _look_up(value: JsonValue, path: Path) -> tuple[bool, JsonValue]:
    here = value
    for step in path:
        if isinstance(here, dict) and step in here:
            here = here[str(step)]
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
        else:
            return False, None
    return True, here


def _with_place(inherited: JsonMap, own: JsonMap) -> JsonMap:
    """Inherited metadata: an own place to live replaces the other sort of place as well."""
    if any(place in own for place in _PLACES):
        return {key: value for key, value in inherited.items() if key not in _PLACES}
    return inherited


class Effective:
    """Remembers of an effective document how it was made; see `resources.state.Layers`."""

    __slots__ = ("draft", "stack")

    def __init__(self, stack: Stack, draft: Draft) -> None:
        self.stack = stack
        self.draft = draft

    def source(self, path: Sequence[str | int]) -> Source:
        """Where the value at a path of the document is written."""
        return self.stack.source(self.draft, path)
