"""Questions that change nothing: real ids, past runs, whether a password signs in; and the stuck lease."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..core.address import Address
from ..core.diagnostics import Diagnostic
from ..core.errors import InvalidInput
from ..plan.extent import Extent, extent_of
from ..resources.live import OwnerRecord
from ..resources.registry import rank
from ..resources.state import derived_id
from ..stores.base import RunRecord, Store
from .request import Request, Tell
from .session import Session, need_project, open_directory, open_session


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether a password signs in; `state` is the credential's, `reason` says why not."""

    ok: bool
    state: str
    reason: str


def ids(request: Request, tell: Tell) -> list[tuple[Address, str]]:
    """The real ids of what this project owns, in the order of creation."""
    return [(record.address, record.remote_id) for record in _owned(request, tell)]


def extents(request: Request, tell: Tell) -> list[tuple[Address, str, Extent]]:
    """The same, with how much of each object is managed."""
    return [(r.address, r.remote_id, extent_of(r.address.kind, r.fields)) for r in _owned(request, tell)]


def _owned(request: Request, tell: Tell) -> list[OwnerRecord]:
    session = open_session(request)
    need_project(session, "ids")
    tell(session.headline)
    store = open_directory(session, read_only=True)
    try:
        records = store.ledger.records(session.owner)
    finally:
        store.close()
    ranks = rank()
    return sorted(records.values(), key=lambda record: (ranks[record.address.kind], record.address))


def history(request: Request, tell: Tell, limit: int = 20) -> list[RunRecord]:
    """The newest applies of the store, whoever ran them."""
    session = open_session(request)
    tell(session.headline)
    store = open_directory(session, read_only=True)
    try:
        return store.ledger.history(limit)
    finally:
        store.close()


def run_of(request: Request, run_id: str, tell: Tell) -> RunRecord:
    """One apply with its changes; a beginning of its id is enough."""
    session = open_session(request)
    tell(session.headline)
    store = open_directory(session, read_only=True)
    try:
        run = store.ledger.run(run_id)
    finally:
        store.close()
    if run is None:
        raise InvalidInput(
            f"no run {run_id}",
            [Diagnostic("PAC333", f"no single run begins with {run_id}", hint="pac history lists them")],
        )
    return run


def unlock(request: Request, tell: Tell) -> RunRecord | None:
    """Take the lease away from whoever holds it; its run counts as interrupted."""
    session = open_session(request)
    tell(session.headline)
    store = open_directory(session, read_only=False)
    try:
        owner = session.owner if session.project else None
        if store.ledger.lease(owner) is None:
            return None
        return store.ledger.break_lease(owner)
    finally:
        store.close()


def verify(request: Request, address: str, password: Callable[[], str], tell: Tell) -> Verified:
    """Whether a password signs a user in, by the directory's own rules. `address` is POOL/USER, or POOL/IDENTIFIER. The
    password is asked for when the store is known to be one that may get it."""
    session = open_session(request)
    tell(session.headline)
    pool, slash, name = address.removeprefix("user/").partition("/")
    if not (pool and slash and name):
        raise InvalidInput(
            f"{address} names no user",
            [Diagnostic("PAC334", f"{address} names no user", hint="write POOL/USER, for example customers/ada")],
        )
    from ..directory import sign_in, users
    from ..stores.sql import SqlStore

    store = open_directory(session, read_only=True)
    try:
        if not isinstance(store, SqlStore):
            raise InvalidInput(
                "passwords can be verified in our own directories only",
                [
                    Diagnostic(
                        "PAC335", "this store does not verify passwords", hint="choose one: --store sqlite:///..."
                    )
                ],
            )
        pool_id, user_id = _ids(session, store, pool, name)
        asked = {"user_id": user_id} if user_id else {"identifier": name}
        result = sign_in.verify(store.directory, pool_id, password(), consume=False, **asked)
        row = users.find(store.directory, pool_id, id=result.user_id) if result.user_id else None
    finally:
        store.close()
    status = str(row.spec.get("status", "new")) if row is not None else "active"
    if (
        not result.passed and status != "active"
    ):  # said to an administrator here; a sign-in page says only that it failed
        return Verified(False, result.state, f"the user is {status}, so no password signs in")
    return Verified(result.passed, result.state, result.result)


def _ids(session: Session, store: Store, pool: str, name: str) -> tuple[str, str]:
    """The pool's and the user's id: as applied by this project, else as bound, else as they follow from the names."""
    records = store.ledger.records(session.owner) if session.project else {}
    record = records.get(Address("pool", pool))
    bindings, address = session.environment.bindings, Address("user", f"{pool}/{name}")
    bound = bindings.get(Address("pool", pool)) or derived_id("pool", pool, "")
    user = records.get(address)
    user_id = user.remote_id if user is not None else bindings.get(address, "")
    return record.remote_id if record is not None else bound, user_id
