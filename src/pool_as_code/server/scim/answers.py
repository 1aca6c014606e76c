"""What SCIM answers look like: their media type, lists, and errors. Pure.

An error has the members of RFC 7644, section 3.12, and those of the service's other errors beside them: the published definitions
name one form for some operations and the other one for others, and clients look for either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from ...core.values import JsonMap, JsonValue, as_map
from ..call import Answer, Call
from .words import MESSAGES

MEDIA = "application/scim+json"
TYPES = frozenset(
    {
        *("invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "noTarget"),
        *("invalidValue", "invalidVers", "sensitive"),
    }
)
_BASE = re.compile(r"/api/identity/[^/]+/system/pools/[^/]+/scim/v2(?:/|\Z)")


def is_scim(path: str) -> bool:
    """Whether what is at a path, or is missed there, is answered in this form."""
    return _BASE.match(path) is not None


def in_scim(answer: Answer) -> Answer:
    """An answer in this form, whoever gave it."""
    if answer.body is None:
        return answer
    body = as_map(answer.body)
    if answer.status >= 400 and "error_code" in body:
        hint = as_map(body.get("details")).get("hint")
        said: JsonMap = {"schemas": [f"{MESSAGES}Error"], "status": str(answer.status)}
        if body["error_code"] in TYPES:
            said["scimType"] = body["error_code"]
        said["detail"] = f"{body['error']}; {hint}" if hint else body["error"]
        body = {**said, **body}
    return answer._replace(body=body, headers={**answer.headers, "content-type": MEDIA})


def list_of(resources: Sequence[JsonValue], total: int, start: int = 1) -> JsonMap:
    """A list, or a page of one that begins with the member of number `start`."""
    return {
        "schemas": [f"{MESSAGES}ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": list(resources),
    }


def base_of(call: Call) -> str:
    """Where the pool's SCIM is, as clients reach it."""
    tenant, pool = (quote(call.params[name], safe="") for name in ("tid", "ipID"))
    return f"{call.base_url}/api/identity/{tenant}/system/pools/{pool}/scim/v2"
