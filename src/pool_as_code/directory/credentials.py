"""What users sign in with, as rows: a password hash, a sealed authenticator secret, passkey records. Never read out.

Their states: `valid`; `must_be_changed`, good for one sign-in; `must_be_reset`, good for none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from ..core.clock import after, parse_duration, parse_time
from ..core.errors import NotFound, Rejected
from ..core.values import JsonMap, as_map, canonical, parse_json
from ..resources.stored_hash import StoredHash
from . import rows
from .database import Database
from .directory import Directory

Type = Literal["password", "totp", "webauthn"]
State = Literal["valid", "must_be_changed", "must_be_reset"]
STATES: tuple[State, ...] = ("valid", "must_be_changed", "must_be_reset")

_COLUMNS = "user_id, type, id, payload, state, created_at, updated_at, expires_at, change_until"
_SET_BEFORE = {"password": "passwordsSetBefore", "totp": "totpSetBefore", "webauthn": "passkeysSetBefore"}


class Credential(NamedTuple):
    """One credential. `id` tells passkeys apart and is empty else. `payload` is JSON. Times are RFC 3339."""

    user_id: str
    type: str
    id: str
    payload: str
    state: str
    created_at: str
    updated_at: str
    expires_at: str | None = None
    change_until: str | None = None

    @property
    def stored_hash(self) -> StoredHash:
        """The hash of a password."""
        return StoredHash.from_json(parse_json(self.payload))

    def __repr__(self) -> str:
        return f"Credential({self.user_id!r}, {self.type}, {self.state}, ******)"


def find(db: Database, user_id: str, type: Type, id: str = "") -> Credential | None:
    """A user's credential, or None."""
    found = db.row(
        f"SELECT {_COLUMNS} FROM credentials WHERE user_id = ? AND type = ? AND id = ?", *(user_id, type, id)
    )
    return None if found is None else Credential(*found)


def passkeys_of(db: Database, user_id: str) -> list[Credential]:
    """A user's passkeys."""
    found = db.rows(f"SELECT {_COLUMNS} FROM credentials WHERE user_id = ? AND type = 'webauthn' ORDER BY id", user_id)
    return [Credential(*row) for row in found]


def put(db: Database, credentials: Iterable[Credential]) -> None:
    """Write these, in place of those with the same user, type and id."""
    db.execute_many(
        f"INSERT INTO credentials ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (user_id, type, id) DO UPDATE SET payload = excluded.payload, state = excluded.state,"
        " updated_at = excluded.updated_at, expires_at = excluded.expires_at, change_until = excluded.change_until",
        credentials,
    )


def replace_password(db: Database, user_id: str, stored: StoredHash, pool_spec: JsonMap, moment: str) -> None:
    """A user's new password, valid from now on. As many earlier ones as the policy asks for are remembered."""
    old = find(db, user_id, "password")
    keep = as_map(pool_spec.get("passwordPolicy")).get("history") or 0
    if old is not None and isinstance(keep, int) and keep > 1:
        db.execute(
            "INSERT INTO password_history (user_id, number, payload)"
            " SELECT ?, coalesce(max(number), 0) + 1, ? FROM password_history WHERE user_id = ?",
            *(user_id, old.payload, user_id),
        )
    db.execute(
        "DELETE FROM password_history WHERE user_id = ? AND number <="
        " (SELECT max(number) FROM password_history WHERE user_id = ?) - ?",
        *(user_id, user_id, max(int(str(keep)) - 1, 0)),
    )
    payload = canonical(stored.to_json()).decode()
    put(db, [Credential(user_id, "password", "", payload, "valid", moment, moment, expiry(pool_spec, moment))])


def earlier_passwords(db: Database, user_id: str) -> list[StoredHash]:
    """The present password and the remembered earlier ones, the newest first."""
    present = find(db, user_id, "password")
    found = db.rows("SELECT payload FROM password_history WHERE user_id = ? ORDER BY number DESC", user_id)
    earlier = [StoredHash.from_json(parse_json(payload)) for (payload,) in found]
    return [present.stored_hash, *earlier] if present is not None else earlier


def expiry(pool_spec: JsonMap, moment: str) -> str | None:
    """When a password that is set at `moment` expires in a pool with these settings; None for never."""
    lasts = as_map(pool_spec.get("passwordSettings")).get("expiresAfter")
    return after(moment, str(lasts)) if lasts and parse_duration(str(lasts)) else None


def state_of(credential: Credential, pool_spec: JsonMap) -> State:
    """The state in force: the stored one, or `must_be_reset` for one older than `recovery.forceReset` allows."""
    force = as_map(as_map(pool_spec.get("recovery")).get("forceReset"))
    before = force.get(_SET_BEFORE[credential.type])
    if before and parse_time(credential.updated_at) < parse_time(str(before)):
        return "must_be_reset"
    return STATES[STATES.index(credential.state)] if credential.state in STATES else "must_be_reset"


def set_password_state(directory: Directory, pool_id: str, user_id: str, state: State) -> None:
    """What an administrator may do to a password: make it valid, to be changed or to be reset. Raises NotFound."""
    if state not in STATES:
        raise Rejected(f"the state of a password is one of {', '.join(STATES)}")
    with directory.change() as moment:
        rows.require(directory.db, "user", user_id, pool_id=pool_id)
        credential = find(directory.db, user_id, "password")
        if credential is None:
            raise NotFound(f"user {user_id!r} has no password")
        # `updated_at` stays: it is the time the password was set, and expiry and forced resets count from it
        put(directory.db, [credential._replace(state=state, change_until=None)])
        rows.touch(directory.db, "user", user_id, moment)
