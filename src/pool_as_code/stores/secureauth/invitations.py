"""Activation messages: at most one for a user, with intent recorded before and success after, so that a message of which nobody
knows is told and not sent twice."""

from __future__ import annotations

from ...core.diagnostics import Diagnostic, Severity
from ...core.errors import StoreError, Unavailable
from ...core.values import as_map
from ..base import Body
from .ledger import ServiceLedger
from .place import path_of
from .transport import Transport


class Inviting:
    """Sends what `spec.invitation` of a new user asks for."""

    def __init__(self, transport: Transport, ledger: ServiceLedger) -> None:
        self._transport = transport
        self._ledger = ledger
        self.told: list[Diagnostic] = []

    def invite(self, body: Body, user_id: str) -> None:
        """Send the message unless one was sent, or may have been. The request is never repeated once it may have arrived: it
        has no key, and a second message voids the first one's code. The user is there whatever becomes of the message, so
        what went wrong is told, not raised."""
        wanted = as_map(body.spec.get("invitation"))
        if wanted.get("send") != "onCreate" or self._ledger.invitation(body.pool_id, user_id):
            return
        self._ledger.note_invitation(body.pool_id, user_id, "intent")
        query = {
            name: str(wanted[key])
            for key, name in (
                ("via", "code_type_in_message"),
                ("workspace", "server_id"),
                ("returnTo", "post_activation_url"),
            )
            if wanted.get(key)
        }
        path = path_of("system", "pools", body.pool_id, "users", user_id, "activation", "send")
        try:
            self._transport.call("POST", path, {}, query={**query, "mode": "invitation"}, what=f"invite user {user_id}")
        except Unavailable as error:
            self.told.append(unknown(user_id, error.message))
        except StoreError as error:
            self._ledger.note_invitation(body.pool_id, user_id, "refused")
            self.told.append(_refused(user_id, error.message))
        else:
            self._ledger.note_invitation(body.pool_id, user_id, "sent")


def unknown(user_id: str, why: str) -> Diagnostic:
    """That nobody knows whether a message was sent."""
    return Diagnostic(
        "PAC543",
        f"nobody knows whether user {user_id} got the activation message",
        Severity.WARN,
        detail=why,
        hint="it is not sent again by itself; ask the user, and send it from the console if it did not come",
    )


def _refused(user_id: str, why: str) -> Diagnostic:
    return Diagnostic(
        "PAC544",
        f"the activation message for user {user_id} was refused",
        Severity.WARN,
        detail=why,
        hint="the user is there; mend the cause, then send the message from the console",
    )
