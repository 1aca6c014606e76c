"""Loading: an identity dump into an embedded directory as it is. Ids, states and password hashes stay; nobody owns what was
loaded until a project adopts it. All of it in one transaction; a second load finds everything there and changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..core.diagnostics import Diagnostic, Severity, in_order
from ..core.errors import InvalidInput
from ..core.secrets import Secret
from ..core.values import JsonMap, as_map, parse_json
from ..plan.diff import difference
from ..resources.kind import Kind
from ..resources.live import Observed
from ..resources.registry import KINDS
from ..stores.base import Body, Scope
from ..stores.dump import DumpStore, open_dump
from .protecting import refuse_loading
from .reading import no_cyclic_collection
from .request import Request, Tell
from .session import open_directory, open_session

if TYPE_CHECKING:
    from ..stores.secureauth.wire import StoredCredential
    from ..stores.sql import SqlStore

_FLAGS = {"must_be_changed": "mustChange", "must_be_reset": "mustReset"}
_BATCH = 5000  # bodies that are in memory at once, with their hashes
_SHOWN = 20  # refusals that are listed


@dataclass(frozen=True)
class LoadReport:
    """How many objects of a kind (by its word) were made, and how many were there already and are equal. Diagnostics tell
    what differs, what was left out of the dump, and which credentials could not be taken."""

    counts: dict[str, int]
    unchanged: dict[str, int] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()


def load_dump(request: Request, source: str, tell: Tell) -> LoadReport:
    """Load the dump at `source` (a path, or `dump:PATH`) into the request's store.

    Raises InvalidInput for a dump that can not be read, a store that is not an embedded directory, and an object that the
    directory refuses: then nothing was loaded."""
    session = open_session(request)
    tell(session.headline)
    refuse_loading(session)
    url = source if source.startswith("dump:") else f"dump:{source}"
    with no_cyclic_collection():
        dump = open_dump(url, read_only=True, root=request.cwd, environ=request.environ)
        store = _embedded(open_directory(session, read_only=False))
        try:
            with store.transaction():
                loading = _Loading(dump, store)
                loading.run()
        finally:
            store.close()
    return LoadReport(dict(loading.made), dict(loading.unchanged), tuple(in_order(loading.diagnostics)))


def _embedded(store: object) -> SqlStore:
    from ..stores.sql import SqlStore

    if isinstance(store, SqlStore):
        return store
    summary = "a dump can be loaded into an embedded directory only"
    close = getattr(store, "close", None)
    if callable(close):
        close()
    raise InvalidInput(summary, [Diagnostic("PAC513", summary, hint="name one: --store sqlite:///directory.db")])


class _Loading:
    def __init__(self, dump: DumpStore, store: SqlStore) -> None:
        self.dump = dump
        self.store = store
        self.made: Counter[str] = Counter()
        self.unchanged: Counter[str] = Counter()
        self.differing: Counter[str] = Counter()
        self.unusable: Counter[str] = Counter()
        self.refused: list[Diagnostic] = []
        self.diagnostics: list[Diagnostic] = list(dump.diagnostics)
        self.schemas: set[str] = set()
        self.taken: dict[str, StoredCredential] = {}

    def run(self) -> None:
        for kind in KINDS:
            self.kind(kind)
        if self.refused:
            raise InvalidInput("nothing was loaded: the directory refuses what the dump holds", self.refused)
        for reason, number in sorted(self.unusable.items()):
            summary = f"credentials were not loaded: {reason}: {number:,}"
            hint = "such users reset their password, or enrol again"
            self.diagnostics.append(Diagnostic("PAC515", summary, Severity.WARN, hint=hint))

    def kind(self, kind: Kind) -> None:
        live = {o.id: o for o in self.store.read(Scope(kind.word, everything=True))}
        wanted = [o for o in self.dump.read(Scope(kind.word, everything=True)) if not _is_only_named(o)]
        if kind.word == "schema":
            self.schemas = {*live, *(o.id for o in wanted)}
        new: list[Observed] = []
        for observed in _parents_first(wanted):
            found = live.get(observed.id)
            if found is None:
                new.append(observed)
            elif self.equal(kind, observed, found):
                self.unchanged[kind.word] += 1
            else:
                self.differs(observed)
        for start in range(0, len(new), _BATCH):
            self.create(new[start : start + _BATCH])

    def create(self, observed: list[Observed]) -> None:
        outcomes = self.store.create_many([self.body(one) for one in observed])
        for one, outcome in zip(observed, outcomes, strict=True):
            if outcome.error is None:
                self.made[one.kind] += 1
                self.keep_times(one)
            elif len(self.refused) < _SHOWN:
                hint = getattr(outcome.error, "hint", "")
                address = f"{one.kind}/{one.pool_id + '/' if one.pool_id else ''}{one.id}"
                self.refused.append(Diagnostic("PAC516", str(outcome.error), hint=hint, address=address))

    # -- what is there already

    def equal(self, kind: Kind, dumped: Observed, live: Observed) -> bool:
        """Whether a live object is what loading would make: the dump's fields, and what a directory chooses itself."""
        if dumped.pool_id != live.pool_id:
            return False
        spec = self.spec(dumped)
        there = difference(kind, dumped.metadata, spec, live.metadata, live.spec, {})
        back = difference(kind, live.metadata, live.spec, dumped.metadata, spec, {})
        found = [*there.changes, *there.reported, *there.immutable]
        for change in [*back.changes, *back.reported, *back.immutable]:
            shape = (kind.metadata_shape if change.metadata else kind.shape).at(change.path)
            if change.before is not None or shape is None or shape.server_chosen is None:
                found.append(change)
        return not found

    def differs(self, observed: Observed) -> None:
        self.differing[observed.kind] += 1
        if self.differing[observed.kind] <= _SHOWN:
            address = f"{observed.kind}/{observed.pool_id + '/' if observed.pool_id else ''}{observed.id}"
            summary = "it is there already and differs from the dump; it was left as it is"
            self.diagnostics.append(Diagnostic("PAC514", summary, Severity.WARN, address=address))

    # -- what is made

    def body(self, observed: Observed) -> Body:
        spec, secrets = self.spec(observed), dict[str, Secret]()
        if observed.kind == "user":
            password, stored = self.password(observed.id)
            if stored is not None:
                spec["password"] = password
                secrets["password.hash"] = stored
        return Body(observed.kind, observed.id, observed.pool_id, observed.metadata, spec, secrets)

    def spec(self, observed: Observed) -> JsonMap:
        """The settings without references to schemas that are nowhere: the directory's own take their place."""
        spec = dict(observed.spec)
        if "schemas" in spec:
            known: JsonMap = {role: id for role, id in as_map(spec["schemas"]).items() if id in self.schemas}
            del spec["schemas"]
            if known:
                spec["schemas"] = known
        return spec

    def password(self, user_id: str) -> tuple[JsonMap, Secret | None]:
        """State flags and the hash of a user's password, as the directory takes them."""
        for credential in self.dump.credentials_of(user_id):
            if credential.type != "password":
                self.unusable[f"{credential.type}: its form in dumps is not documented"] += 1
                continue
            stored = self.readable(credential)
            if stored is not None:
                self.taken[user_id] = credential
                return {flag: True for state, flag in _FLAGS.items() if credential.state == state}, stored
        return {}, None

    def keep_times(self, user: Observed) -> None:
        """When a password was set and expires is the dump's business, not that of the pool's settings today."""
        from ..directory import credentials

        taken = self.taken.pop(user.id, None) if user.kind == "user" else None
        if taken is not None:
            db = self.store.directory.db
            made = credentials.find(db, user.id, "password")
            assert made is not None
            updated_at = taken.updated_at or made.updated_at
            credentials.put(db, [made._replace(expires_at=taken.expires_at or None, updated_at=updated_at)])

    def readable(self, credential: StoredCredential) -> Secret | None:
        from ..core.values import canonical
        from ..resources.foreign_hashes import read_hash
        from ..resources.hash_configs import UnsupportedHash

        if credential.hash is None:
            self.unusable["the hash is blurred or missing"] += 1
            return None
        try:
            return Secret(canonical(read_hash(parse_json(credential.hash.reveal())).to_json()).decode())
        except UnsupportedHash as refused:
            self.unusable[refused.reason] += 1
            return None


def _is_only_named(observed: Observed) -> bool:
    """A default schema of the service that the dump refers to and does not hold."""
    return observed.kind == "schema" and observed.metadata.get("system") is True and not observed.spec


def _parents_first(observed: Iterable[Observed]) -> Iterator[Observed]:
    """Organizations and groups after what they stand in; rings last, for the directory to refuse."""
    waiting: dict[str, list[Observed]] = {}
    everything = list(observed)
    ids = {one.id for one in everything}
    pending: list[Observed] = []
    for one in everything:
        parent = one.metadata.get("parent")
        if isinstance(parent, str) and parent in ids:
            waiting.setdefault(parent, []).append(one)
        else:
            pending.append(one)
    while pending:
        one = pending.pop(0)
        yield one
        pending += waiting.pop(one.id, [])
    for rest in waiting.values():
        yield from rest


__all__ = ["LoadReport", "load_dump"]
