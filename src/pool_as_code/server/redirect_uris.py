"""Where people are sent back to after signing in: addresses of web applications, registered whole and compared letter by letter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from ..core.errors import InvalidInput
from ..core.hosts import Host

LONGEST = 2048
_AS_BROWSERS = "!~*'()"
"""What `encodeURIComponent` leaves alone beside letters, digits, `-`, `_` and `.`: libraries compare a state in that spelling."""
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?[]@!$&'()*+,;=%")
_HOST = re.compile(r"[a-z0-9.-]{1,253}\Z|[0-9a-f:.]{2,45}\Z")


def checked(uri: str, where: str) -> str:
    """The address, if it is one that may be registered. Raises InvalidInput.

    It begins with https (http on this machine only) and holds nothing that browsers and servers read differently: no name of a
    user, no fragment, no backslash, no wildcard in the host."""
    hint = "https://HOST/PATH, or http:// with localhost; whole, since it is compared letter by letter"
    if not set(uri) <= _PLAIN or len(uri) > LONGEST:
        raise InvalidInput(f"{where} holds an address that can not be registered", hint=hint)
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidInput(f"{where} holds no address", hint=hint) from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and Host(host, port or 80).is_loopback)
    if not is_safe or not _HOST.match(host) or "@" in parts.netloc or not uri.startswith(f"{parts.scheme}://"):
        raise InvalidInput(f"{where} holds an address that can not be registered", hint=hint)
    return uri


def origin_of(uri: str) -> str:
    """The origin of a registered address as a browser names it: scheme, host in small letters, port unless it is the usual one."""
    parts = urlsplit(uri)
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{shown}" + (f":{parts.port}" if parts.port not in (None, usual) else "")


def with_answer(uri: str, answer: Mapping[str, str]) -> str:
    """The address with an answer in its query, behind what stands there already."""
    query = "&".join(f"{name}={quote(value, safe=_AS_BROWSERS)}" for name, value in answer.items())
    return f"{uri}{'&' if '?' in uri else '?'}{query}"
