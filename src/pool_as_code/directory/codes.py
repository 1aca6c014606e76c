"""One-time codes: short ones to type and long ones for links, each good once and for a while.

Only keyed digests are stored, so that the file alone does not give six digits away. A new code of a purpose voids the
earlier ones, but for `verifyAddress`, where each address has its own.
"""

from __future__ import annotations

import hmac
import secrets
from typing import NamedTuple

from ..core.clock import after, parse_time
from ..core.errors import Rejected
from ..core.values import JsonMap, as_map
from .directory import Directory
from .pool_choices import CODE_LENGTH, CODE_TTL, DEFAULT_CODE_TTL


class NotAdmitted(Rejected):
    """When a code, an old password or the state of a user does not admit. Told apart from a new value that is refused, so that
    every face can give one answer to all of these."""


class Code(NamedTuple):
    """A fresh code. `short` needs a user beside it, `long` finds its user itself."""

    short: str
    long: str
    expires_at: str

    def __repr__(self) -> str:
        return f"Code(******, expires_at={self.expires_at!r})"


class Redeemed(NamedTuple):
    """Whose code it was, and the address it had been sent to."""

    user_id: str
    address: str


def issue(directory: Directory, user_id: str, purpose: str, address: str, pool_spec: JsonMap) -> Code:
    """A new code; the caller delivers it. `purpose` is a word of the pool's section `codes`."""
    settings = as_map(as_map(pool_spec.get("codes")).get(purpose))
    length = settings.get("length")
    ttl = settings.get("ttl") or CODE_TTL.get(purpose, DEFAULT_CODE_TTL)
    digits = length if isinstance(length, int) else CODE_LENGTH
    short = "".join(secrets.choice("0123456789") for _ in range(digits))
    key = directory.keys(make=True).codes
    with directory.change() as moment:
        code = Code(short, secrets.token_urlsafe(24), after(moment, str(ttl)))
        of_address, address_key = ("", ()) if purpose != "verifyAddress" else (" AND address = ?", (address,))
        directory.db.execute(
            f"DELETE FROM codes WHERE user_id = ? AND purpose = ?{of_address}", *(user_id, purpose, *address_key)
        )
        directory.db.execute(
            "INSERT INTO codes (long_digest, short_digest, user_id, purpose, address, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
            *(
                _digest(key, code.long),
                _digest(key, user_id, purpose, short),
                user_id,
                purpose,
                address,
                code.expires_at,
            ),
        )
    return code


def redeem(directory: Directory, pool_id: str, purpose: str, text: str, user_id: str = "") -> Redeemed:
    """Use a code up: a short one of this user, or a long one. Raises NotAdmitted, always with the same words."""
    key = directory.keys(make=True).codes
    with directory.change() as moment:
        found = directory.db.row(
            "SELECT c.user_id, c.address, c.expires_at, c.long_digest FROM codes c JOIN users u ON u.id = c.user_id"
            " WHERE u.pool_id = ? AND c.purpose = ? AND (c.long_digest = ? OR (c.user_id = ? AND c.short_digest = ?))",
            *(pool_id, purpose, _digest(key, text), user_id, _digest(key, user_id, purpose, text)),
        )
        if found is None or parse_time(found[2]) <= parse_time(moment) or (user_id and found[0] != user_id):
            raise NotAdmitted("the code is wrong, used or expired", hint="ask for a new one")
        if directory.db.execute("DELETE FROM codes WHERE long_digest = ?", found[3]) != 1:
            raise NotAdmitted("the code is wrong, used or expired", hint="ask for a new one")
        return Redeemed(found[0], found[1])


def waiting_for(directory: Directory, pool_id: str, purpose: str, address: str) -> list[str]:
    """Ids of the users of a pool who were sent such a code to this address, in any case of its letters."""
    found = directory.db.rows(
        "SELECT DISTINCT c.user_id FROM codes c JOIN users u ON u.id = c.user_id"
        " WHERE u.pool_id = ? AND c.purpose = ? AND lower(c.address) = ? ORDER BY c.user_id",
        *(pool_id, purpose, address.lower()),
    )
    return [str(id) for (id,) in found]


class Inspected(NamedTuple):
    """What a long code is for, without using it up."""

    user_id: str
    purpose: str


def inspect(directory: Directory, pool_id: str, text: str) -> Inspected:
    """Whose long code it is, and for what. Raises NotAdmitted."""
    found = directory.db.row(
        "SELECT c.user_id, c.purpose, c.expires_at FROM codes c JOIN users u ON u.id = c.user_id"
        " WHERE u.pool_id = ? AND c.long_digest = ?",
        *(pool_id, _digest(directory.keys(make=True).codes, text)),
    )
    if found is None or parse_time(found[2]) <= directory.clock():
        raise NotAdmitted("the code is wrong, used or expired", hint="ask for a new one")
    return Inspected(found[0], found[1])


def _digest(key: bytes, *parts: str) -> str:
    """Bound to all parts: what one user's code is says nothing about another's."""
    return hmac.digest(key, "\0".join(parts).encode("utf-8", "surrogatepass"), "sha256").hex()
