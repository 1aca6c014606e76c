"""Settling: drafts, patches and ForEach documents of a project become the resources of one environment.

    ForEach -> drafts     patches -> onto drafts and finished documents     drafts -> effective documents -> resources

What is laid over what is decided in `layers/`; here documents are validated, and faults become problems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ..core.address import Address
from ..core.diagnostics import Diagnostic
from ..core.values import JsonMap, JsonValue, as_list, as_map
from ..resources.kind import API_VERSION, Kind, Problem
from ..resources.registry import by_name, by_word
from ..resources.state import Origin, Resource
from ..resources.suggest import nearest
from .layers.documents import LAYERS
from .layers.draft import Draft, Path, RowOrigin, address_of
from .layers.foreach import Maker, foreach_problems
from .layers.merge import has_unset, wrong_unsets
from .layers.patches import Patch, patch_of, patch_problems
from .layers.rows import Row, Rows, from_list
from .layers.stack import Effective, Fault, Stack
from .layers.variables import Variables
from .place import Placed
from .shown import cut

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

ReadRows = Callable[[str, str, str, Mapping[str, str]], "Rows | Diagnostic"]  # document's file, file, delimiter, types


class _ForEach(NamedTuple):
    spec: JsonMap
    origin: Origin
    inside: bool


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
        self._makers: list[_ForEach] = []

    @property
    def empty(self) -> bool:
        """Whether there is nothing to settle."""
        return not (self._drafts or self._patches or self._makers)

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
        problems = list(_unset_problems(value, ())) if unsets else []
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
            self._makers.append(_ForEach(spec, origin, inside))
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

    def makers(self) -> list[_ForEach]:
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
        self.stack = Stack(self.drafts, self._finished, variables, environment)
        self._refused = ValidationError
        self._validators = {word: kind.adapter.validator.validate_python for word, kind in by_word().items()}

    def run(self, patches: tuple[Patch, ...], read_rows: ReadRows) -> None:
        for draft in self.layering.drafts():
            self._add(draft)
        for maker in self.layering.makers():
            self._make(maker, read_rows)
        self._lay([*self.layering.patches(), *((patch, True) for patch in patches)])
        for draft in list(self.drafts.values()):
            self._finish(draft)
        for fault in self.stack.faults:
            if fault.draft.inside:
                self.done.problems.append(self._explained(fault))

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

    # -- rows

    def _make(self, foreach: _ForEach, read_rows: ReadRows) -> None:
        spec, origin = foreach.spec, foreach.origin
        rows = self._rows(foreach, read_rows)
        if rows is None:
            return
        found = list(_column_problems(spec, rows))
        makers = []
        for number, value in enumerate(as_list(spec["documents"])):
            document = as_map(value)
            kind = by_name().get(str(document.get("kind")))
            if kind is None:
                found.append(_no_kind(document, number))
                continue
            found += _unset_problems(document, ("spec", "documents", number))
            maker = Maker(kind, document, origin, number, inside=foreach.inside)
            found += [_no_value(path, sort, text, rows) for path, sort, text in maker.problems(rows.columns)]
            makers.append(maker)
        if found:
            self._complain(foreach, found)
            self.done.unread = True
            return
        at = _rows_at(rows, foreach)
        for maker in makers:
            for made in maker.make(rows, at):
                if isinstance(made, Draft):
                    self._add(made)
                else:
                    self._nameless(foreach, maker, *made)

    def _rows(self, foreach: _ForEach, read_rows: ReadRows) -> Rows | None:
        spec = foreach.spec
        if "rows" in spec:
            rows = from_list("", as_list(spec["rows"]))
        else:
            source = as_map(spec["source"])
            types = {name: str(type) for name, type in as_map(spec.get("columns")).items()}
            delimiter = str(source.get("delimiter", ""))
            said = read_rows(foreach.origin.file, str(source["file"]), delimiter, types)
            if isinstance(said, Diagnostic):
                place = ("spec", "source", "file")
                self._complain(foreach, [Problem(place, said.code, said.summary, said.detail, said.hint)])
                self.done.unread = True
                return None
            rows = said
        if foreach.inside:
            self.done.diagnostics += rows.problems
        if rows.problems:
            self.done.unread = True
            return None
        if not rows.rows:
            self.done.unread = True
            path: Path = ("spec", "rows" if "rows" in spec else "source")
            summary = f"there are no rows{f' in {rows.file}' if rows.file else ''}"
            self._complain(foreach, [Problem(path, "PAC157", summary, hint="add rows, or remove it")])
            return None
        return rows

    def _complain(self, foreach: _ForEach, problems: list[Problem]) -> None:
        if foreach.inside:
            self.done.problems += [Placed(foreach.origin, problem) for problem in problems]

    def _nameless(self, foreach: _ForEach, maker: Maker, row: Row, source: RowOrigin) -> None:
        self.done.unread = True
        problem = Problem(
            (*maker.base, "metadata", "name"),
            "PAC158",
            f"{source.words} makes a document of kind {maker.kind.name} without a name",
            "a cell that its name or its pool is made of is empty",
            "fill the cell, or remove the row",
        )
        self._complain(foreach, [problem])

    # -- patches

    def _lay(self, patches: list[tuple[Patch, bool]]) -> None:
        if not patches:
            return
        labels: dict[Address, JsonMap] = {
            address: as_map(resource.metadata.get("labels"))
            for resources in (self.done.around, self.done.inside)
            for address, resource in resources.items()
        }
        for address, draft in self.drafts.items():
            labels[address] = as_map(as_map(draft.value.get("metadata")).get("labels"))
        for patch, inside in patches:  # in their order
            wrong = list(wrong_unsets(patch.merge))
            if inside:
                self.done.problems += [Placed(patch.origin, _wrong_unset((*patch.path, *path))) for path in wrong]
            chosen = patch.chosen(labels) if not wrong else []
            if not chosen and not wrong and inside:
                self.done.problems.append(Placed(patch.origin, self._nothing_patched(patch, list(labels))))
            for address in chosen:
                if address not in self.drafts:
                    finished = self._finished(address)
                    assert finished is not None
                    self.drafts[address] = finished
                    (self.done.inside if finished.inside else self.done.around).pop(address)
                self.stack.patch(address, patch)

    def _nothing_patched(self, patch: Patch, known: list[Address]) -> Problem:
        path = patch.path[:-1]
        labels = ", ".join(f"{key}: {value}" for key, value in patch.selector.items())
        if not patch.targets:
            hint = "correct the selector, or remove the patch"
            return Problem((*path, "selector"), "PAC163", f"no document has the labels {labels}", hint=hint)
        texts = [str(address) for address in known]
        near = nearest(patch.targets[0], texts) if len(patch.targets) == 1 else None
        some = ", ".join(patch.targets[:3]) + (", ..." if len(patch.targets) > 3 else "")
        with_labels = f" with the labels {labels}" if labels else ""
        return Problem(
            (*path, "targets"),
            "PAC163",
            f"no document answers to {some}{with_labels}",
            hint=f"did you mean {near}?" if near else "correct the targets, or remove the patch",
        )

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

    # -- faults in words

    def _explained(self, fault: Fault) -> Placed:
        problem = getattr(self, f"_fault_{fault.code.lower()}")(fault)
        origin = self._origin(fault.draft) if fault.origin == fault.draft.origin and fault.draft.row else fault.origin
        if origin is not fault.origin:
            problem = Problem(
                fault.path[len(fault.draft.base) :], problem.code, problem.summary, problem.detail, problem.hint
            )
        return Placed(origin, problem, str(fault.draft.address))

    def _fault_pac164(self, fault: Fault) -> Problem:
        summary = f"$unset takes nothing out of {fault.draft.address}"
        hint = "correct the path; it begins at the map that $unset stands in"
        return Problem(fault.path, "PAC164", summary, "there is no such field", hint)

    def _fault_pac170(self, fault: Fault) -> Problem:
        bases = fault.draft.bases()
        kind = fault.draft.kind
        if any(self.broken(address) for address in bases) or self.done.unread:
            summary = f"the base {cut(fault.about)} can not be read"
            return Problem(fault.path, "PAC170", summary, "its document has errors", "correct the base first")
        same = [a for a in (*self.drafts, *self.done.inside, *self.done.around) if a.kind == kind.word]
        container = fault.draft.address.container
        names = {a.name if a.container in ("", container) else a.path for a in same} - {fault.draft.address.name}
        near = nearest(fault.about, sorted(names))
        summary = f"there is no {kind.name} {cut(fault.about)} to extend"
        hint = f"did you mean {near}?" if near else f"add a document of kind {kind.name} with abstract: true"
        return Problem(fault.path, "PAC170", summary, "", hint, replace=near)

    def _fault_pac171(self, fault: Fault) -> Problem:
        summary = f"documents extend each other in a ring: {cut(fault.about)}"
        return Problem(fault.path, "PAC171", summary, hint="remove extends from one of them", remove=True)

    def _fault_pac175(self, fault: Fault) -> Problem:
        hint = "write ${var.NAME}; a literal ${ is written $${"
        if fault.about.startswith("${row."):
            hint = "rows are known in the documents of a ForEach only"
        elif near := nearest(fault.about[2:-1].removeprefix("vars."), self.stack.variables.declared):
            hint = f"did you mean ${{var.{near}}}? A literal ${{ is written $${{"
        return Problem(fault.path, "PAC175", f"{cut(fault.about)} is no placeholder", "", hint)

    def _fault_pac176(self, fault: Fault) -> Problem:
        detail = "what an object is called, and what it is made of, is the same in every environment"
        return Problem(fault.path, "PAC176", f"{cut(fault.about)} can not stand there", detail, "write it out")

    def _fault_pac177(self, fault: Fault) -> Problem:
        summary = f"{cut(fault.about)} is a list or a map and stands in the middle of a text"
        return Problem(fault.path, "PAC177", summary, hint="write the placeholder alone")

    def _fault_pac180(self, fault: Fault) -> Problem:
        detail, hint = self.stack.variables.missing(fault.about)
        where = f" in environment {self.stack.environment}" if self.stack.environment else ""
        return Problem(fault.path, "PAC180", f"variable {fault.about} has no value{where}", detail, hint)


def _layer_problems(value: JsonMap) -> list[Problem]:
    from pydantic import TypeAdapter, ValidationError

    from .annotations import spot
    from .parse import explained

    document = LAYERS[str(value["kind"])]
    try:
        TypeAdapter(document).validator.validate_python(value)
    except ValidationError as error:
        return explained(spot(document), value, error.errors(include_url=False))
    spec = as_map(value["spec"])
    return list(patch_problems(spec, ("spec",)) if value["kind"] == "Patch" else foreach_problems(spec))


def _unset_problems(value: JsonValue, at: Path) -> Iterator[Problem]:
    return (_wrong_unset((*at, *path)) for path in wrong_unsets(value))


def _wrong_unset(path: Path) -> Problem:
    return Problem(
        path,
        "PAC165",
        "$unset is a list of field paths",
        "they begin at the map that it stands in",
        "write $unset: [passwordPolicy.minLength]",
    )


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


def _column_problems(spec: JsonMap, rows: Rows) -> Iterator[Problem]:
    for name in as_map(spec.get("columns")):
        if name not in rows.columns:
            yield _no_value(("spec", "columns", name), "column", name, rows)


def _no_value(path: Path, sort: str, text: str, rows: Rows) -> Problem:
    if sort == "kind":
        return Problem(path, "PAC176", f"{cut(text)} can not stand there", "a kind is written out", "write it out")
    near = nearest(text, rows.columns)
    known = ", ".join(rows.columns[:8]) + (", ..." if len(rows.columns) > 8 else "")
    where = f" in {rows.file}" if rows.file else ""
    hint = f"did you mean {near}?" if near else "add the column, or correct the name"
    return Problem(path, "PAC153", f"there is no column {cut(text)}{where}", f"columns: {known}", hint)


def _no_kind(document: JsonMap, number: int) -> Problem:
    names = by_name()
    said = document.get("kind")
    near = nearest(said, names) if isinstance(said, str) else None
    path = ("spec", "documents", number, "kind")
    summary = f"unknown kind '{cut(str(said))}'" if "kind" in document else "kind is missing"
    hint = f"did you mean {near}?" if near else "write one of them"
    return Problem(path, "PAC202", summary, f"known: {', '.join(names)}", hint, replace=near)


def _rows_at(rows: Rows, foreach: _ForEach) -> tuple[Origin, Path] | None:
    if not rows.file:
        return foreach.origin, ("spec", "rows")
    return (Origin(rows.file, 0), ()) if rows.listed else None
