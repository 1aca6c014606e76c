"""Where people are sent back to after signing in: addresses of web applications, registered whole and compared letter by letter."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from ..core.errors import InvalidInput
from ..core.urls import page_problem

_AS_BROWSERS = "!~*'()"
"""What `encodeURIComponent` leaves alone beside letters, digits, `-`, `_` and `.`: libraries compare a state in that spelling."""


def checked(uri: str, where: str) -> str:
    """The address, if it is one that may be registered: a page that people may be sent to. Raises InvalidInput."""
    problem = page_problem(uri)
    if problem:
        hint = "https://HOST/PATH, or http:// with localhost; whole, since it is compared letter by letter"
        raise InvalidInput(f"{where} holds an address that can not be registered: {problem}", hint=hint)
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
