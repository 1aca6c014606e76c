"""URLs: those of stores as people may see them, without credentials, and the parts of others."""

from __future__ import annotations

import re

from .hosts import hosts_of

LONGEST_PAGE = 2048
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?[]@!$&'()*+,;=%")

_WHERE = frozenset({"dbname", "host", "hostaddr", "port", "schema", "sslmode"})
"""Parts of a PostgreSQL URL's query that say where a store is and are no secrets."""


def page_problem(url: str) -> str:
    """Why nobody is sent to this page of a web application; empty where it is fine.

    It is whole, begins with https (http on this machine only), and holds nothing that browsers and servers read differently: no
    user, no fragment, no backslash, no host that is a number in disguise."""
    if len(url) > LONGEST_PAGE:
        return f"it has more than {LONGEST_PAGE} characters"
    if not set(url) <= _PLAIN:
        return "it holds characters that an address does not have unescaped, or a fragment"
    if not url.startswith(("https://", "http://")):
        return "it does not begin with https://"
    authority, slash, rest = url.partition("://")[2].partition("/")
    authority, asks, query = authority.partition("?")
    if "@" in authority:
        return "it holds the name of a user"
    try:
        (host,) = hosts_of(f"{url.partition(':')[0]}://{authority}/{asks}{query}{slash}{rest}")
    except ValueError as error:
        return str(error)
    return "" if url.startswith("https://") or host.is_loopback else "it is not encrypted"


def shown_url(url: str) -> str:
    """The URL without user information, and of its query only what says where the store is: for people, and for commands that
    they are told to run."""
    text = re.sub(r"(?<=://)[^/?#]*@", "", url)
    text = re.sub(
        r"(?<=://)([^/?#\[:]*):(?![0-9]{1,5}(?:[/?#]|\Z)).*", r"\1:***", text, flags=re.DOTALL
    )  # a password with /
    text, mark, query = text.partition("?")
    kept = [part for part in query.split("&") if part.partition("=")[0] in _WHERE] if mark else []
    return text + ("?" + "&".join(kept) if kept else "")


def tenant_of(url: str) -> str:
    """The tenant that a URL of the service names, empty for other stores."""
    match = re.match(r"secureauth\+https?://[^/?#]*/([^/?#]+)", url, re.IGNORECASE)
    return match[1] if match is not None else ""


def host_of(url: str) -> str | None:
    """The host of a URL in lower case, without port and user; None where it has none or nobody can say."""
    from urllib.parse import urlsplit

    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
