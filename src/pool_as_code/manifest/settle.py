"""Settling: drafts, patches and ForEach documents of a project become the resources of one environment.

    ForEach -> drafts     patches -> onto drafts and finished documents     drafts -> effective documents -> resources

What is laid over what is decided in `layers/`; here documents are validated, and faults become problems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from ..core.address import Address
from ..core.diagnostics import Diagnostic
from ..core.values import JsonMap, JsonValue, as_map
from ..resources.kind import API_VERSION, Kind, Problem
from ..resources.registry import by_name, by_word
from ..resources.state import Origin, Resource
from ..resources.suggest import Names
from .expand import Expansion, ForEach, ReadRows, unset_problems, wrong_unset
from .faults import FaultWords
from .layers.documents import LAYERS
from .layers.draft import Draft, Path, RowOrigin, address_of
from .layers.foreach import foreach_problems
from .layers.merge import has_unset, wrong_unsets
from .layers.patches import Patch, Patchable, patch_of, patch_problems
from .layers.placeholders import unguarded
from .layers.stack import Effective, Stack
from .layers.variables import Variables
from .place import Placed

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails


@dataclass
class Settled:
    """What came out: resources inside and around, problems and diagnostics of what is inside, documents by kind name,
    addresses that could not be made out, and whether there are documents whose names nobody knows."""

    inside: dict[Address, Resource] = field(default_factory=dict)
    around: dict[Address, Resource] = field(default_factory=dict)
    problems: list[Placed] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    claimed: set[Address] = field(default_factory=set)
    abstract: set[Address] = field(default_factory=set)
    unread: bool = False


class Layering:
    """Collects what is not a finished document while files are read."""

    def __init__(self) -> None:
        self._drafts: list[Draft] = []
        self._patches: list[tuple[Patch, bool]] = []
        self._makers: list[ForEach] = []
        self._doubtful: list[tuple[Draft, Callable[[], None]]] = []

    @property
    def empty(self) -> bool:
        """Whether there is nothing to settle."""
        return not (self._drafts or self._patches or self._makers or self._doubtful)

    def take_doubtful(self, value: JsonMap, origin: Origin, refuse: Callable[[], None], *, inside: bool) -> bool:
        """Keep a document that is not valid as it stands: a patch may make it so, else it is refused."""
        kind = by_name()[str(value["kind"])]
        address = address_of(kind, value)
        if address is None or has_unset(value):
            return False
        self._doubtful.append((Draft(address, kind, value, origin, inside=inside, marked=False), refuse))
        return True

    def take_draft(self, value: JsonMap, origin: Origin, *, inside: bool, marked: bool) -> list[Problem] | None:
        """Keep a document for later; the problems of its layers, or None for a document that is no draft."""
        kind = by_name()[str(value["kind"])]
        address = address_of(kind, value)
        metadata = as_map(value.get("metadata"))
        extends, abstract = metadata.get("extends", ""), metadata.get("abstract", False)
        if address is None or not isinstance(extends, str) or not isinstance(abstract, bool):
            return None
        unsets = has_unset(value)
        if not (extends or abstract or marked or unsets):
            return None
        problems = list(unset_problems(value, ())) if unsets else []
        if not extends and not problems and unsets:
            problems = [_nothing_to_unset(path) for path in _unsets(value)]
        if not problems:
            self._drafts.append(Draft(address, kind, value, origin, inside=inside, marked=marked))
        return problems

    def take_layer(self, value: JsonMap, origin: Origin, *, inside: bool) -> list[Problem]:
        """Keep a Patch or a ForEach; its problems if there are any, and then it is not kept."""
        problems = _layer_problems(value)
        if problems:
            return problems
        spec = as_map(value["spec"])
        if value["kind"] == "Patch":
            name = f"patch {as_map(value['metadata'])['name']}"
            self._patches.append((patch_of(name, spec, origin, ("spec",)), inside))
        else:
            self._makers.append(ForEach(spec, origin, inside))
        return []

    def settle(
        self,
        inside: Mapping[Address, Resource],
        around: Mapping[Address, Resource],
        patches: tuple[Patch, ...],
        variables: Variables,
        environment: str,
        read_rows: ReadRows,
        broken: Callable[[Address], bool],
    ) -> Settled:
        """Everything as it is meant. `patches` are the environment's own; `broken` says of an address that its document was
        not valid."""
        done = Settled(dict(inside), dict(around))
        _Settling(done, self, variables, environment, broken).run(patches, read_rows)
        return done

    def drafts(self) -> Iterator[Draft]:
        """Those that were written."""
        return iter(self._drafts)

    def patches(self) -> list[tuple[Patch, bool]]:
        """Those of manifests in the order of files, and whether each is inside."""
        return sorted(self._patches, key=lambda pair: (pair[0].origin.file, pair[0].origin.document))

    def doubtful(self) -> list[tuple[Draft, Callable[[], None]]]:
        """Documents that are not valid as they stand, and how each is refused."""
        return self._doubtful

    def makers(self) -> list[ForEach]:
        """The ForEach documents."""
        return self._makers


class _Settling:
    def __init__(
        self,
        done: Settled,
        layering: Layering,
        variables: Variables,
        environment: str,
        broken: Callable[[Address], bool],
    ) -> None:
        from pydantic import ValidationError

        self.done = done
        self.layering = layering
        self.broken = broken
        self.drafts: dict[Address, Draft] = {}
        self.doubtful: dict[Address, tuple[Draft, Callable[[], None]]] = {}
        self.stack = Stack(self.drafts, self._finished, variables, environment)
        self._refused = ValidationError
        self._paths: dict[tuple[str, str | None], list[str]] = {}
        self._bases: dict[tuple[str, str | None], Names] = {}
        self._validators = {word: kind.adapter.validator.validate_python for word, kind in by_word().items()}

    def run(self, patches: tuple[Patch, ...], read_rows: ReadRows) -> None:
        for draft in self.layering.drafts():
            self._add(draft)
        expansion = Expansion(read_rows, self._add)
        for foreach in self.layering.makers():
            expansion.make(foreach)
        self.done.problems += expansion.problems
        self.done.diagnostics += expansion.diagnostics
        self.done.unread |= expansion.unread
        for draft, refuse in self.layering.doubtful():
            if draft.address in self.doubtful or draft.address in self.drafts or self._finished(draft.address):
                refuse()
            else:
                self.doubtful[draft.address] = (draft, refuse)
        self._lay([*self.layering.patches(), *((patch, True) for patch in patches)])
        for draft, refuse in self.doubtful.values():
            if self.drafts.get(draft.address) is not draft:
                refuse()
        for draft in list(self.drafts.values()):
            self._finish(draft)
        words = FaultWords(self.stack.variables, self.stack.environment, self._is_broken, self._names_to_extend)
        self.done.problems += words.told((fault for fault in self.stack.faults if fault.draft.inside), self._origin)

    def _is_broken(self, addresses: Iterable[Address]) -> bool:
        return self.done.unread or any(map(self.broken, addresses))

    def _names_to_extend(self, draft: Draft) -> Names:
        """The names by which a document could call its base: with a pool those of all pools, else those of its own."""
        if not self._paths:
            for address in sorted({*self.drafts, *self.done.inside, *self.done.around}):
                self._paths.setdefault((address.kind, address.container), []).append(address.name)
                self._paths.setdefault((address.kind, None), []).append(address.path)
        container = None if "/" in draft.extends else draft.address.container
        key = (draft.kind.word, container)
        if key not in self._bases:
            outside = self._paths.get((draft.kind.word, ""), []) if container else []
            self._bases[key] = Names([*self._paths.get(key, ()), *outside])
        return self._bases[key]

    # -- drafts

    def _add(self, draft: Draft) -> None:
        first = self.drafts.setdefault(draft.address, draft)
        if first is draft:
            other = self.done.inside.get(draft.address) or self.done.around.get(draft.address)
            if other is None or not draft.inside or draft.address not in self.done.inside:
                return
            self._twice(draft, other.origin or draft.origin, ("metadata", "name"))
            del self.drafts[draft.address]
        elif draft.inside:
            self._twice(draft, first.origin, (*first.base, "metadata", "name"), first.row)

    def _twice(self, draft: Draft, origin: Origin, path: Path, row: RowOrigin | None = None) -> None:
        words = f"the first one, of {row.words}, stands at" if row else "the first one stands at"
        problem = Problem(
            ("metadata", "name"),
            "PAC224",
            f"{draft.address} is declared twice",
            hint="delete one of the two documents, or choose another name",
        )
        self.done.problems.append(Placed(self._origin(draft), problem, str(draft.address), (words, origin, path)))

    def _finished(self, address: Address) -> Draft | None:
        """A document that was complete when it was read, as a draft."""
        resource = self.done.inside.get(address)
        inside = resource is not None
        resource = resource or self.done.around.get(address)
        if resource is None:
            return None
        kind = by_word()[address.kind]
        value: JsonMap = {
            "apiVersion": API_VERSION,
            "kind": kind.name,
            "metadata": resource.metadata,
            "spec": resource.spec,
        }
        return Draft(address, kind, value, resource.origin or Origin("", 0), inside=inside, marked=False)

    def _origin(self, draft: Draft) -> Origin:
        return Origin(draft.origin.file, draft.origin.document, Effective(self.stack, draft))

    # -- patches

    def _lay(self, patches: list[tuple[Patch, bool]]) -> None:
        if not patches:
            return
        labels: dict[Address, JsonMap] = {
            address: as_map(resource.metadata.get("labels"))
            for resources in (self.done.around, self.done.inside)
            for address, resource in resources.items()
        }
        doubtful = {address: draft for address, (draft, _) in self.doubtful.items()}
        for address, draft in (self.drafts | doubtful).items():
            written = as_map(as_map(draft.value.get("metadata")).get("labels"))
            labels[address] = {key: unguarded(text) if isinstance(text, str) else text for key, text in written.items()}
        world = Patchable(labels)
        for patch, inside in patches:  # in their order
            wrong = list(wrong_unsets(patch.merge))
            if inside:
                self.done.problems += [Placed(patch.origin, wrong_unset((*patch.path, *path))) for path in wrong]
            chosen = world.chosen(patch) if not wrong else []
            if not chosen and not wrong and inside and not self.done.unread:
                self.done.problems.append(Placed(patch.origin, _nothing_patched(patch, world)))
            for address in chosen:
                if address in doubtful:
                    self.drafts[address] = doubtful[address]
                elif address not in self.drafts:
                    finished = self._finished(address)
                    assert finished is not None
                    self.drafts[address] = finished
                    (self.done.inside if finished.inside else self.done.around).pop(address)
                    if finished.inside:  # it was counted when it was read, and will be when it is finished
                        kind = finished.kind.name
                        self.done.counts[kind] = self.done.counts.get(kind, 0) - 1
                self.stack.patch(address, patch)

    # -- out of drafts

    def _finish(self, draft: Draft) -> None:
        kind, done = draft.kind, self.done
        if draft.abstract:
            done.abstract.add(draft.address)
        elif draft.inside:
            done.counts[kind.name] = done.counts.get(kind.name, 0) + 1
        document = self.stack.effective(draft)
        origin = self._origin(draft)
        errors: list[ErrorDetails] = []
        if document is not None:
            try:
                valid = self._validators[kind.word](document)
            except self._refused as error:
                errors = error.errors(include_url=False)
                if draft.abstract:
                    errors = [item for item in errors if item["type"] != "missing"]
            else:
                self._good(draft, kind, valid, origin)
                return
        if not draft.abstract:
            done.claimed.add(draft.address)
        if errors and draft.inside and document is not None:
            from .parse import document_problems

            done.problems += [
                Placed(origin, problem, str(draft.address)) for problem in document_problems(document, errors)
            ]

    def _good(self, draft: Draft, kind: Kind, valid: Any, origin: Origin) -> None:
        if draft.abstract:
            return
        resource = Resource(draft.address, valid["metadata"], valid.get("spec") or {}, origin)
        (self.done.inside if draft.inside else self.done.around)[draft.address] = resource


def _nothing_patched(patch: Patch, world: Patchable) -> Problem:
    path = patch.path[:-1]
    labels = ", ".join(f"{key}: {value}" for key, value in patch.selector.items())
    if not patch.targets:
        hint = "correct the selector, or remove the patch"
        return Problem((*path, "selector"), "PAC163", f"no document has the labels {labels}", hint=hint)
    near = world.nearest(patch.targets[0]) if len(patch.targets) == 1 else None
    if near in patch.targets:  # it is there, and has other labels
        hint = f"{near} has other labels; correct the selector, or its labels"
    elif labels and any("*" in target for target in patch.targets):
        hint = "correct the targets or the selector, or remove the patch"
    else:
        hint = f"did you mean {near}?" if near else "correct the targets, or remove the patch"
    some = ", ".join(patch.targets[:3]) + (", ..." if len(patch.targets) > 3 else "")
    with_labels = f" with the labels {labels}" if labels else ""
    return Problem(
        (*path, "targets"),
        "PAC163",
        f"no document answers to {some}{with_labels}",
        hint=hint,
    )


@cache
def _layer_adapter(kind: str) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(LAYERS[kind])


def _layer_problems(value: JsonMap) -> list[Problem]:
    from pydantic import ValidationError

    from .annotations import spot
    from .parse import explained

    document = LAYERS[str(value["kind"])]
    try:
        _layer_adapter(str(value["kind"])).validator.validate_python(value)
    except ValidationError as error:
        return explained(spot(document), value, error.errors(include_url=False))
    spec = as_map(value["spec"])
    return list(patch_problems(spec, ("spec",)) if value["kind"] == "Patch" else foreach_problems(spec))


def _unsets(value: JsonValue, at: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, below in value.items():
            if key == "$unset":
                yield (*at, key)
            else:
                yield from _unsets(below, (*at, key))
    elif isinstance(value, list):
        for position, below in enumerate(value):
            yield from _unsets(below, (*at, position))


def _nothing_to_unset(path: Path) -> Problem:
    detail = "the document extends nothing: what is not written in it is not declared"
    return Problem(path, "PAC165", "$unset has nothing to take out", detail, "remove it", remove=True, at_key=True)
