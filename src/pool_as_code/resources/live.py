"""Live objects as values: what a store holds, and who owns it. Planner and stores share these; neither knows the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..core.address import Address
from ..core.values import JsonMap, as_map, canonical, digest_bytes, parse_json


class Owner(NamedTuple):
    """Who owns an object: a project (its random id) in one of its environments."""

    project: str
    environment: str


class OwnerRecord:
    """That an owner manages a live object, and what it last wrote there.

    `fields` maps field path text -> digest of the value last applied. `settled` is the token of `plan.settled` under which
    nothing was left to do. `adopted`: taken over, so it is released instead of deleted. `claimed`: written before the
    object was created and not confirmed since. `pool_id`: the live pool of a group or user, for stores that keep records there;
    empty where nobody said it. `fields` are decoded when they are first asked for."""

    __slots__ = (
        "_fields",
        "_fields_json",
        "address",
        "adopted",
        "claimed",
        "owner",
        "pool_id",
        "protect",
        "remote_id",
        "settled",
    )

    def __init__(
        self,
        owner: Owner,
        address: Address,
        remote_id: str,
        *,
        protect: bool = False,
        adopted: bool = False,
        claimed: bool = False,
        settled: str = "",
        fields: Mapping[str, str] | str | bytes = "{}",
        pool_id: str = "",
    ) -> None:
        self.owner = owner
        self.address = address
        self.remote_id = remote_id
        self.protect = protect
        self.adopted = adopted
        self.claimed = claimed
        self.settled = settled
        self.pool_id = pool_id
        self._fields: dict[str, str] | None = None
        self._fields_json: str | bytes = b""
        if isinstance(fields, str | bytes):
            self._fields_json = fields
        else:
            self._fields = dict(fields)

    @property
    def fields(self) -> dict[str, str]:
        """Field path text -> digest."""
        if self._fields is None:
            self._fields = {key: str(value) for key, value in as_map(parse_json(self._fields_json)).items()}
        return self._fields

    @property
    def fields_json(self) -> bytes:
        """`fields` as canonical JSON, without decoding what came as JSON."""
        if self._fields is not None:
            return canonical(self._fields)
        return self._fields_json.encode() if isinstance(self._fields_json, str) else self._fields_json

    def __repr__(self) -> str:
        return f"OwnerRecord({self.address}, {self.remote_id!r}, owner={self.owner.project}/{self.owner.environment})"


class Observed:
    """One live object. `kind` is the kind's word, `id` the remote id, `pool_id` the pool of groups and users (else empty).

    `raw` is the canonical JSON of `{"metadata": ..., "spec": ...}` in the manifests' vocabulary: only what the store holds,
    references as remote ids, no secrets (`spec.password` and the like never appear). Maps are decoded when first asked for.
    Metadata holds `workspace`, `organization`, `parent` where there are any; a schema or pool of the system itself has
    `metadata.system: true`."""

    __slots__ = ("_body", "id", "kind", "owner", "pool_id", "raw", "revision")

    def __init__(
        self, kind: str, id: str, raw: bytes, *, pool_id: str = "", revision: str = "", owner: OwnerRecord | None = None
    ) -> None:
        self.kind = kind
        self.id = id
        self.raw = raw
        self.pool_id = pool_id
        self.revision = revision
        self.owner = owner
        self._body: JsonMap | None = None

    @property
    def body(self) -> JsonMap:
        """`{"metadata": {...}, "spec": {...}}`; treat it as immutable."""
        if self._body is None:
            self._body = as_map(parse_json(self.raw))
        return self._body

    @property
    def metadata(self) -> JsonMap:
        """The live metadata, references as ids."""
        return as_map(self.body.get("metadata"))

    @property
    def spec(self) -> JsonMap:
        """The live settings, references as ids."""
        return as_map(self.body.get("spec"))

    @property
    def digest(self) -> str:
        """Of the whole live object."""
        return digest_bytes(self.raw)

    def __repr__(self) -> str:
        return f"Observed({self.kind}, {self.id!r})"
