"""From the rows of a dump to live objects in our vocabulary, references as ids. What refers to nothing is left out and
counted; credentials go their own way and never into an object."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...core.diagnostics import Diagnostic, Severity
from ...core.values import JsonMap, JsonValue, as_map, canonical
from ...resources.live import Observed
from ...resources.registry import KINDS
from ..secureauth.wire import Received, StoredCredential, credential_from_wire, from_wire, server_from_wire
from .contents import Contents, Row, duplicates

SYSTEM_SCHEMAS = frozenset({"default_payload", "default_metadata", "user_v0", "metadata_v0"})
"""Ids the service names as its default schemas. A dump refers to them and need not hold them."""

_LISTS = {"user_identifiers": "identifiers", "user_verifiable_addresses": "verifiable_addresses"}
_SHOWN = 5


class Ordered(Observed):
    """A live object that keeps its keys in the order in which they were read: pulled files show it."""

    __slots__ = ()

    def __init__(self, kind: str, id: str, metadata: JsonMap, spec: JsonMap, *, pool_id: str = "") -> None:
        body: JsonMap = {"metadata": metadata, "spec": spec}
        super().__init__(kind, id, canonical(body), pool_id=pool_id)
        self._body = body


@dataclass(slots=True)
class Live:
    """The live objects of a dump by kind word, credentials by user id, and what was not kept."""

    objects: dict[str, list[Observed]] = field(default_factory=lambda: {kind.word: [] for kind in KINDS})
    credentials: dict[str, list[StoredCredential]] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def observe(contents: Contents) -> Live:
    """Everything a dump holds. Errors and warnings stand in its diagnostics."""
    live = Live(diagnostics=[*contents.diagnostics, *duplicates(contents)])
    if any(item.severity is Severity.ERROR for item in live.diagnostics):
        return live
    _Observing(contents, live).run()
    return live


class _Observing:
    def __init__(self, contents: Contents, live: Live) -> None:
        self.contents = contents
        self.live = live
        self.containers: dict[str, str] = {}  # id -> kind word
        self.pool_schemas: dict[str, JsonMap] = {}
        self.left_out: Counter[tuple[str, str]] = Counter()
        self.missing: dict[str, Counter[str]] = defaultdict(Counter)

    def run(self) -> None:
        self.servers()
        for row in self.contents.of("schemas"):
            self.keep("schema", row, from_wire("schema", row.body), {})
        for row in self.contents.of("pools"):
            self.pool(row)
        groups = self.groups()
        self.users(groups)
        self.known_by_id()
        self.report()

    def keep(self, word: str, row: Row, received: Received, metadata: JsonMap, pool_id: str = "") -> None:
        for name in received.left_out:
            self.left_out[word, name] += 1
        kept: JsonMap = {key: value for key, value in metadata.items() if value}
        if received.metadata.get("system"):
            kept["system"] = True
        self.live.objects[word].append(Ordered(word, row.id, kept, received.spec, pool_id=pool_id))

    # -- containers and pools

    def servers(self) -> None:
        found = [(row, *server_from_wire(row.body)) for row in self.contents.of("servers")]
        self.containers = {row.id: word for row, word, _ in found}
        for row, word, received in found:
            self.keep(word, row, received, {"parent": self.container(received.metadata.get("parent"))})

    def container(self, id: JsonValue) -> JsonValue:
        """A workspace that the dump refers to and does not describe is there all the same: only its id is known."""
        if isinstance(id, str) and id and id not in self.containers:
            self.containers[id] = "workspace"
            self.live.objects["workspace"].append(Ordered("workspace", id, {}, {}))
            self.missing["container"][id] += 1
        return id

    def pool(self, row: Row) -> None:
        if row.body.get("deleted") is True:
            self.missing["deleted"][row.id] += 1
            return
        received = from_wire("pool", row.body)
        id = self.container(row.server or received.metadata.get("workspace"))
        spec = received.spec
        if row.id in self.contents.linked:
            linked: list[JsonValue] = [*self.contents.linked[row.id]]
            spec = {**spec, "signInAt": linked}
        placed: JsonMap = {self.containers[str(id)]: id} if id else {}
        self.keep("pool", row, received._replace(spec=spec), placed)
        self.pool_schemas[row.id] = as_map(spec.get("schemas"))

    # -- groups and users

    def groups(self) -> dict[str, str]:
        """Group id -> pool id of those that are kept."""
        rows = [(row, str(row.body.get("user_pool_id") or "")) for row in self.contents.of("groups")]
        kept = {row.id: pool_id for row, pool_id in rows if self.in_pool("groups", pool_id)}
        names = {(pool_id, str(row.body.get("name"))): row.id for row, pool_id in rows if row.id in kept}
        for row, pool_id in rows:
            if row.id in kept:
                body = {key: value for key, value in row.body.items() if key != "path"}
                received = from_wire("group", body)
                parent = received.metadata.get("parent") or _parent_in(row, pool_id, kept, names)
                if parent and kept.get(str(parent)) != pool_id:
                    self.missing["group parents"][row.id] += 1
                    parent = ""
                self.keep("group", row, received, {"parent": parent}, pool_id)
        return kept

    def users(self, groups: dict[str, str]) -> None:
        rows = [(row, str(row.body.get("user_pool_id") or "")) for row in self.contents.of("users")]
        kept = {row.id: pool_id for row, pool_id in rows if self.in_pool("users", pool_id)}
        lists = {theirs: self.by_user(table, kept) for table, theirs in _LISTS.items()}
        member_of: dict[str, list[JsonValue]] = defaultdict(list)
        for row in self.contents.of("group_members"):
            user, group = str(row.body.get("user_id")), str(row.body.get("group_id"))
            if user in kept and groups.get(group) == kept[user]:
                member_of[user].append(group)
            else:
                self.missing["group_members"][user if user not in kept else group] += 1
        for user_id, credentials in self.by_user("user_credentials", kept).items():
            self.live.credentials[user_id] = [credential_from_wire(as_map(row)) for row in credentials]
        for row, pool_id in rows:
            if row.id in kept:
                nested = {theirs: found[row.id] for theirs, found in lists.items() if row.id in found}
                received = from_wire("user", {**row.body, **nested})
                spec = _without_schemas_of(self.pool_schemas[pool_id], received.spec)
                if row.id in member_of:
                    spec["groups"] = list(dict.fromkeys(member_of[row.id]))
                self.keep("user", row, received._replace(spec=spec), {}, pool_id)

    def in_pool(self, table: str, pool_id: str) -> bool:
        if pool_id not in self.pool_schemas:
            self.missing[table][pool_id or "(none)"] += 1
            return False
        return True

    def by_user(self, table: str, users: dict[str, str]) -> dict[str, list[JsonValue]]:
        found: dict[str, list[JsonValue]] = defaultdict(list)
        for row in self.contents.of(table):
            user = str(row.body.get("user_id"))
            if user in users:
                found[user].append(row.body)
            else:
                self.missing[table][user] += 1
        return found

    def known_by_id(self) -> None:
        """Default schemas of the service that are referred to and not in the dump."""
        present = {schema.id for schema in self.live.objects["schema"]}
        named: set[str] = set()
        for word in ("pool", "user"):
            for observed in self.live.objects[word]:
                named.update(str(id) for id in as_map(observed.spec.get("schemas")).values())
        for id in sorted(named - present):
            if id in SYSTEM_SCHEMAS:
                self.live.objects["schema"].append(Ordered("schema", id, {"system": True}, {}))
            else:
                self.missing["schema"][id] += 1

    # -- what was not kept

    def report(self) -> None:
        for reason, (code, severity, sentence) in _REASONS.items():
            counts = self.missing.get(reason)
            if counts:
                summary = f"{sentence}: {counts.total():,}"
                self.live.diagnostics.append(Diagnostic(code, summary, severity, detail=f"ids: {_some(counts)}"))
        by_word: dict[str, list[str]] = defaultdict(list)
        for (word, name), number in sorted(self.left_out.items()):
            by_word[word].append(f"{name} ({number:,})")
        for word, names in by_word.items():
            summary = f"fields of kind {word} that have no place here were left out: {', '.join(names)}"
            self.live.diagnostics.append(Diagnostic("PAC507", summary, Severity.WARN))


_REASONS: dict[str, tuple[str, Severity, str]] = {
    "container": ("PAC509", Severity.INFO, "workspaces that are only referred to, and known by their id alone"),
    "deleted": ("PAC508", Severity.WARN, "pools that are marked as deleted were left out, with their users and groups"),
    "schema": ("PAC506", Severity.WARN, "schemas that pools or users refer to and that are not in the dump"),
    "groups": ("PAC506", Severity.WARN, "groups of pools that are not in the dump were left out"),
    "group parents": ("PAC506", Severity.WARN, "groups whose parent is not in the dump were put on the top level"),
    "users": ("PAC506", Severity.WARN, "users of pools that are not in the dump were left out"),
    "user_identifiers": ("PAC506", Severity.WARN, "identifiers of users that are not in the dump were left out"),
    "user_verifiable_addresses": ("PAC506", Severity.WARN, "addresses of users that are not in the dump were left out"),
    "user_credentials": ("PAC506", Severity.WARN, "credentials of users that are not in the dump were left out"),
    "group_members": ("PAC506", Severity.WARN, "memberships of users or groups that are not in the dump were left out"),
}


def _some(ids: Iterable[str]) -> str:
    found = sorted(set(ids))
    more = f" and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
    return ", ".join(found[:_SHOWN]) + more


def _without_schemas_of(pool: JsonMap, spec: JsonMap) -> JsonMap:
    """A user's schemas are copied from the pool when it is created; those that are still the pool's are not its own."""
    own: JsonMap = {role: id for role, id in as_map(spec.get("schemas")).items() if pool.get(role) != id}
    rest = {key: value for key, value in spec.items() if key != "schemas"}
    return {**rest, "schemas": own} if own else rest


def _parent_in(row: Row, pool_id: str, kept: dict[str, str], names: dict[tuple[str, str], str]) -> str:
    """The parent's id in the `path` that dumps have: ids or names from the top down, with or without the group itself.
    Empty for the top level; a parent that can not be found is its own last step."""
    steps = [step for step in re.split(r"[/.,]", str(row.body.get("path") or "")) if step]
    if steps and steps[-1].replace("_", "-") in (row.id, str(row.body.get("name"))):
        steps.pop()
    if not steps:
        return ""
    last = steps[-1]
    for known in (last, last.replace("_", "-")):
        if kept.get(known) == pool_id:
            return known
    return names.get((pool_id, last), last)
