"""Store URLs as people may see them: without passwords, user names or queries."""

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
