"""Activation messages: at most one for a user. How far each came is recorded in the pool, so that a message of which nobody knows
is told and not sent twice, and one that was never sent is not forgotten:

    due      before the user is made; at the end of the run that completes the user it is sent
    intent   right before it is sent; found later, nobody knows
    sent, refused
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from ...core.diagnostics import Diagnostic, Severity
from ...core.errors import StoreError, Unavailable
from ...core.values import as_map
from ..base import Body
from .ledger import ServiceLedger
from .place import path_of
from .transport import Transport

_DUE = "due?"
_HOW = (("via", "code_type_in_message"), ("workspace", "server_id"), ("returnTo", "post_activation_url"))


class Inviting:
    """Sends what `spec.invitation` of a new user asks for."""

    def __init__(self, transport: Transport, ledger: ServiceLedger) -> None:
        self._transport = transport
        self._ledger = ledger
        self.told: list[Diagnostic] = []

    def owe(self, bodies: Sequence[Body]) -> None:
        """Note which of these new users are to get a message, before any is made. Raises the errors of a store."""
        due: dict[str, dict[str, str]] = {}
        for body in bodies:
            wanted = as_map(body.spec.get("invitation"))
            if wanted.get("send") == "onCreate" and not self._ledger.invitation(body.pool_id, body.id):
                query = urlencode({name: str(wanted[key]) for key, name in _HOW if wanted.get(key)})
                due.setdefault(body.pool_id, {})[body.id] = _DUE + query
        for pool_id, states in due.items():
            self._ledger.note_invitations(pool_id, states)

    def invite(self, pool_id: str, user_id: str) -> None:
        """Send the message that is due, if one is. The request is never repeated once it may have arrived: it has no key, and
        a second message voids the first one's code. The user is there whatever becomes of the message, so what went wrong is
        told, not raised."""
        state = self._ledger.invitation(pool_id, user_id)
        if not state.startswith(_DUE):
            return
        query = dict(parse_qsl(state.removeprefix(_DUE)))
        self._ledger.note_invitations(pool_id, {user_id: "intent"})
        path = path_of("system", "pools", pool_id, "users", user_id, "activation", "send")
        what = f"invite user {user_id}"
        try:
            self._transport.call("POST", path, {}, query={**query, "mode": "invitation"}, what=what, bare=True)
        except Unavailable as error:
            self.told.append(_unknown(user_id, error.message))
        except StoreError as error:
            self._ledger.note_invitations(pool_id, {user_id: "refused"})
            self.told.append(_refused(user_id, error.message))
        else:
            self._ledger.note_invitations(pool_id, {user_id: "sent"})

    def catch_up(self) -> None:
        """At the end of a run: send what earlier ones left due to users who are complete now, and forget users who are not to
        be. Raises the errors of a store."""
        records = self._ledger.owners("user")
        for pool_id, user_id, state in self._ledger.invitations():
            if not state.startswith(_DUE):
                continue
            record = records.get(user_id)
            if record is None:
                self._ledger.note_invitations(pool_id, {user_id: ""})
            elif not record.claimed:
                self.invite(pool_id, user_id)

    def left(self) -> list[Diagnostic]:
        """What has to be told: messages of which nobody knows, and those that are not sent yet."""
        known = {item.summary for item in self.told}
        found = list(self.told)
        for _, user_id, state in self._ledger.invitations():
            if state == "intent":
                item = _unknown(user_id, "an earlier run ended, or lost its answer, while it was sent")
            elif state.startswith(_DUE):
                item = _due(user_id)
            else:
                continue
            if item.summary not in known:
                found.append(item)
        return found


def _unknown(user_id: str, why: str) -> Diagnostic:
    return Diagnostic(
        "PAC543",
        f"nobody knows whether user {user_id} got the activation message",
        Severity.WARN,
        detail=why,
        hint="it is not sent again by itself; ask the user, and send it from the console if it did not come",
    )


def _due(user_id: str) -> Diagnostic:
    return Diagnostic(
        "PAC544",
        f"the activation message for user {user_id} is not sent yet",
        Severity.WARN,
        detail="the run that made the user ended before",
        hint="the next apply that writes sends it at its end; or send it from the console",
    )


def _refused(user_id: str, why: str) -> Diagnostic:
    return Diagnostic(
        "PAC544",
        f"the activation message for user {user_id} was refused",
        Severity.WARN,
        detail=why,
        hint="the user is there; mend the cause, then send the message from the console",
    )
