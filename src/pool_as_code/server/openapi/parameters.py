"""Parts of paths, parameters of queries and headers: what each of them is, once for all operations that take it."""

from __future__ import annotations

import re

from ...core.values import JsonMap, JsonValue
from ..operations import Operation

_TEXT: JsonMap = {"type": "string"}
_SWITCH: JsonMap = {"type": "boolean"}


def _one_of(*words: JsonValue) -> JsonMap:
    return {"type": "string", "enum": [*words], "default": words[0]}


_PATH = {
    "tid": "The tenant.",
    "aid": "An authorization server: `system`, `admin`, or the id of a workspace or organization.",
    "wid": "A workspace or organization.",
    "ipID": "A pool.",
    "schID": "A schema.",
    "groupID": "A group of the pool.",
    "userID": "A user of the pool.",
    "iid": "A link between a pool and a workspace.",
    "login_id": "A sign-in that waits for a page of one's own.",
    "resourceID": "A resource type: `User`.",
    "schemaID": "The URN of a schema.",
    "metadataType": "Whose attributes: `admin` or `business`.",
    "mfaSessionID": "A remembered second factor.",
    "webAuthnCredentialID": "A passkey.",
}
_CURSOR = "The id of a member: the page begins after it."
_CURSOR_BEFORE = "The id of a member: the page ends before it."
QUERY: dict[str, tuple[JsonMap, str]] = {
    "attributes": (_TEXT, "The attributes that are shown, with commas between them."),
    "count": ({"type": "integer", "default": 10}, "How many members a page has; more than 100 gives 100."),
    "excludedAttributes": (_TEXT, "The attributes that are not shown, with commas between them."),
    "filter": (
        _TEXT,
        '`userName eq "ada"`; also id, externalId, emails.value, phoneNumbers.value. Nothing else is searched.',
    ),
    "sortBy": (_TEXT, "Accepted and without effect: users come in the order of their ids."),
    "sortOrder": (_one_of("ascending", "descending"), "Accepted and without effect."),
    "startIndex": ({"type": "integer", "default": 1}, "The number of the first member of the page, from 1."),
    **{f"after_{word}_id": (_TEXT, _CURSOR) for word in ("pool", "user", "group", "organization")},
    **{f"before_{word}_id": (_TEXT, _CURSOR_BEFORE) for word in ("pool", "user", "group", "organization")},
    "client_id": (_TEXT, "The application that sends somebody here."),
    "code": (_TEXT, "The code of a link."),
    "code_challenge": (_TEXT, "The SHA-256 of the application's verifier, in Base64 for URLs (RFC 7636)."),
    "code_challenge_method": (_one_of("S256"), "How the challenge was made."),
    "code_type_in_message": (_one_of("link", "code"), "Whether the message holds a link or a code."),
    "cursor": (_TEXT, _CURSOR),
    "dry_run": (_SWITCH, "Check everything, write nothing."),
    "id_token_hint": (_TEXT, "The ID token of who signs out, in force or not."),
    "limit": (
        {"type": "integer", "minimum": 1, "default": 20},
        "How many members a page has; more than 100 gives 100.",
    ),
    "login_hint": (_TEXT, "The name that stands in the form already."),
    "login_id": (_TEXT, "The sign-in that goes on."),
    "login_proof": (_TEXT, "What the page of one's own was answered."),
    "login_state": (_TEXT, "What the page of one's own was sent."),
    "mode": (_one_of("update", "ignore", "fail"), "What becomes of an object that is there already."),
    "nonce": (_TEXT, "Comes back in the ID token."),
    "order": (_one_of("asc", "acs", "desc"), "`acs` is a spelling of `asc`."),
    "parent_id": (_TEXT, "Groups right below this one."),
    "post_activation_url": (_TEXT, "Where the link of an activation leads in the end: a whole address with `https`."),
    "post_logout_redirect_uri": (_TEXT, "Where the browser goes afterwards: a registered address, or its origin."),
    "prompt": (_TEXT, "`none` asks for nobody, and is answered with `login_required`."),
    "query": (
        _TEXT,
        'JSON: `{"user_key": "ada", "payload": {"name": "Ada"}}`. Names and verified addresses by their parts.',
    ),
    "redirect_uri": (_TEXT, "Where the browser goes afterwards: a registered address, whole."),
    "response_mode": (_one_of("query"), "Where the answer stands."),
    "response_type": (_one_of("code"), "What the application wants."),
    "rfc_version": (_one_of("7396", "6902"), "A merge patch, or a list of operations."),
    "scope": (_TEXT, "What the token is for: words with spaces between them."),
    "search_phrase": (_TEXT, "A part of a name or id, in any case."),
    "send_activation_message": (_SWITCH, "Send the activation message at once."),
    "server_id": (_TEXT, "The workspace whose links a message holds."),
    "sort": (_one_of("id", "name"), "By what a list is sorted."),
    "state": (_TEXT, "Comes back with the answer."),
    "template": (_SWITCH, "Only organizations that are templates, or only others."),
    "use": (_one_of("sig", "enc"), "Keys for signatures or for encryption."),
    "with_credentials": (_SWITCH, "Accepted and without effect: no secret stands in a tree."),
    "with_idp": (_SWITCH, "Let the pool's users in at the workspace at once, or end that before the pool is deleted."),
    "with_nested_groups": (_SWITCH, "Members of the groups below count, too."),
    "with_parent_groups": (_SWITCH, "The groups above are shown, too."),
}
"""Parameter of a query -> its schema and what it says."""
HEADERS: dict[str, tuple[JsonMap, str]] = {
    "X-Correlation-Id": (_TEXT, "Up to 255 printable characters that come back with the answer."),
    "If-Match": (_TEXT, "The ETag of the object as it was read; 412 when it is another one now."),
    "X-Idempotency-Key": (
        {"type": "string", "minLength": 32, "maxLength": 255},
        "The request is done once within a minute; a repeated one gets the same answer.",
    ),
}


def parameters(operation: Operation) -> list[JsonValue]:
    """What an operation takes beside its body."""
    found: list[JsonValue] = [
        {"in": "path", "name": name, "required": True, "description": _PATH[name], "schema": _TEXT}
        for name in re.findall(r"\{(\w+)\}", operation.path)
    ]
    for name in operation.query:
        schema, about = QUERY[name]
        if name == "mode" and "activation" in operation.path:
            schema, about = _one_of("registration", "invitation"), "What the message is about."
        elif name == "sort" and operation.path.endswith(("/users", "/groups")):
            schema = _TEXT
        elif name == "code_type_in_message" and "verification" in operation.path:
            schema = _one_of("code", "link")
        found.append({"in": "query", "name": name, "description": about, "schema": schema})
    names = ["X-Correlation-Id"]
    if operation.guarded and operation.success != 201:
        names.append("If-Match")
    if operation.method == "POST":
        names.append("X-Idempotency-Key")
    for name in names:
        schema, about = HEADERS[name]
        found.append({"in": "header", "name": name, "description": about, "schema": schema})
    return found
