"""URLs: those of stores as people may see them, without passwords, user names or queries, and the parts of others."""

from __future__ import annotations

import re


def shown_url(url: str) -> str:
    """The URL with any user information and query taken out."""
    text = re.sub(r"(?<=://)[^/?#]*@", "", url)
    text = re.sub(
        r"(?<=://)([^/?#\[:]*):(?![0-9]{1,5}(?:[/?#]|\Z)).*", r"\1:***", text, flags=re.DOTALL
    )  # a password with /
    return text.partition("?")[0]


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
