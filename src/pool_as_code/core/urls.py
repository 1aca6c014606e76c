"""Store URLs as people may see them: without passwords, user names or queries."""

from __future__ import annotations

import re


def shown_url(url: str) -> str:
    """The URL with any user information and query taken out."""
    text = re.sub(r"(?<=//)[^/@\s]*@", "", url)
    return text.partition("?")[0]
