"""Discovery, keys, tokens and introspection: OAuth 2.0 as far as programs need it to reach the other operations.

A token is of one authorization server: `system`, `admin`, or a workspace or organization. Errors of the token endpoint have
the OAuth form.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote_plus

from ..core.values import JsonMap
from ..directory import rows, sign_in, users
from ..directory.directory import Directory
from ..resources.rules import fold
from .call import Answer, Call, Caller
from .clients import ADMIN, GRANTS, INTROSPECTION, SYSTEM, SYSTEM_SCOPES, WORKSPACE_SCOPES, Client
from .operations import Access, Operation
from .problems import Problem, no_token
from .signing import ALGORITHM

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS = ["RS256", "PS256", "ES256"]
ASSERTION_SECONDS = 600
METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
TLS_METHODS = ("tls_client_auth", "self_signed_tls_client_auth")
"""Where clients are registered with a certificate (RFC 8705). Of either sort the certificate itself is registered."""


def operations() -> Iterator[Operation]:
    """Everything below `/{tid}/{aid}`."""
    base = "/{tid}/{aid}"
    for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        name = "discoverOpenID" if "openid" in path else "discoverOAuth"
        yield Operation(
            "GET", base + path, name, "Where a server's endpoints are", discovery, Access.PUBLIC, response="Discovery"
        )
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
    """The endpoints of an authorization server."""
    server = _server(call)
    issuer = call.site.issuer(call.base_url, server)
    by_certificate = any(client.certificate for client in call.site.settings.clients)
    methods = [*METHODS, *(TLS_METHODS if by_certificate else ())]
    aliases: JsonMap = {"mtls_endpoint_aliases": {"token_endpoint": f"{issuer}/oauth2/token"}} if by_certificate else {}
    scopes = {SYSTEM: SYSTEM_SCOPES, ADMIN: ()}.get(server, WORKSPACE_SCOPES)
    return Answer(
        200,
        {
            "issuer": issuer,
            "token_endpoint": f"{issuer}/oauth2/token",
            "introspection_endpoint": f"{issuer}/oauth2/introspect",
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "grant_types_supported": list(GRANTS) if server not in (SYSTEM, ADMIN) else [GRANTS[0]],
            "token_endpoint_auth_methods_supported": list(methods),
            "token_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
            "introspection_endpoint_auth_methods_supported": list(methods),
            "scopes_supported": list(scopes),
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            **aliases,
        },
    )


def keys(call: Call) -> Answer:
    """The public key."""
    _server(call)
    return Answer(200, {"keys": [call.site.tokens.key.jwk]})


def token(call: Call) -> Answer:
    """A token by client credentials, or by a user's password where a client may ask so."""
    server = _server(call)
    form = _form(call)
    client = _authenticated(call, form, server)
    grant = form.get("grant_type", "")
    if grant not in GRANTS:
        raise OAuthProblem("unsupported_grant_type", f"grant_type is one of {', '.join(GRANTS)}")
    if grant not in client.grants or server not in client.servers:
        raise OAuthProblem("unauthorized_client", "the client may not have a token of this server this way")
    asked = form.get("scope", "").split()
    caller = Caller(client.id, server, client.granted(server, asked), client.read_only)
    if grant == "password":
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
    server = _server(call)
    form = _form(call)
    if call.headers.get("authorization", "").lower().startswith("bearer "):
        _check_may_introspect(call, server)
        may = True
    else:
        may = server in _authenticated(call, form, server).servers
    claims = call.site.tokens.claims(form.get("token", ""))
    if claims is None or claims.get("aid") != server or not may:
        return Answer(200, {"active": False})
    said = {
        key: claims.get(key) for key in ("iss", "sub", "aud", "client_id", "tid", "aid", "iat", "nbf", "exp", "jti")
    }
    scopes = claims.get("scp")
    scope = " ".join(map(str, scopes)) if isinstance(scopes, list) else ""
    about: JsonMap = {"token_type": "access_token", "scope": scope, "scp": scopes, **said}
    if claims.get("idp_pool"):
        about["identity_pool_id"] = claims["idp_pool"]
    return Answer(200, {"active": True, "server_id": server, "tenant_id": call.site.tenant, **about})


def _check_may_introspect(call: Call, server: str) -> None:
    """Raises Problem 401 for a token that is not one of a program at this server, 403 for one without the scope."""
    caller = call.site.tokens.caller(call.headers["authorization"].partition(" ")[2].strip())
    if caller is None or caller.server != server or caller.user_id:
        raise no_token()
    if INTROSPECTION not in caller.scopes:
        raise Problem(403, f"the token lacks the scope {INTROSPECTION}", code="insufficient_scope")


class OAuthProblem(Problem):
    """When the token endpoint refuses. 401 for a client that is not who it says, else 400."""

    def __init__(self, error: str, description: str) -> None:
        status = 401 if error == "invalid_client" else 400
        headers = {"www-authenticate": 'Basic realm="oauth2"'} if status == 401 else {}
        super().__init__(status, error, headers=headers)
        self.description = description

    def body(self) -> JsonMap:
        """RFC 6749, section 5.2, with the service's status beside it."""
        return {"error": self.error, "error_description": self.description, "status_code": self.status}


def _server(call: Call) -> str:
    server = call.params["aid"]
    if server not in (SYSTEM, ADMIN) and not _is_container(call.directory, server):
        raise Problem(404, "there is no such authorization server")
    return server


def _is_container(directory: Directory, id: str) -> bool:
    return any(rows.find(directory.db, kind, id) is not None for kind in ("workspace", "organization"))


def _form(call: Call) -> dict[str, str]:
    try:
        fields = parse_qs(call.content.decode("utf-8"), keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise OAuthProblem("invalid_request", "the body is not a form") from None
    if any(len(values) > 1 for values in fields.values()):
        raise OAuthProblem("invalid_request", "a parameter stands twice")
    return {key: values[0] for key, values in fields.items()}


def _authenticated(call: Call, form: dict[str, str], server: str) -> Client:
    """The client of a request. Raises OAuthProblem, and Problem 429 after too many failures from the same address: who only
    knows a client's id does not keep it out from elsewhere."""
    basic = call.headers.get("authorization", "")
    if form.get("client_assertion"):
        client_id = _named_in(form["client_assertion"])
        call.site.attempts.check("client_authentication", client_id, call.remote)
        client = _with_assertion(call, client_id, form, server)
    elif call.certificate and not basic and "client_secret" not in form:
        client_id = form.get("client_id", "")
        call.site.attempts.check("client_authentication", client_id, call.remote)
        client = call.site.clients.with_certificate(client_id, call.certificate)
    else:
        client_id, secret = _basic(basic) if basic else (form.get("client_id", ""), form.get("client_secret", ""))
        call.site.attempts.check("client_authentication", client_id, call.remote)
        client = call.site.clients.with_secret(client_id, secret)
        if client is None and basic and unquote_plus(secret) != secret:
            client = call.site.clients.with_secret(client_id, unquote_plus(secret))
    if client is None:
        call.site.attempts.failed("client_authentication", client_id, call.remote)
        raise OAuthProblem("invalid_client", "the client is unknown or its credentials are wrong")
    call.site.attempts.succeeded("client_authentication", client_id, call.remote)
    return client


def _basic(header: str) -> tuple[str, str]:
    """The id, and the secret as it stands: OAuth escapes it (RFC 6749, section 2.3.1), the usual tools for HTTP do not."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise OAuthProblem("invalid_client", "the client authenticates with Basic, or in the form")
    try:
        id, separator, secret = b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError:
        raise OAuthProblem("invalid_client", "the header Authorization can not be read") from None
    if not separator:
        raise OAuthProblem("invalid_client", "the header Authorization can not be read")
    return unquote_plus(id), secret


def _named_in(assertion: str) -> str:
    import jwt

    try:
        return str(jwt.decode(assertion, options={"verify_signature": False}).get("sub") or "")
    except (jwt.PyJWTError, ValueError):
        return ""


def _with_assertion(call: Call, client_id: str, form: dict[str, str], server: str) -> Client | None:
    """A client that signs with its private key (RFC 7523); each assertion is good once."""
    import jwt

    client = call.site.clients.find(client_id)
    if client is None or not client.public_key or form.get("client_assertion_type") != ASSERTION_TYPE:
        return None
    issuer = call.site.issuer(call.base_url, server)
    try:
        claims = jwt.decode(
            form["client_assertion"],
            client.public_key,
            algorithms=ASSERTION_ALGORITHMS,
            audience=[issuer, f"{issuer}/oauth2/token"],
            issuer=client_id,
            options={"require": ["exp", "iss", "sub", "aud", "jti"]},
            leeway=10,
        )
    except (jwt.PyJWTError, ValueError):
        return None
    expires, moment = int(claims["exp"]), call.site.settings.clock()
    if expires > moment + ASSERTION_SECONDS or form.get("client_id", client_id) != client_id:
        return None
    return client if call.site.assertions.first(f"{client_id}\0{claims['jti']}", float(expires) + 60) else None


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
