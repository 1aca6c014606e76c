"""From files to a checked `State`: every file read, every document validated, every problem of all of them collected.

    files -> documents -> resources -> layers settled -> checks across documents -> State and diagnostics

The path of a good document is short: one look-up, one call of pydantic, one resource. What has layers waits until everything
is read (`settle.py`). Places are looked for afterwards and only where something is wrong. Nothing here knows stores.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.address import Address
from ..core.diagnostics import Diagnostic, Location, in_order
from ..core.progress import told
from ..core.values import JsonMap, JsonValue
from ..core.yaml import Document, YamlError, iter_documents
from ..resources.kind import Problem
from ..resources.registry import by_name, by_word
from ..resources.state import Origin, Resource, State
from .layers.documents import LAYERS
from .layers.placeholders import has_placeholders
from .layers.variables import Variables, say_variables
from .parse import claimed_address
from .place import Placed, diagnosed, from_yaml, locations
from .project import Environment, Project
from .settle import Layering, Settled
from .sources import STDIN, Finder, Found, SourceFile
from .texts import RowFiles, Texts

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

ALLOW_COMMANDS = "POOL_AS_CODE_ALLOW_COMMANDS"


@dataclass(frozen=True)
class Loaded:
    """What the manifests say. `documents` counts valid and broken ones by kind name. With errors among the diagnostics the
    state holds what could be read and must not be applied. `whole_project`: exactly the project's files were read."""

    state: State
    diagnostics: tuple[Diagnostic, ...]
    files: tuple[str, ...]
    documents: dict[str, int]
    whole_project: bool
    texts: Texts = field(repr=False)
    around: State = field(default_factory=State, repr=False)  # the rest of the project, where only a part was asked for
    variables: Variables = field(default_factory=Variables, repr=False)

    def locations(self, places: Sequence[tuple[Origin, tuple[str | int, ...]]]) -> list[Location]:
        """Where values stand: (a resource's origin, the path in its document). One pass a file."""
        return locations(places, self.texts.read)


def load(
    sources: Sequence[str] = (),
    *,
    project: Project | None = None,
    environment: Environment | None = None,
    read_stdin: Callable[[], bytes] = lambda: b"",
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
    others: bool = False,
) -> Loaded:
    """Reads and checks the manifests of `sources` (folders, files, `-`), or of the whole project where there are none.

    Never raises for what it reads: whatever is wrong is a diagnostic. With a project, files outside of `sources` are read
    as well, for the names they declare, their patches and bases; nothing of them is reported or returned. `environ` may
    allow `fromCommand` and say values of variables; `variables` are those of the command line. With `others`, sources that
    belong to other environments are no problem here.
    """
    chosen = environment or Environment()
    here = cwd or Path()
    everything = Finder(here, project, chosen).of_project() if project is not None else Found()
    wanted = Finder(here, project, chosen, others=others).named(sources) if sources else everything
    if not sources and project is None:
        summary = "there is no project here, and no path was named"
        hint = "name a folder or file with manifests, or go to a folder below a pool-as-code.yaml"
        wanted.diagnostics.append(Diagnostic("PAC143", summary, hint=hint))
    declared = project.variables if project is not None else {}
    said, complaints = say_variables(declared, chosen.name, chosen.variables, environ or {}, variables or {})
    with collector_off():
        texts, layering = Texts(), Layering()
        if project is not None and chosen.patches:
            texts.keep(project.shown, project.path)
        reader = _Reader(texts, layering)
        reader.read(wanted, read_stdin)
        whole = project is not None and wanted.real_paths == everything.real_paths
        around = _Reader(texts, layering, inside=False)
        if project is not None and not whole:
            known = wanted.real_paths
            around.read(Found([file for file in everything.files if file.real not in known]), read_stdin)
        rows = RowFiles(texts, project.root if project is not None else None, here)
        if not layering.empty or chosen.patches:
            name = chosen.name if project is not None and project.environments else ""

            def broken(address: Address) -> bool:
                return address in reader.claimed or address in around.claimed

            done = layering.settle(reader.resources, around.resources, chosen.patches, said, name, rows.read, broken)
            reader.settled(done, around)
        reader.refuse_lists(rows.used)
        around.refuse_lists(rows.used)
        problems = [*reader.problems, *_across(reader, around, environ or {}, chosen)]
        if project is not None and chosen.bindings and not (reader.unread or around.unread):
            texts.keep(project.shown, project.path)
            problems += _unused_bindings(project, chosen, reader, around)
        diagnostics = [*complaints, *wanted.diagnostics, *reader.diagnostics, *diagnosed(problems, texts.read)]
    return Loaded(
        State(reader.resources),
        tuple(in_order(diagnostics)),
        tuple(file.name for file in wanted.files),
        {name: reader.counts[name] for name in by_name() if reader.counts.get(name)},
        whole,
        texts,
        State(around.resources),
        said,
    )


def _across(reader: _Reader, around: _Reader, environ: Mapping[str, str], environment: Environment) -> Iterator[Placed]:
    from .check import Surroundings, check

    surroundings = Surroundings(
        around.resources,
        reader.claimed | around.claimed,
        reader.unread or around.unread,
        environ.get(ALLOW_COMMANDS) == "1",
        frozenset(environment.bindings),
        reader.abstract,
    )
    return check(State(reader.resources), surroundings)


def _unused_bindings(project: Project, environment: Environment, reader: _Reader, around: _Reader) -> Iterator[Placed]:
    """Bindings of what is neither declared nor referred to."""
    world = {**around.resources, **reader.resources}
    unused = [a for a in environment.bindings if a not in world and a not in reader.claimed | around.claimed]
    if not unused:
        return
    kinds = by_word()
    used = {
        Address(word, reference.name)
        for resource in world.values()
        for reference in kinds[resource.address.kind].references(resource.metadata, resource.spec)
        for word in reference.kind.split("|")
    }
    for address in unused:
        if address not in used:
            path = ("environments", environment.name, "bindings", str(address))
            problem = Problem(
                path,
                "PAC149",
                f"nothing declares or refers to {address}",
                hint="correct the address, or remove the binding",
                remove=True,
                at_key=True,
                severity="warn",
            )
            yield Placed(Origin(project.shown, 0), problem)


@contextmanager
def collector_off() -> Iterator[None]:
    """Without the cyclic garbage collector, whose work grows with every object that is made and kept."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Reader:
    """Reads files into resources and problems; what has layers goes to `layering`."""

    def __init__(self, texts: Texts, layering: Layering, *, inside: bool = True) -> None:
        from pydantic import ValidationError

        self.texts = texts
        self._layering = layering
        self._inside = inside
        self._lists: list[tuple[Origin, JsonValue, Exception]] = []  # documents that may be rows of a ForEach
        self._documents_read = 0
        self.resources: dict[Address, Resource] = {}
        self.problems: list[Placed] = []
        self.diagnostics: list[Diagnostic] = []
        self.counts: dict[str, int] = {}
        self.abstract: frozenset[Address] = frozenset()
        self.claimed: set[Address] = set()  # what broken documents are meant for
        self.unread = False  # some documents were not even read: nobody knows their names
        self._known = {
            kind.name: (kind.adapter.validator.validate_python, kind.word, bool(kind.container))
            for kind in by_name().values()
        }
        self._refused: tuple[type[Exception], ...] = (KeyError, TypeError, ValidationError)

    def read(self, found: Found, read_stdin: Callable[[], bytes]) -> None:
        """Reads all files. Of a path whose files hold no document at all it says so."""
        documents = dict.fromkeys((file.source for file in found.files), 0)
        for file in told("reading", found.files, len(found.files), lambda file: file.name):
            try:
                documents[file.source] += self._file(file, self.texts.take(file, read_stdin))
            except OSError as error:
                self.unread = True
                documents[file.source] += 1
                summary = f"{file.name} can not be read: {error.strerror or 'an error of the system'}"
                self.diagnostics.append(Diagnostic("PAC142", summary, location=Location(file.name)))
        for source, count in documents.items():
            if not count:
                name = "standard input" if source == "-" else source
                place = Location(STDIN if source == "-" else source)
                summary = f"no manifests in {name}"
                self.diagnostics.append(
                    Diagnostic("PAC141", summary, detail="there is no document in it", location=place)
                )

    def settled(self, done: Settled, around: _Reader) -> None:
        """Take over what came out of the layers."""
        self.resources, around.resources = done.inside, done.around
        self.problems += done.problems
        self.diagnostics += done.diagnostics
        self.claimed |= done.claimed
        self.abstract = frozenset(done.abstract)
        self.unread |= done.unread
        for name, number in done.counts.items():
            self.counts[name] = self.counts.get(name, 0) + number

    def refuse_lists(self, used: set[Path]) -> None:
        """Documents that are lists are no manifests, but for the rows of a ForEach."""
        for origin, value, error in self._lists:
            path = self.texts.file(origin.file)
            if path is None or path.resolve() not in used:
                self._refuse(origin, value, error)

    def _file(self, file: SourceFile, content: bytes) -> int:
        before = self._documents_read
        try:
            self._documents(file.name, iter_documents(content), b"${" in content)
        except YamlError as error:
            self.unread = True
            self.diagnostics += from_yaml(file.name, error.problems)
            return 1
        return self._documents_read - before

    def _documents(self, name: str, documents: Iterator[Document], marked: bool) -> None:
        known, resources, counts, refused = self._known, self.resources, self.counts, self._refused
        for document in documents:
            value: Any = document.value
            self._documents_read += 1
            try:
                validate, word, contained = known[value["kind"]]
                valid = validate(value)
            except refused as error:
                self._set_aside(Origin(name, document.index), value, error, marked)
                continue
            metadata = valid["metadata"]
            origin = Origin(name, document.index)
            layered = "extends" in metadata or "abstract" in metadata
            if (layered or (marked and has_placeholders(value))) and self._draft(origin, value, marked):
                continue
            own_name = metadata["name"]
            address = Address(word, f"{metadata['pool']}/{own_name}" if contained else own_name)
            counts[value["kind"]] = counts.get(value["kind"], 0) + 1
            resource = Resource(address, metadata, valid.get("spec") or {}, origin)
            first = resources.setdefault(address, resource)
            if first is not resource:
                self._twice(resource, first)

    def _set_aside(self, origin: Origin, value: Any, error: Exception, marked: bool) -> None:
        """A document that is not valid as it stands: it may be a layer, have layers, or be rows; else it is refused."""
        kind = value.get("kind") if isinstance(value, dict) else None
        if isinstance(value, list):
            self._lists.append((origin, value, error))
        elif isinstance(kind, str) and kind in LAYERS:
            for problem in self._layering.take_layer(value, origin, inside=self._inside):
                self.unread = True
                self.problems.append(Placed(origin, problem))
        elif not (isinstance(kind, str) and kind in by_name() and self._kept(origin, value, error, marked)):
            self._refuse(origin, value, error)

    def _kept(self, origin: Origin, value: JsonMap, error: Exception, marked: bool) -> bool:
        def refuse() -> None:
            self._refuse(origin, value, error)

        if self._draft(origin, value, marked):
            return True
        return self._layering.take_doubtful(value, origin, refuse, inside=self._inside)

    def _draft(self, origin: Origin, value: JsonMap, marked: bool) -> bool:
        """Whether a document was kept for its layers, or complained about because of them."""
        marked = marked and has_placeholders(value)
        problems = self._layering.take_draft(value, origin, inside=self._inside, marked=marked)
        if problems is None:
            return False
        address = claimed_address(value)
        for problem in problems:
            self.problems.append(Placed(origin, problem, str(address or "")))
        if problems and address is not None:
            self.claimed.add(address)
        return True

    def _refuse(self, origin: Origin, value: JsonValue, error: Exception) -> None:
        from pydantic import ValidationError

        from .parse import document_problems, kind_of_document

        errors: list[ErrorDetails] = error.errors(include_url=False) if isinstance(error, ValidationError) else []
        address, kind = claimed_address(value), kind_of_document(value)
        if address is not None:
            self.claimed.add(address)
        else:
            self.unread = True
        word = kind.name if kind is not None else ""
        self.counts[word] = self.counts.get(word, 0) + 1
        shown = str(address) if address is not None else ""
        self.problems += [Placed(origin, problem, shown) for problem in document_problems(value, errors)]

    def _twice(self, resource: Resource, first: Resource) -> None:
        assert resource.origin is not None
        assert first.origin is not None
        problem = Problem(
            ("metadata", "name"),
            "PAC224",
            f"{resource.address} is declared twice",
            hint="delete one of the two documents, or choose another name",
        )
        other = ("the first one stands at", first.origin, ("metadata", "name"))
        self.problems.append(Placed(resource.origin, problem, str(resource.address), other))
