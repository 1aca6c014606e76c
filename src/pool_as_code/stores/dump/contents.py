"""What a dump holds, whatever its form: rows of the service's JSON, each with its place. Forms are told apart here.

identity dump   {pools: [...], users: [...], user_identifiers: [...], ...}     flat tables, joined by ids
hub tree        {pools: {ID: ...}, schemas: {ID: ...}, servers: {WID: {pools: {ID: ...}}}}, or one server of it
cac folder      pools/*.yaml, schemas/*.yaml, workspaces/WID/server.yaml, workspaces/WID/pools/*.yaml
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

from ...core.diagnostics import Diagnostic, Location, Severity
from ...core.values import JsonMap, JsonValue, as_list, as_map
from .reading import Part, Step, Unreadable

TABLES = (
    *("pools", "schemas", "groups", "group_members", "users"),
    *("user_identifiers", "user_verifiable_addresses", "user_credentials", "codes"),
)
_WITH_ID = ("pools", "schemas", "groups", "users")  # what others refer to
_TENANT_KEYS = {
    *("id", "tenant_id", "name", "url", "features", "jwks", "metadata", "mfa_methods", "pools", "schemas", "servers"),
    *("settings", "styling", "themes", "translations", "phone_provider_config"),
}
_EXPECTED = (
    "expected an identity dump (tables pools, schemas, users, ...), a hub tree (pools, schemas, servers by id), or a folder"
    " with pools/, schemas/ or workspaces/"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One object as the service writes it, with its id. `server` is the workspace or organization that its place implies."""

    id: str
    body: JsonMap
    part: Part
    path: tuple[Step, ...]
    server: str = ""

    @property
    def location(self) -> Location:
        """Where it stands; found by reading the file again."""
        return self.part.at(*self.path)


@dataclass(slots=True)
class Contents:
    """The rows of a dump by table, `servers` among them. `linked` are pools with the servers whose users they are."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    linked: dict[str, list[str]] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def of(self, table: str) -> list[Row]:
        """The rows of a table; none where the dump has no such table."""
        return self.rows.get(table, [])

    def add(self, table: str, row: Row) -> None:
        """One more row."""
        self.rows.setdefault(table, []).append(row)


def take_file(contents: Contents, part: Part) -> None:
    """Everything a single file holds. Raises Unreadable when it is no dump."""
    value = part.value
    if any(isinstance(value.get(table), list) for table in TABLES):
        take_tables(contents, part)
    elif any(isinstance(value.get(key), dict) for key in ("pools", "schemas", "servers")):
        if value.keys() <= _TENANT_KEYS:
            _take_tree(contents, part)
        else:
            take_server(contents, part, str(value.get("id") or PurePath(part.file).stem), ())
    else:
        raise Unreadable(no_dump(part.file, _seen(value)))


def no_dump(shown: str, found: str) -> Diagnostic:
    """What a file or folder that is no dump gets to hear."""
    return Diagnostic("PAC502", f"not a dump: {found}", detail=_EXPECTED, location=Location(shown))


def take_tables(contents: Contents, part: Part) -> None:
    """The flat tables of an identity dump."""
    for table in TABLES:
        rows = part.value.get(table)
        if rows is None or isinstance(rows, list):
            for index, body in enumerate(as_list(rows)):
                take(contents, table, part, (table, index), body, needs_id=table in _WITH_ID)
        else:
            summary = f"{table} is not a list, as it is in the other tables of an identity dump"
            contents.diagnostics.append(Diagnostic("PAC504", summary, location=part.at(table)))


def take_server(contents: Contents, part: Part, id: str, path: tuple[Step, ...]) -> None:
    """A workspace or organization with its pools."""
    body: JsonValue = part.value
    for step in path:
        body = as_map(body).get(str(step))
    take(contents, "servers", part, path, {**as_map(body), "id": id} if isinstance(body, dict) else body)
    for pool_id, pool in as_map(as_map(body).get("pools")).items():
        take(contents, "pools", part, (*path, "pools", pool_id), _with_id(pool, pool_id), server=id)
    for idp in as_map(as_map(body).get("idps")).values():
        link(contents, as_map(idp), id)


def link(contents: Contents, idp: JsonMap, server: str) -> None:
    """An identity provider of a server: one of method `identity_pool` lets a pool's users in."""
    pool_id = idp.get("identity_pool_id")
    if idp.get("method") == "identity_pool" and isinstance(pool_id, str) and not idp.get("disabled"):
        linked = contents.linked.setdefault(pool_id, [])
        if server not in linked:
            linked.append(server)


def take(
    contents: Contents,
    table: str,
    part: Part,
    path: tuple[Step, ...],
    body: JsonValue,
    *,
    server: str = "",
    needs_id: bool = True,
) -> None:
    """One object of a table, if it is one."""
    id = as_map(body).get("id")
    if isinstance(id, int) and not isinstance(id, bool):
        id = str(id)
    if not isinstance(body, dict):
        _refuse(contents, part, path, f"{_where(path)} is not a map of fields")
    elif needs_id and (not isinstance(id, str) or not id):
        _refuse(contents, part, path, f"{_where(path)} has no id")
    else:
        known = body if not id or body["id"] == id else {**body, "id": id}
        contents.add(table, Row(str(id or ""), known, part, path, server))


def duplicates(contents: Contents) -> Iterator[Diagnostic]:
    """Two objects of one kind with the same id."""
    for table in ("servers", "schemas", "pools", "groups", "users"):
        seen: dict[str, Row] = {}
        for row in contents.of(table):
            first = seen.setdefault(row.id, row)
            if first is not row:
                yield Diagnostic(
                    "PAC505",
                    f"two {table} have the id {row.id!r}",
                    detail=f"the other one: {first.location}",
                    hint="keep one of the two",
                    location=row.location,
                )


def _take_tree(contents: Contents, part: Part) -> None:
    for table in ("pools", "schemas"):
        for id, body in as_map(part.value.get(table)).items():
            take(contents, table, part, (table, id), _with_id(body, id))
    for id in as_map(part.value.get("servers")):
        take_server(contents, part, id, ("servers", id))


def _with_id(body: JsonValue, id: str) -> JsonValue:
    return {**body, "id": id} if isinstance(body, dict) else body


def _refuse(contents: Contents, part: Part, path: tuple[Step, ...], summary: str) -> None:
    contents.diagnostics.append(Diagnostic("PAC504", summary, Severity.ERROR, location=part.at(*path)))


def _where(path: tuple[Step, ...]) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{step}"
    return text or "the file"


def _seen(value: JsonMap) -> str:
    if "apiVersion" in value and "kind" in value:
        return f"found a document of kind {value['kind']}; pac validate and pac plan read those"
    keys = [key if len(key) <= 40 else f"{key[:40]}..." for key in list(value)[:6]]
    return f"found a map with the keys {', '.join(keys)}" if keys else "found an empty map"
