"""Pulling: what is live in a store or dump, as manifests: all of it, some objects, or a few fields of them. Nothing is written to the
store, and no secret ever comes out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..core.address import Address
from ..core.diagnostics import Diagnostic, Location, in_order
from ..core.errors import InvalidInput
from ..manifest.dump import write_manifests
from ..manifest.holdable import holdable
from ..render.diagnostics import diagnostic_text
from ..resources.sections import Section, nearest_section, sections_named
from .bindings import BoundFile, bound_file, need_environment
from .declared import refuse_second_documents
from .files import replace_file
from .live_objects import LiveObjects, Manner
from .reading import no_cyclic_collection
from .request import Request, Tell
from .session import open_directory, open_session

_SHOWN = 20  # messages of one code; a dump of a million users may break a rule a million times


@dataclass(frozen=True)
class PullOptions:
    """`addresses` are globs, none for everything. `only` are names of sections. `bind`: ids become bindings of the environment.
    `into` is the folder that the manifests are meant for, if there is one."""

    addresses: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    bind: bool = False
    into: Path | None = None


@dataclass(frozen=True)
class Pulled:
    """Relative path -> text of the manifests; with new bindings the project file as it will be. Nothing is written yet.
    `only` are the sections that were asked for."""

    files: dict[str, str]
    only: tuple[str, ...] = ()
    bindings: Mapping[Address, str] = field(default_factory=dict)
    project_file: BoundFile | None = None


def pull(request: Request, addresses: tuple[str, ...], tell: Tell) -> dict[str, str]:
    """Relative path -> text of the manifests for everything, or for the addresses (globs) and what they refer to.

    Raises InvalidInput when nothing answers to an address."""
    return pull_with(request, PullOptions(addresses), tell).files


def pull_with(request: Request, options: PullOptions, tell: Tell) -> Pulled:
    """The same with all options. Raises InvalidInput as well for an unknown section, for an object that has a document
    elsewhere in the project, and where bindings have no place to go to."""
    sections = tuple(_sections(options.only))
    session = open_session(request)
    if options.bind:
        need_environment(session)
    tell(session.headline)
    manner = Manner(sections, options.bind, session.environment.bindings)
    with no_cyclic_collection():
        store = open_directory(session, read_only=True)
        try:
            live = LiveObjects(store, session.owner, manner)
        finally:
            store.close()
        chosen, around = live.chosen(options.addresses)
        known = frozenset(live.addresses) if options.bind else frozenset(manner.bindings)
        state, left_out = holdable(chosen, around, known)
        files, unwritable = write_manifests(state)
    _tell_all([*live.diagnostics, *left_out, *unwritable], tell)
    if options.into is not None:
        refuse_second_documents(session, options.into, state, live.addresses, files, options.only)
    bindings = live.new_bindings(state) if options.bind else {}
    return Pulled(files, options.only, bindings, bound_file(session, bindings) if bindings else None)


def _sections(names: Iterable[str]) -> Iterable[Section]:
    """Raises InvalidInput with every name that no kind knows."""
    unknown: list[Diagnostic] = []
    for name in names:
        found = sections_named(name)
        yield from found
        if not found:
            near = nearest_section(name)
            hint = f"did you mean {near}?" if near else "write a field's path, such as passwordPolicy or pool.signIn"
            unknown.append(Diagnostic("PAC522", f"no kind has a section {name!r}", hint=hint))
    if unknown:
        raise InvalidInput("--only names unknown sections", unknown)


def write_all(pulled: Pulled, into: Path, force: bool) -> list[Path]:
    """Write the bindings, then the files; returns what was written. Bindings without their documents are a warning, documents
    without their bindings would be new objects. Raises InvalidInput as `write_pulled` does, before the first write."""
    hint = "name all sections that the file is to hold in one --only, and repeat with --force" if pulled.only else ""
    changed = changed_files(pulled.files, into, force, hint)
    written: list[Path] = []
    if pulled.project_file is not None:
        pulled.project_file.write()
        written.append(pulled.project_file.path)
    return [*written, *_write(changed)]


def write_pulled(files: Mapping[str, str], into: Path, force: bool) -> list[Path]:
    """Write the files below a folder; those that are there with the same text stay. Returns what was written.

    Raises InvalidInput, before the first write, when a file is there with another text and `force` is not given."""
    return _write(changed_files(files, into, force))


def changed_files(files: Mapping[str, str], into: Path, force: bool, hint: str = "") -> dict[Path, str]:
    """The files that are not there with the same text. Raises InvalidInput for one with another text, unless `force`."""
    changed = {into / path: text for path, text in files.items() if _present(into / path) != text}
    in_the_way = [path for path in changed if path.exists() and not force]
    if in_the_way:
        raise InvalidInput(
            f"{len(in_the_way)} of the files are there already, with another text",
            [
                Diagnostic(
                    "PAC511",
                    "the file would be overwritten",
                    hint=hint or "pull into an empty folder, or repeat with --force",
                    location=Location(str(path)),
                )
                for path in in_the_way
            ],
        )
    return changed


def _write(changed: Mapping[Path, str]) -> list[Path]:
    for path, text in changed.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode())
    return list(changed)


def _present(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None


def _tell_all(diagnostics: Iterable[Diagnostic], tell: Tell) -> None:
    counts: dict[str, int] = {}
    for item in in_order(diagnostics):
        counts[item.code] = counts.get(item.code, 0) + 1
        if counts[item.code] <= _SHOWN:
            for line in diagnostic_text(item).splitlines():
                tell(line)
    for code, number in counts.items():
        if number > _SHOWN:
            tell(f"{number - _SHOWN:,} more messages of code {code}")


__all__ = ["PullOptions", "Pulled", "pull", "pull_with", "write_all", "write_pulled"]
