"""Pulling: what is live in a store or dump, as manifests. What is ours comes back as it was declared; what nobody owns
comes with the consent to be adopted. Nothing is written to the store, and no secret ever comes out of it."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..core.address import Address
from ..core.diagnostics import Diagnostic, Location, Severity, in_order
from ..core.errors import InvalidInput
from ..core.values import JsonMap, JsonValue, as_map
from ..manifest.dump import write_manifests
from ..manifest.holdable import holdable
from ..plan.recorded import recorded
from ..render.diagnostics import diagnostic_text
from ..resources.kind import Kind
from ..resources.live import Observed, Owner, OwnerRecord
from ..resources.naming import Nameable, choose_names
from ..resources.references import DEFAULT_REF, ID_REF, Words, map_references
from ..resources.registry import KINDS, by_word
from ..resources.state import Resource, derived_id
from ..resources.suggest import nearest
from ..stores.base import Scope, Store
from .reading import no_cyclic_collection
from .request import Request, Tell
from .session import open_directory, open_session

_SHOWN = 20  # messages of one code; a dump of a million users may break a rule a million times
_SECRET_KEY = re.compile(r"(secret|password|private_?key|api_?key|token|jwks|credentials?|salt)s?\Z", re.IGNORECASE)


def pull(request: Request, addresses: tuple[str, ...], tell: Tell) -> dict[str, str]:
    """Relative path -> text of the manifests for everything, or for the addresses (globs) and what they refer to.

    Raises InvalidInput when nothing answers to an address."""
    session = open_session(request)
    tell(session.headline)
    with no_cyclic_collection():
        store = open_directory(session, read_only=True)
        try:
            live = _Live(store, session.owner)
        finally:
            store.close()
        chosen, around = live.chosen(addresses)
        state, left_out = holdable(chosen, around)
        files, unwritable = write_manifests(state)
    _tell_all([*live.diagnostics, *left_out, *unwritable], tell)
    return files


def write_pulled(files: Mapping[str, str], into: Path, force: bool) -> list[Path]:
    """Write the files below a folder; those that are there with the same text stay. Returns what was written.

    Raises InvalidInput, before the first write, when a file is there with another text and `force` is not given."""
    changed = {into / path: text for path, text in files.items() if _present(into / path) != text}
    in_the_way = [path for path in changed if path.exists() and not force]
    if in_the_way:
        raise InvalidInput(
            f"{len(in_the_way)} of the files are there already, with another text",
            [
                Diagnostic(
                    "PAC511",
                    "the file would be overwritten",
                    hint="pull into an empty folder, or repeat with --force",
                    location=Location(str(path)),
                )
                for path in in_the_way
            ],
        )
    for path, text in changed.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            temporary.write_text(text, encoding="utf-8", newline="\n")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    return list(changed)


def _present(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None


@dataclass(frozen=True, slots=True)
class _Named:
    """A live object with the address it gets."""

    observed: Observed
    address: Address


class _Live:
    """Everything that is live, with names."""

    def __init__(self, store: Store, owner: Owner) -> None:
        found = [o for kind in KINDS for o in store.read(Scope(kind.word, everything=True))]
        self.owner = owner
        self.diagnostics: list[Diagnostic] = list(getattr(store, "diagnostics", ()))
        self.system = {(o.kind, o.id) for o in found if o.metadata.get("system")}
        self.objects = [o for o in found if (o.kind, o.id) not in self.system]
        self.names = choose_names(_nameable(o, self.ours(o)) for o in self.objects)
        self.addresses = {self.address(o): o for o in self.objects}

    def ours(self, observed: Observed) -> OwnerRecord | None:
        """Our ownership record of an object."""
        record = observed.owner
        return record if record is not None and self.owner.project and record.owner == self.owner else None

    def address(self, observed: Observed) -> Address:
        """The address of a live object."""
        name = self.names[observed.kind, observed.id]
        pool = self.names.get(("pool", observed.pool_id), observed.pool_id)
        return Address(observed.kind, f"{pool}/{name}" if observed.pool_id else name)

    # -- which ones

    def chosen(self, globs: tuple[str, ...]) -> tuple[list[Resource], dict[Address, Resource]]:
        """The resources asked for, with those that they refer to and that nobody declared; and the others of ours."""
        wanted = self.matching(globs)
        resources = {address: self.resource(self.addresses[address]) for address in wanted}
        pending = list(resources.values())
        while pending:
            resource = pending.pop()
            for address in self.referred(resource):
                observed = self.addresses.get(address)
                if observed is not None and address not in resources and self.ours(observed) is None:
                    resources[address] = self.resource(observed)
                    pending.append(resources[address])
        others = [o for address, o in self.addresses.items() if address not in resources and self.ours(o) is not None]
        self.foreign(resources)
        return list(resources.values()), {self.address(o): self.resource(o) for o in others}

    def matching(self, globs: tuple[str, ...]) -> list[Address]:
        if not self.addresses:
            raise InvalidInput("nothing to pull", [Diagnostic("PAC512", "the store holds no objects of anybody")])
        if not globs:
            return list(self.addresses)
        texts = {str(address): address for address in self.addresses}
        unmatched = [glob for glob in globs if not any(fnmatch.fnmatchcase(text, glob) for text in texts)]
        if unmatched:
            raise InvalidInput("nothing to pull", [self.nothing(glob, list(texts)) for glob in unmatched])
        return [texts[text] for text in texts if any(fnmatch.fnmatchcase(text, glob) for glob in globs)]

    def nothing(self, glob: str, texts: list[str]) -> Diagnostic:
        near = nearest(glob, [text for text in texts if not text.startswith("user/")])
        hint = f"did you mean {near}?" if near else "write it like pool/customers or user/customers/*"
        return Diagnostic("PAC512", f"{glob} matches no live object", hint=hint)

    def referred(self, resource: Resource) -> Iterable[Address]:
        for reference in by_word()[resource.address.kind].references(resource.metadata, resource.spec):
            for word in reference.kind.split("|"):
                yield Address(word, reference.name)

    def foreign(self, resources: Mapping[Address, Resource]) -> None:
        """Say which objects belong to somebody else: no consent is written for those."""
        owners: dict[str, int] = {}
        for address in resources:
            record = self.addresses[address].owner
            if record is not None and self.ours(self.addresses[address]) is None:
                key = f"{record.owner.project}, environment {record.owner.environment}"
                owners[key] = owners.get(key, 0) + 1
        for owner, number in sorted(owners.items()):
            summary = f"{number:,} of the objects belong to project {owner}"
            hint = "plan refuses them until their metadata says adopt: {from: PROJECT}"
            self.diagnostics.append(Diagnostic("PAC517", summary, Severity.WARN, hint=hint))

    # -- in the manifests' words

    def resource(self, observed: Observed) -> Resource:
        """A live object as a manifest declares it."""
        kind, record = by_word()[observed.kind], self.ours(observed)
        live_metadata, spec = map_references(kind, observed.metadata, observed.spec, self.name)
        metadata: JsonMap = {"name": self.names[observed.kind, observed.id]}
        if record is not None:
            live_metadata, spec = recorded(kind, live_metadata, spec, record.fields)
            if record.protect:
                metadata["protect"] = True
        else:
            spec = _without_noise(kind, spec)
            if observed.owner is None:
                metadata["adopt"] = True
        if observed.id != derived_id(observed.kind, str(metadata["name"]), observed.pool_id):
            metadata["id"] = observed.id
        if observed.pool_id:
            metadata["pool"] = self.names.get(("pool", observed.pool_id), observed.pool_id)
        metadata.update({key: live_metadata[key] for key in kind.metadata_shape.children if key in live_metadata})
        return Resource(self.address(observed), metadata, self.without_secrets(self.address(observed), spec))

    def name(self, words: Words, id: str) -> str:
        for word in words:
            if (word, id) in self.names:
                return self.names[word, id]
            if (word, id) in self.system:
                return DEFAULT_REF
        return ID_REF + id

    def without_secrets(self, address: Address, spec: JsonMap) -> JsonMap:
        """Fields of the service that nobody here knows may be secrets: those that are called so are not written down."""
        extra = as_map(spec.get("extra"))
        kept = as_map(_without_secret_keys(extra))
        if kept == extra:
            return spec
        summary = "extra is written without the keys that seem to hold secrets"
        self.diagnostics.append(Diagnostic("PAC510", summary, Severity.WARN, address=str(address)))
        return {**{key: value for key, value in spec.items() if key != "extra"}, **({"extra": kept} if kept else {})}


def _nameable(observed: Observed, record: OwnerRecord | None) -> Nameable:
    given = record.address.name if record is not None else ""
    return Nameable(observed.kind, observed.id, observed.pool_id, str(observed.spec.get("displayName", "")), given)


def _without_noise(kind: Kind, spec: JsonMap) -> JsonMap:
    """A spec nobody declared, without what every object of the kind has."""
    kept = {key: value for key, value in spec.items() if value not in ({}, [])}
    if kind.word == "user" and kept.get("userType") == "standard":
        del kept["userType"]
    return kept


def _without_secret_keys(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if not _SECRET_KEY.search(key)}
        return {key: _without_secret_keys(item) for key, item in kept.items()}
    return [_without_secret_keys(item) for item in value] if isinstance(value, list) else value


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


__all__ = ["pull", "write_pulled"]
