"""Whether a key is the one that a directory's secrets were sealed with. A directory has one key: with a second one, part of
its secrets could never be opened again, whichever of the two is kept."""

from __future__ import annotations

from ..core.values import as_map, parse_json
from .database import Database
from .messages import message_context
from .starting import totp_context
from .vault import Vault


def check_key(db: Database, vault: Vault) -> None:
    """Raises SealBroken when a secret that was sealed before does not open."""
    found = one_sealed(db)
    if found is not None:
        vault.open(*found)


def one_sealed(db: Database) -> tuple[str, str] | None:
    """A secret that was sealed before and the record it belongs to, or None where there is none."""
    if not db.exists:
        return None
    secret = db.row("SELECT payload, user_id FROM credentials WHERE type = 'totp' LIMIT 1")
    if secret is not None:
        return str(as_map(parse_json(secret[0]))["sealed"]), totp_context(secret[1])
    code = db.row("SELECT sealed, id FROM messages WHERE sealed IS NOT NULL LIMIT 1")
    return (code[0], message_context(code[1])) if code is not None else None
