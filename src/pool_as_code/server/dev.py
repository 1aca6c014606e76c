"""What only a developer's own server has: the outbox over HTTP, with codes and links in clear text. Asked from this machine
by its own name only, so that no page of another site reaches it."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from ..core.values import JsonValue
from ..directory import messages
from .call import NO_CONTENT, Answer, Call
from .mail import written
from .operations import Access, Operation
from .problems import Problem

_NOT_HERE = frozenset({"origin", "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})
"""What a page of another site, or a proxy that asks for somebody else, sends along."""


def operations() -> Iterator[Operation]:
    """The outbox."""
    yield Operation(
        "GET",
        "/dev/outbox",
        "dev.listMessages",
        "Messages that wait, with their codes",
        outbox,
        Access.PUBLIC,
        response="Outbox",
    )
    yield Operation("DELETE", "/dev/outbox", "dev.clearMessages", "Forget them", clear, Access.PUBLIC, success=204)


def outbox(call: Call) -> Answer:
    """What waits, oldest first."""
    _check_here(call)
    listed: list[JsonValue] = []
    for message in messages.waiting(call.directory):
        contents = messages.contents_of(call.directory, message)
        mail = written(message, contents, call.base_url, call.site.tenant)
        listed.append(
            {
                "id": message.id,
                "kind": message.kind,
                "pool_id": message.pool_id,
                "user_id": message.user_id,
                "address": message.address,
                "created_at": message.created_at,
                "code": contents.short if contents else None,
                "extended_code": contents.long if contents else None,
                "subject": mail.subject,
                "text": mail.text,
            }
        )
    return Answer(200, {"messages": listed}, {"cache-control": "no-store"})


def clear(call: Call) -> Answer:
    """Nothing waits any more."""
    _check_here(call)
    for message in messages.waiting(call.directory):
        messages.delivered(call.directory, message.id)
    return NO_CONTENT


def _check_here(call: Call) -> None:
    named = call.headers.get("host", "")
    host = named if named.endswith("]") else named.rpartition(":")[0] or named
    here = _is_loopback(call.remote) and _is_loopback(host.strip("[]"))
    if not here or not _NOT_HERE.isdisjoint(call.headers) or call.headers.get("sec-fetch-site") == "cross-site":
        raise Problem(403, "the outbox is shown on this machine only")


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
