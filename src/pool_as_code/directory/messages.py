"""The outbox: messages to users that somebody still has to deliver, with their codes sealed.

A message of which there may be only one in a user's life carries a `once` key, unique in the table: however often a run is
repeated, it is not made twice.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import NamedTuple

from ..core.errors import NotFound, Rejected
from ..core.urls import page_problem
from ..core.values import JsonMap, as_list, as_map, canonical, parse_json
from ..resources.user import ADDRESS_TYPES, IDENTIFIER_TYPES
from . import codes
from .directory import Directory
from .identifiers import typed

PURPOSES = {
    "activation": "activation",
    "password_reset": "resetPassword",
    "address_verification": "verifyAddress",
    "one_time_code": "challenge",
    "totp_reset": "resetTotp",
}
"""Kind of message -> purpose of the code in it. The kind `registration_attempt` has no code."""

_ADDRESSES, _IDENTIFIERS = frozenset(ADDRESS_TYPES), frozenset(IDENTIFIER_TYPES)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to make. `via` is link or code; `once` a key that no second message may have."""

    pool_id: str
    user_id: str
    kind: str
    address: str
    via: str = "link"
    workspace: str = ""
    return_to: str = ""
    once: str | None = None


class Message(NamedTuple):
    """A message in the outbox."""

    id: str
    pool_id: str
    user_id: str
    kind: str
    address: str
    via: str
    workspace: str
    return_to: str
    created_at: str
    sealed: str | None


@dataclass(frozen=True, slots=True)
class Contents:
    """What the message says: its code in both forms, not shown by repr."""

    short: str = field(repr=False)
    long: str = field(repr=False)


def send_code(directory: Directory, draft: Draft, pool_spec: JsonMap, moment: str) -> None:
    """Put a message with a fresh code into the outbox; nothing happens when there was one with the same `once` key."""
    with directory.change():
        if draft.once is not None and directory.db.row("SELECT 1 FROM messages WHERE once = ?", draft.once):
            return
        code = codes.issue(directory, draft.user_id, PURPOSES[draft.kind], draft.address, pool_spec)
        id = str(uuid.uuid4())
        text = canonical({"short": code.short, "long": code.long})
        _insert(directory, id, draft, directory.keys(make=True).vault.seal(text, message_context(id)), moment)


def send_notice(directory: Directory, draft: Draft, moment: str) -> None:
    """Put a message without a code into the outbox."""
    with directory.change():
        _insert(directory, str(uuid.uuid4()), draft, None, moment)


def waiting(directory: Directory, pool_id: str = "") -> list[Message]:
    """What is still to be delivered (in this pool), oldest first."""
    where, parameters = ("sent_at IS NULL AND pool_id = ?", (pool_id,)) if pool_id else ("sent_at IS NULL", ())
    found = directory.db.rows(
        "SELECT id, pool_id, user_id, kind, address, via, workspace, return_to, created_at, sealed FROM messages"
        f" WHERE {where} ORDER BY created_at, id",
        *parameters,
    )
    return [Message(*row) for row in found]


def contents_of(directory: Directory, message: Message) -> Contents | None:
    """The code of a message, for who delivers it; None for one without."""
    if message.sealed is None:
        return None
    opened = as_map(parse_json(directory.keys().vault.open(message.sealed, message_context(message.id))))
    return Contents(str(opened["short"]), str(opened["long"]))


def delivered(directory: Directory, id: str) -> None:
    """The message is out: its code is forgotten here. Raises NotFound for one that is not waiting."""
    with directory.change() as moment:
        if not directory.db.execute(
            "UPDATE messages SET sent_at = ?, sealed = NULL WHERE id = ? AND sent_at IS NULL", *(moment, id)
        ):
            raise NotFound(f"no message {id!r} waits to be delivered")


def take(directory: Directory, message: Message) -> bool:
    """Take a message out before it is sent; False when somebody else was faster. Its code is forgotten here."""
    with directory.change() as moment:
        sql = "UPDATE messages SET sent_at = ?, sealed = NULL WHERE id = ? AND sent_at IS NULL"
        return directory.db.execute(sql, *(moment, message.id)) == 1


def put_back(directory: Directory, message: Message) -> None:
    """A message that was taken was not accepted: it waits again, with its code."""
    with directory.change():
        sql = "UPDATE messages SET sent_at = NULL, sealed = ? WHERE id = ?"
        directory.db.execute(sql, *(message.sealed, message.id))


def check_invitations_allowed(pool_spec: JsonMap) -> None:
    """Raises Rejected where administrators do not create accounts by message."""
    if as_map(pool_spec.get("registrationModes")).get("adminInitiated") is False:
        raise Rejected(
            "the pool sends no invitations", hint="registrationModes.adminInitiated: true, or invitation.send: never"
        )


def check_return(text: str) -> None:
    """Raises Rejected for a page that nobody is sent to after the activation."""
    problem = page_problem(text) if text else ""
    if problem:
        raise Rejected(
            f"nobody is sent to that page after the activation: {problem}",
            hint="https://HOST/PATH, or http:// with localhost",
        )


def return_of(directory: Directory, user_id: str) -> str:
    """Where the last activation message of a user says to go afterwards; empty for nowhere. What was kept before it was judged
    is judged now."""
    found = directory.db.value(
        "SELECT return_to FROM messages WHERE user_id = ? AND kind = 'activation' ORDER BY created_at DESC, id LIMIT 1",
        user_id,
    )
    text = str(found or "")
    return text if text and not page_problem(text) else ""


def invitation_address(spec: JsonMap) -> str:
    """Where a user is invited: its one address in use, else its one e-mail address, else its one identifier of that form.

    Raises Rejected when there is none or no telling which.
    """
    used = [member for member in as_list(spec.get("addresses")) if as_map(member).get("status") != "inactive"]
    addresses = [found for member in used if (found := typed(member, _ADDRESSES))]
    names = [found for member in as_list(spec.get("identifiers")) if (found := typed(member, _IDENTIFIERS))]
    for choice in (
        addresses,
        [found for found in addresses if found[0] == "email"],
        [found for found in names if found[0] in _ADDRESSES] if not addresses else [],
        [found for found in names if found[0] == "email"] if not addresses else [],
    ):
        if len(choice) == 1:
            return choice[0][1]
    raise Rejected(
        "no single address to send the invitation to",
        hint="declare one address, or set the others to status: inactive",
    )


def _insert(directory: Directory, id: str, draft: Draft, sealed: str | None, moment: str) -> None:
    directory.db.execute(
        "INSERT INTO messages (id, pool_id, user_id, kind, address, via, workspace, return_to, created_at, sealed, once)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(id, draft.pool_id, draft.user_id, draft.kind, draft.address, draft.via, draft.workspace, draft.return_to),
        *(moment, sealed, draft.once),
    )


def message_context(id: str) -> str:
    return f"message/{id}"
