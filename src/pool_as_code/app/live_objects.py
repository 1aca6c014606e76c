"""Everything that is live in a store, with names, in the manifests' words: what `pull` chooses from. What is ours comes back as it
was declared; what nobody owns with the consent to be adopted, or with a binding that is one."""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..core.address import Address
from ..core.diagnostics import Diagnostic, Severity
from ..core.errors import InvalidInput
from ..core.values import JsonMap, JsonValue, as_map
from ..plan.expressible import has_no_place
from ..plan.recorded import recorded
from ..resources.kind import Kind
from ..resources.live import Observed, Owner, OwnerRecord
from ..resources.naming import Nameable, choose_names
from ..resources.references import DEFAULT_REF, ID_REF, Words, map_references
from ..resources.registry import KINDS, by_word
from ..resources.sections import Section, part_of
from ..resources.shape import Field
from ..resources.state import Resource, derived_id
from ..resources.suggest import nearest
from ..resources.traits import ID
from ..stores.base import Scope, Store

_SECRET_KEY = re.compile(r"(secret|password|private_?key|api_?key|token|jwks|credentials?|salt)s?\Z", re.IGNORECASE)
_SHOWN = 8  # addresses in a note


@dataclass(frozen=True)
class Manner:
    """How live objects are written down. `sections`: only these fields, of the object alone; empty for all that it has.
    `bind`: ids become bindings instead of metadata. `bindings` are those that the environment has already."""

    sections: tuple[Section, ...] = ()
    bind: bool = False
    bindings: Mapping[Address, str] = field(default_factory=dict)


class LiveObjects:
    """Everything that is live, with names. `diagnostics` fill up with what has to be said."""

    def __init__(self, store: Store, owner: Owner, manner: Manner | None = None) -> None:
        found = [o for kind in KINDS for o in store.read(Scope(kind.word, everything=True))]
        self.owner = owner
        self.capabilities = store.capabilities
        self.unsupported: dict[tuple[str, str], list[Address]] = {}  # kind word and path -> who is declared with it
        self.manner = manner or Manner()
        self.diagnostics: list[Diagnostic] = list(getattr(store, "diagnostics", ()))
        self.system = {(o.kind, o.id) for o in found if o.metadata.get("system")}
        self.objects = [o for o in found if (o.kind, o.id) not in self.system]
        self.names = choose_names(self.nameables())
        self.addresses = {self.address(o): o for o in self.objects}
        self.bound = {
            (address.kind, id)
            for address, id in self.manner.bindings.items()
            if address in self.addresses and self.addresses[address].id == id
        }
        self.written: set[tuple[str, str]] = set()  # with sections: what gets a document

    def nameables(self) -> Iterator[Nameable]:
        """What names are made of: an object that is ours has one, and one that is bound, unless an object of ours has it."""
        records = {(o.kind, o.id): record for o in self.objects if (record := self.ours(o)) is not None}
        taken = {record.address for record in records.values()}
        bound = {(a.kind, id): a for a, id in self.manner.bindings.items() if a not in taken}
        for o in self.objects:
            record = records.get((o.kind, o.id))
            address = record.address if record is not None else bound.get((o.kind, o.id))
            title = str(o.spec.get("displayName", ""))
            yield Nameable(o.kind, o.id, o.pool_id, title, address.name if address is not None else "")

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
        if self.manner.sections:
            wanted = self.with_sections(wanted, told=bool(globs))
            self.written = {(address.kind, self.addresses[address].id) for address in wanted}
        resources = {address: self.resource(self.addresses[address]) for address in wanted}
        pending = list(resources.values()) if not self.manner.sections else []
        while pending:
            resource = pending.pop()
            for address in self.referred(resource):
                observed = self.addresses.get(address)
                if observed is not None and address not in resources and not self.is_known(observed):
                    resources[address] = self.resource(observed)
                    pending.append(resources[address])
        others = [o for address, o in self.addresses.items() if address not in resources and self.ours(o) is not None]
        self.foreign(resources)
        self.tell_unsupported(resources)
        return list(resources.values()), {self.address(o): self.resource(o) for o in others}

    def matching(self, globs: tuple[str, ...]) -> list[Address]:
        """The addresses that answer to the globs, or all. Raises InvalidInput for a glob that nothing answers to."""
        if not self.addresses:
            raise InvalidInput("nothing to pull", [Diagnostic("PAC512", "the store holds no objects of anybody")])
        if not globs:
            return list(self.addresses)
        texts = {str(address): address for address in self.addresses}
        unmatched = [glob for glob in globs if not any(fnmatch.fnmatchcase(text, glob) for text in texts)]
        if unmatched:
            raise InvalidInput("nothing to pull", [_nothing(glob, list(texts)) for glob in unmatched])
        return [texts[text] for text in texts if any(fnmatch.fnmatchcase(text, glob) for glob in globs)]

    def with_sections(self, wanted: Iterable[Address], *, told: bool) -> list[Address]:
        """Those that have any of the sections, and whose pool can be named. The others are told: all of them if `told`, else
        those of a kind that could have them."""
        kinds = {section.kind for section in self.manner.sections}
        kept: list[Address] = []
        without: dict[str, list[Address]] = {}
        homeless: list[Address] = []
        for address in wanted:
            pool = self.addresses.get(Address("pool", address.container))
            if address.kind not in kinds or not self.settings(self.addresses[address])[1]:
                without.setdefault(address.kind, []).append(address)
            elif pool is not None and not (self.manner.bind or self.is_known(pool)):
                homeless.append(address)
            else:
                kept.append(address)
        names = ", ".join(dict.fromkeys(map(str, self.manner.sections)))
        for kind, addresses in without.items():
            if told or kind in kinds:
                self.leave_out(addresses, f"no {names} is set there", "pull without --only to see what they have")
        if homeless:
            hint = "repeat with --bind, which makes the pool's name known"
            self.leave_out(homeless, "their pool is not managed here", hint)
        if not kept:
            problem = Diagnostic("PAC512", f"no object that was asked for has {names}")
            raise InvalidInput("nothing to pull", [problem, *self.diagnostics])
        return kept

    def leave_out(self, addresses: list[Address], why: str, hint: str) -> None:
        """Say that these are not written."""
        more = f" and {len(addresses) - _SHOWN:,} more" if len(addresses) > _SHOWN else ""
        shown = ", ".join(map(str, addresses[:_SHOWN])) + more
        self.diagnostics.append(Diagnostic("PAC523", f"left out: {shown}", Severity.INFO, why, hint))

    def referred(self, resource: Resource) -> Iterable[Address]:
        """What a resource refers to, live or not."""
        for reference in by_word()[resource.address.kind].references(resource.metadata, resource.spec):
            for word in reference.kind.split("|"):
                yield Address(word, reference.name)

    def is_known(self, observed: Observed) -> bool:
        """Whether manifests may use its name without declaring it: it is ours, or the environment binds it."""
        return self.ours(observed) is not None or (observed.kind, observed.id) in self.bound

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
        record = self.ours(observed)
        live_metadata, spec = self.settings(observed)
        metadata: JsonMap = {"name": self.names[observed.kind, observed.id]}
        if record is not None and record.protect:
            metadata["protect"] = True
        metadata.update(self.consent(observed))
        if observed.pool_id:
            metadata["pool"] = self.names.get(("pool", observed.pool_id), observed.pool_id)
        metadata.update(live_metadata)
        return Resource(self.address(observed), metadata, self.without_secrets(self.address(observed), spec))

    def settings(self, observed: Observed) -> tuple[JsonMap, JsonMap]:
        """The metadata and the spec that are written, with names in the place of ids."""
        kind, record, sections = by_word()[observed.kind], self.ours(observed), self.manner.sections
        metadata, live = map_references(kind, observed.metadata, observed.spec, self.name)
        spec = _without_noise(kind, live)
        if record is not None:
            metadata, asked = recorded(kind, metadata, live, self.with_a_place(observed, live, record.fields))
            spec = _completed(kind.shape, asked, spec) if sections else asked
        if sections:
            return {}, part_of(spec, (section for section in sections if section.kind == kind.word))
        return {key: metadata[key] for key in kind.metadata_shape.children if key in metadata}, spec

    def with_a_place(self, observed: Observed, live: JsonMap, fields: Mapping[str, str]) -> dict[str, str]:
        """Those of an object's declared fields that the store has a field for. What it shows of the others would be made up."""
        missing = [path for path in fields if has_no_place(self.capabilities, observed.kind, path, live)]
        for path in missing:
            self.unsupported.setdefault((observed.kind, path), []).append(self.address(observed))
        return {path: digest for path, digest in fields.items() if path not in missing}

    def tell_unsupported(self, resources: Mapping[Address, Resource]) -> None:
        """Say which declared fields are not written, since the store does not have them."""
        for (kind, path), addresses in self.unsupported.items():
            written = list(dict.fromkeys(address for address in addresses if address in resources))
            if written:
                why = f"{path} stays out: {self.capabilities.unsupported[kind][path]}"
                self.leave_out(written, why, "keep it in the manifests")

    def consent(self, observed: Observed) -> JsonMap:
        """What the metadata says about which live object is meant, and that it may be taken over."""
        found: JsonMap = {}
        if (observed.kind, observed.id) in self.bound or (self.manner.bind and _is_id(observed.id)):
            return found
        if self.ours(observed) is None and observed.owner is None:
            found["adopt"] = True
        if observed.id != derived_id(observed.kind, self.names[observed.kind, observed.id], observed.pool_id):
            found["id"] = observed.id
        return found

    def new_bindings(self, resources: Iterable[Resource]) -> dict[Address, str]:
        """The bindings that these resources need beside those that are there: of themselves where nothing else says which
        live object is meant, and of what they refer to where nobody declares it."""
        listed = {resource.address: resource for resource in resources}
        found: dict[Address, str] = {}
        for address, resource in listed.items():
            observed = self.addresses[address]
            name = self.names[observed.kind, observed.id]
            if self.ours(observed) is None or observed.id != derived_id(observed.kind, name, observed.pool_id):
                found[address] = observed.id
            for other in self.referred(resource):
                live = self.addresses.get(other)
                if live is not None and other not in listed and self.ours(live) is None:
                    found[other] = live.id
        return {address: id for address, id in found.items() if (address.kind, id) not in self.bound}

    def name(self, words: Words, id: str) -> str:
        """How a document refers to a live object: by its name, or by its id where no name of it is known."""
        for word in words:
            if (word, id) in self.names:
                return self.names[word, id] if self.is_named(word, id) else ID_REF + id
            if (word, id) in self.system:
                return DEFAULT_REF
        return ID_REF + id

    def is_named(self, word: str, id: str) -> bool:
        """Whether the name of an object that is referred to will be known: with sections, what is referred to is not pulled
        along, so a binding has to make it known."""
        if not self.manner.sections or (self.manner.bind and _is_id(id)):
            return True
        return (word, id) in self.written or (word, id) in self.bound or (word, id) in self.owned

    @functools.cached_property
    def owned(self) -> frozenset[tuple[str, str]]:
        """(kind word, id) of what is ours."""
        return frozenset((o.kind, o.id) for o in self.objects if self.ours(o) is not None)

    def without_secrets(self, address: Address, spec: JsonMap) -> JsonMap:
        """Fields of the service that nobody here knows may be secrets: those that are called so are not written down."""
        extra = as_map(spec.get("extra"))
        kept = as_map(_without_secret_keys(extra))
        if kept == extra:
            return spec
        summary = "extra is written without the keys that seem to hold secrets"
        self.diagnostics.append(Diagnostic("PAC510", summary, Severity.WARN, address=str(address)))
        return {**{key: value for key, value in spec.items() if key != "extra"}, **({"extra": kept} if kept else {})}


def _nothing(glob: str, texts: list[str]) -> Diagnostic:
    near = nearest(glob, [text for text in texts if not text.startswith("user/")])
    hint = f"did you mean {near}?" if near else "write it like pool/customers or user/customers/*"
    return Diagnostic("PAC512", f"{glob} matches no live object", hint=hint)


def _is_id(text: str) -> bool:
    return re.fullmatch(ID, text) is not None


def _without_noise(kind: Kind, spec: JsonMap) -> JsonMap:
    """A spec nobody declared, without what every object of the kind has."""
    kept = {key: value for key, value in spec.items() if value not in ({}, [])}
    if kind.word == "user" and kept.get("userType") == "standard":
        del kept["userType"]
    return kept


def _completed(shape: Field, asked: JsonMap, live: JsonMap) -> JsonMap:
    """What was declared, with the live values of the other fields: sections may name fields that are not managed yet."""
    found = dict(live)
    for key, value in asked.items():
        child = shape.children[key]
        found[key] = _completed(child, as_map(value), as_map(live.get(key))) if child.is_struct else value
    return found


def _without_secret_keys(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if not _SECRET_KEY.search(key)}
        return {key: _without_secret_keys(item) for key, item in kept.items()}
    return [_without_secret_keys(item) for item in value] if isinstance(value, list) else value


__all__ = ["LiveObjects", "Manner"]
