"""Signing in: what a password or an authenticator code is worth. Neither asks which methods a pool has switched on.

                     | right password            | wrong password
    -----------------+---------------------------+-------------------
    active           | password_correct, or      | password_incorrect
                     | password_expired          |
    no password      | no_password               | no_password
    any other status | password_incorrect        | password_incorrect
    unknown user     | user_not_found            | user_not_found

A password that must be changed is good once; one that must be reset is right and yet good for nothing
(`password_expired`, with the state that says why).
"""

from __future__ import annotations

import functools
import secrets
from dataclasses import dataclass
from typing import Literal

from ..core.clock import after, parse_time
from ..core.values import JsonMap, as_map, canonical, parse_json
from . import credentials, rows, users
from .credentials import Credential, State
from .directory import Directory
from .hashing import HashMethod, HashParameters, StoredHash, hash_password, verify_password
from .passwords import method_of
from .rows import Row
from .starting import totp_context

Result = Literal["password_correct", "password_incorrect", "password_expired", "no_password", "user_not_found"]

CHANGE_WITHIN = "10m"
"""After its one sign-in, how long a password that must be changed can still be changed with the old one."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """The answer to a password. `state` is that of the password, where the password was right."""

    result: Result
    user_id: str = ""
    state: State | Literal[""] = ""

    @property
    def passed(self) -> bool:
        """Whether the user is signed in."""
        return self.result == "password_correct"


def verify(
    directory: Directory,
    pool_id: str,
    password: str,
    *,
    identifier: str = "",
    user_id: str = "",
    consume: bool = True,
) -> SignIn:
    """Whether a password signs a user in. `consume` False only looks: nothing is written.

    Raises NotFound for a pool that is not there, and nothing else for wrong input.
    """
    pool_spec = rows.require(directory.db, "pool", pool_id).spec
    row = users.find(directory, pool_id, id=user_id, identifier=identifier) if user_id or identifier else None
    credential = credentials.find(directory.db, row.id, "password") if row is not None else None
    if row is None or credential is None:
        _take_as_long(directory, password, pool_spec)
        return SignIn("user_not_found") if row is None else SignIn("no_password", row.id)
    right = verify_password(password, credential.stored_hash)
    if not right or row.spec.get("status") != "active":
        return SignIn("password_incorrect", row.id)
    state = credentials.state_of(credential, pool_spec)
    if state == "must_be_reset" or _expired(directory, credential):
        return SignIn("password_expired", row.id, state)
    if state == "must_be_changed" and consume and not _use_up(directory, row, credential):
        return SignIn("password_expired", row.id, "must_be_reset")
    return SignIn("password_correct", row.id, state)


def verify_totp(directory: Directory, pool_id: str, user_id: str, code: str) -> bool:
    """Whether a code of the user's authenticator app is right now; each is good once. False for anything else."""
    from .totp import matched_counter

    pool_spec = rows.require(directory.db, "pool", pool_id).spec
    with directory.change() as moment:
        row = users.find(directory, pool_id, id=user_id)
        credential = credentials.find(directory.db, user_id, "totp") if row is not None else None
        if row is None or credential is None or row.spec.get("status") != "active":
            return False
        if credentials.state_of(credential, pool_spec) == "must_be_reset":
            return False
        kept = as_map(parse_json(credential.payload))
        secret = directory.keys().vault.open(str(kept["sealed"]), totp_context(user_id))
        last = kept.get("last_counter")
        counter = matched_counter(
            secret, code, directory.clock().timestamp(), last_counter=last if isinstance(last, int) else None
        )
        if counter is None:
            return False
        payload = canonical({**kept, "last_counter": counter}).decode()
        credentials.put(directory.db, [credential._replace(payload=payload)])
        rows.touch(directory.db, "user", user_id, moment)
        return True


def _expired(directory: Directory, credential: Credential) -> bool:
    return credential.expires_at is not None and parse_time(credential.expires_at) <= directory.clock()


def _use_up(directory: Directory, row: Row, credential: Credential) -> bool:
    """The one sign-in of a password that must be changed; False when another one was faster."""
    with directory.change() as moment:
        if credentials.find(directory.db, row.id, "password") != credential:
            return False
        used = credential._replace(state="must_be_reset", change_until=after(moment, CHANGE_WITHIN))
        credentials.put(directory.db, [used])
        rows.touch(directory.db, "user", row.id, moment)
        return True


def _take_as_long(directory: Directory, password: str, pool_spec: JsonMap) -> None:
    """Verify against a hash of nothing, so that the time taken does not tell who exists."""
    verify_password(password, _hash_of_nothing(method_of(pool_spec), directory.hash_parameters))


@functools.lru_cache(maxsize=16)
def _hash_of_nothing(method: HashMethod, parameters: HashParameters) -> StoredHash:
    """Made once: to make it each time would take as long again."""
    return hash_password(secrets.token_urlsafe(12), method, parameters)
