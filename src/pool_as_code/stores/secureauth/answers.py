"""What a reply of the service means: a value, or one of the errors of `core.errors`, in the service's words where it has any.
Nothing is sent here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ...core.errors import Conflict, NotFound, Rejected, StoreError, Unauthorised, Unavailable
from ...core.values import JsonMap, JsonValue, as_map, parse_json
from .connection import Reply
from .place import Api

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_SHOWN = 300
_TELLING = 4  # characters from which a value of ours would tell something in the service's words
_ERROR = frozenset({"status_code", "error", "error_code", "details", "error_description"})
_PLAIN_KEYS = frozenset({"type", "status", "state"})

_ROLE = "a role that may read pools (auditor), or manage them, for a client of the Admin workspace"
NEEDED = {
    Api.IDENTITY: ("identity", "the scope identity, for a client of the System workspace"),
    Api.CONFIGURATION: (
        "manage_configuration",
        "the scope manage_configuration, for a client of the System workspace: stored hashes can only be imported",
    ),
    Api.SYSTEM: ("manage_configuration", "the scope manage_configuration, for a client of the System workspace"),
    Api.ADMIN_IDENTITY: ("admin", _ROLE),
    Api.ADMIN: ("admin", _ROLE),
}


class Answer(NamedTuple):
    """A reply that did what was asked. `body` None where there is none; `replayed`: the answer of an earlier attempt."""

    status: int
    body: JsonValue
    etag: str = ""
    replayed: bool = False


class LostAnswer(Unavailable):
    """When a request may have been carried out, and could not be asked again."""


class ConflictAfterLoss(Conflict):
    """When a repeated request is refused as if it, or something else, had been carried out before: read again to know."""


class Mistaken(Exception):
    """When a reply is not the service's: its JSON is missing, cut off or of another object, or somebody on the way answered. It
    counts as lost."""


def answer_of(reply: Reply, *, bare: bool) -> Answer:
    """The value of a good reply; `bare`: one without a body will do. Raises Mistaken: an answer that came without its body is
    no empty list."""
    body: JsonValue = None
    if reply.body:
        try:
            body = parse_json(reply.body)
        except ValueError:
            raise Mistaken("the reply is no JSON") from None
    elif not bare:
        raise Mistaken("the reply has no body")
    return Answer(reply.status, body, reply.headers.get("etag", ""), "x-idempotent-replayed" in reply.headers)


def is_object(body: JsonValue, id: str) -> bool:
    """Whether a body is an object of the service: a map with an id, with this one where one is given."""
    found = body.get("id") if isinstance(body, dict) else None
    return isinstance(found, str) and bool(found) and id in ("", found)


def is_json(reply: Reply) -> bool:
    """Whether the body is whole JSON of any form."""
    try:
        parse_json(reply.body)
    except ValueError:
        return False
    return True


def is_the_services(reply: Reply) -> bool:
    """Whether an error is in the service's form: a JSON object that is empty or has one of the fields of its errors. A gateway's
    page that says 404 tells nothing of the object."""
    try:
        body = parse_json(reply.body)
    except ValueError:
        return False
    return isinstance(body, dict) and (not body or not _ERROR.isdisjoint(body))


def is_passing(reply: Reply) -> bool:
    """Whether somebody on the way has trouble, or answers in the service's place: the request may have been carried out."""
    return (reply.status >= 500 and reply.status != 501) or (reply.status == 404 and not is_the_services(reply))


def is_expired_token(reply: Reply) -> bool:
    """Whether a new token may help. Nothing that this store asks for answers 401 for another reason."""
    return reply.status == 401


def error_of(reply: Reply, what: str, api: Api, hide: Iterable[str], *, after_loss: bool) -> StoreError:
    """The error that a reply is. `hide` are texts of the request that no message may repeat."""
    said = _words(reply, hide)
    because = f": {said}" if said else ""
    if 300 <= reply.status < 400:
        return Unavailable(
            f"{what}: the service says that it is elsewhere (status {reply.status}); credentials are not taken along",
            hint="write the address that it leads to into the store's URL, if that is your tenant",
        )
    match reply.status:
        case 401:
            return Unauthorised(f"the service takes no token for {what}{because}", hint="check the client", scope="")
        case 403:
            scope, needed = NEEDED[api]
            if not is_the_services(reply):
                return Unauthorised(f"somebody on the way forbids {what} (status 403)", hint="ask who runs the gateway")
            return Unauthorised(
                f"the client has not the right to {what}{because}", hint=f"it needs {needed}", scope=scope
            )
        case 404:
            hint = "plan again: it, or something that it refers to, is not there"
            return NotFound(f"{what}: the service knows no such object{because}", hint=hint)
        case 409 | 412:
            sort = ConflictAfterLoss if after_loss else Conflict
            if reply.status == 412:
                return sort(f"{what}: the object moved since it was read", hint="make a new plan: pac plan")
            hint = "choose another name, or take away what uses it; then plan again"
            return sort(f"{what}: the service says that something is taken or in use{because}", hint=hint)
        case 400 | 413 | 422:
            return Rejected(f"{what}: the service refuses it (status {reply.status}){because}")
        case 429:
            return Unavailable(f"{what}: the service asks for patience (status 429)")
    return Unavailable(f"{what}: the service fails (status {reply.status}){because}")


def texts_of(body: JsonValue) -> set[str]:
    """Every text of a request that a message must not repeat, longest first matters to the caller."""
    found: set[str] = set()
    _gather(body, found)
    return found


def _gather(value: JsonValue, found: set[str]) -> None:
    if isinstance(value, str):
        if len(value) >= _TELLING:
            found.add(value)
    elif isinstance(value, list):
        for item in value:
            _gather(item, found)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _PLAIN_KEYS:
                _gather(item, found)


def _words(reply: Reply, hide: Iterable[str]) -> str:
    """The service's own sentence, on one line, without values that we sent."""
    try:
        body: JsonMap = as_map(parse_json(reply.body))
    except ValueError:
        return ""
    text = str(body.get("error") or body.get("error_description") or "")
    code = str(body.get("error_code") or "")
    if code and code not in text:
        text = f"{text} ({code})" if text else code
    for value in sorted(hide, key=len, reverse=True):
        if value in text:
            text = text.replace(value, "***")
    text = _UNPRINTABLE.sub(" ", text).strip()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
