"""Activation messages: at most one for a user. How far each came is recorded in the pool, so that a message of which nobody knows
is told and not sent twice, and one that was never sent is not forgotten:

    due      before the user is made; at the end of the run that completes the user it is sent
    intent   right before it is sent; found later, nobody knows
    sent, refused
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

from ...core.diagnostics import Diagnostic, Severity
from ...core.errors import StoreError, Unavailable
from ...core.values import as_map
from ..base import Body
from .ledger import ServiceLedger
from .place import path_of
from .tenant import Tenant, found_or_none

_DUE = "due?"
_HOW = (("via", "code_type_in_message"), ("workspace", "server_id"), ("returnTo", "post_activation_url"))


class Inviting:
    """Sends what `spec.invitation` of a new user asks for."""

    def __init__(self, tenant: Tenant, ledger: ServiceLedger) -> None:
        self._tenant = tenant
        self._transport = tenant.transport
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

    def invite(self, pool_id: str, user_id: str, owed: str = "") -> None:
        """Send the message that is due, if one is. `owed` is the id under which it was noted, where the service has chosen another
        one for the user. The request is never repeated once it may have arrived: a second message voids
        the first one's code. Its key is for who sends it twice on the way. The user is there whatever becomes of the message, or of
        its record, so what went wrong is told; raised is only that the service is lost before it was sent."""
        state = self._ledger.invitation(pool_id, owed or user_id)
        if not state.startswith(_DUE):
            return
        query = dict(parse_qsl(state.removeprefix(_DUE)))
        try:
            self._ledger.note_invitations(pool_id, {owed or user_id: "", user_id: "intent"})
        except Unavailable:
            raise  # the service is lost: the next run sends it
        except StoreError:  # it is due as before
            return
        path = path_of("system", "pools", pool_id, "users", user_id, "activation", "send")
        what = f"invite user {user_id}"
        try:
            asked = {**query, "mode": "invitation"}
            self._transport.call("POST", path, {}, query=asked, what=what, key=uuid4().hex, once=True, bare=True)
        except Unavailable as error:
            self.told.append(_unknown(user_id, error.message))
        except StoreError as error:
            self.told.append(_refused(user_id, error.message))
            self._note(pool_id, user_id, "refused")
        else:
            self._note(pool_id, user_id, "sent")

    def _note(self, pool_id: str, user_id: str, state: str) -> None:
        with suppress(StoreError):  # then it stands there as an intent, and nobody knows
            self._ledger.note_invitations(pool_id, {user_id: state})

    def catch_up(self) -> None:
        """At the end of a run: send what earlier ones left due to users who are complete now, and forget users who are not to
        be, and those who need no message any more. Raises the errors of a store."""
        records = self._ledger.owners("user")
        for pool_id, user_id, state in self._ledger.invitations():
            if state == "intent" and not self._waits(pool_id, user_id):
                self._ledger.note_invitations(pool_id, {user_id: ""})
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
        for pool_id, user_id, state in self._ledger.invitations():
            if state == "intent":
                if _about(user_id) in known or not self._waits(pool_id, user_id):
                    continue
                item = _unknown(user_id, "an earlier run ended, or lost its answer, while it was sent")
            elif state.startswith(_DUE):
                item = _due(user_id)
            else:
                continue
            if item.summary not in known:
                found.append(item)
        return found

    def _waits(self, pool_id: str, user_id: str) -> bool:
        """Whether a user still waits for activation: who does not has no use for the message."""
        try:
            raw = found_or_none(self._tenant.user, pool_id, user_id)
        except StoreError:
            return True
        return raw is not None and raw.body.get("status") in ("new", "", None)


def _about(user_id: str) -> str:
    return f"nobody knows whether user {user_id} got the activation message"


def _unknown(user_id: str, why: str) -> Diagnostic:
    return Diagnostic(
        "PAC543",
        _about(user_id),
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
