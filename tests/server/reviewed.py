"""What the server leaves out of the service's published APIs, and where its answers differ from the published definitions:
reviewed lists, each entry with its reason."""

from __future__ import annotations

ROOT = "for operators of the whole service, across tenants"

OUT_OF_SCOPE: dict[tuple[str, str], str] = {
    **{
        (method, f"/api/hub/system/promote/{path}"): ROOT
        for method, path in (
            *(("GET", "config"), ("POST", "config"), ("PATCH", "config-rfc6902"), ("PATCH", "config-rfc7396")),
        )
    },
}
"""Method and path (variables are T for the tenant, else X) -> why it is not served."""

NOT_YET = frozenset(
    {
        *("requestAddWebAuthn", "completeAddWebAuthn", "deleteWebAuthn", "nameWebAuthn", "beginWebAuthn"),
        *("completeWebAuthn", "setWebAuthn"),
    }
)
"""Operations that answer 501."""

FREE_MAPS = (
    "`additionalProperties: {type: object}` stands where the service's own models take any value: a profile holds texts"
)
EMPTY_STATE = (
    "without a right password there is no state to tell: the text is empty, which the definition does not list"
)
ALWAYS = {400, 403, 404, 413, 422, 429, 503}
"""Statuses that any operation may answer, although the definitions list them for some only."""
FURTHER = {
    409: "what is still in use can not be deleted: of groups and organizations the definitions list no status for it",
    412: "where an answer has an ETag, If-Match is heeded: the definitions list 412 for some of them only",
    500: "a fault of ours, which a test provokes: no definition lists it",
    501: "passkeys",
}
