"""From files to a checked `State`: every file read, every document validated, every problem of all of them collected.

    files -> documents -> resources -> checks across documents -> State and diagnostics

The path of a good document is short: one look-up, one call of pydantic, one resource. Places are looked for afterwards and
only where something is wrong. Nothing here knows stores.
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
from ..core.values import JsonValue
from ..core.yaml import Document, YamlError, iter_documents
from ..core.yaml.text import MAX_SIZE
from ..resources.kind import Problem
from ..resources.registry import by_name
from ..resources.state import Origin, Resource, State
from .place import Placed, diagnosed, from_yaml, locations
from .project import Environment, Project
from .sources import STDIN, Finder, Found, SourceFile

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

    def locations(self, places: Sequence[tuple[Origin, tuple[str | int, ...]]]) -> list[Location]:
        """Where values stand: (a resource's origin, the path in its document). One pass a file."""
        return locations(places, self.texts.read)


class Texts:
    """The bytes of the files that were loaded, read again when they are asked for; what can be read only once is kept."""

    def __init__(self) -> None:
        self._paths: dict[str, Path] = {}
        self._kept: dict[str, bytes] = {}

    def take(self, file: SourceFile, read_stdin: Callable[[], bytes]) -> bytes:
        """The bytes of a file that is read for the first time, at most one more than a file may have. Raises OSError."""
        if file.path is None:
            content = self._kept[file.name] = read_stdin()
            return content
        with file.path.open("rb") as stream:
            content = stream.read(MAX_SIZE + 1)
        if file.path.is_file():
            self._paths[file.name] = file.path
        else:
            self._kept[file.name] = content  # a pipe
        return content

    def read(self, name: str) -> bytes:
        """The bytes of a file by its name in origins and locations. Raises OSError."""
        return self._kept[name] if name in self._kept else self._paths[name].read_bytes()


def load(
    sources: Sequence[str] = (),
    *,
    project: Project | None = None,
    environment: Environment | None = None,
    read_stdin: Callable[[], bytes] = lambda: b"",
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Loaded:
    """Reads and checks the manifests of `sources` (folders, files, `-`), or of the whole project where there are none.

    Never raises for what it reads: whatever is wrong is a diagnostic. With a project, files outside of `sources` are read
    as well, for the names they declare; nothing of them is reported or returned. `environ` may allow `fromCommand`.
    """
    chosen = environment or Environment()
    here = cwd or Path()
    everything = Finder(here, project, chosen).of_project() if project is not None else Found()
    wanted = Finder(here, project, chosen).named(sources) if sources else everything
    if not sources and project is None:
        summary = "there is no project here, and no path was named"
        hint = "name a folder or file with manifests, or go to a folder below a pool-as-code.yaml"
        wanted.diagnostics.append(Diagnostic("PAC143", summary, hint=hint))
    with collector_off():
        reader = _Reader()
        reader.read(wanted, read_stdin)
        whole = project is not None and wanted.real_paths == everything.real_paths
        around = _Reader()
        if project is not None and not whole:
            known = wanted.real_paths
            around.read(Found([file for file in everything.files if file.real not in known]), read_stdin)
        problems = [*reader.problems, *_across(reader, around, environ or {})]
        diagnostics = [*wanted.diagnostics, *reader.diagnostics, *diagnosed(problems, reader.texts.read)]
    return Loaded(
        State(reader.resources),
        tuple(in_order(diagnostics)),
        tuple(file.name for file in wanted.files),
        {name: reader.counts[name] for name in by_name() if reader.counts.get(name)},
        whole,
        reader.texts,
        State(around.resources),
    )


def _across(reader: _Reader, around: _Reader, environ: Mapping[str, str]) -> Iterator[Placed]:
    from .check import Surroundings, check

    surroundings = Surroundings(
        around.resources,
        reader.claimed | around.claimed,
        reader.unread or around.unread,
        environ.get(ALLOW_COMMANDS) == "1",
    )
    return check(State(reader.resources), surroundings)


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
    """Reads files into resources and problems."""

    def __init__(self) -> None:
        from pydantic import ValidationError

        self.resources: dict[Address, Resource] = {}
        self.problems: list[Placed] = []
        self.diagnostics: list[Diagnostic] = []
        self.counts: dict[str, int] = {}
        self.claimed: set[Address] = set()  # what broken documents are meant for
        self.unread = False  # some documents were not even read: nobody knows their names
        self.texts = Texts()
        self._known = {
            kind.name: (kind.adapter.validator.validate_python, kind.word, bool(kind.container))
            for kind in by_name().values()
        }
        self._refused: tuple[type[Exception], ...] = (KeyError, TypeError, ValidationError)

    def read(self, found: Found, read_stdin: Callable[[], bytes]) -> None:
        """Reads all files. Of a path whose files hold no document at all it says so."""
        documents = dict.fromkeys((file.source for file in found.files), 0)
        for file in found.files:
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

    def _file(self, file: SourceFile, content: bytes) -> int:
        before = sum(self.counts.values())
        try:
            self._documents(file.name, iter_documents(content))
        except YamlError as error:
            self.unread = True
            self.diagnostics += from_yaml(file.name, error.problems)
            return 1
        return sum(self.counts.values()) - before

    def _documents(self, name: str, documents: Iterator[Document]) -> None:
        known, resources, counts, refused = self._known, self.resources, self.counts, self._refused
        for document in documents:
            value: Any = document.value
            try:
                validate, word, contained = known[value["kind"]]
                valid = validate(value)
            except refused as error:
                self._refuse(Origin(name, document.index), document.value, error)
                continue
            metadata = valid["metadata"]
            own_name = metadata["name"]
            address = Address(word, f"{metadata['pool']}/{own_name}" if contained else own_name)
            counts[value["kind"]] = counts.get(value["kind"], 0) + 1
            resource = Resource(address, metadata, valid.get("spec") or {}, Origin(name, document.index))
            first = resources.setdefault(address, resource)
            if first is not resource:
                self._twice(resource, first)

    def _refuse(self, origin: Origin, value: JsonValue, error: Exception) -> None:
        from pydantic import ValidationError

        from .parse import claimed_address, document_problems, kind_of_document

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
