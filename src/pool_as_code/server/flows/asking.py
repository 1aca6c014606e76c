"""What all flows share: who is meant, how failures are counted, and that one answer tells nobody why it failed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from ...core.errors import NotFound, Rejected
from ...core.values import JsonMap
from ...directory import rows, users
from ...directory.codes import NotAdmitted
from ...directory.directory import Directory
from ...resources.rules import fold
from ..call import NO_CONTENT, Answer, Call, text_of
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
    """The id of the user that a body names; empty when it names none. For one who is not there an id that nobody has: what
    follows fails as for a wrong code, after as long."""
    user_id, identifier, address = named(body)
    if not (user_id or identifier or address):
        return ""
    row = users.find(call.directory, pool_id, id=user_id, identifier=identifier, address=address)
    return row.id if row is not None else str(uuid.uuid4())


def subject_of(call: Call, pool_id: str, body: JsonMap) -> str:
    """What failures are counted for: the user, however it was named, else the name that was asked for. A long code that
    stands alone is counted for itself: it is not to be guessed, and who brings a wrong one must not keep out the others who
    ask through the same program."""
    user_id, identifier, address = named(body)
    if not (user_id or identifier or address):
        return f"code/{text_of(body, 'code')}"
    row = users.find(call.directory, pool_id, id=user_id, identifier=identifier, address=address)
    return row.id if row is not None else fold(f"name/{user_id}/{identifier}/{address}", ignore_case=True)


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


def not_too_often(call: Call, pool_id: str, to: str) -> None:
    """Count what sends a message to somebody. Raises Problem 429 after too many, whether there is anybody or not: who asks must not
    fill the mailbox of others, nor void their codes all the time."""
    where = ("message", pool_id, fold(to.strip(), ignore_case=True))
    call.site.sending.check(*where)
    call.site.sending.failed(*where)


def quietly(work: Callable[[Directory], None]) -> Answer:
    """The same answer whatever the directory will say, and before it says it: nobody learns who has an account, not even from
    the time that writing a message takes."""

    def later(directory: Directory) -> None:
        with suppress(NotFound, Rejected):
            work(directory)

    return NO_CONTENT._replace(later=later)


def via_of(call: Call, default: str = "link") -> str:
    """Whether a message holds a link or a code."""
    return call.choice("code_type_in_message", *((default, "code") if default == "link" else (default, "link")))


def typed_name(text: str) -> JsonMap:
    """An identifier that comes without its type: an e-mail address, a telephone number, else a name."""
    if "@" in text:
        return {"email": text}
    return {"mobile": text} if text.startswith("+") and text[1:].isdigit() else {"uid": text}
