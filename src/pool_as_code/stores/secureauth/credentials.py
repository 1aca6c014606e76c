"""Who we are to the service, from the environment alone: client ids, secrets, keys and certificates. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...core.diagnostics import Diagnostic
from ...core.errors import InvalidInput
from ...core.secrets import Secret
from .connection import ClientCertificate

ID = "POOL_AS_CODE_CLIENT_ID"
SECRET = "POOL_AS_CODE_CLIENT_SECRET"
KEY = "POOL_AS_CODE_CLIENT_KEY"
KEY_ID = "POOL_AS_CODE_CLIENT_KEY_ID"
CERTIFICATE = "POOL_AS_CODE_CLIENT_CERT"
SCOPES = "POOL_AS_CODE_CLIENT_SCOPES"
ADMIN_ID = "POOL_AS_CODE_ADMIN_CLIENT_ID"
ADMIN_SECRET = "POOL_AS_CODE_ADMIN_CLIENT_SECRET"


@dataclass(frozen=True)
class Client:
    """A client of OAuth 2.0. Without `secret` and `key` its certificate says who it is (RFC 8705). `key` is the text of a
    private key in PEM form, `scopes` what is asked for (empty: whatever it has)."""

    id: str
    secret: Secret | None = None
    key: Secret | None = None
    key_id: str = ""
    scopes: str = ""


@dataclass(frozen=True)
class Credentials:
    """The client of the System workspace, and one of the Admin workspace: the second one for what only the Admin API can do,
    or alone, for reading."""

    system: Client | None
    admin: Client | None = None
    certificate: ClientCertificate | None = None


def credentials_of(environ: Mapping[str, str], root: Path, *, read_only: bool = False) -> Credentials:
    """Raises InvalidInput with the lines to set. With a certificate `POOL_AS_CODE_CLIENT_KEY` is the key of that; without one
    it signs assertions (private_key_jwt). Relative paths begin at `root`. A client of the Admin workspace alone is enough
    where nothing is written."""
    id, secret, key = environ.get(ID, ""), environ.get(SECRET, ""), environ.get(KEY, "")
    file = environ.get(CERTIFICATE, "")
    admin = _admin(environ)
    if admin is not None and not (id or secret or key or file):
        if read_only:
            return Credentials(None, admin)
        hint = f"export {ID}=...\nexport {SECRET}=...\nfrom a client of the System workspace, then run the same command again"
        problem = Diagnostic(
            "PAC541",
            f"{ID} is not set: a client of the Admin workspace alone plans, and writes nothing",
            detail="what is written goes through the System API; plan, drift and pull work as they are",
            hint=hint,
        )
        raise InvalidInput("nobody said who writes to the service; nothing was sent", [problem])
    if not id or not (secret or key or file):
        missing = ID if not id else f"{SECRET} or {KEY}"
        hint = f"export {ID}=...\nexport {SECRET}=...\nfrom a client of the System workspace with the scope identity"
        problem = Diagnostic(
            "PAC541", f"{missing} is not set", detail="the service is met as one of its clients", hint=hint
        )
        raise InvalidInput("nobody said who asks the service", [problem])
    certificate = None
    if file:
        certificate = ClientCertificate(str(root / file), str(root / key) if key else "")
    signing = None if file or not key else _read_key(root / key)
    system = Client(id, Secret(secret) if secret else None, signing, environ.get(KEY_ID, ""), environ.get(SCOPES, ""))
    return Credentials(system, admin, certificate)


def _admin(environ: Mapping[str, str]) -> Client | None:
    """The client of the Admin workspace, where there is one. Raises InvalidInput for half of one."""
    admin_id, admin_secret = environ.get(ADMIN_ID, ""), environ.get(ADMIN_SECRET, "")
    if bool(admin_id) != bool(admin_secret):
        problem = Diagnostic(
            "PAC541", f"{ADMIN_ID} and {ADMIN_SECRET} are set together, or neither", hint="set the other"
        )
        raise InvalidInput("half of the admin client is missing", [problem])
    return Client(admin_id, Secret(admin_secret)) if admin_id else None


def _read_key(path: Path) -> Secret:
    try:
        return Secret(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        hint = "name a file with a private key in PEM form that you may read"
        problem = Diagnostic("PAC542", f"the private key in {KEY} can not be used", detail=str(reason), hint=hint)
        raise InvalidInput("the client's key can not be read", [problem]) from None
