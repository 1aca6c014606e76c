"""What all flows share: who is meant, how failures are counted, and that one answer tells nobody why it failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...core.errors import NotFound, Rejected
from ...core.values import JsonMap
from ...directory import rows, users
from ...directory.codes import NotAdmitted
from ..call import Call, text_of
from ..problems import Problem, refused_credentials

PURPOSES = {
    "activation": "activation",
    "reset_password": "resetPassword",
    "reset_totp": "resetTotp",
    "enroll_webauthn": "enrollWebauthn",
    "challenge": "challenge",
    "verify_address": "verifyAddress",
    "authentication": "authentication",
}
"""The service's word for a code -> ours."""


def pool_id_of(call: Call) -> str:
    """The pool of the path. Raises NotFound."""
    return rows.require(call.directory.db, "pool", call.params["ipID"]).id


def named(body: JsonMap) -> tuple[str, str, str]:
    """User id, identifier and address that a body names; the old name `id` counts before `userID`."""
    user_id = text_of(body, "id") or text_of(body, "userID")
    return user_id, text_of(body, "identifier"), text_of(body, "address")


def meant(call: Call, pool_id: str, body: JsonMap) -> str:
    """The id of the user that a body names; empty when it names none. Raises Problem 401 for one who is not there, once: who
    asks learns no more than from a wrong code."""
    user_id, identifier, address = named(body)
    if not (user_id or identifier or address):
        return ""
    row = users.find(call.directory, pool_id, id=user_id, identifier=identifier, address=address)
    if row is None:
        raise refused_credentials()
    return row.id


def subject_of(call: Call, pool_id: str, body: JsonMap) -> str:
    """What failures are counted for: the user, else the name that was asked for, else the program that asks."""
    user_id, identifier, address = named(body)
    if not (user_id or identifier or address):
        return f"client/{call.caller.client_id}/{call.remote}"
    row = users.find(call.directory, pool_id, id=user_id, identifier=identifier, address=address)
    return row.id if row is not None else f"name/{user_id}/{identifier}/{address}".lower()


@contextmanager
def counted(call: Call, kind: str, subject: str) -> Iterator[None]:
    """Failures inside count against the subject, which is blocked after too many; all of them are the same 401."""
    attempts, where = call.site.attempts, (kind, call.params.get("ipID", ""), subject)
    attempts.check(*where)
    try:
        yield
    except NotAdmitted:
        attempts.failed(*where)
        raise refused_credentials() from None
    except Problem as problem:
        if problem.status == 401:
            attempts.failed(*where)
        raise
    attempts.succeeded(*where)


@contextmanager
def telling_nothing() -> Iterator[None]:
    """Whatever the directory says inside, the answer is the same: nobody learns who has an account."""
    try:
        yield
    except (NotFound, Rejected):
        return


def via_of(call: Call, default: str = "link") -> str:
    """Whether a message holds a link or a code."""
    return call.choice("code_type_in_message", *((default, "code") if default == "link" else (default, "link")))


def typed_name(text: str) -> JsonMap:
    """An identifier that comes without its type: an e-mail address, a telephone number, else a name."""
    if "@" in text:
        return {"email": text}
    return {"mobile": text} if text.startswith("+") and text[1:].isdigit() else {"uid": text}
