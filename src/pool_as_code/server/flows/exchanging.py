"""What an application does with a code, and with a token that it does not need any more: the grant `authorization_code` (RFC 6749,
PKCE in RFC 7636) and revocation (RFC 7009)."""

from __future__ import annotations

import hmac
import re
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator

from ...core.values import JsonMap, JsonValue
from ..call import Answer, Call, Caller
from ..client_authentication import OAuthProblem, authenticated, form_of, server_of
from ..clients import ADMIN, CODE_GRANT, Client
from ..operations import Access, Operation
from ..problems import no_token
from ..sign_ins import Grant, digest
from ..stored import Stored, find
from .user_info import claims_of

AMR = {"password": ["pwd"], "totp": ["otp"], "otp": ["otp"], "email_otp": ["otp"], "sms_otp": ["otp", "sms"]}
"""Methods in the words of RFC 8176."""
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")
_BAD = "the code is wrong, used or expired, or was made for another request"


def operations() -> Iterator[Operation]:
    """Revocation. The token endpoint is one for all grants."""
    yield Operation(
        "POST",
        "/{tid}/{aid}/oauth2/revoke",
        "revoke",
        "Take a token back",
        revoke,
        Access.PUBLIC,
        request="form:RevocationRequest",
        limited=True,
    )


def exchange(call: Call, form: dict[str, str], server: str) -> Answer:
    """Tokens for a code. Raises OAuthProblem, and takes back what a code gave that comes a second time."""
    client = public_client(call, form) or authenticated(call, form, server)
    if CODE_GRANT not in client.grants or not client.opens(server):
        raise OAuthProblem("unauthorized_client", "the client may not have a token of this server this way")
    id = str(uuid.uuid4())
    grant, given = call.site.sign_ins.redeem(form.get("code", ""), id)
    if given:
        call.site.tokens.revoke(given)
    if grant is None or not _fits(grant, client, form, server):
        raise OAuthProblem("invalid_grant", _BAD)
    known, wanted = grant.known, grant.wanted
    pool, user = find(call.directory, "pool", known.pool_id), find(call.directory, "user", known.user_id, known.pool_id)
    may = server != ADMIN or f"{known.pool_id}/{known.user_id}" in client.administrators
    if pool is None or user is None or user.row.spec.get("status") != "active" or not may:
        raise OAuthProblem("invalid_grant", _BAD)
    caller = Caller(client.id, server, wanted.scopes, client.read_only, known.user_id, known.pool_id, known.at)
    issued = call.site.tokens.issue(wanted.issuer, caller, id=id)
    body: JsonMap = {
        "access_token": issued,
        "token_type": "bearer",
        "expires_in": call.site.tokens.lifetime,
        "scope": " ".join(sorted(caller.scopes)),
    }
    if "openid" in wanted.scopes:
        about = {**_id_claims(call, grant, pool, user), "sid": id}
        body["id_token"] = call.site.tokens.id_token(wanted.issuer, client.id, issued, about)
    return Answer(200, body, {"cache-control": "no-store"})


def revoke(call: Call) -> Answer:
    """The same answer whatever the token is. A client takes back its own tokens; who holds a user's token may end it with it."""
    server, form = server_of(call), form_of(call)
    text = form.get("token", "")
    if call.headers.get("authorization", "").lower().startswith("bearer "):
        bearer = call.site.tokens.claims(call.headers["authorization"].partition(" ")[2].strip())
        if bearer is None or bearer.get("aid") != server:
            raise no_token()
        client_id, user_id = str(bearer["client_id"]), str(bearer["sub"]) if bearer.get("idp_pool") else ""
    else:
        client_id, user_id = (public_client(call, form) or authenticated(call, form, server)).id, ""
    claims = call.site.tokens.claims(text)
    is_own = claims is not None and (claims.get("aid"), claims.get("client_id")) == (server, client_id)
    if claims is not None and is_own and user_id in ("", claims.get("sub")):
        call.site.tokens.revoke(str(claims["jti"]))
    return Answer(200, {})


def public_client(call: Call, form: dict[str, str]) -> Client | None:
    """The client that a form names, if it is one without a secret and shows none."""
    client = call.site.clients.find(form.get("client_id", ""))
    shows = call.headers.get("authorization") or form.get("client_secret") or form.get("client_assertion")
    return client if client is not None and client.public and not shows else None


def _fits(grant: Grant, client: Client, form: dict[str, str], server: str) -> bool:
    """Whether a code is for this client, address and server, and comes from the one who asked for it."""
    wanted, verifier = grant.wanted, form.get("code_verifier", "")
    challenge = urlsafe_b64encode(digest(verifier)).decode().rstrip("=")
    return (
        (wanted.client_id, wanted.server, wanted.redirect_uri) == (client.id, server, form.get("redirect_uri", ""))
        and _VERIFIER.match(verifier) is not None
        and hmac.compare_digest(challenge, wanted.challenge)
    )


def _id_claims(call: Call, grant: Grant, pool: Stored, user: Stored) -> JsonMap:
    known, wanted = grant.known, grant.wanted
    amr: list[JsonValue] = list(dict.fromkeys(word for method in known.methods for word in AMR.get(method, [])))
    if len(known.methods) > 1:
        amr.append("mfa")
    about: JsonMap = {"sub": known.user_id, "auth_time": known.at, "amr": amr}
    if wanted.nonce:
        about["nonce"] = wanted.nonce
    return {**claims_of(call, pool, user, wanted.scopes), **about}
