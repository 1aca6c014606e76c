"""Discovery, keys, tokens and introspection: OAuth 2.0 as far as programs need it to reach the other operations.

A token is of one authorization server: `system`, `admin`, or a workspace or organization. Errors of the token endpoint have
the OAuth form.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..core.values import JsonMap
from ..directory import sign_in, users
from ..resources.rules import fold
from .call import Answer, Call, Caller
from .client_authentication import ASSERTION_ALGORITHMS, OAuthProblem, authenticated, form_of, server_of
from .clients import ADMIN, CODE_GRANT, GRANTS, INTROSPECTION, OPENID_SCOPES, SYSTEM, SYSTEM_SCOPES, WORKSPACE_SCOPES
from .flows import exchanging
from .flows.user_info import CLAIMS
from .operations import Access, Operation
from .problems import Problem, no_token
from .signing import ALGORITHM
from .stored import is_active

METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
TLS_METHODS = ("tls_client_auth", "self_signed_tls_client_auth")
"""Where clients are registered with a certificate (RFC 8705). Of either sort the certificate itself is registered."""


def operations() -> Iterator[Operation]:
    """Everything below `/{tid}/{aid}`."""
    base = "/{tid}/{aid}"
    for path, name in (
        ("/.well-known/openid-configuration", "discoverOpenID"),
        ("/.well-known/oauth-authorization-server", "discoverOAuth"),
    ):
        about = "Where a server's endpoints are"
        yield Operation("GET", base + path, name, about, discovery, Access.PUBLIC, response="Discovery")
        # RFC 8414, section 3.1: the issuer's path stands behind the well-known one
        yield Operation("GET", path + base, f"{name}ByIssuer", about, discovery, Access.PUBLIC, response="Discovery")
    yield Operation(
        "GET",
        f"{base}/.well-known/jwks.json",
        "getKeys",
        "The keys that tokens are signed with",
        keys,
        Access.PUBLIC,
        response="Keys",
    )
    yield Operation(
        "POST",
        f"{base}/oauth2/token",
        "getToken",
        "A token for a client or a user",
        token,
        Access.PUBLIC,
        request="form:TokenRequest",
        response="Token",
        limited=True,
    )
    yield Operation(
        "POST",
        f"{base}/oauth2/introspect",
        "introspect",
        "What a token says",
        introspect,
        Access.PUBLIC,
        request="form:IntrospectionRequest",
        response="Introspection",
    )


def discovery(call: Call) -> Answer:
    """The endpoints of an authorization server. People sign in at all but `system`; at `admin` only where somebody is named."""
    server = server_of(call)
    issuer, clients = call.site.issuer(call.base_url, server), call.site.settings.clients
    by_certificate = any(client.certificate for client in clients)
    methods = [*METHODS, *(TLS_METHODS if by_certificate else ())]
    aliases: JsonMap = {"mtls_endpoint_aliases": {"token_endpoint": f"{issuer}/oauth2/token"}} if by_certificate else {}
    for_people = server not in (SYSTEM, ADMIN) or (server == ADMIN and any(one.administrators for one in clients))
    grants = {SYSTEM: GRANTS[:1], ADMIN: [GRANTS[0], *([CODE_GRANT] if for_people else [])]}.get(server, GRANTS)
    scopes = {SYSTEM: SYSTEM_SCOPES, ADMIN: OPENID_SCOPES if for_people else ()}.get(server, WORKSPACE_SCOPES)
    people: JsonMap = {
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "end_session_endpoint": f"{issuer}/oauth2/logout",
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": list(CLAIMS),
        "authorization_response_iss_parameter_supported": True,
        "request_uri_parameter_supported": False,
    }
    return Answer(
        200,
        {
            "issuer": issuer,
            "token_endpoint": f"{issuer}/oauth2/token",
            "introspection_endpoint": f"{issuer}/oauth2/introspect",
            "revocation_endpoint": f"{issuer}/oauth2/revoke",
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "grant_types_supported": list(grants),
            "token_endpoint_auth_methods_supported": [*methods, *(["none"] if for_people else [])],
            "token_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
            "introspection_endpoint_auth_methods_supported": list(methods),
            "revocation_endpoint_auth_methods_supported": [*methods, *(["none"] if for_people else [])],
            "scopes_supported": list(scopes),
            "response_types_supported": ["code"] if for_people else [],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            **(people if for_people else {}),
            **aliases,
        },
    )


def keys(call: Call) -> Answer:
    """The public keys: the one that signs, and those before it while tokens of theirs are in force."""
    server_of(call)
    return Answer(200, {"keys": call.site.tokens.published()})


def token(call: Call) -> Answer:
    """A token by client credentials, or by a user's password where a client may ask so."""
    server = server_of(call)
    form = form_of(call)
    grant = form.get("grant_type", "")
    if grant == CODE_GRANT and server != SYSTEM:
        return exchanging.exchange(call, form, server)
    client = authenticated(call, form, server)
    if grant not in GRANTS or grant == CODE_GRANT:
        raise OAuthProblem("unsupported_grant_type", f"grant_type is one of {', '.join(GRANTS)}")
    if grant not in client.grants or not client.opens(server):
        raise OAuthProblem("unauthorized_client", "the client may not have a token of this server this way")
    if grant == "password" and server in (SYSTEM, ADMIN):  # who signs in there is an administrator: see `exchanging`
        raise OAuthProblem("unauthorized_client", "people sign in at a workspace")
    asked = form.get("scope", "").split()
    caller = Caller(client.id, server, client.granted(server, asked), client.read_only)
    if grant == "password":
        caller = caller._replace(scopes=client.granted_to_user(server, asked))
        caller = _signed_in(call, caller, form)
    elif asked and not caller.scopes and server != ADMIN:
        raise OAuthProblem("invalid_scope", "none of the scopes may be had")
    issued = call.site.tokens.issue(call.site.issuer(call.base_url, server), caller)
    body: JsonMap = {
        "access_token": issued,
        "token_type": "bearer",
        "expires_in": call.site.tokens.lifetime,
        "scope": " ".join(sorted(caller.scopes)),
    }
    return Answer(200, body, {"cache-control": "no-store"})


def introspect(call: Call) -> Answer:
    """What a token of this server says, for a client of this server, or one with a token of it for that."""
    server = server_of(call)
    form = form_of(call)
    if call.headers.get("authorization", "").lower().startswith("bearer "):
        _check_may_introspect(call, server)
        may = True
    else:
        may = authenticated(call, form, server).opens(server)
    claims = call.site.tokens.claims(form.get("token", ""))
    if claims is None or claims.get("aid") != server or not may or not _is_in(call, claims):
        return Answer(200, {"active": False})
    said = {
        key: claims.get(key) for key in ("iss", "sub", "aud", "client_id", "tid", "aid", "iat", "nbf", "exp", "jti")
    }
    scopes = claims.get("scp")
    scope = " ".join(map(str, scopes)) if isinstance(scopes, list) else ""
    about: JsonMap = {"token_type": "access_token", "scope": scope, "scp": scopes, **said}
    if claims.get("idp_pool"):
        about.update(identity_pool_id=claims["idp_pool"], identity_pool_uuid=claims.get("sub"))
    return Answer(200, {"active": True, "server_id": server, "tenant_id": call.site.tenant, **about})


def _is_in(call: Call, claims: JsonMap) -> bool:
    """Whether the person that a token is about may still sign in; a program always may."""
    pool_id = claims.get("idp_pool")
    return not pool_id or is_active(call.directory, str(pool_id), str(claims.get("sub")))


def _check_may_introspect(call: Call, server: str) -> None:
    """Raises Problem 401 for a token that is not one of a program at this server, 403 for one without the scope."""
    caller = call.site.tokens.caller(call.headers["authorization"].partition(" ")[2].strip())
    if caller is None or caller.server != server or caller.user_id:
        raise no_token()
    if INTROSPECTION not in caller.scopes:
        raise Problem(403, f"the token lacks the scope {INTROSPECTION}", code="insufficient_scope")


def _signed_in(call: Call, caller: Caller, form: dict[str, str]) -> Caller:
    """The user of a workspace's pool with this name and password. A name that nobody has takes as long, and its failures are
    counted as those of a user, whose name has many spellings."""
    name, password = form.get("username", ""), form.get("password", "")
    found_pools = [
        str(pool_id)
        for (pool_id,) in call.directory.db.rows(
            "SELECT pool_id FROM pool_sign_in WHERE container_id = ? ORDER BY pool_id", caller.server
        )
    ]
    known = {pool_id: row for pool_id in found_pools if (row := users.find(call.directory, pool_id, identifier=name))}
    subject = "/".join(row.id for row in known.values()) or f"name/{fold(name.strip(), ignore_case=True)}"
    where = ("identity_authentication", caller.server, subject)
    call.site.attempts.check(*where)
    for pool_id in known or found_pools[:1]:
        found = sign_in.verify(call.directory, pool_id, password, identifier=name)
        if found.passed:
            call.site.attempts.succeeded(*where)
            moment = int(call.site.settings.clock())
            return caller._replace(user_id=found.user_id, pool_id=pool_id, signed_in=moment)
    call.site.attempts.failed(*where)
    raise OAuthProblem("invalid_grant", "the user name or the password is wrong")
