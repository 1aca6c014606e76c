"""Which program asks at an authorization server: what proves it (a secret, a signed assertion, a certificate), and how the token
endpoint refuses. A public client, which runs in a browser and keeps no secret, proves nothing: it only says who it is."""

from __future__ import annotations

from base64 import b64decode
from urllib.parse import parse_qs, unquote_plus

from ..core.values import JsonMap
from ..directory import rows
from ..directory.directory import Directory
from .call import Call
from .clients import ADMIN, SYSTEM, Client
from .problems import Problem

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS = ["RS256", "PS256", "ES256"]
ASSERTION_SECONDS = 600


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


def server_of(call: Call) -> str:
    """The authorization server of the path. Raises Problem 404 for one that is not there."""
    server = call.params["aid"]
    if server not in (SYSTEM, ADMIN) and not _is_container(call.directory, server):
        raise Problem(404, "there is no such authorization server")
    return server


def _is_container(directory: Directory, id: str) -> bool:
    return any(rows.find(directory.db, kind, id) is not None for kind in ("workspace", "organization"))


def form_of(call: Call) -> dict[str, str]:
    """The fields of a form, each once. Raises OAuthProblem."""
    try:
        fields = parse_qs(call.content.decode("utf-8"), keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise OAuthProblem("invalid_request", "the body is not a form") from None
    if any(len(values) > 1 for values in fields.values()):
        raise OAuthProblem("invalid_request", "a parameter stands twice")
    return {key: values[0] for key, values in fields.items()}


def authenticated(call: Call, form: dict[str, str], server: str) -> Client:
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
