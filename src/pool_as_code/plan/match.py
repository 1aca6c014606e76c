"""Which live object is meant by a desired one. The order of the steps, first hit wins:

    1  a binding, or metadata.id          an id somebody wrote down: consent to adopt
    2  the ownership record by address    ours
    3  ownership records by former names  ours, renamed: its own former names, and those of its pool
    4  the derived id                     the name; UUIDv5 for groups and users
    5  adopt: builtIn                     the only pool of its workspace or organization
    6  a declared identifier (users)      somebody else's account, maybe a squatter's

Steps that point at different objects are an error: guessing here would hand one user's account to another. A binding of
what nobody declares makes its name known, and no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..core.address import Address
from ..core.diagnostics import Diagnostic, Severity
from ..core.values import as_list
from ..resources.live import Observed, Owner, OwnerRecord
from ..resources.rules import fold
from ..resources.state import Resource, derived_id
from ..resources.user import identifier_key


class How(StrEnum):
    """By which step a live object was found."""

    BOUND = "bound"
    ID = "id"
    OWNED = "owned"
    RENAMED = "renamed"
    DERIVED = "derived"
    BUILT_IN = "builtIn"
    IDENTIFIER = "identifier"


@dataclass(frozen=True, slots=True)
class Match:
    """A desired object's live one. `record` is our ownership record of it, under this address or the previous one."""

    observed: Observed
    how: How
    record: OwnerRecord | None = None


@dataclass(slots=True)
class Matches:
    """What matching found. `ids` holds the id of every desired or bound object, live or to be; `names` the reverse, and the names
    of `orphans`: ids of what we own and no longer declare. `bound` are the live objects of `bindings` that nobody declares: they
    are referred to, not managed."""

    owner: Owner
    bindings: Mapping[Address, str] = field(default_factory=dict)
    live: dict[Address, Match] = field(default_factory=dict)
    ids: dict[Address, str] = field(default_factory=dict)
    names: dict[tuple[str, str], Address] = field(default_factory=dict)
    taken: dict[tuple[str, str], Address] = field(default_factory=dict)
    bound: dict[Address, Observed] = field(default_factory=dict)
    orphans: dict[Address, str] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)
    _former_pools: dict[str, list[str]] = field(default_factory=dict)

    def observed(self, address: Address) -> Observed | None:
        """The live object of a declared or bound address."""
        match = self.live.get(address)
        return match.observed if match is not None else self.bound.get(address)

    def match_kind(
        self,
        word: str,
        resources: Collection[Resource],
        observed: Iterable[Observed],
        records: Mapping[Address, OwnerRecord],
    ) -> None:
        """Match all desired and bound objects of one kind; containers must have been matched before."""
        by_id = {o.id: o for o in observed}
        by_identifier = _Identifiers(by_id.values()) if word == "user" else None
        pools = self._pools()
        for resource in resources:
            address = resource.address
            pool_id = pools.get(address.container, "") if word in ("group", "user") else ""
            match = self._simple(address, by_id, records)
            plain = 2 if address.container else 1  # a name, and a pool
            if match is None or len(resource.metadata) > plain or address in self.bindings:
                match = self._careful(resource, pool_id, by_id, by_identifier, records)
            self._note(resource, match)
        self._bind(word, resources, by_id, pools)
        self._name_orphans(word, records)
        if word == "pool":
            self._remember_former_pools(resources, records)

    def _simple(
        self, address: Address, by_id: Mapping[str, Observed], records: Mapping[Address, OwnerRecord]
    ) -> Match | None:
        record = records.get(address)
        if record is None:
            return None
        found = by_id.get(record.remote_id)
        return Match(found, How.OWNED, record) if found is not None and found.kind == address.kind else None

    def _careful(
        self,
        resource: Resource,
        pool_id: str,
        by_id: Mapping[str, Observed],
        identifiers: _Identifiers | None,
        records: Mapping[Address, OwnerRecord],
    ) -> Match | None:
        address, metadata = resource.address, resource.metadata
        hits: list[Match] = []

        def hit(id: str | None, how: How, record: OwnerRecord | None = None) -> None:
            found = by_id.get(id) if id else None
            if found is not None and (not pool_id or found.pool_id == pool_id):
                hits.append(Match(found, how, record or _ours(found, self.owner)))

        bound, explicit = self.bindings.get(address, ""), str(metadata.get("id") or "")
        hit(bound, How.BOUND)
        if bound and self._bad_binding(resource, bound, explicit, live=bool(hits), pool_id=pool_id):
            return None
        hit(explicit, How.ID)
        if address in records:
            hit(records[address].remote_id, How.OWNED, records[address])
        for old in self._former(resource):
            if old in records:
                hit(records[old].remote_id, How.RENAMED, records[old])
        self._disagreement(resource, hits)
        if not hits and not explicit and not bound:
            self.ids[address] = derived = derived_id(address.kind, address.name, pool_id)  # so it will be, if it is new
            hit(derived, How.DERIVED)
        if not hits and metadata.get("adopt") == "builtIn":
            hit(self._built_in(resource, by_id.values()), How.BUILT_IN)
        if not hits and identifiers is not None and pool_id:
            owners = [o for o in identifiers.holders(resource, pool_id) if _ours(o, self.owner) is None]
            if len(owners) > 1:
                self._problem(
                    resource,
                    "PAC301",
                    "its identifiers belong to different live users",
                    "live users: " + ", ".join(sorted(o.id for o in owners)),
                    "remove the identifiers of the others, or set metadata.id to the user that is meant",
                )
            elif owners:
                hit(owners[0].id, How.IDENTIFIER)
        return hits[0] if hits else None

    def _former(self, resource: Resource) -> Iterator[Address]:
        """Other addresses under which our records may know it: by its former names, and by those of its pool."""
        address = resource.address
        names = [address.name, *map(str, as_list(resource.metadata.get("previousNames")))]
        for pool in (address.container, *self._former_pools.get(address.container, ())):
            for name in names:
                old = Address(address.kind, f"{pool}/{name}" if pool else name)
                if old != address:
                    yield old

    def _remember_former_pools(self, pools: Iterable[Resource], records: Mapping[Address, OwnerRecord]) -> None:
        recorded: dict[str, list[str]] = {}
        for address, record in records.items():
            if address.kind == "pool":
                recorded.setdefault(record.remote_id, []).append(address.path)
        for pool in pools:
            name, ids = pool.address.path, recorded.get(self.ids.get(pool.address, ""), ())
            former = [*map(str, as_list(pool.metadata.get("previousNames"))), *ids]
            if former != [name]:
                self._former_pools[name] = [old for old in dict.fromkeys(former) if old != name]

    # -- bindings

    def _bad_binding(self, resource: Resource, bound: str, explicit: str, *, live: bool, pool_id: str) -> bool:
        """Whether a binding contradicts its document, or has no object though the document wants one; says so."""
        word = resource.address.kind
        if explicit and explicit != bound:
            self._problem(
                resource,
                "PAC303",
                f"the environment binds it to {bound}, and metadata.id is {explicit}",
                "both say which live object is meant",
                "remove metadata.id, or correct the binding",
            )
            return True
        if live or resource.metadata.get("state", "present") != "present":
            return False
        self._unbound(resource.address, bound, f" in pool {pool_id}" if word in ("group", "user") else "")
        return True

    def _bind(
        self, word: str, resources: Iterable[Resource], by_id: Mapping[str, Observed], pools: Mapping[str, str]
    ) -> None:
        """Make the names known of what is bound and not declared. Nothing refers to users, so theirs are left alone."""
        others = {address: id for address, id in self.bindings.items() if address.kind == word != "user"}
        for resource in resources if others else ():
            others.pop(resource.address, None)
        for address, id in others.items():
            found, pool_id = by_id.get(id), pools.get(address.container)
            if address.container and pool_id is None:
                self._unbound(address, id, f": its pool {address.container} is neither declared nor bound")
            elif found is None or (address.container and found.pool_id != pool_id):
                self._unbound(address, id, f" in pool {pool_id}" if address.container else "")
            elif (other := self.taken.get((word, id))) is not None:
                summary = f"{other} and the binding of {address} mean the same live object"
                hint = f"use the name {other.name}, or call the binding {other}"
                self._tell("PAC300", address, summary, f"id: {id}", hint)
            else:
                self.ids[address], self.bound[address] = id, found
                self.names[word, id] = address

    def _name_orphans(self, word: str, records: Mapping[Address, OwnerRecord]) -> None:
        """What we own and no longer declare keeps its name for whatever still refers to it. Nothing refers to users."""
        for address, record in records.items() if word != "user" else ():
            if address.kind == word and (word, record.remote_id) not in self.names:
                self.names[word, record.remote_id] = address
                self.orphans[address] = record.remote_id

    def _unbound(self, address: Address, id: str, where: str) -> None:
        self._tell(
            "PAC304",
            address,
            f"{address} is bound to {id}, and there is no such live {address.kind}{where}",
            "a binding means an object that is there already",
            "correct the binding, or remove it",
        )

    # -- what can not be decided

    def _disagreement(self, resource: Resource, hits: list[Match]) -> None:
        ids = {match.observed.id for match in hits}
        chosen = resource.metadata.get("id")
        bound = hits[0].observed.id if hits and hits[0].how is How.BOUND else ""
        if ids and chosen and str(chosen) not in ids:
            self._problem(
                resource,
                "PAC300",
                f"metadata.id is {chosen}, but the object that is managed here is another one",
                "; ".join(f"by {match.how.value}: {match.observed.id}" for match in hits),
                "remove metadata.id, or first give up the object that is managed here (metadata.state: released)",
            )
        elif bound and len(ids) > 1:
            self._problem(
                resource,
                "PAC300",
                f"the environment binds it to {bound}, but the object that is managed here is another one",
                "; ".join(f"by {match.how.value}: {match.observed.id}" for match in hits),
                "remove the binding, or first give up the object that is managed here (metadata.state: released)",
            )
        elif len(ids) > 1:
            self._problem(
                resource,
                "PAC300",
                "two live objects answer to this one",
                "; ".join(f"by {match.how.value}: {match.observed.id}" for match in hits),
                "remove metadata.id or previousNames, or release the object that is not meant (metadata.state: released)",
            )

    def _built_in(self, resource: Resource, observed: Iterable[Observed]) -> str | None:
        here = container_of(resource.metadata, self.ids)
        there = [o for o in observed if here and container_of(o.metadata, {}) == here and not o.metadata.get("system")]
        if len(there) == 1:
            return there[0].id
        if len(there) > 1:
            self._problem(
                resource,
                "PAC302",
                f"adopt: builtIn needs exactly one directory there, found {len(there)}",
                "directories: " + ", ".join(sorted(o.id for o in there)),
                "set metadata.id to the one that is meant",
            )
        return None

    def _note(self, resource: Resource, match: Match | None) -> None:
        address = resource.address
        if match is not None:
            key = (address.kind, match.observed.id)
            other = self.taken.get(key)
            if other is not None:
                self._problem(
                    resource,
                    "PAC300",
                    f"{other} and {address} mean the same live object",
                    f"id: {match.observed.id}",
                    "keep one of the two",
                )
                return
            self.taken[key] = address
            self.live[address] = match
            self.ids[address] = match.observed.id
            self.names[key] = address
            return
        chosen = self.bindings.get(address) or resource.metadata.get("id")
        id = self.ids[address] = str(chosen) if chosen else self.ids[address]
        self.names.setdefault((address.kind, id), address)

    def _pools(self) -> dict[str, str]:
        return {address.path: id for address, id in self.ids.items() if address.kind == "pool"}

    def _problem(self, resource: Resource, code: str, summary: str, detail: str, hint: str) -> None:
        self._tell(code, resource.address, summary, detail, hint)

    def _tell(self, code: str, address: Address, summary: str, detail: str, hint: str) -> None:
        self.problems.append(Diagnostic(code, summary, Severity.ERROR, detail, hint, address=str(address)))


def container_of(metadata: Mapping[str, object], ids: Mapping[Address, str]) -> tuple[str, str] | None:
    """Where a pool lives: (`workspace` or `organization`, its id). Names are looked up in `ids`; without one they are ids."""
    for word in ("workspace", "organization"):
        name = metadata.get(word)
        if name:
            return word, ids.get(Address(word, str(name)), str(name))
    return None


def _ours(found: Observed, owner: Owner) -> OwnerRecord | None:
    record = found.owner
    return record if record is not None and record.owner == owner else None


class _Identifiers:
    """Live users by identifier, folded the way that finds the most: whether case counts is the pool's rule, and the store
    returned only users that hold one of the identifiers asked for."""

    def __init__(self, users: Iterable[Observed]) -> None:
        self._users = list(users)
        self._index: dict[tuple[str, str], dict[str, Observed]] | None = None

    def holders(self, resource: Resource, pool_id: str) -> list[Observed]:
        """The live users of the pool that hold an identifier this one declares."""
        if not self._users:
            return []
        if self._index is None:
            self._index = {}
            for user in self._users:
                for member in as_list(user.spec.get("identifiers")):
                    self._index.setdefault((user.pool_id, _value(member)), {})[user.id] = user
        found: dict[str, Observed] = {}
        for member in as_list(resource.spec.get("identifiers")):
            found.update(self._index.get((pool_id, _value(member)), {}))
        return list(found.values())


def _value(member: object) -> str:
    key = identifier_key(member) if isinstance(member, dict) else ""
    return fold(key.partition(":")[2], ignore_case=True)
